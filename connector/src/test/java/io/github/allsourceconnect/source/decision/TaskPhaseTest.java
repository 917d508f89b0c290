package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.source.decision.TaskPhase.Failed;
import io.github.allsourceconnect.source.decision.TaskPhase.Failing;
import io.github.allsourceconnect.source.decision.TaskPhase.Finished;
import io.github.allsourceconnect.source.decision.TaskPhase.Following;
import io.github.allsourceconnect.source.decision.phase.Successions;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which phase of a task may come after which, all pairs. */
class TaskPhaseTest {
  @Test
  void nothingFollowsTheEnd() {
    List<TaskPhase> all =
        List.of(new Following(), new Failing("why"), new Finished(), new Failed());
    String[] legal = {"0111", "0001", "0000", "0000"};
    Successions.assertThese(all, legal);
  }
}
