package io.github.allsourceconnect.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The promise of both connectors together, and that the simulator would find it broken. */
class ChainSimulationTest {
  private static final long SEEDS = 4_000;

  /** Within so many seeds each planted fault is found. */
  private static final long SEEDS_FOR_A_FAULT = 300;

  @Test
  void everyEventIsAtEveryFollowerOnceAndInOrder() {
    List<String> broken = new ArrayList<>();
    TreeMap<String, Integer> faults = new TreeMap<>();
    for (long seed = 1; seed <= SEEDS && broken.size() < 5; seed++) {
      ChainSimulation.Result result = ChainSimulation.run(seed, ChainHistories.REAL, false);
      if (!result.violations().isEmpty()) {
        broken.add(result.violations().get(0) + "; replay: " + ChainHistories.command(seed));
      }
      result.faults().forEach((kind, count) -> faults.merge(kind, count, Integer::sum));
    }
    assertEquals(List.of(), broken);
    for (String kind :
        List.of(
            "leader killed",
            "leader's sender stalls",
            "worker killed",
            "zombie task",
            "Kafka down",
            "task killed",
            "zombie",
            "follower restarted with nothing",
            "retention",
            "snapshot",
            "second source: worker killed")) {
      assertTrue(faults.getOrDefault(kind, 0) > SEEDS / 20, kind + " is too rare: " + faults);
    }
  }

  @ParameterizedTest
  @EnumSource
  void aPlantedFaultIsFound(PlantedChainFault fault) {
    for (long seed = 1; seed <= SEEDS_FOR_A_FAULT; seed++) {
      if (isFoundBy(seed, fault)) {
        System.out.println(fault + " found by seed " + seed);
        return;
      }
    }
    throw new AssertionError(fault + " was not found in " + SEEDS_FOR_A_FAULT + " histories");
  }

  private static boolean isFoundBy(long seed, PlantedChainFault fault) {
    try {
      return !ChainSimulation.run(seed, fault.decisions, false).violations().isEmpty();
    } catch (RuntimeException e) {
      return true; // the mistake broke the code itself
    }
  }

  @Test
  void aSeedGivesTheSameHistoryEachTime() {
    for (long seed = 1; seed <= 20; seed++) {
      assertEquals(
          ChainSimulation.run(seed, ChainHistories.REAL, true),
          ChainSimulation.run(seed, ChainHistories.REAL, true));
    }
  }
}
