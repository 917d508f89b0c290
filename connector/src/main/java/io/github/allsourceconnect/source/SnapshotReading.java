package io.github.allsourceconnect.source;

import io.github.allsourceconnect.snapshot.ScratchException;
import io.github.allsourceconnect.snapshot.SnapshotFileException;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.orders.OutputSize;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.fetch.RowFeed;
import io.github.allsourceconnect.source.fetch.SnapshotDownload;
import java.io.IOException;

/**
 * The rows that the follower has asked for, as they come from the thread that reads them. Nothing
 * here waits. The follower's thread.
 */
final class SnapshotReading {
  private final SnapshotDownload snapshots;
  private final Runnable onRows;

  private RowFeed feed;
  private Request request;
  private boolean idsOnly;

  /** Whether the rows are counted: a file of them that is left out would be missed. */
  private boolean counted;

  /**
   * @param onRows called by any thread when there is something to take
   */
  SnapshotReading(SnapshotDownload snapshots, Runnable onRows) {
    this.snapshots = snapshots;
    this.onRows = onRows;
  }

  /** Rows from a time on, in time order. */
  void openInTimeOrder(Request of, long fromMicros, boolean onlyIds) {
    open(of, onlyIds, true, snapshots.readInTimeOrder(fromMicros, onlyIds, onRows));
  }

  /** All rows as they stand in the files. */
  void openAsTheyStand(Request of) {
    open(of, false, false, snapshots.readAsTheyStand(onRows));
  }

  private void open(Request of, boolean onlyIds, boolean areCounted, RowFeed rows) {
    close();
    request = of;
    idsOnly = onlyIds;
    counted = areCounted;
    feed = rows;
  }

  /** The rows being read, or null. */
  RowFeed feed() {
    return feed;
  }

  /**
   * About how many bytes the next row takes in a batch; 0 for the end of the rows, -1 if there is
   * none yet. That they can't be read, the follower is told at once.
   */
  long nextBytes(Follower follower) {
    if (feed == null) {
      return -1;
    }
    SnapshotRow row = feed.peek();
    if (row != null) {
      return idsOnly ? 0 : OutputSize.of(row.event());
    }
    if (!feed.isEnded()) {
      return -1;
    }
    IOException failure = feed.failure();
    if (failure == null) {
      return 0;
    }
    close();
    unreadable(failure, follower);
    return -1;
  }

  /** Hands in the next row, or that they end; whether it was a row. */
  boolean next(Follower follower) {
    if (feed.peek() == null) {
      close();
      follower.onRowsEnd(request);
      return false;
    }
    follower.onRow(request, feed.take());
    return true;
  }

  /** What the follower is told when a snapshot can't be read, and who is to blame. */
  private void unreadable(IOException e, Follower follower) {
    String why = e.getMessage();
    if (e instanceof ScratchException scratch && scratch.isLimit()) {
      follower.fail("Snapshot " + request.number() + ": " + why + " The position is kept.");
    } else if (e instanceof SnapshotFileException file) {
      boolean better = counted && snapshots.unreadable(file.file());
      follower.onSnapshotDamaged(request, why, snapshots.advice(), better);
    } else {
      follower.onSnapshotFailed(request, why == null ? e.toString() : why);
    }
  }

  /** No more of them is wanted. */
  void close() {
    if (feed != null) {
      feed.close();
      feed = null;
    }
  }
}
