package io.github.allsourceconnect.sink.decision;

/**
 * What may be committed of a partition, and of which log that is true.
 *
 * @param log the number of the log that is served; 0 while none is known
 * @param epoch how often Connect had to begin anew, for what it had read is not what is served:
 *     when it has done so less often, it has to read from {@code anewFrom}
 * @param anewFrom a Kafka offset
 * @param offset what may be committed, as a Kafka offset; -1 for nothing
 * @param note what is to be kept beside it, but for the time; null while no log is known
 */
public record CommitPoint(int log, int epoch, long anewFrom, long offset, CommitNote note) {
  /** Nothing is known yet. */
  public static final CommitPoint NONE = new CommitPoint(0, 0, 0, -1, null);
}
