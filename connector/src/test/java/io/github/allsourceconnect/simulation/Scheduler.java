package io.github.allsourceconnect.simulation;

import java.util.PriorityQueue;

/**
 * Virtual time: what is due runs in the order of its time, and of its scheduling where times are
 * equal.
 */
final class Scheduler {
  private record Due(long at, long order, Runnable action) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  private final PriorityQueue<Due> queue = new PriorityQueue<>();
  private long now;
  private long order;
  private long steps;

  /** Milliseconds since the beginning. */
  long now() {
    return now;
  }

  long steps() {
    return steps;
  }

  void at(long time, Runnable action) {
    queue.add(new Due(Math.max(time, now), order++, action));
  }

  void after(long delay, Runnable action) {
    at(now + delay, action);
  }

  /** Runs what is due up to {@code end}. */
  void runUntil(long end) {
    while (!queue.isEmpty() && queue.peek().at <= end) {
      Due due = queue.poll();
      now = due.at;
      steps++;
      due.action.run();
    }
    now = Math.max(now, end);
  }
}
