package io.github.allsourceconnect.source.decision;

/**
 * The settings that decisions depend on; milliseconds and bytes.
 *
 * @param addresses how many leader addresses there are, 1 or more
 * @param deadTimeoutMs how soon a dead connection is to be noticed
 * @param heldBytesMax how much the entries held behind a gap may take in memory
 */
public record FollowerSettings(
    int addresses,
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
