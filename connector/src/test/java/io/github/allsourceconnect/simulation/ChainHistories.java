package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.simulation.history.Histories;
import io.github.allsourceconnect.simulation.history.Simulation;
import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.source.decision.SimulatedFollowers;

/** Simulated histories of both connectors. */
final class ChainHistories {
  /** With the decision code as it is shipped. */
  static final Histories REAL =
      new Histories(
          "chain",
          with(
              new ChainSimulation.Decisions(
                  SimulatedFollowers::real, LeaderLog::new, SimulatedFollowers::real)));

  private ChainHistories() {}

  static Simulation with(ChainSimulation.Decisions decisions) {
    return (seed, tell) -> ChainSimulation.run(seed, decisions, tell);
  }
}
