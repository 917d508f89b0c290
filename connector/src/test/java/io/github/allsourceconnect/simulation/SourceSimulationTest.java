package io.github.allsourceconnect.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.source.decision.SimulatedFollowers;
import io.github.allsourceconnect.source.decision.SimulatedFollowers.PlantedFault;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The promise, in 20,000 simulated histories; and that the simulator would find it broken. */
class SourceSimulationTest {
  private static final int SEEDS = 20_000;

  /** Within so many seeds each planted fault is found. */
  private static final int SEEDS_FOR_A_FAULT = 2_000;

  @Test
  void noEventIsLostDoubledOrOutOfOrder() {
    List<String> broken = new ArrayList<>();
    for (long seed = 1; seed <= SEEDS && broken.size() < 5; seed++) {
      SourceSimulation.Result result = SourceSimulation.run(seed, SimulatedFollowers::real, false);
      if (!result.violations().isEmpty()) {
        broken.add(result.violations().get(0) + "; replay: " + SourceHistories.command(seed));
      }
    }
    assertTrue(broken.isEmpty(), () -> String.join("\n", broken));
  }

  @ParameterizedTest
  @EnumSource(PlantedFault.class)
  void aPlantedFaultIsFound(PlantedFault fault) {
    for (long seed = 1; seed <= SEEDS_FOR_A_FAULT; seed++) {
      if (isFoundBy(seed, fault)) {
        System.out.println(fault + " found by seed " + seed);
        return;
      }
    }
    assertTrue(false, fault + " was not found in " + SEEDS_FOR_A_FAULT + " seeds");
  }

  private static boolean isFoundBy(long seed, PlantedFault fault) {
    try {
      return !SourceSimulation.run(
              seed,
              (settings, position, orders, jitter) ->
                  SimulatedFollowers.faulty(fault, settings, position, orders, jitter),
              false)
          .violations()
          .isEmpty();
    } catch (RuntimeException e) {
      return true; // the mistake broke the code itself
    }
  }

  @Test
  void aSeedGivesTheSameHistoryEachTime() {
    for (long seed = 1; seed <= 20; seed++) {
      assertEquals(
          SourceSimulation.run(seed, SimulatedFollowers::real, true).trace(),
          SourceSimulation.run(seed, SimulatedFollowers::real, true).trace());
    }
  }
}
