package io.github.allsourceconnect.source.decision.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.RecordedOrders;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Which offsets are missing: those that nothing tells of. */
class OffsetAccountTest {
  private final LiveStream stream =
      new LiveStream(
          new RecordedOrders(),
          SourcePosition.START,
          new ProducedEvents(4096),
          new Lateness(0, 0),
          1 << 20);
  private final Sequencer entries = new Sequencer(stream);

  private void begin(boolean holesNormal) {
    stream.switchTo(new Epoch(0, 1, 0), false, holesNormal);
    stream.establish(0, true, 0);
  }

  private void take(WalEntry entry) {
    entries.entry(entry, 1);
    while (entries.dueBytes() >= 0) {
      entries.release(1);
    }
  }

  @Test
  void anEventOfARowThatTellsItsOffsetIsCountedOnce() {
    begin(false);
    stream.handover.row(new SnapshotRow(Events.event(3, "{}"), 0, 0), null);
    stream.offsets.rowsBeyond(1);
    take(Events.entry(5, "{}"));
    assertEquals(3, stream.offsets.missingUpTo(5), "of five one is held, and one is there");
    take(Events.entry(3, "{}"));
    assertEquals(0, stream.offsets.beyond());
    assertEquals(3, stream.offsets.missingUpTo(5), "it is the one that was there");
    assertEquals(2, stream.offsets.missingUpTo(3));
    assertEquals(1, stream.ledger.duplicates);
    take(Events.entry(3, "{}"));
    assertEquals(0, stream.offsets.beyond());
    stream.offsets.beyondCame();
    assertEquals(0, stream.offsets.beyond());
    assertEquals(3, stream.offsets.missingUpTo(5));
  }

  @Test
  void aLineThatCanNotBeReadMayBeAnyThatIsMissingUnlessItTellsWhich() {
    begin(false);
    take(Events.entry(1, "{}"));
    stream.corrupt(5, 1);
    assertEquals(0, stream.offsets.corruptUpTo(4));
    assertEquals(1, stream.offsets.corruptUpTo(5));
    stream.corrupt(0, 1);
    assertEquals(0, stream.offsets.corruptUpTo(1));
    assertEquals(1, stream.offsets.corruptUpTo(2));
    assertEquals(2, stream.offsets.corruptUpTo(5));
    assertEquals(2, stream.ledger.corrupt);
  }

  @Test
  void whereHolesAreNormalNothingIsWaitedFor() {
    begin(true);
    take(Events.entry(1, "{}"));
    take(Events.entry(5, "{}"));
    assertEquals(5, stream.walOffset());
    assertEquals(-1, stream.holeSince());
  }

  private static LiveStream from(SourcePosition position) {
    return new LiveStream(
        new RecordedOrders(), position, new ProducedEvents(4096), new Lateness(0, 0), 1 << 20);
  }

  @Test
  void itGoesOnWithWhatAPositionSays() {
    SourcePosition stored =
        new SourcePosition(
            7,
            3,
            2,
            SourcePosition.Missing.NONE,
            SourcePosition.Produced.NOTHING,
            0,
            0,
            true,
            "",
            1,
            Losses.NONE,
            false);
    LiveStream loaded = from(stored);
    assertEquals(7, loaded.walOffset());
    assertEquals(7, loaded.toSubscribeWith(), "Kafka has it");
    assertEquals(0, loaded.ackable(0), "but no connection has brought it");
    assertEquals(3, loaded.offsets.beyond());
    assertEquals(2, loaded.offsets.uncertain());
    assertEquals(7, loaded.ledger.walOffset);
    assertEquals(0, loaded.ledger.balance());
  }

  @Test
  void eachNumberingHasANumber() {
    int before = stream.numbering();
    stream.switchTo(new Epoch(0, 1, 0), false, false);
    stream.establish(5, true, 0);
    assertEquals(before + 1, stream.numbering());
    stream.switchTo(new Epoch(0, 2, 0), false, false);
    stream.establish(6, false, 0);
    assertEquals(before + 1, stream.numbering(), "the same goes on");
    stream.switchTo(new Epoch(0, 3, 0), false, false);
    stream.establish(1, true, 0);
    assertEquals(before + 2, stream.numbering());
    stream.restartFromNothing();
    assertEquals(before + 3, stream.numbering());
    assertEquals(0, stream.walOffset());
    stream.followsOn();
    assertEquals(before + 4, stream.numbering());
  }

  @Test
  void holesAreWhatMustExistAndHasBroughtNothing() {
    begin(false);
    take(Events.entry(1, "{}"));
    assertEquals(0, stream.offsets.holes());
    take(Events.entry(8, "{}"));
    assertEquals(6, stream.offsets.holes());
    take(Events.entry(5, "{}"));
    assertEquals(5, stream.offsets.holes(), "2, 3, 4, 6 and 7");
    stream.corrupt(3, 1);
    assertEquals(4, stream.offsets.holes());
    stream.offsets.uncertainRows(List.of(Events.event(90, "{}")));
    assertEquals(3, stream.offsets.holes());
    stream.offsets.rowsBeyond(3);
    assertEquals(0, stream.offsets.holes());
    stream.offsets.rowsBeyond(3);
    assertEquals(0, stream.offsets.holes(), "never less than nothing");
    stream.offsets.holesAreNone(true);
    assertEquals(0, stream.offsets.holes());
  }

  @Test
  void anOffsetMayBeAckedWhenKafkaHasAllUpToItsEvent() {
    begin(false);
    take(Events.entry(1, "{}"));
    take(Events.entry(2, "{}"));
    take(Events.entry(4, "{}"));
    stream.stored(0);
    assertEquals(0, stream.ackable(0));
    stream.stored(1);
    assertEquals(1, stream.ackable(1));
    stream.stored(1);
    assertEquals(1, stream.ackable(1), "nothing new takes nothing back");
    stream.stored(2);
    assertEquals(2, stream.ackable(2));
    take(Events.entry(3, "{}"));
    for (int i = 0; i < 2; i++) {
      stream.stored(4);
      assertEquals(4, stream.ackable(4));
    }
    assertEquals(4, stream.toSubscribeWith());
  }

  /** Of an offset whose event had been produced from a row nothing more has to get into Kafka. */
  @Test
  void whatIsSettledOrLeftOutMayBeAckedToo() {
    begin(false);
    take(Events.entry(1, "{}"));
    stream.stored(1);
    stream.corrupt(3, 1);
    stream.establish(5, false, 0);
    assertEquals(0, stream.offsets.corruptUpTo(9), "that line is settled");
    stream.stored(1);
    assertEquals(5, stream.ackable(1));
    stream.offsets.holesAreNone(true);
    entries.loggedUpTo(9, 0);
    assertEquals(9, stream.walOffset());
    stream.stored(1);
    assertEquals(9, stream.ackable(1));
  }

  @Test
  void anotherConnectionsAcksAreOver() {
    begin(false);
    take(Events.entry(1, "{}"));
    stream.corrupt(3, 1);
    stream.corrupt(0, 1);
    stream.switchTo(new Epoch(0, 2, 0), false, false);
    assertEquals(0, stream.offsets.linesMissing());
    assertEquals(2, stream.offsets.corruptUpTo(9), "as many may stay missing");
    stream.stored(1);
    assertEquals(0, stream.ackable(1), "its numbers may be others");
    assertEquals(1, stream.toSubscribeWith());
  }

  /** What was there, what came as a row, what is given up: the figures of a gap add up. */
  @Test
  void theFiguresOfAGapAddUp() {
    begin(false);
    take(Events.entry(1, "{}"));
    stream.handover.row(new SnapshotRow(Events.event(3, "{}"), 0, 0), null);
    stream.offsets.rowsBeyond(1);
    take(Events.entry(3, "{}")); // held as a mark: it had been produced
    take(Events.entry(5, "{}"));
    take(Events.entry(9, "{}"));
    stream.closeGap(9, 2, true);
    stream.establish(9, false, 0);
    assertEquals(9, stream.ledger.walOffset);
    assertEquals(0, stream.ledger.balance());
    assertEquals(2, stream.ledger.repaired, "of 2, 4, 6, 7 and 8");
    assertEquals(3, stream.owed.passedOver());
  }

  @Test
  void rowsOfASeamStandForWhatAGapLacks() {
    begin(false);
    take(Events.entry(1, "{}"));
    take(Events.entry(5, "{}"));
    stream.offsets.uncertainRows(List.of(Events.event(90, "{}")));
    stream.offsets.rowsBeyond(1);
    stream.closeGap(5, 0, true);
    stream.establish(5, false, 0);
    assertEquals(0, stream.offsets.uncertain());
    assertEquals(2, stream.ledger.repaired, "the row beyond, and the uncertain one");
    assertEquals(1, stream.owed.passedOver());
    assertEquals(0, stream.ledger.balance());
  }

  @Test
  void anOffsetThatWasGivenUpIsOfItsNumbering() {
    begin(false);
    take(Events.entry(3, "{}"));
    stream.closeGap(3, 0, true);
    stream.establish(3, false, 0);
    stream.arrears.giveUpPassedOver();
    assertEquals(2, stream.ledger.unaccounted);
    take(Events.entry(2, "{}"));
    assertEquals(1, stream.ledger.unaccounted, "it comes after all");
    assertEquals(1, stream.ledger.late);
    take(Events.entry(2, "{}"));
    assertEquals(1, stream.ledger.unaccounted);
    stream.switchTo(new Epoch(0, 2, 0), false, false);
    stream.establish(3, true, 0);
    entries.entry(Events.entry(1, "{}"), 1);
    assertEquals(1, stream.ledger.unaccounted, "1 is another event now");
  }

  @Test
  void offsetsThatAreLeftOutAddUpToo() {
    begin(true);
    take(Events.entry(1, "{}"));
    take(Events.entry(5, "{}"));
    assertEquals(5, stream.ledger.walOffset);
    assertEquals(0, stream.ledger.balance());
  }

  /** The stream is past them: what comes from now on has nothing to do with them. */
  @Test
  void rowsOfASeamAreCertainWhenTheyComeOrTheStreamIsPastThem() {
    begin(false);
    stream.handover.row(new SnapshotRow(Events.event(2, "{}"), 0, 0), null);
    stream.offsets.uncertainRows(List.of(Events.event(2, "{}"), Events.event(90, "{}")));
    take(Events.entry(1, "{}"));
    assertEquals(2, stream.offsets.uncertain());
    take(Events.entry(2, "{}"));
    assertEquals(1, stream.offsets.uncertain(), "its offset is known now");
    take(Events.entry(3, "{}"));
    assertEquals(1, stream.offsets.uncertain());
    take(
        new WalEntry(
            4, "", Events.event(4, Events.BASE_MICROS + 9_000_000, "{}", "t", "e"), 0, null, null));
    assertEquals(0, stream.offsets.uncertain());
  }

  // ---- lines that were skipped

  @Test
  void linesThatWereSkippedAreSettledWithTheirOffsets() {
    SkippedLines lines = new SkippedLines();
    lines.add(5);
    lines.add(5);
    lines.add(8);
    lines.addSomewhere(6, 5, 32);
    assertEquals(
        List.of(0L, 1L, 2L, 2L, 3L), LongStream.of(4, 5, 6, 7, 8).mapToObj(lines::upTo).toList());
    lines.settled(5, 0, 0);
    assertEquals(2, lines.upTo(9));
    lines.settled(6, 0, 0);
    assertEquals(1, lines.upTo(9), "that of an offset not known is among those");
    lines.settled(7, 0, 0);
    assertEquals(1, lines.upTo(9));
    lines.addSomewhere(9, 8, 32);
    assertEquals(2, lines.all());
    lines.clear();
    assertEquals(0, lines.upTo(99));
  }

  /** They are so far off at most as entries have been. */
  @Test
  void linesThatCanOnlyBeAmongWhatHasComeWereNoEntries() {
    SkippedLines lines = new SkippedLines();
    lines.addSomewhere(1, 0, 32);
    lines.passed(1_000);
    assertEquals(1, lines.all(), "before the first entry they may be anywhere");
    lines.came(3);
    lines.came(9);
    lines.passed(3 + 32);
    assertEquals(List.of(1L, 1L), List.of(lines.all(), lines.outside()));
    lines.passed(3 + 32 + 1);
    assertEquals(List.of(0L, 0L), List.of(lines.all(), lines.outside()));
    lines.addSomewhere(40, 42, 32);
    lines.passed(42 + 32);
    assertEquals(List.of(1L, 1L), List.of(lines.all(), lines.outside()));
    lines.passed(42 + 32 + 1);
    assertEquals(List.of(0L, 0L), List.of(lines.all(), lines.outside()));
  }

  @Test
  void aLineBehindAnEntryIsOneThatCameSince() {
    SkippedLines lines = new SkippedLines();
    lines.came(3);
    lines.addSomewhere(4, 3, 32);
    assertEquals(1, lines.behindLast(4));
    lines.came(6);
    assertEquals(List.of(1L, 0L, 0L), LongStream.of(3, 4, 6).mapToObj(lines::behindLast).toList());
  }

  /** One of them, which came since the last entry, is behind 4 if an offset there is missing. */
  @Test
  void aLineOfNoKnownOffsetIsLeftIfItMayBeBehindWhatIsSettled() {
    SkippedLines lines = new SkippedLines();
    lines.came(3);
    lines.addSomewhere(4, 3, 32);
    lines.settled(4, 1, Long.MAX_VALUE);
    assertEquals(1, lines.all());
    lines.came(6);
    lines.settled(6, 0, Long.MAX_VALUE);
    assertEquals(0, lines.all());
  }

  @Test
  void whenLinesCameIsForgottenWithThem() {
    SkippedLines lines = new SkippedLines();
    lines.cameAt(10);
    lines.add(5);
    assertEquals(List.of(3_000L, 4_000L), List.of(lines.behind(7), lines.before(14)));
    lines.came(5);
    assertEquals(List.of(0L, 0L), List.of(lines.behind(7), lines.before(14)));
  }

  @Test
  void ofLinesSoManyAreRemembered() {
    SkippedLines lines = new SkippedLines();
    for (long offset = 1; offset <= SkippedLines.PLACED_MAX + 1; offset++) {
      lines.add(offset);
    }
    assertEquals(SkippedLines.PLACED_MAX, lines.upTo(Long.MAX_VALUE));
  }
}
