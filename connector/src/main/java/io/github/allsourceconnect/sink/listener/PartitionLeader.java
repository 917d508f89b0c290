package io.github.allsourceconnect.sink.listener;

import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.sink.decision.CommitNote;
import io.github.allsourceconnect.sink.decision.CommitPoint;
import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.decision.LeaderFigures;
import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.sink.decision.LeaderOrders;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.decision.PartitionSettings;
import io.github.allsourceconnect.sink.decision.SeenLog;
import io.github.allsourceconnect.sink.decision.Stored;
import io.github.allsourceconnect.sink.topic.HistoryFeed;
import io.github.allsourceconnect.sink.topic.LogSink;
import io.github.allsourceconnect.sink.topic.MappedStretch;
import io.github.allsourceconnect.sink.topic.OlderReaders;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Everything that serves one partition: its decisions, its followers' connections, and the way
 * between them and the readers of the topic. Decisions and connections live on one event loop, so
 * that nothing is locked; other threads hand over by {@link EventLoop#execute}.
 */
public final class PartitionLeader implements LogSink, LeaderOrders, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionLeader.class);
  private static final long TICK_MS = 200;
  private static final long FIGURES_AGE_MS = 200;

  private final int partition;
  private final EventLoop loop;
  private final OlderReaders older;
  private final MessageCodec codec;
  private final HistorySender snapshots;
  private final BufferShares buffers;
  private final Consumer<Throwable> failure;
  private final LogLimiter limiter = new LogLimiter();
  private final Arrivals arrivals;
  private final Map<Integer, FollowerSession> sessions = new HashMap<>();
  private final List<FollowerSession> unflushed = new ArrayList<>();
  private final ArrayDeque<FollowerSession> waiting = new ArrayDeque<>();
  private final AtomicLong bytesSent = new AtomicLong();
  private final LeaderLog decisions;
  private final Future<?> ticking;
  private int lastId;
  private int served;
  private boolean closed;
  private volatile CommitPoint commitPoint = CommitPoint.NONE;
  private volatile CommitNote lastNote;
  private volatile LeaderFigures figures;
  private volatile long figuresAt;
  private volatile HistoryFeed feed;

  /**
   * @param snapshots sends the history; null when none is kept
   * @param failure told when something that can't happen did
   */
  public PartitionLeader(
      int partition,
      PartitionSettings settings,
      EventLoop loop,
      OlderReaders older,
      MessageCodec codec,
      HistorySender snapshots,
      BufferShares buffers,
      Consumer<Throwable> failure) {
    this.partition = partition;
    this.loop = loop;
    this.older = older;
    this.codec = codec;
    this.snapshots = snapshots;
    this.buffers = buffers;
    this.failure = failure;
    this.arrivals = new Arrivals(loop, this::run);
    this.decisions = new LeaderLog(settings, this, nowMs());
    this.figures = decisions.figures();
    this.figuresAt = nowMs();
    this.ticking = loop.scheduleWithFixedDelay(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  private static long nowMs() {
    return System.nanoTime() / 1_000_000;
  }

  /** The event loop that all of it lives on. */
  EventLoop loop() {
    return loop;
  }

  /**
   * The figures of this moment, or of one not long ago. Any thread but the event loop's; waits for
   * the event loop, a second at most.
   */
  public LeaderFigures figures() {
    if (nowMs() - figuresAt >= FIGURES_AGE_MS) {
      try {
        figures = loop.submit(decisions::figures).get(1, TimeUnit.SECONDS);
        figuresAt = nowMs();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
        LOG.debug("The figures are those of before", e);
      }
    }
    return figures;
  }

  /** Bytes written to followers so far. Any thread. */
  public long bytesSent() {
    return bytesSent.get();
  }

  /** What may be committed now, and of which log. Any thread; never waits. */
  public CommitPoint commitPoint() {
    return commitPoint;
  }

  /** What was last known of the log that was served; null when nothing was. Any thread. */
  public CommitNote lastNote() {
    return lastNote;
  }

  /**
   * Connect has handed over all that lies before this Kafka offset. Any thread.
   *
   * @param epoch how often Connect has begun anew
   */
  public void handed(int epoch, long position) {
    loop.execute(() -> run(() -> decisions.onHanded(epoch, position)));
  }

  private void tick() {
    run(() -> decisions.tick(nowMs()));
    limiter.tick(nowMs(), LOG);
  }

  /** An input to the decisions, on the event loop; what it made to write is flushed at its end. */
  private void run(Runnable input) {
    if (closed) {
      return;
    }
    try {
      input.run();
      for (int i = 0; i < unflushed.size(); i++) {
        unflushed.get(i).flush();
      }
      unflushed.clear();
      commitPoint = decisions.commitPoint();
      if (commitPoint.note() != null) {
        lastNote = commitPoint.note();
      }
    } catch (RuntimeException | Error e) {
      failure.accept(e);
    }
  }

  // from the connections, on the event loop

  int nextId() {
    return ++lastId;
  }

  MessageCodec codec() {
    return codec;
  }

  void stranger(SocketAddress peer) {
    run(() -> decisions.onStranger(name(peer)));
  }

  void connected(FollowerSession session, SocketAddress peer) {
    if (closed) {
      session.end();
      return;
    }
    sessions.put(session.id(), session);
    run(() -> decisions.onConnected(session.id(), name(peer)));
  }

  void subscribed(FollowerSession session, long lastOffset) {
    if (!session.isFollower()) {
      session.becomesFollower();
      served++;
      share();
    }
    run(() -> decisions.onSubscribe(session.id(), lastOffset));
  }

  void acked(FollowerSession session, long offset) {
    run(() -> decisions.onAck(session.id(), offset));
  }

  void writable(FollowerSession session) {
    if (snapshots != null && snapshots.resume(session)) {
      return;
    }
    run(() -> decisions.onWritable(session.id()));
  }

  void offended(FollowerSession session, String what) {
    run(() -> decisions.onOffence(session.id(), what));
  }

  void closed(FollowerSession session, String why) {
    if (sessions.remove(session.id()) != null) {
      gone(session);
      run(() -> decisions.onClosed(session.id(), why));
    }
  }

  void flushLater(FollowerSession session) {
    unflushed.add(session);
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
    Future<?> unused = loop.schedule(this::resumeNext, 0, TimeUnit.NANOSECONDS);
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

  private void share() {
    int bytes = buffers.update(this, served);
    sessions.values().forEach(session -> session.setBuffer(bytes));
  }

  private static String name(SocketAddress peer) {
    return peer instanceof InetSocketAddress inet
        ? inet.getAddress().getHostAddress() + ":" + inet.getPort()
        : String.valueOf(peer);
  }

  // from the snapshots, on the event loop

  void snapshotProgress(FollowerSession session, int bytes) {
    bytesSent.addAndGet(bytes);
    run(() -> decisions.onHistoryProgress(session.id()));
  }

  void snapshotSent(FollowerSession session, long endOffset) {
    run(() -> decisions.onHistorySent(session.id(), endOffset));
  }

  void snapshotFailed(FollowerSession session, String why) {
    run(() -> decisions.onHistoryFailed(session.id(), why));
  }

  /** What the history holds now. Any thread. */
  public void history(HistoryCoverage coverage) {
    loop.execute(() -> run(() -> decisions.onHistory(coverage)));
  }

  /** Takes what the tail reader has mapped, for the history. Before the tail is read. */
  public void feed(HistoryFeed historyFeed) {
    feed = historyFeed;
  }

  // from the readers, any thread

  @Override
  public int partition() {
    return partition;
  }

  @Override
  public void seen(SeenLog log) {
    loop.execute(() -> run(() -> decisions.onLog(log)));
  }

  @Override
  public void stored(Stored stored) {
    loop.execute(() -> run(() -> decisions.onStored(stored)));
  }

  @Override
  public void tailStart(SeenLog log, long position) {
    feeds(to -> to.start(position));
    arrivals.add(() -> decisions.onTailStart(log, position));
  }

  @Override
  public void mapped(MappedStretch stretch) {
    feeds(to -> to.add(stretch));
  }

  private void feeds(Consumer<HistoryFeed> what) {
    HistoryFeed to = feed;
    if (to != null) {
      what.accept(to);
    }
  }

  @Override
  public void tail(int log, LogBlock block) throws InterruptedException {
    arrivals.add(block.bytes(), () -> decisions.onTail(log, block));
  }

  @Override
  public void tailGone(int log, long begin) {
    feeds(to -> to.gone(begin));
    arrivals.add(() -> decisions.onTailGone(log, begin));
  }

  @Override
  public void truncated(int log, long end) {
    feeds(HistoryFeed::cut);
    arrivals.add(() -> decisions.onTruncated(log, end));
  }

  @Override
  public void bounds(SeenLog log, long begin, long end) {
    loop.execute(() -> run(() -> decisions.onBounds(log, begin, end)));
  }

  @Override
  public void boundsFailed() {
    loop.execute(() -> run(decisions::onBoundsFailed));
  }

  @Override
  public void older(int number, List<LogBlock> blocks) {
    loop.execute(() -> run(() -> decisions.onRead(number, blocks)));
  }

  @Override
  public void olderGone(int number, long position, long begin) {
    loop.execute(() -> run(() -> decisions.onReadGone(number, position, begin)));
  }

  @Override
  public void olderFailed(int number, long position) {
    loop.execute(() -> run(() -> decisions.onReadFailed(number, position)));
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
      snapshots.begin(this, session, partition, after, acrossHoles);
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

  private void gone(FollowerSession session) {
    if (snapshots != null) {
      snapshots.stop(session);
    }
    if (session.isFollower()) {
      served--;
      share();
    }
  }

  @Override
  public void queryBounds() {
    older.queryBounds(this);
  }

  @Override
  public void read(int number, long position) {
    older.read(this, decisions.logNumber(), number, position);
  }

  @Override
  public void forgetRead(int number) {
    older.forget(this, number);
  }

  @Override
  public void say(Level level, String message) {
    limiter.log(level, message, nowMs(), LOG);
  }

  /**
   * Begins to close all connections. Any thread.
   *
   * @return done when they are
   */
  public Future<?> stop(String why) {
    return loop.submit(
        () -> {
          run(() -> decisions.closeAll(why));
          closed = true;
          ticking.cancel(false);
          buffers.remove(this);
          older.forget(this);
        });
  }

  /** Closes all connections. Any thread but the event loop's; waits a few seconds at most. */
  @Override
  public void close() {
    try {
      stop("the sink stops").get(5, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (ExecutionException | TimeoutException e) {
      LOG.warn("Followers could not be closed in good order", e);
    }
  }
}
