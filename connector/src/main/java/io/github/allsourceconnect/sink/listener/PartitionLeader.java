package io.github.allsourceconnect.sink.listener;

import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.sink.decision.CommitNote;
import io.github.allsourceconnect.sink.decision.CommitPoint;
import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.decision.LeaderFigures;
import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.decision.PartitionSettings;
import io.github.allsourceconnect.sink.history.EarlierLog;
import io.github.allsourceconnect.sink.topic.HistoryFeed;
import io.github.allsourceconnect.sink.topic.HistoryWriter;
import io.github.allsourceconnect.sink.topic.LogSink;
import io.github.allsourceconnect.sink.topic.OlderReaders;
import io.netty.channel.EventLoop;
import java.util.concurrent.Future;
import java.util.function.Consumer;

/**
 * Serves one partition: its decisions, its followers' connections, and the way to them from the
 * readers of the topic and from Connect. Any thread, where nothing else is said.
 */
public final class PartitionLeader implements HistoryWriter.Told {
  private final Connections connections;
  private final PartitionLoop loop;

  /**
   * @param older reads for followers that are behind
   * @param history sends the history; null when none is kept
   * @param feed takes for the history what the tail reader brings; null when none is kept
   * @param failure told when something that can't happen did
   */
  public PartitionLeader(
      int partition,
      PartitionSettings settings,
      EventLoop eventLoop,
      OlderReaders older,
      MessageCodec codec,
      HistorySender history,
      HistoryFeed feed,
      MemoryShares memory,
      Consumer<Throwable> failure) {
    this.connections =
        new Connections(
            partition, settings, eventLoop, older, codec, history, feed, memory, failure);
    this.loop = connections.loop();
  }

  /** Its followers' connections. */
  Connections connections() {
    return connections;
  }

  /** Where the readers of the topic bring what they find. */
  public LogSink readers() {
    return connections.readers();
  }

  /** Connect does not know from where it hands over; to be told before the readers begin. */
  public void connectIsLost() {
    loop.hand(LeaderLog::onConnectLost);
  }

  /** Connect has handed over all that lies before this Kafka offset, having begun anew so often. */
  public void handed(int epoch, long position) {
    loop.hand(log -> log.onHanded(epoch, position));
  }

  @Override
  public void earlier(EarlierLog earlier) {
    loop.hand(log -> log.onEarlierHistory(earlier.log(), earlier.mayHave()));
  }

  @Override
  public void holds(LogIdentity of, HistoryCoverage coverage) {
    loop.hand(log -> log.onHistory(of, coverage));
  }

  /** What may be committed now, and of which log. Never waits. */
  public CommitPoint commitPoint() {
    return loop.commitPoint();
  }

  /** What was last known of the log that was served; null when nothing was. */
  public CommitNote lastNote() {
    return loop.lastNote();
  }

  /**
   * The figures of this moment, or of one not long ago. Not for the event loop's thread; waits for
   * that, a second at most.
   */
  public LeaderFigures figures() {
    return loop.figures();
  }

  /** Bytes written to followers so far. */
  public long bytesSent() {
    return connections.bytesSent();
  }

  /**
   * Begins to close all connections; nothing is taken or asked for afterwards.
   *
   * @return done when they are
   */
  public Future<?> stop(String why) {
    return loop.eventLoop().submit(() -> connections.end(why));
  }
}
