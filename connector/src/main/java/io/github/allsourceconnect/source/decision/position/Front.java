package io.github.allsourceconnect.source.decision.position;

/**
 * How far event time has come, whatever single clocks say: the newest of the events that follow one
 * another within the allowed lateness. Up to {@link #AHEAD_MAX} events further ahead are apart and
 * do not move it. One more, and the clock has jumped: the front follows. Where events are further
 * apart than entries are late, that is so with each. It follows back when {@link #BEHIND_MAX}
 * entries in a row are further behind than allowed.
 *
 * <p>Invariant: an event produced is newer than the front if and only if it is one of those apart.
 * Not thread-safe.
 */
final class Front {
  /** How many events may be ahead of the others. */
  static final int AHEAD_MAX = 32;

  /** How many entries in a row may be behind the others. */
  static final int BEHIND_MAX = 32;

  private final long[] ahead = new long[AHEAD_MAX + 1];
  private int aheadCount;
  private long newest = Long.MIN_VALUE;
  private long holdFloor;
  private long holdUntil = Long.MIN_VALUE;
  private int behind;
  private long behindNewest;

  /** Begins where a position was stored, whose ids stay listed until time has gone on. */
  void load(long frontMicros, long floorMicros, long allowed) {
    newest = frontMicros;
    holdFloor = floorMicros;
    holdUntil = plus(frontMicros, allowed);
  }

  void clear() {
    newest = Long.MIN_VALUE;
    holdUntil = Long.MIN_VALUE;
    aheadCount = 0;
    behind = 0;
  }

  /** Event time of the front; {@link Long#MIN_VALUE} before the first event. */
  long newest() {
    return newest;
  }

  /** Whether an event of this time, if produced, is one of those apart. */
  boolean isAhead(long micros) {
    return micros > newest;
  }

  /** An event has been produced. */
  void saw(long micros, long allowed) {
    if (micros <= newest) {
      return;
    }
    if (newest == Long.MIN_VALUE || minus(micros, newest) <= allowed) {
      newest = micros;
      absorb(allowed);
      return;
    }
    int at = aheadCount++;
    while (at > 0 && ahead[at - 1] > micros) {
      ahead[at] = ahead[at - 1];
      at--;
    }
    ahead[at] = micros;
    if (aheadCount > AHEAD_MAX) {
      // time has gone past what an earlier jump held back: nothing holds on for ever
      long held = ahead[0] < holdUntil ? holdFloor : Long.MAX_VALUE;
      holdFloor = Math.min(held, minus(newest, allowed));
      holdUntil = plus(ahead[0], allowed);
      newest = ahead[0];
      absorb(allowed);
    }
  }

  private void absorb(long allowed) {
    int taken = 0;
    while (taken < aheadCount && minus(ahead[taken], newest) <= allowed) {
      newest = Math.max(newest, ahead[taken++]);
    }
    aheadCount -= taken;
    System.arraycopy(ahead, taken, ahead, 0, aheadCount);
  }

  /**
   * The next entry in the leader's order has this time.
   *
   * @return whether it is one too many behind the front, so that {@link #fallBack} is due
   */
  boolean isBack(long micros, long allowed) {
    if (newest == Long.MIN_VALUE || minus(newest, micros) <= allowed) {
      behind = 0;
      return false;
    }
    behindNewest = behind == 0 ? micros : Math.max(behindNewest, micros);
    return ++behind > BEHIND_MAX;
  }

  /** How many entries in a row have been behind. */
  int behind() {
    return behind;
  }

  /** Where the clock is that has gone back. */
  long behindNewest() {
    return behindNewest;
  }

  /** The clock has gone back: the front is where it is now. */
  void fallBack() {
    fallBackTo(behindNewest);
  }

  private void fallBackTo(long micros) {
    newest = micros;
    behind = 0;
    holdUntil = Long.MIN_VALUE;
  }

  /** The clock was never there, but here: nothing is apart until it is seen again. */
  void wasNeverThere(long clock) {
    fallBackTo(clock);
    aheadCount = 0;
  }

  /** Every event older than this has been produced, as far as clocks and lateness tell. */
  long floor(long allowed) {
    long floor = minus(newest, allowed);
    return newest < holdUntil ? Math.min(floor, holdFloor) : floor;
  }

  static long minus(long a, long b) {
    long difference = a - b;
    if (((a ^ b) & (a ^ difference)) < 0) {
      return a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return difference;
  }

  static long plus(long a, long b) {
    long sum = a + b;
    if (((a ^ sum) & (b ^ sum)) < 0) {
      return a < 0 ? Long.MIN_VALUE : Long.MAX_VALUE;
    }
    return sum;
  }
}
