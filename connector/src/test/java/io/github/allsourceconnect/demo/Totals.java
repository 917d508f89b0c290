package io.github.allsourceconnect.demo;

import java.util.HashMap;
import java.util.Map;

/** Counts of tasks that are started anew, added up: a task begins at 0 each time. */
final class Totals {
  private final Map<String, Long> ended = new HashMap<>();
  private final Map<String, Long> last = new HashMap<>();

  /**
   * What was counted altogether.
   *
   * @param figures of the task that runs; while there are none, what was counted before stays
   */
  long of(Figures figures, String name) {
    long before = last.getOrDefault(name, 0L);
    if (!figures.isEmpty()) {
      long now = figures.number(name);
      if (now < before) {
        ended.merge(name, before, Long::sum);
      }
      before = now;
      last.put(name, now);
    }
    return ended.getOrDefault(name, 0L) + before;
  }

  /** The greatest value that was seen. */
  long most(Figures figures, String name) {
    return last.merge(name, figures.number(name), Math::max);
  }

  /** The value now, or the last one while there is none. */
  long now(Figures figures, String name) {
    if (!figures.isEmpty()) {
      last.put(name, figures.number(name));
    }
    return last.getOrDefault(name, 0L);
  }
}
