package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** An idle leader with a long history: what is fetched for an hour is not thrown away. */
class LongSnapshotTest {
  private static final long DEAD_MS = 30_000;
  private static final long HOUR_MS = 3_600_000;

  private final Recorder orders = new Recorder();
  private final Follower follower =
      new Follower(
          new FollowerSettings(
              List.of("leader-1:3910"),
              DEAD_MS,
              SnapshotMode.INITIAL,
              GapPolicy.REPAIR,
              500,
              0,
              300_000,
              0,
              100,
              100,
              1 << 20),
          SourcePosition.START,
          orders,
          new SplittableRandom(1));
  private long now = 1;

  /** It answers each second connection with its history, which tells nothing. */
  private static final class Recorder extends RecordedOrders {
    private Epoch epoch;
    private Request snapshot;
    private Request probe;

    @Override
    public void connectLive(Epoch of, long lastOffset) {
      super.connectLive(of, lastOffset);
      epoch = of;
    }

    @Override
    public void requestSnapshot(Request request, long lastOffset) {
      super.requestSnapshot(request, lastOffset);
      snapshot = request;
    }

    @Override
    public void probe(Request request, long lastOffset) {
      super.probe(request, lastOffset);
      probe = request;
    }
  }

  /** So long nothing comes live. */
  private void idle(long ms) {
    for (long end = now + ms; now < end; now += 1_000) {
      follower.tick(now, true);
      if (orders.probe != null) {
        Request asked = orders.probe;
        orders.probe = null;
        follower.onProbeAnswered(asked, true, -1, false);
      }
    }
  }

  @Test
  void aSilentStreamIsNotDoubtedWhileTheFirstSnapshotComes() {
    follower.start(now);
    follower.onLiveCaughtUp(orders.epoch, 0);
    while (orders.snapshot == null) {
      idle(1_000);
    }
    Request first = orders.snapshot;
    orders.said.clear();
    idle(HOUR_MS);
    assertEquals(List.of(), orders.said);

    follower.onSnapshotComplete(first, List.of("a.parquet"), 4, 0);
    follower.onRowsEnd(first);
    follower.onRowsEnd(first);
    idle(HOUR_MS);
    assertTrue(orders.said.stream().anyMatch(said -> said.startsWith("probe")), "then it is asked");
  }
}
