package io.github.allsourceconnect.source.link;

import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.transport.HostPort;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;

/**
 * Judges how long it has gone wrong with the leaders: whether none has answered for too long,
 * whether a leader breaks the protocol in the same way again and again without a step forward, and
 * whether it keeps breaking it in whatever way, with steps forward between. Knows no clock; times
 * are milliseconds of one that only goes forward. Not thread-safe.
 */
public final class LinkTroubles {
  /** A connection that lived so long after its answer was no failure of the same kind. */
  private static final long LIVED_MS = 60_000;

  private static final int SAME_LEAST = 3;

  /** How many times as long it may go on where something gets further. */
  private static final int RECURRING_TIMES = 6;

  /** What is one series, where no time is set for it. */
  private static final long USUAL_PAUSE_MS = 600_000;

  private final long unreachableMs;
  private final long sameFailureMs;

  private long heardAt;
  private boolean answered;

  /** Whether a mistake was made since the answer. */
  private boolean erred;

  private long answeredAt;
  private String kind;
  private long at = -1;
  private long since;
  private long inARow;
  private long protocolErrors;
  private long recurring;
  private long recurringSince;
  private long lastErrorAt;

  /**
   * @param unreachableMs after so long without an answer of any leader all is over; 0: never
   * @param sameFailureMs after so long of the same failure again and again all is over; 0: never
   */
  public LinkTroubles(long unreachableMs, long sameFailureMs, long nowMs) {
    this.unreachableMs = unreachableMs;
    this.sameFailureMs = sameFailureMs;
    heardAt = nowMs;
  }

  /** A leader has answered as one. */
  void answered(long nowMs) {
    answered = true;
    erred = false;
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
      if (!erred || nowMs - answeredAt >= LIVED_MS) {
        // a connection without that mistake: it does not come each time
        inARow = 0;
        kind = null;
      }
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
  public String protocolError(String what, long subscribedAt, long nowMs) {
    protocolErrors++;
    erred = true;
    long pause = sameFailureMs > 0 ? sameFailureMs : USUAL_PAUSE_MS;
    if (recurring == 0 || nowMs - lastErrorAt >= pause) {
      recurring = 0;
      recurringSince = nowMs;
    }
    lastErrorAt = nowMs;
    recurring++;
    boolean lived = answered && nowMs - answeredAt >= LIVED_MS;
    if (lived || at != subscribedAt || !Objects.equals(kind, what)) {
      inARow = 0;
      since = nowMs;
      kind = what;
      at = subscribedAt;
    }
    inARow++;
    if (sameFailureMs > 0
        && recurring > SAME_LEAST
        && nowMs - recurringSince >= RECURRING_TIMES * sameFailureMs) {
      return "The leader broke the protocol "
          + recurring
          + " times in "
          + (nowMs - recurringSince)
          + " ms, at least once in every same.failure.timeout.ms="
          + sameFailureMs
          + ", although some progress was made in between";
    }
    return sameFailureMs > 0 && inARow >= SAME_LEAST && nowMs - since >= sameFailureMs
        ? "The leader broke the protocol in the same way "
            + inARow
            + " times in "
            + (nowMs - since)
            + " ms without any progress (same.failure.timeout.ms="
            + sameFailureMs
            + ")"
        : null;
  }

  /**
   * What the task says when all is over.
   *
   * @param over why, as told here
   * @param last how it was the last time
   */
  static String failure(String over, String last, List<HostPort> addresses) {
    return over
        + "; the last time: "
        + last
        + ". The position is kept. Check "
        + LeaderSettings.ADDRESSES
        + "="
        + addresses.stream().map(HostPort::toString).collect(Collectors.joining(","))
        + ", then restart the task.";
  }

  /** What the mistakes kept from happening has happened. */
  public void done() {
    inARow = 0;
    recurring = 0;
    kind = null;
  }

  /** How many mistakes followed each other without a pause of the time that is set. */
  long recurringFailures() {
    return recurring;
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
