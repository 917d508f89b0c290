package io.github.allsourceconnect.sink.decision;

import io.github.allsourceconnect.sink.decision.FollowerState.Stage;
import io.github.allsourceconnect.sink.decision.LeaderOrders.Level;
import io.github.allsourceconnect.sink.decision.PartitionSettings.GapPolicy;
import io.github.allsourceconnect.sink.decision.PartitionSettings.SnapshotMode;
import java.util.Collection;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * What each follower gets next: where it is placed in the log, from where it is fed (the tail in
 * memory, the topic, the kept history), and when it has caught up. Part of {@link LeaderLog}, which
 * holds the invariant. Not thread-safe.
 */
final class Feeding {
  private final PartitionSettings settings;
  private final LeaderOrders orders;
  private final CommitTracker commits;
  private final BiConsumer<FollowerState, String> refusal;
  private final WalLog log;
  private final ReadRequests reads;
  private final HistoryTurns history;
  private final Set<FollowerState> atTail = new LinkedHashSet<>();
  private final Set<FollowerState> heldBack = new LinkedHashSet<>();
  private final LogTrust trust;
  private long begin;
  private long incomplete;

  /** Connect has handed over what lies before this Kafka offset; nobody is sent more. */
  private long released;

  private long now;

  /**
   * @param refusal closes a follower, given the reason
   */
  Feeding(
      PartitionSettings settings,
      LeaderOrders orders,
      CommitTracker commits,
      LogTrust trust,
      BiConsumer<FollowerState, String> refusal,
      long nowMs) {
    this.settings = settings;
    this.orders = orders;
    this.commits = commits;
    this.trust = trust;
    this.refusal = refusal;
    this.now = nowMs;
    this.log = new WalLog(settings.tailBytes(), settings.olderBytes());
    this.reads = new ReadRequests(orders);
    this.history = new HistoryTurns(orders, settings.sendingAtOnce());
  }

  void tick(long nowMs) {
    now = nowMs;
    reads.tick();
  }

  /** The follower needs nothing any more. */
  void forget(FollowerState follower) {
    atTail.remove(follower);
    heldBack.remove(follower);
    reads.forget(follower);
    history.done(follower, now);
  }

  // the log

  void tailStart(long position, Collection<FollowerState> all) {
    log.start(position);
    pumpAll(all);
  }

  void tail(LogBlock block) {
    trust.reached(block.to());
    if (!log.append(block)) {
      return;
    }
    List<FollowerState> waiting = List.copyOf(atTail);
    atTail.clear();
    for (FollowerState state : waiting) {
      if (state.stage == Stage.TAIL) {
        pump(state);
      }
    }
  }

  void tailGone(long logBegin, Collection<FollowerState> all) {
    begin = Math.max(begin, logBegin);
    log.jump(logBegin);
    pumpAll(all);
  }

  private void pumpAll(Collection<FollowerState> all) {
    atTail.clear();
    heldBack.clear();
    for (FollowerState follower : List.copyOf(all)) {
      pump(follower);
    }
  }

  /** Connect has handed over what lies before a Kafka offset, so followers may have it. */
  void released(long position) {
    if (position <= released) {
      return;
    }
    released = position;
    history.released(released, now);
    List<FollowerState> waiting = List.copyOf(heldBack);
    heldBack.clear();
    waiting.forEach(this::pump);
  }

  /** What Connect has handed over so far was of another log. */
  void holdBack() {
    released = 0;
  }

  /** The log was cut back and goes on; followers are gone. */
  void restart(long end) {
    reads.clear();
    history.distrust();
    begin = 0;
    released = 0;
    log.start(end);
  }

  /** Another log is served from now on; followers are gone, and where it begins is not known. */
  void replace() {
    reads.clear();
    history.distrust();
    begin = 0;
    released = 0;
    log.stop();
  }

  void bounds(long logBegin) {
    begin = logBegin;
  }

  void read(int number, List<LogBlock> blocks) {
    List<FollowerState> waiting = reads.answered(number, blocks.get(0).from());
    if (!waiting.isEmpty()) {
      // the first last: it is the one that is waited for, and the last one stays in any case
      for (int i = blocks.size() - 1; i >= 0; i--) {
        log.keep(blocks.get(i));
      }
      waiting.forEach(this::pump);
    }
  }

  void readGone(int number, long position, long logBegin) {
    List<FollowerState> waiting = reads.answered(number, position);
    if (!waiting.isEmpty()) {
      begin = Math.max(begin, logBegin);
      waiting.forEach(this::gone);
    }
  }

  void readFailed(int number, long position) {
    reads.failed(number, position);
  }

  // the kept history

  void history(HistoryCoverage coverage) {
    for (FollowerState follower : history.holds(coverage)) {
      follower.stage = Stage.REPLAY;
      wantHistory(follower);
    }
  }

  void snapshotSent(FollowerState state, long endOffset) {
    state.stage = Stage.REPLAY;
    state.next = endOffset;
    state.sent = endOffset;
    state.aliveAt = now;
    history.done(state, now);
    count(state);
    pump(state);
  }

  // deciding

  /** Its place in the log is known: what does it get first? */
  void place(FollowerState follower, long logEnd) {
    if (follower.subscribed > logEnd) {
      refusal.accept(
          follower,
          "it has everything up to "
              + follower.subscribed
              + " but the log ends at "
              + logEnd
              + ": it followed another log, or the topic was created again. Reset the follower, or"
              + " point it to the right port");
      return;
    }
    if (trust.isDoubtful(follower.subscribed)) {
      refusal.accept(
          follower,
          "it has everything up to "
              + follower.subscribed
              + ", but perhaps of the log as it was before it was cut or created again (up to "
              + trust.doubtfulUpTo()
              + "). Reset the follower, so that it begins with nothing. When none is left that"
              + " followed the log of before: stop the connector, delete its offsets (DELETE"
              + " /connectors/NAME/offsets), and resume it; then every follower is believed again");
      return;
    }
    follower.target = logEnd;
    follower.stage = Stage.REPLAY;
    orders.say(
        Level.INFO,
        settings.name()
            + ": "
            + follower
            + " subscribed with "
            + follower.subscribed
            + ", the log is at "
            + logEnd);
    boolean isNew = follower.subscribed == 0;
    if (settings.snapshotMode() == SnapshotMode.INITIAL && isNew && settings.historyKept()) {
      wantHistory(follower);
    } else if (follower.next < begin && !log.tailHas(follower.next)) {
      // what is still in memory of it would not lead on to what the topic has
      gone(follower);
    } else {
      pump(follower);
    }
    if (follower.stage != Stage.CLOSED) {
      count(follower);
    }
  }

  /** Sends whatever the follower lacks and takes now, or arranges for it. */
  void pump(FollowerState follower) {
    while (follower.streams() && follower.writable && follower.reading < 0) {
      if (!follower.caughtUp && follower.next >= follower.target) {
        follower.caughtUp = true;
        follower.writable = orders.caughtUp(follower.id, follower.sent);
        continue;
      }
      LogBlock block = log.find(follower.next);
      if (block != null) {
        if (!send(follower, block)) {
          return;
        }
      } else if (!log.started() || follower.next >= log.tailTo()) {
        follower.stage = Stage.TAIL;
        atTail.add(follower);
        return;
      } else if (follower.next < begin) {
        gone(follower);
        return;
      } else {
        follower.stage = Stage.REPLAY;
        reads.want(follower);
        return;
      }
    }
    if (follower.streams() && !follower.writable) {
      follower.stage = Stage.REPLAY;
    }
  }

  /**
   * Sends what of a block may be sent.
   *
   * @return false when the follower waits until more is released
   */
  private boolean send(FollowerState follower, LogBlock whole) {
    int index = whole.indexFrom(follower.next);
    LogBlock block = whole;
    if (index < whole.count() && whole.offset(whole.count() - 1) >= released) {
      if (whole.offset(index) >= released) {
        follower.stage = Stage.TAIL;
        heldBack.add(follower);
        return false;
      }
      block = whole.before(released);
    }
    follower.next = block.to();
    if (index < block.count()) {
      if (follower.acked == follower.sent) {
        follower.aliveAt = now;
      }
      follower.sent = block.offset(block.count() - 1) + 1;
      follower.writable = orders.send(follower.id, block, index);
    }
    count(follower);
    return true;
  }

  /** The topic no longer has what the follower needs next. */
  private void gone(FollowerState follower) {
    if (settings.snapshotMode() == SnapshotMode.NEVER || !settings.historyKept()) {
      refusal.accept(
          follower,
          lost(follower)
              + (settings.historyKept()
                  ? " and snapshot.mode is never"
                  : ", and no history is kept: set snapshot.dir or snapshot.topic before the"
                      + " topic's retention takes entries away")
              + "; a longer retention also helps");
    } else if (follower.sent != follower.subscribed || follower.caughtUp) {
      refusal.accept(
          follower,
          lost(follower)
              + " while it was being served; it gets them from the history when it"
              + " connects again");
    } else {
      wantHistory(follower);
    }
  }

  private String lost(FollowerState follower) {
    return "it needs offset "
        + (follower.next + 1)
        + " but the topic begins at "
        + (begin + 1)
        + ": "
        + (begin - follower.next)
        + " offsets are gone from it";
  }

  /** Gives the history to a follower that has been sent nothing yet, when its turn has come. */
  private void wantHistory(FollowerState follower) {
    if (!history.isOpen()) {
      history.awaitOpening(follower);
      return;
    }
    long end = Math.max(follower.target, log.tailTo());
    if (history.helps(follower, begin, end)) {
      history.queue(follower, now);
    } else if (follower.next >= begin) {
      pump(follower);
    } else if (settings.gapPolicy() == GapPolicy.CONTINUE
        && follower.subscribed == 0
        && history.leadsOn(begin, end)) {
      giveWhatThereIs(follower);
    } else {
      refusal.accept(follower, lost(follower) + "; " + history.whyNot(follower.next, end));
    }
  }

  /** A new follower gets the rest of a history that has lost something. */
  private void giveWhatThereIs(FollowerState follower) {
    if (follower.acrossHoles) {
      // it was said before
      history.queue(follower, now);
      return;
    }
    HistoryCoverage coverage = history.coverage();
    incomplete++;
    orders.say(
        Level.WARN,
        settings.name()
            + ": "
            + follower
            + " is new and is served without "
            + coverage.lackedInWords(0)
            + ", which are gone for good (history.gap.policy=continue)");
    if (coverage.isEmpty()) {
      follower.next = Math.max(begin, coverage.upTo());
      pump(follower);
    } else {
      follower.acrossHoles = true;
      history.queue(follower, now);
    }
  }

  /** What the follower has acked, with what is known to hold no entry, counts for commits. */
  void count(FollowerState follower) {
    commits.acked(follower.id, follower.has());
  }

  // figures

  /** The Kafka offset at which the topic was last known to begin. */
  long begin() {
    return begin;
  }

  /** How many new followers were served without something that is gone. */
  long incomplete() {
    return incomplete;
  }

  /** What of the log is in memory. */
  WalLog log() {
    return log;
  }

  /** The kept history. */
  HistoryTurns history() {
    return history;
  }
}
