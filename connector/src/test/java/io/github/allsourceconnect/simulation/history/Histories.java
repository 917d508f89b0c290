package io.github.allsourceconnect.simulation.history;

import java.util.TreeMap;

/** Runs simulated histories of one side and tells what they came to. */
public final class Histories {
  private static final int TOLD = 20;

  private final String side;
  private final Simulation simulation;

  /**
   * @param side how a person names it: {@code -Dside=}
   */
  public Histories(String side, Simulation simulation) {
    this.side = side;
    this.simulation = simulation;
  }

  /**
   * What many histories came to.
   *
   * @param broken how many broke the promise
   * @param complaint the first that is wrong, and how to see it again; empty when nothing is
   */
  public record Result(long broken, String complaint) {}

  /** Runs many histories. */
  public Result run(long first, long seeds) {
    String complaint = "";
    long began = System.nanoTime();
    long broken = 0;
    long virtualMs = 0;
    TreeMap<String, Long> figures = new TreeMap<>();
    TreeMap<String, Integer> faults = new TreeMap<>();
    for (long seed = first; seed < first + seeds; seed++) {
      Outcome outcome = simulation.run(seed, false);
      virtualMs += outcome.virtualMs();
      outcome.figures().forEach((name, count) -> figures.merge(name, count, Long::sum));
      outcome.faults().forEach((kind, count) -> faults.merge(kind, count, Integer::sum));
      if (!outcome.kept()) {
        broken++;
        if (broken <= TOLD) {
          System.out.println(complaint(seed, outcome));
        }
        complaint = broken == 1 ? complaint(seed, outcome) : complaint;
      }
      if ((seed - first + 1) % 10_000 == 0) {
        System.out.printf(
            "%s: %,d of %,d histories, %d with violations%n",
            side, seed - first + 1, seeds, broken);
      }
    }
    StringBuilder sums = new StringBuilder();
    figures.forEach((name, count) -> sums.append(String.format(", %,d %s", count, name)));
    System.out.printf(
        "%s: %,d histories, %,d simulated hours%s, %.0f s%n",
        side, seeds, virtualMs / 3_600_000, sums, (System.nanoTime() - began) / 1e9);
    System.out.println(side + ", faults: " + faults);
    System.out.println(side + ", violations: " + broken);
    return new Result(broken, complaint);
  }

  /** Runs one history. */
  public Outcome run(long seed) {
    return simulation.run(seed, false);
  }

  /** Runs one history and prints its trace; whether it kept the promise. */
  public boolean replay(long seed) {
    Outcome outcome = simulation.run(seed, true);
    outcome.trace().forEach(System.out::println);
    System.out.println(side + ", violations: " + outcome.violations());
    return outcome.kept();
  }

  /** The first that is wrong with a history, and what a person types to see it again. */
  String complaint(long seed, Outcome outcome) {
    return String.format(
        "%s, seed %d: %s%n  replay: mvn -q -Psimulate -Dside=%s -Dseed=%d",
        side, seed, outcome.violations().get(0), side, seed);
  }

  Simulation simulation() {
    return simulation;
  }
}
