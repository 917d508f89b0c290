package io.github.allsourceconnect.source.link;

import java.util.Objects;

/**
 * Judges how long it has gone wrong with the leaders: whether none has answered for too long, and
 * whether a leader breaks the protocol in the same way again and again without a step forward.
 * Knows no clock; times are milliseconds of one that only goes forward. Not thread-safe.
 */
final class LinkTroubles {
  /** A connection that lived so long after its answer was no failure of the same kind. */
  private static final long LIVED_MS = 60_000;

  private static final int SAME_LEAST = 3;

  private final long unreachableMs;
  private final long sameFailureMs;

  private long heardAt;
  private boolean answered;
  private long answeredAt;
  private String kind;
  private long at = -1;
  private long since;
  private long inARow;
  private long protocolErrors;

  /**
   * @param unreachableMs after so long without an answer of any leader all is over; 0: never
   * @param sameFailureMs after so long of the same failure again and again all is over; 0: never
   */
  LinkTroubles(long unreachableMs, long sameFailureMs, long nowMs) {
    this.unreachableMs = unreachableMs;
    this.sameFailureMs = sameFailureMs;
    heardAt = nowMs;
  }

  /** A leader has answered as one. */
  void answered(long nowMs) {
    answered = true;
    answeredAt = nowMs;
    heardAt = nowMs;
  }

  /**
   * A connection ended, or could not be made.
   *
   * @return why all is over; null if it is not
   */
  String ended(long nowMs) {
    if (answered) {
      heardAt = nowMs;
      answered = false;
    }
    return unreachableMs > 0 && nowMs - heardAt >= unreachableMs
        ? "No leader has answered for "
            + (nowMs - heardAt)
            + " ms (leader.unreachable.timeout.ms="
            + unreachableMs
            + ")"
        : null;
  }

  /**
   * The leader broke the protocol; {@link #ended} is to be called, too.
   *
   * @param what what sort of mistake, without where it was
   * @param subscribedAt the offset from which the connection went on: where it has risen since the
   *     last mistake, there was a step forward between
   * @return why all is over; null if it is not
   */
  String protocolError(String what, long subscribedAt, long nowMs) {
    protocolErrors++;
    boolean lived = answered && nowMs - answeredAt >= LIVED_MS;
    if (lived || at != subscribedAt || !Objects.equals(kind, what)) {
      inARow = 0;
      since = nowMs;
      kind = what;
      at = subscribedAt;
    }
    inARow++;
    return sameFailureMs > 0 && inARow >= SAME_LEAST && nowMs - since >= sameFailureMs
        ? "The leader broke the protocol in the same way "
            + inARow
            + " times in "
            + (nowMs - since)
            + " ms, and nothing got further (same.failure.timeout.ms="
            + sameFailureMs
            + ")"
        : null;
  }

  /** Mistakes of leaders since the start. */
  long protocolErrors() {
    return protocolErrors;
  }

  /** How often the last mistake came again without a step forward between. */
  long sameFailureInARow() {
    return inARow;
  }
}
