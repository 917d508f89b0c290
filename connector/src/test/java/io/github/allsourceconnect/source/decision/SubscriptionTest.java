package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredPositions;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** With which offset a connection is made: to a leader it is an ack. */
class SubscriptionTest {
  private final Recorder orders = new Recorder();
  private Follower follower;
  private long now = 1;

  private void start(SnapshotMode mode, SourcePosition position) {
    follower =
        new Follower(
            new FollowerSettings(
                List.of("leader:3910"),
                3_600_000,
                mode,
                GapPolicy.REPAIR,
                500,
                0,
                300_000,
                0,
                100,
                100,
                1 << 20),
            position,
            orders,
            new SplittableRandom(1));
    follower.start(now);
  }

  @Test
  void aLeaderIsToldOfNoMoreThanKafkaHas() {
    start(SnapshotMode.INITIAL, StoredPositions.at(10, Events.BASE_MICROS, "leader:3910"));
    assertEquals(10, orders.subscribed);
    replays();
    for (long number = 11; number <= 14; number++) {
      entry(number);
    }
    assertEquals(14, follower.position().walOffset());

    lost();
    assertEquals(10, orders.subscribed, "Kafka has none of them yet");
    replays();
    for (long number = 11; number <= 15; number++) {
      entry(number);
    }
    assertEquals(List.of("11", "12", "13", "14", "15"), orders.numbers());

    follower.onCommitted(2);
    lost();
    assertEquals(12, orders.subscribed);
    replays();
    follower.onCommitted(5);
    lost();
    assertEquals(15, orders.subscribed);
  }

  private void replays() {
    follower.onLiveReplays(orders.epoch);
    step();
  }

  private void entry(long number) {
    follower.onEntry(
        orders.epoch, new WalEntry(number, "", Events.event(number, "{}"), 0, null, null));
    step();
  }

  private void lost() {
    int before = orders.epoch.connection();
    follower.onLiveClosed(orders.epoch, "the connection is lost");
    for (int i = 0; orders.epoch.connection() == before; i++) {
      assertTrue(i < 1_000, follower.toString());
      step();
    }
  }

  private void step() {
    produce();
    now += 10;
    follower.tick(now, true);
    produce();
  }

  private void produce() {
    while (follower.dueBytes() >= 0) {
      follower.produceNext();
    }
  }

  /** A leader that replays sends its log, and says at its end that it is there. */
  @Test
  void aLogIsNoSnapshotThatIsCompleteWithItsFirstEntry() {
    start(SnapshotMode.INITIAL_ONLY, SourcePosition.START);
    replays();
    for (long number = 1; number <= 3 && follower.wantsEntries(); number++) {
      entry(number);
    }
    assertEquals(List.of("1", "2", "3"), orders.numbers());
    assertFalse(orders.said.contains("finished"));
    assertFalse(follower.position().snapshotDone(), "another task has to go on with it");

    // it goes on where it was
    follower.onCommitted(3);
    lost();
    replays();
    entry(4);
    assertEquals(List.of("1", "2", "3", "4"), orders.numbers());
    follower.onLogEnd(orders.epoch);
    step();
    assertTrue(orders.said.contains("finished"));
    assertTrue(follower.position().snapshotDone());
  }

  @Test
  void aLogThatHoldsNothingIsCompleteAtOnce() {
    start(SnapshotMode.INITIAL_ONLY, SourcePosition.START);
    follower.onLiveReplays(orders.epoch);
    follower.onLiveCaughtUp(orders.epoch, 0);
    step();
    assertTrue(orders.said.contains("finished"));
  }

  private static final class Recorder extends RecordedOrders {
    private Epoch epoch = Epoch.NONE;
    private long subscribed = -1;
    private final java.util.ArrayList<String> numbers = new java.util.ArrayList<>();

    @Override
    public void connectLive(Epoch of, long lastOffset) {
      epoch = of;
      subscribed = lastOffset;
    }

    @Override
    public void emitEntry(WalEntry entry) {
      numbers.add(String.valueOf(entry.event().version()));
    }

    List<String> numbers() {
      return numbers;
    }
  }
}
