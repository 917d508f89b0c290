package io.github.allsourceconnect.simulation.history;

import io.github.allsourceconnect.simulation.clock.Scheduler;
import io.github.allsourceconnect.simulation.clock.Trace;
import java.util.List;
import java.util.Map;

/**
 * What one history came to.
 *
 * @param virtualMs how long it was, in simulated milliseconds
 * @param figures what is added up over many histories, by its name in the plural
 * @param faults how often what happened
 * @param violations how the promise was broken; empty where it was kept
 * @param trace all that was told, where it was asked for
 */
public record Outcome(
    long virtualMs,
    Map<String, Long> figures,
    Map<String, Integer> faults,
    List<String> violations,
    List<String> trace) {

  /** What a history that is over came to. */
  public static Outcome of(Scheduler scheduler, Trace trace, Map<String, Long> figures) {
    return new Outcome(scheduler.now(), figures, trace.faults(), trace.violations(), trace.lines());
  }

  /** Whether the promise was kept. */
  public boolean kept() {
    return violations.isEmpty();
  }
}
