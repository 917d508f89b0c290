package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.source.decision.epoch.LinkPhase.Connecting;
import io.github.allsourceconnect.source.decision.epoch.LinkPhase.Live;
import io.github.allsourceconnect.source.decision.epoch.LinkPhase.Resting;
import io.github.allsourceconnect.source.decision.epoch.LinkPhase.Waiting;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.phase.Current;
import java.util.random.RandomGenerator;

/**
 * The life of the live connection: which address, which {@code last_offset}, when again.
 *
 * <p>{@code subscribe n} makes the leader hold back all entries up to n, also when its numbering
 * has started anew and n means nothing any more. So when {@code caught_up} is below what is known
 * of the numbering, the subscription is repeated with 0: while the leader's sequence is 0, that
 * goes live at once and even brings entry 1. If it brings a snapshot instead, the live stream is
 * had with {@code subscribe 1}; the snapshot that a newer leader may insist on even then is drained
 * unread.
 *
 * <p>Invariant: each connection has an epoch of its own, made here and nowhere else; at most one is
 * open. What is reported of one that is not open never gets here. Not thread-safe.
 */
public class LiveLink {
  /** A connection that lived so long was a success. */
  private static final long PROVEN_MS = 10_000;

  private final FollowerSettings settings;
  private final FollowerOrders orders;
  private final RandomGenerator jitter;
  private final Current<LinkPhase> phase = new Current<>("a live connection", new Waiting(0));

  /** Of the connection that is open, or was last. */
  private Epoch epoch = Epoch.NONE;

  private long subscribed;

  /** How far the leader must have come if its numbering is the known one. */
  private long known;

  private long liveSince;
  private Epoch lastLive = Epoch.NONE;

  /** Where that one said that it stood. */
  private long lastLiveAt;

  private boolean replays;
  private boolean holesNormal;

  /** Who is asked next. */
  private int address;

  private int failures;
  private int requests;

  /** Whose {@code caught_up} was too low for the numbering that is known. */
  private boolean answeredLow;

  private String established;

  /**
   * @param numberedBy the address of the leader whose numbering is known, empty for none: it is the
   *     first to be tried
   */
  public LiveLink(
      FollowerSettings settings, FollowerOrders orders, String numberedBy, RandomGenerator jitter) {
    this.settings = settings;
    this.orders = orders;
    this.jitter = jitter;
    address = Math.max(0, settings.leaders().indexOf(numberedBy));
    established = numberedBy.isEmpty() ? settings.leaders().get(0) : numberedBy;
  }

  // ---- what there is

  public boolean isLive() {
    return phase.get() instanceof Live;
  }

  public boolean isOpen() {
    return phase.get() instanceof Connecting || isLive();
  }

  /** Whether the open connection is that one. */
  public boolean isOpen(Epoch of) {
    return isOpen() && epoch.equals(of);
  }

  /** Of the connection that is open, or was last; {@link Epoch#NONE} before the first. */
  public Epoch epoch() {
    return epoch;
  }

  /**
   * Whether the leader of that connection is the one that is followed: only that one can be asked
   * for what is missing of its numbering.
   */
  public boolean isLeaderOf(Epoch of) {
    return of.leader() < 0 || isSameLeader(address, of.leader());
  }

  /** Whether the two connections are to the same leader. */
  public boolean isSameLeader(Epoch one, Epoch other) {
    return one.leader() < 0 || other.leader() < 0 || isSameLeader(one.leader(), other.leader());
  }

  /** The same store may be listed twice. */
  private boolean isSameLeader(int one, int other) {
    return settings.leaders().get(one).equals(settings.leaders().get(other));
  }

  /** What the connection was subscribed with. */
  public long subscribed() {
    return subscribed;
  }

  /** Whether this leader sends what its log holds, and not only what is written from now on. */
  public boolean replays() {
    return replays;
  }

  /** Whether offsets that this connection's leader leaves out hold nothing. */
  public boolean holesNormal() {
    return holesNormal || replays;
  }

  public long liveSince() {
    return liveSince;
  }

  /** Where the connection said that it stands, at its beginning. */
  public long caughtUpAt() {
    return caughtUpAt(epoch);
  }

  /** The same of an earlier connection; 0 if another has been live since. */
  public long caughtUpAt(Epoch of) {
    return of.equals(lastLive) ? lastLiveAt : 0;
  }

  /** When {@link #tick} is due; {@link Long#MAX_VALUE} for never. */
  public long wakeAt() {
    return phase.get() instanceof Waiting waiting ? waiting.untilMs() : Long.MAX_VALUE;
  }

  /** A request to the leader of that epoch. */
  public Request newRequest(Epoch of) {
    return new Request(of, ++requests);
  }

  // ---- connecting

  /**
   * Time passes.
   *
   * @param lastOffset what to subscribe with; the leader takes it for an ack
   * @param reached how far the stream has come
   * @param numbering the numbering that these offsets are of
   */
  public void tick(long now, long lastOffset, long reached, int numbering) {
    if (phase.get() instanceof Waiting waiting && now >= waiting.untilMs()) {
      connect(lastOffset, reached, numbering, false);
    }
  }

  private void connect(long lastOffset, long reached, int numbering, boolean pastSnapshot) {
    phase.to(new Connecting(pastSnapshot));
    epoch = new Epoch(address, epoch.connection() + 1, numbering);
    subscribed = lastOffset;
    known = reached;
    replays = false;
    holesNormal = false;
    orders.connectLive(epoch, lastOffset);
  }

  private void reconnect(long lastOffset, boolean pastSnapshot, String why) {
    orders.closeLive(epoch, why);
    phase.to(new Waiting(0));
    connect(lastOffset, lastOffset, epoch.numbering(), pastSnapshot);
  }

  public void caughtUp(long currentOffset, long now) {
    if (!(phase.get() instanceof Connecting connecting)) {
      return;
    }
    if (currentOffset < known && !connecting.pastSnapshot() && !replays) {
      answeredLow = true;
      reconnect(
          0,
          false,
          "its numbering may have begun anew: it would hold back entries up to " + subscribed);
      return;
    }
    lastLive = epoch;
    lastLiveAt = currentOffset;
    live(now);
  }

  public void snapshotStart() {
    if (phase.get() instanceof Connecting && subscribed == 0) {
      reconnect(1, true, "a snapshot on the live connection would delay the live stream");
    }
  }

  /** The leader says that it is one that replays, though this connection began otherwise. */
  public void saysItReplays() {
    holesNormal = true;
  }

  /** The leader replays its log on this connection. */
  public void replays(long now) {
    replays = true;
    if (phase.get() instanceof Connecting) {
      live(now);
    }
  }

  /** A snapshot request showed that this leader replays. */
  public void foundToReplay() {
    replays = true;
  }

  private void live(long now) {
    phase.to(new Live());
    liveSince = now;
  }

  /** An entry came over a connection: it works, if it is not another one by now. */
  public void proven(Epoch of) {
    if (of.equals(epoch)) {
      failures = 0;
    }
  }

  // ---- its end

  /** It could not be made, or was closed by the other side. */
  public void closed(long now) {
    if (isLive() && now - liveSince >= PROVEN_MS) {
      failures = 0;
    }
    if (!isLive() || failures > 0) {
      address = (address + 1) % settings.leaders().size();
    }
    int round = Math.min(30, failures / settings.leaders().size());
    failures++;
    long delay = Math.min(settings.backoffMaxMs(), settings.backoffMs() << Math.min(round, 20));
    phase.to(new Waiting(now + (long) (delay * (0.75 + 0.5 * jitter.nextDouble()))));
  }

  /** The connection seems dead; another is made. */
  public void giveUp(String why, long now) {
    if (isOpen()) {
      orders.closeLive(epoch, why);
      closed(now);
    }
  }

  /** The connection is closed, and the next one is made when {@link #resume} says so. */
  public void rest(String why) {
    if (isOpen()) {
      orders.closeLive(epoch, why);
    }
    phase.to(new Resting());
  }

  /** The next connection is due then; there is none, for it rests. */
  public void resume(long at) {
    phase.to(new Waiting(at));
  }

  // ---- whose numbering

  /**
   * Whether there is a sign that the leader numbers anew: a low {@code caught_up}, another address.
   */
  public boolean numbersDoubtful() {
    return numbersDoubtful(epoch);
  }

  /** The same of an earlier connection: another may be tried since. */
  public boolean numbersDoubtful(Epoch of) {
    return answeredLow || isAnotherLeader(of);
  }

  /** Whether the numbering that is known is of another leader than that connection's. */
  public boolean isAnotherLeader(Epoch of) {
    return of.leader() < 0 || !established.equals(settings.leaders().get(of.leader()));
  }

  /** The numbering of that connection has been established; another may have been made since. */
  public void numbersEstablished(Epoch of) {
    if (of.leader() >= 0) {
      established = settings.leaders().get(of.leader());
    }
    answeredLow &= !epoch.equals(of);
  }

  /** The address of the leader whose numbering is known. */
  public String established() {
    return established;
  }

  @Override
  public String toString() {
    return epoch + " " + phase + ", subscribed " + subscribed;
  }
}
