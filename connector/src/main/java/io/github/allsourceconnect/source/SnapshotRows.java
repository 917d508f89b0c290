package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.RecordSettings.CorruptPolicy;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.snapshot.SnapshotAssembler;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.snapshot.TimeOrderedRows;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.Follower;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The stored snapshot and the reading of its rows, on the follower's thread. A file that can't be
 * read fails the snapshot; under {@code corrupt.entry.policy=skip} or {@code dlq} a file that failed
 * twice is left out from then on, counted and logged.
 */
final class SnapshotRows implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SnapshotRows.class);
  private static final int FAILURES = 2;
  private static final int REMEMBERED = 10_000;

  private final boolean mayLeaveOut;
  private final Map<String, Integer> failures = new HashMap<>();
  private int snapshot;
  private SnapshotAssembler stored;
  private List<SnapshotFile> files = List.of();
  private TimeOrderedRows rows;
  private String failure;
  private long filesLeftOut;
  private long repeated;

  SnapshotRows(CorruptPolicy policy) {
    this.mayLeaveOut = policy != CorruptPolicy.FAIL;
  }

  /** A snapshot was fetched; tells the follower. */
  void complete(int of, SnapshotAssembler fetched, Follower follower) {
    discard(Integer.MAX_VALUE);
    snapshot = of;
    stored = fetched;
    List<SnapshotFile> readable = new ArrayList<>();
    for (SnapshotFile file : fetched.files()) {
      if (mayLeaveOut && failures.getOrDefault(file.name(), 0) >= FAILURES) {
        filesLeftOut++;
        LOG.error(
            "Snapshot {}: {} is left out, it could not be read {} times (corrupt.entry.policy)",
            of,
            file.name(),
            FAILURES);
      } else {
        readable.add(file);
      }
    }
    files = List.copyOf(readable);
    follower.onSnapshotComplete(
        of, files.stream().map(SnapshotFile::name).toList(), fetched.bytes());
  }

  /** Opens the rows; a failure is reported by {@link #next}. */
  void open(int of, long fromMicros, boolean idsOnly) {
    closeRows();
    failure = null;
    if (of != snapshot || stored == null) {
      failure = "its files are not there";
      return;
    }
    try {
      rows = new TimeOrderedRows(files, fromMicros, idsOnly);
    } catch (IOException | RuntimeException e) {
      failed(e);
    }
  }

  /**
   * Hands up to {@code most} rows to the follower while it wants them and {@code room} is left.
   *
   * @return whether anything was handed in
   */
  boolean read(Follower follower, int most, BooleanSupplier room) {
    int done = 0;
    while (done < most && follower.wantsRows() && room.getAsBoolean()) {
      done++;
      int of = snapshot;
      SnapshotRow row = null;
      if (failure == null && rows != null) {
        try {
          row = rows.next();
        } catch (IOException | RuntimeException e) {
          failed(e);
        }
      }
      if (failure != null) {
        String why = failure;
        failure = null;
        closeRows();
        follower.onSnapshotFailed(of, why);
      } else if (row != null) {
        follower.onRow(of, row);
      } else {
        closeRows();
        follower.onRowsEnd(of);
      }
    }
    return done > 0;
  }

  private void failed(Exception e) {
    failure = e.getMessage() == null ? e.toString() : e.getMessage();
    if (!(e instanceof ProtocolException)) {
      LOG.warn("A snapshot's files can't be read", e);
    }
    if (failures.size() < REMEMBERED) {
      for (SnapshotFile file : files) {
        if (failure.contains(file.name())) {
          failures.merge(file.name(), 1, Integer::sum);
        }
      }
    }
  }

  /** Deletes the files of this snapshot, or an earlier one. */
  void discard(int of) {
    if (stored != null && snapshot <= of) {
      closeRows();
      closeStored();
    }
  }

  /** Files left out so far. */
  long filesLeftOut() {
    return filesLeftOut;
  }

  /** Rows dropped so far because they repeat another of their snapshot. */
  long repeated() {
    return repeated + (rows == null ? 0 : rows.repeated());
  }

  private void closeRows() {
    if (rows != null) {
      repeated += rows.repeated();
      try {
        rows.close();
      } catch (IOException e) {
        LOG.warn("While closing a snapshot's files: {}", e.toString());
      }
      rows = null;
    }
  }

  private void closeStored() {
    try {
      stored.close();
    } catch (IOException e) {
      LOG.warn("A snapshot's files could not be deleted: {}", e.toString());
    }
    stored = null;
    files = List.of();
  }

  @Override
  public void close() {
    discard(Integer.MAX_VALUE);
  }
}
