package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * 11 to 150 have come live, a snapshot has more, and what it has more is left for the stream. The
 * stream is silent then, and a second connection does not tell whether it should be: those rows may
 * have later offsets, or earlier ones. An event's number is its offset.
 */
class ToldBySilenceTest extends RecordedOrders {
  private static final int LIVE = 150;

  private final List<Long> events = new ArrayList<>();
  private final Map<Long, Double> seconds = new HashMap<>();
  private final Map<Integer, SourcePosition> stored = new HashMap<>();
  private Follower follower;
  private Epoch epoch = Epoch.NONE;
  private Request snapshot;
  private Request probe;
  private String failure;
  private boolean bufferEmpty = true;
  private long now = 1;
  private long killedAfter = -1;
  private SourcePosition kept;

  // ---- the scene

  /** The last of the rows that were left is this one. */
  private void left(GapPolicy policy, long repairPauseMs, int last) {
    begin(policy, SourcePosition.START, repairPauseMs);
    caughtUp(10);
    bufferEmpty = false;
    LongStream.rangeClosed(11, LIVE).forEach(this::came);
    asked();
    rows(last);
    bufferEmpty = true;
    follower.onCommitted(follower.emitted());
    tick(10);
    assertEquals(last - LIVE, follower.ledger().awaited);
  }

  /** 151 and 152 are told by silence, and another connection is there. */
  private void told(GapPolicy policy) {
    left(policy, 0, 152);
    silence(true);
    anotherConnection();
  }

  private void begin(GapPolicy policy, SourcePosition position, long repairPauseMs) {
    epoch = Epoch.NONE;
    snapshot = null;
    failure = null;
    follower =
        new Follower(
            new FollowerSettings(
                List.of("leader-1:3910"),
                20_000,
                SnapshotMode.INITIAL,
                policy,
                500,
                repairPauseMs,
                300_000,
                0,
                100,
                100,
                1 << 20),
            position,
            this,
            new SplittableRandom(1));
    follower.start(now);
  }

  private Event event(long number) {
    double at = number <= LIVE ? number * 0.01 : 1.5 + 0.3 * (number - LIVE);
    long micros = (long) (seconds.getOrDefault(number, at) * 1e6);
    return Events.event(number, Events.BASE_MICROS + micros, "{}", "type", "entity-" + number);
  }

  private void came(long number) {
    follower.onEntry(epoch, new WalEntry(number, "", event(number), 0, null, null));
    produce();
  }

  private void tick(long millis) {
    for (long end = now + millis; now < end; ) {
      now += 10;
      follower.tick(now, bufferEmpty);
      produce();
    }
  }

  private void produce() {
    while (follower.dueBytes() >= 0) {
      follower.produceNext();
      if (kept == null && !events.isEmpty() && events.get(events.size() - 1) == killedAfter) {
        kept = kept();
      }
    }
  }

  private SourcePosition kept() {
    SourcePosition position = follower.takePosition(true);
    stored.put(position.produced().slot(), position);
    return SourcePosition.of(stored);
  }

  private void caughtUp(long at) {
    follower.onLiveCaughtUp(epoch, at);
    tick(10);
  }

  private void asked() {
    Request before = snapshot;
    for (long limit = now + 600_000; Objects.equals(snapshot, before); ) {
      assertTrue(now < limit, follower.toString());
      tick(10);
    }
  }

  private void anotherConnection() {
    Epoch before = epoch;
    for (long limit = now + 600_000; epoch.equals(before); ) {
      assertTrue(now < limit, follower.toString());
      tick(10);
    }
  }

  private void silence(boolean more) {
    Request before = probe;
    for (long limit = now + 600_000; Objects.equals(probe, before); ) {
      assertTrue(now < limit, follower.toString());
      tick(10);
    }
    follower.onProbeAnswered(probe, more, LIVE, false);
  }

  /** All events up to one are in the snapshot, and these. */
  private void rows(long upTo, long... more) {
    follower.onSnapshotComplete(snapshot, List.of("events.parquet"), 1, 0);
    Request of = snapshot;
    List<SnapshotRow> rows =
        LongStream.concat(LongStream.rangeClosed(1, upTo), LongStream.of(more))
            .mapToObj(number -> new SnapshotRow(event(number), 0, 0))
            .sorted(Comparator.comparingLong(row -> row.event().micros()))
            .toList();
    while (follower.wantsRows()) {
      rows.forEach(
          row -> {
            follower.onRow(of, row);
            produce();
          });
      follower.onRowsEnd(of);
      produce();
    }
    tick(20);
  }

  @Override
  public void connectLive(Epoch of, long lastOffset) {
    epoch = of;
  }

  @Override
  public void requestSnapshot(Request request, long lastOffset) {
    snapshot = request;
  }

  @Override
  public void probe(Request request, long lastOffset) {
    probe = request;
  }

  @Override
  public void emitEntry(WalEntry entry) {
    events.add(entry.event().version());
  }

  @Override
  public void emitRow(SnapshotRow row, String tenant) {
    events.add(row.event().version());
  }

  @Override
  public void fail(String message) {
    failure = message;
  }

  private void assertAllThereUpTo(long last) {
    assertNull(failure);
    assertEquals(
        LongStream.rangeClosed(1, last).boxed().toList(), events.stream().sorted().toList());
    assertEquals(0, follower.ledger().unaccounted);
    assertEquals(0, follower.ledger().balance());
  }

  // ---- nothing is lost

  /** A connection that an old word of the leader calls whole has been swallowed all the same. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void theirOffsetsMayBeMissingLater(boolean more) {
    left(GapPolicy.REPAIR, 0, 152);
    silence(more);
    anotherConnection();
    caughtUp(152);
    asked();
    rows(152);
    assertEquals(2, follower.position().uncertain());
    came(153);
    asked();
    rows(153);
    assertAllThereUpTo(153);
    assertEquals(0, follower.ledger().repairs);
    assertTrue(follower.ledger().unverifiedRepairs > 0);
    assertEquals(0, follower.position().uncertain());
  }

  /** Told while a repair waits, produced by it, and next to its cut. */
  @Test
  void soMayThoseNextToTheCutOfTheRepairThatBringsThem() {
    for (long number = 151; number < 200; number++) {
      seconds.put(number, number * 0.01);
    }
    left(GapPolicy.REPAIR, 60_000, 153);
    tick(100);
    came(152);
    silence(true);
    asked();
    rows(153);
    assertEquals(1, follower.position().uncertain(), "153");
    follower.onLiveClosed(epoch, "reset");
    anotherConnection();
    caughtUp(153);
    came(154);
    asked();
    rows(154);
    assertAllThereUpTo(154);
  }

  @ParameterizedTest
  @ValueSource(ints = {151, 152, 153, 154, 156})
  void theNextTaskKnows(int lastProduced) {
    told(GapPolicy.REPAIR);
    killedAfter = lastProduced;
    caughtUp(156);
    for (int i = 0; kept == null; i++) {
      assertTrue(i < 4, follower.toString());
      asked();
      rows(156);
    }
    events.removeIf(number -> number > lastProduced);
    begin(GapPolicy.REPAIR, kept, 0);
    caughtUp(156);
    came(157);
    for (int i = 0; events.size() < 157 && failure == null; i++) {
      assertTrue(i < 4, follower.toString());
      asked();
      rows(157);
    }
    assertAllThereUpTo(157);
  }

  // ---- something is lost, and noticed

  /** They have filled a gap, so they stand for nothing else. */
  @ParameterizedTest
  @EnumSource(names = {"REPAIR", "CONTINUE"})
  void whatFillsTheGapOfItsOwnRepairFillsNoOther(GapPolicy policy) {
    told(policy);
    caughtUp(152);
    came(153);
    asked();
    rows(153);
    assertEquals(1, follower.ledger().repairs);
    assertEquals(0, follower.position().uncertain());
    came(155);
    asked();
    rows(153, 155);
    if (policy == GapPolicy.REPAIR) {
      assertNotNull(failure, "154 is nowhere");
    } else {
      assertEquals(1, follower.ledger().unaccounted);
    }
  }

  /** A repair that broke off had counted a hole, so it is owed when its connection is lost. */
  @Test
  void whatIsOwedStandsForNothingElse() {
    left(GapPolicy.REPAIR, 60_000, 153);
    tick(100);
    came(152);
    silence(true);
    asked();
    follower.onSnapshotComplete(snapshot, List.of("events.parquet"), 1, 0);
    follower.onSnapshotFailed(snapshot, "reading failed");
    follower.onLiveClosed(epoch, "reset");
    anotherConnection();
    caughtUp(154);
    asked();
    rows(154);
    asked();
    rows(154);
    came(156);
    asked();
    rows(154, 156);
    assertNotNull(failure, "155 is nowhere");
  }

  /** Whether an entry is at hand when the repair that brings them begins, or not. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aClockThatIsAheadKeepsNoneLonger(boolean isQuiet) {
    int last = LIVE + 30;
    seconds.put(5L, 3_600.0);
    begin(GapPolicy.REPAIR, SourcePosition.START, 0);
    caughtUp(10);
    bufferEmpty = false;
    LongStream.rangeClosed(11, LIVE).forEach(this::came);
    while (events.isEmpty()) {
      asked();
      rows(LIVE);
    }
    bufferEmpty = true;
    assertEquals(1, follower.ledger().awaited);
    silence(false);
    anotherConnection();
    caughtUp(LIVE);
    if (!isQuiet) {
      came(LIVE + 1);
    }
    asked();
    rows(isQuiet ? LIVE : LIVE + 1);
    while (follower.ledger().awaited > 0) {
      asked();
      rows(LIVE);
    }
    for (long number = isQuiet ? LIVE + 1 : LIVE + 2; number <= last; number++) {
      came(number);
      tick(10);
      if (number == LIVE + 1) {
        tick(1_000);
        if (follower.ledger().held > 0) {
          asked();
          rows(number);
        }
      }
    }
    assertEquals(0, follower.position().uncertain());
    came(last + 2);
    asked();
    rows(last, last + 2);
    assertNotNull(failure, last + 1 + " is nowhere");
  }
}
