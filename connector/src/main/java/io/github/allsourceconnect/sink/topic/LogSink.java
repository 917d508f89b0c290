package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.decision.SeenLog;
import io.github.allsourceconnect.sink.decision.Stored;
import java.util.List;

/**
 * Where a partition's readers bring what they read. Every method returns at once (it hands over to
 * the partition's own thread), but {@link #tail} and {@link #older}, which wait while too much is
 * under way.
 */
public interface LogSink {
  /** The partition's number. */
  int partition();

  /** This is the log that the topic's name stands for now; it may be another one than before. */
  void seen(SeenLog log);

  /** What was committed before the task began; told before the first bounds. */
  void stored(Stored stored);

  /** The tail begins at this Kafka offset. */
  void tailStart(SeenLog log, long position);

  /** What the log goes on with, before it comes as blocks; for whoever keeps a history. */
  default void mapped(MappedStretch stretch) {}

  /** The log of this number went on. */
  void tail(int log, LogBlock block) throws InterruptedException;

  /** The tail goes on at a later Kafka offset, for what lay before was deleted. */
  void tailGone(int log, long begin);

  /** The log is not the one that was read: it was cut back. */
  void truncated(int log, long end);

  /** Answer to a query of the bounds. */
  void bounds(SeenLog log, long begin, long end);

  /** The bounds could not be asked now. */
  void boundsFailed();

  /**
   * Answer to a read; the first block begins at the position asked for, the others follow on it.
   */
  void older(int number, List<LogBlock> blocks) throws InterruptedException;

  /** Answer to a read: the topic now begins later. */
  void olderGone(int number, long position, long begin);

  /** Answer to a read: not now. */
  void olderFailed(int number, long position);
}
