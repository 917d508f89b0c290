package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.source.decision.epoch.Acks;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.Pulse;
import io.github.allsourceconnect.source.decision.epoch.Sequencer;

/**
 * What a second connection tells of a live one that is silent: {@link Pulse} asks and judges, with
 * what the stream knows. Not thread-safe.
 */
final class SecondOpinion {
  private final Pulse pulse;
  private final Sequencer stream;
  private final LiveLink live;
  private final Acks acks;

  SecondOpinion(Pulse pulse, Sequencer stream, LiveLink live, Acks acks) {
    this.pulse = pulse;
    this.stream = stream;
    this.live = live;
    this.acks = acks;
  }

  /** Time passes while only the connection could bring more. */
  void tick(long lastEntryAt, long now) {
    pulse.tick(live, lastEntryAt, acks.complete(), now);
  }

  long wakeAt(long lastEntryAt) {
    return pulse.wakeAt(live, lastEntryAt);
  }

  /** The question is answered, or will not be; whether the connection is still silent. */
  boolean isStillSilent(boolean heard, long lastEntryAt) {
    pulse.answered();
    return !heard && pulse.silentSince(lastEntryAt);
  }

  /**
   * What is wrong by the leader's word, or null.
   *
   * @param more it began with an entry or a snapshot
   * @param currentOffset how far it has come, if not
   */
  String judge(boolean more, long currentOffset) {
    long highest = stream.ledger.highestOffset;
    long known = Math.max(highest, Math.max(live.caughtUpAt(), acks.complete()));
    return pulse.judge(
        more, currentOffset, live.replays(), known, highest, stream.lateness.places());
  }
}
