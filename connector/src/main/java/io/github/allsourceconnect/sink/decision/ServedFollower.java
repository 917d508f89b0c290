package io.github.allsourceconnect.sink.decision;

import io.github.allsourceconnect.sink.decision.LeaderOrders.Level;
import io.github.allsourceconnect.sink.decision.PartitionSettings.GapPolicy;
import io.github.allsourceconnect.sink.decision.PartitionSettings.SnapshotMode;
import java.util.function.BiConsumer;

/**
 * One follower: where it stands, and what it gets next, from the tail in memory, the topic or the
 * history. Knows nothing of other followers. A WAL offset n is the Kafka offset n - 1, so a
 * follower that has everything up to WAL offset n needs the Kafka offset n next. Not thread-safe.
 *
 * <p>Invariant: what was sent is what the log holds above {@code subscribed}, without a gap up to
 * {@code next}, and what it has acked was sent. A change of stage that is not foreseen throws.
 */
final class ServedFollower {
  private final int id;
  private final String peer;
  private final long connectedAt;
  private final PartitionSettings settings;
  private final LeaderOrders orders;
  private final ServedLog log;
  private final BiConsumer<ServedFollower, String> refusal;

  private FollowerStage stage = FollowerStage.CONNECTED;

  /** The WAL offset that it subscribed with. */
  private long subscribed = -1;

  /** The Kafka offset from which on it lacks entries. */
  private long next;

  /** Where the log ended when it subscribed: {@code caught_up} is due from there on. */
  private long target;

  private boolean caughtUp;

  /** Whether it is sent the history although something of it is gone. */
  private boolean acrossHoles;

  /** The WAL offset of the last entry sent, or what it had before. */
  private long sent;

  /** The WAL offset that it acked last, or what it subscribed with. */
  private long acked;

  /** Whether its connection takes more now. */
  private boolean writable = true;

  private boolean reading;

  /** When it last showed that it gets on, while there was something to ack. */
  private long aliveAt;

  /**
   * Somebody connected.
   *
   * @param refusal closes a follower, given the reason
   */
  ServedFollower(
      int id, String peer, long nowMs, ServedLog log, BiConsumer<ServedFollower, String> refusal) {
    this.id = id;
    this.peer = peer;
    this.connectedAt = nowMs;
    this.aliveAt = nowMs;
    this.log = log;
    this.settings = log.settings();
    this.orders = log.orders();
    this.refusal = refusal;
  }

  int id() {
    return id;
  }

  /** Its address, as it is shown. */
  String peer() {
    return peer;
  }

  long connectedAt() {
    return connectedAt;
  }

  FollowerStage stage() {
    return stage;
  }

  /** The Kafka offset from which on it lacks entries. */
  long next() {
    return next;
  }

  /** The WAL offset that it acked last, or what it subscribed with. */
  long acked() {
    return acked;
  }

  /** Whether it has not got yet what the log held when it subscribed, or lags behind its end. */
  boolean isCatchingUp() {
    return stage != FollowerStage.TAIL || !caughtUp;
  }

  /**
   * Up to where it has everything, as a WAL offset: once it has acked all that was sent, also the
   * offsets behind it that hold no entry.
   */
  long has() {
    return acked >= sent ? Math.max(acked, next) : acked;
  }

  private void become(FollowerStage to) {
    if (!stage.next().contains(to)) {
      throw new IllegalStateException(this + " can't go from " + stage + " to " + to);
    }
    stage = to;
  }

  // what comes from its connection

  void subscribe(long lastOffset) {
    become(FollowerStage.BOUNDS);
    subscribed = lastOffset;
    next = lastOffset;
    sent = lastOffset;
    acked = lastOffset;
  }

  /** It says that it has everything up to this WAL offset. */
  void ack(long walOffset, long nowMs) {
    aliveAt = nowMs;
    if (stage == FollowerStage.CONNECTED) {
      refusal.accept(this, "its first line is an ack, not subscribe");
    } else if (walOffset > sent) {
      refusal.accept(this, "it acked " + walOffset + " but was sent nothing above " + sent);
    } else if (walOffset < acked) {
      refusal.accept(this, "it acked " + walOffset + " after " + acked);
    } else if (walOffset > acked) {
      acked = walOffset;
      log.count(this);
    }
  }

  /** It takes more again. */
  void takesMore(long nowMs) {
    writable = true;
    aliveAt = nowMs;
    pump();
  }

  /** A piece of the history went out. */
  void getsOn(long nowMs) {
    aliveAt = nowMs;
  }

  /** Refuses it when it has had something to ack, or to take, for too long. */
  void checkAlive(long nowMs) {
    if (settings.idleTimeoutMs() > 0
        && (acked < sent || stage == FollowerStage.HISTORY)
        && nowMs - aliveAt >= settings.idleTimeoutMs()) {
      refusal.accept(this, Refusals.silent(sent, acked, settings.idleTimeoutMs()));
    }
  }

  /** Nothing more is sent to it. */
  void close() {
    become(FollowerStage.CLOSED);
  }

  // what it gets next

  /** Its place in the log is known: what does it get first? */
  void place(long logEnd) {
    target = logEnd;
    if (subscribed > 0 && settings.historyKept() && !log.history().isOpen()) {
      // it may be known from the history that there was another log
      log.history().awaitOpening(this);
    } else if (subscribed > logEnd) {
      refusal.accept(this, Refusals.ahead(subscribed, logEnd));
    } else if (log.trust().isDoubtful(subscribed)) {
      refusal.accept(this, Refusals.doubtful(subscribed, log.trust().doubtfulUpTo()));
    } else {
      begin();
    }
  }

  private void begin() {
    become(FollowerStage.REPLAY);
    orders.say(
        Level.INFO,
        settings.name()
            + ": "
            + this
            + " subscribed with "
            + subscribed
            + ", the log is at "
            + target);
    if (settings.snapshotMode() == SnapshotMode.INITIAL
        && subscribed == 0
        && settings.historyKept()) {
      wantHistory();
    } else if (next < log.begin() && !log.memory().tailHas(next)) {
      // what is still in memory of it would not lead on to what the topic has
      gone();
    } else {
      pump();
    }
    if (stage != FollowerStage.CLOSED) {
      log.count(this);
    }
  }

  /** Sends whatever it lacks and takes now, or arranges for it. */
  void pump() {
    while (streams() && writable && !reading) {
      if (!caughtUp && next >= target) {
        caughtUp = true;
        writable = orders.caughtUp(id, sent);
        continue;
      }
      LogBlock block = log.memory().find(next);
      if (block != null) {
        if (!send(block)) {
          return;
        }
      } else if (log.isAtEnd(next)) {
        become(FollowerStage.TAIL);
        log.awaitTail(this);
        return;
      } else if (next < log.begin()) {
        gone();
        return;
      } else {
        become(FollowerStage.REPLAY);
        reading = true;
        log.reads().want(this, next);
        return;
      }
    }
    if (streams() && !writable) {
      become(FollowerStage.REPLAY);
    }
  }

  private boolean streams() {
    return stage == FollowerStage.REPLAY || stage == FollowerStage.TAIL;
  }

  /**
   * Sends what of a block may be sent.
   *
   * @return false when it waits until more is released
   */
  private boolean send(LogBlock whole) {
    int index = whole.indexFrom(next);
    LogBlock block = whole;
    long released = log.released();
    if (index < whole.count() && whole.offset(whole.count() - 1) >= released) {
      if (whole.offset(index) >= released) {
        become(FollowerStage.TAIL);
        log.awaitRelease(this);
        return false;
      }
      block = whole.before(released);
    }
    next = block.to();
    if (index < block.count()) {
      if (acked == sent) {
        aliveAt = log.now();
      }
      sent = block.offset(block.count() - 1) + 1;
      log.trust().reached(sent); // a read may have brought what the tail has not seen yet
      writable = orders.send(id, block, index);
    }
    log.count(this);
    return true;
  }

  /** What was read for it is there, or is known not to come. */
  void hasBeenRead() {
    reading = false;
  }

  /** The topic no longer has what it needs next. */
  void gone() {
    if (settings.snapshotMode() == SnapshotMode.NEVER || !settings.historyKept()) {
      refusal.accept(this, Refusals.lostForGood(next, log.begin(), settings.historyKept()));
    } else if (sent != subscribed || caughtUp) {
      refusal.accept(
          this,
          Refusals.lost(next, log.begin())
              + " while it was being served; it gets them from the history when it"
              + " connects again");
    } else {
      wantHistory();
    }
  }

  // the history

  /** It has been sent nothing yet; is the history for it, and is it its turn? */
  private void wantHistory() {
    HistoryTurns history = log.history();
    if (!history.isOpen()) {
      become(FollowerStage.HISTORY_DUE);
      history.awaitOpening(this);
      return;
    }
    long begin = log.begin();
    long end = Math.max(target, log.memory().tailTo());
    if (history.helps(next, begin, end)) {
      queueForHistory();
    } else if (next >= begin) {
      pump();
    } else if (settings.gapPolicy() == GapPolicy.CONTINUE
        && subscribed == 0
        && history.leadsOn(begin, end)) {
      takeWhatThereIs();
    } else {
      refusal.accept(this, Refusals.lost(next, begin) + "; " + history.whyNot(next, end));
    }
  }

  private void queueForHistory() {
    become(FollowerStage.HISTORY_DUE);
    log.history().queue(this);
  }

  /** It is new, and gets the rest of a history that has lost something. */
  private void takeWhatThereIs() {
    HistoryCoverage coverage = log.history().coverage();
    if (!acrossHoles) {
      log.history().servedIncompletely();
      orders.say(
          Level.WARN,
          settings.name()
              + ": "
              + this
              + " is new and is served without "
              + coverage.lackedInWords(0)
              + ", which are gone for good (history.gap.policy=continue)");
    }
    if (coverage.isEmpty() && !acrossHoles) {
      next = Math.max(log.begin(), coverage.upTo());
      pump();
    } else {
      acrossHoles = true;
      queueForHistory();
    }
  }

  /** It is known, or has changed, what the history holds: what does that mean for it? */
  void reconsiderHistory() {
    if (stage == FollowerStage.BOUNDS) {
      place(target);
    } else {
      become(FollowerStage.REPLAY);
      wantHistory();
    }
  }

  /** Its turn has come. */
  void takeHistory(long nowMs) {
    become(FollowerStage.HISTORY);
    aliveAt = nowMs;
    log.trust().reached(log.history().coverage().upTo());
    orders.sendHistory(id, subscribed, acrossHoles);
  }

  /** It was sent the history, which ends with this WAL offset. */
  void historySent(long endOffset, long nowMs) {
    become(FollowerStage.REPLAY);
    next = endOffset;
    sent = endOffset;
    log.trust().reached(sent);
    aliveAt = nowMs;
    log.history().done(this);
    log.count(this);
    pump();
  }

  @Override
  public String toString() {
    return "follower " + peer;
  }
}
