package io.github.allsourceconnect.sink.listener;

import io.github.allsourceconnect.sink.topic.Deadline;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.PriorityBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * The work of TLS handshakes, on a few threads of its own: whoever only says hello costs the
 * followers' event loops nothing. First come those who have answered once, then the first of each
 * origin, its second, and so on: many from one place wait behind one from another. For a connection
 * that is gone nothing is done. What waits is bounded. Thread-safe.
 */
public final class Handshakes {
  private static final int THREADS_MAX = 4;
  private static final int WAITING_MAX = 10_000;

  private final ThreadPoolExecutor threads;
  private final Map<String, Integer> waiting = new ConcurrentHashMap<>();
  private final AtomicLong last = new AtomicLong();

  private final class Job implements Runnable, Comparable<Job> {
    private final int step;
    private final String origin;
    private final int place;
    private final long number = last.incrementAndGet();
    private final BooleanSupplier gone;
    private final Runnable work;

    Job(int step, String origin, BooleanSupplier gone, Runnable work) {
      this.step = step;
      this.origin = origin;
      this.gone = gone;
      this.work = work;
      this.place = waiting.merge(origin, 1, Integer::sum);
    }

    @Override
    public void run() {
      leave();
      if (!gone.getAsBoolean()) {
        work.run();
      }
    }

    void leave() {
      waiting.computeIfPresent(origin, (key, count) -> count == 1 ? null : count - 1);
    }

    @Override
    public int compareTo(Job other) {
      int byStep = Integer.compare(other.step, step);
      int byPlace = byStep != 0 ? byStep : Integer.compare(place, other.place);
      return byPlace != 0 ? byPlace : Long.compare(number, other.number);
    }
  }

  /**
   * @param made makes daemon threads with names
   */
  public Handshakes(ThreadFactory made) {
    // half of the machine at most: the rest is for those who are in
    int count = Math.max(1, Math.min(THREADS_MAX, Runtime.getRuntime().availableProcessors() / 2));
    threads =
        new ThreadPoolExecutor(
            count, count, 10, TimeUnit.SECONDS, new PriorityBlockingQueue<>(), made);
    threads.allowCoreThreadTimeOut(true);
  }

  /**
   * What one connection's handshake is worked at with, for its event loop. It throws {@link
   * RejectedExecutionException} when too much waits, or all is closed.
   *
   * @param origin where the connection comes from
   * @param gone whether the connection is closed; for any thread
   * @param answered told on the event loop when the other end has answered the first time
   */
  Executor connection(String origin, BooleanSupplier gone, Runnable answered) {
    return new Executor() {
      private int step;

      @Override
      public void execute(Runnable work) {
        if (threads.getQueue().size() >= WAITING_MAX) {
          throw new RejectedExecutionException("too many handshakes wait");
        }
        Job job = new Job(step, origin, gone, work);
        try {
          threads.execute(job);
        } catch (RejectedExecutionException e) {
          job.leave();
          throw e;
        }
        step++;
        if (step == 2) {
          answered.run();
        }
      }
    };
  }

  /** Ends the threads; what waits is not done any more. */
  public void close(Deadline deadline) {
    threads.shutdownNow();
    try {
      boolean unused = threads.awaitTermination(deadline.left(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
