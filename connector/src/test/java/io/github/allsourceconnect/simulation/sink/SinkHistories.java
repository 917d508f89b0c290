package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.simulation.history.Histories;
import io.github.allsourceconnect.simulation.history.Simulation;
import io.github.allsourceconnect.sink.decision.LeaderLog;

/** Simulated histories of the sink. */
public final class SinkHistories {
  /** With the decision code as it is shipped. */
  public static final Histories REAL = new Histories("sink", with(LeaderLog::new));

  private SinkHistories() {}

  static Simulation with(SinkSimulation.LeaderFactory leaders) {
    return (seed, tell) -> SinkSimulation.run(seed, leaders, tell);
  }
}
