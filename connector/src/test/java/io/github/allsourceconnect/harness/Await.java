package io.github.allsourceconnect.harness;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Supplier;

/** Waits for conditions, never for times. */
public final class Await {
  private static final long PAUSE_MS = 20;

  /** Ends a test that hangs, and does not end one on a busy machine. */
  public static final Duration LIMIT = Duration.ofMinutes(3);

  private Await() {}

  /** Waits until {@code condition} holds; a condition that throws does not hold yet. */
  public static void until(String what, Duration limit, Callable<Boolean> condition) {
    until(what, limit, condition, () -> "");
  }

  /**
   * Waits until {@code condition} holds.
   *
   * @param seen what the message of the failure tells besides
   * @throws IllegalStateException when it does not hold within {@code limit}; the cause is what the
   *     condition threw last
   */
  public static void until(
      String what, Duration limit, Callable<Boolean> condition, Supplier<String> seen) {
    long end = System.nanoTime() + limit.toNanos();
    Exception last;
    do {
      last = null;
      try {
        if (condition.call()) {
          return;
        }
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted while waiting until " + what, e);
      } catch (Exception e) {
        last = e;
      }
      pause(what);
    } while (System.nanoTime() < end);
    throw new IllegalStateException(
        "waited " + limit.toMillis() + " ms, in vain, until " + what + " " + seen.get(), last);
  }

  /** A moment before a condition is asked for again. */
  static void pause(String what) {
    try {
      Thread.sleep(PAUSE_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while waiting until " + what, e);
    }
  }
}
