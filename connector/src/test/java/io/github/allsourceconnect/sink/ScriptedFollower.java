package io.github.allsourceconnect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.LineFramer;
import io.github.allsourceconnect.protocol.MessageCodec;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicReference;

/** A follower on a real socket that does what a test says. One thread. */
final class ScriptedFollower implements AutoCloseable {
  private final Socket socket;
  private final MessageCodec codec = new MessageCodec();
  private final LineFramer framer = new LineFramer(64 << 20);
  private final ArrayDeque<LeaderMessage> received = new ArrayDeque<>();
  private final ArrayDeque<String> lines = new ArrayDeque<>();
  private final byte[] block = new byte[64 << 10];

  ScriptedFollower(int port) throws IOException {
    this(new Socket(), port);
  }

  ScriptedFollower(Socket socket, int port) throws IOException {
    this.socket = socket;
    if (!socket.isConnected()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 10_000);
      if (socket.getLocalPort() == port) {
        // nobody listens, and chance chose the same port for this end: it has connected to itself
        socket.close();
        throw new ConnectException("nobody listens on port " + port);
      }
    }
    socket.setSoTimeout(20_000);
  }

  /**
   * Subscribes as soon as somebody listens: a port that could be connected to a moment ago may have
   * been one of which a task was just letting go, and the next task takes it a little later.
   */
  static ScriptedFollower subscribed(int port, long lastOffset) throws IOException {
    AtomicReference<ScriptedFollower> connected = new AtomicReference<>();
    Await.until(
        "port " + port + " is open",
        Await.LIMIT,
        () -> {
          try {
            connected.set(new ScriptedFollower(port));
            return true;
          } catch (ConnectException e) {
            return false;
          }
        });
    ScriptedFollower follower = connected.get();
    follower.send("{\"type\":\"subscribe\",\"last_offset\":" + lastOffset + "}");
    return follower;
  }

  /** Whether somebody listens: a port that can't be bound may be one that was just let go. */
  static boolean canConnect(int port) {
    try (ScriptedFollower follower = new ScriptedFollower(port)) {
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  void send(String line) throws IOException {
    socket.getOutputStream().write((line + "\n").getBytes(UTF_8));
  }

  void ack(long offset) throws IOException {
    send("{\"type\":\"ack\",\"offset\":" + offset + "}");
  }

  /** The next message; null when the leader closed the connection. */
  LeaderMessage next() throws IOException {
    while (received.isEmpty()) {
      InputStream in = socket.getInputStream();
      int count;
      try {
        count = in.read(block);
      } catch (SocketTimeoutException e) {
        throw new AssertionError("nothing came for 20 s", e);
      } catch (IOException e) {
        return null;
      }
      if (count < 0) {
        return null;
      }
      byte[] copy = Arrays.copyOf(block, count);
      framer.feed(
          copy,
          0,
          count,
          (buf, off, len, number) -> {
            received.add(codec.decodeLeader(buf, off, len, number));
            lines.add(new String(buf, off, len, UTF_8));
          });
    }
    lastLine = lines.poll();
    return received.poll();
  }

  private String lastLine;

  /** The text of the message that {@link #next} gave last. */
  String line() {
    return lastLine;
  }

  long nextEntry() throws IOException {
    LeaderMessage message = next();
    if (message instanceof LeaderMessage.Entry entry) {
      return entry.offset();
    }
    throw new AssertionError("an entry was expected, not " + message);
  }

  long nextCaughtUp() throws IOException {
    LeaderMessage message = next();
    if (message instanceof LeaderMessage.CaughtUp caughtUp) {
      return caughtUp.currentOffset();
    }
    throw new AssertionError("caught_up was expected, not " + message);
  }

  /** How many bytes have come that were not read, and messages that were not given out. */
  int available() throws IOException {
    return socket.getInputStream().available() + received.size();
  }

  void assertClosed() throws IOException {
    LeaderMessage message = next();
    if (message != null) {
      throw new AssertionError("a closed connection was expected, not " + message);
    }
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
