package io.github.allsourceconnect.source.decision.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the live stream tells of rows that were left for it. */
class AwaitedRowsTest {
  private static final long NO_TIME_TELLS = Long.MIN_VALUE;

  private final AwaitedRows rows = new AwaitedRows();
  private long offset;

  private static Event event(long number) {
    return Events.event(number, "{}");
  }

  private void comes(long number, long now) {
    rows.came(event(number), ++offset, false, now);
  }

  private void newOnesCome(int count) {
    for (int i = 0; i < count; i++) {
      comes(100 + offset, 1);
    }
  }

  @Test
  void whatTheStreamBringsIsAwaitedNoLonger() {
    rows.await(List.of(event(1), event(2)), false);
    assertEquals(2, rows.size());
    comes(2, 1);
    comes(1, 1);
    assertTrue(rows.isEmpty());
    assertFalse(rows.holdsAcksBack(0), "they are of offsets that are not produced yet");
    assertEquals(Long.MAX_VALUE, rows.notBehind());
  }

  @Test
  void thePositionIsHeldBackByTheOldestThatIsLeft() {
    Event one = Events.event(1, 500, "{}", "type", "entity");
    Event other = Events.event(2, 500, "{}", "type", "entity");
    rows.await(List.of(one, other, Events.event(3, 700, "{}", "type", "entity")), false);
    assertEquals(500, rows.notBehind());
    rows.came(one, 1, false, 1);
    assertEquals(500, rows.notBehind());
    rows.came(other, 2, false, 1);
    assertEquals(700, rows.notBehind());
  }

  @Test
  void aRowIsLateIfItIsAwaitedAndLaterOnesHaveBeenProduced() {
    rows.await(List.of(event(1)), false);
    assertTrue(rows.isLate(event(1), event(1).micros() + 1));
    assertFalse(rows.isLate(event(1), event(1).micros()));
    assertFalse(rows.isLate(event(2), event(2).micros() + 1));
  }

  @Test
  void whatDidNotComeWithTheNewOnesLiesBeforeTheCutWhenTheirOffsetsAreSettled() {
    rows.await(List.of(event(1), event(2)), false);
    comes(1, 1);
    newOnesCome(AwaitedRows.NEW_EVENTS - 1);
    assertFalse(rows.tells(offset, NO_TIME_TELLS));
    newOnesCome(1);
    assertFalse(rows.tells(offset - 1, NO_TIME_TELLS), "it may be in a hole before the last");
    assertTrue(rows.tells(offset, NO_TIME_TELLS));
    assertTrue(rows.isBeforeTheCut(event(2)));
    assertFalse(rows.isBeforeTheCut(event(1)));
  }

  @Test
  void whatHasBeenProducedIsNotNew() {
    rows.await(List.of(event(1)), false);
    for (int i = 0; i < 2 * AwaitedRows.NEW_EVENTS; i++) {
      rows.came(event(100 + i), ++offset, true, 1);
    }
    assertFalse(rows.tells(offset, NO_TIME_TELLS));
  }

  @Test
  void oneNewEventLongAfterTheFirstTellsAsMuch() {
    rows.await(List.of(event(1)), false);
    comes(101, 1);
    comes(102, AwaitedRows.AFTER_MS);
    assertFalse(rows.tells(offset, NO_TIME_TELLS));
    comes(103, AwaitedRows.AFTER_MS + 1);
    assertTrue(rows.tells(offset, NO_TIME_TELLS));
  }

  @Test
  void timeTellsOfEachRow() {
    rows.await(List.of(event(1), event(2)), false);
    assertFalse(rows.tells(0, event(1).micros()));
    assertTrue(rows.tells(0, event(1).micros() + 1));
    assertEquals(1, rows.beforeTheCut());
    assertEquals(event(1).micros(), rows.notBehind());
  }

  /** Later events have been produced, whatever connection brings it. */
  @Test
  void whatIsAwaitedIsLateWhereTheStreamIsPastItsTime() {
    rows.await(List.of(event(1), event(3)), false);
    assertTrue(rows.isLate(event(1), event(2).micros()));
    assertFalse(rows.isLate(event(3), event(2).micros()), "not yet");
    assertFalse(rows.isLate(event(0), event(2).micros()), "nobody awaits it");
  }

  @Test
  void anotherConnectionBeginsToTellAnew() {
    rows.await(List.of(event(1)), false);
    newOnesCome(AwaitedRows.NEW_EVENTS);
    rows.isSilent(true);
    rows.streamBegins();
    assertFalse(rows.tells(offset, NO_TIME_TELLS));
    rows.isSilent(true);
    assertTrue(rows.tells(0, NO_TIME_TELLS));
  }

  @Test
  void whatOnlyTheSilenceSaysIsToldFromTheRest() {
    rows.await(List.of(event(1), event(3)), false);
    rows.isSilent(false);
    assertTrue(rows.tells(offset, event(2).micros()));
    assertTrue(rows.isBeforeTheCut(event(1)) && rows.isBeforeTheCut(event(3)));
    assertFalse(rows.isToldBySilence(event(1)), "it is older than all that was produced");
    assertTrue(rows.isToldBySilence(event(3)));
    assertFalse(rows.isToldBySilence(event(2)), "nobody awaits it");
  }

  @Test
  void rowsOfALaterSnapshotDoNotPutTheOthersOff() {
    rows.await(List.of(event(1)), false);
    newOnesCome(AwaitedRows.NEW_EVENTS - 1);
    rows.await(List.of(event(2)), false);
    newOnesCome(1);
    assertTrue(rows.tells(offset, NO_TIME_TELLS));
    assertTrue(rows.isBeforeTheCut(event(1)));
    assertFalse(rows.isBeforeTheCut(event(2)));
  }

  @Test
  void acksAreHeldBackUntilKafkaHasWhatWasFound() {
    rows.await(List.of(event(1)), false);
    rows.isSilent(true);
    assertTrue(rows.tells(0, NO_TIME_TELLS));
    assertTrue(rows.holdsAcksBack(7));
    rows.produced(event(1), 8);
    assertTrue(rows.isEmpty());
    assertTrue(rows.holdsAcksBack(7));
    assertFalse(rows.holdsAcksBack(8));
  }

  @Test
  void whatIsInNoSnapshotIsGivenUp() {
    rows.await(List.of(event(1), event(2)), false);
    rows.isSilent(true);
    assertTrue(rows.tells(0, NO_TIME_TELLS));
    rows.produced(event(1), 1);
    assertEquals(0, rows.givenUp(false), "without a snapshot: the next one may have it");
    assertEquals(1, rows.givenUp(true));
    assertTrue(rows.isEmpty());
    assertEquals(0, rows.givenUp(true));
  }

  @Test
  void howManyThereAreCountsBothKinds() {
    rows.await(List.of(event(1), event(2), event(3)), false);
    assertTrue(rows.tells(0, event(1).micros() + 1));
    assertEquals(3, rows.size());
    assertEquals(1, rows.beforeTheCut());
    rows.clear();
    assertEquals(0, rows.size());
    assertTrue(rows.isEmpty());
    assertFalse(rows.holdsAcksBack(0));
    assertEquals(Long.MAX_VALUE, rows.notBehind());
    assertFalse(rows.isBeforeTheCut(event(1)));
  }

  /** A leader may be without files for a moment. */
  @Test
  void repairsWithoutASnapshotGiveUpWithTheThird() {
    rows.await(List.of(event(1)), false);
    rows.isSilent(true);
    assertTrue(rows.tells(0, NO_TIME_TELLS));
    assertEquals(0, rows.givenUp(false));
    assertEquals(0, rows.givenUp(false));
    assertEquals(1, rows.givenUp(false));
    assertTrue(rows.isEmpty());
    assertEquals(Long.MAX_VALUE, rows.notBehind());

    rows.await(List.of(event(2)), false);
    rows.isSilent(true);
    assertTrue(rows.tells(0, NO_TIME_TELLS));
    assertEquals(0, rows.givenUp(false), "the count begins anew");
  }

  @Test
  void aRepairThatFoundOneOfThoseLeavesItNotAgain() {
    rows.await(List.of(event(1)), false);
    rows.isSilent(true);
    assertTrue(rows.tells(0, NO_TIME_TELLS));
    rows.await(List.of(event(1), event(2)), false);
    assertEquals(2, rows.size());
    assertTrue(rows.isBeforeTheCut(event(1)));
  }

  /** Of eight snapshots it is known apart what the stream has brought since. */
  @Test
  void ofMoreSnapshotsTheFirstTwoAreToldTogether() {
    for (int snapshot = 1; snapshot <= 9; snapshot++) {
      rows.await(List.of(event(snapshot)), false);
      newOnesCome(1);
    }
    newOnesCome(AwaitedRows.NEW_EVENTS - 9);
    assertFalse(rows.tells(offset, NO_TIME_TELLS), "enough since the first");
    newOnesCome(1);
    assertTrue(rows.tells(offset, NO_TIME_TELLS));
    assertEquals(2, rows.beforeTheCut());
    newOnesCome(7);
    rows.tells(offset, NO_TIME_TELLS);
    assertEquals(9, rows.beforeTheCut());
  }

  /** What nothing is left of takes no place among those. */
  @Test
  void snapshotsThatLeaveNothingAreForgotten() {
    for (int snapshot = 1; snapshot <= 20; snapshot++) {
      rows.await(List.of(), false);
      rows.await(List.of(event(snapshot)), false);
      comes(snapshot, 1);
    }
    rowsOfALaterSnapshotDoNotPutTheOthersOff();
  }

  /** Next to a cut that is forced others may be acked before they are there, too. */
  @Test
  void thoseNextToAForcedCutHoldNoAcksBack() {
    rows.await(List.of(event(1)), true);
    assertFalse(rows.holdsAcksBack(0));
    assertEquals(event(1).micros(), rows.notBehind());
    rows.await(List.of(event(2)), false);
    assertTrue(rows.holdsAcksBack(9));
    rows.produced(event(2), 7);
    assertTrue(rows.holdsAcksBack(6));
    assertFalse(rows.holdsAcksBack(7));
    rows.produced(event(1), 8);
    assertFalse(rows.holdsAcksBack(7));
    assertTrue(rows.isEmpty());
  }
}
