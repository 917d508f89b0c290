package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.repair.Repair.Reason;

/**
 * Whether a repair is needed, why, and from when on a snapshot may be asked for: each costs the
 * leader files, and one that could not be had is not to be had at once.
 *
 * <pre>
 *   want .......... needed: several needs become one repair
 *   failed ........ still needed, after a pause that grows
 *   ended ......... not needed any more; the next pause is measured from here
 * </pre>
 *
 * Not thread-safe.
 */
final class RepairNeed {
  private final RepairPause pause;
  private final Attempts attempts = new Attempts();

  /** Null if none is needed. */
  private Reason why;

  RepairNeed(FollowerSettings settings) {
    pause = new RepairPause(settings);
  }

  /**
   * A repair is needed.
   *
   * @param mayBeUrgent unless snapshots have failed: the whole stream waits for it
   */
  void want(Reason reason, boolean mayBeUrgent, long now) {
    if (why == null) {
      why = reason;
      pause.needed(reason, now);
    } else if (reason != Reason.GAP) {
      why = reason;
    }
    if (mayBeUrgent) {
      hurry();
    }
  }

  /** Unless snapshots have failed, what the whole stream waits for is not put off. */
  private void hurry() {
    if (why != null && why != Reason.GAP && attempts.inARow() == 0) {
      pause.urgent();
    }
  }

  /** Whether one is. */
  boolean isThere() {
    return why != null;
  }

  /** Whether it is for the first snapshot. */
  boolean isBeginning() {
    return why == Reason.BEGINNING;
  }

  /** None is, though none has ended. */
  void withdraw() {
    why = null;
  }

  /** It has ended. */
  void ended(long now) {
    why = null;
    attempts.begin();
    pause.ended(now);
  }

  // ---- when

  /** No snapshot is asked for before. */
  long notBefore() {
    return pause.notBefore();
  }

  /** Whether it is needed for less than the longest pause. */
  boolean mayBePutOff(long now) {
    return pause.mayBePutOff(now);
  }

  void requested(long now) {
    pause.requested(now);
    hurry(); // the answer may not be enough
  }

  /** A part of it is done, and the rest is needed at once. */
  void partIsDone(long now) {
    attempts.begin();
    again(now);
  }

  /** What was answered is not the last word: the next attempt is due then. */
  void again(long at) {
    pause.again(at);
  }

  /** One more attempt has failed; see {@link Attempts#failed}. */
  Attempts failed(boolean unreadable, boolean better) {
    attempts.failed(unreadable, better);
    return attempts;
  }

  /** There is another one, after a while. */
  void pauseAfterFailure(long now) {
    pause.failed(attempts.inARow(), now);
  }

  @Override
  public String toString() {
    return why == null ? "" : " for " + why;
  }
}
