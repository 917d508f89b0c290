package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.LeaderSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.PriorityQueue;
import java.util.SplittableRandom;
import java.util.TreeMap;

/** Virtual time, chance, the topic, and what happened. */
final class SinkWorld {
  private record Due(long at, long order, Runnable action) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  final TopicModel topic;
  final LeaderSettings settings;
  final List<String> violations = new ArrayList<>();
  final List<String> lines = new ArrayList<>();
  final TreeMap<String, Integer> counts = new TreeMap<>();
  private final SplittableRandom random;
  private final boolean tell;
  private final PriorityQueue<Due> queue = new PriorityQueue<>();
  private long now;
  private long order;
  private boolean healed;

  SinkWorld(SplittableRandom random, LeaderSettings settings, boolean tell) {
    this.random = random;
    this.settings = settings;
    this.tell = tell;
    this.topic = new TopicModel(settings.historyKept());
  }

  long now() {
    return now;
  }

  int random(int bound) {
    return random.nextInt(bound);
  }

  /** Whether something goes wrong now, once in so many times; never when the world has healed. */
  boolean trouble(int onceIn) {
    return !healed && random.nextInt(onceIn) == 0;
  }

  void heal() {
    healed = true;
  }

  void at(long time, Runnable action) {
    queue.add(new Due(Math.max(now, time), order++, action));
  }

  void after(long delay, Runnable action) {
    at(now + delay, action);
  }

  /** Lets so much time pass. */
  void run(long ms) {
    long end = now + ms;
    while (!queue.isEmpty() && queue.peek().at <= end) {
      Due due = queue.poll();
      now = due.at;
      due.action.run();
    }
    now = end;
  }

  void count(String kind) {
    counts.merge(kind, 1, Integer::sum);
    line("%s", kind);
  }

  void line(String format, Object... args) {
    if (tell) {
      lines.add(String.format("%10.3f  %s", now / 1000.0, String.format(format, args)));
    }
  }

  void violation(String format, Object... args) {
    if (violations.size() < 20) {
      violations.add(String.format(format, args));
      line("VIOLATION " + format, args);
    }
  }
}
