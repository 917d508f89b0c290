package io.github.allsourceconnect.bench;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.function.LongConsumer;

/** A follower that only drains: it counts lines and looks at none. One thread. */
final class Drain implements AutoCloseable {
  private static final int TIMEOUT_MS = 60_000;
  private static final String CAUGHT_UP = "{\"type\":\"caught_up\"";
  private static final int LINE = 100;

  private final MessageCodec codec = new MessageCodec();
  private final Socket socket;
  private final InputStream in;
  private final byte[] block = new byte[1 << 18];
  private long firstNanos;

  /** From the beginning. */
  Drain(int port) throws IOException {
    this(port, 0);
  }

  /**
   * From an offset on.
   *
   * @param after what it subscribes with
   */
  Drain(int port, long after) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MS);
    in = socket.getInputStream();
    send(new FollowerMessage.Subscribe(after));
  }

  private void send(FollowerMessage message) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(codec.encode(message));
  }

  /**
   * Takes lines until there were so many.
   *
   * @param each told after each read how many have come so far
   * @return bytes
   */
  long take(long lines, LongConsumer each) throws IOException {
    return take(lines, each, null);
  }

  /** The same, and keeps the bytes where that is wanted. */
  long take(long lines, LongConsumer each, ByteArrayOutputStream keep) throws IOException {
    long bytes = 0;
    long seen = 0;
    while (seen < lines) {
      int read = in.read(block);
      if (read < 0) {
        throw new IOException("the connection was closed after " + seen + " lines");
      }
      if (bytes == 0) {
        firstNanos = System.nanoTime();
      }
      bytes += read;
      for (int i = 0; i < read; i++) {
        seen += block[i] == '\n' ? 1 : 0;
      }
      if (keep != null) {
        keep.write(block, 0, read);
      }
      each.accept(seen);
    }
    return bytes;
  }

  /** Takes all that comes up to {@code caught_up}, with which the last block must end. */
  void takeSnapshot() throws IOException {
    String tail = "";
    while (!tail.contains(CAUGHT_UP)) {
      int read = in.read(block);
      if (read < 0) {
        throw new IOException("the connection was closed before the snapshot's end");
      }
      String more = new String(block, Math.max(0, read - LINE), Math.min(read, LINE), ISO_8859_1);
      tail = tail.substring(Math.max(0, tail.length() - LINE)) + more;
    }
  }

  /** When the first bytes of the last {@link #take} came, by {@link System#nanoTime}. */
  long firstNanos() {
    return firstNanos;
  }

  void ack(long offset) throws IOException {
    send(new FollowerMessage.Ack(offset));
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
