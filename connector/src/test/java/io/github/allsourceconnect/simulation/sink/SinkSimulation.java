package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.simulation.clock.Scheduler;
import io.github.allsourceconnect.simulation.clock.Trace;
import io.github.allsourceconnect.simulation.history.Outcome;
import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.decision.HistoryPlace;
import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.sink.decision.LeaderOrders;
import io.github.allsourceconnect.sink.decision.LogTrust;
import io.github.allsourceconnect.sink.decision.PartitionSettings;
import io.github.allsourceconnect.sink.decision.PartitionSettings.GapPolicy;
import io.github.allsourceconnect.sink.decision.PartitionSettings.SnapshotMode;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/**
 * One history of the sink, decided by one seed: a topic that is written in transactions and
 * without, compacted, shortened by retention, cut back or created again; tasks with the real
 * decision code that are killed, replaced, or live on as zombies; and followers of all kinds. What
 * followers get is checked line by line, what may be committed with every step.
 */
public final class SinkSimulation {
  /** Makes the decisions that are put to the test. */
  public interface LeaderFactory {
    LeaderLog make(PartitionSettings settings, LeaderOrders orders, long now);

    /** Where the history goes on. */
    default HistoryPlace place(HistoryCoverage kept, long logBegin, long logEnd) {
      return HistoryPlace.of(kept, logBegin, logEnd);
    }
  }

  private static final long HEAL_MS = 120_000;
  private static final int KEYS = 12;
  private static final int LIAR = 99;

  /** Within so much time a cut is noticed, and said. */
  private static final long CUT_NOTICED_MS = 3_000;

  private final long seed;
  private final Scheduler scheduler = new Scheduler();
  private final SinkWorld world;
  private final TopicModel topic;
  private final Trace trace;
  private final SinkSide side;
  private final boolean transactional;

  /** Decides what not every history has; the others stay what they are. */
  private final SplittableRandom seldom;

  private final boolean historyTells;
  private long lastContent;

  private SinkSimulation(long seed, LeaderFactory leaders, boolean tell) {
    this.seed = seed;
    SplittableRandom random = new SplittableRandom(seed);
    PartitionSettings settings =
        new PartitionSettings(
            "t-0",
            30,
            10,
            2_000,
            random.nextInt(3) == 0 ? 5_000 : 0,
            SnapshotMode.values()[random.nextInt(3)],
            random.nextInt(3) > 0,
            GapPolicy.values()[random.nextInt(2)],
            1 + random.nextInt(2),
            random.nextInt(3),
            1_500 + random.nextInt(4_000),
            1_000 + random.nextInt(3_000));
    trace = new Trace(scheduler, tell);
    world = new SinkWorld(scheduler, random, settings, trace);
    side = new SinkSide(world, leaders);
    transactional = random.nextBoolean();
    topic = world.topic;
    seldom = new SplittableRandom(~seed);
    historyTells = seldom.nextInt(8) == 0 && settings.historyKept();
  }

  /** Runs one history. */
  public static Outcome run(long seed, LeaderFactory leaders, boolean tell) {
    return new SinkSimulation(seed, leaders, tell).run();
  }

  private Outcome run() {
    world.line("seed %d: %s", seed, world.settings);
    write(world.random(200));
    side.newTask();
    int count = 1 + world.random(6);
    for (int number = 1; number <= count; number++) {
      side.add(new FollowerModel(number, world), false);
    }
    if (world.random(3) == 0) {
      side.add(new FollowerModel(LIAR, world), true);
    }
    side.keepHistory();
    int episodes = 3 + world.random(8);
    for (int i = 0; i < episodes; i++) {
      trickle(world.random(120), 1 + world.random(20));
      trouble();
      if (historyTells && seldom.nextInt(3) == 0) {
        onlyTheHistoryTells();
      }
      world.run(world.random(4) == 0 ? 6_000 : 50 + world.random(900));
    }
    heal();
    return Outcome.of(scheduler, trace, Map.of("offsets", topic.end()));
  }

  // the topic

  private void write(int count) {
    if (transactional) {
      for (int left = count; left > 0; ) {
        int some = Math.min(left, 1 + world.random(12));
        left -= some;
        writeTransaction(some);
      }
    } else {
      for (int i = 0; i < count; i++) {
        if (world.random(6) > 0) {
          topic.append(++lastContent, world.random(KEYS));
        } else {
          topic.appendHole();
        }
      }
    }
  }

  /** Some last a while, so that nothing behind them can be read; some are aborted. */
  private void writeTransaction(int count) {
    int transaction = topic.newTransaction();
    for (int i = 0; i < count; i++) {
      topic.append(transaction, ++lastContent, world.random(KEYS));
    }
    boolean commit = world.random(5) > 0;
    if (world.random(3) == 0) {
      world.after(world.random(400), () -> topic.end(transaction, commit));
    } else {
      topic.end(transaction, commit);
    }
  }

  private void trickle(int count, int gapMs) {
    long at = world.now();
    for (int i = 0; i < count; i++) {
      at += world.random(gapMs);
      world.at(at, () -> write(1));
    }
  }

  // trouble

  private void trouble() {
    switch (world.random(21)) {
      case 0 -> side.killTask();
      case 1 -> side.rebalance();
      case 2 -> side.leaveZombie();
      case 3, 4 -> side.followerLeaves();
      case 5 -> side.followerRestarts();
      case 6 -> side.followerStalls(500 + world.random(12_000));
      case 7 -> {
        world.count("retention");
        topic.retain(topic.begin() + world.random((int) (topic.end() - topic.begin()) + 1));
      }
      case 8 -> {
        world.count("retention up to the end");
        topic.retain(topic.end());
      }
      case 9 -> {
        world.count("burst");
        write(100 + world.random(300));
      }
      case 10, 11 -> {
        world.count("compaction");
        topic.compact(topic.begin() + world.random((int) (topic.end() - topic.begin()) + 1));
      }
      case 12 -> {
        if (side.followerStalls(1_000 + world.random(6_000))) {
          world.count("retention under a slow follower");
          write(60 + world.random(200));
          world.after(world.random(2_500), () -> topic.retain(topic.end() - world.random(20)));
        }
      }
      case 13 -> {
        if (side.isAtTheEnd() && topic.end() - topic.begin() > 5) {
          world.count("log cut back");
          long end =
              topic.end() - 1 - world.random((int) Math.min(40, topic.end() - topic.begin()));
          topic.cutTo(end);
          write(world.random(70));
          afterCut(end);
        }
      }
      case 14 -> {
        if (side.running().stream().allMatch(SinkTask::serves)) {
          world.count("topic created again");
          boolean historyGoesOn = topic.historyKept() && seldom.nextInt(2) == 0;
          if (historyGoesOn) {
            world.count("topic created again, and its history anew");
            topic.recreateUnseen();
          } else {
            topic.recreate();
          }
          write(world.random(600));
          afterCut(0, historyGoesOn);
          if (historyGoesOn && world.settings.snapshotMode() != SnapshotMode.NEVER) {
            onlyTheHistoryHas();
          }
        }
      }
      case 15 -> {
        if (world.committed().note() != null) {
          world.count("another topic while nothing ran");
          side.away(
              () -> {
                topic.recreate();
                topic.history().remove();
              });
          trickle(200, 10);
          afterCut(0);
        }
      }
      case 18 -> {
        if (topic.cuts() == 0) { // a note of what was before would go with them
          world.count("offsets altered");
          side.away(
              () ->
                  world.alterOffsets(
                      topic.begin() + world.random((int) (topic.end() - topic.begin()) + 1)));
        }
      }
      case 19 -> {
        world.count("the tail reader is late");
        side.owner().tailIsLate(200 + world.random(1_800));
      }
      case 16, 17 -> {
        world.count("paused");
        world.pause(true);
        world.after(500 + world.random(3_000), () -> world.pause(false));
      }
      default -> {
        if (topic.historyKept() && world.random(2) == 0) {
          world.count("history lost");
          topic.history().damage(world.random((int) topic.end() + 1), 1 + world.random(200));
        }
      }
    }
  }

  /**
   * The topic is deleted and created again while nothing ran, and Kafka deletes what is committed
   * of it with it: only its history tells that there was another log. It tells nothing of what was
   * written long after it was.
   */
  private void onlyTheHistoryTells() {
    HistoryCoverage coverage = topic.history().coverage();
    if (!coverage.begun()
        || topic.history().isBroken()
        || !topic.history().isOf(topic.seen().identity())
        || topic.end() - coverage.upTo() > LogTrust.MARGIN) {
      return;
    }
    world.count("another topic while nothing ran, which the history tells");
    side.away(
        () -> {
          topic.recreateUnseen();
          world.deleteOffsets();
          side.followers().forEach(follower -> follower.cut(0));
        });
    trickle(200, 10);
    if (seldom.nextInt(3) == 0) {
      world.after(seldom.nextInt(2_000), side::killTask);
    }
    world.run(CUT_NOTICED_MS);
    side.resetFollowers();
  }

  /** The topic loses what its history holds, and whoever follows comes back with nothing. */
  private void onlyTheHistoryHas() {
    world.run(2_000);
    HistoryCoverage kept = topic.history().coverage();
    if (kept.begun() && topic.history().isOf(topic.seen().identity())) {
      topic.retain(kept.upTo());
      side.resetFollowers();
    }
  }

  /**
   * Every task must notice, say so, and serve nobody who has records that are no more. Then
   * somebody reads the log: all followers are reset, a history of the old log is removed.
   */
  private void afterCut(long end) {
    afterCut(end, false);
  }

  /**
   * The same.
   *
   * @param historyGoesOn whether the tasks have begun a new history, and none has failed
   */
  private void afterCut(long end, boolean historyGoesOn) {
    side.followers().forEach(follower -> follower.cut(end));
    Map<SinkTask, Integer> errors = new LinkedHashMap<>();
    side.running().forEach(task -> errors.put(task, task.errors()));
    world.run(CUT_NOTICED_MS);
    errors.forEach(
        (task, before) -> {
          if (task.isAlive() && task.errors() == before) {
            world.violation("%s said nothing of a log that was cut", task);
          }
        });
    side.resetFollowers();
    if (world.random(2) == 0) {
      // those that followed before are reset: the connector may forget that there was another log
      world.count("offsets deleted");
      side.away(world::deleteOffsets);
    }
    if (topic.historyKept() && !historyGoesOn) {
      topic.history().remove();
      side.running().forEach(task -> task.close("failed"));
      side.newTask();
    }
  }

  /** Trouble ends: whoever can be served must have everything, and it must be committable. */
  private void heal() {
    world.line("healing");
    side.heal();
    world.run(4_000); // what is being written, and the transactions, come to their end
    awaitServed();
    write(3);
    world.run(1_000);
    awaitServed();
    world.run(2_000);
    List<FollowerModel> followers = side.followers();
    SinkTask owner = side.owner();
    if (owner.isLost()) {
      world.violation("Connect was never told from where it is to hand over");
    }
    int served = 0;
    for (FollowerModel follower : followers) {
      long next = follower.nextDue();
      if (next < 0) {
        // what the topic no longer has may have been entries, as far as the sink can know
        served += lostForGood(follower) ? 0 : 1;
      } else if (follower.number() != LIAR && !lostForGood(follower)) {
        world.violation(
            "%s is not served entry %d although the topic begins at %d and of the history there is"
                + " %s",
            follower, next, topic.begin() + 1, topic.history().coverage());
      }
    }
    if (served == followers.size()
        && served >= Math.max(1, world.settings.commitAcks())
        && followers.stream().noneMatch(f -> f.number() == LIAR)
        && topic.nextEntry(Math.max(0, owner.committable())) >= 0) {
      world.violation(
          "all have everything, but only %d may be committed of %d",
          owner.committable(), topic.end());
    }
  }

  private void awaitServed() {
    long patience = world.now() + HEAL_MS;
    do {
      world.run(1_000);
    } while (!allAreServed() && world.now() < patience);
  }

  private boolean allAreServed() {
    return side.followers().stream()
        .allMatch(
            follower ->
                follower.nextDue() < 0
                    || follower.number() == LIAR
                    || (lostForGood(follower) && !side.isFed(follower)));
  }

  /** Neither topic nor history leads on from what it has. */
  private boolean lostForGood(FollowerModel follower) {
    if (follower.has() >= topic.begin()) {
      return false;
    }
    HistoryCoverage coverage = topic.history().coverage();
    if (!topic.historyKept()
        || world.settings.snapshotMode() == SnapshotMode.NEVER
        || coverage.upTo() < topic.begin()) {
      return true;
    }
    boolean givenWhatThereIs =
        world.settings.gapPolicy() == GapPolicy.CONTINUE && follower.has() == 0;
    return !givenWhatThereIs && !coverage.lackedAbove(follower.has()).isEmpty();
  }
}
