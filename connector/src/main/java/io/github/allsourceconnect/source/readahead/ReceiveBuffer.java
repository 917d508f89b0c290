package io.github.allsourceconnect.source.readahead;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the live connection has received and the follower has not yet taken: first in memory, then
 * on disk, in order. One thread puts, one takes; any thread may ask for the figures. A put waits
 * only when both shares are full.
 *
 * <p>Blocks are copied in and out, one short lock for each: what waits long lies outside the heap,
 * what is taken is a fresh array of all that has arrived, up to 128 KiB.
 */
public final class ReceiveBuffer implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ReceiveBuffer.class);
  private static final long SAY_FULL_NANOS = 10_000_000_000L;

  /**
   * A piece of the stream; nothing writes to the array any more.
   *
   * @param connection the connection that received it, by its number
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Block(int connection, byte[] array) {}

  private final long memoryMax;
  private final SpillFiles disk;
  private final Runnable onData;
  private final MemoryQueue memory = new MemoryQueue();
  private long stalls;
  private long saidFullAt;
  private boolean waiting;
  private boolean diskFailed;
  private int abandoned;
  private boolean closed;

  /**
   * @param memoryMax bytes in memory
   * @param disk closed with this buffer
   * @param onData called by the putting thread after each put
   */
  public ReceiveBuffer(long memoryMax, SpillFiles disk, Runnable onData) {
    this.memoryMax = memoryMax;
    this.disk = disk;
    this.onData = onData;
  }

  /**
   * Takes in a copy of a block, in order; waits while everything is full.
   *
   * @return false if it was not taken in because the buffer is closed or the connection was
   *     abandoned meanwhile
   */
  public boolean put(int connection, byte[] array, int off, int len) throws InterruptedException {
    boolean told = false;
    while (true) {
      boolean spill;
      synchronized (this) {
        if (closed || abandoned >= connection) {
          return false;
        }
        boolean toDisk = !disk.isEmpty();
        // one block always fits into an empty memory, however large it is
        if (!toDisk && (memory.bytes() + len <= memoryMax || memory.isEmpty())) {
          memory.append(connection, array, off, len);
          break;
        }
        spill = !diskFailed && disk.hasRoom(len);
        if (!spill) {
          if (!told) {
            told = true;
            stalls++;
            sayFull();
          }
          waiting = true;
          wait();
          waiting = false;
          continue;
        }
      }
      if (spill(connection, array, off, len)) {
        break;
      }
    }
    onData.run();
    return true;
  }

  /** Each time is counted; the log is spared while it is full again and again. */
  private void sayFull() {
    if (stalls > 1 && System.nanoTime() - saidFullAt < SAY_FULL_NANOS) {
      return;
    }
    saidFullAt = System.nanoTime();
    LOG.warn(
        "The read-ahead is full ({} bytes in memory, {} on disk; {} times so far): reading from the"
            + " leader stops until Kafka has taken some. What the leader drops meanwhile is"
            + " repaired afterwards; buffer.disk.bytes sets how much is read ahead.",
        memory.bytes(),
        disk.bytes(),
        stalls);
  }

  private boolean spill(int connection, byte[] array, int off, int len) {
    try {
      disk.append(connection, array, off, len);
      return true;
    } catch (IOException e) {
      synchronized (this) {
        if (!closed && !diskFailed) {
          LOG.error(
              "The read-ahead can't be written to buffer.disk.dir; memory alone must do from now"
                  + " on: {}",
              e.getMessage());
        }
        diskFailed = true;
      }
      return false;
    }
  }

  /**
   * The oldest block, or null when there is none.
   *
   * @throws IOException if what was written to disk can't be read again
   */
  public Block take() throws IOException {
    synchronized (this) {
      Block first = memory.take();
      if (first != null) {
        wakePutter();
        return first;
      }
      // while something is on disk, nothing newer can get into memory: looked at under one lock,
      // or a block of memory could be overtaken
      if (closed || disk.isEmpty()) {
        return null;
      }
    }
    Block block = disk.take();
    synchronized (this) {
      wakePutter();
    }
    return block;
  }

  private void wakePutter() {
    if (waiting) {
      notifyAll();
    }
  }

  /** Whether there is nothing to take. */
  public synchronized boolean isEmpty() {
    return memory.isEmpty() && disk.isEmpty();
  }

  /** Nothing more is wanted of this connection and earlier ones; what was taken in stays. */
  public synchronized void abandon(int connection) {
    abandoned = Math.max(abandoned, connection);
    notifyAll();
  }

  /** Bytes waiting in memory. */
  public synchronized long memoryBytes() {
    return memory.bytes();
  }

  /** Bytes of the files on disk. */
  public long diskBytes() {
    return disk.bytes();
  }

  /** How often reading had to stop because everything was full. */
  public synchronized long stalls() {
    return stalls;
  }

  @Override
  public void close() throws IOException {
    synchronized (this) {
      closed = true;
      memory.clear();
      notifyAll();
    }
    disk.close();
  }
}
