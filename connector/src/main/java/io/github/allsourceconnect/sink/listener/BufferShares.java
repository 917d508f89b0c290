package io.github.allsourceconnect.sink.listener;

import java.util.HashMap;
import java.util.Map;

/**
 * How much may wait in memory for one follower: what the setting allows, but all followers of a
 * task together no more than a share of the heap. Any thread.
 */
public final class BufferShares {
  private static final int LEAST = 64 << 10;

  private final long each;
  private final long all;
  private final Map<Object, Integer> counts = new HashMap<>();
  private long total;

  /**
   * @param each bytes for one follower at most
   * @param all bytes for all followers together, as long as each has at least 64 KiB
   */
  public BufferShares(long each, long all) {
    this.each = each;
    this.all = all;
  }

  /** How many followers an owner has now; returns the bytes for each. */
  synchronized int update(Object owner, int followers) {
    Integer before = counts.put(owner, followers);
    total += followers - (before == null ? 0 : before);
    return (int) Math.max(LEAST, Math.min(each, all / Math.max(1, total)));
  }

  /** An owner is no more. */
  synchronized void remove(Object owner) {
    Integer before = counts.remove(owner);
    total -= before == null ? 0 : before;
  }

  /** How many owners there are. */
  public synchronized int owners() {
    return counts.size();
  }
}
