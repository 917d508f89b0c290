package io.github.allsourceconnect.monitoring;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.Socket;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A follower of a sink that acks every entry, and the last offset of a history. */
final class Acking {
  private static final Pattern LAST =
      Pattern.compile("\"(?:offset|wal_offset_after_snapshot)\":(\\d+)");

  private Acking() {}

  /** Asks for everything. */
  static void subscribe(Socket socket) throws IOException {
    say(socket, "{\"type\":\"subscribe\",\"last_offset\":0}");
  }

  /** Reads and acks until the connection ends. */
  static void follow(Socket socket) {
    Thread follower = new Thread(() -> read(socket), "test-follower");
    follower.setDaemon(true);
    follower.start();
  }

  private static void read(Socket socket) {
    try {
      BufferedReader lines =
          new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        Matcher last = LAST.matcher(line);
        if ((line.contains("wal_entry") || line.contains("snapshot_end")) && last.find()) {
          say(socket, "{\"type\":\"ack\",\"offset\":" + last.group(1) + "}");
        }
      }
    } catch (IOException e) {
      // the test is over
    }
  }

  private static void say(Socket socket, String line) throws IOException {
    socket.getOutputStream().write((line + "\n").getBytes(UTF_8));
  }
}
