package io.github.allsourceconnect.simulation.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class SinkSimulationTest {
  private static final int SEEDS = 2000;
  private static final int SEEDS_FOR_A_FAULT = 300;

  @Test
  void noSeedBreaksThePromise() {
    long events = 0;
    for (long seed = 1; seed <= SEEDS; seed++) {
      SinkSimulation.Result result = SinkSimulation.run(seed);
      if (!result.violations().isEmpty()) {
        fail(
            "seed " + seed + ": " + result.violations() + "\n" + String.join("\n", result.trace()));
      }
      events += result.events();
    }
    assertTrue(events > SEEDS * 100L, "only " + events + " entries were received");
  }

  @Test
  void aSeedReplaysExactly() {
    assertEquals(SinkSimulation.run(7), SinkSimulation.run(7));
  }

  @ParameterizedTest
  @EnumSource(value = SinkFault.class, mode = EnumSource.Mode.EXCLUDE, names = "NONE")
  void eachPlantedFaultIsFound(SinkFault fault) {
    for (long seed = 1; seed <= SEEDS_FOR_A_FAULT; seed++) {
      List<String> violations = SinkSimulation.run(seed, fault).violations();
      if (!violations.isEmpty()) {
        return;
      }
    }
    fail(fault + " was not found within " + SEEDS_FOR_A_FAULT + " seeds");
  }
}
