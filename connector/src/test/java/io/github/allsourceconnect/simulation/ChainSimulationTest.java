package io.github.allsourceconnect.simulation;

import static io.github.allsourceconnect.simulation.history.HistoryAssertions.assertFound;
import static io.github.allsourceconnect.simulation.history.HistoryAssertions.assertOften;
import static io.github.allsourceconnect.simulation.history.HistoryAssertions.assertPromiseKept;
import static io.github.allsourceconnect.simulation.history.HistoryAssertions.assertRepeatable;
import static io.github.allsourceconnect.simulation.history.HistoryAssertions.mayThrow;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The promise of both connectors together, and that the simulator would find it broken. */
class ChainSimulationTest {
  private static final long SEEDS = 1_500;

  /** Within so many seeds each planted fault is found. */
  private static final long SEEDS_FOR_A_FAULT = 300;

  @Test
  void everyEventIsAtEveryFollowerOnceAndInOrder() {
    Map<String, Integer> faults = assertPromiseKept(ChainHistories.REAL, SEEDS);
    assertOften(
        faults,
        SEEDS / 20,
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
            "second source: worker killed"));
  }

  /** Rows next to the last entry made a numbering look new, and a judge expected too much. */
  @Test
  void whatLiesNextToTheLastEntryIsNoSignOfAnotherNumbering() {
    assertPromiseKept(ChainHistories.REAL, new long[] {9117444, 9204982, 9301641});
  }

  /** A line that could not be used was believed to be an event that a row had brought. */
  @Test
  void aRowThatIsThereGoesBeforeALine() {
    assertPromiseKept(ChainHistories.REAL, new long[] {14042248});
  }

  @ParameterizedTest
  @EnumSource
  void aPlantedFaultIsFound(PlantedChainFault fault) {
    assertFound(fault, mayThrow(ChainHistories.with(fault.decisions)), SEEDS_FOR_A_FAULT);
  }

  @Test
  void aSeedGivesTheSameHistoryEachTime() {
    assertRepeatable(ChainHistories.REAL);
  }
}
