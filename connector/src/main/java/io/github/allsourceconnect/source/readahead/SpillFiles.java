package io.github.allsourceconnect.source.readahead;

import io.github.allsourceconnect.files.PrivateFiles;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayDeque;

/**
 * A queue of blocks on disk, in segment files that are deleted as soon as they are consumed. One
 * thread appends, one takes; the files are written and read without a lock, the queue's state is
 * guarded by this object. A block is visible to the taker when it is wholly written.
 */
public final class SpillFiles implements AutoCloseable {
  private static final int HEADER = 8;

  private final Path folder;
  private final long maxBytes;
  private final long segmentBytes;
  private final ArrayDeque<Segment> segments = new ArrayDeque<>();
  private int made;
  private long bytes;
  private boolean closed;

  private static final class Segment {
    final Path path;
    final FileChannel channel;
    long written;
    long read;

    Segment(Path path, FileChannel channel) {
      this.path = path;
      this.channel = channel;
    }

    void delete() throws IOException {
      channel.close();
      Files.deleteIfExists(path);
    }
  }

  /**
   * @param maxBytes what all files together may take; 0: nothing is ever taken in
   */
  public SpillFiles(Path folder, long maxBytes) {
    this.folder = folder;
    this.maxBytes = maxBytes;
    this.segmentBytes = Math.max(1, Math.min(64L << 20, maxBytes / 8));
  }

  /** Whether a block of so many bytes fits now. */
  synchronized boolean hasRoom(int length) {
    return !closed && bytes + HEADER + length <= maxBytes;
  }

  synchronized boolean isEmpty() {
    return segments.isEmpty()
        || (segments.peekFirst().read == segments.peekFirst().written && segments.size() == 1);
  }

  /** What the files take. */
  synchronized long bytes() {
    return bytes;
  }

  /**
   * The appending thread: adds a block that fits.
   *
   * @throws IOException if it can't be written; nothing was added then
   */
  void append(int connection, byte[] array, int off, int len) throws IOException {
    try {
      write(connection, array, off, len);
    } catch (IOException e) {
      throw new IOException(folder + ": " + e.getMessage(), e);
    }
  }

  private void write(int connection, byte[] array, int off, int len) throws IOException {
    Segment segment = writable();
    ByteBuffer[] parts = {
      ByteBuffer.allocate(HEADER).putInt(connection).putInt(len).flip(),
      ByteBuffer.wrap(array, off, len)
    };
    segment.channel.position(segment.written);
    long left = HEADER + (long) len;
    while (left > 0) {
      left -= segment.channel.write(parts);
    }
    synchronized (this) {
      segment.written += HEADER + (long) len;
      bytes += HEADER + (long) len;
    }
  }

  private Segment writable() throws IOException {
    synchronized (this) {
      if (closed) {
        throw new IOException("closed");
      }
      Segment last = segments.peekLast();
      if (last != null && last.written < segmentBytes) {
        return last;
      }
    }
    Path path = folder.resolve("read-ahead-" + made);
    FileChannel channel = PrivateFiles.create(path, StandardOpenOption.READ);
    made++;
    Segment segment = new Segment(path, channel);
    synchronized (this) {
      if (closed) {
        segment.delete();
        throw new IOException("closed");
      }
      segments.addLast(segment);
    }
    return segment;
  }

  /** The taking thread: the oldest block, or null. */
  ReceiveBuffer.Block take() throws IOException {
    Segment segment;
    synchronized (this) {
      segment = segments.peekFirst();
      if (segment != null && segment.read == segment.written && segments.size() > 1) {
        // fully read, and nobody appends to it any more
        segments.removeFirst();
        bytes -= segment.written;
        segment.delete();
        segment = segments.peekFirst();
      }
      if (segment == null || segment.read == segment.written) {
        return null;
      }
    }
    ByteBuffer header = ByteBuffer.allocate(HEADER);
    readFully(segment.channel, header, segment.read);
    header.flip();
    int connection = header.getInt();
    int length = header.getInt();
    ByteBuffer data = ByteBuffer.allocate(length);
    readFully(segment.channel, data, segment.read + HEADER);
    synchronized (this) {
      segment.read += HEADER + (long) length;
      if (segment.read == segment.written && segment.written >= segmentBytes) {
        segments.removeFirst();
        bytes -= segment.written;
        segment.delete();
      }
    }
    return new ReceiveBuffer.Block(connection, data.array());
  }

  private static void readFully(FileChannel channel, ByteBuffer into, long at) throws IOException {
    long position = at;
    while (into.hasRemaining()) {
      int read = channel.read(into, position);
      if (read < 0) {
        throw new EOFException("a file of the read-ahead is shorter than what was written to it");
      }
      position += read;
    }
  }

  @Override
  public synchronized void close() throws IOException {
    closed = true;
    for (Segment segment : segments) {
      segment.delete();
    }
    segments.clear();
    bytes = 0;
  }
}
