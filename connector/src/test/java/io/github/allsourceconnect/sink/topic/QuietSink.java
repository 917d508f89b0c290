package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.decision.SeenLog;
import io.github.allsourceconnect.sink.decision.Stored;
import java.util.List;

/** A partition that takes no notice of what it is told. */
public class QuietSink implements LogSink {
  private final int partition;

  /** Of a partition. */
  public QuietSink(int partition) {
    this.partition = partition;
  }

  @Override
  public int partition() {
    return partition;
  }

  @Override
  public void seen(SeenLog log) {}

  @Override
  public void stored(Stored stored) {}

  @Override
  public void tailStart(SeenLog log, long position) {}

  @Override
  public void tail(int log, LogBlock block) {}

  @Override
  public void tailGone(int log, long begin) {}

  @Override
  public void truncated(int log, long end) {}

  @Override
  public void bounds(SeenLog log, long begin, long end) {}

  @Override
  public void boundsFailed() {}

  @Override
  public void older(int number, List<LogBlock> blocks) {}

  @Override
  public void olderGone(int number, long position, long begin) {}

  @Override
  public void olderFailed(int number, long position) {}
}
