package io.github.allsourceconnect.source.decision.repair;

import static io.github.allsourceconnect.source.decision.repair.Surroundings.entry;
import static io.github.allsourceconnect.source.decision.repair.Surroundings.event;
import static io.github.allsourceconnect.source.decision.repair.Surroundings.micros;
import static io.github.allsourceconnect.source.decision.repair.Surroundings.row;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.position.Ledger;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredPositions;
import io.github.allsourceconnect.source.decision.repair.Repair.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a repair comes to: what is produced, how it is counted, what is said, and when it fails. */
class RepairOutcomesTest {
  private static final String FIRST = "leader-1:3910";
  private static final SourcePosition AT_3 = StoredPositions.at(3, micros(3), FIRST);

  private Surroundings around;

  private Surroundings with(SnapshotMode mode, GapPolicy policy, SourcePosition position) {
    around = new Surroundings(mode, policy, position);
    return around.connected();
  }

  /** In order up to 3; 6 has come, 4 and 5 have not. */
  private Surroundings gap(SnapshotMode mode, GapPolicy policy) {
    return with(mode, policy, AT_3).establishedAt(3).came(6).asked(Reason.GAP);
  }

  /** Connected anew behind 3; the first entry is 6. */
  private Surroundings reconnect(SnapshotMode mode, GapPolicy policy) {
    return with(mode, policy, AT_3).came(6).asked(Reason.RECONNECT);
  }

  private Ledger ledger() {
    return around.stream.ledger;
  }

  /** What the figures of a repair are: counted, not counted, events repaired, events given up. */
  private void assertFigures(long repairs, long unverified, long repaired, long unaccounted) {
    assertEquals(
        List.of(repairs, unverified, repaired, unaccounted),
        List.of(
            ledger().repairs,
            ledger().unverifiedRepairs,
            ledger().repaired,
            ledger().unaccounted + around.stream.owed.passedOver()));
  }

  // ---- a gap

  @Test
  void aGapIsRepairedByAsManyEventsAsItLacks() {
    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR).answered(row(4), row(5), row(6));
    assertEquals(List.of(4L, 5L, 6L), around.numbers());
    assertEquals(6, around.stream.walOffset());
    assertFigures(1, 0, 2, 0);
    assertEquals(0, ledger().surplusRows);
    assertEquals(0, ledger().tenantUnknown, "a row that has a tenant keeps it");
    assertEquals("", around.repair.lacking());
    assertTrue(around.repair.idle());
    assertEquals(0, ledger().balance());
    assertLogged("INFO Repair: 2 events from 1 files, up to offset 6");
  }

  private void assertLogged(String words) {
    assertTrue(around.orders.hasLogged(words), around.orders.logged.toString());
  }

  /** Each offset is one event: a third row belongs behind the cut, and the stream brings it. */
  @Test
  void aGapIsRepairedByNoMoreEventsThanItLacks() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3).establishedAt(3).cameInARow(6, 80);
    around.asked(Reason.GAP).answered(row(4), row(5), later(6), row(6), row(7));
    assertEquals(List.of(4L, 5L, 6L, 7L), around.numbers().subList(0, 4));
    assertFalse(around.numbers().contains(106L));
    assertEquals(1, ledger().surplusRows);
    assertTrue(around.stream.walOffset() < 80, "what comes meanwhile is not part of it");
    assertFigures(1, 0, 2, 0);
    assertEquals(0, around.stream.awaited.size(), "its offset counts it");
  }

  /** Rows are awaited that no offset counts: one of them may be among those of the gap. */
  @Test
  void whereRowsAreAwaitedOneThatIsLeftOverIsAwaitedToo() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3).establishedAt(3).cameInARow(6, 80);
    around.stream.awaited.await(List.of(later(70).event()), false);
    around.asked(Reason.GAP).answered(row(4), row(5), later(6), row(6), row(7));
    assertEquals(List.of(4L, 5L, 6L, 7L), around.numbers().subList(0, 4));
    assertEquals(1, ledger().surplusRows);
    assertEquals(2, around.stream.awaited.size());
    around.stream.awaited.isSilent(true);
    around.stream.arrears.awaitedAreTold();
    assertTrue(around.stream.awaited.isBeforeTheCut(later(6).event()));
  }

  private void producesFourOfFourAndFive() {
    around.repair.onComplete(List.of("events.parquet"), 0, around.now);
    around.repair.onRow(row(4), around.now);
    around.repair.onRow(row(5), around.now);
    around.repair.onRowsEnd(around.now);
    around.repair.onRow(row(4), around.now);
    around.produced().repair.onRow(row(5), around.now);
    assertEquals(List.of(4L), around.produced().numbers());
  }

  @Test
  void whatWasOwedIsPaidThoughTheRepairBreaksOff() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3).establishedAt(3).came(6);
    around.lostAndConnectedToTheOther().came(9).asked(Reason.RECONNECT);
    assertEquals(2, around.stream.arrears.owed());
    producesFourOfFourAndFive();
    around.repair.streamChanged();
    assertEquals(1, around.stream.arrears.owed());
  }

  /** The stream was past 4 without bringing it; then the repair ends, or it breaks off. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatTheStreamPassedAndARepairFindsIsSaid(boolean breaksOff) {
    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR);
    around.stream.awaited.await(List.of(event(4)), false);
    around.stream.awaited.isSilent(false);
    producesFourOfFourAndFive();
    if (breaksOff) {
      around.repair.streamChanged();
    } else {
      around.repair.onRowsEnd(around.now);
      around.produced();
    }
    assertLogged("1 events that the live stream passed without bringing them have been found");
    assertEquals(breaksOff ? 1 : 0, around.stream.offsets.uncertain(), "offsets tell at its end");
  }

  @ParameterizedTest
  @EnumSource(
      value = SnapshotMode.class,
      names = {"INITIAL", "NO_DATA"})
  void aGapThatIsNowhereFailsTheTaskAndKeepsThePosition(SnapshotMode mode) {
    gap(mode, GapPolicy.REPAIR).answered(row(4), row(6));
    assertTrue(
        around
            .failure()
            .startsWith(
                "Offsets 4 to 6: 2 events did not come, 1 were found in the snapshot;"
                    + " the leader's snapshot lacks them. The position is kept."),
        around.failure());
    assertTrue(around.failure().contains("gap.policy=continue"), around.failure());
    assertTrue(around.failure().contains("snapshot.mode=when_needed"), around.failure());
    assertEquals(List.of(), around.numbers());
    assertEquals(3, around.stream.walOffset());
    assertFigures(0, 0, 0, 0);
  }

  @Test
  void aGapThatIsNowhereIsPassedOverIfThatMayBe() {
    gap(SnapshotMode.INITIAL, GapPolicy.CONTINUE).answered(row(4), row(6));
    assertEquals(List.of(4L, 6L), around.numbers());
    assertEquals(6, around.stream.walOffset());
    assertFigures(0, 0, 1, 1);
    assertEquals(
        "Offsets 4 to 6: 2 events did not come, 1 were found in the snapshot; the leader's"
            + " snapshot lacks them",
        around.repair.lacking());
  }

  @Test
  void aGapThatIsNowhereBeginsAnewIfThatIsWanted() {
    gap(SnapshotMode.WHEN_NEEDED, GapPolicy.REPAIR).answered(row(1), row(2), row(4), row(6));
    assertEquals("", around.failure());
    assertEquals(List.of(1L, 2L, 4L, 6L), around.numbers(), "all that the leader has");
    assertLogged(
        "WARN The position can't be continued (2 events missing, 1 found):"
            + " snapshot.mode=when_needed takes the whole snapshot again");
    assertEquals(6, around.stream.walOffset());
    assertFigures(0, 1, 0, 0);
  }

  @Test
  void aLineThatWasSkippedMayStayMissing() {
    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR);
    around.stream.corrupt(5, 1);
    around.answered(row(4), row(6));
    assertEquals("", around.failure());
    assertEquals(List.of(4L, 6L), around.numbers());
    assertFigures(0, 1, 1, 1);
    Losses.Loss loss = ledger().losses().newest().get(0);
    assertEquals(Losses.Reason.CORRUPT, loss.reason());
    assertEquals(1, loss.events());
  }

  // ---- a reconnect

  @Test
  void behindAReconnectWhatIsMissingIsCounted() {
    reconnect(SnapshotMode.INITIAL, GapPolicy.REPAIR).answered(row(4), row(5), row(6));
    assertEquals(List.of(4L, 5L, 6L), around.numbers());
    assertFigures(1, 0, 2, 0);
    assertEquals(0, ledger().regressions);
  }

  @Test
  void gapPolicyFailDoesNotTakeWhatAReconnectHasMissed() {
    reconnect(SnapshotMode.INITIAL, GapPolicy.FAIL).answered(row(4), row(5), row(6));
    assertTrue(
        around
            .failure()
            .startsWith(
                "Offsets 4 to 6: 2 events did not come, 2 were found in the snapshot;"
                    + " gap.policy=fail."),
        around.failure());
    assertEquals(List.of(), around.numbers());
  }

  @Test
  void gapPolicyFailHasNothingAgainstAReconnectThatMissedNothing() {
    with(SnapshotMode.INITIAL, GapPolicy.FAIL, AT_3).came(4).asked(Reason.RECONNECT);
    around.answered(row(4));
    assertEquals("", around.failure());
    assertEquals(List.of(4L), around.numbers());
    assertFigures(1, 0, 0, 0);
  }

  @Test
  void aReconnectWithTooFewRowsFailsTheTask() {
    reconnect(SnapshotMode.INITIAL, GapPolicy.REPAIR).answered(row(5), row(6));
    assertTrue(
        around.failure().startsWith("Offsets 4 to 6: 2 events did not come, 1 were found"),
        around.failure());
  }

  /** What came over a connection that is gone may be nowhere else, and is not kept back. */
  @Test
  void whatEarlierConnectionsBroughtIsProducedEvenIfTheRestIsNowhere() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3).came(6);
    around.live.closed(around.now);
    around.connected().came(8).asked(Reason.RECONNECT).answered(row(8));
    assertEquals("", around.failure());
    assertEquals(List.of(6L, 8L), around.numbers());
    assertFigures(0, 0, 1, 3);
    assertTrue(around.repair.lacking().startsWith("Offsets 4 to 8: 4 events did not come, 1"));
  }

  @Test
  void aReconnectWithTooFewRowsBeginsAnewIfThatIsWanted() {
    reconnect(SnapshotMode.WHEN_NEEDED, GapPolicy.REPAIR).answered(row(2), row(5), row(6));
    assertEquals(List.of(2L, 5L, 6L), around.numbers());
    assertEquals(6, around.stream.walOffset());
    assertFigures(0, 1, 0, 0);
  }

  @Test
  void moreRowsThanOffsetsAreAnotherNumbering() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3).lostAndConnectedToTheOther().came(8);
    around.asked(Reason.RECONNECT);
    around.answered(row(4), row(5), row(6), row(7), later(7), row(8));
    assertEquals(List.of(4L, 5L, 6L, 7L, 107L, 8L), around.numbers());
    assertEquals(1, ledger().regressions);
    assertFigures(0, 1, 0, 0);
    assertEquals(8, around.stream.walOffset());
    assertLogged("WARN The leader's numbering began anew");
    assertLogged("Everything up to offset 3 of the old numbering is there; the new one is at 8.");
    assertLogged("5 events that were not there were found in its snapshot");
  }

  /** An event of the same moment as that one, but later. */
  private static SnapshotRow later(long number) {
    return new SnapshotRow(
        Events.event(100 + number, micros(number) + 1, "{}", "type", "another"), 0, 0);
  }

  /** 5 was passed over; it and the other were left for a stream that has gone on. */
  @Test
  void ofWhatIsFoundLateEachIsCountedOnce() {
    gap(SnapshotMode.INITIAL, GapPolicy.CONTINUE).answered(row(4), row(6));
    around.cameInARow(7, 40);
    SnapshotRow other =
        new SnapshotRow(
            Events.event(106, micros(6) + Surroundings.SECOND, "{}", "type", "another"), 0, 0);
    around.stream.awaited.await(List.of(row(5).event(), other.event()), false);
    around.lostAndConnectedToTheOther().came(42).asked(Reason.RECONNECT);
    around.answered(row(5), other, row(42));
    assertTrue(around.numbers().containsAll(List.of(5L, 106L)), around.numbers().toString());
    assertEquals(0, around.stream.owed.passedOver());
    assertEquals(2, ledger().late);
  }

  // ---- the first snapshot

  @Test
  void theFirstSnapshotIsNotCounted() {
    with(SnapshotMode.INITIAL, GapPolicy.FAIL, SourcePosition.START).came(6);
    around.asked(Reason.BEGINNING).answered(row(1), row(5), row(6));
    assertEquals("", around.failure());
    assertEquals(List.of(1L, 5L, 6L), around.numbers());
    assertFigures(0, 0, 0, 0);
    assertEquals(6, around.stream.walOffset());
    assertEquals(0, ledger().regressions);
    assertLogged("INFO First snapshot: 2 events from 1 files, up to offset 6");
    assertFalse(around.orders.hasLogged("began anew"), around.orders.logged.toString());
  }

  @Test
  void aFirstSnapshotWithNothingInItIsNotWorthAWord() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, SourcePosition.START).came(6);
    around.asked(Reason.BEGINNING).answered(row(6));
    assertEquals(6, around.stream.walOffset());
    assertFalse(around.orders.hasLogged("First snapshot"), around.orders.logged.toString());
  }

  @Test
  void aRepairThatFindsNothingIsSaid() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3).came(4).asked(Reason.RECONNECT);
    around.answered(row(4));
    assertLogged("INFO Repair: 0 events from 1 files, up to offset 4");
  }

  /** Newer than the first entry: the stream will bring them, or their clock was ahead. */
  @Test
  void rowsBehindTheFirstEntryAreLeftForTheStream() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, SourcePosition.START).cameInARow(6, 80);
    around.asked(Reason.BEGINNING);
    long cut = 38;
    SnapshotRow beyond =
        new SnapshotRow(Events.event(900, micros(60) + 1, "{}", "type", "another"), 0, 0);
    around.answered(row(1), row(6), beyond);
    assertEquals(cut, around.stream.walOffset());
    assertFalse(around.numbers().contains(900L));
    assertEquals(1, around.stream.awaited.size(), "it has not been forgotten");
  }

  @Test
  void theFirstSnapshotOverASecondConnectionIsNotVerified() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, SourcePosition.START).came(6);
    around.live.closed(around.now);
    around.connected().came(8).asked(Reason.BEGINNING);
    around.answered(row(1), row(6), row(7), row(8));
    assertEquals(List.of(1L, 6L, 7L, 8L), around.numbers());
    assertFigures(0, 1, 0, 0);
  }

  /** What it has produced is not what the next one finds. */
  @Test
  void theFirstSnapshotIsNotVerifiedWhereOneThatBrokeOffHadASecondConnection() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, SourcePosition.START).came(6);
    around.live.closed(around.now);
    around.connected().came(8).asked(Reason.BEGINNING);
    around.repair.onComplete(List.of("events.parquet"), 0, around.now);
    around.repair.onRow(row(1), around.now);
    around.repair.onRowsEnd(around.now);
    for (long number : new long[] {1, 7}) {
      around.repair.onRow(row(number), around.now);
      around.produced();
    }
    assertEquals(List.of(1L, 6L), around.numbers());
    around.repair.onFailed("the connection is lost", null, false, around.now);
    around.askedAgain().answered(row(1), row(6), row(7), row(8));
    assertEquals(List.of(1L, 6L, 7L, 8L), around.numbers());
    assertFigures(0, 1, 0, 0);
  }

  // ---- no snapshot

  @Test
  void aLeaderWithoutFilesHasNothingBeforeItsFirstEntry() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, SourcePosition.START).came(6, 8);
    around.asked(Reason.BEGINNING).answeredWithNone(8);
    assertEquals(5, around.stream.walOffset(), "before the first entry");
    assertTrue(around.stream.isDue(), "and it is in order now");
    assertTrue(around.repair.idle());
    assertFigures(0, 1, 0, 0);
    assertLogged("WARN The leader has no snapshot and no events before offset 6");
  }

  @Test
  void aLeaderWithoutFilesThatHasSentAllLacksNothing() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3).came(4, 5).asked(Reason.RECONNECT);
    around.answeredWithNone(5);
    assertEquals(List.of(4L, 5L), around.numbers());
    assertEquals(5, around.stream.walOffset());
    assertFigures(1, 1, 0, 0);
    assertEquals("", around.repair.lacking());
  }

  /** What is in order is known to be, whoever has files. */
  @Test
  void skippedLinesOfALeaderWithoutFilesAreNoRepairThatCouldNotBeVerified() {
    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR);
    around.stream.corrupt(4, 1);
    around.stream.corrupt(5, 1);
    around.answeredWithNone(6);
    assertEquals(List.of(6L), around.numbers());
    assertFigures(1, 0, 0, 2);
  }

  @Test
  void aLeaderWithoutFilesThatLacksSomethingLosesIt() {
    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR).answeredWithNone(6);
    assertEquals(List.of(6L), around.numbers());
    assertEquals(6, around.stream.walOffset());
    assertFigures(0, 0, 0, 2);
    assertEquals(
        "Offsets 4 to 6: 2 events did not come, 0 were found in the snapshot; the leader has no"
            + " snapshot (a promoted follower has none)",
        around.repair.lacking());
  }

  /** A row that the stream has passed without bringing it may be in the next one. */
  @Test
  void withoutASnapshotAwaitedRowsAreNotGivenUpAtOnce() {
    gap(SnapshotMode.INITIAL, GapPolicy.CONTINUE);
    around.stream.awaited.await(List.of(later(2).event()), false);
    around.stream.awaited.isSilent(true);
    around.stream.arrears.awaitedAreTold();
    around.answeredWithNone(6);
    assertEquals(6, around.stream.walOffset());
    assertEquals(1, around.stream.awaited.size());
    around.came(9).asked(Reason.GAP).answered(row(7), row(8), row(9));
    assertEquals(0, around.stream.awaited.size(), "nor is it in that one");
  }

  /**
   * What came behind it has been produced from a row: nothing is left to be, and it ends all the
   * same.
   */
  @Test
  void whereNothingIsLeftToProduceARepairWithoutFilesEnds() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3).establishedAt(3);
    around.stream.handover.row(row(6), null);
    around.orders.produced.clear();
    around.came(6).asked(Reason.GAP).answeredWithNone(6);
    assertEquals(List.of(), around.numbers());
    assertTrue(around.repair.idle(), around.repair.toString());
    assertEquals(6, around.stream.walOffset());
  }

  @Test
  void aLeaderWithoutFilesThatNumbersAnewIsFollowed() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3).came(2, 6).asked(Reason.RECONNECT);
    around.answeredWithNone(6);
    assertEquals(List.of(2L, 6L), around.numbers());
    assertEquals(6, around.stream.walOffset());
    assertEquals(1, ledger().regressions);
    assertFigures(0, 1, 0, 0);
    assertTrue(
        around.repair.lacking().startsWith("Offsets 4 to 6: 1 events did not come, 0 were found"),
        around.repair.lacking());
  }

  @Test
  void aCountOfLessThanNothingIsNotSaid() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3).came(2, 3).asked(Reason.RECONNECT);
    around.answeredWithNone(3);
    assertTrue(
        around.repair.lacking().startsWith("Offsets 4 to 3: 0 events did not come"),
        around.repair.lacking());
  }

  @Test
  void aLeaderThatMayHaveBeenRestartedIsSentAnAckAndAskedAgain() {
    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR).answeredWithNone(0);
    assertEquals("ack 0", around.orders.said.get(around.orders.said.size() - 1));
    assertEquals(List.of(), around.numbers());
    long told = around.now;
    around.askedAgain();
    assertTrue(around.now >= told + AbsentSnapshot.AGAIN_MS);
  }

  @Test
  void whatHasComeMeanwhileNeedsNoSnapshot() {
    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR);
    comesByItself();
    around.answeredWithNone(6);
    assertTrue(around.repair.idle());
    assertFigures(0, 0, 0, 0);

    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR);
    comesByItself();
    around.answered(row(4), row(5), row(6));
    assertTrue(around.repair.idle());
    assertFigures(0, 0, 0, 0);
    assertFalse(around.orders.said.contains("rows"), "no look at it either");

    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR);
    for (int i = 0; i < 4; i++) {
      around.repair.onFailed("a file is damaged", "Move it away.", false, around.now);
      around.askedAgain();
    }
    comesByItself();
    around.repair.onFailed("a file is damaged", "Move it away.", false, around.now);
    assertEquals("", around.failure(), "it does not matter that none can be read");
    assertTrue(around.repair.idle());
    assertFigures(0, 0, 0, 0);
  }

  private void comesByItself() {
    for (long number = 4; number <= 5; number++) {
      around.entries.entry(entry(number), around.now);
      while (around.stream.isDue()) {
        around.entries.release(around.now);
      }
    }
    assertEquals(6, around.stream.walOffset());
  }

  // ---- a snapshot that can't be read

  @Test
  void aSnapshotThatCanNotBeReadFailsTheTaskAfterFiveAttempts() {
    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR).unreadable("Move the file away.");
    assertEquals(5, ledger().snapshotFailures);
    assertEquals(
        "The leader's snapshot could not be read 5 times in a row; the last time: a footer is"
            + " damaged. The position is kept. Move the file away. gap.policy=continue goes on"
            + " without the snapshot, and what only it holds is lost.",
        around.failure());
    assertEquals(List.of(), around.numbers());
  }

  @Test
  void aSnapshotThatCanNotBeReadIsGoneOnWithoutIfThatMayBe() {
    gap(SnapshotMode.INITIAL, GapPolicy.CONTINUE).unreadable("Move the file away.");
    assertEquals("", around.failure());
    assertEquals(List.of(6L), around.numbers());
    assertFigures(0, 0, 0, 2);
    assertEquals(0, ledger().regressions);
  }

  @Test
  void goingOnWithoutASnapshotBehindAReconnectIsCountedByOffsets() {
    reconnect(SnapshotMode.INITIAL, GapPolicy.CONTINUE).unreadable("Move the file away.");
    assertEquals(List.of(6L), around.numbers());
    assertFigures(0, 0, 0, 2);
    assertEquals(0, ledger().regressions);
  }

  @Test
  void goingOnWithoutASnapshotUnderAnotherNumberingIsCountedBetweenItsEntries() {
    with(SnapshotMode.INITIAL, GapPolicy.CONTINUE, AT_3).came(3, 6).asked(Reason.RECONNECT);
    around.unreadable("Move the file away.");
    assertEquals(List.of(3L, 6L), around.numbers());
    assertFigures(0, 1, 0, 2);
    assertEquals(1, ledger().regressions);
  }

  /** Rows of an unfinished repair and those that came are more than there are offsets. */
  @Test
  void goingOnWithoutASnapshotWhereThereIsNoRoomIsAnotherNumbering() {
    with(SnapshotMode.INITIAL, GapPolicy.CONTINUE, AT_3);
    around.stream.offsets.rowsBeyond(2);
    around.came(5).asked(Reason.RECONNECT).unreadable("Move the file away.");
    assertFigures(0, 1, 0, 0);
    assertEquals(1, ledger().regressions);
  }

  @Test
  void aSnapshotIsNotNeededForLinesThatAreSkipped() {
    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR);
    around.stream.corrupt(4, 1);
    around.unreadable("Move the file away.");
    assertFalse(around.failure().isEmpty(), "5 is missing, too");

    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR);
    around.stream.corrupt(4, 1);
    around.stream.corrupt(5, 1);
    around.unreadable("Move the file away.");
    assertEquals("", around.failure());
    assertEquals(List.of(6L), around.numbers());
    assertFigures(0, 0, 0, 2);
    assertLogged("Offsets 4 to 6: 2 events did not come");
  }

  /** Before it is known where the entries belong, it may be more than lines that is missing. */
  @Test
  void skippedLinesBehindAReconnectAreNoReasonToGoOnWithoutASnapshot() {
    reconnect(SnapshotMode.INITIAL, GapPolicy.REPAIR);
    around.stream.corrupt(4, 1);
    around.stream.corrupt(5, 1);
    around.unreadable("Move the file away.");
    assertFalse(around.failure().isEmpty());
  }

  @Test
  void afterGoingOnWithoutASnapshotAttemptsAreCountedAnew() {
    gap(SnapshotMode.INITIAL, GapPolicy.CONTINUE).unreadable("Move the file away.");
    around.came(9).asked(Reason.GAP);
    around.repair.onFailed("a footer is damaged", "Move the file away.", false, around.now);
    assertEquals(6, around.stream.walOffset(), "the next snapshot is tried");
    assertTrue(around.repair.wanted());
    assertLogged("ERROR Going on without the snapshot: a footer is damaged");
    assertLogged("WARN Snapshot 1 failed (a footer is damaged), attempt 1 in a row");
    assertLogged("WARN Snapshot 5 failed (a footer is damaged), attempt 5 in a row");
    assertLogged("WARN Snapshot 6 failed (a footer is damaged), attempt 1 in a row");
  }

  @Test
  void afterLinesThatAreSkippedAttemptsAreCountedAnew() {
    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR);
    around.stream.corrupt(4, 1);
    around.stream.corrupt(5, 1);
    around.unreadable("Move the file away.");
    around.came(9).asked(Reason.GAP);
    around.repair.onFailed("a footer is damaged", "Move the file away.", false, around.now);
    assertEquals("", around.failure(), "one attempt is not enough");
    assertLogged("attempt 1 in a row");
  }

  /** A file that is passed over next time: what is wrong then is another thing. */
  @Test
  void attemptsAreCountedAnewWhereTheNextOneIsBetter() {
    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR);
    for (int i = 0; i < 12; i++) {
      around.repair.onFailed("a file is damaged", "Move it away.", i % 4 == 0, around.now);
      around.askedAgain();
    }
    assertEquals("", around.failure());
    assertTrue(around.repair.wanted());
  }

  /** What happens at no file in particular does not count among what can't be read. */
  @Test
  void onlySnapshotsThatCameCountAsUnreadable() {
    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR);
    for (int i = 0; i < 4; i++) {
      around.repair.onFailed("refused", null, false, around.now);
      around.askedAgain();
      around.repair.onFailed("a file is damaged", "Move it away.", false, around.now);
      around.askedAgain();
    }
    assertEquals("", around.failure());
    around.repair.onFailed("a file is damaged", null, false, around.now);
    assertEquals("", around.failure(), "it is not said what is to be done: it did not come");
    around.askedAgain();
    around.repair.onFailed("a file is damaged", "Move it away.", false, around.now);
    assertTrue(around.failure().contains("could not be read 5 times in a row"), around.failure());
    assertLogged("attempt 10 in a row");
  }

  @Test
  void aRepairThatHasEndedEndsTheCountOfAttempts() {
    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR);
    for (int i = 0; i < 4; i++) {
      around.repair.onFailed("a file is damaged", "Move it away.", false, around.now);
      around.askedAgain();
    }
    around.answered(row(4), row(5), row(6)).came(9).asked(Reason.GAP);
    around.repair.onFailed("a file is damaged", "Move it away.", false, around.now);
    assertEquals("", around.failure());
  }

  /**
   * Each snapshot leaves files at the leader: one that could not be had is not asked for at once.
   */
  @Test
  void aFailedAttemptIsFollowedByAPause() {
    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR);
    long failed = around.now;
    around.repair.onFailed("refused", null, false, around.now);
    around.askedAgain();
    long pause = around.settings.backoffMs() + Repair.RIPE_MS;
    assertTrue(around.now - failed >= pause, (around.now - failed) + " ms");
  }

  @Test
  void whatIsToBeDoneIsSaidAlsoWhereNobodyKnows() {
    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR);
    around.repair.onComplete(List.of("events.parquet"), 0, around.now);
    for (int i = 0; i < 5; i++) {
      around.repair.onFailed("rows end too soon", null, false, around.now);
      if (i < 4) {
        around.askedAgain();
        around.repair.onComplete(List.of("events.parquet"), 0, around.now);
      }
    }
    assertTrue(
        around.failure().contains("Repair or remove the file at the leader. gap.policy=continue"),
        around.failure());
  }

  /** Nothing has come over this connection, so there is nothing that could be gone on with. */
  @Test
  void withoutAnEntryAtHandGoingOnWithoutTheSnapshotIsNoWayOut() {
    with(SnapshotMode.INITIAL, GapPolicy.CONTINUE, AT_3).asked(Reason.RECONNECT);
    around.unreadable("Move the file away.");
    assertTrue(around.failure().endsWith("Move the file away."), around.failure());
  }

  @Test
  void aSnapshotWithoutAnEntryAtHandIsNoGoodOnceOneHasCome() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3).asked(Reason.RECONNECT).came(6);
    around.answered(row(4), row(5));
    assertEquals(List.of(), around.numbers(), "6 may be before or behind it");
    assertFalse(around.orders.said.contains("rows"));
    around.askedAgain().answered(row(4), row(5), row(6));
    assertEquals(List.of(4L, 5L, 6L), around.numbers());
    assertFigures(1, 0, 2, 0);

    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3).asked(Reason.RECONNECT);
    around.stream.tick(around.now, false);
    around.answered(row(4), row(5));
    assertEquals(List.of(), around.numbers(), "and so may what waits in the buffer");
    assertFalse(around.orders.said.contains("rows"));
  }

  @Test
  void withoutAnEntryAtHandTwoSnapshotsMustAgree() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3).asked(Reason.RECONNECT);
    around.answered(row(4), row(5));
    assertEquals(List.of(), around.numbers(), "what was stored just then may be there in parts");
    around.askedAgain().answered(row(4), row(5), row(6));
    assertEquals(List.of(), around.numbers(), "it goes on");
    around.askedAgain().answered(row(4), row(5), row(6));
    assertEquals(List.of(4L, 5L, 6L), around.numbers());
    assertEquals(3, around.stream.walOffset(), "no entry tells how far it goes");
    assertEquals(3, around.stream.offsets.beyond());
    assertTrue(around.repair.quietlyEnded());
    assertFigures(0, 0, 0, 0);
  }

  @Test
  void withoutAnEntryAtHandALeaderWithoutFilesIsAskedNoMore() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3).asked(Reason.RECONNECT);
    around.answeredWithNone(0);
    assertTrue(around.repair.idle(), "the first entry will ask again");
    assertFalse(around.repair.quietlyEnded());
  }

  /** A snapshot that is there after all ends the doubt whether there is one. */
  @Test
  void thatThereWasNoSnapshotIsForgottenWhenThereIsOne() {
    gap(SnapshotMode.INITIAL, GapPolicy.REPAIR).answeredWithNone(0);
    around.askedAgain();
    around.repair.onComplete(List.of("events.parquet"), 0, around.now);
    around.repair.onFailed("the connection is lost", null, false, around.now);
    around.now += 60_000;
    around.askedAgain().answeredWithNone(0);
    assertEquals(List.of(), around.numbers(), "one word after that is no certainty");
  }

  @Test
  void aSnapshotThatCouldNotBeFetchedIsTriedForEver() {
    gap(SnapshotMode.INITIAL, GapPolicy.CONTINUE);
    for (int i = 0; i < 20; i++) {
      around.repair.onFailed("refused", null, false, around.now);
      around.askedAgain();
    }
    assertEquals(20, ledger().snapshotFailures);
    assertEquals(3, around.stream.walOffset());
    around.answered(row(4), row(5), row(6));
    assertFigures(1, 0, 2, 0);
  }

  /** A leader with a history of its own is said once, and again only if it has more of it. */
  @Test
  void aHistoryOfItsOwnIsSaidOnce() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3);
    Shortfall shortfall =
        new Shortfall(around.settings, around.orders, around.stream, around.live, around.cut);
    long[] found = {0, 2, 2, 1, 3, 3};
    int[] said = {0, 1, 1, 1, 2, 2};
    for (int i = 0; i < found.length; i++) {
      shortfall.noteForeign(found[i]);
      assertEquals(said[i], around.orders.logged.size(), "look " + i);
    }
    assertEquals(3, ledger().foreignRows);
    assertLogged("ERROR The leader has at least 3 events that are older");
  }

  /** Nothing has come over the new connection that would tell how far they reach. */
  @Test
  void withoutAnEntryAtHandWhatAnEarlierConnectionLeftIsBeyondToo() {
    with(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3).came(5);
    around.live.closed(around.now);
    around.connected().asked(Reason.RECONNECT);
    around.answered(row(4), row(5)).askedAgain().answered(row(4), row(5));
    assertEquals(List.of(4L, 5L), around.numbers());
    assertEquals(3, around.stream.walOffset());
    assertEquals(2, around.stream.offsets.beyond());
  }
}
