package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.simulation.sink.SinkHistories;
import io.github.allsourceconnect.source.decision.SimulatedFollowers;
import java.util.TreeMap;

/**
 * Runs simulated histories: {@code -Dseeds=N} of the source and as many of the sink, or the one of
 * {@code -Dseed=S} with its trace ({@code -Dside=sink}: that of the sink).
 */
public final class Simulate {
  private Simulate() {}

  /** Exit status 1 on any violation. */
  public static void main(String[] args) {
    String one = System.getProperty("seed");
    if (one != null && !one.isBlank()) {
      replay(Long.parseLong(one));
      return;
    }
    long seeds = Long.getLong("seeds", 20_000);
    long first = Long.getLong("first", 1);
    long began = System.nanoTime();
    long violations = 0;
    long events = 0;
    long virtualMs = 0;
    long gaps = 0;
    long repairs = 0;
    long unverified = 0;
    TreeMap<String, Integer> faults = new TreeMap<>();
    for (long seed = first; seed < first + seeds; seed++) {
      SourceSimulation.Result result = SourceSimulation.run(seed, SimulatedFollowers::real, false);
      events += result.events();
      virtualMs += result.virtualMs();
      gaps += result.gaps();
      repairs += result.repairs();
      unverified += result.unverified();
      result.faults().forEach((kind, count) -> faults.merge(kind, count, Integer::sum));
      if (!result.violations().isEmpty()) {
        violations++;
        if (violations <= 20) {
          System.out.println(
              "seed " + seed + ": " + result.violations().get(0) + "\n  replay: " + command(seed));
        }
      }
      if ((seed - first + 1) % 10_000 == 0) {
        System.out.printf(
            "%,d of %,d histories, %d with violations%n", seed - first + 1, seeds, violations);
      }
    }
    System.out.printf(
        "%,d histories, %,d simulated hours, %,d events, %,d gaps, %,d repairs, %,d unverified"
            + " repairs, %.0f s%n",
        seeds,
        virtualMs / 3_600_000,
        events,
        gaps,
        repairs,
        unverified,
        (System.nanoTime() - began) / 1e9);
    System.out.println("faults: " + faults);
    System.out.println("violations: " + violations);
    violations += SinkHistories.run(first, seeds, "mvn -q -Psimulate -Dside=sink -Dseed=");
    System.exit(violations > 0 ? 1 : 0);
  }

  /** What a person types to see a history again. */
  static String command(long seed) {
    return "mvn -q -Psimulate -Dseed=" + seed;
  }

  private static void replay(long seed) {
    if ("sink".equals(System.getProperty("side"))) {
      System.exit(SinkHistories.replay(seed) ? 0 : 1);
    }
    SourceSimulation.Result result = SourceSimulation.run(seed, SimulatedFollowers::real, true);
    result.trace().forEach(System.out::println);
    System.out.println("violations: " + result.violations());
    System.exit(result.violations().isEmpty() ? 0 : 1);
  }
}
