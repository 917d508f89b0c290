package io.github.allsourceconnect.source.decision.epoch;

/**
 * Tells the newest of entries that came one after the other, but for single ones whose clock is
 * ahead of those next to them. Stateless.
 *
 * <pre>
 *   10  11  99  12  13  14      the newest is 14: most of the three behind 99 are older
 * </pre>
 */
final class Neighbours {
  /** With how many entries behind it an entry's clock is compared. */
  static final int NEXT = 3;

  private Neighbours() {}

  /**
   * Event time of the newest.
   *
   * @param micros event times in the order of the entries
   * @param upTo how many of them count; the others are there for comparison
   * @param allowed how much older than one before it an entry may be
   * @return {@link Long#MIN_VALUE} for none
   */
  static long newest(long[] micros, int upTo, long allowed) {
    long newest = Long.MIN_VALUE;
    for (int i = 0; i < upTo; i++) {
      if (micros[i] > newest && !isAhead(micros, i, allowed)) {
        newest = micros[i];
      }
    }
    return newest;
  }

  /** Whether most of the next entries are older than it by more than entries are late. */
  private static boolean isAhead(long[] micros, int of, long allowed) {
    int older = 0;
    int next = Math.min(NEXT, micros.length - 1 - of);
    for (int i = of + 1; i <= of + next; i++) {
      older += micros[i] < micros[of] - allowed ? 1 : 0;
    }
    return 2 * older > next;
  }
}
