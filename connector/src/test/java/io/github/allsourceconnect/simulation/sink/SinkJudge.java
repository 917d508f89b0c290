package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.LeaderFigures;
import io.github.allsourceconnect.sink.decision.PartitionSettings.SnapshotMode;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Judges a task of the sink while it goes on: how long a follower waits for what it could have,
 * whether an honest one is closed, whether a snapshot is sent that nobody needs, and whether the
 * figures are what the model has counted.
 */
final class SinkJudge {
  /** Questions to Kafka that fail some times, reads that do, and turns for the history. */
  private static final long PATIENCE_MS = 10_000;

  private final SinkWorld world;
  private final String task;
  private final Map<Connection, Long> waitsSince = new HashMap<>();
  private final Set<Integer> snapshots = new HashSet<>();
  private boolean closesAll;
  private long refused;

  SinkJudge(SinkWorld world, String task) {
    this.world = world;
    this.task = task;
  }

  /** From here to the end of the step everybody is closed, for a reason of its own. */
  void closesAll(boolean now) {
    closesAll = now;
  }

  /** A follower is closed by order. */
  void closes(int id, Connection connection) {
    boolean onSnapshot = snapshots.remove(id);
    if (closesAll) {
      return;
    }
    refused++;
    boolean honest =
        !onSnapshot
            && connection != null
            && connection.isHonest()
            && world.topic.cuts() == 0
            && connection.acked() >= world.topic.begin();
    if (honest) {
      world.violation("%s: an honest follower with %d is closed", task, connection.acked());
    }
  }

  /** A follower went, or its connection ended. */
  void left(int id) {
    snapshots.remove(id);
  }

  /** A snapshot is ordered, perhaps by a task that can't know yet that the log is another one. */
  void sendsSnapshot(int id, long after, boolean knowsTheLog) {
    snapshots.add(id);
    SnapshotMode mode = world.settings.snapshotMode();
    boolean initial = mode == SnapshotMode.INITIAL && after == 0;
    boolean needless = knowsTheLog && !initial && after >= world.topic.begin();
    if (mode == SnapshotMode.NEVER || needless) {
      world.violation("%s: follower %d is sent a snapshot above %d for nothing", task, id, after);
    }
  }

  /** It was sent, or could not be. */
  void snapshotEnds(int id) {
    snapshots.remove(id);
  }

  /** Whether each follower has got lately what is there for it. */
  void checkWaiting(Map<Integer, Connection> connections, long handed, boolean allIsWell) {
    waitsSince.keySet().retainAll(connections.values());
    connections.forEach(
        (id, connection) -> {
          if (!allIsWell || !couldBeServed(connection, handed)) {
            waitsSince.put(connection, world.now());
          } else if (world.now() - waitsSince.computeIfAbsent(connection, any -> world.now())
              > PATIENCE_MS) {
            world.violation(
                "%s: follower %d has %d and waits since %d ms for what is there",
                task, id, connection.carriedUpTo(), world.now() - waitsSince.get(connection));
            waitsSince.put(connection, world.now());
          }
        });
  }

  private boolean couldBeServed(Connection connection, long handed) {
    if (connection.acked() < 0 || connection.isBusy()) {
      return false;
    }
    long has = connection.carriedUpTo();
    long next = world.topic.nextEntry(Math.max(has, world.topic.begin()));
    if (next < 0 || next > handed) {
      return false;
    }
    return has >= world.topic.begin() || world.topic.history().coverage().upTo() <= handed;
  }

  /** Whether the figures say what the model has counted. */
  void check(LeaderFigures figures, Map<Integer, Connection> connections) {
    int subscribed = 0;
    for (Connection connection : connections.values()) {
      subscribed += connection.acked() >= 0 ? 1 : 0;
    }
    agrees("followers", figures.followers(), subscribed);
    agrees("newcomers", figures.newcomers(), connections.size() - subscribed);
    agrees("refused", figures.refused(), refused);
    agrees("snapshots under way", figures.snapshots(), snapshots.size());
    int notYet = 0;
    for (Connection connection : connections.values()) {
      notYet += connection.acked() >= 0 && !connection.isToldCaughtUp() ? 1 : 0;
    }
    if (figures.catchingUp() < notYet) {
      agrees("followers catching up", figures.catchingUp(), notYet);
    }
  }

  private void agrees(String what, long told, long counted) {
    if (told != counted) {
      world.violation("%s: %s: %d by the figures, %d are", task, what, told, counted);
    }
  }
}
