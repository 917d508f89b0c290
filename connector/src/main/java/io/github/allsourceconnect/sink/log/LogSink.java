package io.github.allsourceconnect.sink.log;

import io.github.allsourceconnect.sink.decision.LogBlock;
import java.util.List;

/**
 * Where a partition's readers bring what they read. Every method returns at once (it hands over to
 * the partition's own thread), but {@link #tail}, which waits while too much is under way.
 */
public interface LogSink {
  /** The partition's number. */
  int partition();

  /** The tail begins at this Kafka offset. */
  void tailStart(long position);

  /** What the log goes on with, before it comes as blocks; for whoever keeps a history. */
  default void mapped(MappedStretch stretch) {}

  /** The log went on. */
  void tail(LogBlock block) throws InterruptedException;

  /** The tail goes on at a later Kafka offset, for what lay before was deleted. */
  void tailGone(long begin);

  /** The log is not the one that was read: it was cut back, or is another one. */
  void truncated(long end);

  /** Answer to a query of the bounds. */
  void bounds(long begin, long end);

  /** The bounds could not be asked now. */
  void boundsFailed();

  /**
   * Answer to a read; the first block begins at the position asked for, the others follow on it.
   */
  void read(int number, List<LogBlock> blocks);

  /** Answer to a read: the topic now begins later. */
  void readGone(int number, long position, long begin);

  /** Answer to a read: not now. */
  void readFailed(int number, long position);
}
