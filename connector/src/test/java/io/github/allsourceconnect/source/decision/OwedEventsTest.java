package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.FollowerSettings.SnapshotMode;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** A hole is open when the leader is lost: the one that numbers anew must have what is missing. */
class OwedEventsTest {
  private static final SourcePosition AT_10 =
      new SourcePosition(
          10,
          0,
          0,
          0,
          Long.MAX_VALUE,
          Events.BASE_MICROS,
          Events.BASE_MICROS,
          new long[0],
          0,
          0,
          true,
          1);

  private final Recorder orders = new Recorder();
  private Follower follower;
  private long now = 1;
  private int answered;

  private void start(GapPolicy policy, SourcePosition position) {
    orders.failure = null;
    orders.generation = 0;
    orders.seen = 0;
    orders.snapshot = 0;
    answered = 0;
    follower =
        new Follower(
            new FollowerSettings(
                2, 3_600_000, SnapshotMode.INITIAL, policy, 500, 0, 300_000, 0, 100, 100, 1 << 20),
            position,
            orders,
            new SplittableRandom(1));
    follower.start(now);
  }

  /** Of the old leader 11 and 13 have come, 12 has not; the new one is at its first entry. */
  private void holeThenAnotherLeader(GapPolicy policy) {
    start(policy, AT_10);
    caughtUp(10);
    live(11, 11);
    awaitSnapshot();
    answer(List.of());
    live(13, 13);
    follower.onLiveClosed(orders.generation, "the leader is lost");
    anotherLeader();
  }

  private void anotherLeader() {
    caughtUp(0);
    firstOfAnother(Events.event(21, "{}"));
  }

  private void firstOfAnother(Event event) {
    caughtUp(0);
    live(event, 1);
    awaitSnapshot();
  }

  @Test
  void whatIsMissingAndNowhereIsLeftToThePolicy() {
    holeThenAnotherLeader(GapPolicy.REPAIR);
    answer(List.of());
    assertTrue(orders.failure.contains("has 0 of the 1 events behind offset 11"), orders.failure);
    assertEquals(List.of("11"), orders.produced);
    assertEquals(3, follower.position().missing(), "12, and 13 and 21 that are held");

    // a task that is restarted has not forgotten it
    SourcePosition kept = follower.position();
    assertEquals(Events.event(21, "{}").micros(), kept.missingMicros());
    start(GapPolicy.REPAIR, kept);
    firstOfAnother(Events.event(41, Events.BASE_MICROS + 300_003, "{}", "type", "entity"));
    answer(List.of(row(31, 300_000), row(32, 300_001), row(33, 300_002))); // newer than any of them
    assertTrue(orders.failure.contains("known to be missing"), orders.failure);
  }

  @Test
  void continuingCountsIt() {
    holeThenAnotherLeader(GapPolicy.CONTINUE);
    answer(List.of());
    assertNull(orders.failure);
    assertEquals(List.of("11", "13", "21"), orders.produced);
    assertEquals(1, follower.ledger().unaccounted);
    assertEquals(1, follower.ledger().regressions);
    assertEquals(0, follower.position().missing());
  }

  @Test
  void whatTheOtherLeaderHasIsProduced() {
    holeThenAnotherLeader(GapPolicy.REPAIR);
    answer(List.of(new SnapshotRow(Events.event(12, "{}"), 0, 0)));
    assertNull(orders.failure);
    assertEquals(List.of("11", "12", "13", "21"), orders.produced);
    assertEquals(0, follower.ledger().unaccounted);
    assertEquals(0, follower.position().missing());
  }

  private static SnapshotRow row(long number, long afterMicros) {
    long micros = Events.BASE_MICROS + afterMicros;
    return new SnapshotRow(Events.event(number, micros, "{}", "type", "entity"), 0, 0);
  }

  private void caughtUp(long currentOffset) {
    int before = orders.seen;
    long limit = now + 600_000;
    while (orders.generation == before) {
      assertTrue(now < limit, follower.toString());
      step();
    }
    orders.seen = orders.generation;
    follower.onLiveCaughtUp(orders.generation, currentOffset);
    step();
  }

  private void live(long number, long offset) {
    live(Events.event(number, "{}"), offset);
  }

  private void live(Event event, long offset) {
    follower.onEntry(orders.generation, new WalEntry(offset, "", event, 0, null, null));
    step();
  }

  private void awaitSnapshot() {
    long limit = now + 600_000;
    while (orders.snapshot == answered) {
      assertTrue(now < limit, follower.toString());
      step();
    }
  }

  private void answer(List<SnapshotRow> rows) {
    answered = orders.snapshot;
    follower.onSnapshotComplete(answered, List.of("events.parquet"), 1, 0);
    while (follower.wantsRows()) {
      rows.forEach(row -> follower.onRow(answered, row));
      follower.onRowsEnd(answered);
    }
    step();
  }

  private void step() {
    now += 10;
    follower.tick(now, true);
  }

  private static final class Recorder extends RecordedOrders {
    private int generation;
    private int seen;
    private int snapshot;
    private String failure;

    private void add(long micros) {
      produced.add(String.valueOf(numberOf(micros)));
    }

    private static long numberOf(long micros) {
      for (long number = 1; number < 100; number++) {
        if (Events.event(number, "{}").micros() == micros) {
          return number;
        }
      }
      return -1;
    }

    @Override
    public void connectLive(int of, int address, long lastOffset) {
      generation = of;
      seen = Math.min(seen, of - 1);
    }

    @Override
    public void requestSnapshot(int requested, int address, long lastOffset) {
      snapshot = requested;
    }

    @Override
    public void emitEntry(WalEntry entry) {
      add(entry.event().micros());
    }

    @Override
    public void emitRow(SnapshotRow row, String tenant) {
      add(row.event().micros());
    }

    @Override
    public void fail(String message) {
      failure = message;
    }
  }
}
