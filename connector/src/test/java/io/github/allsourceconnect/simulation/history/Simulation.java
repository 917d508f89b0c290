package io.github.allsourceconnect.simulation.history;

/** What makes a history of a seed: the same of the same seed, each time. */
@FunctionalInterface
public interface Simulation {
  /**
   * Runs one history.
   *
   * @param tell whether its trace is kept
   */
  Outcome run(long seed, boolean tell);
}
