package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.simulation.sink.PlantedSinkFault;
import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.source.decision.SimulatedFollowers;
import io.github.allsourceconnect.source.decision.SimulatedFollowers.PlantedFault;
import io.github.allsourceconnect.source.decision.SimulatedFollowers.PlantedLogFault;

/** Deliberate mistakes at some place of the chain; the simulation must find each. */
enum PlantedChainFault {
  SOURCE_DOES_NOT_VERIFY_RECONNECTS(source(PlantedFault.RECONNECT_NOT_VERIFIED)),
  SOURCE_RECOGNISES_NOTHING(source(PlantedFault.NOTHING_RECOGNISED)),
  SOURCE_LOSES_HELD_ENTRIES(source(PlantedFault.HELD_ENTRY_LOST)),
  SINK_STARTS_ONE_TOO_EARLY(sink(PlantedSinkFault.STARTS_ONE_TOO_EARLY)),
  SINK_LEAVES_OUT_AT_THE_SEAM(sink(PlantedSinkFault.SEAM_LEAVES_OUT)),
  SECOND_SOURCE_PASSES_THE_SNAPSHOT(second(PlantedLogFault.SNAPSHOT_PASSED_OVER)),
  SECOND_SOURCE_TAKES_IT_FROM_THE_BEGINNING(second(PlantedLogFault.SNAPSHOT_FROM_THE_BEGINNING)),
  SECOND_SOURCE_TAKES_HOLES_FOR_GAPS(second(PlantedLogFault.HOLES_ARE_GAPS)),
  SECOND_SOURCE_ACKS_BACKWARDS(second(PlantedLogFault.ACKS_GO_BACK));

  final ChainSimulation.Decisions decisions;

  PlantedChainFault(ChainSimulation.Decisions decisions) {
    this.decisions = decisions;
  }

  private static ChainSimulation.Decisions source(PlantedFault fault) {
    return new ChainSimulation.Decisions(
        (settings, position, orders, jitter) ->
            SimulatedFollowers.faulty(fault, settings, position, orders, jitter),
        LeaderLog::new,
        SimulatedFollowers::real);
  }

  private static ChainSimulation.Decisions sink(PlantedSinkFault fault) {
    return new ChainSimulation.Decisions(SimulatedFollowers::real, fault, SimulatedFollowers::real);
  }

  private static ChainSimulation.Decisions second(PlantedLogFault fault) {
    return new ChainSimulation.Decisions(
        SimulatedFollowers::real,
        LeaderLog::new,
        (settings, position, orders, jitter) ->
            SimulatedFollowers.faulty(fault, settings, position, orders, jitter));
  }
}
