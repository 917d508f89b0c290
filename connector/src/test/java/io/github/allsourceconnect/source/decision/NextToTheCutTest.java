package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What lies next to a cut: in which order it comes, and what waits for it. */
class NextToTheCutTest extends DrivenFollower {
  private static SourcePosition at10(long latenessMicros) {
    return new SourcePosition(
        10,
        0,
        0,
        SourcePosition.Missing.NONE,
        AT_10.produced(),
        latenessMicros,
        0,
        true,
        LEADERS.get(0),
        1,
        Losses.NONE,
        false);
  }

  private static Event event(long number, String entity, long millis) {
    return Events.event(number, Events.BASE_MICROS + millis * 1000, "{}", "type", entity);
  }

  private static SnapshotRow row(Event event) {
    return new SnapshotRow(event, 0, 0);
  }

  /**
   * Once an entry was half a second late, so that versions count within two seconds. The leader
   * crashes and is back within one: behind a crash versions begin lower, and tell nothing of
   * before.
   */
  @Test
  void aLowerVersionBehindACrashIsNotBeforeTheCut() {
    start(GapPolicy.REPAIR, at10(500_000));
    while (now < 70_000) { // that was more than a minute ago
      step();
    }
    caughtUp(10);
    Event before = event(50, "a", 1_000);
    live(before, 12);
    follower.onLiveClosed(orders.epoch, "the leader crashes");
    caughtUp(0);
    for (int i = 0; i < 3 && orders.epoch.connection() != orders.seen; i++) {
      orders.seen = orders.epoch.connection();
      follower.onLiveCaughtUp(orders.epoch, 0);
      step();
    }
    List<SnapshotRow> rows = new ArrayList<>(List.of(row(before)));
    bufferEmpty = false;
    int offset = 1;
    for (; offset <= 66; offset++) {
      Event other = event(1_000 + offset, "o" + offset, 1_900 + offset * 10L);
      live(other, offset);
      rows.add(row(other));
    }
    Event second = event(2, "a", 2_600);
    live(second, offset++);
    Event third = event(3, "a", 2_610); // it has not been taken in when the snapshot comes
    rows.add(row(second));
    rows.add(row(third));
    awaitSnapshot();
    rows.sort(Comparator.comparingLong(one -> one.event().micros()));
    answer(rows);
    live(third, offset);
    for (int i = 0; i < 100; i++) {
      step();
    }
    assertNull(orders.failure);
    assertTrue(orders.produced.containsAll(List.of("50", "2", "3")), follower.toString());
    List<String> ofA = new ArrayList<>(orders.produced);
    ofA.retainAll(List.of("50", "2", "3"));
    assertEquals(List.of("50", "2", "3"), ofA);
  }

  /** The same, and what was written before the crash was dropped on its way. */
  @Test
  void aHigherVersionOfBeforeACrashIsNotBehindTheCut() {
    start(GapPolicy.REPAIR, at10(500_000));
    while (now < 70_000) {
      step();
    }
    caughtUp(10);
    Event before = event(50, "a", 1_000);
    Event other = event(60, "z", 1_005);
    live(other, 12);
    follower.onLiveClosed(orders.epoch, "the leader crashes");
    caughtUp(0);
    for (int i = 0; i < 3 && orders.epoch.connection() != orders.seen; i++) {
      orders.seen = orders.epoch.connection();
      follower.onLiveCaughtUp(orders.epoch, 0);
      step();
    }
    List<SnapshotRow> rows = new ArrayList<>(List.of(row(before), row(other)));
    bufferEmpty = false;
    for (int offset = 1; offset <= 66; offset++) {
      Event one = event(1_000 + offset, "o" + offset, 1_900 + offset * 10L);
      live(one, offset);
      rows.add(row(one));
    }
    Event second = event(2, "a", 2_600);
    live(second, 67);
    rows.add(row(second));
    awaitSnapshot();
    answer(rows);
    assertEquals(0, follower.ledger().awaited);
    assertTrue(orders.produced.containsAll(List.of("50", "2")), follower.toString());
    assertTrue(orders.produced.indexOf("50") < orders.produced.indexOf("2"));
  }

  /**
   * The clock was an hour ahead and went back, and the task was restarted: the position does not
   * list what was produced an hour ahead. Its offsets are settled, so the stream can't bring it.
   */
  @Test
  void whatIsNewerThanACutThatIsCountedIsNotAwaited() {
    long at = Events.BASE_MICROS;
    long hour = 3_600_000_000L;
    SourcePosition.Produced produced =
        new SourcePosition.Produced(
            at, at + hour + 2_000_000, at + 200_000, List.of(), null, List.of());
    start(GapPolicy.REPAIR, at10(0).with(produced));
    caughtUp(10);
    List<SnapshotRow> ahead = new ArrayList<>();
    for (int number = 1_001; number <= 1_009; number++) {
      ahead.add(row(event(number, "a", 3_600_000 + number)));
    }
    List<SnapshotRow> rows = new ArrayList<>();
    for (int number = 11; number <= 400; number++) {
      rows.add(spread(number));
      live(spread(number).event(), number);
      if (!Objects.equals(orders.snapshot, answered)) {
        List<SnapshotRow> all = new ArrayList<>(rows);
        all.addAll(ahead);
        answer(all);
      }
      assertEquals(0, follower.ledger().awaited);
    }
    assertEquals(1, follower.ledger().inexactRepairs);
    assertEquals(390, orders.produced.size());
  }

  /**
   * Entry 50 is missing, and its clock was an hour ahead. Event 5 may have been produced or not, so
   * it makes the sum right.
   */
  @Test
  void whatMayHaveBeenProducedDoesNotStandForAnEventThatIsAhead() {
    long at = Events.BASE_MICROS;
    start(
        GapPolicy.REPAIR,
        at10(0)
            .with(
                new SourcePosition.Produced(
                    at, at + 200_000, at + 200_000, List.of(), null, List.of())));
    caughtUp(10);
    List<SnapshotRow> rows = new ArrayList<>(List.of(spread(5)));
    SnapshotRow ahead = row(event(50, "a", 3_600_000));
    for (int number = 11; number <= 400; number++) {
      if (number != 50) {
        rows.add(spread(number));
        live(spread(number).event(), number);
      }
      if (!Objects.equals(orders.snapshot, answered)) {
        List<SnapshotRow> all = new ArrayList<>(rows);
        all.add(ahead);
        answer(all);
      }
    }
    assertTrue(orders.produced.contains("50"), follower.toString());
    assertEquals(391, orders.produced.size());
    assertEquals(1, follower.ledger().inexactRepairs);
  }

  /**
   * Entry 50 is missing, and its clock was an hour ahead. The link lags: what comes until the next
   * snapshot is what the one before had, and does not tell that the stream is past that.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 30, 100, 400})
  void aLinkThatLagsDoesNotUseUpTheSnapshots(int lag) {
    start(GapPolicy.REPAIR, AT_10);
    List<Long> snapshots = linkLags(lag);
    assertNull(orders.failure);
    assertTrue(orders.produced.contains("50"), follower.toString());
    assertTrue(snapshots.size() <= 4, snapshots.size() + " snapshots");
  }

  /** Nothing is put off any more when the repair is needed for longer than the longest pause. */
  @Test
  void aLinkThatLagsPutsNoSnapshotOffForLonger() {
    long longest = 1_000;
    start(
        new FollowerSettings(
            LEADERS,
            3_600_000,
            SnapshotMode.INITIAL,
            GapPolicy.REPAIR,
            Scene.GAP_TIMEOUT_MS,
            0,
            longest,
            0,
            100,
            100,
            1 << 20),
        AT_10);
    List<Long> snapshots = linkLags(2_000);
    assertEquals(6, snapshots.size());
    long time = snapshots.get(5) - snapshots.get(0);
    assertTrue(time < 3 * longest, time + " ms");
    assertNotNull(orders.failure);
  }

  /**
   * So many entries, until event 50 is produced, or the task fails.
   *
   * @return when snapshots were asked for
   */
  private List<Long> linkLags(int lag) {
    caughtUp(10);
    SnapshotRow ahead = row(event(50, "a", 3_600_000));
    List<Long> snapshots = new ArrayList<>();
    boolean isOver = false;
    for (int number = 11; number <= 5_000 && !isOver; number++) {
      if (number != 50) {
        live(spread(number).event(), number);
      }
      if (!Objects.equals(orders.snapshot, answered)) {
        snapshots.add(now);
        List<SnapshotRow> rows = new ArrayList<>();
        for (int written = 11; written <= number + lag; written++) {
          rows.add(written == 50 ? ahead : spread(written));
        }
        rows.sort(Comparator.comparingLong(one -> one.event().micros()));
        answer(rows);
      }
      isOver = orders.produced.contains("50") || orders.failure != null;
    }
    return snapshots;
  }

  /** Number by number 5 ms later, but up to 200 ms late. */
  private static SnapshotRow late(int number) {
    return row(event(number, "e" + number % 5, number * 5L - number * 7919L % 400 / 2));
  }

  /**
   * Two of ten are missing, and what is held is full all the time: each cut is forced. The files
   * are ahead of what has been taken in.
   *
   * @return the longest time without an ack, in milliseconds
   */
  private long forcedCutsUpTo(int last) {
    start(GapPolicy.REPAIR, AT_10, 16_000, LEADERS);
    caughtUp(10);
    long ackedAt = now;
    long longest = 0;
    long acks = 0;
    for (int number = 11; number <= last; number++) {
      for (int i = 0; i < 2_000 && !follower.wantsEntries() && orders.failure == null; i++) {
        bufferEmpty = false;
        if (!Objects.equals(orders.snapshot, answered)) {
          List<SnapshotRow> rows = new ArrayList<>();
          for (int n = 11; n <= number + 400; n++) {
            rows.add(late(n));
          }
          rows.sort(Comparator.comparingLong(one -> one.event().micros()));
          answer(rows);
        }
        step();
      }
      assertNull(orders.failure);
      if (number % 10 > 1) {
        live(late(number).event(), number);
      }
      follower.onCommitted(follower.emitted());
      step();
      longest = Math.max(longest, now - ackedAt);
      long said = orders.said.stream().filter(one -> one.startsWith("ack ")).count();
      ackedAt = said > acks ? now : ackedAt;
      acks = said;
    }
    return longest;
  }

  @Test
  void acksDoNotWaitUntilTheTroubleIsOver() {
    long longest = forcedCutsUpTo(2_000);
    assertTrue(longest < 20_000, "no ack for " + longest + " ms");
  }

  @Test
  void thePositionDoesNotStayBehindUntilTheTroubleIsOver() {
    forcedCutsUpTo(3_000);
    assertEquals(0, follower.ledger().listCut);
    assertFalse(follower.position().isInexact());
  }

  /**
   * The link is cut after 14 has come, and over the next connection 13 comes late; it has not been
   * taken in when the leader is killed, which numbers anew then. Its order is that of its leader.
   */
  @Test
  void whatIsTakenInLateFromAConnectionThatIsGoneStandsInItsLeadersOrder() {
    start(GapPolicy.REPAIR, AT_10, 1 << 20, LEADERS.subList(0, 1));
    caughtUp(10);
    live(row(11, 1_000).event(), 11);
    live(row(14, 4_000).event(), 14);
    follower.onLiveClosed(orders.epoch, "the link is cut");
    awaitConnection();
    Epoch second = orders.epoch;
    bufferEmpty = false;
    follower.onLiveCaughtUp(second, 14);
    step();
    follower.onLiveClosed(second, "the leader is killed");
    awaitConnection();
    follower.onEntry(second, new WalEntry(13, "", row(13, 3_000).event(), 0, null, null));
    bufferEmpty = true;
    follower.onLiveCaughtUp(orders.epoch, 0);
    caughtUp(0);
    live(row(21, 5_000_000).event(), 1);
    awaitSnapshot();
    answer(List.of(row(11, 1_000), row(13, 3_000), row(14, 4_000), row(21, 5_000_000)));
    assertEquals(List.of("11", "13", "14", "21"), orders.produced);
  }

  /** Event 300 is missing, and behind it the clock goes back, further than snapshots are read. */
  @Test
  void whatIsMissingNextToAClockThatGoesBackIsFound() {
    long hour = 3_600_000_000L;
    start(GapPolicy.REPAIR, AT_10);
    caughtUp(10);
    List<SnapshotRow> rows = new ArrayList<>();
    for (int number = 11; number <= 700 && !orders.produced.contains("300"); number++) {
      SnapshotRow next = row(number, number * 20_000L - (number > 300 ? hour : 0));
      rows.add(next);
      if (number != 300) {
        live(next.event(), number);
      }
      step();
      if (!Objects.equals(orders.snapshot, answered)) {
        List<SnapshotRow> inTime = new ArrayList<>(rows);
        inTime.sort(Comparator.comparingLong(one -> one.event().micros()));
        answer(inTime);
      }
      assertNull(orders.failure);
    }
    assertTrue(orders.produced.contains("300"), follower.toString());
  }
}
