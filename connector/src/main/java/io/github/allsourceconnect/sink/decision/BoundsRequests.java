package io.github.allsourceconnect.sink.decision;

import java.util.ArrayList;
import java.util.List;

/**
 * Who waits to be told where the log begins and ends. One question is under way at a time, and its
 * answer is for those who waited when it was asked: an answer must not be older than the
 * subscription. Without anybody who waits it is asked now and then, so that another log under the
 * topic's name is noticed. Not thread-safe.
 */
final class BoundsRequests {
  private static final long INTERVAL_MS = 5_000;

  private final LeaderOrders orders;
  private final List<ServedFollower> wanted = new ArrayList<>();
  private final List<ServedFollower> asked = new ArrayList<>();
  private boolean underWay;
  private boolean due;
  private long now;
  private long askedAt;

  BoundsRequests(LeaderOrders orders, long nowMs) {
    this.orders = orders;
    this.now = nowMs;
    this.askedAt = nowMs - INTERVAL_MS;
  }

  void want(ServedFollower follower) {
    wanted.add(follower);
    ask();
  }

  /** The answer is there: who waited for it. Call {@link #ask} when they have been told. */
  List<ServedFollower> answered() {
    underWay = false;
    List<ServedFollower> waited = List.copyOf(asked);
    asked.clear();
    return waited;
  }

  /** There is no answer now; it is asked again at the next tick. */
  void failed() {
    underWay = false;
    wanted.addAll(0, asked);
    asked.clear();
    due = true;
  }

  void tick(long nowMs) {
    now = nowMs;
    due = false;
    ask();
  }

  void forget(ServedFollower follower) {
    wanted.remove(follower);
    asked.remove(follower);
  }

  /** Asks as soon as possible, whether somebody waits or not. */
  void hurry() {
    askedAt = now - INTERVAL_MS;
    ask();
  }

  /** Asks when somebody waits, or when it is time, unless a question is under way. */
  void ask() {
    if (underWay || due || (wanted.isEmpty() && now - askedAt < INTERVAL_MS)) {
      return;
    }
    underWay = true;
    askedAt = now;
    asked.addAll(wanted);
    wanted.clear();
    orders.queryBounds();
  }
}
