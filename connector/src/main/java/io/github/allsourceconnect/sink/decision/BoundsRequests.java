package io.github.allsourceconnect.sink.decision;

import java.util.ArrayList;
import java.util.List;

/**
 * Who waits to be told where the log begins and ends. One question is under way at a time, and its
 * answer is for those who waited when it was asked: an answer must not be older than the
 * subscription. Not thread-safe.
 */
final class BoundsRequests {
  private final LeaderOrders orders;
  private final List<FollowerState> wanted = new ArrayList<>();
  private final List<FollowerState> asked = new ArrayList<>();
  private boolean underWay;
  private boolean due;

  BoundsRequests(LeaderOrders orders) {
    this.orders = orders;
  }

  void want(FollowerState follower) {
    wanted.add(follower);
    ask();
  }

  /** The answer is there: who waited for it. Call {@link #ask} when they have been told. */
  List<FollowerState> answered() {
    underWay = false;
    List<FollowerState> waited = List.copyOf(asked);
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

  void tick() {
    if (due) {
      due = false;
      ask();
    }
  }

  void forget(FollowerState follower) {
    wanted.remove(follower);
    asked.remove(follower);
  }

  /** Asks for those who wait, unless a question is under way. */
  void ask() {
    if (underWay || due || wanted.isEmpty()) {
      return;
    }
    underWay = true;
    asked.addAll(wanted);
    wanted.clear();
    orders.queryBounds();
  }
}
