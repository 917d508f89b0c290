package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.protocol.FollowerMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.util.function.LongConsumer;

/** A follower that only drains: it counts lines and looks at none. One thread. */
final class Drain implements AutoCloseable {
  private static final int TIMEOUT_MS = 60_000;

  private final MessageCodec codec = new MessageCodec();
  private final Socket socket;
  private final InputStream in;
  private final byte[] block = new byte[1 << 18];

  Drain(int port) throws IOException {
    socket = new Socket(InetAddress.getLoopbackAddress(), port);
    socket.setSoTimeout(TIMEOUT_MS);
    in = socket.getInputStream();
    send(new FollowerMessage.Subscribe(0));
  }

  private void send(FollowerMessage message) throws IOException {
    OutputStream out = socket.getOutputStream();
    out.write(codec.encode(message));
  }

  /**
   * Takes entries from the beginning until there were so many, and acknowledges the last.
   *
   * @param each told after each read how many have come so far
   * @return bytes
   */
  long take(long entries, LongConsumer each) throws IOException {
    long bytes = 0;
    long lines = 0;
    while (lines < entries) {
      int read = in.read(block);
      if (read < 0) {
        throw new IOException("the sink closed the connection after " + lines + " lines");
      }
      bytes += read;
      for (int i = 0; i < read; i++) {
        lines += block[i] == '\n' ? 1 : 0;
      }
      each.accept(lines);
    }
    send(new FollowerMessage.Ack(entries));
    return bytes;
  }

  @Override
  public void close() throws IOException {
    socket.close();
  }
}
