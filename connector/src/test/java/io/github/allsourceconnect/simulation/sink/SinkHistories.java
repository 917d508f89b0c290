package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.LeaderLog;
import java.util.TreeMap;

/** Runs simulated histories of the sink and tells what they came to. */
public final class SinkHistories {
  private static final int TOLD = 20;

  private SinkHistories() {}

  /**
   * Runs many histories.
   *
   * @param command what a person types to see a history again, but for its seed
   * @return how many broke the promise
   */
  public static long run(long first, long seeds, String command) {
    long began = System.nanoTime();
    long violations = 0;
    long virtualMs = 0;
    long offsets = 0;
    TreeMap<String, Integer> counts = new TreeMap<>();
    for (long seed = first; seed < first + seeds; seed++) {
      SinkSimulation.Result result = SinkSimulation.run(seed, LeaderLog::new, false);
      virtualMs += result.virtualMs();
      offsets += result.offsets();
      result.counts().forEach((kind, count) -> counts.merge(kind, count, Integer::sum));
      if (!result.violations().isEmpty()) {
        violations++;
        if (violations <= TOLD) {
          System.out.println(
              "sink, seed "
                  + seed
                  + ": "
                  + result.violations().get(0)
                  + "\n  replay: "
                  + command
                  + seed);
        }
      }
      if ((seed - first + 1) % 10_000 == 0) {
        System.out.printf(
            "sink: %,d of %,d histories, %d with violations%n",
            seed - first + 1, seeds, violations);
      }
    }
    System.out.printf(
        "sink: %,d histories, %,d simulated hours, %,d offsets, %.0f s%n",
        seeds, virtualMs / 3_600_000, offsets, (System.nanoTime() - began) / 1e9);
    System.out.println("sink, what happened: " + counts);
    System.out.println("sink, violations: " + violations);
    return violations;
  }

  /** Runs one history and prints its trace; whether it kept the promise. */
  public static boolean replay(long seed) {
    SinkSimulation.Result result = SinkSimulation.run(seed, LeaderLog::new, true);
    result.trace().forEach(System.out::println);
    System.out.println("sink, violations: " + result.violations());
    return result.violations().isEmpty();
  }
}
