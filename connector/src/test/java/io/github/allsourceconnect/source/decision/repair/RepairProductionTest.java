package io.github.allsourceconnect.source.decision.repair;

import static io.github.allsourceconnect.source.decision.repair.Surroundings.micros;
import static io.github.allsourceconnect.source.decision.repair.Surroundings.row;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.AwaitedRows;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.OutputSize;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredPositions;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What is produced of a snapshot's rows and of what is held, and how far the position gets. */
class RepairProductionTest {
  private static final SourcePosition AT_3 = StoredPositions.at(3, micros(3), "leader-1:3910");
  private static final long RACE_MICROS = 50_000;

  private Surroundings around;
  private RepairProduction production;

  private Surroundings from(SourcePosition position) {
    around = new Surroundings(SnapshotMode.INITIAL, GapPolicy.REPAIR, position).connected();
    production =
        new RepairProduction(
            around.stream,
            around.cut,
            new FileTenants(around.stream.held, around.stream.produced),
            new RowsAhead(around.stream, around.cut),
            () -> RACE_MICROS);
    return around;
  }

  private static Event event(String entity, long number, long micros) {
    return Events.event(number, micros, "{}", "type", entity);
  }

  private static SnapshotRow at(long number, long micros) {
    return new SnapshotRow(event("entity", number, micros), 0, 0);
  }

  /** The numbers of what is produced once the snapshot has had these rows. */
  private List<Long> produced(SnapshotRow... rows) {
    for (SnapshotRow row : rows) {
      production.row(row);
      produceWhatIsDue();
    }
    production.rowsEnd();
    produceWhatIsDue();
    return around.numbers();
  }

  private void produceWhatIsDue() {
    while (production.dueBytes() >= 0) {
      production.produceNext();
    }
  }

  // ---- a part

  /** Whatever the offset of the cut: what is not newer than the part's end is produced. */
  @Test
  void aPartHasAllThatIsNotNewerThanItsEnd() {
    from(AT_3).establishedAt(3).came(6).cutAtTheEnd();
    around.came(8, 9, 11, 12);
    assertEquals(6, around.cut.offset());
    production.beginPart(micros(3), micros(11));
    assertEquals(List.of(4L, 6L, 7L, 8L, 9L, 11L), produced(row(4), row(7), row(13)));
  }

  /** 40 is newer than the part's end, and goes before 50 by its version: both are left. */
  @Test
  void whatMustWaitForSomethingNewerIsNotInAPart() {
    from(AT_3).establishedAt(3).came(6, 8).cutAtTheEnd();
    production.beginPart(micros(3), micros(8));
    long near = RACE_MICROS / 2;
    SnapshotRow[] rows = {at(50, micros(8) - near), at(40, micros(8) + near)};
    assertEquals(List.of(6L, 8L), produced(rows));
    production.beginPart(micros(3), micros(9));
    assertEquals(Set.of(6L, 8L, 40L, 50L), Set.copyOf(produced(rows)), "in the next they are");
  }

  // ---- what is passed over

  private void producesFromOn(long offset) {
    around.cameInARow(offset, offset + 40).cutAtTheEnd();
    production.begin(Long.MAX_VALUE, 0, true, false);
    production.passesOver();
    assertEquals(41, produced().size());
  }

  @Test
  void thePositionDoesNotGetPastWhatIsPassedOver() {
    from(AT_3).establishedAt(3);
    producesFromOn(6);
    long watermark = around.stream.produced.watermark();
    assertTrue(watermark < micros(4), "4 and 5 may be found later");
  }

  /** Of the time before the first event of all nothing is known. */
  @Test
  void aHoleWithoutATimeHoldsNothingBack() {
    from(SourcePosition.START);
    producesFromOn(6);
    assertTrue(around.stream.produced.watermark() > micros(6));
  }

  // ---- where nothing can be counted

  /**
   * Leader 2 is asked for 4 and 5, which leader 1 has not brought. The first that comes from it
   * while its snapshot is fetched is older than the newest before.
   */
  @Test
  void whatIsOwedIsLookedForUpToTheCut() {
    from(AT_3).establishedAt(3).came(6).lostAndConnectedToTheOther();
    assertEquals(2, around.stream.arrears.owed());
    around.cameAt(21, micros(4) - 2).cameAt(22, micros(4) - 1).cameAt(23, micros(6)).cutAtTheEnd();
    around.cameAt(24, micros(4) - 1);
    assertEquals(micros(4) - 1, around.cut.microsUncounted());
    production.begin(micros(3), Long.MAX_VALUE, false, false);
    SnapshotRow another = at(900, around.cut.micros());
    List<Long> numbers = produced(row(4), row(5), another);
    assertTrue(numbers.containsAll(List.of(4L, 5L)), numbers.toString());
    assertEquals(2, production.owedFound().count());
    production.begin(micros(3), Long.MAX_VALUE, false, false);
    assertEquals(0, production.owedFound().count(), "of the next one");
    production.row(another);
    assertEquals(1, production.leftRows().toStream().size(), "no time of theirs: " + numbers);
  }

  /** What the repair before had taken in of what is owed is owed to the next one. */
  @Test
  void whatIsOwedIsLookedForByEachRepair() {
    from(AT_3).establishedAt(3).came(6).lostAndConnectedToTheOther();
    around.cameAt(21, micros(4) - 2).cameAt(23, micros(6)).cutAtTheEnd();
    around.cameAt(24, micros(4) - 1);
    production.begin(micros(3), Long.MAX_VALUE, false, false);
    production.row(row(4));
    produceWhatIsDue();
    production.row(row(5));
    production.begin(micros(3), Long.MAX_VALUE, false, false);
    List<Long> numbers = produced(row(4), row(5));
    assertTrue(numbers.contains(5L), numbers.toString());
  }

  /** 50 is the last up to the cut, and 70 the first behind it; versions are numbers here. */
  @Test
  void versionsTellOnWhichSideOfTheCutARowLies() {
    long cut = micros(7);
    from(SourcePosition.START).came(6);
    Event last = event("x", 50, cut);
    around.entries.entry(new WalEntry(7, "", last, 0, null, null), around.now);
    around.cutAtTheEnd();
    Event first = event("y", 70, cut + 20_000);
    around.entries.entry(new WalEntry(8, "", first, 0, null, null), around.now);
    assertEquals(first.micros(), around.cut.microsUncounted());
    production.begin(Long.MIN_VALUE, Long.MAX_VALUE, false, false);
    List<Long> numbers =
        produced(
            new SnapshotRow(event("y", 80, cut + 10_000), 0, 0),
            at(30, cut + 20_000),
            at(31, cut + 20_001),
            new SnapshotRow(event("x", 40, cut + 30_000), 0, 0));
    assertEquals(Set.of(6L, 30L, 40L, 50L), Set.copyOf(numbers), "time tells of 30 and 31");
    assertEquals(
        List.of(80L, 31L), production.leftRows().toStream().stream().map(Event::version).toList());
  }

  // ---- what it says

  /**
   * Where nothing is counted, a row that time puts behind the cut comes with one of its entity that
   * waits and was written later; whether both lie behind it, the stream tells later.
   */
  @Test
  void aRowThatWasWrittenBeforeOneThatIsProducedIsNotLeft() {
    for (boolean isCounted : new boolean[] {false, true}) {
      from(AT_3);
      around.came(6).cutAtTheEnd();
      long cut = around.cut.micros();
      production.begin(Long.MIN_VALUE, Long.MAX_VALUE, isCounted, false);
      List<Long> numbers =
          produced(at(9, cut), at(8, cut + 1_000), at(10, cut + 2_000), at(7, cut + 2_000_000));
      assertEquals(isCounted ? List.of(6L, 9L) : List.of(6L, 8L, 9L), numbers);
      assertEquals(
          !isCounted, production.leftRows().atSeam().stream().anyMatch(one -> one.version() == 8));
    }
  }

  /** The count had not seen it: it would take the place of one that is missing. */
  @Test
  void whereNoMoreThanSoManyRowsAreWantedItIsLeft() {
    from(AT_3);
    around.came(6).cutAtTheEnd();
    long cut = around.cut.micros();
    production.begin(Long.MIN_VALUE, 2, false, false);
    List<Long> numbers = produced(at(9, cut), at(8, cut + 1_000));
    assertEquals(List.of(6L, 9L), numbers);
    assertEquals(
        List.of(8L), production.leftRows().toStream().stream().map(Event::version).toList());
  }

  @Test
  void whatIsDueSaysHowLargeItIs() {
    from(AT_3).establishedAt(3);
    JsonText text = JsonText.of("\"" + "x".repeat(5_000) + "\"");
    WalEntry large = new WalEntry(6, "", Surroundings.event(6), 0, null, text);
    around.entries.entry(large, around.now);
    around.cutAtTheEnd();
    production.begin(micros(3), Long.MAX_VALUE, true, false);
    assertEquals(-1, production.dueBytes());
    production.row(row(5));
    production.rowsEnd();
    assertEquals(OutputSize.of(row(5).event()), production.dueBytes());
    production.produceNext();
    assertEquals(OutputSize.of(large), production.dueBytes());
  }

  @Test
  void aRepairIsWholeIfNothingOfItsSnapshotIsLeftOver() {
    from(AT_3).establishedAt(3).came(6).cutAtTheEnd();
    production.begin(micros(3), 2, true, false);
    produced(row(4), row(5));
    assertTrue(production.isWhole());
    production.begin(micros(3), 0, true, false);
    produced(at(900, micros(5) + 1));
    assertFalse(production.isWhole(), "one more than is missing");
    production.withoutRows();
    assertFalse(production.isWhole(), "there is none");
    production.begin(micros(3), Long.MAX_VALUE, false, false);
    for (int i = 0; i < AwaitedRows.ROWS_MAX; i++) {
      production.row(at(1_000 + i, micros(10)));
    }
    assertTrue(production.isWhole(), "the stream will tell");
    production.row(at(900, micros(10)));
    assertFalse(production.isWhole(), "of so many it can't");
  }

  @Test
  void soManyRowsWaitForTheStreamAtOnce() {
    from(AT_3).establishedAt(3).came(6).cutAtTheEnd();
    around.stream.awaited.await(List.of(event("awaited", 800, micros(20))), false);
    production.begin(micros(3), Long.MAX_VALUE, false, false);
    for (int i = 1; i < AwaitedRows.ROWS_MAX; i++) {
      production.row(at(1_000 + i, micros(10)));
    }
    assertEquals(0, production.leftRows().untold());
    production.row(at(900, micros(10)));
    assertEquals(1, production.leftRows().untold());
  }

  /** What is left for the stream is not produced yet, and the position stays before it. */
  @Test
  void whatIsLeftHoldsThePositionBackUntilTheNextRepairBegins() {
    from(AT_3).establishedAt(3).came(6).cutAtTheEnd();
    production.begin(micros(3), Long.MAX_VALUE, false, false);
    production.row(at(900, micros(10)));
    assertEquals(1, production.leftRows().toStream().size());
    assertEquals(micros(10), production.leftRows().oldest());
    production.begin(micros(3), Long.MAX_VALUE, false, false);
    assertEquals(List.of(), production.leftRows().toStream());
    assertEquals(Long.MAX_VALUE, production.leftRows().oldest());
  }

  /** 4 has been brought by the stream, 901 by a row, and 7 is held: their side is known, or not. */
  @Test
  void rowsNextToTheCutOfWhichNoEntryHasToldMayBeBeyond() {
    from(AT_3).establishedAt(3).cameAt(4, micros(7) - 3);
    around.stream.handover.row(at(901, micros(7) - 2), null);
    around.cameAt(7, micros(7)).cutAtTheEnd();
    production.begin(micros(3), Long.MAX_VALUE, true, false);
    for (SnapshotRow row :
        List.of(
            new SnapshotRow(event("entity-4", 4, micros(7) - 3), 0, 0),
            at(901, micros(7) - 2),
            at(902, micros(7) - 1),
            row(7))) {
      production.row(row);
      produceWhatIsDue();
    }
    assertEquals(
        List.of(901L, 902L), production.leftRows().atSeam().stream().map(Event::version).toList());
    production.begin(micros(3), Long.MAX_VALUE, true, false);
    assertEquals(List.of(), production.leftRows().atSeam());
  }

  /** Its row was produced while the entry came. */
  @Test
  void anEntryThatIsHeldThoughItHasBeenProducedIsNotProducedAgain() {
    from(AT_3).establishedAt(3).came(6).cutAtTheEnd();
    around.stream.handover.row(row(6), null);
    production.begin(micros(3), Long.MAX_VALUE, true, false);
    assertEquals(List.of(6L), produced());
  }
}
