package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.simulation.clock.Scheduler;
import io.github.allsourceconnect.simulation.clock.Trace;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.position.Ledger;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;

/**
 * One history of the source, decided by one seed: a leader that is written to, a network, a worker
 * with the real decision code, Kafka, and trouble. The promise is checked with every record and at
 * the end.
 */
public final class SourceSimulation {
  /** Makes the follower that is put to the test. */
  public interface FollowerFactory {
    Follower make(
        FollowerSettings settings,
        SourcePosition position,
        FollowerOrders orders,
        RandomGenerator jitter);

    /** Makes one position of those stored by slot. */
    default SourcePosition merge(Map<Integer, SourcePosition> stored) {
      return SourcePosition.of(stored);
    }

    /** A mistake with the ledger topic; null for none. */
    default LedgerJudge.PlantedLedgerFault ledgerFault() {
      return null;
    }
  }

  /** What one history came to. */
  public record Result(
      long seed,
      long virtualMs,
      int events,
      int overwritten,
      Map<String, Integer> faults,
      long gaps,
      long repairs,
      long unverified,
      List<String> violations,
      List<String> trace) {}

  private final long seed;
  private final Scheduler scheduler = new Scheduler();
  private final SplittableRandom random;
  private final Trace trace;
  private final StoreSide store;
  private final boolean withLedger;

  private SourceSimulation(long seed, FollowerFactory followers, boolean tell) {
    this.seed = seed;
    random = new SplittableRandom(seed);
    trace = new Trace(scheduler, tell);
    store = new StoreSide(scheduler, random, trace, followers);
    // what not every history has: the others stay what they are
    SplittableRandom seldom = new SplittableRandom(~seed);
    if (seldom.nextInt(12) == 0) {
      store.skipsToLive();
    }
    if (seldom.nextInt(3) == 0) {
      store.isPressed(seldom);
    }
    withLedger = seed % 4 == 2;
    if (withLedger) {
      store.withLedger(followers.ledgerFault());
    }
  }

  /** Runs one history. */
  public static Result run(long seed, FollowerFactory followers, boolean tell) {
    return new SourceSimulation(seed, followers, tell).run();
  }

  private void awaitDone() {
    long patience = scheduler.now() + 600_000;
    while (!store.isDone() && scheduler.now() < patience) {
      scheduler.runUntil(scheduler.now() + 1_000);
    }
  }

  private Result run() {
    trace.line("seed %d: %s", seed, store.describe());
    if (random.nextInt(3) > 0) {
      store.burst(random.nextInt(60), 1);
      scheduler.runUntil(200);
    }
    store.newWorker();
    int episodes = 1 + random.nextInt(6);
    for (int i = 0; i < episodes; i++) {
      if (random.nextInt(4) > 0) {
        boolean heavy = random.nextInt(3) == 0;
        store.burst(1 + random.nextInt(heavy ? 250 : 80), random.nextInt(heavy ? 4 : 12));
      }
      store.fault();
      store.press();
      if (random.nextInt(3) == 0) {
        store.fault();
      }
      if (random.nextBoolean()) {
        store.burst(1 + random.nextInt(40), random.nextInt(12));
      }
      scheduler.runUntil(scheduler.now() + (random.nextInt(3) == 0 ? 30_000 : 700));
    }
    if (random.nextInt(80) == 0) {
      store.steady();
      scheduler.runUntil(scheduler.now() + 14_000);
    }
    if (random.nextInt(6) == 0) {
      store.loseLeader();
    }
    scheduler.runUntil(scheduler.now() + 6_000);
    store.heal();
    awaitDone();
    long forgotten = store.clocksForgottenAt();
    while (scheduler.now() < forgotten) {
      scheduler.runUntil(Math.min(forgotten, scheduler.now() + 1_000));
      awaitDone(); // a worker that is stopped meanwhile is followed by another
    }
    if (withLedger) {
      scheduler.runUntil(scheduler.now() + 2_000);
      long limit = scheduler.now() + 30_000;
      while (!store.lastMarkTellsAll() && scheduler.now() < limit) {
        scheduler.runUntil(scheduler.now() + 500); // a first snapshot is taken again
      }
    }
    store.checkEnd();
    long gaps = 0;
    long repairs = 0;
    long unverified = 0;
    for (WorkerModel one : store.workers()) {
      Ledger ledger = one.ledger();
      gaps += ledger.gaps;
      repairs += ledger.repairs;
      unverified += ledger.unverifiedRepairs;
    }
    return new Result(
        seed,
        scheduler.now(),
        store.leader.truth.size(),
        store.leader.overwritten,
        trace.faults(),
        gaps,
        repairs,
        unverified,
        trace.violations(),
        trace.lines());
  }
}
