package io.github.allsourceconnect.sink.decision;

/**
 * What was committed before the task began.
 *
 * @param offset the Kafka offset that is committed of the partition; -1 for none
 * @param note the newest note beside an offset of a partition of this number, whatever its topic;
 *     null for none
 */
public record Stored(long offset, CommitNote note) {
  /** Nothing is committed, or nobody may know. */
  public static final Stored NOTHING = new Stored(-1, null);
}
