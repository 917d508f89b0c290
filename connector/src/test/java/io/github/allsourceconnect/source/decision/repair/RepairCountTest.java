package io.github.allsourceconnect.source.decision.repair;

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
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredPositions;
import io.github.allsourceconnect.source.decision.repair.RepairCount.Verdict;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the rows of a snapshot are worth against the offsets that are missing. */
class RepairCountTest {
  private static final SourcePosition AT_3 = StoredPositions.at(3, micros(3), "leader-1:3910");

  private Surroundings around;
  private RowsAhead ahead;
  private RepairCount count;

  private void from(SourcePosition position) {
    around = new Surroundings(SnapshotMode.INITIAL, GapPolicy.REPAIR, position).connected();
    count = count(0);
  }

  private RepairCount count(long slackMicros) {
    ahead = new RowsAhead(around.stream, around.cut);
    return new RepairCount(around.stream, around.live, around.cut, ahead, slackMicros);
  }

  /** In order up to 3; 6 has come, and nothing since: 4 and 5 are missing. */
  private void gap() {
    from(AT_3);
    around.establishedAt(3).came(6).cutAtTheEnd();
  }

  /** The same, and it is not known where the connection's entries belong. */
  private void reconnect(long... offsets) {
    from(AT_3);
    around.came(offsets).cutAtTheEnd();
  }

  private static SnapshotRow later(long number) {
    return new SnapshotRow(
        Events.event(100 + number, micros(number) + 1, "{}", "type", "another"), 0, 0);
  }

  private Verdict judge(boolean streamIsWhole, SnapshotRow... rows) {
    count.begin(around.stream.epoch());
    return judgeAgain(streamIsWhole, rows);
  }

  private Verdict judgeAgain(boolean streamIsWhole, SnapshotRow... rows) {
    for (SnapshotRow row : rows) {
      count.row(row);
    }
    return count.judge(streamIsWhole, true);
  }

  // ---- a gap

  @Test
  void asManyRowsAsOffsetsAreARepair() {
    gap();
    assertEquals(Verdict.COUNTED, judge(false, row(4), row(5), row(6)));
    assertEquals(List.of(2L, 2L), List.of(count.missing(), count.found()));
    assertEquals(Verdict.COUNTED, judge(false, row(1), row(2), row(4), row(5)), "1 is produced");
    assertEquals(2, count.found());
  }

  @Test
  void tooFewRowsAreNone() {
    gap();
    assertEquals(Verdict.SHORT, judge(false, row(4), row(6)));
    assertEquals(1, count.found());
    assertEquals(Verdict.SHORT, judge(false));
    assertEquals(0, count.found());
  }

  @Test
  void linesThatWereSkippedAndRowsOfASeamAreSetOff() {
    gap();
    around.stream.corrupt(5, 1);
    assertEquals(Verdict.CREDITED, judge(false, row(4)));
    assertEquals(Verdict.SHORT, judge(false));
    around.stream.offsets.uncertainRows(List.of(event(90)));
    assertEquals(Verdict.CREDITED, judge(false), "each of them stands for one");
    assertEquals(Verdict.COUNTED, judge(false, row(4), row(5)), "nothing needs to be set off");
    gap();
    around.stream.offsets.uncertainRows(List.of(event(90)));
    assertEquals(Verdict.CREDITED, judge(false, row(4)));
    assertEquals(1, count.found());
  }

  /** Rows that can only belong behind the last entry: the stream lacks what the snapshot has. */
  @Test
  void moreRowsThanOffsetsShowThatTheStreamIsBehind() {
    gap();
    assertEquals(Verdict.STREAM_BEHIND, judge(false, row(4), row(5), later(5)));
    assertEquals(Verdict.COUNTED, judge(true, row(4), row(5), later(5)), "it is not to blame");
    assertEquals(Verdict.STREAM_BEHIND, judge(false, row(4), row(5), later(6)), "newer than 6");
    assertEquals(Verdict.STREAM_BEHIND, judge(false, later(6)));
    assertEquals(Verdict.STREAM_BEHIND, judge(false, row(4), row(5), row(8)));
  }

  @Test
  void whileTheStreamGoesOnMoreRowsAreNoSign() {
    from(AT_3);
    around.establishedAt(3).cameInARow(6, 80);
    around.cut.begin(around.now);
    around.cut.choose(around.now);
    assertEquals(38, around.cut.offset());
    assertEquals(Verdict.COUNTED, judge(false, row(4), row(5), later(5), row(90)));
    assertEquals(3, count.found());
  }

  /** Those that are left for the stream, which is past them: if more is missing, it was not. */
  @Test
  void rowsBeforeAnEarlierCutCountWhereOthersAreTooFew() {
    gap();
    around.stream.awaited.await(List.of(event(4)), false);
    around.stream.awaited.isSilent(true);
    assertEquals(Verdict.COUNTED, judge(false, row(4), row(5)));
    assertEquals(2, count.found());
    assertTrue(
        around.stream.awaited.isBeforeTheCut(event(4)), "a repair is told what the stream tells");
    assertEquals(Verdict.SHORT, judge(false, row(4)));
    around.stream.offsets.uncertainRows(List.of(event(90)));
    assertEquals(Verdict.CREDITED, judge(false, row(4)), "5 may have been produced");
  }

  /** The stream is whole and does not bring it: its clock was ahead. */
  @Test
  void aRowFarAheadIsOneOfThoseMissing() {
    SnapshotRow far = at(900, micros(6) + 3_600_000_000L);
    gap();
    around.stream.corrupt(5, 1);
    assertEquals(Verdict.CREDITED, judgedAgain(far));
    assertEquals(1, count.found());
    gap();
    around.stream.offsets.uncertainRows(List.of(event(90)));
    assertEquals(Verdict.CREDITED, judgedAgain(far));
    gap();
    assertEquals(Verdict.SHORT, judgedAgain(far));
  }

  /** The second of two snapshots with these rows; all that was received before it is taken. */
  private Verdict judgedAgain(SnapshotRow... rows) {
    assertEquals(Verdict.AGAIN, judge(true, rows));
    ahead.streamIsTaken();
    return judge(true, rows);
  }

  /** A line is the last to be believed: it may be the one of such a row. */
  @Test
  void aRowBeforeAnEarlierCutIsTakenRatherThanALine() {
    gap();
    around.stream.corrupt(4, 1);
    around.stream.awaited.await(List.of(later(2).event(), event(4)), false);
    around.stream.awaited.isSilent(true);
    assertEquals(Verdict.COUNTED, judge(false, later(2), row(4), row(5)));
    assertEquals(2, count.found(), "no more than are missing");
  }

  @Test
  void beforeALineIsBelievedItLooksFurtherBack() {
    gapFarBehindTheFirst();
    around.stream.corrupt(62, 1);
    assertEquals(Verdict.COUNTED, judge(false, at(61, dense(61)), at(62, dense(62))));
    assertEquals(Verdict.DEEPER, judge(false, at(61, dense(61))));
    assertEquals(Verdict.CREDITED, judgeAgain(false, at(61, dense(61))));
  }

  /** Two looks show both of them, and the stream has brought neither: a clock was ahead. */
  @Test
  void rowsFarAheadCountAsFarAsOthersAreTooFew() {
    gap();
    SnapshotRow[] rows = {row(5), row(500), row(501)};
    assertEquals(Verdict.AGAIN, judge(true, rows));
    ahead.streamIsTaken();
    assertEquals(Verdict.COUNTED, judge(true, rows));
    assertEquals(2, count.found());
  }

  // ---- behind a reconnect

  @Test
  void behindAReconnectAsManyRowsAsOffsetsAreARepair() {
    reconnect(6);
    assertEquals(Verdict.COUNTED, judge(false, row(4), row(5), row(6)));
    assertEquals(Verdict.SHORT, judge(false, row(4), row(6)));
    assertEquals(Verdict.STREAM_BEHIND, judge(false, row(4), row(5), later(5)));
    assertEquals(Verdict.ANEW, judge(true, row(4), row(5), later(5)), "it is another numbering");
  }

  @Test
  void behindAReconnectRowsOfASeamAreSetOff() {
    reconnect(6);
    around.stream.offsets.uncertainRows(List.of(event(90)));
    assertEquals(Verdict.CREDITED, judge(false, row(4), row(6)));
    assertEquals(Verdict.COUNTED, judge(false, row(4), row(5), row(6)));
    assertEquals(Verdict.SHORT, judge(false, row(6)));
    assertEquals(Verdict.ANEW, judge(true, row(4), row(5), later(5)));
  }

  @Test
  void offsetsThatBeginAtTheKnownOnesAreAnotherNumbering() {
    reconnect(3, 6);
    assertEquals(Verdict.ANEW, judge(false, row(4), row(5)));
    reconnect(4, 6);
    assertEquals(Verdict.COUNTED, judge(false, row(5)));
    assertEquals(Verdict.SHORT, judge(false));
  }

  @Test
  void offsetsThatHaveNoRoomForWhatIsThereAreAnotherNumbering() {
    reconnect(5);
    around.stream.offsets.rowsBeyond(1);
    assertEquals(Verdict.COUNTED, judge(false), "there is room for one");
    around.stream.offsets.rowsBeyond(1);
    assertEquals(-1, count.missing());
    assertEquals(Verdict.ANEW, judge(false));
  }

  @Test
  void anotherLeadersOffsetsMayBeRightByChance() {
    from(AT_3);
    around.lostAndConnectedToTheOther().came(6).cutAtTheEnd();
    assertEquals(Verdict.COUNTED, judge(false, row(4), row(5)), "nothing is known to be missing");
    assertEquals(Verdict.ANEW, judge(false, row(4)));
    from(AT_3);
    around.establishedAt(3).came(6).lostAndConnectedToTheOther().came(8).cutAtTheEnd();
    assertEquals(2, around.stream.arrears.owed());
    SnapshotRow far = new SnapshotRow(event(7), 0, 0);
    assertEquals(Verdict.ANEW, judge(false, row(5), far, later(7)), "5 and one more are owed");
    assertEquals(1, count.owedFound().count());
    assertEquals(Verdict.COUNTED, judge(false, row(4), row(5), far));
    assertEquals(2, count.owedFound().count());
    assertFalse(count.lacksOwed());
  }

  private void connectedAgainAt(long offset) {
    around.live.proven(around.live.epoch());
    around.live.closed(around.now);
    around.connectedAt(offset);
  }

  /** 206 had come, and was forgotten for want of room: it must be there, whatever the sum says. */
  @Test
  void aSumIsByChanceWithoutWhatHadCome() {
    from(AT_3);
    around.establishedAt(3).cameInARow(6, 205);
    connectedAgainAt(205);
    around.came(206);
    connectedAgainAt(208);
    around.came(209).cutAtTheEnd();
    assertEquals(3, around.stream.arrears.owed(), "4 and 5, too");
    SnapshotRow five = row(5);
    assertEquals(Verdict.ANEW, judge(false, five, later(206), later(207), row(207), row(208)));
    assertEquals(Verdict.COUNTED, judge(false, five, row(206), later(207), row(207), row(208)));
    assertEquals(List.of(205L, 205L), List.of(count.missing(), count.found()));
    assertTrue(count.lacksOwed(), "one of them is none of those it counts");
  }

  /** They are events as well, and fill offsets. */
  @Test
  void entriesThatEarlierConnectionsLeftCountAsFound() {
    from(AT_3);
    around.came(5);
    around.live.closed(around.now);
    around.connected().came(6).cutAtTheEnd();
    assertEquals(Verdict.COUNTED, judge(false, row(4), row(5), row(6)));
    assertEquals(2, count.found());
    assertEquals(Verdict.SHORT, judge(false, row(5), row(6)));
    assertEquals(1, count.found());
  }

  // ---- without an entry at hand

  @Test
  void withoutAnEntryTwoSnapshotsMustEndAlike() {
    from(AT_3);
    around.now += 10_000;
    around.cutAtTheEnd();
    assertEquals(0, around.cut.offset());
    assertEquals(Verdict.AGAIN, judge(false, row(4)));
    assertEquals(Verdict.AGAIN, judge(false, row(4), row(5)));
    assertEquals(Verdict.UNCOUNTED, judge(false, row(4), row(5)));
    assertEquals(Verdict.UNCOUNTED, judge(false), "nothing that could be there in parts");
  }

  @Test
  void theFirstSnapshotIsNotCounted() {
    from(SourcePosition.START);
    around.came(6).cutAtTheEnd();
    assertEquals(Verdict.UNCOUNTED, judge(false, row(1), row(6)));
    assertEquals(Verdict.STREAM_BEHIND, judge(false, row(1), row(7)));
    assertEquals(Long.MIN_VALUE, count.produceFrom());
  }

  // ---- how far back

  /** Event times a tenth of a second apart, which time follows. */
  private static long dense(long number) {
    return micros(3) + (number - 3) * 100_000;
  }

  private static SnapshotRow at(long number, long micros) {
    return new SnapshotRow(Events.event(number, micros, "{}", "t", "e"), 0, 0);
  }

  /** In order up to 60; 63 has come, 61 and 62 have not. */
  private void gapFarBehindTheFirst() {
    inOrderUpTo60();
    around.cameAt(63, dense(63)).cutAtTheEnd();
  }

  private void inOrderUpTo60() {
    from(AT_3);
    around.establishedAt(3);
    for (long number = 4; number <= 60; number++) {
      around.cameAt(number, dense(number));
    }
  }

  /** One of a repair that broke off lies behind 60. The leader stands at 63. */
  @Test
  void withoutAnEntryAllThatTheLeaderHasNumberedIsLookedFor() {
    inOrderUpTo60();
    around.stream.offsets.rowsBeyond(1);
    around.live.closed(around.now);
    around.connectedAt(63);
    around.now += 10_000;
    around.cutAtTheEnd();
    assertEquals(0, around.cut.offset());
    SnapshotRow last = at(63, dense(63));
    assertEquals(Verdict.AGAIN, judge(false, last));
    assertEquals(Verdict.DEEPER, judge(false, last));
    assertEquals(Verdict.UNCOUNTED, judgeAgain(false, last), "as far back as can be told");
    assertEquals(Verdict.UNCOUNTED, judge(false, at(62, dense(62)), last), "there are no more");
  }

  /** Rows are older than the position looks back, as far as events are known in memory. */
  @Test
  void whereTooFewAreFoundItLooksFurtherBackOnce() {
    gapFarBehindTheFirst();
    long first = around.stream.produced.watermark();
    assertTrue(first > dense(50));
    count.begin(around.stream.epoch());
    assertEquals(first, count.from());
    assertEquals(first, count.produceFrom());
    SnapshotRow old = at(900, dense(10) + 5);
    SnapshotRow known = at(20, dense(20));
    SnapshotRow missing = at(61, dense(61));
    assertEquals(Verdict.DEEPER, judgeAgain(false, missing, old));
    assertEquals(0, count.found(), "it counts anew");
    assertEquals(micros(3), count.from(), "all since the task began");
    assertEquals(micros(3), count.produceFrom());
    assertEquals(Verdict.COUNTED, judgeAgain(false, old, known, missing));
    assertEquals(2, count.found());
    count.begin(around.stream.epoch());
    assertEquals(first, count.from(), "the next snapshot begins as the first did");
    assertEquals(Verdict.DEEPER, judgeAgain(false, missing));
    assertEquals(Verdict.SHORT, judgeAgain(false, missing));
    assertEquals(1, count.found());
  }

  /** Leader 2 has an event that is older than what leader 1 has not brought, and is new. */
  @Test
  void anotherLeadersHistoryOfItsOwnIsCounted() {
    gapFarBehindTheFirst();
    around.lostAndConnectedToTheOther().cameAt(64, dense(64)).cutAtTheEnd();
    count.begin(around.stream.epoch());
    assertEquals(micros(3), count.from(), "as far as events are known");
    long first = count.produceFrom();
    count.row(at(901, micros(3) - 1));
    count.row(at(902, micros(3)));
    count.row(at(20, dense(20)));
    count.row(at(903, first - 1));
    count.row(at(904, first));
    assertEquals(
        List.of(2L, 2L), List.of(count.foreign(), count.found()), "904, and 63 that is held");
  }

  /** One of the two may have been produced with a numbering before. */
  @Test
  void whereARowOfASeamMakesUpForWhatIsMissingItLooksNoFurtherBack() {
    gapFarBehindTheFirst();
    around.stream.offsets.uncertainRows(List.of(event(90)));
    assertEquals(Verdict.CREDITED, judge(false, at(61, dense(61))));
    assertEquals(Verdict.DEEPER, judge(false));
    around.live.closed(around.now);
    around.connected().cameAt(64, dense(64)).cutAtTheEnd();
    assertEquals(3, count.missing());
    assertEquals(Verdict.CREDITED, judge(false, at(61, dense(61))), "63 came before");
  }

  /** The setting for clocks that are off. */
  @Test
  void itLooksBackAsFarAsTheSettingSays() {
    gapFarBehindTheFirst();
    count = count(dense(60) - dense(20));
    count.begin(around.stream.epoch());
    assertEquals(dense(20), count.from());
    assertEquals(dense(20), count.produceFrom());
    count = count(dense(60));
    count.begin(around.stream.epoch());
    assertEquals(micros(3), count.from(), "no further than events are known");
    assertFalse(count.isInexact());
  }

  @Test
  void aRowOfTheMomentOfTheCutIsPartOfIt() {
    from(AT_3);
    around.establishedAt(3).cameInARow(6, 80);
    around.cut.begin(around.now);
    around.cut.choose(around.now);
    long cut = around.cut.micros();
    count.begin(around.stream.epoch());
    count.row(new SnapshotRow(Events.event(900, cut, "{}", "t", "e"), 0, 0));
    count.row(new SnapshotRow(Events.event(901, cut + 1, "{}", "t", "e"), 0, 0));
    assertEquals(1, count.found());
  }

  /** What is older than the entries at hand the snapshot's older files have: they are not read. */
  @Test
  void withoutAnOffsetItLooksNoFurtherBackThanTheEntriesAtHand() {
    assertEquals(micros(20), looksBackTo(0, 0, 20));
    assertEquals(micros(3), looksBackTo(3, 0, 20), "counted by offsets");
    assertEquals(micros(3), looksBackTo(0, 2, 20), "two are owed");
    assertEquals(micros(3), looksBackTo(0, 0, 2), "the entries are older");
    assertEquals(micros(3), looksBackTo(0, 0, 0), "there is none");
  }

  private long looksBackTo(long walOffset, long owed, long entry) {
    SourcePosition.Missing missing =
        owed == 0 ? SourcePosition.Missing.NONE : new SourcePosition.Missing(owed, micros(9), 0, 0);
    from(
        new SourcePosition(
            walOffset,
            0,
            0,
            missing,
            AT_3.produced(),
            0,
            0,
            true,
            "leader-1:3910",
            1,
            AT_3.losses(),
            false));
    if (entry > 0) {
      around.came(entry);
    } else {
      around.now += 10_000;
    }
    around.cutAtTheEnd();
    count.begin(around.stream.epoch());
    return count.from();
  }

  /** Entries of an earlier connection do not fill the holes between those of this one. */
  @Test
  void whatEarlierConnectionsLeftIsNoReasonNotToLookFurtherBack() {
    from(SourcePosition.START);
    for (long number = 0; number < 100; number++) {
      around.stream.handover.row(at(500 + number, dense(number)), null);
    }
    assertTrue(around.stream.produced.watermark() > dense(50));
    around.cameAt(30, dense(110));
    around.live.closed(around.now);
    around.connected().cameAt(5, dense(120)).cameAt(7, dense(121)).cutAtTheEnd();
    assertEquals(Verdict.DEEPER, judge(true));
    assertEquals(Verdict.UNCOUNTED, judgeAgain(true, at(900, dense(10) + 5)));
    around.stream.offsets.holesAreNone(true);
    assertEquals(Verdict.UNCOUNTED, judge(true), "where offsets are left out no hole is one");
  }
}
