package io.github.allsourceconnect.sink.listener;

import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.Semaphore;

/**
 * What a task may take of the heap, for all its partitions and followers together: an eighth for
 * what waits for followers, an eighth for the tails, a sixteenth each for older blocks and for
 * files of histories that are written, and a thirty-second each for what is on its way to the
 * partitions and to their histories. What the settings allow one follower, or one partition, is the
 * most that it gets of that. Any thread.
 */
public final class MemoryShares {
  private static final int LEAST = 64 << 10;
  private static final int TAIL_LEAST = 1 << 20;
  private static final int FILE_LEAST = 1 << 20;
  private static final int OLDER_MOST = 32 << 20;
  private static final int FEED_MOST = 4 << 20;
  private static final int UNDER_WAY_MOST = 16 << 20;

  private final long heap;
  private final long tailMost;
  private final long followerMost;
  private final Room tails;
  private final Room olders;
  private final Map<Object, Integer> followers = new HashMap<>();
  private long total;

  /**
   * So many bytes may be under way at once; one piece alone may be more, and has its turn. Any
   * thread.
   */
  static final class Room {
    private final int bytes;
    private final Semaphore free;

    private Room(long bytes) {
      this.bytes = (int) bytes;
      this.free = new Semaphore(this.bytes, true);
    }

    /**
     * Waits for room.
     *
     * @return what is to be given back
     */
    int take(long wanted) throws InterruptedException {
      int taken = (int) Math.min(bytes, wanted);
      free.acquire(taken);
      return taken;
    }

    void giveBack(int taken) {
      free.release(taken);
    }
  }

  /**
   * @param heap the task's part of the heap, in bytes
   * @param tailMost bytes for the tail of one partition
   * @param followerMost bytes for one follower
   */
  public MemoryShares(long heap, long tailMost, long followerMost) {
    this.heap = heap;
    this.tailMost = tailMost;
    this.followerMost = followerMost;
    this.tails = new Room(between(LEAST, heap / 32, UNDER_WAY_MOST));
    this.olders = new Room(between(LEAST, heap / 32, UNDER_WAY_MOST));
  }

  private static long between(long least, long wanted, long most) {
    return Math.min(most, Math.max(least, wanted));
  }

  /** A partition has so many followers now; returns the bytes for each follower of the task. */
  synchronized int update(Object partition, int count) {
    Integer before = followers.put(partition, count);
    total += count - (before == null ? 0 : before);
    return (int) between(LEAST, heap / 8 / Math.max(1, total), Math.max(LEAST, followerMost));
  }

  /** A partition is no more. */
  synchronized void remove(Object partition) {
    Integer before = followers.remove(partition);
    total -= before == null ? 0 : before;
  }

  /** How many partitions there are. */
  public synchronized int partitions() {
    return followers.size();
  }

  /** Bytes for the tail of each partition. */
  long tail() {
    return between(TAIL_LEAST, each(8), tailMost);
  }

  /** Bytes for older blocks of each partition. */
  long older() {
    return between(LEAST, each(16), Math.min(OLDER_MOST, tailMost));
  }

  /** Bytes for what waits for the history of each partition. */
  public long feed() {
    return between(LEAST, each(32), FEED_MOST);
  }

  /** Bytes for each file that the history of a partition writes. */
  public long file() {
    return Math.max(FILE_LEAST, each(16));
  }

  private long each(int part) {
    return heap / part / Math.max(1, partitions());
  }

  /** For what is new, on its way to all partitions. */
  Room tails() {
    return tails;
  }

  /** For what is read for those that are behind, on its way to all partitions. */
  Room olders() {
    return olders;
  }
}
