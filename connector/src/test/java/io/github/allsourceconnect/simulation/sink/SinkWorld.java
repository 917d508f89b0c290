package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.simulation.clock.Scheduler;
import io.github.allsourceconnect.sink.decision.LeaderSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.random.RandomGenerator;

/** Virtual time, chance, the topic, and what happened. */
public final class SinkWorld {
  final TopicModel topic;
  final LeaderSettings settings;
  final List<String> violations = new ArrayList<>();
  final List<String> lines = new ArrayList<>();
  final TreeMap<String, Integer> counts = new TreeMap<>();
  private final Scheduler scheduler;
  private final RandomGenerator random;
  private final boolean tell;
  private BooleanSupplier kafkaIsUp = () -> true;
  private boolean healed;

  /**
   * @param tell whether lines are kept
   */
  public SinkWorld(
      Scheduler scheduler, RandomGenerator random, LeaderSettings settings, boolean tell) {
    this.scheduler = scheduler;
    this.random = random;
    this.settings = settings;
    this.tell = tell;
    this.topic = new TopicModel(settings.historyKept());
  }

  /** The topic. */
  public TopicModel topic() {
    return topic;
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
    counts.merge(kind, 1, Integer::sum);
    line("%s", kind);
  }

  void line(String format, Object... args) {
    if (tell) {
      lines.add(String.format("%10.3f  %s", now() / 1000.0, String.format(format, args)));
    }
  }

  void violation(String format, Object... args) {
    if (violations.size() < 20) {
      violations.add(String.format(format, args));
      line("VIOLATION " + format, args);
    }
  }

  /** What was found. */
  public List<String> violations() {
    return violations;
  }

  /** How often what happened. */
  public TreeMap<String, Integer> counts() {
    return counts;
  }
}
