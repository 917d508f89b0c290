package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.source.decision.SimulatedFollowers;
import java.util.TreeMap;

/** Runs simulated histories of the source and tells what they came to. */
final class SourceHistories {
  private static final int TOLD = 20;

  private SourceHistories() {}

  /**
   * Runs many histories.
   *
   * @return how many broke the promise
   */
  static long run(long first, long seeds) {
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
        if (violations <= TOLD) {
          System.out.println(
              "source, seed "
                  + seed
                  + ": "
                  + result.violations().get(0)
                  + "\n  replay: "
                  + command(seed));
        }
      }
      if ((seed - first + 1) % 10_000 == 0) {
        System.out.printf(
            "source: %,d of %,d histories, %d with violations%n",
            seed - first + 1, seeds, violations);
      }
    }
    System.out.printf(
        "source: %,d histories, %,d simulated hours, %,d events, %,d gaps, %,d repairs, %,d"
            + " unverified repairs, %.0f s%n",
        seeds,
        virtualMs / 3_600_000,
        events,
        gaps,
        repairs,
        unverified,
        (System.nanoTime() - began) / 1e9);
    System.out.println("source, faults: " + faults);
    System.out.println("source, violations: " + violations);
    return violations;
  }

  /** Runs one history and prints its trace; whether it kept the promise. */
  static boolean replay(long seed) {
    SourceSimulation.Result result = SourceSimulation.run(seed, SimulatedFollowers::real, true);
    result.trace().forEach(System.out::println);
    System.out.println("source, violations: " + result.violations());
    return result.violations().isEmpty();
  }

  /** What a person types to see a history again. */
  static String command(long seed) {
    return "mvn -q -Psimulate -Dside=source -Dseed=" + seed;
  }
}
