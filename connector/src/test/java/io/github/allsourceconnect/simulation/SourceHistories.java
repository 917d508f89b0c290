package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.simulation.history.Histories;
import io.github.allsourceconnect.simulation.history.Outcome;
import io.github.allsourceconnect.simulation.history.Simulation;
import io.github.allsourceconnect.source.decision.SimulatedFollowers;
import java.util.Map;

/** Simulated histories of the source. */
final class SourceHistories {
  /** With the decision code as it is shipped. */
  static final Histories REAL = new Histories("source", with(SimulatedFollowers::real));

  private SourceHistories() {}

  static Simulation with(SourceSimulation.FollowerFactory followers) {
    return (seed, tell) -> outcome(SourceSimulation.run(seed, followers, tell));
  }

  private static Outcome outcome(SourceSimulation.Result result) {
    Map<String, Long> figures =
        Map.of(
            "events", (long) result.events(),
            "gaps", result.gaps(),
            "repairs", result.repairs(),
            "unverified repairs", result.unverified());
    return new Outcome(
        result.virtualMs(), figures, result.faults(), result.violations(), result.trace());
  }
}
