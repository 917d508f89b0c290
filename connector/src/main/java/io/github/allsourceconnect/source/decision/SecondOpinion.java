package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.source.decision.epoch.Acks;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.epoch.Pulse;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders.Level;
import io.github.allsourceconnect.source.decision.repair.Repair;

/**
 * What a second connection tells of a live one that is silent: {@link Pulse} asks and judges, with
 * what the stream knows, and a connection that seems dead is given up. Not thread-safe.
 */
final class SecondOpinion {
  private final Pulse pulse;
  private final FollowerOrders orders;
  private final LiveStream stream;
  private final LiveLink live;
  private final Acks acks;
  private final Repair repair;

  SecondOpinion(
      Pulse pulse,
      FollowerOrders orders,
      LiveStream stream,
      LiveLink live,
      Acks acks,
      Repair repair) {
    this.pulse = pulse;
    this.orders = orders;
    this.stream = stream;
    this.live = live;
    this.acks = acks;
    this.repair = repair;
  }

  /**
   * Whether everything has been taken, and only the connection could bring more. While a snapshot
   * comes and there is no offset to ask with, the leader's word could only throw the snapshot away:
   * it answers such a question with the same history, which tells nothing.
   */
  private boolean mayBeDead() {
    return stream.intake.bufferEmpty()
        && live.isLive()
        && live.epoch().equals(stream.epoch())
        && !stream.held.isFull()
        && !stream.isDue()
        && !repair.reading()
        && !(repair.fetching() && acks.complete() == 0);
  }

  void tick(long now) {
    if (mayBeDead()) {
      pulse.tick(live, stream.intake.lastEntryAt(), acks.complete(), now);
    }
  }

  /** When {@link #tick} is due at the latest. */
  long wakeAt() {
    return mayBeDead() ? pulse.wakeAt(live, stream.intake.lastEntryAt()) : Long.MAX_VALUE;
  }

  /**
   * The leader has answered.
   *
   * @param more it began with an entry or a snapshot
   * @param currentOffset how far it has come, if not
   * @param heard whether the live connection has brought anything since it was asked
   */
  void answered(boolean more, long currentOffset, boolean heard, long now) {
    if (isStillSilent(heard)) {
      String wrong = judge(more, currentOffset);
      if (wrong != null) {
        giveUp("it brings nothing, but " + wrong, now);
      } else {
        stream.awaited.isSilent((!more && pulse.askedWithOffset()) || live.replays());
      }
    }
  }

  /** There was no answer. */
  void failed(String why, boolean heard, long now) {
    if (isStillSilent(heard)) {
      giveUp("it brings nothing, and a second connection failed: " + why, now);
    }
  }

  private boolean isStillSilent(boolean heard) {
    pulse.answered();
    return !heard && pulse.silentSince(stream.intake.lastEntryAt()) && mayBeDead();
  }

  private String judge(boolean more, long currentOffset) {
    long highest = stream.ledger.highestOffset;
    long known = Math.max(highest, Math.max(live.caughtUpAt(), acks.complete()));
    return pulse.judge(
        more, currentOffset, live.replays(), known, highest, stream.lateness.places());
  }

  private void giveUp(String why, long now) {
    orders.log(Level.WARN, "Live connection to the leader is given up: " + why);
    live.giveUp("it seems dead", now);
  }
}
