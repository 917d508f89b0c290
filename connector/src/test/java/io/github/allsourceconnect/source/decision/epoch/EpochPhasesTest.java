package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.source.decision.epoch.LinkPhase.Connecting;
import io.github.allsourceconnect.source.decision.epoch.LinkPhase.Live;
import io.github.allsourceconnect.source.decision.epoch.LinkPhase.Resting;
import io.github.allsourceconnect.source.decision.epoch.LinkPhase.Waiting;
import io.github.allsourceconnect.source.decision.epoch.StreamPhase.Hole;
import io.github.allsourceconnect.source.decision.epoch.StreamPhase.InOrder;
import io.github.allsourceconnect.source.decision.epoch.StreamPhase.Placing;
import io.github.allsourceconnect.source.decision.phase.Successions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which phase of a connection and of its stream may come after which, all pairs. */
class EpochPhasesTest {
  @Test
  void aHoleFollowsOneThatIsFilledOnlyFurtherOn() {
    List<StreamPhase> all =
        List.of(new Placing(), new InOrder(), new Hole(1, 4), new Hole(1, 5), new Hole(2, 5));
    String[] legal = {
      // to Placing, InOrder, the first hole, the second, the second since a later time
      "11000", "11111", "11011", "11001", "11000",
    };
    Successions.assertThese(all, legal);
  }

  @Test
  void aConnectionIsLiveOnlyAfterItWasMade() {
    List<LinkPhase> all = List.of(new Waiting(1), new Resting(), new Connecting(true), new Live());
    String[] legal = {"0110", "1000", "1101", "1100"};
    Successions.assertThese(all, legal);
  }
}
