package io.github.allsourceconnect.sink.listener;

import io.github.allsourceconnect.sink.decision.CommitNote;
import io.github.allsourceconnect.sink.decision.CommitPoint;
import io.github.allsourceconnect.sink.decision.LeaderFigures;
import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.sink.decision.LeaderOrders;
import io.github.allsourceconnect.sink.decision.PartitionSettings;
import io.netty.channel.EventLoop;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Brings inputs to a partition's decisions, one after another, on the event loop that its
 * connections live on too, so that nothing is locked; shows others what came of them.
 */
final class PartitionLoop {
  private static final Logger LOG = LoggerFactory.getLogger(PartitionLoop.class);
  private static final long TICK_MS = 200;
  private static final long FIGURES_AGE_MS = 200;

  private final EventLoop eventLoop;
  private final LeaderLog decisions;
  private final Runnable flush;
  private final Consumer<Throwable> failure;
  private final Future<?> ticking;
  private boolean ended;
  private volatile CommitPoint commitPoint = CommitPoint.NONE;
  private volatile CommitNote lastNote;
  private volatile LeaderFigures figures;
  private volatile long figuresAt;

  /**
   * @param orders carried out on the event loop, within an input
   * @param flush called at the end of each input
   * @param room an input with each tick: what the log may take, and the followers
   * @param failure told when something that can't happen did
   */
  PartitionLoop(
      EventLoop eventLoop,
      PartitionSettings settings,
      LeaderOrders orders,
      Runnable flush,
      Consumer<LeaderLog> room,
      Consumer<Throwable> failure) {
    this.eventLoop = eventLoop;
    this.flush = flush;
    this.failure = failure;
    this.decisions = new LeaderLog(settings, orders, nowMs());
    this.figures = decisions.figures();
    this.figuresAt = nowMs();
    this.ticking =
        eventLoop.scheduleWithFixedDelay(
            () -> input(log -> tick(log, room)), TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
  }

  private static void tick(LeaderLog log, Consumer<LeaderLog> room) {
    room.accept(log);
    log.tick(nowMs());
  }

  static long nowMs() {
    return System.nanoTime() / 1_000_000;
  }

  EventLoop eventLoop() {
    return eventLoop;
  }

  /** An input to the decisions. On the event loop. */
  void input(Consumer<LeaderLog> input) {
    if (ended) {
      return;
    }
    try {
      input.accept(decisions);
      flush.run();
      commitPoint = decisions.commitPoint();
      if (commitPoint.note() != null) {
        lastNote = commitPoint.note();
      }
    } catch (RuntimeException | Error e) {
      failure.accept(e);
    }
  }

  /** An input from elsewhere. Any thread; never waits. */
  void hand(Consumer<LeaderLog> input) {
    eventLoop.execute(() -> input(input));
  }

  /** No input is taken any more. On the event loop. */
  void end() {
    ended = true;
    ticking.cancel(false);
  }

  boolean hasEnded() {
    return ended;
  }

  /** The number of the log that is served. On the event loop. */
  int logNumber() {
    return decisions.logNumber();
  }

  /** What may be committed now, and of which log. Any thread; never waits. */
  CommitPoint commitPoint() {
    return commitPoint;
  }

  /** What was last known of the log that was served; null when nothing was. Any thread. */
  CommitNote lastNote() {
    return lastNote;
  }

  /**
   * The figures of this moment, or of one not long ago. Any thread but the event loop's; waits for
   * the event loop, a second at most.
   */
  LeaderFigures figures() {
    if (nowMs() - figuresAt >= FIGURES_AGE_MS) {
      try {
        figures = eventLoop.submit(decisions::figures).get(1, TimeUnit.SECONDS);
        figuresAt = nowMs();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException | TimeoutException | RejectedExecutionException e) {
        LOG.debug("The figures are those of before", e);
      }
    }
    return figures;
  }
}
