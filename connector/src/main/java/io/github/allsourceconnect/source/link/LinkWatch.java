package io.github.allsourceconnect.source.link;

import io.github.allsourceconnect.config.LeaderSettings;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * Ends the task when {@link LinkTroubles} says that it has gone wrong with the leaders for too
 * long. For any thread.
 */
public final class LinkWatch {
  private final LeaderSettings settings;
  private final Consumer<Throwable> onFailure;
  private final LinkTroubles troubles;

  /**
   * @param onFailure told once what ends the task
   */
  LinkWatch(LeaderSettings settings, Consumer<Throwable> onFailure) {
    this.settings = settings;
    this.onFailure = onFailure;
    troubles =
        new LinkTroubles(
            settings.unreachableTimeout().toMillis(),
            settings.sameFailureTimeout().toMillis(),
            nowMs());
  }

  /** A leader has answered as one. */
  synchronized void answered() {
    troubles.answered(nowMs());
  }

  /**
   * A leader broke the protocol.
   *
   * @param what what sort of mistake, without where it was
   * @param lastOffset with which the connection had been subscribed
   * @param why in words
   */
  void protocolError(String what, long lastOffset, String why) {
    String over;
    synchronized (this) {
      over = troubles.protocolError(what, lastOffset, nowMs());
    }
    judge(over, why);
  }

  /** A connection ended, or could not be made. */
  void ended(String why) {
    String over;
    synchronized (this) {
      over = troubles.ended(nowMs());
    }
    judge(over, why);
  }

  private void judge(String over, String last) {
    if (over != null) {
      String failure = LinkTroubles.failure(over, last, settings.addresses());
      onFailure.accept(new ConnectException(failure));
    }
  }

  /** How often leaders broke the protocol since the start. */
  public synchronized long protocolErrors() {
    return troubles.protocolErrors();
  }

  /** How often a leader broke it in the same way without a step forward. */
  public synchronized long sameFailureInARow() {
    return troubles.sameFailureInARow();
  }

  /** How often leaders broke it without ceasing for {@code same.failure.timeout.ms}. */
  public synchronized long recurringFailures() {
    return troubles.recurringFailures();
  }

  private static long nowMs() {
    return TimeUnit.NANOSECONDS.toMillis(System.nanoTime());
  }
}
