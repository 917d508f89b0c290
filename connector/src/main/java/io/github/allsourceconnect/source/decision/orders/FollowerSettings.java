package io.github.allsourceconnect.source.decision.orders;

import java.util.List;

/**
 * The settings that decisions depend on; milliseconds and bytes.
 *
 * @param leaders the addresses of leaders as they are written, 1 or more; the number of one is its
 *     place
 * @param deadTimeoutMs how soon a dead connection is to be noticed
 * @param heldBytesMax how much the entries held behind a gap may take in memory
 */
public record FollowerSettings(
    List<String> leaders,
    long deadTimeoutMs,
    SnapshotMode snapshotMode,
    GapPolicy gapPolicy,
    long gapTimeoutMs,
    long repairMinIntervalMs,
    long repairMaxIntervalMs,
    long clockSlackMs,
    long backoffMs,
    long backoffMaxMs,
    long heldBytesMax) {

  /** When a snapshot is taken, in Debezium's meaning. */
  public enum SnapshotMode {
    INITIAL,
    INITIAL_ONLY,
    NO_DATA,
    WHEN_NEEDED,
    ALWAYS
  }

  /** What happens with offsets that are missing from the live stream. */
  public enum GapPolicy {
    REPAIR,
    FAIL,
    CONTINUE
  }
}
