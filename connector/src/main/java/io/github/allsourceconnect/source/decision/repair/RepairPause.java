package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.repair.Repair.Reason;

/**
 * How far apart repairs are: each snapshot leaves small files at the leader for good, so the pause
 * grows while gaps keep coming. Milliseconds of the follower's clock. Not thread-safe.
 */
final class RepairPause {
  private final FollowerSettings settings;

  private long interval;
  private long notBefore;
  private long requestedAt = Long.MIN_VALUE / 2;
  private long neededAt;
  private long endedAt = Long.MIN_VALUE / 2;

  RepairPause(FollowerSettings settings) {
    this.settings = settings;
    interval = settings.repairMinIntervalMs();
  }

  /** A repair is needed, and none was. */
  void needed(Reason why, long now) {
    neededAt = now;
    if (now - endedAt > 8 * interval) {
      interval = settings.repairMinIntervalMs();
    } else if (why == Reason.GAP && now - endedAt < 2 * interval) {
      interval = Math.min(interval * 2, settings.repairMaxIntervalMs());
    }
  }

  /** The whole stream waits for it: the pause that gaps have earned is not for it. */
  void urgent() {
    notBefore = Math.min(notBefore, requestedAt + settings.repairMinIntervalMs());
  }

  /** Whether it is needed for less than the longest pause. */
  boolean mayBePutOff(long now) {
    return now - neededAt < settings.repairMaxIntervalMs();
  }

  void requested(long now) {
    requestedAt = now;
    notBefore = now + interval;
  }

  void ended(long now) {
    endedAt = now;
  }

  /** So many attempts in a row have failed. */
  void failed(int attempts, long now) {
    again(
        now
            + Math.min(
                settings.backoffMs() << Math.min(attempts - 1, 20), settings.backoffMaxMs()));
  }

  /** The next attempt is due then. */
  void again(long at) {
    notBefore = at;
  }

  long notBefore() {
    return notBefore;
  }
}
