package io.github.allsourceconnect.simulation.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.sink.decision.LeaderLog;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The promise in many histories, and the proof that a broken promise would be seen. */
class SinkSimulationTest {
  private static final long SEEDS = Long.getLong("sink.seeds", 4_000);

  /** Within so many seeds each planted fault must be found. */
  private static final long SEEDS_TO_FIND = 400;

  @Test
  void everyHistoryKeepsThePromise() {
    List<String> broken = new ArrayList<>();
    TreeMap<String, Integer> counts = new TreeMap<>();
    for (long seed = 1; seed <= SEEDS && broken.size() < 5; seed++) {
      SinkSimulation.Result result = SinkSimulation.run(seed, LeaderLog::new, false);
      if (!result.violations().isEmpty()) {
        broken.add("seed " + seed + ": " + result.violations().get(0));
      }
      result.counts().forEach((kind, count) -> counts.merge(kind, count, Integer::sum));
    }
    assertEquals(List.of(), broken);
    for (String kind :
        List.of(
            "task killed",
            "rebalance",
            "zombie",
            "follower left",
            "follower restarted with nothing",
            "follower stalled",
            "retention",
            "retention under a slow follower",
            "compaction",
            "log cut back",
            "topic created again",
            "snapshot",
            "history lost")) {
      assertTrue(counts.getOrDefault(kind, 0) > SEEDS / 20, kind + " is too rare: " + counts);
    }
  }

  @Test
  void sameSeedSameHistory() {
    for (long seed = 1; seed <= 20; seed++) {
      assertEquals(
          SinkSimulation.run(seed, LeaderLog::new, true),
          SinkSimulation.run(seed, LeaderLog::new, true));
    }
  }

  @ParameterizedTest
  @EnumSource
  void plantedFaultIsFound(PlantedSinkFault fault) {
    for (long seed = 1; seed <= SEEDS_TO_FIND; seed++) {
      if (!SinkSimulation.run(seed, fault, false).violations().isEmpty()) {
        return;
      }
    }
    throw new AssertionError(fault + " was not found in " + SEEDS_TO_FIND + " histories");
  }
}
