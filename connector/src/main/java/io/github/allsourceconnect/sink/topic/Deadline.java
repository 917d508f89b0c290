package io.github.allsourceconnect.sink.topic;

import java.util.concurrent.TimeUnit;

/**
 * When something is over, in all its parts together. Immutable.
 *
 * @param nanos of {@link System#nanoTime}
 */
public record Deadline(long nanos) {
  /** So much later than now. */
  public static Deadline in(long millis) {
    return new Deadline(System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis));
  }

  /** So much earlier, for something is to be done then. */
  public Deadline before(long millis) {
    return new Deadline(nanos - TimeUnit.MILLISECONDS.toNanos(millis));
  }

  /** The milliseconds that are left; 1 at least, for what takes 0 for ever. */
  public long left() {
    return Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos - System.nanoTime()));
  }

  /** Waits for a thread; it is left behind when it takes too long. */
  public void join(Thread thread) {
    try {
      thread.join(left());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
