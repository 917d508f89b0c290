package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.simulation.clock.Scheduler;
import io.github.allsourceconnect.simulation.clock.Trace;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import java.util.List;
import java.util.random.RandomGenerator;

/** Another source, which follows the sink into a topic of its own. */
final class SecondHop {
  private static final FollowerSettings SETTINGS =
      new FollowerSettings(
          List.of("leader-1:3910"),
          20_000,
          SnapshotMode.INITIAL,
          GapPolicy.REPAIR,
          500,
          1_000,
          60_000,
          0,
          1_000,
          30_000,
          1 << 20);

  private final Scheduler scheduler;
  private final RandomGenerator random;
  private final Trace trace;
  private final SourceSimulation.FollowerFactory followers;
  private final Upstream sink;
  final KafkaModel kafka;
  private final int bufferMax;
  private WorkerModel worker;
  private boolean healing;

  SecondHop(
      Scheduler scheduler,
      RandomGenerator random,
      Trace trace,
      SourceSimulation.FollowerFactory followers,
      Upstream sink,
      KafkaModel kafka) {
    this.scheduler = scheduler;
    this.random = random;
    this.trace = trace;
    this.followers = followers;
    this.sink = sink;
    this.kafka = kafka;
    this.bufferMax = random.nextInt(3) == 0 ? 15 : 10_000;
  }

  void newWorker() {
    worker =
        new WorkerModel(
            scheduler,
            random,
            sink,
            kafka,
            trace,
            bufferMax,
            new SourceJudge(SETTINGS, trace, scheduler.now()),
            null,
            null,
            orders -> followers.make(SETTINGS, followers.merge(kafka.stored()), orders, random));
  }

  void fault() {
    switch (random.nextInt(4)) {
      case 0 -> {
        trace.fault("second source: worker killed");
        worker.kill();
        scheduler.after(random.nextInt(4_000), this::newWorkerIfNone);
      }
      case 1 -> {
        if (kafka.exactlyOnce()) {
          trace.fault("second source: zombie");
          newWorker();
        }
      }
      case 2 -> {
        trace.fault("second source: Kafka down");
        kafka.up(false);
        scheduler.after(random.nextInt(20_000), () -> kafka.up(true));
      }
      default -> {
        trace.fault("second source: snapshots fail");
        worker.failingSnapshots = 1 + random.nextInt(3);
      }
    }
  }

  private void newWorkerIfNone() {
    if (!worker.alive() || healing && worker.failure == null && !worker.alive()) {
      newWorker();
    }
  }

  void heal() {
    healing = true;
    kafka.up(true);
    worker.failingSnapshots = 0;
    newWorkerIfNone();
  }

  boolean isDone(int events) {
    newWorkerIfNone();
    return kafka.size() >= events || worker.failure != null;
  }

  void checkEnd(int events) {
    if (worker.failure != null) {
      trace.violation("the second source's task failed: %s", worker.failure);
    } else if (kafka.size() < events) {
      trace.violation(
          "missing behind the second source: events %s; %s", kafka.missing(events), worker);
    }
    if (worker.ledger().unaccounted > 0) {
      trace.violation("second source: %d events unaccounted", worker.ledger().unaccounted);
    }
  }
}
