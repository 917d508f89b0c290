package io.github.allsourceconnect.source.decision.repair;

import static io.github.allsourceconnect.source.decision.repair.RowsAhead.FEW;
import static io.github.allsourceconnect.source.decision.repair.RowsAhead.LEAST_MICROS;
import static io.github.allsourceconnect.source.decision.repair.RowsAhead.LOOKS_MAX;
import static io.github.allsourceconnect.source.decision.repair.RowsAhead.ROWS_MAX;
import static io.github.allsourceconnect.source.decision.repair.Surroundings.micros;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import java.util.List;
import org.junit.jupiter.api.Test;

/** How many looks it takes until it is known where rows that are far ahead belong. */
class RowsAheadLooksTest {
  private static final long HOUR = 3_600_000_000L;

  private final Surroundings around = new Surroundings().connected().came(6).cutAtTheEnd();
  private final RowsAhead ahead = new RowsAhead(around.stream, around.cut);
  private long last = 6;

  private static Event ahead(long number) {
    return Events.event(number, micros(6) + HOUR + number, "{}", "type", "entity");
  }

  /** What the entry of that offset brings. */
  private static Event coming(long offset) {
    return Events.event(offset, micros(offset), "{}", "type", "entity-" + offset);
  }

  /** A snapshot with these rows ahead. */
  private void look(long... numbers) {
    ahead.begin(0);
    for (long number : numbers) {
      ahead.row(ahead(number));
    }
  }

  private void lookAtSoMany(int rows) {
    ahead.begin(0);
    for (int i = 1; i <= rows; i++) {
      ahead.row(ahead(i));
    }
  }

  private void streamGoesOn() {
    around.came(++last);
    ahead.streamIsTaken();
  }

  private boolean missingOne() {
    return ahead.needAnotherLook(1, false, true);
  }

  private boolean another() {
    return ahead.needAnotherLook(Long.MAX_VALUE, false, true);
  }

  @Test
  void withoutAnyOneLookIsEnough() {
    look();
    assertFalse(another());
    assertEquals(0, ahead.certain());
    assertFalse(ahead.isBeforeTheCut(ahead(1)));
  }

  @Test
  void whatIsStillThereWhenTheStreamHasGoneOnLiesBeforeTheCut() {
    look(1);
    assertTrue(another());
    streamGoesOn();
    look(1);
    assertFalse(another());
    assertEquals(1, ahead.certain());
    assertTrue(ahead.isBeforeTheCut(ahead(1)));
    assertFalse(ahead.isBeforeTheCut(ahead(2)));
  }

  @Test
  void aStreamThatHasNotGoneOnOrWasNotTakenTellsNothing() {
    look(1);
    assertTrue(another());
    ahead.streamIsTaken();
    look(1);
    assertTrue(another(), "nothing has come");
    around.came(++last);
    look(1);
    assertTrue(another(), "what has come was not all that had been received");
    streamGoesOn();
    look(1);
    assertFalse(another());
    assertEquals(1, ahead.certain());
  }

  @Test
  void aStreamThatIsWholeTellsAlsoAtRestIfItLacksNoOthers() {
    look(1);
    assertTrue(another());
    ahead.streamIsTaken();
    look(1);
    assertFalse(ahead.needAnotherLook(Long.MAX_VALUE, true, true));
    assertEquals(1, ahead.certain());

    ahead.forget();
    look(1);
    assertTrue(another());
    ahead.streamIsTaken();
    look(1);
    ahead.row(Events.event(50, micros(6) + 1, "{}", "type", "entity"));
    assertTrue(
        ahead.needAnotherLook(Long.MAX_VALUE, true, true), "a whole stream would have brought 50");
    assertEquals(0, ahead.certain());
  }

  @Test
  void oneThatIsNewNeedsALookOfItsOwn() {
    look(1);
    assertTrue(another());
    streamGoesOn();
    look(1, 2);
    assertTrue(another(), "2 may be on its way");
    streamGoesOn();
    look(1, 2);
    assertFalse(another());
    assertEquals(2, ahead.certain());
  }

  @Test
  void oneThatHasComeMeanwhileIsNone() {
    look(1, 2);
    assertTrue(another());
    streamGoesOn();
    look(2);
    assertFalse(another());
    assertEquals(1, ahead.certain());
    assertFalse(ahead.isBeforeTheCut(ahead(1)));
    streamGoesOn();
    look();
    assertFalse(another());
    assertEquals(0, ahead.certain(), "what was certain was of that snapshot");
    assertFalse(ahead.isBeforeTheCut(ahead(2)));
  }

  @Test
  void thereAreNoMoreLooksThanThat() {
    for (int looks = 0; looks < LOOKS_MAX; looks++) {
      look(1);
      assertTrue(another(), "look " + looks);
    }
    look(1);
    assertFalse(another());
    assertEquals(0, ahead.certain(), "it is left for the stream");
  }

  @Test
  void anotherRepairOrConnectionLooksAnew() {
    look(1);
    assertTrue(another());
    streamGoesOn();
    ahead.forget();
    look(1);
    assertTrue(another());
    around.live.closed(around.now);
    around.connected().came(last + 1).cutAtTheEnd();
    ahead.streamIsTaken();
    look(1);
    assertTrue(another(), "over another connection the stream may bring it");
    around.came(last + 2);
    ahead.streamIsTaken();
    look(1);
    assertFalse(another());
    assertEquals(1, ahead.certain());
    ahead.forget();
    assertEquals(0, ahead.certain());
    assertFalse(ahead.isBeforeTheCut(ahead(1)));
  }

  @Test
  void howFarAheadIsAhead() {
    long from = micros(6) + LEAST_MICROS;
    ahead.begin(0);
    ahead.row(Events.event(50, from, "{}", "type", "entity"));
    assertFalse(another(), "little ahead: the stream tells by time");
    ahead.begin(0);
    ahead.row(Events.event(50, from + 1, "{}", "type", "entity"));
    assertTrue(another());
  }

  @Test
  void withoutACutNothingIsAhead() {
    Surroundings empty = new Surroundings().connected();
    empty.now += 10_000;
    empty.cutAtTheEnd();
    RowsAhead none = new RowsAhead(empty.stream, empty.cut);
    none.begin(0);
    none.row(ahead(1));
    assertFalse(none.needAnotherLook(Long.MAX_VALUE, false, true));
  }

  // ---- more than are told one by one

  @Test
  void fewAreLookedForWhetherThereIsRoomOrNot() {
    lookAtSoMany(FEW);
    assertTrue(ahead.needAnotherLook(Long.MAX_VALUE, false, false));
    streamGoesOn();
    lookAtSoMany(FEW);
    assertFalse(another());
    assertEquals(FEW, ahead.certain());
    lookAtSoMany(FEW + 1);
    assertFalse(ahead.needAnotherLook(Long.MAX_VALUE, false, false));
  }

  /** With many the link lags: those that are new at the second look are left for the stream. */
  @Test
  void ofManyThoseThatAreNewNeedNoLookOfTheirOwn() {
    lookAtSoMany(FEW + 1);
    assertTrue(another());
    streamGoesOn();
    lookAtSoMany(FEW + 3);
    assertFalse(another());
    assertEquals(FEW + 1, ahead.certain());
    assertTrue(ahead.isBeforeTheCut(ahead(FEW + 1)));
    assertFalse(ahead.isBeforeTheCut(ahead(FEW + 2)));
  }

  /** Unless some are known to be missing: then it goes on until as many are told. */
  @Test
  void thoseThatAreMissingAreLookedForUntilTheyAreFound() {
    lookAtSoMany(FEW + 1);
    assertTrue(ahead.needAnotherLook(2, false, true));
    streamGoesOn();
    look(1);
    for (int i = 2; i <= FEW + 2; i++) {
      ahead.row(ahead(FEW + i));
    }
    assertTrue(ahead.needAnotherLook(3, false, true), "one of three is found");
    assertEquals(1, ahead.certain());
    streamGoesOn();
    lookAtSoMany(FEW + 3);
    assertFalse(ahead.needAnotherLook(3, false, true));
    assertEquals(3, ahead.certain());
  }

  @Test
  void soManyAreToldOneByOne() {
    lookAtSoMany(ROWS_MAX);
    assertTrue(ahead.needAnotherLook(ROWS_MAX, false, true));
    streamGoesOn();
    lookAtSoMany(ROWS_MAX);
    assertFalse(ahead.needAnotherLook(ROWS_MAX, false, true));
    assertEquals(ROWS_MAX, ahead.certain());
    lookAtSoMany(ROWS_MAX + 1);
    streamGoesOn();
    assertTrue(ahead.needAnotherLook(1, false, true));
    assertEquals(0, ahead.certain(), "beyond that none is known by itself");
  }

  @Test
  void aLookIsTooEarlyWhileTheStreamBringsOnlyWhatTheLastOneHasShown() {
    assertFalse(ahead.isTooEarly());
    look(1);
    ahead.shows(coming(7));
    ahead.shows(coming(8));
    assertFalse(ahead.isTooEarly(), "there has been none");
    assertTrue(missingOne());
    assertFalse(ahead.isTooEarly(), "nothing has come");
    around.came(7);
    assertTrue(ahead.isTooEarly());
    around.came(8);
    assertTrue(ahead.isTooEarly());
    around.came(9);
    assertFalse(ahead.isTooEarly());
    look(1);
    ahead.shows(coming(10));
    assertTrue(missingOne());
    around.came(10);
    assertTrue(ahead.isTooEarly());
    look(1, 2);
    ahead.shows(coming(11));
    assertTrue(another());
    around.came(11);
    assertFalse(ahead.isTooEarly(), "none is known to be missing");
    look(1, 2, 3);
    ahead.shows(coming(12));
    assertTrue(ahead.needAnotherLook(3, false, true));
    around.came(12);
    assertTrue(ahead.isTooEarly());
    around.live.closed(around.now);
    around.connected().came(12);
    assertFalse(ahead.isTooEarly(), "another connection");
  }

  /** The clock has jumped back: they are told by the range of their times. */
  @Test
  void moreAreToldByTheRangeOfTheirTimes() {
    lookAtSoMany(ROWS_MAX + 1);
    assertTrue(another());
    streamGoesOn();
    lookAtSoMany(ROWS_MAX + 5);
    assertFalse(another());
    assertEquals(0, ahead.certain(), "none is known by itself");
    assertEquals(
        List.of(false, true, true, false),
        List.of(
            ahead.isBeforeTheCut(ahead(0)),
            ahead.isBeforeTheCut(ahead(1)),
            ahead.isBeforeTheCut(ahead(ROWS_MAX + 1)),
            ahead.isBeforeTheCut(ahead(ROWS_MAX + 2))));
    look();
    assertFalse(ahead.isBeforeTheCut(ahead(1)), "that was of that snapshot");
  }

  @Test
  void ofMoreTooAStreamThatHasNotGoneOnOrWasNotTakenTellsNothing() {
    lookAtSoMany(ROWS_MAX + 1);
    assertTrue(another());
    ahead.streamIsTaken();
    lookAtSoMany(ROWS_MAX + 1);
    assertTrue(another(), "nothing has come");
    around.came(++last);
    lookAtSoMany(ROWS_MAX + 1);
    ahead.shows(Surroundings.event(last + 1));
    assertTrue(another(), "what has come was not all that had been received");
    streamGoesOn();
    lookAtSoMany(ROWS_MAX + 1);
    assertTrue(another(), "what has come was in the snapshot before");
    streamGoesOn();
    lookAtSoMany(ROWS_MAX + 1);
    assertFalse(another());
    assertTrue(ahead.isBeforeTheCut(ahead(1)));
  }

  @Test
  void moreThanThatAreWaitedForOnlyWhileThereIsRoom() {
    lookAtSoMany(ROWS_MAX + 1);
    assertFalse(ahead.needAnotherLook(Long.MAX_VALUE, false, false));
    assertFalse(ahead.isBeforeTheCut(ahead(1)));
    streamGoesOn();
    lookAtSoMany(ROWS_MAX + 1);
    assertTrue(another(), "nothing was seen before");
    for (int looks = 1; looks < LOOKS_MAX; looks++) {
      lookAtSoMany(ROWS_MAX + 1);
      assertTrue(another(), "look " + looks);
    }
    lookAtSoMany(ROWS_MAX + 1);
    assertFalse(another());
    assertFalse(ahead.isBeforeTheCut(ahead(1)));
  }

  @Test
  void fewThatWereManyAreToldOneByOneAfterAnotherLook() {
    lookAtSoMany(ROWS_MAX + 1);
    assertTrue(another());
    streamGoesOn();
    look(1, 2);
    assertTrue(another());
    streamGoesOn();
    look(1, 2);
    assertFalse(another());
    assertEquals(2, ahead.certain());
    ahead.forget();
    lookAtSoMany(ROWS_MAX + 1);
    assertTrue(another(), "what was seen is forgotten");
  }
}
