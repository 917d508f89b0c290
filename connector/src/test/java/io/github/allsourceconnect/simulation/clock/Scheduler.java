package io.github.allsourceconnect.simulation.clock;

import java.util.PriorityQueue;

/**
 * Virtual time: what is due runs in the order of its time, and of its scheduling where times are
 * equal.
 */
public final class Scheduler {
  private record Due(long at, long order, Runnable action) implements Comparable<Due> {
    @Override
    public int compareTo(Due other) {
      return at != other.at ? Long.compare(at, other.at) : Long.compare(order, other.order);
    }
  }

  private final PriorityQueue<Due> queue = new PriorityQueue<>();
  private long now;
  private long order;

  /** Milliseconds since the beginning. */
  public long now() {
    return now;
  }

  /** Runs the action at this time, or now when that is past. */
  public void at(long time, Runnable action) {
    queue.add(new Due(Math.max(time, now), order++, action));
  }

  /** Runs the action after so many milliseconds. */
  public void after(long delay, Runnable action) {
    at(now + delay, action);
  }

  /** Runs what is due up to {@code end}. */
  public void runUntil(long end) {
    while (!queue.isEmpty() && queue.peek().at <= end) {
      Due due = queue.poll();
      now = due.at;
      due.action.run();
    }
    now = Math.max(now, end);
  }
}
