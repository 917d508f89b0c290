package io.github.allsourceconnect.source;

/**
 * How long Kafka has confirmed nothing of what Connect was given, and when that is to be said or
 * too long. Times are milliseconds of a clock that goes forward. One thread.
 */
final class Unconfirmed {
  /** Brokers that are restarted one after the other need not be spoken of. */
  static final long SAID_AFTER_MS = 60_000;

  private static final long SAID_EVERY_MS = 60_000;

  /** Longer between two looks is a process that stood still, and Kafka could tell it nothing. */
  private static final long STEP_MS = 5_000;

  private final long mostMs;
  private final long usualMs;
  private long confirmed = -1;
  private long lookedAtMs;
  private long lastedMs;
  private long sayAfterMs;

  /**
   * @param mostMs how long it may last; 0: for ever
   * @param usualMs how long it lasts anyway, between two transactions; comes on top
   */
  Unconfirmed(long mostMs, long usualMs) {
    this.mostMs = mostMs;
    this.usualMs = usualMs;
  }

  /**
   * How long it has lasted; 0 when nothing waits.
   *
   * @param waits whether Connect was given records that are not confirmed
   * @param confirmedSoFar how many were since the start, or were given up
   */
  long look(boolean waits, long confirmedSoFar, long nowMs) {
    if (!waits || confirmed != confirmedSoFar) {
      confirmed = confirmedSoFar;
      lastedMs = 0;
      sayAfterMs = usualMs + SAID_AFTER_MS;
    } else {
      lastedMs += Math.min(STEP_MS, nowMs - lookedAtMs);
    }
    lookedAtMs = nowMs;
    return lastedMs;
  }

  /** Whether it is time to say so, and it was not just said. */
  boolean isToBeSaid() {
    if (lastedMs < sayAfterMs) {
      return false;
    }
    sayAfterMs = lastedMs + SAID_EVERY_MS;
    return true;
  }

  boolean isTooLong() {
    return mostMs > 0 && lastedMs >= mostMs + usualMs;
  }
}
