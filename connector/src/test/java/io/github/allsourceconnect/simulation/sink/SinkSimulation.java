package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.LeaderSettings.SnapshotMode;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One history of a sink with its topic, followers, workers and trouble, on a virtual clock; one
 * seed decides everything. The sink's decision code runs unchanged; what surrounds it are models.
 * After each step every follower must have each entry once and in order, nothing may be committed
 * beyond the acks, and {@code caught_up} must have been true.
 */
public final class SinkSimulation {
  private static final int STEPS = 1500;
  private static final int TRACE_LINES = 200;

  final SplittableRandom random;
  final SinkFault fault;
  final TopicModel topic;
  final int commitAcks;
  final SnapshotMode mode;
  final boolean historyKept;
  long now;
  private final List<FollowerModel> followers = new ArrayList<>();
  private final List<WorkerModel> workers = new ArrayList<>();
  private final ArrayDeque<String> trace = new ArrayDeque<>();
  private final List<String> violations = new ArrayList<>();
  private final Map<Trouble, Integer> troubles = new EnumMap<>(Trouble.class);
  private int connections;
  private long received;

  /** What can go wrong around the sink. */
  public enum Trouble {
    RETENTION,
    COMPACTION,
    ABORTED_TRANSACTION,
    TRUNCATION,
    WORKER_KILLED,
    ZOMBIE,
    CONNECTION_CUT,
    STALL,
    LIE,
    KAFKA_FAILS
  }

  /**
   * What came of it.
   *
   * @param events how many entries followers received
   * @param troubles how often what happened
   * @param violations empty when all is well
   * @param trace the last steps
   */
  public record Result(
      long seed,
      long events,
      Map<Trouble, Integer> troubles,
      List<String> violations,
      List<String> trace) {}

  private SinkSimulation(long seed, SinkFault fault) {
    this.random = new SplittableRandom(seed);
    this.fault = fault;
    this.topic = new TopicModel(this);
    this.commitAcks = random.nextInt(3);
    this.mode = SnapshotMode.values()[random.nextInt(3)];
    this.historyKept = random.nextInt(3) > 0;
  }

  /** Runs the history of a seed. */
  public static Result run(long seed) {
    return run(seed, SinkFault.NONE);
  }

  /** Runs it with a planted mistake. */
  public static Result run(long seed, SinkFault fault) {
    SinkSimulation simulation = new SinkSimulation(seed, fault);
    simulation.run();
    return new Result(
        seed,
        simulation.received,
        simulation.troubles,
        simulation.violations,
        List.copyOf(simulation.trace));
  }

  private void run() {
    workers.add(new WorkerModel(this, false));
    for (int i = 0; i < 1 + random.nextInt(4); i++) {
      followers.add(new FollowerModel(this, i));
    }
    try {
      for (int step = 0; step < STEPS && violations.isEmpty(); step++) {
        now += random.nextInt(20);
        step();
        check();
      }
      if (violations.isEmpty()) {
        settle();
      }
    } catch (RuntimeException e) {
      violation("it threw " + e + " at " + e.getStackTrace()[0]);
    }
  }

  private void step() {
    switch (random.nextInt(24)) {
      case 0, 1, 2, 3 -> topic.produce();
      case 4, 5, 6, 7, 8, 9 -> workers.get(random.nextInt(workers.size())).step();
      case 10, 11, 12, 13, 14, 15, 16, 17 -> followers.get(random.nextInt(followers.size())).step();
      case 18 -> workers.forEach(WorkerModel::tick);
      default -> {
        if (random.nextInt(12) == 0) {
          trouble();
        }
      }
    }
  }

  private void trouble() {
    switch (random.nextInt(6)) {
      case 0 -> {
        happened(Trouble.RETENTION);
        topic.retain();
      }
      case 1 -> {
        happened(Trouble.COMPACTION);
        topic.compact();
      }
      case 2 -> {
        if (random.nextInt(4) == 0) {
          happened(Trouble.TRUNCATION);
          long end = topic.truncate();
          workers.forEach(w -> w.truncated(end));
          followers.forEach(f -> f.truncated(end));
        }
      }
      case 3 -> {
        boolean zombie = random.nextInt(3) == 0 && workers.size() == 1;
        happened(zombie ? Trouble.ZOMBIE : Trouble.WORKER_KILLED);
        if (zombie) {
          workers.get(0).becomeZombie();
        } else {
          workers.forEach(WorkerModel::kill);
          workers.clear();
        }
        workers.add(0, new WorkerModel(this, false));
      }
      default -> {
        happened(Trouble.CONNECTION_CUT);
        followers.get(random.nextInt(followers.size())).cut();
      }
    }
  }

  /** All trouble is over: everybody who can be served must end with everything. */
  private void settle() {
    note("settling");
    while (workers.size() > 1) {
      workers.remove(1).kill();
    }
    topic.closeTransaction();
    for (int round = 0; round < 4000 && violations.isEmpty(); round++) {
      now += 50;
      workers.get(0).step();
      workers.get(0).tick();
      followers.forEach(FollowerModel::progress);
      check();
      if (followers.stream().allMatch(FollowerModel::settled)) {
        return;
      }
    }
    for (FollowerModel follower : followers) {
      if (!follower.settled()) {
        violation(
            follower
                + " never got everything: it has "
                + follower.has()
                + ", "
                + workers.get(0).leader().figures());
      }
    }
  }

  private void check() {
    workers.forEach(WorkerModel::checkCommit);
  }

  WorkerModel leader() {
    // a zombie still has connections of its own; new ones go where the port is
    return workers.get(random.nextInt(20) == 0 ? workers.size() - 1 : 0);
  }

  int nextConnection() {
    return ++connections;
  }

  void received() {
    received++;
  }

  void happened(Trouble trouble) {
    troubles.merge(trouble, 1, Integer::sum);
    note("trouble: " + trouble);
  }

  void note(String line) {
    if (trace.size() == TRACE_LINES) {
      trace.poll();
    }
    trace.add(now + " " + line);
  }

  void violation(String what) {
    violations.add(what);
    note("VIOLATION " + what);
  }
}
