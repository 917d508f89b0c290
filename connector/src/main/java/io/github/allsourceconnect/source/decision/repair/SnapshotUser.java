package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.snapshot.SnapshotRow;
import java.util.List;

/**
 * Who has asked for the snapshot that is in flight: {@link Repair}, or {@link LogHistory} of a
 * leader that replays. Only answers to that request get here.
 */
public interface SnapshotUser {
  /** The leader answers with entries instead: it replays its log. */
  void onReplays(long now);

  /** There is none; the leader says that it has come so far. */
  void onNone(long currentOffset, long now);

  /**
   * All its files are stored.
   *
   * @param endOffset what {@code snapshot_end} said
   */
  void onComplete(List<String> files, long endOffset, long now);

  /**
   * It could not be fetched or read.
   *
   * @param whatToDo if it is damaged: what can be done when it is so again and again; else null
   * @param better the next one will do without what was damaged, so attempts are counted anew
   */
  void onFailed(String why, String whatToDo, boolean better, long now);

  /** A row, in the order that was asked for. */
  void onRow(SnapshotRow row, long now);

  /** No more rows. */
  void onRowsEnd(long now);

  /** While rows are read, no entries may come in between. */
  boolean reading();

  /** Whether nothing is left of what a snapshot was wanted for. */
  boolean isDone();
}
