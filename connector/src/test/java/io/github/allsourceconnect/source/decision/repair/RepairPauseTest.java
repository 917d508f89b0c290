package io.github.allsourceconnect.source.decision.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.RecordedOrders;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.StoredPositions;
import java.util.List;
import java.util.Objects;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How long repairs wait for each other. */
class RepairPauseTest {
  private static final long MIN_MS = 1_000;
  private static final long LIMIT_MS = 600_000;

  private final Recorder orders = new Recorder();
  private final Follower follower =
      new Follower(
          new FollowerSettings(
              List.of("leader-1:3910"),
              3_600_000,
              SnapshotMode.INITIAL,
              GapPolicy.REPAIR,
              500,
              MIN_MS,
              300_000,
              0,
              1_000,
              30_000,
              1 << 20),
          StoredPositions.at(10, Events.BASE_MICROS, "leader-1:3910"),
          orders,
          new SplittableRandom(1));
  private long now = 1;
  private Request answered;

  @Test
  void gapsThatKeepComingAreRepairedLessAndLessOften() {
    long offset = followedWithGaps(8);
    long began = now;
    live(offset + 2);
    awaitSnapshot();
    assertTrue(now - began > 20 * MIN_MS, "after " + (now - began) + " ms");
  }

  @Test
  void aReconnectDoesNotWaitAsLongAsGapsWould() {
    long offset = followedWithGaps(8);
    follower.onLiveClosed(orders.epoch, "closed by the test");
    connected(offset);
    long began = now;
    live(offset + 1);
    awaitSnapshot();
    assertTrue(now - began <= 2 * MIN_MS, "after " + (now - began) + " ms");
  }

  /** Offset 11 live, then every second offset missing and repaired; returns the last offset. */
  private long followedWithGaps(int gaps) {
    follower.start(now);
    connected(10);
    long offset = 11;
    live(offset);
    awaitSnapshot();
    answer(List.of());
    for (int i = 0; i < gaps; i++) {
      live(offset + 2);
      awaitSnapshot();
      answer(List.of(new SnapshotRow(Events.event(offset + 1, "{}"), 0, 0)));
      offset += 2;
      assertEquals(offset, follower.ledger().walOffset);
    }
    return offset;
  }

  private void connected(long currentOffset) {
    int before = answered == null ? 0 : orders.epoch.connection();
    while (orders.epoch.connection() == before) {
      step();
    }
    follower.onLiveCaughtUp(orders.epoch, currentOffset);
    step();
  }

  private void live(long offset) {
    WalEntry entry = Events.entry(offset, "{}");
    follower.onEntry(orders.epoch, entry);
    step();
  }

  private void awaitSnapshot() {
    long limit = now + LIMIT_MS;
    while (Objects.equals(orders.snapshot, answered)) {
      assertTrue(now < limit, follower.toString());
      step();
    }
  }

  private void answer(List<SnapshotRow> rows) {
    answered = orders.snapshot;
    follower.onSnapshotComplete(answered, List.of("events.parquet"), 1, 0);
    while (follower.wantsRows()) {
      for (SnapshotRow row : rows) {
        follower.onRow(answered, row);
        produce();
      }
      follower.onRowsEnd(answered);
      produce();
    }
    step();
  }

  private void produce() {
    while (follower.dueBytes() >= 0) {
      follower.produceNext();
    }
  }

  private void step() {
    now += 10;
    follower.tick(now, true);
    produce();
  }

  private static final class Recorder extends RecordedOrders {
    private Epoch epoch = Epoch.NONE;
    private Request snapshot;

    @Override
    public void connectLive(Epoch of, long lastOffset) {
      epoch = of;
    }

    @Override
    public void requestSnapshot(Request requested, long lastOffset) {
      snapshot = requested;
    }

    @Override
    public void fail(String message) {
      throw new AssertionError(message);
    }
  }
}
