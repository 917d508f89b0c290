package io.github.allsourceconnect.simulation;

import static io.github.allsourceconnect.simulation.history.HistoryAssertions.assertFound;
import static io.github.allsourceconnect.simulation.history.HistoryAssertions.assertPromiseKept;
import static io.github.allsourceconnect.simulation.history.HistoryAssertions.assertRepeatable;
import static io.github.allsourceconnect.simulation.history.HistoryAssertions.mayThrow;

import io.github.allsourceconnect.source.decision.SimulatedFollowers;
import io.github.allsourceconnect.source.decision.SimulatedFollowers.PlantedFault;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The promise, in 20,000 simulated histories; and that the simulator would find it broken. */
class SourceSimulationTest {
  private static final long SEEDS = 20_000;

  /** Within so many seeds each planted fault is found. */
  private static final long SEEDS_FOR_A_FAULT = 2_000;

  @Test
  void noEventIsLostDoubledOrOutOfOrder() {
    assertPromiseKept(SourceHistories.REAL, SEEDS);
  }

  @ParameterizedTest
  @EnumSource(PlantedFault.class)
  void aPlantedFaultIsFound(PlantedFault fault) {
    SourceSimulation.FollowerFactory faulty =
        (settings, position, orders, jitter) ->
            SimulatedFollowers.faulty(fault, settings, position, orders, jitter);
    assertFound(fault, mayThrow(SourceHistories.with(faulty)), SEEDS_FOR_A_FAULT);
  }

  @Test
  void aSeedGivesTheSameHistoryEachTime() {
    assertRepeatable(SourceHistories.REAL);
  }
}
