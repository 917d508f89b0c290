package io.github.allsourceconnect.source;

import io.github.allsourceconnect.source.decision.Follower;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.connect.errors.ConnectException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The follower's own thread: time, what happened on the connections (the mailbox), what Kafka has,
 * entries, rows, in this order, again and again; it sleeps until the follower's next time or until
 * something happens.
 *
 * <p>{@link #post} and {@link #wake} are for any thread and never wait; the mailbox holds a few
 * inputs for each connection or snapshot.
 */
final class FollowLoop implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(FollowLoop.class);
  private static final int ROWS_AT_ONCE = 500;
  private static final long PUBLISH_MS = 500;

  /** What the loop works with; all of it is touched by its thread only. */
  record Parts(
      Follower follower,
      ShellOrders orders,
      EntryReader entries,
      SnapshotRows rows,
      BatchBuilder output,
      Acknowledger acknowledger,
      Runnable publish) {}

  private final HandOver handOver;
  private final Thread thread;
  private final Object monitor = new Object();
  private final ArrayDeque<Consumer<Follower>> mailbox = new ArrayDeque<>();
  private final long startedAt = System.nanoTime();
  private boolean woken;
  private volatile boolean closed;
  private Parts parts;
  private long told;
  private long publishedAt;

  FollowLoop(String name, HandOver handOver) {
    this.handOver = handOver;
    thread = new Thread(this::run, "allsource-" + name + "-follow");
    thread.setDaemon(true);
  }

  void start(Parts with) {
    parts = with;
    thread.start();
  }

  /** An input for the follower. */
  void post(Consumer<Follower> input) {
    synchronized (monitor) {
      mailbox.addLast(input);
      woken = true;
      monitor.notifyAll();
    }
  }

  /** There may be something to do: data, room, a commit. */
  void wake() {
    synchronized (monitor) {
      if (!woken) {
        woken = true;
        monitor.notifyAll();
      }
    }
  }

  private void run() {
    Follower follower = parts.follower;
    try {
      parts.output.start(follower);
      follower.start(now());
      while (!closed && !handOver.hasFailed()) {
        boolean did = step(follower);
        if (parts.orders.failure() != null) {
          throw parts.orders.failure();
        }
        if (!did) {
          parts.output.idle(follower);
          publish(true);
          sleep(follower.wakeAtMs());
        }
        publish(false);
      }
    } catch (ConnectException e) {
      parts.output.flush(follower);
      handOver.fail(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      handOver.fail(
          new ConnectException(
              "The read-ahead in buffer.disk.dir can't be read again: "
                  + e
                  + ". The position is kept; what was in it is repaired after a restart.",
              e));
    } catch (RuntimeException | Error e) {
      LOG.error("The follower of the leader has failed; it was {}", follower, e);
      handOver.fail(e);
    } finally {
      publish(true);
      parts.rows.close();
    }
  }

  /** One round; whether anything was done besides looking. */
  private boolean step(Follower follower) throws IOException {
    boolean did = false;
    follower.tick(now(), parts.entries.isEmpty());
    for (Consumer<Follower> input = nextInput(); input != null; input = nextInput()) {
      input.accept(follower);
      did = true;
    }
    long produced = parts.acknowledger.produced();
    if (produced > told) {
      told = produced;
      follower.onProduced(produced);
      did = true;
    }
    did |= parts.rows.read(follower, ROWS_AT_ONCE, () -> parts.output.hasRoom(follower));
    did |= parts.entries.read(follower, () -> parts.output.hasRoom(follower));
    return did;
  }

  private Consumer<Follower> nextInput() {
    synchronized (monitor) {
      return mailbox.pollFirst();
    }
  }

  /** Until the time given, a wake, or the next publication of the figures. */
  private void sleep(long wakeAtMs) throws InterruptedException {
    synchronized (monitor) {
      if (!woken && !closed) {
        long wait = Math.min(wakeAtMs - now(), PUBLISH_MS);
        if (wait > 0) {
          monitor.wait(wait);
        }
      }
      woken = false;
    }
  }

  private void publish(boolean idle) {
    long now = now();
    if (now - publishedAt >= (idle ? PUBLISH_MS / 10 : PUBLISH_MS)) {
      publishedAt = now;
      parts.publish.run();
    }
  }

  /** Milliseconds of a clock that only goes forward, from 1. */
  private long now() {
    return 1 + TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedAt);
  }

  /** Ends the thread; waits a bounded time for it. */
  @Override
  public void close() {
    closed = true;
    wake();
    Threads.join(thread);
  }
}
