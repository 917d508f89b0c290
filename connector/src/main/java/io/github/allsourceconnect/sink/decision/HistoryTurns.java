package io.github.allsourceconnect.sink.decision;

import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * What the kept history holds, whom it helps, and whose turn it is to be sent it. Not thread-safe.
 */
final class HistoryTurns {
  private final int atOnce;
  private final LogTrust trust;
  private final ArrayDeque<ServedFollower> waiting = new ArrayDeque<>();
  private final Set<Integer> sending = new HashSet<>();
  private long now;
  private long incomplete;
  private boolean open;
  private long released;

  /** The log that was cut: what its history holds may not be what it holds now. */
  private LogIdentity cut;

  /** Of which log it is the history, and what it holds of that. */
  private LogIdentity of;

  private HistoryCoverage held = HistoryCoverage.NONE;

  /**
   * @param atOnce how many are sent it at the same time, at most
   * @param trust which log is served
   */
  HistoryTurns(int atOnce, LogTrust trust, long nowMs) {
    this.atOnce = atOnce;
    this.trust = trust;
    this.now = nowMs;
  }

  void tick(long nowMs) {
    now = nowMs;
  }

  /** Whether it is known what it holds. */
  boolean isOpen() {
    return open;
  }

  /** What it holds of the log that is served. */
  HistoryCoverage coverage() {
    return isOfServed() && !of.equals(cut) ? held : HistoryCoverage.NONE;
  }

  private boolean isOfServed() {
    return of != null && (trust.log() == null || of.equals(trust.log().identity()));
  }

  /**
   * What it holds now.
   *
   * @param log of which log it is the history
   * @return those who wait for it: what becomes of them is to be decided anew
   */
  List<ServedFollower> holds(LogIdentity log, HistoryCoverage now) {
    of = log;
    held = now;
    open = true;
    List<ServedFollower> waited = List.copyOf(waiting);
    waiting.clear();
    return waited;
  }

  /** What Connect has handed over so far is of a log that is no more. */
  void holdBack() {
    released = 0;
  }

  /** The log was cut: what its history holds may not be what it holds now, whatever is said. */
  void distrust() {
    cut = trust.log().identity();
  }

  /** It is not known yet what it holds; the follower waits. */
  void awaitOpening(ServedFollower follower) {
    waiting.add(follower);
  }

  /**
   * Whether it leads from a Kafka offset to where the topic begins, without a hole, and not beyond
   * the log's end.
   */
  boolean helps(long next, long begin, long end) {
    return leadsOn(begin, end)
        && next < coverage().upTo()
        && coverage().lackedAbove(next).isEmpty();
  }

  /** Whether it leads to where the topic begins, wherever it begins and whatever it lacks. */
  boolean leadsOn(long begin, long end) {
    return coverage().begun() && coverage().upTo() <= end && coverage().upTo() >= begin;
  }

  /** Why not, in words. */
  String whyNot(long offset, long end) {
    if (of != null && of.equals(cut)) {
      return "the history may be that of the log before it was cut";
    }
    HistoryCoverage coverage = coverage();
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
  void queue(ServedFollower follower) {
    waiting.add(follower);
    giveTurns();
  }

  /** The follower has been sent it, or is gone. */
  void done(ServedFollower follower) {
    waiting.remove(follower);
    if (sending.remove(follower.id())) {
      giveTurns();
    }
  }

  /** All are about to be closed: nobody's turn comes any more. */
  void nobodyWaits() {
    waiting.clear();
  }

  /** Connect has handed over so much; nobody is sent the history while it holds more. */
  void released(long upTo) {
    released = upTo;
    giveTurns();
  }

  /** How many are being sent it. */
  int sending() {
    return sending.size();
  }

  /** A new follower is served without something that is gone. */
  void servedIncompletely() {
    incomplete++;
  }

  /** How many new followers were, so far. */
  long incomplete() {
    return incomplete;
  }

  private void giveTurns() {
    while (open && coverage().upTo() <= released && sending.size() < atOnce && !waiting.isEmpty()) {
      ServedFollower follower = waiting.poll();
      sending.add(follower.id());
      follower.takeHistory(now);
    }
  }
}
