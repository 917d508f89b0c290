package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.List;
import org.junit.jupiter.api.Test;

/** An idle leader with a long history: what is fetched for an hour is not thrown away. */
class LongSnapshotTest {
  private static final long HOUR_MS = 3_600_000;

  private final Scene scene =
      new Scene(SnapshotMode.INITIAL, GapPolicy.REPAIR, SourcePosition.START);

  /** So long nothing comes live; each second connection brings the history, which tells nothing. */
  private void idle(long ms) {
    for (long end = scene.now + ms; scene.now < end; ) {
      scene.tick(1_000);
      if (scene.probe != null) {
        Request asked = scene.probe;
        scene.probe = null;
        scene.follower.onProbeAnswered(asked, true, -1, false);
      }
    }
  }

  @Test
  void aSilentStreamIsNotDoubtedWhileTheFirstSnapshotComes() {
    scene.follower.onLiveCaughtUp(scene.epoch, 0);
    scene.asked();
    scene.said.clear();
    idle(HOUR_MS);
    assertEquals(List.of(), scene.said);

    scene.rows();
    idle(HOUR_MS);
    assertTrue(scene.said.stream().anyMatch(said -> said.startsWith("probe")), "then it is asked");
  }
}
