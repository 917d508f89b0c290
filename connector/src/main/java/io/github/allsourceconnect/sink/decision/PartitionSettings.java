package io.github.allsourceconnect.sink.decision;

/**
 * The settings that the decisions for one partition depend on; milliseconds and bytes.
 *
 * @param name what messages call the log, as {@code orders-0}
 * @param followerMax how many followers there may be at once
 * @param newcomersMax how many connections that have not subscribed there may be beside them
 * @param subscribeTimeoutMs how long one may take to subscribe
 * @param idleTimeoutMs how long a follower that has something to ack may say nothing; 0: for ever
 * @param snapshotMode when a follower gets the kept history
 * @param historyKept whether a history is kept at all
 * @param gapPolicy what becomes of new followers when it has holes
 * @param sendingAtOnce how many followers are sent a snapshot at the same time, 1 or more
 * @param commitAcks how many followers must have acked, or {@link CommitTracker#ALL}
 * @param tailBytes what the tail may take in memory
 * @param olderBytes what older blocks may take in memory
 */
public record PartitionSettings(
    String name,
    int followerMax,
    int newcomersMax,
    long subscribeTimeoutMs,
    long idleTimeoutMs,
    SnapshotMode snapshotMode,
    boolean historyKept,
    GapPolicy gapPolicy,
    int sendingAtOnce,
    int commitAcks,
    long tailBytes,
    long olderBytes) {

  /** What becomes of a new follower when something of the history is gone. */
  public enum GapPolicy {
    /** It is refused, with the range. */
    REFUSE,
    /** It gets what there is; what it lacks is said and counted. */
    CONTINUE
  }

  /** When a follower gets the kept history. */
  public enum SnapshotMode {
    /** Never: it is refused when its offset is no longer in the topic. */
    NEVER,
    /** When its offset is no longer in the topic. */
    WHEN_NEEDED,
    /** Then, and also when it is new. */
    INITIAL
  }
}
