package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.epoch.Sequencer;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders.Level;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.phase.Current;
import io.github.allsourceconnect.source.decision.repair.LogPhase.Fetching;
import io.github.allsourceconnect.source.decision.repair.LogPhase.Idle;
import io.github.allsourceconnect.source.decision.repair.LogPhase.Reading;
import io.github.allsourceconnect.source.decision.repair.LogPhase.Wanted;
import java.util.List;

/**
 * What a leader that replays has no longer in its log, but in a snapshot. Its rows carry their WAL
 * offsets and stand in the log's order, and it sends only those above the offset subscribed with.
 * So nothing has to be counted or compared: the live connection rests, the rows are produced like
 * entries, and then the leader is asked to replay from where they ended. A leader that replays
 * loses nothing for whoever comes late, so the connection may rest.
 *
 * <p>Not thread-safe.
 */
public class LogHistory implements SnapshotUser {
  private final FollowerSettings settings;
  private final FollowerOrders orders;
  private final LiveStream stream;
  private final Sequencer entries;
  private final LiveLink live;

  private final Attempts attempts = new Attempts();
  private final Current<LogPhase> phase = new Current<>("a log's snapshot", new Idle());

  public LogHistory(
      FollowerSettings settings,
      FollowerOrders orders,
      LiveStream stream,
      Sequencer entries,
      LiveLink live) {
    this.settings = settings;
    this.orders = orders;
    this.stream = stream;
    this.entries = entries;
    this.live = live;
  }

  /** The live connection was answered with a snapshot, and rests. */
  public void want() {
    if (phase.get() instanceof Idle) {
      phase.to(new Wanted());
    }
  }

  /** Whether the snapshot that is in flight belongs here. */
  public boolean isFetching() {
    return phase.get().request() != null;
  }

  @Override
  public boolean reading() {
    return phase.get() instanceof Reading;
  }

  @Override
  public boolean isDone() {
    return !isFetching();
  }

  /** Whether what was received can't be taken before it, for what is held leaves no room. */
  public boolean waitsForRoom() {
    return phase.get() instanceof Wanted
        && !stream.intake.bufferEmpty()
        && stream.held.isFull()
        && !stream.isDue();
  }

  /** Time passes; nothing is asked for before everything received is taken. */
  public void tick() {
    if (phase.get() instanceof Wanted && stream.intake.bufferEmpty() && !stream.isDue()) {
      Request request = live.newRequest(live.epoch());
      phase.to(new Fetching(request));
      stream.ledger.snapshotRequests++;
      orders.requestSnapshot(request, stream.toSubscribeWith());
    }
  }

  /** It holds what is above the offset asked with, up to {@code end}; some of it may be there. */
  @Override
  public void onComplete(List<String> files, long end, long now) {
    if (end <= stream.walOffset()) {
      failed("it ends at offset " + end + ", which is here already", false, now);
      return;
    }
    Request request = phase.get().request();
    phase.to(new Reading(request, end));
    stream.followsOn();
    orders.openLogRows(request);
  }

  @Override
  public void onRow(SnapshotRow row, long now) {
    if (!(phase.get() instanceof Reading reading)) {
      return;
    }
    if (!reading.follows(row.walOffset())) {
      failed(
          "a row has WAL offset "
              + row.walOffset()
              + " behind "
              + reading.last()
              + ", the snapshot ends at "
              + reading.end(),
          true,
          now);
      return;
    }
    reading.took(row.walOffset(), entries.loggedRow(row));
  }

  /** All rows are produced: the leader goes on from there. */
  @Override
  public void onRowsEnd(long now) {
    if (!(phase.get() instanceof Reading reading)) {
      return;
    }
    entries.loggedUpTo(reading.end(), now);
    orders.log(
        Level.INFO,
        "The leader's log no longer held what was missing: "
            + reading.produced()
            + " events from its snapshot, up to offset "
            + reading.end());
    attempts.begin();
    rest(now);
  }

  /** The leader has it in its log after all. */
  @Override
  public void onReplays(long now) {
    rest(now + settings.backoffMs());
  }

  @Override
  public void onNone(long currentOffset, long now) {
    rest(now + settings.backoffMs());
  }

  @Override
  public void onFailed(String why, String whatToDo, boolean better, long now) {
    failed(why, whatToDo != null, now);
  }

  /**
   * @param damaged it was fetched and is no whole snapshot, or one that can't be read
   */
  private void failed(String why, boolean damaged, long now) {
    stream.ledger.snapshotFailures++;
    attempts.failed(damaged || reading(), false);
    orders.log(
        Level.WARN,
        "Snapshot "
            + phase.get().request().number()
            + " failed ("
            + why
            + "), attempt "
            + attempts.inARow()
            + " in a row");
    if (attempts.areEnough() && (damaged || reading())) {
      orders.fail(
          "The leader's snapshot could not be read "
              + attempts.unreadable()
              + " times in a row; the last time: "
              + why
              + ". The position is kept. Repair the leader's history.");
      return;
    }
    rest(
        now
            + Math.min(
                settings.backoffMs() << Math.min(attempts.inARow() - 1, 20),
                settings.backoffMaxMs()));
  }

  private void rest(long connectAt) {
    orders.discardSnapshot(phase.get().request());
    phase.to(new Idle());
    live.resume(connectAt);
  }

  @Override
  public String toString() {
    return "snapshot of the log " + phase;
  }
}
