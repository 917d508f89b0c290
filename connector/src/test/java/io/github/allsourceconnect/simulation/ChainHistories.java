package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.source.decision.SimulatedFollowers;
import java.util.TreeMap;

/** Runs simulated histories of both connectors and tells what they came to. */
final class ChainHistories {
  private static final int TOLD = 20;

  /** The decision code as it is shipped. */
  static final ChainSimulation.Decisions REAL =
      new ChainSimulation.Decisions(
          SimulatedFollowers::real, LeaderLog::new, SimulatedFollowers::real);

  private ChainHistories() {}

  /**
   * Runs many histories.
   *
   * @return how many broke the promise
   */
  static long run(long first, long seeds) {
    long began = System.nanoTime();
    long violations = 0;
    long virtualMs = 0;
    long events = 0;
    long copies = 0;
    TreeMap<String, Integer> faults = new TreeMap<>();
    for (long seed = first; seed < first + seeds; seed++) {
      ChainSimulation.Result result = ChainSimulation.run(seed, REAL, false);
      virtualMs += result.virtualMs();
      events += result.events();
      copies += (long) result.events() * result.followers();
      result.faults().forEach((kind, count) -> faults.merge(kind, count, Integer::sum));
      if (!result.violations().isEmpty()) {
        violations++;
        if (violations <= TOLD) {
          System.out.println(
              "chain, seed "
                  + seed
                  + ": "
                  + result.violations().get(0)
                  + "\n  replay: "
                  + command(seed));
        }
      }
      if ((seed - first + 1) % 10_000 == 0) {
        System.out.printf(
            "chain: %,d of %,d histories, %d with violations%n",
            seed - first + 1, seeds, violations);
      }
    }
    System.out.printf(
        "chain: %,d histories, %,d simulated hours, %,d events, %,d copies, %.0f s%n",
        seeds, virtualMs / 3_600_000, events, copies, (System.nanoTime() - began) / 1e9);
    System.out.println("chain, faults: " + faults);
    System.out.println("chain, violations: " + violations);
    return violations;
  }

  /** Runs one history and prints its trace; whether it kept the promise. */
  static boolean replay(long seed) {
    ChainSimulation.Result result = ChainSimulation.run(seed, REAL, true);
    result.trace().forEach(System.out::println);
    System.out.println("chain, violations: " + result.violations());
    return result.violations().isEmpty();
  }

  /** What a person types to see a history again. */
  static String command(long seed) {
    return "mvn -q -Psimulate -Dside=chain -Dseed=" + seed;
  }
}
