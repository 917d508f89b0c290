package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
class ToldBySilenceTest extends DrivenFollower {
  private static final int LIVE = 150;

  private final Map<Long, Double> seconds = new HashMap<>();
  private String killedAfter = "";
  private SourcePosition killedAt;

  // ---- the scene

  /** The last of the rows that were left is this one. */
  private void left(GapPolicy policy, long repairPauseMs, int last) {
    begin(policy, SourcePosition.START, repairPauseMs);
    caughtUp(10);
    bufferEmpty = false;
    LongStream.rangeClosed(11, LIVE).forEach(this::came);
    awaitSnapshot();
    rows(last);
    bufferEmpty = true;
    follower.onCommitted(follower.emitted());
    step();
    assertEquals(last - LIVE, follower.ledger().awaited);
  }

  /** 151 and 152 are told by silence. */
  private void told(GapPolicy policy) {
    left(policy, 0, 152);
    silence(true);
  }

  private void begin(GapPolicy policy, SourcePosition position, long repairPauseMs) {
    start(
        new FollowerSettings(
            LEADERS.subList(0, 1),
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
        position);
  }

  private Event event(long number) {
    double at = number <= LIVE ? number * 0.01 : 1.5 + 0.3 * (number - LIVE);
    long micros = (long) (seconds.getOrDefault(number, at) * 1e6);
    return Events.event(number, Events.BASE_MICROS + micros, "{}", "type", "entity-" + number);
  }

  private void came(long number) {
    follower.onEntry(orders.epoch, new WalEntry(number, "", event(number), 0, null, null));
    produce();
  }

  private void tick(long millis) {
    for (long end = now + millis; now < end; ) {
      step();
    }
  }

  @Override
  void produce() {
    while (follower.dueBytes() >= 0) {
      follower.produceNext();
      int produced = orders.produced.size();
      if (killedAt == null
          && produced > 0
          && orders.produced.get(produced - 1).equals(killedAfter)) {
        killedAt = kept();
      }
    }
  }

  private void silence(boolean more) {
    Request before = orders.probe;
    for (long limit = now + 600_000; Objects.equals(orders.probe, before); ) {
      assertTrue(now < limit, follower.toString());
      step();
    }
    follower.onProbeAnswered(orders.probe, more, LIVE, false);
  }

  /** All events up to one are in the snapshot, and these. */
  private void rows(long upTo, long... more) {
    answer(
        LongStream.concat(LongStream.rangeClosed(1, upTo), LongStream.of(more))
            .mapToObj(number -> new SnapshotRow(event(number), 0, 0))
            .sorted(Comparator.comparingLong(row -> row.event().micros()))
            .toList());
    step();
  }

  private void assertAllThereUpTo(long last) {
    assertNull(orders.failure);
    assertEquals(
        LongStream.rangeClosed(1, last).boxed().toList(),
        orders.produced.stream().map(Long::valueOf).sorted().toList());
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
    caughtUp(152);
    awaitSnapshot();
    rows(152);
    assertEquals(2, follower.position().uncertain());
    came(153);
    awaitSnapshot();
    rows(153);
    assertAllThereUpTo(153);
    assertEquals(0, follower.ledger().repairs);
    assertTrue(follower.ledger().unverifiedRepairs > 0);
    assertEquals(0, follower.position().uncertain());
  }

  /** Told while a repair waits, and produced by it: next to its cut, or further away. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void soMayThoseBehindTheCutOfTheRepairThatBringsThem(boolean areNextToIt) {
    for (long number = 151; areNextToIt && number < 200; number++) {
      seconds.put(number, number * 0.01);
    }
    left(GapPolicy.REPAIR, 60_000, 153);
    tick(100);
    came(152);
    silence(true);
    awaitSnapshot();
    rows(153);
    assertEquals(1, follower.position().uncertain(), "153");
    follower.onLiveClosed(orders.epoch, "reset");
    caughtUp(153);
    came(154);
    awaitSnapshot();
    rows(154);
    assertAllThereUpTo(154);
  }

  @ParameterizedTest
  @ValueSource(ints = {151, 152, 153, 154, 156})
  void theNextTaskKnows(int lastProduced) {
    told(GapPolicy.REPAIR);
    killedAfter = Integer.toString(lastProduced);
    caughtUp(156);
    for (int i = 0; killedAt == null; i++) {
      assertTrue(i < 4, follower.toString());
      awaitSnapshot();
      rows(156);
    }
    orders.produced.removeIf(number -> Long.parseLong(number) > lastProduced);
    begin(GapPolicy.REPAIR, killedAt, 0);
    caughtUp(156);
    came(157);
    for (int i = 0; orders.produced.size() < 157 && orders.failure == null; i++) {
      assertTrue(i < 4, follower.toString());
      awaitSnapshot();
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
    awaitSnapshot();
    rows(153);
    assertEquals(1, follower.ledger().repairs);
    assertEquals(0, follower.position().uncertain());
    came(155);
    awaitSnapshot();
    rows(153, 155);
    if (policy == GapPolicy.REPAIR) {
      assertNotNull(orders.failure, "154 is nowhere");
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
    awaitSnapshot();
    follower.onSnapshotComplete(orders.snapshot, List.of("events.parquet"), 1, 0);
    follower.onSnapshotFailed(orders.snapshot, "reading failed");
    answered = orders.snapshot;
    follower.onLiveClosed(orders.epoch, "reset");
    caughtUp(154);
    awaitSnapshot();
    rows(154);
    awaitSnapshot();
    rows(154);
    came(156);
    awaitSnapshot();
    rows(154, 156);
    assertNotNull(orders.failure, "155 is nowhere");
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
    while (orders.produced.isEmpty()) {
      awaitSnapshot();
      rows(LIVE);
    }
    bufferEmpty = true;
    assertEquals(1, follower.ledger().awaited);
    silence(false);
    caughtUp(LIVE);
    if (!isQuiet) {
      came(LIVE + 1);
    }
    awaitSnapshot();
    rows(isQuiet ? LIVE : LIVE + 1);
    while (follower.ledger().awaited > 0) {
      awaitSnapshot();
      rows(LIVE);
    }
    for (long number = isQuiet ? LIVE + 1 : LIVE + 2; number <= last; number++) {
      came(number);
      tick(10);
      if (number == LIVE + 1) {
        tick(1_000);
        if (follower.ledger().held > 0) {
          awaitSnapshot();
          rows(number);
        }
      }
    }
    assertEquals(0, follower.position().uncertain());
    came(last + 2);
    awaitSnapshot();
    rows(last, last + 2);
    assertNotNull(orders.failure, last + 1 + " is nowhere");
  }
}
