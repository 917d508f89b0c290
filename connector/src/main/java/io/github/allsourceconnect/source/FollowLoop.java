package io.github.allsourceconnect.source;

import io.github.allsourceconnect.metrics.LogContext;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.Round;
import io.github.allsourceconnect.source.link.Threads;
import io.github.allsourceconnect.source.record.BatchQueue;
import java.io.UncheckedIOException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * The follower's thread: one {@link Round} after the other, and waiting in between. It alone
 * touches {@link Follower} and its {@link FollowShell}. {@link #wake} and {@link #close} are for
 * any thread.
 */
final class FollowLoop implements AutoCloseable {
  private static final long LONGEST_WAIT_MS = 500;

  private final FollowShell shell;
  private final BatchQueue batches;
  private final Round round;
  private final Thread thread;
  private volatile boolean closing;
  private volatile boolean woken;

  /**
   * @param name the connector's, for the thread
   * @param batches is told of what ends the work
   */
  FollowLoop(String name, FollowShell shell, BatchQueue batches) {
    this.shell = shell;
    this.batches = batches;
    round = new Round(shell.follower(), shell, Round.Limits.OF_A_TASK);
    thread = new Thread(LogContext.here().around(this::run), "allsource-" + name + "-follow");
    thread.setDaemon(true);
  }

  void start() {
    thread.start();
  }

  /** Something happened that the loop may want to know. */
  void wake() {
    if (!woken) {
      woken = true;
      LockSupport.unpark(thread);
    }
  }

  private void run() {
    try {
      shell.follower().start(shell.nowMs());
      while (!closing && shell.failure() == null) {
        woken = false;
        if (!round.run()) {
          await();
        }
      }
      if (shell.failure() != null) {
        shell.outgoing().fails(shell.failure(), shell.nowMs());
        batches.fail(new ConnectException(shell.failure()));
      }
    } catch (UncheckedIOException e) {
      batches.fail(e.getCause());
    } catch (RuntimeException | Error e) {
      batches.fail(e);
    } finally {
      shell.close();
    }
    while (!closing) {
      // Connect is told when it polls, from which Kafka may keep it
      long unused = shell.lookAtKafka();
      LockSupport.parkNanos(this, LONGEST_WAIT_MS * 1_000_000);
    }
  }

  private void await() {
    long now = shell.nowMs();
    long until = Math.min(shell.dueMs(), now + LONGEST_WAIT_MS);
    if (!woken && until > now) {
      LockSupport.parkNanos(this, (until - now) * 1_000_000);
    }
  }

  /** Ends the thread; waits a bounded time for it. */
  @Override
  public void close() {
    closing = true;
    woken = true;
    LockSupport.unpark(thread);
    Threads.join(thread);
  }
}
