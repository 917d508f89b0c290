package io.github.allsourceconnect.source;

/**
 * How long Kafka has confirmed nothing of what Connect was given, and when that is to be said or
 * too long. Times are milliseconds of a clock that goes forward. One thread.
 */
final class Unconfirmed {
  /** Brokers that are restarted one after the other need not be spoken of. */
  static final long SAID_AFTER_MS = 60_000;

  private static final long SAID_EVERY_MS = 60_000;

  private final long mostMs;
  private long confirmed = -1;
  private long sinceMs;
  private long sayAtMs;

  /**
   * @param mostMs how long it may last; 0: for ever
   */
  Unconfirmed(long mostMs) {
    this.mostMs = mostMs;
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
      sinceMs = nowMs;
      sayAtMs = nowMs + SAID_AFTER_MS;
    }
    return nowMs - sinceMs;
  }

  /** Whether it is time to say so, and it was not just said. */
  boolean isToBeSaid(long nowMs) {
    if (nowMs < sayAtMs) {
      return false;
    }
    sayAtMs = nowMs + SAID_EVERY_MS;
    return true;
  }

  boolean isTooLong(long nowMs) {
    return mostMs > 0 && nowMs - sinceMs >= mostMs;
  }
}
