package io.github.allsourceconnect.sink.listener;

import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.decision.SeenLog;
import io.github.allsourceconnect.sink.decision.Stored;
import io.github.allsourceconnect.sink.topic.HistoryFeed;
import io.github.allsourceconnect.sink.topic.LogSink;
import io.github.allsourceconnect.sink.topic.MappedStretch;
import java.util.List;
import java.util.function.Consumer;

/**
 * Brings what the readers of the topic find to a partition's decisions, and what comes in order to
 * its history, too. Any thread.
 */
final class ReaderInputs implements LogSink {
  private final int partition;
  private final PartitionLoop loop;
  private final Arrivals arrivals;
  private final HistoryFeed history;
  private final MemoryShares.Room olderRoom;

  /**
   * @param history takes what is mapped; null when none is kept
   */
  ReaderInputs(int partition, PartitionLoop loop, HistoryFeed history, MemoryShares memory) {
    this.partition = partition;
    this.loop = loop;
    this.arrivals = new Arrivals(loop, memory.tails());
    this.olderRoom = memory.olders();
    this.history = history;
  }

  @Override
  public int partition() {
    return partition;
  }

  @Override
  public void seen(SeenLog log) {
    loop.hand(decisions -> decisions.onLog(log));
  }

  @Override
  public void stored(Stored stored) {
    loop.hand(decisions -> decisions.onStored(stored));
  }

  @Override
  public void tailStart(SeenLog log, long position) {
    keep(feed -> feed.start(log.identity(), position));
    arrivals.add(decisions -> decisions.onTailStart(log, position));
  }

  @Override
  public void mapped(MappedStretch stretch) {
    keep(feed -> feed.add(stretch));
  }

  @Override
  public void tail(int log, LogBlock block) throws InterruptedException {
    arrivals.add(block.bytes(), decisions -> decisions.onTail(log, block));
  }

  @Override
  public void tailGone(int log, long begin) {
    keep(feed -> feed.gone(begin));
    arrivals.add(decisions -> decisions.onTailGone(log, begin));
  }

  @Override
  public void truncated(int log, long end) {
    keep(HistoryFeed::cut);
    arrivals.add(decisions -> decisions.onTruncated(log, end));
  }

  private void keep(Consumer<HistoryFeed> what) {
    if (history != null) {
      what.accept(history);
    }
  }

  @Override
  public void bounds(SeenLog log, long begin, long end) {
    loop.hand(decisions -> decisions.onBounds(log, begin, end));
  }

  @Override
  public void boundsFailed() {
    loop.hand(LeaderLog::onBoundsFailed);
  }

  @Override
  public void older(int number, List<LogBlock> blocks) throws InterruptedException {
    long bytes = blocks.stream().mapToLong(LogBlock::bytes).sum();
    int counted = olderRoom.take(bytes);
    loop.eventLoop()
        .execute(
            () -> {
              olderRoom.giveBack(counted);
              loop.input(decisions -> decisions.onRead(number, blocks));
            });
  }

  @Override
  public void olderGone(int number, long position, long begin) {
    loop.hand(decisions -> decisions.onReadGone(number, position, begin));
  }

  @Override
  public void olderFailed(int number, long position) {
    loop.hand(decisions -> decisions.onReadFailed(number, position));
  }
}
