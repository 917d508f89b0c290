package io.github.allsourceconnect.snapshot;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.zip.CRC32;

/**
 * A part of a file, read forward through a small buffer; several may share one channel. Nothing is
 * allocated for more bytes than the part has. One thread.
 */
final class ChunkInput extends InputStream {
  static final int BUFFER = 8 << 10;

  private final FileChannel channel;
  private final long end;
  private final ByteBuffer buffer = ByteBuffer.allocate(BUFFER).limit(0);

  /** Where the file's first byte after the buffer stands. */
  private long next;

  ChunkInput(FileChannel channel, long start, long end) {
    this.channel = channel;
    this.next = start;
    this.end = end;
  }

  /** Where the next byte stands in the file. */
  long position() {
    return next - buffer.remaining();
  }

  void seek(long position) {
    long first = next - buffer.limit();
    if (position >= first && position <= next) {
      buffer.position((int) (position - first));
    } else {
      buffer.position(0).limit(0);
      next = position;
    }
  }

  /** Bytes left in this part. */
  long left() {
    return end - position();
  }

  @Override
  public int read() throws IOException {
    return buffer.hasRemaining() || fill() ? buffer.get() & 0xFF : -1;
  }

  @Override
  public int read(byte[] bytes, int off, int len) throws IOException {
    if (len == 0) {
      return 0;
    }
    if (!buffer.hasRemaining() && len < BUFFER && !fill()) {
      return -1;
    }
    int got = Math.min(len, buffer.remaining());
    if (got > 0) {
      buffer.get(bytes, off, got);
      return got;
    }
    int most = (int) Math.min(len, end - next);
    if (most <= 0) {
      return -1;
    }
    got = channel.read(ByteBuffer.wrap(bytes, off, most), next);
    if (got > 0) {
      next += got;
      buffer.position(0).limit(0);
    }
    return got;
  }

  /** The next bytes; the caller has checked that they are a reasonable number. */
  byte[] bytes(int count) throws IOException {
    if (count < 0 || count > left()) {
      throw new BadFile("a page goes beyond its column");
    }
    byte[] bytes = new byte[count];
    if (readNBytes(bytes, 0, count) < count) {
      throw new EOFException();
    }
    return bytes;
  }

  /** The next bytes as a part of their own, and goes past them. */
  ChunkInput part(long count) throws IOException {
    long start = position();
    pass(count);
    return new ChunkInput(channel, start, start + count);
  }

  /** Goes past so many bytes. */
  void pass(long count) throws IOException {
    if (count < 0 || count > left()) {
      throw new BadFile("a page goes beyond its column");
    }
    seek(position() + count);
  }

  /** The checksum of the next bytes, which are still next afterwards. */
  int crc(long count) throws IOException {
    long start = position();
    CRC32 crc = new CRC32();
    byte[] block = new byte[(int) Math.min(count, BUFFER)];
    for (long left = count; left > 0; ) {
      int got = read(block, 0, (int) Math.min(left, block.length));
      if (got < 0) {
        throw new EOFException();
      }
      crc.update(block, 0, got);
      left -= got;
    }
    seek(start);
    return (int) crc.getValue();
  }

  private boolean fill() throws IOException {
    int most = (int) Math.min(BUFFER, end - next);
    if (most <= 0) {
      return false;
    }
    buffer.clear().limit(most);
    int got = channel.read(buffer, next);
    buffer.flip();
    if (got <= 0) {
      buffer.limit(0);
      return false;
    }
    next += got;
    return true;
  }
}
