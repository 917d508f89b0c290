package io.github.allsourceconnect.sink.decision;

import io.github.allsourceconnect.sink.decision.LeaderOrders.Level;
import java.util.List;

/**
 * All decisions of the sink for one partition: who may follow, what each follower gets next, where
 * history, topic and tail meet, when a follower has caught up, what may be committed.
 * Single-threaded; knows no socket, file, clock, thread or Kafka. Time is what the last {@link
 * #tick} said.
 *
 * <p>This class takes the inputs. {@link ServedLog} is the log, {@link Followers} who is connected,
 * and each {@link ServedFollower} decides what it gets of the log.
 *
 * <p>Invariant: what a follower is sent after subscribing with WAL offset n is every entry of the
 * log above n, once, in order, and nothing else. It depends on n and the log alone, never on what
 * another follower, another task or an earlier connection did.
 */
public class LeaderLog {
  private final String name;
  private final LeaderOrders orders;
  private final ServedLog served;
  private final LogTrust trust;
  private final BoundsRequests bounds;
  private final Followers followers;

  public LeaderLog(PartitionSettings settings, LeaderOrders orders, long nowMs) {
    this.name = settings.name();
    this.orders = orders;
    this.served = new ServedLog(settings, orders, nowMs);
    this.trust = served.trust();
    this.bounds = new BoundsRequests(orders, nowMs);
    this.followers = new Followers(served, bounds, nowMs);
  }

  // time

  /** Time passes; to be called several times a second, and before other inputs if it can be. */
  public void tick(long nowMs) {
    bounds.tick(nowMs);
    served.tick(nowMs);
    followers.tick(nowMs);
  }

  /**
   * So much of the log may be in memory from now on; never more than the settings say.
   *
   * @param tailBytes for the tail
   * @param olderBytes for older blocks
   */
  public void onRoom(long tailBytes, long olderBytes) {
    served.room(tailBytes, olderBytes);
  }

  // followers

  /**
   * Somebody connected.
   *
   * @param follower a number that was not used before
   * @param peer its address, for messages
   */
  public void onConnected(int follower, String peer) {
    followers.connected(follower, peer);
  }

  /** One that has not subscribed has answered in the TLS handshake: it is more than a hello. */
  public void onAnswered(int follower) {
    followers.answered(follower);
  }

  /** Somebody connected who may not ({@code listener.allowed.cidrs}) and was closed at once. */
  public void onStranger(String peer) {
    followers.stranger(peer);
  }

  /** The connection ended by itself. */
  public void onClosed(int follower, String why) {
    followers.left(follower, why);
  }

  /** What the follower sent is no message of the protocol, or it may not be here. */
  public void onOffence(int follower, String what) {
    ServedFollower offender = followers.orNewcomer(follower);
    if (offender != null) {
      followers.refuse(offender, what);
    }
  }

  /** The first line. */
  public void onSubscribe(int follower, long lastOffset) {
    followers.subscribes(follower, lastOffset);
  }

  /** The follower says that it has everything up to this WAL offset. */
  public void onAck(int follower, long walOffset) {
    ServedFollower known = followers.orNewcomer(follower);
    if (known != null) {
      known.ack(walOffset, served.now());
    }
  }

  /** The follower takes more again. */
  public void onWritable(int follower) {
    ServedFollower known = followers.get(follower);
    if (known != null) {
      known.takesMore(served.now());
    }
  }

  // the log

  /** What was committed before the task began; told before the first {@link #onBounds}. */
  public void onStored(Stored stored) {
    anotherLog(trust.stored(stored));
    earlierHistory();
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
        followers.closeAll(Level.WARN, "the topic was deleted and created again");
        served.replace();
        bounds.hurry();
      }
      anotherLog(why);
      earlierHistory();
    }
    return trust.serves(log.number());
  }

  /**
   * Says that it is another log.
   *
   * @param why null when it is not
   */
  private void anotherLog(String why) {
    if (why != null) {
      served.holdBack();
      orders.say(
          Level.ERROR,
          name
              + ": another log is served than before: "
              + why
              + ". Connect reads it from its beginning. Followers that have anything up to WAL"
              + " offset "
              + trust.doubtfulUpTo()
              + " are refused until they are reset");
    }
  }

  /**
   * Connect does not know from where it hands over: it is to begin anew with what was committed, or
   * with the log's beginning where that is not known. To be told before the first {@link
   * #onBounds}.
   */
  public void onConnectLost() {
    trust.connectIsLost();
  }

  /**
   * Connect has handed everything over that lies before this Kafka offset; followers may have it.
   *
   * @param epoch how often Connect has begun anew
   */
  public void onHanded(int epoch, long position) {
    if (epoch >= trust.epoch()) {
      served.release(position);
    }
  }

  /** The tail will begin at this Kafka offset. */
  public void onTailStart(SeenLog log, long position) {
    if (onLog(log)) {
      served.tailStart(position, followers.all());
    }
  }

  /** The log of this number went on. */
  public void onTail(int log, LogBlock block) {
    if (trust.serves(log)) {
      served.tail(block);
    }
  }

  /**
   * What the tail was to bring next was deleted before it was read; it goes on where the log
   * begins.
   */
  public void onTailGone(int log, long logBegin) {
    if (trust.serves(log)) {
      served.tailGone(logBegin, followers.all());
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
        name
            + ": the log was cut: it is not the one that was read up to Kafka offset "
            + upTo
            + ", and goes on at "
            + end
            + ". All followers are closed; those that have entries up to there have to be reset");
    followers.closeAll(Level.WARN, "the log was cut");
    served.restart(end);
  }

  /** Which log it is and where it begins and ends, as Kafka offsets; the end is the next one. */
  public void onBounds(SeenLog log, long logBegin, long logEnd) {
    List<ServedFollower> asked = bounds.answered();
    if (onLog(log)) {
      served.bounds(logBegin);
      anotherLog(trust.ends(logEnd));
      for (ServedFollower follower : asked) {
        if (followers.has(follower)) {
          follower.place(logEnd);
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
    served.read(number, blocks);
  }

  /** The log no longer has the Kafka offset that was to be read; it begins later. */
  public void onReadGone(int number, long position, long logBegin) {
    served.readGone(number, position, logBegin);
  }

  /** Nothing could be read there; it is tried again a little later. */
  public void onReadFailed(int number, long position) {
    served.reads().failed(number, position);
  }

  // the history

  /**
   * The history that was found is that of another log than the topic now is, and was set aside. To
   * be told before {@link #onHistory}, until when nobody is let in who has something.
   *
   * @param mayHave followers of that log may have so much of it, as a WAL offset
   */
  public void onEarlierHistory(LogIdentity log, long mayHave) {
    trust.historyOf(log, mayHave);
    earlierHistory();
  }

  private void earlierHistory() {
    String why = trust.compareHistory();
    if (why != null) {
      orders.say(
          Level.ERROR,
          name
              + ": another log is served than before: "
              + why
              + ". Followers that have anything up to WAL offset "
              + trust.doubtfulUpTo()
              + " are refused until they are reset");
    }
  }

  /** What the history of a log holds now. Before the first call it is still being opened. */
  public void onHistory(LogIdentity log, HistoryCoverage coverage) {
    served.history().holds(log, coverage).forEach(ServedFollower::reconsiderHistory);
  }

  /** A piece of the history went out. */
  public void onHistoryProgress(int follower) {
    ServedFollower known = followers.get(follower);
    if (known != null) {
      known.getsOn(served.now());
    }
  }

  /** The history is with the follower, up to this WAL offset. */
  public void onHistorySent(int follower, long endOffset) {
    ServedFollower known = followers.get(follower);
    if (known != null && known.stage() == FollowerStage.HISTORY) {
      known.historySent(endOffset, served.now());
    }
  }

  /** The history could not be read. */
  public void onHistoryFailed(int follower, String why) {
    ServedFollower known = followers.get(follower);
    if (known != null) {
      followers.refuse(known, "its snapshot can't be sent: " + why);
    }
  }

  // what others want to know

  /** The highest WAL offset that may be committed; -1 for nothing. */
  public long committable() {
    return served.committable();
  }

  /** The log that is served; null while none is known. */
  protected SeenLog serving() {
    return trust.log();
  }

  /** The number of the log that is served; 0 while none is known. */
  public int logNumber() {
    return trust.number();
  }

  /** What may be committed, with what belongs to it. */
  public CommitPoint commitPoint() {
    return served.commitPoint(committable());
  }

  /** The figures of this moment. */
  public LeaderFigures figures() {
    HistoryTurns history = served.history();
    return new LeaderFigures(
        followers.all().size(),
        followers.newcomers(),
        (int) followers.all().stream().filter(ServedFollower::isCatchingUp).count(),
        followers.refused(),
        served.begin(),
        served.memory().tailTo(),
        served.memory().bytes(),
        served.commits().lowest(),
        served.commits().highest(),
        served.committable(),
        history.sending(),
        history.coverage().after(),
        history.coverage().upTo(),
        history.coverage().missing(),
        history.incomplete());
  }

  /** Closes everybody: the partition goes, or the task ends. */
  public void closeAll(String why) {
    followers.closeNewcomers();
    followers.closeAll(Level.INFO, why);
  }
}
