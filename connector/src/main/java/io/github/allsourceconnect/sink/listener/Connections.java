package io.github.allsourceconnect.sink.listener;

import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.sink.decision.LeaderOrders;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.decision.PartitionSettings;
import io.github.allsourceconnect.sink.topic.HistoryFeed;
import io.github.allsourceconnect.sink.topic.LogSink;
import io.github.allsourceconnect.sink.topic.OlderReaders;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The followers' connections of one partition: what they say is an input to the decisions, and what
 * those order is done on them. Everything happens on the partition's event loop, but for {@link
 * #bytesSent}.
 */
final class Connections implements LeaderOrders {
  private static final Logger LOG = LoggerFactory.getLogger(Connections.class);

  private final PartitionLoop loop;
  private final LogSink readers;
  private final OlderReaders older;
  private final MessageCodec codec;
  private final HistorySender history;
  private final MemoryShares memory;
  private final LogLimiter limiter = new LogLimiter();
  private final Map<Integer, FollowerSession> sessions = new HashMap<>();
  private final List<FollowerSession> unflushed = new ArrayList<>();
  private final ArrayDeque<FollowerSession> waiting = new ArrayDeque<>();
  private final AtomicLong bytesSent = new AtomicLong();
  private int lastId;
  private int followers;

  /** Bytes that may wait for each follower. */
  private int buffer;

  /**
   * @param older reads for followers that are behind
   * @param history sends the history; null when none is kept
   * @param feed takes for the history what the tail reader brings; null when none is kept
   */
  Connections(
      int partition,
      PartitionSettings settings,
      EventLoop eventLoop,
      OlderReaders older,
      MessageCodec codec,
      HistorySender history,
      HistoryFeed feed,
      MemoryShares memory,
      Consumer<Throwable> failure) {
    this.older = older;
    this.codec = codec;
    this.history = history;
    this.memory = memory;
    this.loop = new PartitionLoop(eventLoop, settings, this, this::flush, this::share, failure);
    this.readers = new ReaderInputs(partition, loop, feed, memory);
    memory.update(this, 0);
  }

  PartitionLoop loop() {
    return loop;
  }

  LogSink readers() {
    return readers;
  }

  /** Bytes written to followers so far. Any thread. */
  long bytesSent() {
    return bytesSent.get();
  }

  /** A session for a connection that was accepted. */
  FollowerSession session(int lineMaxBytes) {
    return new FollowerSession(++lastId, this, codec, lineMaxBytes);
  }

  /** The partition is served no longer: all are closed, and nothing more is asked for. */
  void end(String why) {
    loop.input(log -> log.closeAll(why));
    loop.end();
    memory.remove(this);
    older.forget(readers);
  }

  // what comes from them

  void stranger(SocketAddress peer) {
    loop.input(log -> log.onStranger(name(peer)));
  }

  void opened(FollowerSession session, SocketAddress peer) {
    if (loop.hasEnded()) {
      session.end();
      return;
    }
    sessions.put(session.id(), session);
    loop.input(log -> log.onConnected(session.id(), name(peer)));
  }

  /** It has answered in the TLS handshake, or ended it. */
  void answered(FollowerSession session) {
    loop.input(log -> log.onAnswered(session.id()));
  }

  void subscribed(FollowerSession session, long lastOffset) {
    if (!session.isFollower()) {
      session.becomesFollower();
      followers++;
      share();
      session.setBuffer(buffer);
    }
    loop.input(log -> log.onSubscribe(session.id(), lastOffset));
  }

  void acked(FollowerSession session, long offset) {
    loop.input(log -> log.onAck(session.id(), offset));
  }

  void offended(FollowerSession session, String what) {
    loop.input(log -> log.onOffence(session.id(), what));
  }

  /** The connection is no more, and not because it was closed here. */
  void lost(FollowerSession session, String why) {
    if (sessions.remove(session.id()) != null) {
      gone(session);
      loop.input(log -> log.onClosed(session.id(), why));
    }
  }

  private void gone(FollowerSession session) {
    if (history != null) {
      history.stop(session);
    }
    if (session.isFollower()) {
      followers--;
      share();
    }
  }

  /** Those of other partitions come and go, too. */
  private void share(LeaderLog log) {
    log.onRoom(memory.tail(), memory.older());
    share();
  }

  private void share() {
    int bytes = memory.update(this, followers);
    if (bytes != buffer) {
      buffer = bytes;
      sessions.values().forEach(session -> session.setBuffer(bytes));
    }
  }

  private static String name(SocketAddress peer) {
    return peer instanceof InetSocketAddress inet
        ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
        : String.valueOf(peer);
  }

  // from what sends the history

  void historyProgress(FollowerSession session, int bytes) {
    bytesSent.addAndGet(bytes);
    loop.input(log -> log.onHistoryProgress(session.id()));
  }

  void historySent(FollowerSession session, long endOffset) {
    loop.input(log -> log.onHistorySent(session.id(), endOffset));
  }

  void historyFailed(FollowerSession session, String why) {
    loop.input(log -> log.onHistoryFailed(session.id(), why));
  }

  // turns

  void flushLater(FollowerSession session) {
    unflushed.add(session);
  }

  private void flush() {
    for (int i = 0; i < unflushed.size(); i++) {
      unflushed.get(i).flush();
    }
    unflushed.clear();
    limiter.tick(PartitionLoop.nowMs(), LOG);
  }

  /**
   * Gives a connection that takes more its turn, one in each round of the event loop: what comes
   * live, acks and new followers have theirs in between.
   */
  void resumeLater(FollowerSession session) {
    waiting.add(session);
    if (waiting.size() == 1) {
      nextRound();
    }
  }

  private void nextRound() {
    // a scheduled task runs after the connections were looked after, one that is executed before
    Future<?> unused = loop.eventLoop().schedule(this::resumeNext, 0, TimeUnit.NANOSECONDS);
  }

  private void resumeNext() {
    try {
      waiting.element().resume();
    } finally {
      waiting.remove();
      if (!waiting.isEmpty()) {
        nextRound();
      }
    }
  }

  void writable(FollowerSession session) {
    if (history == null || !history.resume(session)) {
      loop.input(log -> log.onWritable(session.id()));
    }
  }

  // orders

  @Override
  public boolean send(int follower, LogBlock block, int fromIndex) {
    int from = block.start(fromIndex);
    return write(follower, block.data(), from, block.dataEnd() - from);
  }

  @Override
  public boolean caughtUp(int follower, long walOffset) {
    byte[] line = codec.encode(new LeaderMessage.CaughtUp(walOffset, true));
    return write(follower, line, 0, line.length);
  }

  private boolean write(int follower, byte[] data, int from, int length) {
    FollowerSession session = sessions.get(follower);
    if (session == null) {
      return false;
    }
    bytesSent.addAndGet(length);
    return session.write(data, from, length);
  }

  @Override
  public void sendHistory(int follower, long after, boolean acrossHoles) {
    FollowerSession session = sessions.get(follower);
    if (session != null) {
      history.begin(this, session, after, acrossHoles);
    }
  }

  @Override
  public void disconnect(int follower) {
    FollowerSession session = sessions.remove(follower);
    if (session != null) {
      session.end();
      gone(session);
    }
  }

  @Override
  public void queryBounds() {
    older.queryBounds(readers);
  }

  @Override
  public void read(int number, long position) {
    older.read(readers, loop.logNumber(), number, position);
  }

  @Override
  public void forgetRead(int number) {
    older.forget(readers, number);
  }

  @Override
  public void say(Level level, String message) {
    limiter.log(level, message, PartitionLoop.nowMs(), LOG);
  }
}
