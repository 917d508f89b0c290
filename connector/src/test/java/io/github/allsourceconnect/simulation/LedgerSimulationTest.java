package io.github.allsourceconnect.simulation;

import static io.github.allsourceconnect.simulation.history.HistoryAssertions.assertFound;
import static io.github.allsourceconnect.simulation.history.HistoryAssertions.mayThrow;

import io.github.allsourceconnect.simulation.LedgerJudge.PlantedLedgerFault;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.SimulatedFollowers;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.random.RandomGenerator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A mark that does not tell what Kafka has is found. That shipped code gives none is {@link
 * SourceSimulationTest}'s: every fourth history writes a ledger topic.
 */
class LedgerSimulationTest {
  private static final long SEEDS_FOR_A_FAULT = 2_000;

  @ParameterizedTest
  @EnumSource(PlantedLedgerFault.class)
  void aPlantedFaultIsFound(PlantedLedgerFault fault) {
    assertFound(fault, mayThrow(SourceHistories.with(with(fault))), SEEDS_FOR_A_FAULT);
  }

  private static SourceSimulation.FollowerFactory with(PlantedLedgerFault fault) {
    return new SourceSimulation.FollowerFactory() {
      @Override
      public Follower make(
          FollowerSettings settings,
          SourcePosition position,
          FollowerOrders orders,
          RandomGenerator jitter) {
        return SimulatedFollowers.real(settings, position, orders, jitter);
      }

      @Override
      public PlantedLedgerFault ledgerFault() {
        return fault;
      }
    };
  }
}
