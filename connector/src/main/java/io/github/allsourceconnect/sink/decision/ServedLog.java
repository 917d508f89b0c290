package io.github.allsourceconnect.sink.decision;

import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The log that a partition's followers are served: which one it is, where it begins, what of it is
 * in memory or being read, how much of it Connect has handed over, what of it is in the history,
 * what of it may be committed, and which followers wait for more of it. Not thread-safe.
 */
final class ServedLog {
  private final PartitionSettings settings;
  private final LeaderOrders orders;
  private final CommitTracker commits;
  private final LogTrust trust = new LogTrust();
  private final WalLog memory;
  private final ReadRequests reads;
  private final HistoryTurns history;
  private final Set<ServedFollower> atTail = new LinkedHashSet<>();
  private final Set<ServedFollower> heldBack = new LinkedHashSet<>();
  private long begin;
  private long released;
  private long now;

  ServedLog(PartitionSettings settings, LeaderOrders orders, long nowMs) {
    this.settings = settings;
    this.orders = orders;
    this.now = nowMs;
    this.commits = new CommitTracker(settings.commitAcks());
    this.memory = new WalLog(settings.tailBytes(), settings.olderBytes());
    this.reads = new ReadRequests(orders);
    this.history = new HistoryTurns(settings.sendingAtOnce(), trust, nowMs);
  }

  void tick(long nowMs) {
    now = nowMs;
    history.tick(nowMs);
    reads.tick();
    commits.settle();
  }

  /** What of it is in memory may take so much, as far as the settings allow it. */
  void room(long tailBytes, long olderBytes) {
    memory.limit(
        Math.min(tailBytes, settings.tailBytes()), Math.min(olderBytes, settings.olderBytes()));
  }

  // what followers ask

  PartitionSettings settings() {
    return settings;
  }

  LeaderOrders orders() {
    return orders;
  }

  /** Milliseconds, of the last {@link #tick}. */
  long now() {
    return now;
  }

  /** Which log it is, and what followers of an earlier one may have. */
  LogTrust trust() {
    return trust;
  }

  /** What of it is in memory. */
  WalLog memory() {
    return memory;
  }

  /** What of it is being read for followers that are behind. */
  ReadRequests reads() {
    return reads;
  }

  /** What of it the history holds, and whose turn it is to be sent that. */
  HistoryTurns history() {
    return history;
  }

  /** What followers have acked. */
  CommitTracker commits() {
    return commits;
  }

  /** The Kafka offset at which the topic was last known to begin. */
  long begin() {
    return begin;
  }

  /** Connect has handed over what lies before this Kafka offset; nobody is sent more. */
  long released() {
    return released;
  }

  /** Whether what comes at this Kafka offset was not read yet by the tail. */
  boolean isAtEnd(long position) {
    return !memory.started() || position >= memory.tailTo();
  }

  /** It gets what the tail brings next. */
  void awaitTail(ServedFollower follower) {
    atTail.add(follower);
  }

  /** It gets more when Connect has handed more over. */
  void awaitRelease(ServedFollower follower) {
    heldBack.add(follower);
  }

  /** What it has acked, with what is known to hold no entry, counts for commits. */
  void count(ServedFollower follower) {
    commits.acked(follower.id(), follower.has());
  }

  /** The follower needs nothing any more. */
  void forget(ServedFollower follower) {
    commits.left(follower.id());
    atTail.remove(follower);
    heldBack.remove(follower);
    reads.forget(follower);
    history.done(follower);
  }

  // what the readers bring

  void tailStart(long position, Collection<ServedFollower> all) {
    memory.start(position);
    pumpAll(all);
  }

  void tail(LogBlock block) {
    trust.reached(block.to());
    if (memory.append(block)) {
      pump(atTail);
    }
  }

  void tailGone(long logBegin, Collection<ServedFollower> all) {
    begin = Math.max(begin, logBegin);
    memory.jump(logBegin);
    pumpAll(all);
  }

  private void pumpAll(Collection<ServedFollower> all) {
    atTail.clear();
    heldBack.clear();
    List.copyOf(all).forEach(ServedFollower::pump);
  }

  /** Whoever waits there gets what it can; those that go on waiting say so again. */
  private static void pump(Set<ServedFollower> waiting) {
    List<ServedFollower> pumped = List.copyOf(waiting);
    waiting.clear();
    pumped.forEach(ServedFollower::pump);
  }

  /** Where it begins, as Kafka says. */
  void bounds(long logBegin) {
    begin = logBegin;
  }

  void read(int number, List<LogBlock> blocks) {
    List<ServedFollower> waiting = reads.answered(number, blocks.get(0).from());
    if (!waiting.isEmpty()) {
      // the first last: it is the one that is waited for, and the last one stays in any case
      for (int i = blocks.size() - 1; i >= 0; i--) {
        memory.keep(blocks.get(i));
      }
      waiting.forEach(ServedFollower::pump);
    }
  }

  void readGone(int number, long position, long logBegin) {
    List<ServedFollower> waiting = reads.answered(number, position);
    if (!waiting.isEmpty()) {
      begin = Math.max(begin, logBegin);
      waiting.forEach(ServedFollower::gone);
    }
  }

  /** Connect has handed over what lies before a Kafka offset, so followers may have it. */
  void release(long position) {
    if (position > released) {
      released = position;
      history.released(position);
      pump(heldBack);
    }
  }

  /** What Connect has handed over so far was of another log. */
  void holdBack() {
    released = 0;
  }

  /** It was cut back, and goes on there; followers are gone. */
  void restart(long end) {
    replace();
    history.distrust();
    memory.start(end);
  }

  /** Another log is served from now on; followers are gone, and where it begins is not known. */
  void replace() {
    commits.reset();
    reads.clear();
    history.holdBack();
    begin = 0;
    released = 0;
    memory.stop();
  }

  // what may be committed

  /** The highest WAL offset that may be committed; -1 for nothing. */
  long committable() {
    return Math.min(commits.committable(), trust.reached());
  }

  /**
   * The same with what belongs to it. What was committed before is not taken back. Until it is
   * known what the history tells of a log before, nothing is noted that would tell of none.
   *
   * @param committable a WAL offset, -1 for nothing
   */
  CommitPoint commitPoint(long committable) {
    if (!trust.isPlaced() || (settings.historyKept() && !history.isOpen())) {
      return CommitPoint.NONE;
    }
    return new CommitPoint(
        trust.number(),
        trust.epoch(),
        trust.anewFrom() < 0 ? begin : trust.anewFrom(),
        Math.max(committable, trust.committedBefore()),
        new CommitNote(trust.log().identity(), trust.reached(), trust.doubtfulUpTo(), 0));
  }
}
