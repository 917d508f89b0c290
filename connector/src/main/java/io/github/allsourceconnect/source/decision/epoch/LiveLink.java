package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/**
 * The life of the live connection: which address, which {@code last_offset}, when again.
 *
 * <p>{@code subscribe n} makes the leader hold back all entries up to n, also when its numbering
 * has started anew and n means nothing any more. So when {@code caught_up} is below n, the
 * subscription is repeated with 0: while the leader's sequence is 0, that goes live at once and
 * even brings entry 1. If it brings a snapshot instead, the live stream is had with {@code
 * subscribe 1}; the snapshot that a newer leader may insist on even then is drained unread. Not
 * thread-safe.
 */
public class LiveLink {
  private enum State {
    WAITING,
    CONNECTING,
    LIVE
  }

  /** A connection that lived so long was a success. */
  private static final long PROVEN_MS = 10_000;

  private static final int LIVED_MAX = 100;

  private final FollowerSettings settings;
  private final FollowerOrders orders;
  private final RandomGenerator jitter;

  private State state = State.WAITING;
  private int generation;
  private int address;
  private long subscribed;
  private int failures;
  private long attemptAt;
  private long liveSince;
  private long caughtUpAt;
  private boolean replays;
  private boolean holesNormal;

  /** It has answered 0 with a snapshot, so it is asked with 1. */
  private boolean pastSnapshot;

  private boolean answeredLow;
  private String established;

  /** The address of the current connection; the next one's may be another already. */
  private String leader = "";

  /** With whom the connections were that went live and whose numbering may yet be established. */
  private final TreeMap<Integer, String> lived = new TreeMap<>();

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

  public boolean isLive() {
    return state == State.LIVE;
  }

  public boolean isOpen(int ofGeneration) {
    return state != State.WAITING && generation == ofGeneration;
  }

  public int generation() {
    return generation;
  }

  public int address() {
    return address;
  }

  /**
   * Whether what is asked of {@link #address()} now is asked of the leader of that connection: only
   * that one can be asked for what is missing of its numbering.
   */
  public boolean isLeaderOf(int ofGeneration) {
    return ofGeneration == 0 || settings.leaders().get(address).equals(lived.get(ofGeneration));
  }

  public long subscribed() {
    return subscribed;
  }

  /** Whether this leader sends what its log holds, and not only what is written from now on. */
  public boolean replays() {
    return replays;
  }

  public long liveSince() {
    return liveSince;
  }

  /** Where the connection said that it stands, at its beginning. */
  public long caughtUpAt() {
    return caughtUpAt;
  }

  public long wakeAt() {
    return state == State.WAITING ? attemptAt : Long.MAX_VALUE;
  }

  public void tick(long now, long walOffset) {
    if (state == State.WAITING && now >= attemptAt) {
      connect(walOffset);
    }
  }

  private void to(State next) {
    boolean legal =
        switch (next) {
          case WAITING -> true;
          case CONNECTING -> state == State.WAITING;
          case LIVE -> state == State.CONNECTING;
        };
    if (!legal) {
      throw new IllegalStateException("a live connection can't go from " + state + " to " + next);
    }
    state = next;
  }

  private void connect(long lastOffset) {
    generation++;
    leader = settings.leaders().get(address);
    subscribed = lastOffset;
    replays = false;
    holesNormal = false;
    pastSnapshot = false;
    caughtUpAt = 0;
    to(State.CONNECTING);
    orders.connectLive(generation, address, lastOffset);
  }

  private void reconnect(long lastOffset, String why) {
    orders.closeLive(generation, why);
    to(State.WAITING);
    connect(lastOffset);
  }

  public void caughtUp(int of, long currentOffset, long now) {
    if (of != generation || state != State.CONNECTING) {
      return;
    }
    if (currentOffset < subscribed && !pastSnapshot && !replays) {
      answeredLow = true;
      reconnect(0, "it may number anew and would hold back entries up to " + subscribed);
      return;
    }
    caughtUpAt = currentOffset;
    live(now);
  }

  public void snapshotStart(int of) {
    if (of == generation && state == State.CONNECTING && subscribed == 0) {
      reconnect(1, "a snapshot on the live connection would delay the live stream");
      pastSnapshot = true;
    }
  }

  /** The leader says that it is one that replays, though this connection began otherwise. */
  public void saysItReplays(int of) {
    if (of == generation) {
      holesNormal = true;
    }
  }

  /** Whether offsets that this connection's leader leaves out hold nothing. */
  public boolean holesNormal() {
    return holesNormal || replays;
  }

  /**
   * The connection is closed, and the next one is made when {@link #resume} says so.
   *
   * @return whether it was this one
   */
  public boolean rest(int of, String why) {
    if (of != generation || state == State.WAITING) {
      return false;
    }
    orders.closeLive(generation, why);
    to(State.WAITING);
    attemptAt = Long.MAX_VALUE;
    return true;
  }

  /** The next connection is due. */
  public void resume(long at) {
    attemptAt = at;
  }

  public void replays(int of, long now) {
    if (of == generation && state != State.WAITING) {
      replays = true;
      if (state == State.CONNECTING) {
        live(now);
      }
    }
  }

  /**
   * Whether there is a sign that the leader numbers anew: a low {@code caught_up}, another address.
   */
  public boolean numbersDoubtful() {
    return answeredLow || isAnotherLeader();
  }

  /** Whether the numbering that is known is of the leader at another address. */
  public boolean isAnotherLeader() {
    return !established.equals(leader);
  }

  /** The numbering of this connection has been established; another may have been made since. */
  public void numbersEstablished(int of) {
    established = lived.getOrDefault(of, established);
    lived.headMap(of).clear();
    answeredLow &= of != generation;
  }

  /** The address of the leader whose numbering is known. */
  public String established() {
    return established;
  }

  /** A snapshot request showed that this leader replays. */
  public void foundToReplay() {
    replays = true;
  }

  private void live(long now) {
    to(State.LIVE);
    lived.put(generation, leader);
    if (lived.size() > LIVED_MAX) {
      lived.pollFirstEntry();
    }
    liveSince = now;
  }

  /** An entry came over a connection: it works, if it is not another one by now. */
  public void proven(int of) {
    if (of == generation) {
      failures = 0;
    }
  }

  public void closed(int of, long now) {
    if (of != generation || state == State.WAITING) {
      return;
    }
    if (state == State.LIVE && now - liveSince >= PROVEN_MS) {
      failures = 0;
    }
    if (state != State.LIVE || failures > 0) {
      address = (address + 1) % settings.leaders().size();
    }
    int round = Math.min(30, failures / settings.leaders().size());
    failures++;
    long delay = Math.min(settings.backoffMaxMs(), settings.backoffMs() << Math.min(round, 20));
    attemptAt = now + (long) (delay * (0.75 + 0.5 * jitter.nextDouble()));
    to(State.WAITING);
  }

  /** The connection seems dead; another is made. */
  public void giveUp(String why, long now) {
    if (state != State.WAITING) {
      orders.closeLive(generation, why);
      closed(generation, now);
    }
  }

  /** No more connections. */
  public void stop(String why) {
    if (state != State.WAITING) {
      orders.closeLive(generation, why);
    }
    to(State.WAITING);
    attemptAt = Long.MAX_VALUE;
  }

  @Override
  public String toString() {
    return "live connection " + generation + " " + state + ", subscribed " + subscribed;
  }
}
