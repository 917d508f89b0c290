package io.github.allsourceconnect.sink.decision;

/**
 * What may be committed of a partition, and of which log that is true.
 *
 * @param log the number of the log that is served; 0 while none is known
 * @param positionsFrom the number of the first log of which Connect's positions are true: when it
 *     is above the one that Connect last began anew with, Connect has to read from {@code begin}
 * @param begin the Kafka offset at which the log begins
 * @param offset what may be committed, as a Kafka offset; -1 for nothing
 * @param note what is to be kept beside it, but for the time; null while no log is known
 */
public record CommitPoint(int log, int positionsFrom, long begin, long offset, CommitNote note) {
  /** Nothing is known yet. */
  public static final CommitPoint NONE = new CommitPoint(0, 0, 0, -1, null);
}
