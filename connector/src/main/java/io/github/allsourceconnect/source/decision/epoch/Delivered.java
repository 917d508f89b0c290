package io.github.allsourceconnect.source.decision.epoch;

/**
 * Event times of the entries that came last, {@value #ENTRIES} of them: so that one clock that was
 * ahead, or has gone back since, does not count for ever. Not thread-safe.
 */
final class Delivered {
  static final int ENTRIES = 16;

  private final long[] micros = new long[ENTRIES];
  private long count;

  /** The next one came. */
  void came(long eventMicros) {
    micros[(int) (count++ % ENTRIES)] = eventMicros;
  }

  /**
   * The newest but for single ones whose clock is ahead.
   *
   * @param allowed how much older than one before it an entry may be
   * @return {@link Long#MIN_VALUE} if none came
   */
  long newest(long allowed) {
    int there = (int) Math.min(count, ENTRIES);
    long[] inOrder = new long[there];
    for (int i = 0; i < there; i++) {
      inOrder[i] = micros[(int) ((count - there + i) % ENTRIES)];
    }
    return Neighbours.newest(inOrder, there, allowed);
  }
}
