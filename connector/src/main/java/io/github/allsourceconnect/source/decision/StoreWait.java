package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.source.decision.epoch.Acks;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;

/**
 * How long nothing is produced until there is word of what was handed on: positions might not tell
 * of it all. That ends soon after Kafka has, or has been spared, all of it.
 *
 * <pre>
 *   Kafka lacks some of it ---- it has all ---- {@value #WAIT_MS} ms, or there is word
 * </pre>
 *
 * Not thread-safe.
 */
final class StoreWait {
  static final long WAIT_MS = 1_000;
  private static final long NOT_WAITING = Long.MAX_VALUE;

  private final ProducedEvents produced;
  private final Acks acks;

  private long endsAt = NOT_WAITING;

  StoreWait(ProducedEvents produced, Acks acks) {
    this.produced = produced;
    this.acks = acks;
  }

  /** Whether it lasts. */
  boolean lasts(long now) {
    if (!produced.shouldWait()) {
      endsAt = NOT_WAITING;
      return false;
    }
    if (!acks.allStored()) {
      endsAt = NOT_WAITING;
      return true;
    }
    if (endsAt == NOT_WAITING) {
      endsAt = now + WAIT_MS;
    }
    if (now >= endsAt) {
      produced.waitedInVain();
      endsAt = NOT_WAITING;
    }
    return endsAt != NOT_WAITING;
  }

  /** When it ends at the latest; {@link Long#MAX_VALUE} when that is not known yet. */
  long endsAt() {
    return endsAt;
  }
}
