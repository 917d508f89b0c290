package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.simulation.clock.Scheduler;
import io.github.allsourceconnect.simulation.clock.Trace;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.position.Ledger;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntPredicate;
import java.util.random.RandomGenerator;

/** A store that is written to, its leader, the source that follows it, and their trouble. */
final class StoreSide {
  private static final int[] RINGS = {8, 20, 60, 400};
  private static final int[] LATENESS_MS = {2, 5, 10};
  private static final long LATENESS_MAX = 250_000;

  /** A minute, and one more for a task that has begun with what another had measured. */
  private static final long CLOCK_FORGOTTEN_MS = 150_000;

  private static final long[] JUMPS_MICROS = {3_000_000, 60_000_000, 3_600_000_000L};
  private static final int[] BACKOFFS_MS = {1, 50, 1_000};
  private static final int[] REPAIR_INTERVALS_MS = {0, 1_000, 5_000};

  private final Scheduler scheduler;
  private final RandomGenerator random;
  private final Trace trace;
  private final SourceSimulation.FollowerFactory followers;
  final LeaderModel leader;
  final KafkaModel kafka;
  private FollowerSettings settings;
  private final int bufferMax;
  private final int entities;
  private final int tenants;
  private WorkerModel worker;
  private final List<WorkerModel> workers = new ArrayList<>();
  private boolean healing;
  private boolean failsOnCorrupt;
  private boolean corrupted;
  private boolean dropped;
  private int writtenBefore = -1;
  private LostLeader lost;
  private LedgerJudge ledgerJudge;

  /** Decides about the trouble of a history in which much has to wait; null in all others. */
  private RandomGenerator press;

  private long jumpedAt = Long.MIN_VALUE / 2;

  StoreSide(
      Scheduler scheduler,
      RandomGenerator random,
      Trace trace,
      SourceSimulation.FollowerFactory followers) {
    this.scheduler = scheduler;
    this.random = random;
    this.trace = trace;
    this.followers = followers;
    boolean newer = random.nextBoolean();
    leader = new LeaderModel(scheduler, random, trace, newer, pick(RINGS), pick(LATENESS_MS));
    kafka =
        new KafkaModel(
            leader.truth,
            trace,
            random.nextInt(4) > 0,
            drops(),
            random.nextInt(4) == 0 ? 2 + random.nextInt(6) : 1);
    bufferMax = random.nextInt(3) == 0 ? 15 : 10_000;
    failsOnCorrupt = random.nextInt(4) == 0;
    if (random.nextBoolean()) {
      leader.other = new StrangeStore(scheduler, random);
    }
    entities = 1 + random.nextInt(8);
    tenants = 1 + random.nextInt(3);
    settings =
        settings(
            mode(),
            policy(),
            pick(REPAIR_INTERVALS_MS),
            pick(BACKOFFS_MS),
            random.nextInt(3) == 0 ? 400L * 700 : 1L << 20);
  }

  /** What a transformation drops: mostly nothing; single ones, most of all, or whole stretches. */
  private IntPredicate drops() {
    int salt = random.nextInt();
    int length = 2 + random.nextInt(60);
    return switch (random.nextInt(12)) {
      case 0 -> event -> event % length == 0;
      case 1 -> event -> Math.floorMod(event * 0x9E3779B9 + salt, 97) < 88;
      case 2 -> event -> event / length % 2 == 0;
      case 3 -> event -> event < length;
      default -> event -> false;
    };
  }

  private GapPolicy policy() {
    return switch (random.nextInt(8)) {
      case 0 -> GapPolicy.CONTINUE;
      case 1 -> GapPolicy.FAIL;
      default -> GapPolicy.REPAIR;
    };
  }

  private SnapshotMode mode() {
    return switch (random.nextInt(10)) {
      case 0 -> SnapshotMode.INITIAL_ONLY;
      case 1 -> SnapshotMode.WHEN_NEEDED;
      case 2 -> SnapshotMode.ALWAYS;
      default -> SnapshotMode.INITIAL;
    };
  }

  private static FollowerSettings settings(
      SnapshotMode mode,
      GapPolicy policy,
      long repairMinIntervalMs,
      long backoffMs,
      long heldBytesMax) {
    return new FollowerSettings(
        List.of("leader-1:3910", "leader-2:3910"),
        20_000,
        mode,
        policy,
        500,
        repairMinIntervalMs,
        60_000,
        0,
        backoffMs,
        30_000,
        heldBytesMax);
  }

  private int pick(int[] from) {
    return from[random.nextInt(from.length)];
  }

  /** Everything that was ever written is to arrive, once. */
  void takesEverything() {
    settings = with(SnapshotMode.INITIAL, settings.gapPolicy());
  }

  /** Nothing that was there before the first live entries is wanted. */
  void skipsToLive() {
    settings = with(SnapshotMode.NO_DATA, settings.gapPolicy());
    kafka.beginsByTime = true;
  }

  private boolean isSkipping() {
    return settings.snapshotMode() == SnapshotMode.NO_DATA;
  }

  /** The memory for what waits is small, and more often than elsewhere much has to wait. */
  void isPressed(RandomGenerator own) {
    press = own;
    settings =
        settings(
            settings.snapshotMode(),
            settings.gapPolicy(),
            settings.repairMinIntervalMs(),
            settings.backoffMs(),
            400L * (100 + own.nextInt(300)));
  }

  /** The tasks write a ledger topic. */
  void withLedger(LedgerJudge.PlantedLedgerFault fault) {
    ledgerJudge = new LedgerJudge(leader.truth, kafka, trace, fault);
    kafka.dropsNone(); // the judge knows nothing of records that are dropped
  }

  /** What it is like. */
  String describe() {
    return String.format(
        "leader %s, %s, %d entities, %d tenants, buffer %d, %s",
        leader,
        kafka.exactlyOnce() ? "exactly-once" : "at-least-once",
        entities,
        tenants,
        bufferMax,
        settings);
  }

  List<WorkerModel> workers() {
    return workers;
  }

  WorkerModel worker() {
    return worker;
  }

  void newWorker() {
    if (writtenBefore < 0) {
      writtenBefore = leader.truth.size();
    } else if (settings.snapshotMode() == SnapshotMode.ALWAYS) {
      kafka.takesAllAgain();
    }
    SourcePosition start = followers.merge(kafka.stored());
    kafka.loaded(start);
    worker =
        new WorkerModel(
            scheduler,
            random,
            leader,
            kafka,
            trace,
            bufferMax,
            new SourceJudge(settings, trace, scheduler.now()),
            ledgerJudge,
            start,
            orders -> followers.make(settings, start, orders, random));
    worker.failsOnCorrupt = failsOnCorrupt;
    worker.skipsToLive = isSkipping() && !start.snapshotDone();
    if (worker.skipsToLive) {
      trace.fault("begins with what comes live");
    }
    workers.add(worker);
  }

  void burst(int events, int gapMs) {
    long at = scheduler.now();
    for (int i = 0; i < events; i++) {
      at += gapMs == 0 ? 0 : random.nextInt(gapMs);
      scheduler.at(at, this::write);
    }
  }

  /** Writers who never pause, and a moment in which the leader drops some of it. */
  void steady() {
    trace.fault("writers never pause");
    burst(3_000, 9);
    scheduler.after(
        1_000 + random.nextInt(1_000),
        () -> {
          leader.leavesOut = 3;
          scheduler.after(
              200,
              () -> {
                leader.leavesOut = 0;
                dropped = true;
              });
        });
  }

  void write() {
    if (leader.isUp()) {
      leader.write("entity-" + random.nextInt(entities), "tenant-" + random.nextInt(tenants));
    }
  }

  private void later(int maxMs, Runnable action) {
    scheduler.after(random.nextInt(maxMs), action);
  }

  // ---- trouble

  /** Something goes wrong. */
  void fault() {
    switch (random.nextInt(22)) {
      case 0 -> leaderStops("leader killed", leader::crash);
      case 1 -> leaderStops("leader restarted", leader::stopCleanly);
      case 2 -> leaderStops("fail-over", leader::failOver);
      case 3 ->
          later(
              400,
              () -> {
                trace.fault("connection cut");
                cut("connection reset");
              });
      case 4 ->
          later(
              400,
              () -> {
                boolean keepAliveTells = random.nextBoolean();
                trace.fault(keepAliveTells ? "half-open connection" : "connection swallowed");
                leader
                    .connections()
                    .forEach(
                        connection -> {
                          if (keepAliveTells) {
                            connection.goHalfOpen(20_000);
                          } else {
                            connection.swallow();
                          }
                        });
              });
      case 5, 6 ->
          later(
              300,
              () -> {
                trace.fault("leader's sender stalls");
                stall(leader.connections(), random.nextInt(3_000));
              });
      case 7 -> {
        trace.fault("Kafka down");
        kafka.up(false);
        later(60_000, () -> kafka.up(true));
      }
      case 8, 9 -> later(500, this::killWorker);
      case 10 -> {
        trace.fault("worker killed twice");
        later(300, this::killWorker);
        scheduler.after(2_100, this::killWorker);
      }
      case 11 ->
          later(
              300,
              () -> {
                if (kafka.exactlyOnce()) {
                  trace.fault("zombie task");
                  newWorker();
                }
              });
      case 12 -> {
        trace.fault("compaction");
        later(500, leader::compact);
      }
      case 13 -> {
        trace.fault("checkpoint");
        later(500, leader::checkpoint);
        later(500, leader::shipToOthers);
      }
      case 14 -> {
        trace.fault("lines corrupt");
        corrupted = true;
        leader.corrupts = 2 + random.nextInt(30);
        later(3_000, () -> leader.corrupts = 0);
      }
      case 15 -> {
        if (settings.gapPolicy() == GapPolicy.CONTINUE && worker.damages() > 1) {
          return; // it would go on without what only the snapshot has
        }
        trace.fault("snapshots damaged");
        if (random.nextBoolean()) {
          worker.damagedSnapshots = 1 + random.nextInt(3);
        } else {
          worker.damagedRows = 1 + random.nextInt(3);
        }
      }
      case 16, 17 ->
          later(
              300,
              () -> {
                trace.fault("entries dropped, then the leader stops");
                dropped = true;
                leader.leavesOut = 2 + random.nextInt(40);
                burst(20 + random.nextInt(60), 4);
                scheduler.after(
                    300 + random.nextInt(700),
                    () -> {
                      leader.leavesOut = 0;
                      leaderStops("leader killed", leader::crash);
                    });
              });
      case 20 -> {
        long micros = jump();
        trace.fault(micros > 0 ? "clock jumps ahead" : "clock jumps back");
        kafka.mayRepeat |= micros < 0;
        kafka.clockWasOff = true;
        jumpedAt = scheduler.now();
        later(500, () -> leader.clockJumps(micros));
      }
      case 21 ->
          later(
              500,
              () -> {
                trace.fault("one event with another clock");
                jumpedAt = scheduler.now();
                kafka.clockWasOff = true;
                leader.nextEventOff(jump());
              });
      case 18 -> {
        trace.fault("snapshots fail");
        worker.failingSnapshots = 1 + random.nextInt(3);
      }
      default -> {
        trace.fault(random.nextBoolean() ? "addresses dead" : "leader hangs after accept");
        WorkerModel of = worker;
        of.hangConnections = random.nextBoolean();
        of.refuseConnections = !of.hangConnections;
        cut("connection reset");
        later(
            20_000,
            () -> {
              of.hangConnections = false;
              of.refuseConnections = false;
            });
      }
    }
  }

  /** Much has to wait, for which there is little room. */
  void press() {
    if (press == null || press.nextInt(3) == 0) {
      return;
    }
    switch (press.nextInt(3)) {
      case 0 -> {
        trace.fault("place unknown while much comes");
        placeIsUnknown();
        burst(60 + press.nextInt(400), 3 + press.nextInt(10));
        scheduler.after(400 + press.nextInt(2_000), () -> cut("connection reset again"));
      }
      case 1 -> {
        trace.fault("slow link");
        kafka.linkLagged = true;
        dropped = true;
        leader.shipsEvery(5 + press.nextInt(120));
        burst(30 + press.nextInt(220), 3 + press.nextInt(10));
        scheduler.after(500 + press.nextInt(9_000), () -> leader.shipsEvery(0));
      }
      default -> {
        trace.fault("entries dropped, then the sender stalls");
        dropped = true;
        leader.leavesOut = 2 + press.nextInt(12);
        burst(20 + press.nextInt(60), 6);
        scheduler.after(
            100 + press.nextInt(900),
            () -> {
              leader.leavesOut = 0;
              stall(leader.connections(), 500 + press.nextInt(9_000));
              burst(20 + press.nextInt(60), 6);
            });
      }
    }
  }

  private void placeIsUnknown() {
    worker.failingSnapshots = 1 + press.nextInt(5);
    cut("connection reset");
  }

  private void cut(String why) {
    leader.connections().forEach(connection -> connection.close(why));
  }

  private void stall(List<LeaderModel.Connection> stalled, int ms) {
    stalled.forEach(LeaderModel.Connection::stall);
    scheduler.after(
        ms,
        () ->
            stalled.forEach(
                connection -> {
                  connection.stalled = false;
                  connection.pump();
                }));
  }

  /** Microseconds by which a clock is off, ahead or back. */
  private long jump() {
    long micros = JUMPS_MICROS[random.nextInt(JUMPS_MICROS.length)];
    return random.nextBoolean() ? micros : -micros;
  }

  private void leaderStops(String kind, Runnable how) {
    later(
        500,
        () -> {
          if (!leader.isUp()) {
            return;
          }
          trace.fault(kind);
          how.run();
          scheduler.after(
              100 + random.nextInt(4_000),
              () -> {
                leader.start();
                if (random.nextInt(3) == 0) {
                  burst(random.nextInt(30), 3);
                }
                if (random.nextInt(4) == 0) {
                  later(2_000, leader::shipToOthers);
                }
              });
        });
  }

  private void killWorker() {
    if (worker.alive() && !healing) {
      trace.fault("worker killed");
      worker.kill();
      later(2_000, this::newWorkerIfNone);
    }
  }

  void newWorkerIfNone() {
    if (!worker.alive()) {
      newWorker();
    }
  }

  /**
   * The leader's machine is gone for good, and the next one lacks some of its events. Nothing else
   * happens after it.
   */
  void loseLeader() {
    if (settings.snapshotMode() != SnapshotMode.INITIAL) {
      return; // what is to arrive, and whether twice, is another question then
    }
    if (jumpedAt > 0) {
      return; // what a lost leader owes is told by time alone
    }
    if (settings.gapPolicy() == GapPolicy.FAIL || (corrupted && failsOnCorrupt)) {
      return; // a task that fails now forgets what it has received
    }
    healing = true;
    kafka.dropsNone(); // what was given up is told by the position behind it
    newWorkerIfNone();
    if (random.nextInt(3) > 0) {
      leader.leavesOut = 2 + random.nextInt(20);
      burst(random.nextInt(80), 3);
    }
    if (press != null && worker.damages() == 0 && press.nextInt(3) > 0) {
      placeIsUnknown();
      burst(press.nextInt(250), 4);
    }
    later(700, this::leaderIsLost);
  }

  private void leaderIsLost() {
    leader.leavesOut = 0;
    if (!leader.isUp() || !worker.alive() || worker.failure != null) {
      return;
    }
    trace.fault("leader lost");
    boolean withFiles = random.nextInt(3) > 0;
    List<Integer> numbered = leader.numbered();
    lost =
        new LostLeader(
            leader,
            numbered,
            leader.lose(random.nextInt(30), random.nextInt(40), withFiles),
            worker);
    LostLeader of = lost;
    scheduler.after(
        90,
        () -> {
          of.note(kafka);
          if (ledgerJudge != null) {
            ledgerJudge.leaderTookAlong(of.neverCame());
          }
        });
    // what the next leader writes at once can't be told by time from what is missing
    scheduler.after(
        300 + random.nextInt(4_000),
        () -> {
          leader.start();
          burst(1 + random.nextInt(30), 3);
        });
  }

  /** An operator sees a failed task, and restarts it first as it is, or at once with leave. */
  private void operate() {
    if (lost == null && worker.failure != null && worker.failure.startsWith("Corrupt")) {
      trace.line("the task is restarted, a corrupt entry in its way");
      newWorker();
      return;
    }
    if (worker.failure != null && worker.sawTooManyDamages()) {
      trace.line("the leader's files are mended, and the task is restarted");
      newWorker();
      return;
    }
    if (worker.failure != null && worker.failure.contains("gap.policy=fail")) {
      trace.line("the task is restarted with gap.policy=repair");
      settings = with(GapPolicy.REPAIR);
      newWorker();
      return;
    }
    if (worker.failure == null || lost == null || lost.leave) {
      return;
    }
    lost.leave = lost.restarted || random.nextBoolean();
    if (lost.leave) {
      settings = with(GapPolicy.CONTINUE);
    }
    lost.taskIsRestarted();
    trace.line("the task is restarted%s", lost.leave ? " with gap.policy=continue" : "");
    newWorker();
  }

  private FollowerSettings with(GapPolicy policy) {
    return with(settings.snapshotMode(), policy);
  }

  private FollowerSettings with(SnapshotMode mode, GapPolicy policy) {
    return settings(
        mode,
        policy,
        settings.repairMinIntervalMs(),
        settings.backoffMs(),
        settings.heldBytesMax());
  }

  // ---- the end

  /** No more trouble: the last ones are under way already, and get some time. */
  void heal() {
    healing = true;
    kafka.up(true);
    worker.hangConnections = false;
    worker.refuseConnections = false;
    worker.failingSnapshots = 0;
    worker.damagedSnapshots = 0;
    worker.damagedRows = 0;
    leader.corrupts = 0;
    leader.leavesOut = 0;
    leader.shipsEvery(0);
    newWorkerIfNone();
    // what is missing behind the newest that came shows only when another comes
    if (isSkipping()
        || lost != null
        || corrupted
        || dropped
        || leader.hidesHistory()
        || random.nextBoolean()) {
      write(); // a single one, with none after it to push it
    }
  }

  /** Whether nothing has come behind the last mark. */
  boolean lastMarkTellsAll() {
    return ledgerJudge == null || ledgerJudge.lastMarkTellsAll();
  }

  /** Whether Kafka has everything, or never will. */
  boolean isDone() {
    newWorkerIfNone();
    operate();
    if (lost != null) {
      if (lost.isDue(scheduler.now(), worker)) {
        write(); // the first that a live connection brings tells where the leader is
      }
      return lost.missing(kafka, worker).isEmpty() && lost.isQuiet(scheduler.now(), worker);
    }
    return missing().isEmpty() && (worker.finished || !endsItself()) || worker.failure != null;
  }

  /**
   * What should be in Kafka and is not. An event whose clock is behind can't be told from those
   * before it unless it comes live to a task that lives to hand it over, or is counted.
   */
  private List<Integer> missing() {
    if (worker.skipsToLive) {
      return List.of(); // nothing has come live yet
    }
    List<Integer> missing = kafka.missing(endsItself() ? writtenBefore : leader.truth.size());
    missing.removeIf(
        index -> leader.truth.get(index).behind && !worker.receivedEvents().contains(index));
    missing.removeIf(kafka::isGivenUp);
    if (missing.stream().filter(kafka::isSaidToLack).count() <= worker.ledger().unaccounted) {
      missing.removeIf(kafka::isSaidToLack);
    }
    if (kafka.cutWasForced && kafka.clockWasOff) {
      missing.clear(); // by their time they can't be told, and the task has said so
    }
    if (!missing.isEmpty() && kafka.mayHideNewer() && saysItIsUnverified()) {
      missing.removeIf(
          index -> leader.isOlderThanOneBefore(index) && !worker.receivedEvents().contains(index));
    }
    return missing;
  }

  /** The same when nothing more comes: what the task has said that it leaves out is not missing. */
  private List<Integer> missingForGood() {
    List<Integer> missing = missing();
    return linesAnywhere() > 0 && saysItLeavesOut(missing) ? List.of() : missing;
  }

  /**
   * Lines that could not be used count at once where the leader has no snapshot. When a later
   * leader's snapshot has their events, the task says that these are older than what it produced,
   * and not produced.
   */
  private boolean saysItLeavesOut(List<Integer> events) {
    return events.stream()
            .noneMatch(e -> workers.stream().anyMatch(one -> one.receivedEvents().contains(e)))
        && workers.stream().anyMatch(one -> one.ledger().foreignRows >= events.size());
  }

  /** Lines whose events nothing tells but what is missing. */
  private long linesAnywhere() {
    return workers.stream().mapToLong(WorkerModel::linesAnywhere).sum();
  }

  /** Next to the beginning of no_data a repair is inexact, and says that. */
  private boolean saysItIsUnverified() {
    return workers.stream()
        .map(WorkerModel::ledger)
        .anyMatch(one -> one.unverifiedRepairs > 0 || (isSkipping() && one.inexactRepairs > 0));
  }

  private boolean endsItself() {
    return settings.snapshotMode() == SnapshotMode.INITIAL_ONLY;
  }

  /**
   * Whether the task has counted events that it does not find, next to a clock that was off, or
   * where it looks no further back: of events that race with the first one that is wanted some are
   * older, and a task that lacks one of them fails.
   */
  private boolean countedBehind() {
    if (kafka.cutWasForced) {
      return true; // what is on either side of the cut can't be told, so nor can what is missing
    }
    return (worker.failure.contains("events did not come")
            || worker.failure.contains("known to be missing")
            || worker.failure.contains("are missing since its leader was lost"))
        && (kafka.clockWasOff || kafka.inexact || kafka.numbersLookedAlike || isSkipping());
  }

  /** When a clock that was off may have no traces any more, if all has been done by now. */
  long clocksForgottenAt() {
    return jumpedAt < 0 ? 0 : scheduler.now() + CLOCK_FORGOTTEN_MS + 1;
  }

  /** Whether the promise was kept in the end. */
  void checkEnd() {
    if (ledgerJudge != null && worker.failure == null) {
      ledgerJudge.checkEnd();
    }
    // a task that was killed while it awaited some has told nobody that those will be late
    boolean maySay = workers.stream().allMatch(one -> one == worker || one.ledger().awaited == 0);
    if (kafka.cameLate() > 0
        && maySay
        && !kafka.cutWasForced
        && workers.stream().allMatch(one -> one.ledger().late == 0)) {
      trace.violation("%d events came late, and nothing says so", kafka.cameLate());
    }
    if (lost != null) {
      lost.check(kafka, workers, trace);
      return;
    }
    if (worker.failure != null) {
      if (!countedBehind()) {
        trace.violation("the task failed: %s", worker.failure);
      }
    } else {
      List<Integer> missing = missingForGood();
      if (!missing.isEmpty()) {
        trace.violation("missing at the end: events %s; %s", missing, worker);
      }
    }
    long inexact = 0;
    boolean saysSo = false; // what it counted then, the position tells the next task
    for (WorkerModel one : workers) {
      Ledger ledger = one.ledger();
      inexact += ledger.inexactRepairs;
      saysSo |= one.saysItIsInexact();
      // where it looks no further back, what races with the first event may count as lost
      boolean mayCount =
          kafka.cutWasForced
              || kafka.clockWasOff
              || kafka.numbersLookedAlike
              || saysSo
              || isSkipping();
      // what was given up while no snapshot could be read stays counted, though it may be found
      // where a line was whose offset can't be read either is told by what is missing, if by
      // anything
      long mayBe = kafka.givenUp() + linesAnywhere();
      if (ledger.unaccounted > mayBe && !mayCount) {
        trace.violation("%d events unaccounted", ledger.unaccounted);
      }
    }
    if (worker.ledger().unaccounted < kafka.lacking()) {
      trace.violation(
          "%d events are given up, %d are counted", kafka.lacking(), worker.ledger().unaccounted);
    }
    if (kafka.exactlyOnce() && kafka.doubled > 0 && inexact == 0 && !kafka.hasTakenAllAgain()) {
      trace.violation("%d events are in Kafka twice, and nothing says so", kafka.doubled);
    }
    if (jumpedAt > 0
        && worker.failure == null
        && !worker.finished // what it had measured then
        && scheduler.now() - jumpedAt > CLOCK_FORGOTTEN_MS
        && worker.ledger().latenessMicros > LATENESS_MAX) {
      trace.violation(
          "lateness %d us, long after the clock has jumped", worker.ledger().latenessMicros);
    }
  }
}
