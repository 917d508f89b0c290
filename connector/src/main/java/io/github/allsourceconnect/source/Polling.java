package io.github.allsourceconnect.source;

import java.util.function.BooleanSupplier;

/**
 * Whether Connect asks for records: it does twice a second at least, unless the connector is paused
 * or Kafka takes nothing. Connect tells a task of neither. The follower's thread; {@link #polled}
 * is for Connect's.
 */
final class Polling {
  private static final long QUIET_MS = 10_000;

  private volatile long polledAtMs;
  private long quietFromMs = -1;
  private boolean paused;

  /**
   * What is to be said of a change.
   *
   * @param line for the log
   * @param notPolledMs how long nothing was asked for; 0 while that lasts
   * @param paused whether nothing was awaited from Kafka when it began
   */
  record Change(String line, long notPolledMs, boolean paused) {}

  Polling(long nowMs) {
    polledAtMs = nowMs;
  }

  /** Connect asks for records. */
  void polled(long nowMs) {
    polledAtMs = nowMs;
  }

  /**
   * What has changed; null if nothing has.
   *
   * @param awaitsKafka whether Kafka has not confirmed all that Connect was given
   */
  Change look(long nowMs, BooleanSupplier awaitsKafka) {
    long at = polledAtMs;
    if (quietFromMs < 0) {
      if (nowMs - at < QUIET_MS) {
        return null;
      }
      quietFromMs = at;
      paused = !awaitsKafka.getAsBoolean();
      // that Kafka confirms nothing is said elsewhere
      return paused
          ? new Change(
              "Connect has asked for no records for "
                  + QUIET_MS / 1000
                  + " s: the connector is paused. What the leader sends is read ahead",
              0,
              true)
          : null;
    }
    if (at == quietFromMs) {
      return null;
    }
    long quiet = at - quietFromMs;
    quietFromMs = -1;
    return new Change(
        "Connect asks for records again, after " + quiet / 1000 + " s", quiet, paused);
  }
}
