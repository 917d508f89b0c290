package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.source.decision.TaskPhase.Failed;
import io.github.allsourceconnect.source.decision.TaskPhase.Failing;
import io.github.allsourceconnect.source.decision.TaskPhase.Finished;
import io.github.allsourceconnect.source.decision.TaskPhase.Following;
import io.github.allsourceconnect.source.decision.epoch.Acks;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.phase.Current;
import io.github.allsourceconnect.source.decision.repair.Repair;

/**
 * Whether the work goes on, and how it ends ({@link TaskPhase}): a failure waits until Kafka has
 * what is not to be had again, {@code initial_only} until its snapshot is produced. Nothing is
 * ordered behind the failure. Not thread-safe.
 */
final class Course {
  private final FollowerSettings settings;
  private final InFlight orders;
  private final LiveStream stream;
  private final LiveLink live;
  private final Acks acks;
  private final Repair repair;
  private final Placement placement;
  private final GapWatch gaps;
  private final Current<TaskPhase> phase = new Current<>("a follower", new Following());

  Course(
      FollowerSettings settings,
      InFlight orders,
      LiveStream stream,
      LiveLink live,
      Acks acks,
      Repair repair,
      Placement placement,
      GapWatch gaps) {
    this.settings = settings;
    this.orders = orders;
    this.stream = stream;
    this.live = live;
    this.acks = acks;
    this.repair = repair;
    this.placement = placement;
    this.gaps = gaps;
  }

  /** Whether it does. */
  boolean goesOn() {
    return phase.get() instanceof Following;
  }

  /** Whether what is due is produced: not behind the end. */
  boolean produces() {
    return goesOn() || phase.get() instanceof Failing;
  }

  /** Begins; finishes if there is nothing to do, or nothing that may be done. */
  void begin() {
    String failure = gaps.begin();
    if (placement.snapshotDone() && settings.snapshotMode() == SnapshotMode.INITIAL_ONLY) {
      finish();
    } else if (failure != null) {
      fail(failure);
    }
  }

  private void finish() {
    phase.to(new Finished());
    live.rest("snapshot.mode=initial_only: the snapshot is complete");
    orders.finished();
  }

  /** Nothing can go on. */
  void fail(String message) {
    if (produces()) {
      phase.to(new Failed());
      orders.fail(message);
    }
  }

  /** After an input: what may be acked, whether the work is done. */
  void settle() {
    if (orders.hasFailed() && !(phase.get() instanceof Failed)) {
      phase.to(new Failed());
    }
    if (goesOn()) {
      placement.settle();
      if (stream.owed.judged() && live.epoch().equals(stream.epoch())) {
        String failure = gaps.eventsAreNowhere();
        if (failure != null) {
          phase.to(new Failing(failure));
        }
      }
    }
    if (phase.get() instanceof Failing failing && !stream.isDue() && acks.allStored()) {
      fail(failing.message());
    }
    if (!goesOn()) {
      return;
    }
    if (placement.snapshotDone()
        && settings.snapshotMode() == SnapshotMode.INITIAL_ONLY
        && repair.idle()
        && !stream.isDue()
        && stream.awaited.isEmpty()) {
      finish();
      return;
    }
    acks.send();
  }

  @Override
  public String toString() {
    return phase.toString();
  }
}
