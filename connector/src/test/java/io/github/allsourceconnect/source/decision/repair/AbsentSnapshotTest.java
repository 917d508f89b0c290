package io.github.allsourceconnect.source.decision.repair;

import static io.github.allsourceconnect.source.decision.repair.AbsentSnapshot.AGAIN_MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredPositions;
import io.github.allsourceconnect.source.decision.repair.AbsentSnapshot.Verdict;
import org.junit.jupiter.api.Test;

/** What it means that a leader says it has no snapshot. */
class AbsentSnapshotTest {
  private static final String FIRST = "leader-1:3910";

  /** So long a leader may be without a word of its files after a restart. */
  private static final long CERTAIN_MS = 35_000;

  private Surroundings around = new Surroundings();
  private AbsentSnapshot absent = new AbsentSnapshot(around.stream, around.live, around.cut);

  private void from(SourcePosition position) {
    around = new Surroundings(SnapshotMode.INITIAL, GapPolicy.REPAIR, position);
    absent = new AbsentSnapshot(around.stream, around.live, around.cut);
  }

  /** Behind offset 3 of the first leader, whose events up to then are produced. */
  private void fromThree() {
    from(StoredPositions.at(3, Surroundings.micros(3), FIRST));
    around.connected();
  }

  /** 6 has come, and 4 and 5 have not when the connection is lost. */
  private void fromThreeWithAHoleThatIsLost(boolean toTheOther) {
    fromThree();
    around.establishedAt(3).came(6);
    if (toTheOther) {
      around.lostAndConnectedToTheOther();
    } else {
      around.live.closed(around.now);
      around.connected();
    }
    assertEquals(2, around.stream.arrears.owed(), "4 and 5");
  }

  /** The leader has sent something to others, so its word is certain. */
  private Verdict says(boolean beginning) {
    return absent.judge(around.stream.epoch(), 1, beginning, around.now);
  }

  @Test
  void inOrderItDependsOnWhetherOffsetsAreMissing() {
    fromThree();
    around.establishedAt(3).came(6).cutAtTheEnd();
    assertEquals(2, absent.missing());
    assertTrue(absent.mayContinue());
    assertEquals(Verdict.SHORT, says(false), "4 and 5 are nowhere");
    around.stream.corrupt(4, 1);
    assertEquals(Verdict.SHORT, says(false), "one of them was a line that is skipped");
    around.stream.corrupt(5, 1);
    assertEquals(Verdict.COMPLETE, says(false), "both were");
  }

  @Test
  void offsetsThatGoOnWhereTheyEndedLackNothing() {
    fromThree();
    around.came(4, 5).cutAtTheEnd();
    assertTrue(absent.mayContinue());
    assertEquals(0, absent.missing());
    assertEquals(Verdict.COMPLETE, says(false));
  }

  @Test
  void offsetsThatWereThereBeforeDoNotContinueTheKnownOnes() {
    fromThree();
    around.came(3).cutAtTheEnd();
    assertFalse(absent.mayContinue(), "the first is the last known one");
    assertEquals(-1, absent.missing());
    assertEquals(Verdict.SHORT, says(false));
    fromThree();
    assertTrue(absent.mayContinue(), "none has come");
  }

  /** Rows of a repair that was not finished, and more than there are offsets for. */
  @Test
  void moreThanThereIsRoomForIsAnotherNumbering() {
    fromThree();
    around.stream.offsets.rowsBeyond(2);
    around.came(5).cutAtTheEnd();
    assertTrue(absent.mayContinue());
    assertEquals(-1, absent.missing());
    assertEquals(Verdict.SHORT, says(false));
  }

  @Test
  void whatAnEarlierConnectionLeftIsNotMissing() {
    fromThreeWithAHoleThatIsLost(false);
    around.came(7).cutAtTheEnd();
    assertEquals(2, absent.missing(), "4 and 5, but not 6");
  }

  /** Two events are known to be missing of the numbering that may be gone. */
  @Test
  void whatIsOwedIsLackingWhereTheNumbersDoNotGoOn() {
    fromThreeWithAHoleThatIsLost(false);
    around.came(7).cutAtTheEnd();
    assertEquals(Verdict.SHORT, says(false), "they do go on: it is counted by offsets");

    fromThreeWithAHoleThatIsLost(true);
    around.came(7).cutAtTheEnd();
    assertEquals(Verdict.OWED_LACKING, says(false), "another leader's may go on by chance");

    fromThreeWithAHoleThatIsLost(false);
    around.came(3).cutAtTheEnd();
    assertEquals(Verdict.OWED_LACKING, says(false), "they begin at or before the known ones");
    around.came(9).cutAtTheEnd();
    assertEquals(3, absent.missing());
    assertEquals(Verdict.OWED_LACKING, says(false), "however far they go");

    fromThreeWithAHoleThatIsLost(false);
    around.came(4).cutAtTheEnd();
    assertEquals(-1, absent.missing());
    assertEquals(Verdict.OWED_LACKING, says(false), "there is no room for those that wait");

    fromThreeWithAHoleThatIsLost(false);
    around.came(5).cutAtTheEnd();
    assertEquals(0, absent.missing());
    assertEquals(Verdict.COMPLETE, says(false), "the one that waits is the one between");
  }

  /** A line was no entry, or its event is nowhere: the other leader's numbers do not tell. */
  @Test
  void anotherLeadersOffsetsLackNothingByChanceWhereALineMayBeMissing() {
    fromThree();
    around.establishedAt(3).stream.corrupt(4, 1);
    around.lostAndConnectedToTheOther().came(4).cutAtTheEnd();
    assertEquals(Verdict.COMPLETE, says(false));
    around.stream.arrears.connectionChanged(true);
    assertEquals(Verdict.SHORT, says(false));
  }

  /** 205 had come, and was forgotten for want of room. */
  @Test
  void whatHadComeIsLackingWhereverTheNumbersGoOn() {
    fromThree();
    around.establishedAt(3).cameInARow(5, 204);
    around.live.closed(around.now);
    around.connectedAt(204).came(205);
    around.live.proven(around.live.epoch());
    around.live.closed(around.now);
    around.connectedAt(205).came(206).cutAtTheEnd();
    assertFalse(around.live.numbersDoubtful());
    assertEquals(2, absent.missing(), "4 and 205");
    assertEquals(Verdict.OWED_LACKING, says(false));
  }

  @Test
  void whatIsOwedIsLackingWhereNoOffsetIsKnown() {
    from(owedWithoutAnOffset());
    around.connected().came(1).cutAtTheEnd();
    assertEquals(0, absent.missing());
    assertEquals(Verdict.OWED_LACKING, says(false), "no offset is missing, and yet 2 events are");
  }

  private static SourcePosition owedWithoutAnOffset() {
    SourcePosition at = StoredPositions.at(0, Surroundings.micros(3), FIRST);
    return new SourcePosition(
        0,
        0,
        0,
        new SourcePosition.Missing(2, Surroundings.micros(6), 3, 0),
        at.produced(),
        0,
        0,
        true,
        FIRST,
        1,
        at.losses(),
        false);
  }

  @Test
  void atTheBeginningThereMayHaveBeenNothingBefore() {
    from(SourcePosition.START);
    around.connected().came(5).cutAtTheEnd();
    assertEquals(Verdict.NOTHING_BEFORE, says(true));
    assertEquals(Verdict.SHORT, says(false), "not where something has been produced");

    from(StoredPositions.at(3, Surroundings.micros(3), FIRST));
    around.connected().came(6).cutAtTheEnd();
    assertEquals(Verdict.SHORT, says(true), "not where an offset is known");

    from(SourcePosition.START);
    around.connected().came(5);
    around.live.closed(around.now);
    around.connected().came(8).cutAtTheEnd();
    assertEquals(Verdict.SHORT, says(true), "not where an earlier connection has brought some");
  }

  /** A leader that was just restarted has shipped nothing, and says the same. */
  @Test
  void aWordThatMayBeAPromotedFollowersOrARestartedLeadersIsAskedForAgain() {
    fromThree();
    around.came(4).cutAtTheEnd();
    long told = around.now;
    assertFalse(absent.isTold());
    assertEquals(Verdict.NOT_SURE, absent.judge(around.stream.epoch(), 0, false, told));
    assertTrue(absent.isTold());
    assertEquals(
        Verdict.NOT_SURE, absent.judge(around.stream.epoch(), 0, false, told + AGAIN_MS - 1));
    assertEquals(Verdict.COMPLETE, absent.judge(around.stream.epoch(), 0, false, told + AGAIN_MS));
    assertFalse(absent.isTold(), "that is certain");
  }

  @Test
  void thatNothingWasBeforeTheFirstEntryIsCertainAsSoon() {
    around.connected().came(5).cutAtTheEnd();
    long told = around.now;
    assertEquals(Verdict.NOT_SURE, absent.judge(around.stream.epoch(), 0, true, told));
    assertEquals(
        Verdict.NOTHING_BEFORE, absent.judge(around.stream.epoch(), 0, true, told + AGAIN_MS));
  }

  @Test
  void beforeEventsAreCalledLostItTakesLonger() {
    fromThree();
    around.came(6).cutAtTheEnd();
    long told = around.now;
    assertEquals(Verdict.NOT_SURE, absent.judge(around.stream.epoch(), 0, false, told));
    assertEquals(
        Verdict.NOT_SURE, absent.judge(around.stream.epoch(), 0, false, told + CERTAIN_MS - 1));
    assertEquals(Verdict.SHORT, absent.judge(around.stream.epoch(), 0, false, told + CERTAIN_MS));
  }

  @Test
  void theFirstWordMayComeAtTheFirstMomentOfAClock() {
    fromThree();
    around.came(4).cutAtTheEnd();
    assertEquals(Verdict.NOT_SURE, absent.judge(around.stream.epoch(), 0, false, 0));
    assertTrue(absent.isTold());
    assertEquals(Verdict.COMPLETE, absent.judge(around.stream.epoch(), 0, false, AGAIN_MS));
  }

  @Test
  void anotherConnectionsWordIsAnotherWord() {
    fromThree();
    around.came(4).cutAtTheEnd();
    absent.judge(around.stream.epoch(), 0, false, around.now);
    around.live.closed(around.now);
    around.connected().came(4).cutAtTheEnd();
    long told = around.now;
    assertTrue(told > 2 * AGAIN_MS);
    assertEquals(Verdict.NOT_SURE, absent.judge(around.stream.epoch(), 0, false, told + AGAIN_MS));
    assertEquals(
        Verdict.NOT_SURE, absent.judge(around.stream.epoch(), 0, false, told + 2 * AGAIN_MS - 1));
    assertEquals(
        Verdict.COMPLETE, absent.judge(around.stream.epoch(), 0, false, told + 2 * AGAIN_MS));
  }

  @Test
  void aLeaderThatIsNotFollowedAtTheMomentTellsNothing() {
    fromThree();
    around.came(4).cutAtTheEnd();
    around.live.closed(around.now);
    assertEquals(Verdict.NOT_SURE, says(false), "the connection is lost");
    assertFalse(absent.isTold());
    around.now = around.live.wakeAt();
    around.live.tick(around.now, 0, 0, 0);
    around.live.caughtUp(0, around.now);
    assertEquals(Verdict.NOT_SURE, says(false), "its entries are not followed yet");
    assertFalse(absent.isTold());
  }

  @Test
  void aSnapshotThatIsThereAfterAllEndsIt() {
    fromThree();
    around.came(4).cutAtTheEnd();
    absent.judge(around.stream.epoch(), 0, false, around.now);
    absent.forget();
    assertFalse(absent.isTold());
    assertEquals(
        Verdict.NOT_SURE, absent.judge(around.stream.epoch(), 0, false, around.now + AGAIN_MS));
  }

  /** Of its numbers nothing can be counted. */
  @Test
  void aLeaderThatHasNotSentWhatIsHeldLacksWhatIsOwedWhenThatIsCertain() {
    fromThree();
    around.establishedAt(3).came(6).cutAtTheEnd().lostAndTheOtherIsLive();
    Epoch other = around.live.epoch();
    long told = around.now;
    assertEquals(Verdict.NOT_SURE, absent.judge(other, 0, false, told));
    assertEquals(Verdict.NOT_SURE, absent.judge(other, 0, false, told + CERTAIN_MS - 1));
    assertEquals(Verdict.OWED_LACKING, absent.judge(other, 0, false, told + CERTAIN_MS));
    assertEquals(Verdict.OWED_LACKING, absent.judge(other, 1, false, told));
  }
}
