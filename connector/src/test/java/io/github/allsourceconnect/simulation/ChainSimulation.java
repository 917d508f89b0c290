package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.simulation.clock.Scheduler;
import io.github.allsourceconnect.simulation.clock.Trace;
import io.github.allsourceconnect.simulation.history.Outcome;
import io.github.allsourceconnect.simulation.sink.FollowerModel;
import io.github.allsourceconnect.simulation.sink.SinkSide;
import io.github.allsourceconnect.simulation.sink.SinkSimulation.LeaderFactory;
import io.github.allsourceconnect.simulation.sink.SinkWorld;
import io.github.allsourceconnect.simulation.sink.TopicModel;
import io.github.allsourceconnect.sink.decision.PartitionSettings;
import io.github.allsourceconnect.sink.decision.PartitionSettings.SnapshotMode;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;

/**
 * One history of both connectors, decided by one seed: a store's leader, the source, a topic
 * (written in transactions under exactly-once), the sink, its followers, and a second source that
 * follows the sink into a topic of its own. Trouble on every side, on one clock. Every event that
 * the store acknowledged must arrive at every follower and in the last topic, once and in the order
 * of its entity.
 */
public final class ChainSimulation {
  /** The decisions that are put to the test. */
  public record Decisions(
      SourceSimulation.FollowerFactory source,
      LeaderFactory sink,
      SourceSimulation.FollowerFactory second) {}

  private static final long PATIENCE_MS = 900_000;

  private final long seed;
  private final Scheduler scheduler = new Scheduler();
  private final SplittableRandom random;
  private final Trace trace;
  private final StoreSide store;
  private final SinkWorld world;
  private final SinkSide sink;
  private final SecondHop second;
  private final List<Copy> copies = new ArrayList<>();

  /** What one follower has stored; an event may come twice only if the topic has it twice. */
  private final class Copy implements FollowerModel.Storage {
    private final FollowerModel follower;
    private final Set<Integer> events = new HashSet<>();
    private final Map<String, Integer> lastOfEntity = new HashMap<>();

    Copy(int number) {
      follower = new FollowerModel(number, world, this);
    }

    @Override
    public void clear() {
      events.clear();
      lastOfEntity.clear();
    }

    @Override
    public void store(long walOffset, long content) {
      int index = (int) content;
      StoredEvent event = store.leader.event(index);
      if (!events.add(index)) {
        if (store.kafka.exactlyOnce() && !store.kafka.repeats()) {
          trace.violation("%s got event %d twice", follower, index);
        }
        return;
      }
      Integer last = lastOfEntity.put(event.entity(), index);
      if (last != null
          && last > index
          && !store.kafka.mayBeReversed(event, store.leader.event(last))) {
        trace.violation(
            "%s got event %d of %s after event %d", follower, index, event.entity(), last);
      }
    }
  }

  private ChainSimulation(long seed, Decisions decisions, boolean tell) {
    this.seed = seed;
    random = new SplittableRandom(seed);
    trace = new Trace(scheduler, tell);
    store = new StoreSide(scheduler, random, trace, decisions.source());
    store.takesEverything();
    boolean historyKept = random.nextInt(4) > 0;
    PartitionSettings settings =
        new PartitionSettings(
            "t-0",
            30,
            10,
            2_000,
            random.nextInt(3) == 0 ? 5_000 : 0,
            historyKept && random.nextInt(3) == 0 ? SnapshotMode.INITIAL : SnapshotMode.WHEN_NEEDED,
            historyKept,
            PartitionSettings.GapPolicy.REFUSE,
            1 + random.nextInt(2),
            random.nextInt(3),
            1_500 + random.nextInt(4_000),
            1_000 + random.nextInt(3_000));
    world = new SinkWorld(scheduler, random, settings, trace);
    world.kafkaIsUp(store.kafka::isUp);
    store.kafka.writeTo(new InTopic(world.topic()));
    sink = new SinkSide(world, decisions.sink());
    boolean once = store.kafka.exactlyOnce() && random.nextInt(3) > 0;
    second =
        new SecondHop(
            scheduler,
            random,
            trace,
            decisions.second(),
            new SinkUpstream(sink, world.topic(), store.leader.truth, trace),
            new KafkaModel(store.leader.truth, trace, once));
    second.kafka.hasWhatIsIn(store.kafka);
  }

  /** The source's records in the sink's topic. */
  private record InTopic(TopicModel topic) implements KafkaModel.Topic {
    @Override
    public int begin(List<Integer> records) {
      int transaction = topic.newTransaction();
      records.forEach(index -> topic.append(transaction, index, index));
      return transaction;
    }

    @Override
    public void end(int transaction, boolean commit) {
      topic.end(transaction, commit);
    }

    @Override
    public void append(int record) {
      topic.append(record, record);
    }
  }

  /** Runs one history. */
  public static Outcome run(long seed, Decisions decisions, boolean tell) {
    return new ChainSimulation(seed, decisions, tell).run();
  }

  private Outcome run() {
    trace.line("seed %d: %s", seed, store.describe());
    if (random.nextInt(3) > 0) {
      store.burst(random.nextInt(60), 1);
      scheduler.runUntil(200);
    }
    store.newWorker();
    sink.newTask();
    sink.keepHistory();
    int count = 1 + random.nextInt(3);
    for (int number = 1; number <= count; number++) {
      Copy copy = new Copy(number);
      copies.add(copy);
      sink.add(copy.follower, false);
    }
    scheduler.after(random.nextInt(5_000), second::newWorker);
    scheduler.runUntil(scheduler.now() + (random.nextBoolean() ? 5_000 : 5_100));
    int episodes = 2 + random.nextInt(6);
    for (int i = 0; i < episodes; i++) {
      if (random.nextInt(4) > 0) {
        store.burst(1 + random.nextInt(120), random.nextInt(12));
      }
      fault();
      if (random.nextInt(3) == 0) {
        fault();
      }
      scheduler.runUntil(scheduler.now() + (random.nextInt(4) == 0 ? 20_000 : 900));
    }
    heal();
    long events = store.leader.truth.size();
    long copied = events * (copies.size() + 1);
    return Outcome.of(scheduler, trace, Map.of("events", events, "copies", copied));
  }

  private void fault() {
    switch (random.nextInt(14)) {
      case 0, 1, 2, 3 -> store.fault();
      case 4 -> sink.killTask();
      case 5 -> sink.rebalance();
      case 6 -> sink.leaveZombie();
      case 7 -> sink.followerLeaves();
      case 8 -> sink.followerRestarts();
      case 9 -> sink.followerStalls(500 + random.nextInt(12_000));
      case 10, 11 -> {
        if (world.settings().historyKept()) {
          // what the history has, the topic may lose
          trace.fault("retention");
          world.topic().retain(world.topic().history().coverage().upTo() - random.nextInt(40));
        }
      }
      default -> second.fault();
    }
  }

  // ---- the end

  private void heal() {
    scheduler.runUntil(scheduler.now() + 6_000);
    trace.line("healing");
    store.heal();
    sink.heal();
    second.heal();
    awaitDone();
    scheduler.runUntil(scheduler.now() + 5_000);
    // a transaction that was open brought what a follower that stalls has not got yet
    awaitDone();
    store.checkEnd();
    int events = store.kafka.size();
    second.checkEnd(events);
    for (Copy copy : copies) {
      if (copy.events.size() < events) {
        trace.violation("%s has %d of %d events", copy.follower, copy.events.size(), events);
      }
    }
    if (allHaveAll() && !mayCommitAll()) {
      trace.violation(
          "all have everything, but only %d may be committed of %d",
          sink.owner().committable(), world.topic().end());
    }
  }

  private void awaitDone() {
    long patience = scheduler.now() + PATIENCE_MS;
    while (!(store.isDone() && second.isDone(store.kafka.size()) && allHaveAll() && mayCommitAll())
        && scheduler.now() < patience) {
      scheduler.runUntil(scheduler.now() + 1_000);
    }
  }

  /** A follower that stalls has its events, and may yet lack their repetitions. */
  private boolean mayCommitAll() {
    return copies.size() < Math.max(1, world.settings().commitAcks())
        || !world.topic().contentAbove(sink.owner().committable());
  }

  private boolean allHaveAll() {
    return copies.stream().allMatch(copy -> copy.events.size() >= store.kafka.size());
  }
}
