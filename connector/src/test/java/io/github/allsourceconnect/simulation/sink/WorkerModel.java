package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.sink.decision.LeaderOrders;
import io.github.allsourceconnect.sink.decision.LeaderSettings;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.history.SnapshotStore.Coverage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A task that serves the partition: the real decisions, with models of readers and connections. */
final class WorkerModel implements LeaderOrders {
  private static final int FOLLOWER_MAX = 10;

  private final SinkSimulation simulation;
  private final LeaderLog leader;
  private final Map<Integer, FollowerModel> connections = new HashMap<>();
  private final List<Runnable> pending = new ArrayList<>();
  private long tailAt = -1;
  private long lastEnd;
  private long committed = -1;
  private boolean zombie;

  WorkerModel(SinkSimulation simulation, boolean zombie) {
    this.simulation = simulation;
    this.zombie = zombie;
    this.leader =
        new LeaderLog(
            new LeaderSettings(
                "t-0",
                FOLLOWER_MAX,
                2_000,
                simulation.random.nextInt(4) == 0 ? 3_000 : 0,
                simulation.mode,
                simulation.historyKept,
                1,
                simulation.commitAcks,
                1 + simulation.random.nextInt(3000),
                1 + simulation.random.nextInt(1000)),
            this,
            simulation.now);
  }

  LeaderLog leader() {
    return leader;
  }

  void becomeZombie() {
    zombie = true;
  }

  void kill() {
    List.copyOf(connections.values()).forEach(FollowerModel::lostConnection);
    connections.clear();
  }

  void tick() {
    leader.tick(simulation.now);
  }

  /** One thing that a reader, or the history's writer, does. */
  void step() {
    TopicModel topic = simulation.topic;
    switch (simulation.random.nextInt(4)) {
      case 0, 1 -> {
        if (tailAt < 0) {
          tailAt = topic.end();
          leader.onTailStart(tailAt);
        } else if (tailAt < topic.begin()) {
          tailAt = topic.begin();
          leader.onTailGone(tailAt);
        } else if (tailAt < topic.end()) {
          LogBlock block =
              topic.block(tailAt, simulation.fault == SinkFault.TAIL_LOSES_ENTRY, false);
          tailAt = block.to();
          leader.onTail(block);
        }
      }
      case 2 -> {
        if (!pending.isEmpty()) {
          pending.remove(simulation.random.nextInt(pending.size())).run();
        }
      }
      default -> {
        if (simulation.historyKept) {
          if (!zombie) {
            topic.keepHistory();
          }
          leader.onHistory(new Coverage(topic.historyAfter(), topic.historyUpTo()));
        }
      }
    }
  }

  void truncated(long end) {
    if (tailAt >= 0) {
      tailAt = Math.min(tailAt, end);
      leader.onTruncated(tailAt);
      committed = -1;
    } else {
      List.copyOf(connections.keySet())
          .forEach(
              c -> {
                connections.remove(c).lostConnection();
                leader.onClosed(c, "truncated");
              });
    }
    lastEnd = Math.min(lastEnd, end);
  }

  void connect(int connection, FollowerModel follower) {
    connections.put(connection, follower);
    leader.onConnected(connection, follower.toString());
  }

  void disconnected(int connection) {
    connections.remove(connection);
    if (simulation.fault != SinkFault.LEFT_STILL_COUNTS) {
      leader.onClosed(connection, "cut");
    }
  }

  void checkCommit() {
    long now = leader.committable();
    if (now > committed) {
      int have = 0;
      int all = 0;
      for (FollowerModel follower : connections.values()) {
        if (follower.subscribed()) {
          all++;
          have += follower.hasAcked(now) ? 1 : 0;
        }
      }
      int wanted = simulation.commitAcks == 0 ? Math.max(1, all) : simulation.commitAcks;
      // with all, a follower that has subscribed but not been placed yet does not count
      if (simulation.commitAcks == 0 ? have == 0 : have < wanted) {
        simulation.violation(
            "committed " + now + " though " + have + " of " + all + " followers have acked it");
      }
    } else if (now < committed) {
      simulation.violation("the commit fell from " + committed + " to " + now);
    }
    committed = now;
  }

  // orders

  @Override
  public boolean send(int connection, LogBlock block, int fromIndex) {
    FollowerModel follower = connections.get(connection);
    if (follower == null) {
      return false;
    }
    int from = fromIndex;
    if (simulation.fault == SinkFault.ENTRY_SKIPPED && fromIndex < block.count() - 1) {
      from++;
    } else if (simulation.fault == SinkFault.ENTRY_REPEATED && fromIndex > 0) {
      from--;
    }
    for (int i = from; i < block.count(); i++) {
      follower.arriving(block.offset(i) + 1);
    }
    if (simulation.fault == SinkFault.SENT_IS_ACKED) {
      long sent = block.offset(block.count() - 1) + 1;
      pending.add(() -> leader.onAck(connection, sent));
    }
    return follower.takesMore();
  }

  @Override
  public boolean caughtUp(int connection, long walOffset) {
    FollowerModel follower = connections.get(connection);
    if (follower == null) {
      return false;
    }
    follower.arrivingCaughtUp(walOffset);
    return follower.takesMore();
  }

  @Override
  public void sendSnapshot(int connection, long after) {
    pending.add(
        () -> {
          FollowerModel follower = connections.get(connection);
          TopicModel topic = simulation.topic;
          if (follower == null) {
            return;
          }
          if (topic.historyAfter() > after || topic.historyUpTo() <= after) {
            leader.onSnapshotFailed(connection, "the history changed");
            return;
          }
          long upTo = topic.historyUpTo();
          long from =
              simulation.fault == SinkFault.SNAPSHOT_OVERLAPS ? Math.max(0, after - 1) : after;
          topic.history(from, upTo).forEach(follower::arriving);
          follower.arrivingEnd(upTo);
          leader.onSnapshotSent(
              connection, simulation.fault == SinkFault.SNAPSHOT_SEAM_TOO_HIGH ? upTo + 1 : upTo);
        });
  }

  @Override
  public void close(int connection) {
    if (simulation.fault == SinkFault.CLOSE_FORGOTTEN) {
      return;
    }
    FollowerModel follower = connections.remove(connection);
    if (follower != null) {
      follower.closedByLeader();
    }
  }

  @Override
  public void queryBounds() {
    pending.add(
        () -> {
          if (simulation.random.nextInt(10) == 0) {
            simulation.happened(SinkSimulation.Trouble.KAFKA_FAILS);
            leader.onBoundsFailed();
            return;
          }
          long begin = simulation.topic.begin();
          long end = simulation.topic.end();
          long said =
              switch (simulation.fault) {
                case END_TOO_LOW -> Math.max(begin, lastEnd);
                case AHEAD_ACCEPTED -> Math.max(end, 1_000_000);
                default -> end;
              };
          lastEnd = end;
          leader.onBounds(begin, said);
        });
  }

  @Override
  public void read(int number, long position) {
    pending.add(
        () -> {
          TopicModel topic = simulation.topic;
          if (simulation.random.nextInt(10) == 0) {
            simulation.happened(SinkSimulation.Trouble.KAFKA_FAILS);
            leader.onReadFailed(number, position);
          } else if (position < topic.begin() && simulation.fault != SinkFault.GONE_PASSED_OVER) {
            leader.onReadGone(number, position, topic.begin());
          } else if (position >= topic.end()) {
            leader.onReadFailed(number, position);
          } else {
            leader.onRead(
                number,
                List.of(
                    topic.block(
                        position,
                        simulation.fault == SinkFault.READ_LOSES_ENTRY,
                        simulation.fault == SinkFault.ABORTED_SERVED)));
          }
        });
  }

  @Override
  public void log(Level level, String message) {
    simulation.note((zombie ? "zombie " : "") + level + " " + message);
  }
}
