package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.simulation.clock.Scheduler;
import io.github.allsourceconnect.simulation.clock.Trace;
import io.github.allsourceconnect.sink.decision.CommitNote;
import io.github.allsourceconnect.sink.decision.PartitionSettings;
import io.github.allsourceconnect.sink.decision.Stored;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/** Virtual time, chance, the topic, and what happened. */
public final class SinkWorld {
  final TopicModel topic;
  final PartitionSettings settings;
  private final Scheduler scheduler;
  private final RandomGenerator random;
  private final Trace trace;
  private BooleanSupplier kafkaIsUp = () -> true;
  private boolean healed;
  private boolean paused;
  private Stored committed = Stored.NOTHING;

  /** A world without records. */
  public SinkWorld(
      Scheduler scheduler, RandomGenerator random, PartitionSettings settings, Trace trace) {
    this.scheduler = scheduler;
    this.random = random;
    this.settings = settings;
    this.trace = trace;
    this.topic = new TopicModel(settings.historyKept());
  }

  /** The topic. */
  public TopicModel topic() {
    return topic;
  }

  /** What the group has committed. */
  Stored committed() {
    return committed;
  }

  void commit(long offset, String note) {
    committed = new Stored(offset, CommitNote.of(note).orElseThrow());
  }

  /** Somebody stops the connector and deletes its offsets. */
  void deleteOffsets() {
    committed = Stored.NOTHING;
  }

  /** Somebody stops the connector and writes another offset. */
  void alterOffsets(long offset) {
    committed = new Stored(offset, null);
  }

  /** The connector is paused, or resumed. */
  void pause(boolean now) {
    paused = now;
  }

  boolean isPaused() {
    return paused;
  }

  /** The settings of each task. */
  public PartitionSettings settings() {
    return settings;
  }

  /** Whether brokers answer; they do unless told otherwise. */
  public void kafkaIsUp(BooleanSupplier isUp) {
    kafkaIsUp = isUp;
  }

  boolean kafkaIsUp() {
    return kafkaIsUp.getAsBoolean();
  }

  long now() {
    return scheduler.now();
  }

  int random(int bound) {
    return random.nextInt(bound);
  }

  /** Whether something goes wrong now, once in so many times; never when the world has healed. */
  boolean trouble(int onceIn) {
    return !healed && random.nextInt(onceIn) == 0;
  }

  /** No more trouble. */
  public void heal() {
    healed = true;
  }

  void at(long time, Runnable action) {
    scheduler.at(time, action);
  }

  void after(long delay, Runnable action) {
    scheduler.after(delay, action);
  }

  /** Lets so much time pass. */
  void run(long ms) {
    scheduler.runUntil(now() + ms);
  }

  void count(String kind) {
    trace.fault(kind);
  }

  void line(String format, Object... args) {
    trace.line(format, args);
  }

  void violation(String format, Object... args) {
    trace.violation(format, args);
  }
}
