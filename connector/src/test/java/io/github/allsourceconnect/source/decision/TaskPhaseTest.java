package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.source.decision.TaskPhase.Failed;
import io.github.allsourceconnect.source.decision.TaskPhase.Failing;
import io.github.allsourceconnect.source.decision.TaskPhase.Finished;
import io.github.allsourceconnect.source.decision.TaskPhase.Following;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which phase of a task may come after which, all pairs. */
class TaskPhaseTest {
  @Test
  void nothingFollowsTheEnd() {
    List<TaskPhase> all =
        List.of(new Following(), new Failing("why"), new Finished(), new Failed());
    String[] legal = {"0111", "0001", "0000", "0000"};
    for (int from = 0; from < all.size(); from++) {
      for (int to = 0; to < all.size(); to++) {
        assertEquals(
            legal[from].charAt(to) == '1',
            all.get(to).mayFollow(all.get(from)),
            all.get(from) + " to " + all.get(to));
      }
    }
  }
}
