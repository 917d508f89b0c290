package io.github.allsourceconnect.sink.decision;

import io.github.allsourceconnect.sink.decision.FollowerState.Stage;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the kept history holds, whom it helps, and whose turn it is to be sent it. Not thread-safe.
 */
final class HistoryTurns {
  private final LeaderOrders orders;
  private final int atOnce;
  private final ArrayDeque<FollowerState> waiting = new ArrayDeque<>();
  private final Set<Integer> sending = new HashSet<>();
  private boolean open;
  private long released;
  private boolean distrusted;
  private HistoryCoverage coverage = HistoryCoverage.NONE;

  /**
   * @param atOnce how many are sent it at the same time, at most
   */
  HistoryTurns(LeaderOrders orders, int atOnce) {
    this.orders = orders;
    this.atOnce = atOnce;
  }

  /** Whether it is known what it holds. */
  boolean isOpen() {
    return open;
  }

  HistoryCoverage coverage() {
    return coverage;
  }

  /**
   * What it holds now.
   *
   * @return those who wait for it: what becomes of them is to be decided anew
   */
  List<FollowerState> holds(HistoryCoverage now) {
    coverage = distrusted ? HistoryCoverage.NONE : now;
    open = true;
    List<FollowerState> waited = List.copyOf(waiting);
    waiting.clear();
    return waited;
  }

  /** The log is another one: the history may be the old one's, whatever is said of it. */
  void distrust() {
    distrusted = true;
    released = 0;
    coverage = HistoryCoverage.NONE;
  }

  /** It is not known yet what it holds; the follower waits. */
  void awaitOpening(FollowerState follower) {
    follower.stage = Stage.HISTORY;
    waiting.add(follower);
  }

  /**
   * Whether it leads from where the follower stands to where the topic begins, without a hole, and
   * not beyond the log's end.
   */
  boolean helps(FollowerState follower, long begin, long end) {
    return leadsOn(begin, end)
        && follower.next < coverage.upTo()
        && coverage.lackedAbove(follower.next).isEmpty();
  }

  /** Whether it leads to where the topic begins, wherever it begins and whatever it lacks. */
  boolean leadsOn(long begin, long end) {
    return coverage.begun() && coverage.upTo() <= end && coverage.upTo() >= begin;
  }

  /** Why not, in words. */
  String whyNot(long offset, long end) {
    if (distrusted) {
      return "the history may be that of the log before it was cut";
    }
    if (!coverage.begun() || coverage.upTo() == coverage.after()) {
      return "the history is empty";
    }
    String holds = "the history holds " + (coverage.after() + 1) + " to " + coverage.upTo();
    if (coverage.upTo() > end) {
      return holds + ", which is beyond the log's end: it is the history of another log";
    }
    String lacked = coverage.lackedInWords(offset);
    if (!lacked.isEmpty()) {
      return holds
          + ", and neither it nor the topic has "
          + lacked
          + "; history.gap.policy=continue gives new followers what there is";
    }
    return holds + ", so nothing leads from the follower's offset to where the topic begins";
  }

  /** The follower is sent it when its turn comes. */
  void queue(FollowerState follower, long now) {
    follower.stage = Stage.HISTORY;
    waiting.add(follower);
    next(now);
  }

  /** The follower has been sent it, or is gone. */
  void done(FollowerState follower, long now) {
    waiting.remove(follower);
    if (sending.remove(follower.id)) {
      next(now);
    }
  }

  /** Connect has handed over so much; nobody is sent the history while it holds more. */
  void released(long upTo, long now) {
    released = upTo;
    next(now);
  }

  /** How many are being sent it. */
  int sending() {
    return sending.size();
  }

  private void next(long now) {
    while (open && coverage.upTo() <= released && sending.size() < atOnce && !waiting.isEmpty()) {
      FollowerState follower = waiting.poll();
      follower.stage = Stage.SNAPSHOT;
      follower.aliveAt = now;
      sending.add(follower.id);
      orders.sendHistory(follower.id, follower.subscribed, follower.acrossHoles);
    }
  }
}
