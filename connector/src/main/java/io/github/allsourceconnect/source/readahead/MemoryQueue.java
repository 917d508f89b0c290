package io.github.allsourceconnect.source.readahead;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;

/**
 * The bytes that wait in memory, outside the heap: there the collector does not copy them from
 * generation to generation while Kafka is the slower one. Chunks are used again, and given back
 * when the queue is closed. Not thread-safe: {@link ReceiveBuffer} guards it.
 */
final class MemoryQueue {
  private static final int CHUNK = 128 << 10;

  private final ArrayDeque<ByteBuffer> chunks = new ArrayDeque<>();
  private final ArrayDeque<ByteBuffer> free = new ArrayDeque<>();
  private final ArrayDeque<Run> runs = new ArrayDeque<>();
  private int readAt;
  private long bytes;
  private boolean onHeap;

  /** So many bytes of one connection. */
  private static final class Run {
    private final int connection;
    private long bytes;

    Run(int connection) {
      this.connection = connection;
    }
  }

  boolean isEmpty() {
    return bytes == 0;
  }

  long bytes() {
    return bytes;
  }

  /** Copies the bytes in. */
  void append(int connection, byte[] array, int off, int len) {
    if (len == 0) {
      return;
    }
    int from = off;
    int left = len;
    while (left > 0) {
      ByteBuffer last = chunks.peekLast();
      if (last == null || !last.hasRemaining()) {
        last = chunk();
        chunks.addLast(last);
      }
      int part = Math.min(left, last.remaining());
      last.put(array, from, part);
      from += part;
      left -= part;
    }
    Run run = runs.peekLast();
    if (run == null || run.connection != connection) {
      run = new Run(connection);
      runs.addLast(run);
    }
    run.bytes += len;
    bytes += len;
  }

  /** The oldest bytes, of one connection and at most one chunk; null when there are none. */
  ReceiveBuffer.Block take() {
    Run run = runs.peekFirst();
    if (run == null) {
      return null;
    }
    ByteBuffer first = chunks.peekFirst();
    int length = (int) Math.min(run.bytes, first.position() - readAt);
    byte[] array = new byte[length];
    first.get(readAt, array);
    readAt += length;
    bytes -= length;
    run.bytes -= length;
    if (run.bytes == 0) {
      runs.removeFirst();
    }
    if (readAt == first.position() && (bytes == 0 || !first.hasRemaining())) {
      chunks.removeFirst();
      free.addFirst(first.clear());
      readAt = 0;
    }
    return new ReceiveBuffer.Block(run.connection, array);
  }

  private ByteBuffer chunk() {
    ByteBuffer used = free.pollFirst();
    if (used != null) {
      return used;
    }
    if (!onHeap) {
      try {
        return ByteBuffer.allocateDirect(CHUNK);
      } catch (OutOfMemoryError e) {
        // the JVM's limit for memory outside the heap; the share may be taken from the heap, too
        onHeap = true;
      }
    }
    return ByteBuffer.allocate(CHUNK);
  }

  void clear() {
    chunks.clear();
    free.clear();
    runs.clear();
    readAt = 0;
    bytes = 0;
  }
}
