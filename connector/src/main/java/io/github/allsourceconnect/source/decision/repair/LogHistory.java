package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.Sequencer;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders.Level;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.Request;

/**
 * What a leader that replays has no longer in its log, but in a snapshot. Its rows carry their WAL
 * offsets and stand in the log's order, and it sends only those above the offset subscribed with.
 * So nothing has to be counted or compared: the live connection rests, the rows are produced like
 * entries, and then the leader is asked to replay from where they ended. A leader that replays
 * loses nothing for whoever comes late, so the connection may rest.
 *
 * <p>Not thread-safe.
 */
public class LogHistory {
  enum Step {
    IDLE,
    WANTED,
    FETCHING,
    READING
  }

  private static final int FAILURES_MAX = 5;

  private final FollowerSettings settings;
  private final FollowerOrders orders;
  private final Sequencer stream;
  private final LiveLink live;

  private Step step = Step.IDLE;
  private Request request;
  private int failures;
  private int damages;
  private long endOffset;
  private long lastRow;
  private long rows;

  public LogHistory(
      FollowerSettings settings, FollowerOrders orders, Sequencer stream, LiveLink live) {
    this.settings = settings;
    this.orders = orders;
    this.stream = stream;
    this.live = live;
  }

  /** The live connection was answered with a snapshot, and rests. */
  public void want() {
    if (step == Step.IDLE) {
      to(Step.WANTED);
    }
  }

  private void to(Step next) {
    boolean legal =
        switch (next) {
          case IDLE -> true;
          case WANTED -> step == Step.IDLE;
          case FETCHING -> step == Step.WANTED;
          case READING -> step == Step.FETCHING;
        };
    if (!legal) {
      throw new IllegalStateException("a log's snapshot can't go from " + step + " to " + next);
    }
    step = next;
  }

  /** Whether the snapshot that is in flight belongs here. */
  public boolean isFetching() {
    return step == Step.FETCHING || step == Step.READING;
  }

  /** While rows are read, no entries may come in between. */
  public boolean reading() {
    return step == Step.READING;
  }

  /**
   * Time passes.
   *
   * @param bufferEmpty whether everything received has been handed in, so that no more is asked for
   *     than is lacking
   */
  public void tick(boolean bufferEmpty) {
    if (step == Step.WANTED && bufferEmpty && !stream.isDue()) {
      to(Step.FETCHING);
      request = live.newRequest(live.epoch());
      stream.ledger.snapshotRequests++;
      orders.requestSnapshot(request, stream.walOffset());
    }
  }

  /** It is stored; it holds what is above the offset asked with, up to {@code end}. */
  public void onComplete(long end, long now) {
    if (step != Step.FETCHING) {
      return;
    }
    if (end <= stream.walOffset()) {
      onFailed("it ends at offset " + end + ", which is here already", false, now);
      return;
    }
    to(Step.READING);
    endOffset = end;
    lastRow = 0;
    rows = 0;
    stream.followsOn();
    orders.openLogRows(request);
  }

  public void onRow(SnapshotRow row, long now) {
    if (step != Step.READING) {
      return;
    }
    if (row.walOffset() <= lastRow || row.walOffset() > endOffset) {
      onFailed(
          "a row has WAL offset "
              + row.walOffset()
              + " behind "
              + lastRow
              + ", the snapshot ends at "
              + endOffset,
          true,
          now);
      return;
    }
    lastRow = row.walOffset();
    if (stream.loggedRow(row)) {
      rows++;
    }
  }

  /** All rows are produced: the leader goes on from there. */
  public void onRowsEnd(long now) {
    if (step != Step.READING) {
      return;
    }
    stream.loggedUpTo(endOffset, now);
    orders.log(
        Level.INFO,
        "The leader's log no longer held what was missing: "
            + rows
            + " events from its snapshot, up to offset "
            + endOffset);
    failures = 0;
    damages = 0;
    rest(now);
  }

  /** The leader has it in its log after all. */
  public void onNotNeeded(long now) {
    if (step == Step.FETCHING) {
      rest(now + settings.backoffMs());
    }
  }

  /**
   * The snapshot could not be fetched or read.
   *
   * @param damaged it was fetched and is no whole snapshot, or one that can't be read
   */
  public void onFailed(String why, boolean damaged, long now) {
    stream.ledger.snapshotFailures++;
    failures++;
    orders.log(
        Level.WARN,
        "Snapshot "
            + request.number()
            + " failed ("
            + why
            + "), attempt "
            + failures
            + " in a row");
    boolean unreadable = damaged || reading();
    damages += unreadable ? 1 : 0;
    if (unreadable && damages >= FAILURES_MAX) {
      orders.fail(
          "The leader's snapshot could not be read "
              + damages
              + " times in a row; the last time: "
              + why
              + ". The position is kept. Repair the leader's history.");
      return;
    }
    rest(
        now
            + Math.min(
                settings.backoffMs() << Math.min(failures - 1, 20), settings.backoffMaxMs()));
  }

  private void rest(long connectAt) {
    orders.discardSnapshot(request);
    to(Step.IDLE);
    live.resume(connectAt);
  }

  @Override
  public String toString() {
    return "snapshot of the log " + step;
  }
}
