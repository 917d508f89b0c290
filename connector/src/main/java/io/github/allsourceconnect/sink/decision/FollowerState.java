package io.github.allsourceconnect.sink.decision;

/**
 * Where one follower stands. Owned by {@link LeaderLog}. A WAL offset n is the Kafka offset n - 1,
 * so a follower that has everything up to WAL offset n needs the Kafka offset n next.
 */
final class FollowerState {
  /** What a follower is waiting for, or getting. */
  enum Stage {
    /** Connected; its first line has not come. */
    SUBSCRIBE,
    /** Subscribed; Kafka is asked where the log begins and ends. */
    BOUNDS,
    /** It needs the history, which is still being opened, or whose turn has not come. */
    HISTORY,
    /** It is being sent the history. */
    SNAPSHOT,
    /** It is sent entries of the past. */
    REPLAY,
    /** It has everything; it gets what comes. */
    TAIL,
    /** It is closed. */
    CLOSED
  }

  final int id;
  final String peer;
  final long connectedAt;

  Stage stage = Stage.SUBSCRIBE;

  /** The WAL offset that it subscribed with. */
  long subscribed = -1;

  /** The Kafka offset from which on it lacks entries. */
  long next;

  /** Where the log ended when it subscribed: {@code caught_up} is due from there on. */
  long target;

  boolean caughtUp;

  /** Whether it is sent the history although something of it is gone. */
  boolean acrossHoles;

  /** The WAL offset of the last entry sent, or what it had before. */
  long sent;

  /** The WAL offset that it acked last, or what it subscribed with. */
  long acked;

  /** Whether its connection takes more now. */
  boolean writable = true;

  /** The Kafka offset that is being read for it; -1 for none. */
  long reading = -1;

  /** When it last showed that it gets on, while there was something to ack. */
  long aliveAt;

  FollowerState(int id, String peer, long now) {
    this.id = id;
    this.peer = peer;
    this.connectedAt = now;
    this.aliveAt = now;
  }

  /** Whether entries may be sent. */
  boolean streams() {
    return stage == Stage.REPLAY || stage == Stage.TAIL;
  }

  /**
   * Up to where it has everything, as a WAL offset: once it has acked all that was sent, also the
   * offsets behind it that hold no entry.
   */
  long has() {
    return acked >= sent ? Math.max(acked, next) : acked;
  }

  @Override
  public String toString() {
    return "follower " + peer;
  }
}
