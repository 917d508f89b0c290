package io.github.allsourceconnect.source;

import io.github.allsourceconnect.Version;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonFields;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.ledger.LedgerRecord;
import io.github.allsourceconnect.source.decision.ledger.LedgerView;
import io.github.allsourceconnect.source.decision.ledger.TopicLedger;
import io.github.allsourceconnect.source.decision.position.MarkTotals;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.record.BatchBuilder;
import io.github.allsourceconnect.source.record.Deliveries;
import java.util.List;

/**
 * Gives the ledger topic's decisions what they look at, and puts what they say into batches. Does
 * nothing where there is no ledger topic. The follower's thread.
 */
final class LedgerTopic {
  private final TopicLedger decisions;
  private final Deliveries deliveries;

  LedgerTopic(
      SourceConfig config,
      SourcePosition start,
      Deliveries deliveries,
      BatchBuilder batch,
      long nowMs) {
    this.deliveries = deliveries;
    if (config.ledger().topic() == null) {
      decisions = null;
      return;
    }
    decisions =
        new TopicLedger(
            config.leader().name(),
            config.ledger().intervalMs(),
            config.ledger().configuration(),
            start,
            nowMs,
            System.currentTimeMillis());
    decisions.say("version", new JsonFields().put("version", Version.number()));
    batch.mark(decisions.markName());
  }

  /** An event has got its place in the batch. */
  void produced(Event event) {
    if (decisions != null) {
      decisions.produced(event);
    }
  }

  /** The settings leave an event out. */
  void leftOut() {
    if (decisions != null) {
      decisions.leftOut();
    }
  }

  /**
   * Connect asks for records again.
   *
   * @param notPolledMs after so long
   * @param paused whether that was not for Kafka's sake
   */
  void resumed(long notPolledMs, boolean paused) {
    if (decisions != null) {
      decisions.say(
          "resumed", new JsonFields().put("not_polled_ms", notPolledMs).put("paused", paused));
    }
  }

  /** The task fails with this message. */
  void fails(String why) {
    if (decisions != null) {
      decisions.say("failed", new JsonFields().put("why", Printable.message(why)));
    }
  }

  /** Looks for changes now and then. */
  void look(Follower follower, boolean snapshot, long remainingRows, long nowMs) {
    if (decisions != null && decisions.wantsLook(nowMs)) {
      decisions.look(view(follower, snapshot, remainingRows, nowMs));
    }
  }

  /** Whether there is something to say in a batch of its own. */
  boolean isDue(long nowMs) {
    return decisions != null && decisions.isDue(nowMs);
  }

  /** When the loop must come round for it at the latest. */
  long dueAtMs() {
    return decisions == null ? Long.MAX_VALUE : decisions.dueAtMs();
  }

  /** The position with what was counted up to it. */
  SourcePosition stamp(SourcePosition position) {
    return decisions == null ? position : decisions.stamp(position);
  }

  /**
   * Adds what is due to the batch; the mark, which is the last, counts only with its own record.
   */
  void close(
      BatchBuilder batch, Follower follower, boolean snapshot, long remainingRows, long nowMs) {
    if (decisions == null) {
      return;
    }
    SourcePosition after = follower.position();
    MarkTotals before = decisions.stamp(after).marks();
    List<LedgerRecord> due = decisions.close(view(follower, snapshot, remainingRows, nowMs), after);
    for (int i = 0; i < due.size(); i++) {
      batch.add(due.get(i));
      boolean mark = i == due.size() - 1;
      batch.settle(
          () -> {
            SourcePosition own = follower.takePosition(true);
            return mark ? decisions.stamp(own) : own.with(before);
          });
    }
  }

  /** The batch is closed: what comes next is covered by another mark, perhaps. */
  void closed(BatchBuilder batch) {
    if (decisions != null) {
      batch.mark(decisions.markName());
    }
  }

  /** When the last mark was given, milliseconds since 1970; 0 for none. */
  long lastMarkMs() {
    return decisions == null ? 0 : decisions.lastMarkMs();
  }

  private LedgerView view(Follower follower, boolean snapshot, long remainingRows, long nowMs) {
    return new LedgerView(
        nowMs,
        System.currentTimeMillis(),
        follower.ledger(),
        follower.snapshotDone(),
        snapshot,
        remainingRows,
        new LedgerView.Left(
            deliveries.confirmedCount(), deliveries.filteredCount(), deliveries.droppedCount()));
  }
}
