package io.github.allsourceconnect.simulation.sink;

/** Deliberate mistakes; the simulation has to find each. */
public enum SinkFault {
  NONE,
  /** The first entry of what is to be sent is left out. */
  ENTRY_SKIPPED,
  /** The entry before is sent once more. */
  ENTRY_REPEATED,
  /** A block of the tail lacks its first entry. */
  TAIL_LOSES_ENTRY,
  /** Older reads lack their first entry. */
  READ_LOSES_ENTRY,
  /** Older reads bring what a transaction aborted. */
  ABORTED_SERVED,
  /** The log's end is taken from before the subscription. */
  END_TOO_LOW,
  /** A follower that is ahead of the log is not noticed. */
  AHEAD_ACCEPTED,
  /** What is sent counts as acked. */
  SENT_IS_ACKED,
  /** A follower that left still counts. */
  LEFT_STILL_COUNTS,
  /** A deleted stretch is passed over in silence. */
  GONE_PASSED_OVER,
  /** A snapshot also holds what the follower has. */
  SNAPSHOT_OVERLAPS,
  /** The log goes on one entry too late after a snapshot. */
  SNAPSHOT_SEAM_TOO_HIGH,
  /** Who is to be closed is not. */
  CLOSE_FORGOTTEN
}
