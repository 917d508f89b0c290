package io.github.allsourceconnect.simulation.clock;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;

/** What happened in one simulated history: counted always, told in words when asked. */
public final class Trace {
  private final Scheduler scheduler;
  private final boolean tell;
  private final List<String> lines = new ArrayList<>();
  private final List<String> violations = new ArrayList<>();
  private final TreeMap<String, Integer> faults = new TreeMap<>();

  /**
   * @param tell whether lines are kept
   */
  public Trace(Scheduler scheduler, boolean tell) {
    this.scheduler = scheduler;
    this.tell = tell;
  }

  /** Whether lines are kept. */
  public boolean tells() {
    return tell;
  }

  /** Something to tell. */
  public void line(String format, Object... args) {
    if (tell) {
      lines.add(String.format("%10.3f  %s", scheduler.now() / 1000.0, String.format(format, args)));
    }
  }

  /** Trouble of some kind. */
  public void fault(String kind) {
    faults.merge(kind, 1, Integer::sum);
    line("FAULT %s", kind);
  }

  /** The promise is broken. */
  public void violation(String format, Object... args) {
    if (violations.size() < 20) {
      String text = String.format(format, args);
      violations.add(text);
      line("VIOLATION %s", text);
    }
  }

  /** What was told. */
  public List<String> lines() {
    return lines;
  }

  /** What was found. */
  public List<String> violations() {
    return violations;
  }

  /** How often what happened. */
  public TreeMap<String, Integer> faults() {
    return faults;
  }
}
