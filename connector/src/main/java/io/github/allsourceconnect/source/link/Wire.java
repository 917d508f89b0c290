package io.github.allsourceconnect.source.link;

import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;

/**
 * A connection to a leader, with TLS or without. One thread reads, one writes, any may close; that
 * ends a blocked read or write at once.
 */
public final class Wire implements Closeable {
  private final Socket raw;
  private final Socket socket;
  private final InputStream in;
  private final OutputStream out;

  /**
   * @param raw the TCP connection itself
   * @param socket the same, or TLS over it
   */
  Wire(Socket raw, Socket socket) throws IOException {
    this.raw = raw;
    this.socket = socket;
    this.in = socket.getInputStream();
    this.out = socket.getOutputStream();
  }

  /** What was received, 1 byte or more; -1 at the end of the stream. */
  public int read(byte[] into, int off, int len) throws IOException {
    return in.read(into, off, len);
  }

  public void write(byte[] message) throws IOException {
    out.write(message);
    out.flush();
  }

  /** How long a read may wait, milliseconds; 0 for ever. */
  public void readTimeout(int ms) throws IOException {
    socket.setSoTimeout(ms);
  }

  /**
   * From now on {@link #close} resets the connection. A store learns of an orderly end only when
   * its second entry since can't be sent, and waits for an ack of each until then; of a reset, at
   * the first.
   */
  public void resetOnClose() throws IOException {
    raw.setSoLinger(true, 0);
  }

  /** Without TLS's farewell, which could block when the peer does not read. */
  @Override
  public void close() throws IOException {
    raw.close();
  }
}
