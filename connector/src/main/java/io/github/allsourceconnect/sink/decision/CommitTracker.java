package io.github.allsourceconnect.sink.decision;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * What may be committed: the highest WAL offset that enough followers, of those connected now, have
 * acked. A follower that left does not count, for nobody knows what it will say when it comes back.
 *
 * <p>Invariant: what {@link #committable} returns never falls until {@link #reset}, and at the
 * moment when it rose, at least the wanted number of connected followers had all entries up to it.
 * Single-threaded.
 */
public final class CommitTracker {
  /** All connected followers, but at least one. */
  public static final int ALL = 0;

  private final int wanted;
  private final Map<Integer, Long> acked = new HashMap<>();
  private long committable = -1;

  /**
   * @param wanted how many followers must have acked, or {@link #ALL}
   */
  public CommitTracker(int wanted) {
    if (wanted < 0) {
      throw new IllegalArgumentException("a number of followers, or ALL, not " + wanted);
    }
    this.wanted = wanted;
  }

  /** A follower has everything up to this WAL offset; it joins with the first call. */
  public void acked(int follower, long walOffset) {
    acked.put(follower, walOffset);
  }

  /** A follower left. */
  public void left(int follower) {
    acked.remove(follower);
  }

  /** How many followers are known. */
  public int followers() {
    return acked.size();
  }

  /** The lowest acked WAL offset of those connected; -1 when there is none. */
  public long lowest() {
    return acked.values().stream().mapToLong(Long::longValue).min().orElse(-1);
  }

  /** The highest acked WAL offset of those connected; -1 when there is none. */
  public long highest() {
    return acked.values().stream().mapToLong(Long::longValue).max().orElse(-1);
  }

  /** The highest WAL offset that may be committed; -1 for nothing yet. */
  public long committable() {
    int count = acked.size();
    int needed = wanted == ALL ? Math.max(1, count) : wanted;
    if (count >= needed) {
      long[] sorted = acked.values().stream().mapToLong(Long::longValue).toArray();
      Arrays.sort(sorted);
      committable = Math.max(committable, sorted[count - needed]);
    }
    return committable;
  }

  /** The log is another one: what was acked no longer counts. */
  public void reset() {
    acked.clear();
    committable = -1;
  }
}
