package io.github.allsourceconnect.simulation.sink;

import java.util.ArrayDeque;

/**
 * A follower with the real one's habits: subscribes with what it has, acks what it got, comes back
 * after a while, starts from nothing after a restart (its store emptied). Some are slow; some lie.
 */
final class FollowerModel {
  private static final int PIPE = 8;

  private final SinkSimulation simulation;
  private final int number;
  private final ArrayDeque<Runnable> pipe = new ArrayDeque<>();
  private WorkerModel worker;
  private int connection;
  private boolean subscribed;
  private boolean lied;
  private boolean caughtUp;
  private boolean refused;
  private boolean full;
  private long has;
  private long acked;
  private long endWhenSubscribed;

  FollowerModel(SinkSimulation simulation, int number) {
    this.simulation = simulation;
    this.number = number;
  }

  long has() {
    return has;
  }

  boolean subscribed() {
    return subscribed;
  }

  boolean hasAcked(long walOffset) {
    return !simulation.topic.misses(acked, walOffset);
  }

  void step() {
    if (worker != null && subscribed && !lied && simulation.random.nextInt(60) == 0) {
      lie();
    } else if (simulation.random.nextInt(40) == 0) {
      simulation.happened(SinkSimulation.Trouble.STALL);
    } else {
      progress();
    }
  }

  /** Goes on honestly. */
  void progress() {
    if (worker == null) {
      connect();
      return;
    }
    for (int i = simulation.random.nextInt(6); i >= 0 && !pipe.isEmpty(); i--) {
      pipe.poll().run();
    }
    if (worker == null || lied) {
      return;
    }
    if (has > acked && simulation.random.nextBoolean()) {
      acked = has;
      worker.leader().onAck(connection, acked);
    }
    if (worker != null && full && pipe.size() < PIPE) {
      full = false;
      worker.leader().onWritable(connection);
    }
  }

  private void connect() {
    if (refused && simulation.random.nextInt(3) == 0) {
      // an operator clears it and starts it behind what is lost
      simulation.note(this + " is set up anew");
      refused = false;
      has = Math.max(simulation.topic.begin(), 0);
    }
    worker = simulation.leader();
    connection = simulation.nextConnection();
    pipe.clear();
    lied = false;
    full = false;
    caughtUp = false;
    subscribed = false;
    worker.connect(connection, this);
    if (worker == null) {
      return;
    }
    acked = has;
    subscribed = true;
    if (simulation.random.nextInt(30) == 0) {
      simulation.happened(SinkSimulation.Trouble.LIE);
      lied = true;
      worker.leader().onSubscribe(connection, simulation.topic.end() + 500_000);
      return;
    }
    endWhenSubscribed = simulation.topic.end();
    worker.leader().onSubscribe(connection, has);
  }

  private void lie() {
    simulation.happened(SinkSimulation.Trouble.LIE);
    lied = true;
    long claim = simulation.random.nextBoolean() ? simulation.topic.end() + 50 : acked - 1;
    WorkerModel before = worker;
    before.leader().onAck(connection, claim);
    if (worker != null) {
      simulation.violation(this + " acked " + claim + " after " + acked + " and was not closed");
    }
  }

  void arriving(long walOffset) {
    pipe.add(() -> entry(walOffset));
  }

  void arrivingEnd(long walOffset) {
    pipe.add(
        () -> {
          if (simulation.topic.misses(has, walOffset)) {
            simulation.violation(this + " misses entries of the snapshot up to " + walOffset);
          }
          has = Math.max(has, walOffset);
        });
  }

  void arrivingCaughtUp(long walOffset) {
    long end = endWhenSubscribed;
    pipe.add(
        () -> {
          if (simulation.topic.misses(has, end)) {
            simulation.violation(this + " was told caught_up though it lacks entries up to " + end);
          }
          if (walOffset != has) {
            simulation.violation(this + " has " + has + " but caught_up says " + walOffset);
          }
          caughtUp = true;
        });
  }

  private void entry(long walOffset) {
    simulation.received();
    if (lied) {
      simulation.violation(this + " lied and was served " + walOffset);
    } else if (walOffset <= has) {
      simulation.violation(this + " has " + has + " and was sent " + walOffset);
    } else if (simulation.topic.misses(has, walOffset - 1)) {
      simulation.violation(
          this + " has " + has + ", was sent " + walOffset + ", misses some between");
    } else if (!simulation.topic.isEntry(walOffset)) {
      simulation.violation(this + " was sent " + walOffset + ", which is no committed entry");
    }
    has = walOffset;
  }

  boolean takesMore() {
    full = pipe.size() >= PIPE;
    return !full;
  }

  void cut() {
    if (worker != null) {
      WorkerModel before = worker;
      lostConnection();
      before.disconnected(connection);
    }
  }

  /** What was on its way is lost. */
  void lostConnection() {
    worker = null;
    pipe.clear();
    subscribed = false;
  }

  void closedByLeader() {
    lostConnection();
    refused = true;
  }

  /** The log was cut: whoever has more starts from the beginning of another life. */
  void truncated(long end) {
    pipe.clear();
    if (worker != null) {
      cut();
    }
    if (has > end) {
      has = simulation.topic.begin();
    }
  }

  boolean settled() {
    return worker != null
        && !lied
        && caughtUp
        && pipe.isEmpty()
        && acked == has
        && !simulation.topic.misses(has, simulation.topic.end());
  }

  @Override
  public String toString() {
    return "F" + number;
  }
}
