package io.github.allsourceconnect.sink.decision;

import io.github.allsourceconnect.sink.decision.FollowerState.Stage;
import io.github.allsourceconnect.sink.decision.LeaderOrders.Level;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All decisions of the sink for one partition: who may follow, what each follower gets next, where
 * snapshot, topic and tail meet, when a follower has caught up, what may be committed.
 * Single-threaded; knows no socket, file, clock, thread or Kafka. Time is what the last {@link
 * #tick} said.
 *
 * <p>This class takes the inputs and knows who is connected; {@link Feeding} decides what each
 * gets.
 *
 * <p>Invariant: what a follower is sent after subscribing with WAL offset n is every entry of the
 * log above n, once, in order, and nothing else. It depends on n and the log alone, never on what
 * another follower, another task or an earlier connection did.
 */
public class LeaderLog {
  private final PartitionSettings settings;
  private final LeaderOrders orders;
  private final CommitTracker commits;
  private final Map<Integer, FollowerState> followers = new LinkedHashMap<>();
  private final BoundsRequests bounds;
  private final LogTrust trust = new LogTrust();
  private final Feeding feeding;
  private final Newcomers newcomers;
  private long now;
  private long refused;

  public LeaderLog(PartitionSettings settings, LeaderOrders orders, long nowMs) {
    this.settings = settings;
    this.orders = orders;
    this.now = nowMs;
    this.commits = new CommitTracker(settings.commitAcks());
    this.bounds = new BoundsRequests(orders, nowMs);
    this.feeding = new Feeding(settings, orders, commits, trust, this::refuse, nowMs);
    this.newcomers = new Newcomers(settings, orders, nowMs);
  }

  // time

  /** Time passes; to be called several times a second, and before other inputs if it can be. */
  public void tick(long nowMs) {
    now = nowMs;
    bounds.tick(now);
    feeding.tick(now);
    newcomers.tick(now).forEach(this::turnAway);
    commits.settle();
    for (FollowerState follower : List.copyOf(followers.values())) {
      if (settings.idleTimeoutMs() > 0
          && (follower.acked < follower.sent || follower.stage == Stage.SNAPSHOT)
          && now - follower.aliveAt >= settings.idleTimeoutMs()) {
        refuse(
            follower,
            "it has entries to ack (up to "
                + follower.sent
                + ", acked "
                + follower.acked
                + ") and said nothing for "
                + settings.idleTimeoutMs()
                + " ms (follower.idle.timeout.ms)");
      }
    }
  }

  // followers

  /**
   * Somebody connected.
   *
   * @param follower a number that was not used before
   * @param peer its address, for messages
   */
  public void onConnected(int follower, String peer) {
    FollowerState oldest = newcomers.add(new FollowerState(follower, peer, now));
    if (oldest != null) {
      turnAway(oldest);
    }
  }

  /** One that has not subscribed is closed; that it was is said once a minute, for all of them. */
  private void turnAway(FollowerState newcomer) {
    refused++;
    newcomers.remove(newcomer.id);
    orders.disconnect(newcomer.id);
  }

  /** Somebody connected who may not ({@code listener.allowed.cidrs}) and was closed at once. */
  public void onStranger(String peer) {
    refused++;
    orders.say(
        Level.WARN,
        settings.name() + ": " + peer + " is closed: its address is not in listener.allowed.cidrs");
  }

  /** The connection ended by itself. */
  public void onClosed(int follower, String why) {
    newcomers.left(follower);
    FollowerState state = followers.get(follower);
    if (state != null) {
      forget(state);
      orders.say(
          Level.INFO,
          settings.name() + ": " + state + " left (" + why + "); it has acked " + state.acked);
    }
  }

  /** What the follower sent is no message of the protocol, or it may not be here. */
  public void onOffence(int follower, String what) {
    FollowerState state = known(follower);
    if (state != null) {
      refuse(state, what);
    }
  }

  /** The first line. */
  public void onSubscribe(int follower, long lastOffset) {
    FollowerState state = newcomers.remove(follower);
    if (state == null) {
      if (followers.containsKey(follower)) {
        refuse(followers.get(follower), "it sent a second subscribe line");
      }
      return;
    }
    if (followers.size() >= settings.followerMax()) {
      refuse(
          state,
          "there are "
              + followers.size()
              + " followers already, the most that follower.max allows");
      return;
    }
    followers.put(follower, state);
    state.stage = Stage.BOUNDS;
    state.subscribed = lastOffset;
    state.next = lastOffset;
    state.sent = lastOffset;
    state.acked = lastOffset;
    bounds.want(state);
  }

  /** The follower says that it has everything up to this WAL offset. */
  public void onAck(int follower, long walOffset) {
    FollowerState state = known(follower);
    if (state == null) {
      return;
    }
    state.aliveAt = now;
    if (state.stage == Stage.SUBSCRIBE) {
      refuse(state, "its first line is an ack, not subscribe");
    } else if (walOffset > state.sent) {
      refuse(state, "it acked " + walOffset + " but was sent nothing above " + state.sent);
    } else if (walOffset < state.acked) {
      refuse(state, "it acked " + walOffset + " after " + state.acked);
    } else if (walOffset > state.acked) {
      state.acked = walOffset;
      feeding.count(state);
    }
  }

  /** The follower takes more again. */
  public void onWritable(int follower) {
    FollowerState state = followers.get(follower);
    if (state != null) {
      state.writable = true;
      state.aliveAt = now;
      feeding.pump(state);
    }
  }

  // the log

  /** What was committed before the task began; told before the first {@link #onBounds}. */
  public void onStored(Stored stored) {
    String why = trust.stored(stored);
    if (why != null) {
      anotherLog(why);
    }
  }

  /**
   * This is the log that the topic's name stands for now. When it is another one than before,
   * everybody is closed: what they have is of a log that is no more.
   *
   * @return whether it is the one that is served; an older one is not
   */
  public boolean onLog(SeenLog log) {
    if (trust.isNewer(log)) {
      boolean first = trust.log() == null;
      String why = trust.serve(log);
      if (!first) {
        closeAll(Level.WARN, "the topic was deleted and created again");
        commits.reset();
        feeding.replace();
        bounds.hurry();
      }
      if (why != null) {
        anotherLog(why);
      }
    }
    return trust.serves(log.number());
  }

  private void anotherLog(String why) {
    feeding.holdBack();
    orders.say(
        Level.ERROR,
        settings.name()
            + ": another log is served than before: "
            + why
            + ". Connect reads it from its beginning. Followers that have anything up to WAL offset "
            + trust.doubtfulUpTo()
            + " are refused until they are reset");
  }

  /**
   * Connect has handed everything over that lies before this Kafka offset; followers may have it.
   *
   * @param epoch how often Connect has begun anew
   */
  public void onHanded(int epoch, long position) {
    if (epoch >= trust.epoch()) {
      feeding.released(position);
    }
  }

  /** The tail will begin at this Kafka offset. */
  public void onTailStart(SeenLog log, long position) {
    if (onLog(log)) {
      feeding.tailStart(position, followers.values());
    }
  }

  /** The log of this number went on. */
  public void onTail(int log, LogBlock block) {
    if (trust.serves(log)) {
      feeding.tail(block);
    }
  }

  /**
   * What the tail was to bring next was deleted before it was read; it goes on where the log
   * begins.
   */
  public void onTailGone(int log, long logBegin) {
    if (trust.serves(log)) {
      feeding.tailGone(logBegin, followers.values());
    }
  }

  /**
   * The log is no longer the one that was read, although it is the same topic: it was cut back (and
   * may have grown again since). Everybody is closed. What followers have may not be what the log
   * now holds under the same offsets, and they can't tell: from now on nobody is served who has
   * something up to where the log had reached.
   *
   * @param end the Kafka offset from which on it is read now
   */
  public void onTruncated(int log, long end) {
    if (!trust.serves(log)) {
      return;
    }
    long upTo = trust.cut(end);
    orders.say(
        Level.ERROR,
        settings.name()
            + ": the log was cut: it is not the one that was read up to Kafka offset "
            + upTo
            + ", and goes on at "
            + end
            + ". All followers are closed; those that have entries up to there have to be reset");
    closeAll(Level.WARN, "the log was cut");
    commits.reset();
    feeding.restart(end);
  }

  /** Which log it is and where it begins and ends, as Kafka offsets; the end is the next one. */
  public void onBounds(SeenLog log, long logBegin, long logEnd) {
    List<FollowerState> asked = bounds.answered();
    if (onLog(log)) {
      feeding.bounds(logBegin);
      String why = trust.ends(logEnd);
      if (why != null) {
        anotherLog(why);
      }
      for (FollowerState follower : asked) {
        if (followers.get(follower.id) == follower) {
          feeding.place(follower, logEnd);
        }
      }
    } else {
      asked.forEach(bounds::want);
    }
    bounds.ask();
  }

  /** Kafka did not say; it is asked again a little later. */
  public void onBoundsFailed() {
    bounds.failed();
  }

  /**
   * What was read for {@link LeaderOrders#read}.
   *
   * @param number the order's number
   * @param blocks the first begins at the order's position, the others follow on it; never empty
   */
  public void onRead(int number, List<LogBlock> blocks) {
    feeding.read(number, blocks);
  }

  /** The log no longer has the Kafka offset that was to be read; it begins later. */
  public void onReadGone(int number, long position, long logBegin) {
    feeding.readGone(number, position, logBegin);
  }

  /** Nothing could be read there; it is tried again a little later. */
  public void onReadFailed(int number, long position) {
    feeding.readFailed(number, position);
  }

  // the kept history

  /** What the history holds now. Before the first call it is still being opened. */
  public void onHistory(HistoryCoverage coverage) {
    feeding.history(coverage);
  }

  /** A piece of the snapshot went out. */
  public void onHistoryProgress(int follower) {
    FollowerState state = followers.get(follower);
    if (state != null) {
      state.aliveAt = now;
    }
  }

  /** The snapshot is with the follower, up to this WAL offset. */
  public void onHistorySent(int follower, long endOffset) {
    FollowerState state = followers.get(follower);
    if (state != null && state.stage == Stage.SNAPSHOT) {
      feeding.snapshotSent(state, endOffset);
    }
  }

  /** The snapshot could not be read. */
  public void onHistoryFailed(int follower, String why) {
    FollowerState state = followers.get(follower);
    if (state != null) {
      refuse(state, "its snapshot can't be sent: " + why);
    }
  }

  // what others want to know

  /** The highest WAL offset that may be committed; -1 for nothing. */
  public long committable() {
    return allowed();
  }

  private long allowed() {
    return Math.min(commits.committable(), trust.reached());
  }

  /** The log that is served; null while none is known. */
  protected SeenLog serving() {
    return trust.log();
  }

  /** The number of the log that is served; 0 while none is known. */
  public int logNumber() {
    return trust.number();
  }

  /** The same with what belongs to it. What was committed before is not taken back. */
  public CommitPoint commitPoint() {
    if (!trust.isPlaced()) {
      return CommitPoint.NONE;
    }
    return new CommitPoint(
        trust.number(),
        trust.epoch(),
        trust.anewFrom() < 0 ? feeding.begin() : trust.anewFrom(),
        Math.max(committable(), trust.committedBefore()),
        new CommitNote(trust.log().identity(), trust.reached(), trust.doubtfulUpTo(), 0));
  }

  /** The figures of this moment. */
  public LeaderFigures figures() {
    int catchingUp = 0;
    for (FollowerState follower : followers.values()) {
      if (follower.stage != Stage.TAIL || !follower.caughtUp) {
        catchingUp++;
      }
    }
    return new LeaderFigures(
        followers.size(),
        newcomers.count(),
        catchingUp,
        refused,
        feeding.begin(),
        feeding.log().tailTo(),
        feeding.log().bytes(),
        commits.lowest(),
        commits.highest(),
        allowed(),
        feeding.history().sending(),
        feeding.history().coverage().after(),
        feeding.history().coverage().upTo(),
        feeding.history().coverage().missing(),
        feeding.incomplete());
  }

  /** Closes everybody: the partition goes, or the task ends. */
  public void closeAll(String why) {
    newcomers.all().forEach(newcomer -> orders.disconnect(newcomer.id));
    closeAll(Level.INFO, why);
  }

  private void closeAll(Level level, String why) {
    for (FollowerState follower : List.copyOf(followers.values())) {
      close(follower, level, why);
    }
  }

  private FollowerState known(int follower) {
    FollowerState newcomer = newcomers.get(follower);
    return newcomer == null ? followers.get(follower) : newcomer;
  }

  // closing

  private void refuse(FollowerState follower, String why) {
    refused++;
    close(follower, Level.WARN, why);
  }

  private void close(FollowerState follower, Level level, String why) {
    forget(follower);
    orders.say(level, settings.name() + ": " + follower + " is closed: " + why);
    orders.disconnect(follower.id);
  }

  private void forget(FollowerState follower) {
    follower.stage = Stage.CLOSED;
    followers.remove(follower.id);
    newcomers.remove(follower.id);
    commits.left(follower.id);
    bounds.forget(follower);
    feeding.forget(follower);
  }
}
