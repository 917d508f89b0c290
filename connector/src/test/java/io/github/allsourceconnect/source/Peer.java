package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.transport.HostPort;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** Accepts connections on a free port and plays a script on each; keeps the lines that come. */
final class Peer implements AutoCloseable {
  /** What happens on a connection. */
  interface Script {
    void play(Call call) throws Exception;
  }

  /** A connection; closed when the script returns. */
  static final class Call {
    final int number;
    final Socket socket;
    private final BufferedReader in;
    private final List<String> heard;

    Call(int number, Socket socket, List<String> heard) throws IOException {
      this.number = number;
      this.socket = socket;
      this.heard = heard;
      in = new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
    }

    /** The next line, or null at the end. */
    String hear() throws IOException {
      try {
        String line = in.readLine();
        if (line != null) {
          heard.add(line);
        }
        return line;
      } catch (SocketException e) {
        return null;
      }
    }

    void say(String text) throws IOException {
      say(text.getBytes(UTF_8));
    }

    void say(byte[] bytes) throws IOException {
      socket.getOutputStream().write(bytes);
    }

    /** Until the other side is gone. */
    void stay() throws IOException {
      while (hear() != null) {
        continue;
      }
    }
  }

  final List<String> heard = new CopyOnWriteArrayList<>();
  private final ServerSocket server;
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final Script script;

  Peer(Script script) throws IOException {
    this.script = script;
    server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread accepting = new Thread(this::accept, "test-peer");
    accepting.setDaemon(true);
    accepting.start();
  }

  HostPort address() {
    return new HostPort("127.0.0.1", server.getLocalPort());
  }

  private void accept() {
    for (int number = 1; ; number++) {
      try {
        Socket socket = server.accept();
        sockets.add(socket);
        Call call = new Call(number, socket, heard);
        Thread playing = new Thread(() -> play(call), "test-peer-" + number);
        playing.setDaemon(true);
        playing.start();
      } catch (IOException e) {
        return;
      }
    }
  }

  private void play(Call call) {
    try (Socket socket = call.socket) {
      script.play(call);
      socket.shutdownOutput();
    } catch (Exception e) {
      heard.add("script ended: " + e);
    }
  }

  /** No more connections; those that there are go on. */
  void stopAccepting() throws IOException {
    server.close();
  }

  @Override
  public void close() throws IOException {
    server.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
