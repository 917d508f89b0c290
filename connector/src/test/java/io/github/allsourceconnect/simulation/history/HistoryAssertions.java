package io.github.allsourceconnect.simulation.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.LongStream;

/** What every simulation is held to. */
public final class HistoryAssertions {
  private HistoryAssertions() {}

  /**
   * Each of these seeds keeps the promise.
   *
   * @return how often what happened in all of them
   */
  public static Map<String, Integer> assertPromiseKept(Histories histories, long seeds) {
    return assertPromiseKept(histories, LongStream.rangeClosed(1, seeds).toArray());
  }

  /** The same of single ones. */
  public static Map<String, Integer> assertPromiseKept(Histories histories, long[] seeds) {
    List<String> broken = new ArrayList<>();
    TreeMap<String, Integer> faults = new TreeMap<>();
    for (long seed : seeds) {
      if (broken.size() == 5) {
        break;
      }
      Outcome outcome = histories.simulation().run(seed, false);
      if (!outcome.kept()) {
        broken.add(histories.complaint(seed, outcome));
      }
      outcome.faults().forEach((kind, count) -> faults.merge(kind, count, Integer::sum));
    }
    assertTrue(broken.isEmpty(), () -> String.join("\n", broken));
    return faults;
  }

  /** Each kind happened more often than that. */
  public static void assertOften(Map<String, Integer> faults, long atLeast, List<String> kinds) {
    for (String kind : kinds) {
      assertTrue(faults.getOrDefault(kind, 0) > atLeast, kind + " is too rare: " + faults);
    }
  }

  /** One of these seeds shows that the promise is broken. */
  public static void assertFound(Enum<?> fault, Simulation faulty, long seeds) {
    assertFound(fault, faulty, 1, seeds);
  }

  /** As {@link #assertFound(Enum, Simulation, long)}, with the seeds from {@code first} on. */
  public static void assertFound(Enum<?> fault, Simulation faulty, long first, long seeds) {
    for (long seed = first; seed < first + seeds; seed++) {
      if (!faulty.run(seed, false).kept()) {
        System.out.println(fault + " found by seed " + seed);
        return;
      }
    }
    fail(fault + " was not found in " + seeds + " histories from seed " + first + " on");
  }

  /** A mistake that breaks the code itself counts as a broken promise. */
  public static Simulation mayThrow(Simulation faulty) {
    return (seed, tell) -> {
      try {
        return faulty.run(seed, tell);
      } catch (RuntimeException e) {
        return new Outcome(0, Map.of(), Map.of(), List.of(e.toString()), List.of());
      }
    };
  }

  /** A seed gives the same history each time, word for word. */
  public static void assertRepeatable(Histories histories) {
    for (long seed = 1; seed <= 20; seed++) {
      assertEquals(histories.simulation().run(seed, true), histories.simulation().run(seed, true));
    }
  }
}
