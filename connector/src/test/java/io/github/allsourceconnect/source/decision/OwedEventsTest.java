package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.LostHole;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredPositions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** A hole is open when the leader is lost: the one that numbers anew must have what is missing. */
class OwedEventsTest extends DrivenFollower {
  private static final SourcePosition.Missing ONE_PASSED_OVER =
      new SourcePosition.Missing(
          0,
          Long.MAX_VALUE,
          0,
          0,
          0,
          List.of(
              new LostHole(
                  0,
                  1,
                  0,
                  new Losses.Loss(
                      "leader-1:3910",
                      12,
                      13,
                      1,
                      Events.event(11, "{}").micros() - 250_000,
                      Events.event(13, "{}").micros(),
                      Losses.Reason.LEADER_LOST))));

  /** Of the old leader 11 and 13 have come, 12 has not; the new one is at its first entry. */
  private void holeThenAnotherLeader(GapPolicy policy) {
    holeThenLost(policy);
    anotherLeader();
  }

  private void holeThenLost(GapPolicy policy) {
    begin(policy);
    live(13, 13);
    leaderIsLost();
  }

  /** All up to 11 is there, in order. */
  private void begin(GapPolicy policy) {
    start(policy, AT_10);
    caughtUp(10);
    live(11, 11);
    awaitSnapshot();
    answer(List.of());
  }

  /** The next connection is to another one. */
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
    assertNull(orders.failure, "Kafka shall have the others first");
    assertEquals(List.of("11", "13", "21"), orders.produced);
    follower.onCommitted(follower.emitted() - 1);
    assertNull(orders.failure);
    follower.onCommitted(follower.emitted());
    assertTrue(orders.failure.contains("has 0 of the 1 events behind offset 11"), orders.failure);
    assertFalse(follower.wantsEntries());
    assertEquals(0, follower.ledger().unaccounted);

    // a task that is restarted has not forgotten it, and fails again
    SourcePosition kept = follower.position();
    assertEquals(1, kept.walOffset());
    assertEquals("leader-2:3910", kept.leader());
    assertEquals(ONE_PASSED_OVER, kept.missing());
    start(GapPolicy.REPAIR, kept);
    theOtherLeaderGoesOn();
    follower.onCommitted(follower.emitted());
    assertTrue(orders.failure.contains("1 events behind offset 11 of an earlier"), orders.failure);
    assertEquals(List.of("11", "13", "21", "22"), orders.produced);
    assertEquals(ONE_PASSED_OVER, follower.position().missing());

    // one that may go on without it says so, and forgets it then
    start(GapPolicy.CONTINUE, kept);
    theOtherLeaderGoesOn();
    assertNull(orders.failure);
    assertEquals(1, follower.ledger().unaccounted);
    assertEquals(0, StoredPositions.passedOver(follower.position().missing()));
  }

  private void theOtherLeaderGoesOn() {
    caughtUp(1);
    live(22, 2);
    awaitSnapshot();
    answer(List.of());
  }

  @Test
  void anIdleLeaderThatLacksItIsNoReasonToWait() {
    holeThenLost(GapPolicy.REPAIR);
    caughtUp(0);
    caughtUp(0);
    awaitSnapshot();
    answer(List.of());
    assertEquals(List.of("11", "13"), orders.produced);
    follower.onCommitted(follower.emitted());
    assertTrue(orders.failure.contains("has 0 of the 1 events behind offset 11"), orders.failure);
    assertEquals(ONE_PASSED_OVER, follower.position().missing());
  }

  @Test
  void aLeaderWithAHistoryOfItsOwnIsFoundOut() {
    start(GapPolicy.REPAIR, AT_10);
    caughtUp(10);
    live(row(11, 11_000).event(), 11);
    awaitSnapshot();
    answer(List.of());
    for (int number = 12; number <= 2_000; number++) {
      live(row(number, number * 1_000L).event(), number);
    }
    leaderIsLost();
    caughtUp(0);
    firstOfAnother(row(2_001, 3_000_000).event());
    // 11 the one before had; 3 is older than all that is known, 4,000 and 4,001 are not
    answer(List.of(row(3, -1), row(11, 11_000), row(4_000, 12_500), row(4_001, 13_500)));
    assertNull(orders.failure);
    assertEquals(2, follower.ledger().foreignRows);
    assertEquals("2001", orders.produced.get(orders.produced.size() - 1));
    assertEquals(1_991, orders.produced.size());
  }

  /**
   * Nothing comes over the new connection, so two snapshots must agree on their newest row. The
   * first look at each sees none, a deeper one does: that is no disagreement.
   */
  @Test
  void lookingDeeperIsNoReasonToAskForEver() {
    start(GapPolicy.REPAIR, AT_10);
    caughtUp(10);
    live(row(11, 11_000).event(), 11);
    awaitSnapshot();
    answer(List.of());
    for (int number = 12; number <= 2_000; number++) {
      live(row(number, number * 1_000L).event(), number);
    }
    live(row(2_002, 2_002_000).event(), 2_002);
    leaderIsLost();
    caughtUp(0);
    caughtUp(0);
    for (int attempt = 1; !orders.produced.contains("2002"); attempt++) {
      assertTrue(attempt <= 3, "asked for ever: " + follower);
      awaitSnapshot();
      answer(List.of(row(4_000, 12_500)));
    }
  }

  @Test
  void whatIsGivenUpIsNoRepair() {
    begin(GapPolicy.CONTINUE);
    assertEquals(1, follower.ledger().repairs);
    live(13, 13);
    awaitSnapshot();
    answered = orders.snapshot;
    follower.onSnapshotNone(answered, 13);
    produce();
    assertEquals(List.of("11", "13"), orders.produced);
    assertEquals(1, follower.ledger().unaccounted);
    assertEquals(1, follower.ledger().repairs);
    assertEquals(0, follower.ledger().balance());
  }

  @Test
  void aTaskThatEndsSaysWhatIsWithTheLeaderAlone() {
    start(GapPolicy.REPAIR, AT_10);
    assertEquals("", follower.leavesBehind());
    holeThenLost(GapPolicy.REPAIR);
    assertTrue(
        follower.leavesBehind().startsWith("1 events that came wait for 1 that are missing"),
        follower.leavesBehind());
    caughtUp(0);
    caughtUp(0);
    assertEquals(1, follower.ledger().open);
    awaitSnapshot();
    answer(List.of());
    assertEquals("", follower.leavesBehind(), "it is produced");
    assertEquals(1, follower.ledger().open);
  }

  /** The other leader's offset is as high as if its numbers went on, and 12 is not there. */
  @Test
  void aSumThatIsRightByChanceFindsNothing() {
    holeThenLost(GapPolicy.REPAIR);
    caughtUp(0);
    caughtUp(0);
    live(row(21, 5_000_000).event(), 14);
    awaitSnapshot();
    answer(List.of(row(20, 4_900_000)));
    assertEquals(List.of("11", "13", "20", "21"), orders.produced);
    follower.onCommitted(follower.emitted());
    assertTrue(orders.failure.contains("has 0 of the 1 events behind offset 11"), orders.failure);
    assertEquals(1, StoredPositions.passedOver(follower.position().missing()));
  }

  @Test
  void theOldLeaderMayStillBringIt() {
    holeThenAnotherLeader(GapPolicy.REPAIR);
    answer(List.of());
    follower.onCommitted(follower.emitted());
    start(GapPolicy.REPAIR, kept(), 1 << 20, List.of("leader-1:3910"));
    caughtUp(13);
    live(14, 14);
    awaitSnapshot();
    answer(Stream.of(11, 12, 13).map(n -> new SnapshotRow(Events.event(n, "{}"), 0, 0)).toList());
    assertNull(orders.failure);
    assertEquals(List.of("11", "13", "21", "12", "14"), orders.produced);
    assertEquals(1, follower.ledger().late, "behind 13, and that is said");
    assertEquals(0, follower.ledger().unaccounted);
    assertEquals(0, StoredPositions.passedOver(follower.position().missing()));
    assertEquals("leader-1:3910", follower.position().leader());
  }

  @Test
  void theOldLeaderMayStillBringItAfterOthersHaveBroughtMuch() {
    holeThenAnotherLeader(GapPolicy.REPAIR);
    answer(List.of());
    follower.onCommitted(follower.emitted());
    start(GapPolicy.REPAIR, kept());
    caughtUp(1);
    live(row(5_000, 5_000_000).event(), 350);
    awaitSnapshot();
    List<SnapshotRow> many = new ArrayList<>();
    for (int number = 2; number < 350; number++) {
      many.add(row(100_000 + number, 1_000_000 + number * 2_000L));
    }
    answer(many);
    follower.onCommitted(follower.emitted());
    assertTrue(orders.failure.contains("1 events behind offset 11"), orders.failure);

    start(GapPolicy.REPAIR, kept(), 1 << 20, List.of("leader-1:3910"));
    caughtUp(0);
    caughtUp(0);
    live(row(14, 9_000_000).event(), 14);
    awaitSnapshot();
    answer(Stream.of(11, 12, 13).map(n -> new SnapshotRow(Events.event(n, "{}"), 0, 0)).toList());
    assertNull(orders.failure);
    assertEquals(List.of("12", "14"), last(2));
    assertEquals(1, follower.ledger().late);
  }

  /** The position is stored while a repair has produced what was found, and the task is killed. */
  @Test
  void whatARepairUnderWayHasFoundIsNotMissing() {
    holeThenAnotherLeader(GapPolicy.REPAIR);
    answer(List.of());
    follower.onCommitted(follower.emitted());
    start(GapPolicy.REPAIR, kept(), 1 << 20, List.of("leader-1:3910"));
    caughtUp(13);
    live(14, 14);
    awaitSnapshot();
    assertEquals(1, StoredPositions.passedOver(follower.position().missing()));
    lookOnce(Events.event(12, "{}"));
    follower.onRow(answered, new SnapshotRow(Events.event(12, "{}"), 0, 0));
    follower.onRowsEnd(answered);
    follower.produceNext();
    assertEquals(List.of("12"), last(1));
    assertEquals(0, StoredPositions.passedOver(follower.position().missing()));
  }

  /** The other leader's offset is as high as one that is missing. */
  @Test
  void whatComesLiveWhileItsRowWaitsIsFoundOnce() {
    begin(GapPolicy.REPAIR);
    live(13, 13);
    live(15, 15);
    leaderIsLost();
    caughtUp(0);
    firstOfAnother(row(31, 5_000_000).event());
    Event missing = Events.event(12, "{}");
    lookOnce(missing);
    follower.onRow(answered, new SnapshotRow(missing, 0, 0));
    follower.onEntry(orders.epoch, new WalEntry(12, "", missing, 0, null, null));
    follower.onRowsEnd(answered);
    produce();
    assertEquals(List.of("11", "12", "13", "15", "31"), orders.produced);
    assertEquals(1, StoredPositions.passedOver(follower.position().missing()), "14");
  }

  /** The first look at a snapshot of one row. */
  private void lookOnce(Event event) {
    answered = orders.snapshot;
    follower.onSnapshotComplete(answered, List.of("events.parquet"), 1, 0);
    follower.onRow(answered, new SnapshotRow(event, 0, 0));
    follower.onRowsEnd(answered);
    assertTrue(follower.wantsRows());
  }

  private List<String> last(int count) {
    return orders.produced.subList(orders.produced.size() - count, orders.produced.size());
  }

  @Test
  void aLeaderWithoutFilesCanNotSendAgainWhatItHasSent() {
    holeThenAnotherLeader(GapPolicy.REPAIR);
    answered = orders.snapshot;
    follower.onSnapshotNone(answered, 1);
    produce();
    assertEquals(List.of("11", "13", "21"), orders.produced);
    follower.onCommitted(follower.emitted());
    assertTrue(orders.failure.contains("0 of the 1 events behind offset 11"), orders.failure);
    assertEquals(ONE_PASSED_OVER, follower.position().missing());
  }

  @Test
  void whatIsStillInTheBufferOfALostConnectionIsProducedToo() {
    start(GapPolicy.REPAIR, AT_10, 2_000, LEADERS);
    caughtUp(10);
    live(11, 11);
    awaitSnapshot();
    answer(List.of());
    for (long number : new long[] {13, 15, 16, 17, 18}) {
      live(number, number);
    }
    assertFalse(follower.wantsEntries(), "no more is held behind the hole");
    Epoch old = orders.epoch;
    bufferEmpty = false; // 19, 14, 21 and 20 are there
    follower.onLiveClosed(old, "the leader is lost");
    awaitConnection();
    follower.onLiveClosed(orders.epoch, "refused");
    caughtUp(0);
    caughtUp(0);
    Request asked = orders.snapshot;
    for (int i = 0; i < 1_000 && !follower.wantsEntries(); i++) {
      step();
    }
    assertTrue(follower.wantsEntries(), "what is missing is passed over");
    assertEquals(asked, orders.snapshot, "the other leader can't be asked for what has its number");
    for (long number : new long[] {19, 14, 21, 20}) {
      follower.onEntry(old, new WalEntry(number, "", Events.event(number, "{}"), 0, null, null));
    }
    follower.onCommitted(follower.emitted());
    produce();
    assertNull(orders.failure, "more may follow");
    bufferEmpty = true;
    awaitSnapshot();
    answer(List.of());
    follower.onCommitted(follower.emitted());
    assertTrue(orders.failure.contains("0 of the 1 events behind offset 11"), orders.failure);
    assertEquals(
        List.of("11", "13", "15", "16", "17", "18", "19", "14", "20", "21"), orders.produced);
    assertEquals(1, StoredPositions.passedOver(follower.position().missing()));
    assertEquals(1, follower.ledger().late, "14, behind what followed it");
  }

  /** The leader numbers anew, and where its entries belong is not known yet. */
  @Test
  void whatIsInTheBufferBehindEntriesWithoutAPlaceComes() {
    start(GapPolicy.CONTINUE, AT_10, 2_000, LEADERS);
    caughtUp(0);
    caughtUp(0);
    for (long number = 1; number <= 5; number++) {
      live(20 + number, number);
    }
    assertFalse(follower.wantsEntries(), "no more is held");
    Epoch old = orders.epoch;
    bufferEmpty = false; // 6, 8 and 9 are there
    follower.onLiveClosed(old, "the leader is lost");
    awaitConnection();
    follower.onLiveClosed(orders.epoch, "refused");
    caughtUp(0);
    caughtUp(0);
    awaitSnapshot();
    assertEquals(1, orders.snapshot.epoch().leader(), "the other one knows nothing of its offsets");
    answer(List.of());
    assertTrue(follower.wantsEntries());
    for (long number : new long[] {6, 8, 9}) {
      follower.onEntry(
          old, new WalEntry(number, "", Events.event(20 + number, "{}"), 0, null, null));
      produce();
    }
    assertEquals(List.of("21", "22", "23", "24", "25", "26"), orders.produced);
    bufferEmpty = true;
    awaitSnapshot();
    answer(List.of());
    assertEquals(List.of("21", "22", "23", "24", "25", "26", "28", "29"), orders.produced);
    assertEquals(1, follower.ledger().unaccounted, "27");
  }

  /** The leader numbers anew, and goes on with that over another connection. */
  @Test
  void whatComesOverTheNextConnectionStandsWhereItsOffsetSays() {
    start(GapPolicy.REPAIR, AT_10);
    caughtUp(0);
    caughtUp(0);
    live(row(21, 21_000).event(), 1);
    live(row(23, 23_000).event(), 3);
    follower.onLiveClosed(orders.epoch, "reset");
    caughtUp(3);
    caughtUp(3);
    live(row(22, 22_000).event(), 2);
    awaitSnapshot();
    answer(List.of());
    assertEquals(List.of("21", "22", "23"), orders.produced);
  }

  /** Of a leader that numbers anew an entry is missing, and it is lost before that is repaired. */
  @Test
  void whatIsMissingBetweenEntriesWithoutAPlaceIsOwedToo() {
    holeThenLost(GapPolicy.REPAIR);
    caughtUp(0);
    caughtUp(0);
    live(21, 1);
    live(23, 3);
    live(26, 6);
    follower.onLiveClosed(orders.epoch, "the leader is lost");
    caughtUp(0);
    caughtUp(0);
    live(24, 4); // it was still on its way
    leaderIsLost();
    caughtUp(0);
    firstOfAnother(row(31, 5_000_000).event());
    answer(List.of(new SnapshotRow(Events.event(12, "{}"), 0, 0)));
    assertEquals(List.of("11", "12", "13", "21", "23", "24", "26", "31"), orders.produced);
    follower.onCommitted(follower.emitted());
    assertTrue(orders.failure.contains("has 1 of the 3 events"), orders.failure);
    assertEquals(2, StoredPositions.passedOver(follower.position().missing()), "22 and 25");
  }

  /** What came behind it is much newer. */
  @Test
  void whatIsPassedOverIsStillFoundInTheNextSnapshot() {
    start(GapPolicy.REPAIR, AT_10, 2_000, LEADERS);
    caughtUp(10);
    live(11, 11);
    awaitSnapshot();
    answer(List.of());
    for (int number = 13; number <= 17; number++) {
      live(row(number, (number - 12) * 100_000L).event(), number);
    }
    Epoch old = orders.epoch;
    bufferEmpty = false; // 18 to 40 are there
    follower.onLiveClosed(old, "the leader is lost");
    awaitConnection();
    follower.onLiveClosed(orders.epoch, "refused");
    caughtUp(0);
    caughtUp(0);
    for (int i = 0; i < 1_000 && !follower.wantsEntries(); i++) {
      step();
    }
    for (int number = 18; number <= 40; number++) {
      Event event = row(number, (number - 12) * 100_000L).event();
      follower.onEntry(old, new WalEntry(number, "", event, 0, null, null));
      produce();
    }
    bufferEmpty = true;
    for (int looks = 0; looks < 2; looks++) {
      awaitSnapshot();
      answer(List.of(row(12, 12)));
    }
    follower.onCommitted(follower.emitted());
    assertNull(orders.failure);
    assertTrue(orders.produced.contains("12"), orders.produced.toString());
    assertEquals(1, follower.ledger().late);
    assertEquals(0, StoredPositions.passedOver(follower.position().missing()));
  }

  @Test
  void continuingCountsIt() {
    holeThenAnotherLeader(GapPolicy.CONTINUE);
    answer(List.of());
    assertNull(orders.failure);
    assertEquals(List.of("11", "13", "21"), orders.produced);
    assertEquals(1, follower.ledger().unaccounted);
    assertEquals(1, follower.ledger().regressions);
    assertEquals(0, StoredPositions.open(follower.position().missing()));
  }

  /** One event's clock was an hour ahead, long before the hole. */
  @Test
  void oneClockThatWasAheadMakesNoLaterEventOneOfThose() {
    begin(GapPolicy.REPAIR);
    live(3_600_000_000L, 12);
    for (long number = 13; number <= 20; number++) {
      live(number, number);
    }
    live(22, 22);
    leaderIsLost();
    caughtUp(0);
    firstOfAnother(row(1_000, 2_000_000).event());
    answer(List.of(row(999, 1_900_000)));
    follower.onCommitted(follower.emitted());
    assertTrue(orders.failure.contains("has 0 of the 1 events behind offset 20"), orders.failure);
  }

  @Test
  void aClockThatHasGoneBackMakesNoLaterEventOneOfThose() {
    long longBefore = Events.BASE_MICROS - 7_200_000_000L;
    start(GapPolicy.REPAIR, StoredPositions.at(10, longBefore, "leader-1:3910"));
    caughtUp(10);
    live(11, 11);
    awaitSnapshot();
    answer(List.of());
    for (long number = 12; number <= 20; number++) {
      live(number, number);
    }
    long back = -3_600_000_000L;
    live(row(101, back).event(), 21);
    live(row(103, back + 200).event(), 23);
    leaderIsLost();
    caughtUp(0);
    firstOfAnother(row(1_000, back + 9_000_000).event());
    answer(List.of(row(999, back + 8_000_000)));
    follower.onCommitted(follower.emitted());
    assertTrue(orders.failure.contains("has 0 of the 1 events behind offset 21"), orders.failure);
  }

  /** The next connection brings it, and is lost before it is clear where its entries belong. */
  @Test
  void whatComesOverAConnectionWithoutAPlaceIsNotMissing() {
    begin(GapPolicy.REPAIR);
    live(13, 13);
    follower.onLiveClosed(orders.epoch, "the connection is cut");
    caughtUp(13);
    assertEquals(1, follower.ledger().open);
    live(14, 14);
    assertEquals(1, follower.ledger().open, "that one is written later");
    live(12, 12);
    assertEquals(0, follower.ledger().open);
    leaderIsLost();
    anotherLeader();
    answer(List.of());
    assertEquals(List.of("11", "12", "13", "14", "21"), orders.produced);
    follower.onCommitted(follower.emitted());
    assertNull(orders.failure);
    assertEquals(0, StoredPositions.passedOver(follower.position().missing()));
  }

  @Test
  void whatTheOtherLeaderHasIsProduced() {
    holeThenAnotherLeader(GapPolicy.REPAIR);
    answer(List.of(new SnapshotRow(Events.event(12, "{}"), 0, 0)));
    assertNull(orders.failure);
    assertEquals(List.of("11", "12", "13", "21"), orders.produced);
    assertEquals(0, follower.ledger().unaccounted);
    assertEquals(0, StoredPositions.open(follower.position().missing()));
  }

  /** The task ends between a repair that could not be finished and the next one. */
  @Test
  void whatAnUnfinishedRepairHasProducedIsNotMissing() {
    start(GapPolicy.REPAIR, AT_10);
    caughtUp(10);
    live(12, 11);
    live(14, 13);
    live(9_000_000, 14);
    awaitSnapshot();
    answered = orders.snapshot;
    follower.onSnapshotComplete(answered, List.of("events.parquet"), 1, 0);
    SnapshotRow lacking = new SnapshotRow(Events.event(13, "{}"), 0, 0);
    SnapshotRow newest = new SnapshotRow(Events.event(9_000_000, "{}"), 0, 0);
    follower.onRow(answered, lacking);
    follower.onRow(answered, newest);
    follower.onRowsEnd(answered);
    follower.onRow(answered, lacking);
    produce();
    follower.onRow(answered, newest);
    produce();
    assertEquals(List.of("12", "13", "14"), orders.produced, "the last one waits");
    assertEquals(1, StoredPositions.open(follower.position().missing()));
    long beyond = follower.position().beyond();

    follower.onSnapshotDamaged(answered, "a bad page", "Mend it.", false);

    assertEquals(1, StoredPositions.open(follower.position().missing()));
    assertEquals(beyond, follower.position().beyond());
  }

  @Test
  void whatCanNotBeReadFailsTheTaskTheFifthTime() {
    start(GapPolicy.REPAIR, AT_10);
    caughtUp(10);
    live(11, 11);
    live(13, 13);
    for (int attempt = 1; attempt <= 5; attempt++) {
      assertNull(orders.failure, "attempt " + attempt);
      awaitSnapshot();
      answered = orders.snapshot;
      follower.onSnapshotDamaged(answered, "a bad page", "Mend it.", false);
      step();
    }
    assertTrue(orders.failure.contains("could not be read 5 times in a row"), orders.failure);
    assertTrue(orders.failure.contains("Mend it."), orders.failure);
    assertEquals(List.of(), orders.produced);
  }

  /**
   * The position does not tell whether 11 has been produced, only that two events behind 10 are
   * missing. The next leader has both; all is taken again, and it is said why that may be for
   * nothing.
   */
  @Test
  void whatAnInexactPositionMissesMayBeThereAndThatIsSaid() {
    long exact = Events.event(12, "{}").micros();
    SourcePosition.Produced produced =
        new SourcePosition.Produced(Events.BASE_MICROS, exact, exact, List.of(), null, List.of());
    SourcePosition position =
        new SourcePosition(
            10,
            0,
            0,
            new SourcePosition.Missing(2, exact, 10, 0),
            produced,
            0,
            0,
            true,
            "leader-1:3910",
            1,
            Losses.NONE,
            false);
    start(SnapshotMode.WHEN_NEEDED, GapPolicy.FAIL, position, 1 << 20, LEADERS);
    caughtUp(12);
    leaderIsLost();
    anotherLeader();
    answer(Stream.of(11, 12).map(n -> new SnapshotRow(Events.event(n, "{}"), 0, 0)).toList());
    assertNull(orders.failure);
    assertEquals(List.of("11", "12", "21"), orders.produced);
    assertEquals(1, follower.ledger().inexactRepairs);
  }

  /** When that is how it is to be, the next leader's whole snapshot is taken for what it lacks. */
  @Test
  void theWholeSnapshotIsTakenIfTheNextLeaderLacksWhatIsOwed() {
    aHoleIsLost(SnapshotMode.WHEN_NEEDED, 13);
    live(spread(21).event(), 1);
    awaitSnapshot();
    answer(List.of(row(9, -20_000), spread(11), spread(13), spread(21)));
    assertNull(orders.failure);
    assertEquals(List.of("11", "9", "11", "13", "21"), orders.produced);
  }

  /**
   * What is held is full before it is known where it belongs, and its leader is lost: the next one
   * has what is missing before it, and the rest, too.
   */
  @ParameterizedTest
  @CsvSource({"ANEW, 5, 10", "LOW, 15, 0", "FIRST, 45, 0"})
  void whatIsMissingBeforeEntriesWithoutAPlaceComesFromTheNextLeader(
      String what, int first, int ahead) {
    boolean fresh = what.equals("FIRST");
    start(GapPolicy.REPAIR, fresh ? SourcePosition.START : AT_10, 16_000, LEADERS);
    caughtUp(what.equals("ANEW") ? 0 : 10);
    if (what.equals("ANEW")) {
      caughtUp(0);
    }
    int offset = first;
    for (; follower.wantsEntries(); offset++) {
      live(spread(ahead + offset).event(), offset);
    }
    Epoch old = orders.epoch;
    bufferEmpty = false;
    follower.onLiveClosed(old, "the leader is lost");
    awaitConnection();
    follower.onLiveClosed(orders.epoch, "refused");
    caughtUp(0);
    if (!fresh) {
      caughtUp(0);
    }
    for (int i = 0; i < 1_000 && !follower.wantsEntries(); i++) {
      step();
    }
    for (int end = offset + 6; offset < end; offset++) {
      follower.onEntry(
          old, new WalEntry(offset, "", spread(ahead + offset).event(), 0, null, null));
      produce();
    }
    bufferEmpty = true;
    int last = ahead + offset - 1;
    List<SnapshotRow> rows =
        IntStream.rangeClosed(fresh ? 1 : 11, last).mapToObj(OwedEventsTest::spread).toList();
    for (int snapshot = 1; snapshot <= 2; snapshot++) {
      awaitSnapshot();
      answer(rows);
    }
    assertNull(orders.failure);
    assertEquals(
        IntStream.rangeClosed(fresh ? 1 : 11, last).mapToObj(String::valueOf).toList(),
        orders.produced);
  }

  /** 12 is nowhere. 14 is written already, and the leader has not sent it: it is no 12. */
  @Test
  void aRowBehindTheEndDoesNotStandForOneThatIsNowhere() {
    start(GapPolicy.REPAIR, AT_10);
    caughtUp(10);
    live(spread(11).event(), 11);
    awaitSnapshot();
    answer(List.of());
    live(spread(13).event(), 13);
    awaitSnapshot();
    answer(List.of(spread(14)));
    assertEquals(List.of("11"), orders.produced);
    assertEquals(0, follower.ledger().repaired);
    assertEquals(0, follower.position().uncertain());
  }

  /** By its time 20 may be what is missing, and was written before all that is wanted. */
  @Test
  void whatMayBeOlderThanTheBeginningStandsForNothing() {
    start(SnapshotMode.NO_DATA, GapPolicy.REPAIR, SourcePosition.START, 1 << 20, LEADERS);
    awaitConnection();
    follower.onLiveSnapshotStart(orders.epoch, false);
    caughtUp(0);
    live(row(21, 21_000).event(), 21);
    live(row(23, 23_000).event(), 23);
    awaitSnapshot();
    answer(List.of(row(20, 21_500), row(22, 22_000)));
    assertEquals(List.of("21", "20", "22", "23"), orders.produced, "the first snapshot is enough");
    assertEquals(1, follower.ledger().inexactRepairs);
    assertEquals(0, follower.ledger().open);
    assertTrue(follower.position().produced().mixedUpToMicros() > Events.BASE_MICROS + 21_000);
  }

  /**
   * 12 is nowhere. The task is killed within the repair that would find this out, while entries of
   * the next leader wait: what that one wrote seconds later is no 12.
   */
  @Test
  void whatTheNextLeaderWroteSecondsLaterStandsForNothing() {
    aHoleIsLost(13);
    live(spread(210).event(), 1);
    live(spread(211).event(), 2);
    live(spread(212).event(), 3);
    awaitSnapshot();
    answered = orders.snapshot;
    follower.onSnapshotComplete(answered, List.of("events.parquet"), 1, 0);
    while (!orders.produced.contains("211")) {
      if (follower.dueBytes() >= 0) {
        follower.produceNext();
      } else {
        follower.onRowsEnd(answered);
      }
    }
    SourcePosition kept = follower.position();
    for (GapPolicy policy : List.of(GapPolicy.REPAIR, GapPolicy.CONTINUE)) {
      start(policy, kept);
      caughtUp(3);
      live(spread(300).event(), 5);
      awaitSnapshot();
      answer(List.of(spread(210), spread(211), spread(212), spread(213)));
      follower.onCommitted(follower.emitted());
      boolean goesOn = policy == GapPolicy.CONTINUE;
      assertEquals(goesOn, orders.failure == null, "12 is missing, and " + orders.failure);
      assertEquals(goesOn ? 1 : 0, follower.ledger().unaccounted);
    }
  }

  /**
   * Leader 2 alone has 52, which has not come, and 51 and 53, which have; then leader 1 is back,
   * and the task is killed. That nothing of leader 1 is missing says nothing of those.
   */
  @Test
  void theNumbersOfALeaderThatIsBackDoNotTellOfAnothers() {
    start(GapPolicy.REPAIR, AT_10);
    caughtUp(10);
    live(spread(11).event(), 11);
    awaitSnapshot();
    answer(List.of());
    leaderIsLost();
    caughtUp(50);
    live(spread(210).event(), 51);
    live(spread(212).event(), 53);
    while (orders.epoch.leader() != 0) {
      follower.onLiveClosed(orders.epoch, "refused");
      awaitConnection();
    }
    follower.onLiveCaughtUp(orders.epoch, 11);
    step();
    SourcePosition kept = follower.position();
    assertEquals(3, StoredPositions.open(kept.missing()));
    start(GapPolicy.REPAIR, kept);
    caughtUp(11);
    live(spread(12).event(), 12);
    awaitSnapshot();
    answer(List.of(spread(11), spread(12)));
    follower.onCommitted(follower.emitted());
    assertTrue(orders.failure.contains("has 0 of the 3 events"), orders.failure);
    assertEquals(3, StoredPositions.passedOver(follower.position().missing()));
  }

  /** 11 and 12 come over both connections before it is known that the leader replays. */
  @Test
  void whatWasLeftIsProducedWithWhatALeaderReplays() {
    start(GapPolicy.REPAIR, AT_10);
    caughtUp(10);
    live(11, 11);
    live(12, 12);
    follower.onLiveClosed(orders.epoch, "cut");
    caughtUp(10);
    live(11, 11);
    live(12, 12);
    live(13, 13);
    awaitSnapshot();
    follower.onSnapshotReplays(orders.snapshot);
    step();
    live(14, 14);
    assertEquals(List.of("11", "12", "13", "14"), orders.produced);
    assertEquals(SourcePosition.Missing.NONE, follower.position().missing());
  }
}
