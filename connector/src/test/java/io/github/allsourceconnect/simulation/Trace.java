package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.simulation.clock.Scheduler;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** What happened in one simulated history: counted always, told in words when asked. */
final class Trace {
  private final Scheduler scheduler;
  private final boolean tell;
  private final List<String> lines = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private final TreeMap<String, Integer> faults = new TreeMap<>();

  Trace(Scheduler scheduler, boolean tell) {
    this.scheduler = scheduler;
    this.tell = tell;
  }

  boolean tells() {
    return tell;
  }

  void line(String format, Object... args) {
    if (tell) {
      lines.add(String.format("%10.3f  %s", scheduler.now() / 1000.0, String.format(format, args)));
    }
  }

  void fault(String kind) {
    faults.merge(kind, 1, Integer::sum);
    line("FAULT %s", kind);
  }

  void violation(String format, Object... args) {
    if (violations.size() < 20) {
      String text = String.format(format, args);
      violations.add(text);
      line("VIOLATION %s", text);
    }
  }

  List<String> lines() {
    return lines;
  }

  List<String> violations() {
    return violations;
  }

  TreeMap<String, Integer> faults() {
    return faults;
  }
}
