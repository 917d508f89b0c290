package io.github.allsourceconnect.source.decision.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.RecordedOrders;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.LostHole;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredPositions;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Where the stream stands, and what it makes of an entry. */
class LiveStreamTest {
  private static final String LEADER = "leader-1:3910";

  private final RecordedOrders orders = new RecordedOrders();
  private LiveStream stream = begun(SourcePosition.START);
  private Sequencer entries = new Sequencer(stream);
  private int connections;

  private LiveStream begun(SourcePosition position) {
    ProducedEvents produced = new ProducedEvents(4096);
    produced.load(position, 250_000);
    return new LiveStream(orders, position, produced, new Lateness(0, 0), 10 * 400);
  }

  private void from(SourcePosition position) {
    stream = begun(position);
    entries = new Sequencer(stream);
  }

  private void connected() {
    stream.switchTo(new Epoch(0, ++connections, 0), false, false);
  }

  private void establishedAt(long offset) {
    connected();
    stream.establish(offset, offset != stream.walOffset(), 0);
  }

  private void came(long now, long... offsets) {
    for (long offset : offsets) {
      entries.entry(Events.entry(offset, "{}"), now);
      release(now);
    }
  }

  private void release(long now) {
    while (entries.dueBytes() >= 0) {
      entries.release(now);
    }
  }

  private List<Long> numbers() {
    return orders.produced.stream()
        .map(
            id -> {
              for (long number = 0; number < 200; number++) {
                if (Events.event(number, "{}").id().equals(id)) {
                  return number;
                }
              }
              return -1L;
            })
        .toList();
  }

  // ---- holes

  @Test
  void aHoleIsAsOldAsTheOffsetThatIsMissingFirst() {
    assertEquals(-1, stream.holeSince());
    connected();
    came(5, 3);
    assertEquals(-1, stream.holeSince(), "it is not known where they belong");
    stream.establish(1, true, 7);
    assertEquals(7, stream.holeSince());
    came(9, 5);
    assertEquals(7, stream.holeSince(), "the same one");
    came(11, 2);
    assertEquals(11, stream.holeSince(), "4 is the next one");
    came(12, 4);
    assertEquals(-1, stream.holeSince());
    came(0, 9);
    assertEquals(0, stream.holeSince(), "a clock may begin with 0");
  }

  /** Kafka takes nothing for a while, and what is missing has been received meanwhile. */
  @Test
  void aHoleDoesNotAgeWhileNothingIsTakenIn() {
    establishedAt(1);
    stream.tick(5, false);
    came(5, 3);
    stream.tick(10, false);
    assertEquals(5, stream.holeSince(), "one was taken in");
    stream.tick(1_010, false);
    assertEquals(1_005, stream.holeSince());
    stream.tick(1_020, true);
    stream.tick(2_010, false);
    assertEquals(1_005, stream.holeSince(), "all that had been received was taken in");
    came(2_015, 4);
    stream.tick(2_020, false);
    assertEquals(1_005, stream.holeSince());
    for (long offset = 5; !stream.held.isFull(); offset++) {
      came(2_025, offset);
    }
    stream.tick(2_030, false);
    stream.tick(3_030, false);
    assertEquals(1_005, stream.holeSince(), "what is held leaves no room");
  }

  @Test
  void whatWaitsToBeReleasedIsNoHole() {
    establishedAt(1);
    came(5, 3);
    entries.entry(Events.entry(2, "{}"), 6);
    assertTrue(stream.isDue());
    assertEquals(-1, stream.holeSince());
  }

  // ---- entries

  @Test
  void anEntryThatHasComeBeforeIsADuplicate() {
    establishedAt(1);
    came(1, 2, 4, 4, 2, 3, 3);
    assertEquals(List.of(2L, 3L, 4L), numbers());
    assertEquals(3, stream.ledger.duplicates);
    assertEquals(6, stream.ledger.delivered);
    assertEquals(4, stream.ledger.outOfOrder, "4, 2, 3 and 3 came behind 4");
    assertEquals(4, stream.ledger.highestOffset);
    assertEquals(0, stream.ledger.balance());
    assertEquals(3, stream.ledger.producedLive);
  }

  @Test
  void anEntryFromBeforeIsProducedOnlyIfItIsKnownNotToHaveBeen() {
    from(StoredPositions.at(5, Events.BASE_MICROS + 5, LEADER));
    establishedAt(5);
    entries.entry(Events.entry(3, "{}"), 1);
    assertEquals(List.of(), numbers(), "older than the position");
    Event late = Events.event(104, "{}");
    entries.entry(new WalEntry(4, "", late, 0, null, null), 1);
    assertEquals(List.of(104L), numbers(), "newer than all that the position knows of");
    assertEquals(1, stream.ledger.late);
    assertEquals(1, stream.ledger.duplicates);
    stream.offsets.holesAreNone(true);
    Event later = Events.event(105, "{}");
    entries.entry(new WalEntry(5, "", later, 0, null, null), 1);
    assertEquals(List.of(104L), numbers(), "in a log that is followed nothing is late");
    assertEquals(2, stream.ledger.duplicates);
  }

  @Test
  void theBytesThatAreDueAreThoseOfTheNextEvent() {
    establishedAt(1);
    assertEquals(-1, entries.dueBytes());
    stream.handover.row(new SnapshotRow(Events.event(3, "{}"), 0, 0), null);
    came(1, 3, 4);
    entries.entry(Events.entry(2, "{}"), 1);
    assertTrue(entries.dueBytes() > 0);
    entries.release(1);
    assertEquals(0, entries.dueBytes(), "3 has been produced as a row");
    entries.release(1);
    assertTrue(entries.dueBytes() > 0);
    entries.release(1);
    assertEquals(-1, entries.dueBytes());
    assertEquals(List.of(3L, 2L, 4L), numbers());
    assertEquals(4, stream.walOffset());
    assertEquals(0, stream.ledger.balance());
  }

  @Test
  void versionsCountWhenOneIsAboveOne() {
    establishedAt(1);
    assertFalse(stream.versionsCount());
    Event event = Events.event(1, Events.BASE_MICROS, "{}", "t", "e");
    entries.entry(new WalEntry(2, "", event, 0, null, null), 1);
    assertFalse(stream.versionsCount());
    came(1, 3);
    assertTrue(stream.versionsCount());
    came(1, 4);
    assertTrue(stream.versionsCount());
  }

  // ---- rows of a log

  @Test
  void rowsOfALogAreProducedInItsOrderAndItsHolesArePassed() {
    stream.followsOn();
    assertTrue(entries.loggedRow(row(3)));
    assertEquals(3, stream.walOffset());
    assertFalse(entries.loggedRow(row(3)), "it is there");
    assertFalse(entries.loggedRow(row(2)));
    assertFalse(
        entries.loggedRow(new SnapshotRow(Events.event(3, "{}"), 5, 0)), "the event is produced");
    assertEquals(5, stream.walOffset());
    entries.loggedUpTo(5, 1);
    assertEquals(5, stream.walOffset());
    entries.loggedUpTo(9, 1);
    assertEquals(9, stream.walOffset());
    assertEquals(1, stream.ledger.duplicates);
    assertEquals(1, stream.ledger.snapshotRows);
    assertEquals(9, stream.ledger.walOffset);
    assertEquals(0, stream.ledger.balance());
    assertEquals(List.of(3L), numbers());
  }

  private static SnapshotRow row(long offset) {
    return new SnapshotRow(Events.event(offset, "{}"), offset, 0);
  }

  @Test
  void aRowWhoseTenantIsNotKnownIsCounted() {
    stream.handover.row(row(1), "tenant");
    assertEquals(0, stream.ledger.tenantUnknown);
    stream.handover.row(row(2), null);
    assertEquals(1, stream.ledger.tenantUnknown);
    assertEquals(2, stream.handover.emitted());
  }

  // ---- connections

  @Test
  void eachConnectionIsCountedAndBeginsItsOffsets() {
    establishedAt(1);
    came(1, 2, 3);
    connected();
    assertEquals(2, stream.ledger.connections);
    assertEquals(0, stream.ledger.highestOffset);
    assertFalse(stream.verified());
    assertEquals(new Epoch(0, 2, 0), stream.epoch());
    assertEquals(3, stream.walOffset());
  }

  @Test
  void aConnectionThatReplaysGoesOnWhereTheStreamIs() {
    from(StoredPositions.at(5, Events.BASE_MICROS + 5, LEADER));
    stream.switchTo(new Epoch(0, 1, 0), true, false);
    assertTrue(stream.verified());
    assertTrue(stream.offsets.holesAreNone());
    came(1, 6, 9);
    assertEquals(9, stream.walOffset());
    assertEquals(List.of(6L, 9L), numbers());
    assertEquals(0, stream.ledger.balance());
  }

  /** A log brings it again, and nothing is missing for which it could stand. */
  @Test
  void whatWasProducedAheadIsNotAheadOfALogThatIsFollowed() {
    from(StoredPositions.at(5, Events.BASE_MICROS + 5, LEADER));
    stream.offsets.rowsBeyond(2);
    stream.switchTo(new Epoch(0, 1, 0), true, false);
    assertEquals(0, stream.offsets.beyond());
  }

  /** A log that is followed from its beginning has what the position tells of. */
  @Test
  void aLogFromItsBeginningHasWhatWasProducedBeforeThePosition() {
    from(StoredPositions.at(0, Events.BASE_MICROS + 5, LEADER));
    stream.switchTo(new Epoch(0, 1, 0), true, false);
    came(1, 4, 5, 6);
    assertEquals(List.of(5L, 6L), numbers());
    assertEquals(1, stream.ledger.duplicates);
    from(StoredPositions.at(2, Events.BASE_MICROS + 5, LEADER));
    orders.produced.clear();
    stream.switchTo(new Epoch(0, 1, 0), true, false);
    came(1, 4, 5, 6);
    assertEquals(List.of(4L, 5L, 6L), numbers(), "behind an offset that is known they are new");
  }

  @Test
  void aLeaderThatTurnsOutToReplayIsFollowedFromWhereItsEntriesBegin() {
    from(StoredPositions.at(5, Events.BASE_MICROS + 5, LEADER));
    connected();
    came(1, 8);
    stream.holesAreNormal(1);
    release(1);
    assertEquals(8, stream.walOffset());
    assertEquals(0, stream.ledger.regressions);

    from(StoredPositions.at(5, Events.BASE_MICROS + 5, LEADER));
    connected();
    entries.entry(new WalEntry(5, "", Events.event(108, "{}"), 0, null, null), 1);
    stream.holesAreNormal(1);
    assertEquals(4, stream.walOffset(), "it numbers anew");
    assertEquals(1, stream.ledger.regressions);
    release(1);
    assertEquals(5, stream.walOffset());
    assertEquals(0, stream.ledger.balance());
  }

  @Test
  void inOrderALeaderThatTurnsOutToReplayHasNoHoles() {
    establishedAt(1);
    came(1, 5);
    assertTrue(stream.holeSince() >= 0);
    stream.holesAreNormal(1);
    release(1);
    assertEquals(5, stream.walOffset());
    assertEquals(-1, stream.holeSince());
    assertEquals(0, stream.ledger.balance());
  }

  @Test
  void aNumberingThatBeginsAnewIsCounted() {
    connected();
    stream.establish(5, true, 0);
    assertEquals(0, stream.ledger.regressions, "none was known");
    connected();
    stream.establish(7, false, 0);
    assertEquals(0, stream.ledger.regressions);
    connected();
    stream.establish(2, true, 0);
    assertEquals(1, stream.ledger.regressions);
  }

  @Test
  void whatRowsBroughtAheadOfTheFirstEntryIsSettledWithIt() {
    from(StoredPositions.at(5, Events.BASE_MICROS + 5, LEADER));
    connected();
    stream.offsets.rowsBeyond(2);
    assertFalse(stream.firstHeldFollows(7), "none has come");
    came(1, 8);
    assertFalse(stream.firstHeldFollows(6), "one of the rows was missed before");
    assertTrue(stream.firstHeldFollows(7));
    stream.establishAtFirstHeld(1);
    assertEquals(7, stream.walOffset());
    assertEquals(2, stream.ledger.repaired);
    release(1);
    assertEquals(8, stream.walOffset());
    assertEquals(0, stream.ledger.balance());
  }

  @Test
  void whatDoesNotFollowOnTheRowsIsNotSettled() {
    from(StoredPositions.at(5, Events.BASE_MICROS + 5, LEADER));
    connected();
    stream.offsets.rowsBeyond(2);
    came(1, 9);
    assertFalse(stream.firstHeldFollows(8));
    from(SourcePosition.START);
    connected();
    came(1, 1);
    assertFalse(stream.firstHeldFollows(1), "no offset is known");
  }

  /** An entry that the first one has overtaken may still come. */
  @Test
  void nothingBeforeTheFirstEntriesIsWanted() {
    connected();
    came(1, 8, 10);
    stream.beginAtFirstHeld(1);
    assertEquals(7, stream.walOffset());
    release(1);
    assertEquals(8, stream.walOffset());
    assertEquals(Events.BASE_MICROS + 8, stream.produced.watermark());
    assertTrue(stream.produced.isInexactFrom(Events.BASE_MICROS + 10 + 250_000));
    assertFalse(stream.produced.isInexactFrom(Events.BASE_MICROS + 11 + 250_000));
  }

  @Test
  void fromNothingAllIsTakenAgain() {
    establishedAt(1);
    came(1, 2, 4);
    stream.awaited.await(List.of(Events.event(9, "{}")), false);
    stream.offsets.rowsBeyond(1);
    stream.offsets.rowsAreInexact();
    stream.restartFromNothing();
    assertEquals(0, stream.offsets.beyond());
    assertFalse(stream.offsets.isBeyondInexact());
    assertTrue(stream.awaited.isEmpty());
    assertFalse(stream.verified());
    assertEquals(0, stream.walOffset());
    assertEquals(Long.MIN_VALUE, stream.produced.watermark());
    assertEquals(0, stream.toSubscribeWith());
    assertEquals(0, stream.owed.passedOver());
  }

  /** To a leader it is an ack; 0 would bring its whole snapshot. */
  @Test
  void itSubscribesWithWhatKafkaHas() {
    assertEquals(0, stream.toSubscribeWith());
    establishedAt(1);
    assertEquals(1, stream.toSubscribeWith());
    came(1, 2, 3, 4);
    assertEquals(1, stream.toSubscribeWith());
    stream.stored(2);
    assertEquals(3, stream.toSubscribeWith());
  }

  // ---- what is missing

  @Test
  void whatIsMissingIsOpenUntilItComes() {
    establishedAt(1);
    assertEquals(0, stream.arrears.open());
    came(1, 3, 6);
    assertEquals(3, stream.arrears.open(), "2, 4 and 5");
    assertEquals(0, stream.arrears.owed());
    stream.offsets.rowsBeyond(9);
    assertEquals(0, stream.arrears.open(), "never less than nothing");
    stream.offsets.forgetBeyond();
    connected();
    assertEquals(3, stream.arrears.open());
    assertEquals(3, stream.arrears.owed());
    came(1, 7);
    assertEquals(3, stream.arrears.open(), "what the new connection lacks is not known");
    assertEquals(2, stream.arrears.leftToProduce(), "3 and 6");
    came(1, 2);
    assertEquals(2, stream.arrears.open(), "2 has come");
    stream.arrears.passOver();
    stream.establish(7, false, 1);
    assertEquals(2, stream.arrears.open(), "the others are passed over");
    assertEquals(0, stream.arrears.owed());
  }

  @Test
  void whatAPositionSaysIsMissing() {
    establishedAt(1);
    assertEquals(SourcePosition.Missing.NONE, stream.arrears.missing(0, 0, 0));
    came(1, 3, 6);
    long newest = Events.event(6, "{}").micros();
    assertEquals(new SourcePosition.Missing(5, newest, 1, 0), stream.arrears.missing(0, 0, 0));
    assertEquals(new SourcePosition.Missing(4, newest, 1, 0), stream.arrears.missing(1, 0, 0));
    assertEquals(new SourcePosition.Missing(3, newest, 1, 0), stream.arrears.missing(0, 0, 2));
    assertEquals(
        new SourcePosition.Missing(2, newest, 1, 0),
        stream.arrears.missing(0, 0, 9),
        "of the holes");
    connected();
    SourcePosition.Missing lost = stream.arrears.missing(0, 0, 0);
    assertEquals(0, lost.events());
    assertEquals(
        List.of(
            "2 open, 0 passed over, 0 skipped: 2 of ---,"
                + " 2026-01-02T03:04:05.000003Z/2026-01-02T03:04:05.000006Z, -, leader lost",
            "3 open, 0 passed over, 0 skipped: 3 of 2-6,"
                + " -/2026-01-02T03:04:05.000006Z, -, leader lost"),
        lost.lost().stream().map(LostHole::toString).toList(),
        "what is held of the connection before, and its hole");
    assertEquals(4, StoredPositions.open(stream.arrears.missing(1, 1, 0)));
    stream.arrears.passOver();
    stream.establish(6, false, 1);
    assertEquals(
        List.of(
            "0 open, 3 passed over, 0 skipped: 3 of 2-6,"
                + " -/2026-01-02T03:04:05.000006Z, -, leader lost"),
        stream.arrears.missing(0, 0, 0).lost().stream().map(LostHole::toString).toList());
  }

  @Test
  void whatIsMissingAndWhatIsPassedOverAreTwoThings() {
    establishedAt(1);
    came(1, 4);
    stream.closeGap(4, 0, true);
    stream.establish(4, false, 1);
    came(1, 6);
    long newest = Events.event(6, "{}").micros();
    SourcePosition.Missing missing = stream.arrears.missing(0, 0, 0);
    assertEquals(
        new SourcePosition.Missing(2, newest, 4, 0, 0, missing.lost()),
        missing,
        "5, and 6 is held");
    assertEquals(2, StoredPositions.passedOver(missing));
  }

  private OwedFound found(long... numbers) {
    OwedFound found = new OwedFound(stream);
    LongStream.of(numbers).forEach(number -> found.row(Events.event(number, "{}")));
    return found;
  }

  @Test
  void whatIsFoundAfterAllIsSaidAndTakenOff() {
    establishedAt(1);
    came(1, 3, 6);
    connected();
    stream.arrears.passOver();
    stream.arrears.paid(found(2, 4));
    assertEquals(1, stream.owed.passedOver());
    assertEquals(2, stream.ledger.late);
    assertTrue(
        orders.hasLogged("WARN 2 events that were missing when a leader was lost have been found"));
    orders.logged.clear();
    stream.arrears.paid(found());
    stream.arrears.cameLate(0);
    assertEquals(List.of(), orders.logged, "nothing is no word");
    stream.arrears.cameLate(3);
    assertTrue(orders.hasLogged("WARN 3 events that the live stream passed"));
    assertEquals(1, stream.arrears.giveUpPassedOver());
    assertEquals(1, stream.ledger.unaccounted);
    Losses.Loss loss = stream.ledger.losses().newest().get(0);
    assertEquals(List.of(2L, 6L), List.of(loss.firstOffset(), loss.lastOffset()));
    assertEquals(Losses.Reason.LEADER_LOST, loss.reason());
  }

  /** What is missing before the first entry may be as old as what was last in order. */
  @Test
  void whatAConnectionWithoutAPlaceLacksIsAsOldAsWhatIsBeforeIt() {
    long hole = oldestMissing(true, 8, 10);
    assertEquals(stream.connection.oldestOfHole(), hole);
    long behind = oldestMissing(true, 6, 8);
    assertTrue(behind > hole, "all that is missing is behind the first entry");
    assertEquals(behind, oldestMissing(false, 8, 10), "it says nothing of what is before");
  }

  /** Of a connection behind offset 5 that has brought two offsets, ten seconds later. */
  private long oldestMissing(boolean goesOn, long first, long second) {
    from(StoredPositions.at(5, Events.BASE_MICROS + 5, LEADER));
    connected();
    entry(first, Events.BASE_MICROS + 10_000_000);
    entry(second, Events.BASE_MICROS + 10_000_001);
    stream.arrears.neverPlaced(second, goesOn);
    return stream.owed.notBehind();
  }

  /** High numbers of an old numbering say nothing of the low ones of a new one. */
  @Test
  void whatANewNumberingLacksCountsWhereverTheOldOneEnded() {
    establishedAt(1);
    came(1, 3, 100);
    connected();
    stream.arrears.passOver();
    long passedOver = stream.owed.passedOver();
    stream.establish(2, true, 1);
    connected();
    came(1, 5, 8);
    connected();
    assertEquals(List.of(2L, passedOver), List.of(stream.owed.open(), stream.owed.passedOver()));
  }

  /** What is held behind a hole is not in Kafka, and its connection is gone. */
  @Test
  void whatIsForgottenForWantOfRoomIsOwed() {
    establishedAt(1);
    for (long offset = 3; offset <= 11; offset++) {
      came(1, offset);
    }
    connected();
    assertEquals(1, stream.arrears.owed());
    for (long offset = 12; offset <= 15; offset++) {
      came(1, offset);
    }
    connected();
    assertEquals(3, stream.ledger.heldForgotten, "ten have room");
    assertEquals(4, stream.arrears.owed());
    assertEquals(10, stream.arrears.leftToProduce());
  }

  /** What came before the first entry, or since the last one, is not between them. */
  @Test
  void noLineIsForgottenWhereNothingIsMissingBetweenTheEntries() {
    connected();
    stream.corrupt(0, 1);
    came(1, 3, 4);
    stream.corrupt(0, 1);
    stream.arrears.neverPlaced(4, false);
    assertEquals(List.of(0L, 2L), List.of(stream.owed.open(), stream.owed.skipped()));

    from(SourcePosition.START);
    establishedAt(1);
    came(1, 2);
    stream.corrupt(0, 1);
    assertEquals(1, StoredPositions.skipped(stream.arrears.missing(0, 0, 0)));
    came(1, 4);
    stream.corrupt(0, 1);
    assertEquals(2, StoredPositions.skipped(stream.arrears.missing(0, 0, 0)), "3 and 5");
    came(1, 3);
    assertEquals(
        0, StoredPositions.skipped(stream.arrears.missing(0, 0, 0)), "what was no entry was none");
  }

  /** A row next to where the numbering began may be the event of a line behind. */
  @Test
  void aLineWhoseEventARowMayBeIsNotMissing() {
    establishedAt(1);
    stream.corrupt(2, 1);
    assertEquals(1, StoredPositions.skipped(stream.arrears.missing(0, 0, 0)));
    stream.offsets.uncertainRows(List.of(Events.event(2, "{}")));
    assertEquals(SourcePosition.Missing.NONE, stream.arrears.missing(0, 0, 0));
  }

  /** Neither a bad copy of what has come nor a line that is no entry stands for a later event. */
  @Test
  void aLineThatStoodForNothingStandsForNoLaterEvent() {
    establishedAt(1);
    came(1, 2, 3);
    stream.corrupt(3, 1);
    assertEquals(0, stream.offsets.corruptUpTo(100));
    stream.corrupt(0, 1);
    assertEquals(1, stream.offsets.corruptUpTo(100));
    for (long offset = 4; offset <= 40; offset++) {
      came(1, offset);
    }
    assertEquals(0, stream.offsets.corruptUpTo(100), "nothing is missing where it came");
    assertEquals(0, StoredPositions.skipped(stream.arrears.missing(0, 0, 0)));
  }

  /** It was missing where it came, and was found there. */
  @Test
  void aLineThatWasFoundDoesNotStandForAHoleFarBehind() {
    establishedAt(1);
    came(1, 2);
    stream.corrupt(0, 1);
    for (long offset = 4; offset <= 10; offset++) {
      came(1, offset);
    }
    came(1, 50, 52);
    stream.establish(49, false, 1);
    assertEquals(0, stream.offsets.corruptUpTo(52));
  }

  private boolean mayBeOwed(long secondsBehind6) {
    long micros = Events.event(6, "{}").micros() + secondsBehind6 * 1_000_000;
    return new OwedFound(stream).row(Events.event(1, micros, "{}", "type", "entity")) != 0;
  }

  /** Nothing but the moment at which a line came tells how old its event is. */
  @Test
  void aLineIsAsOldAsItsMomentSays() {
    establishedAt(5);
    came(1_000, 6);
    stream.corrupt(7, 4_000);
    connected();
    assertTrue(mayBeOwed(3));
    assertFalse(mayBeOwed(4));

    from(SourcePosition.START);
    connected();
    stream.corrupt(0, 1_000);
    came(4_000, 6);
    stream.corrupt(0, 6_000);
    connected();
    assertTrue(mayBeOwed(-3) && mayBeOwed(2));
    assertFalse(mayBeOwed(-4) || mayBeOwed(3));
  }

  /** Only what entries do not tell is taken to be newer by the lateness that is allowed. */
  @Test
  void withoutALineWhatIsMissingIsAsOldAsTheEntriesBehindIt() {
    establishedAt(5);
    came(1_000, 7);
    connected();
    assertEquals(Events.event(7, "{}").micros(), stream.owed.newestMicros());
  }

  /** By its moment, and both may be late. */
  @Test
  void aLineOfAConnectionWithoutAPlaceIsHowMuchNewer() {
    connected();
    came(1_000, 6);
    stream.corrupt(0, 3_000);
    connected();
    long allowed = 250_000;
    assertEquals(
        Events.event(6, "{}").micros() + 2_000_000 + 2 * allowed, stream.owed.newestMicros());
  }

  @Test
  void ofALineAloneNoTimeIsKnown() {
    connected();
    stream.corrupt(0, 5_000);
    assertEquals(Long.MAX_VALUE, stream.connection.newest());
    connected();
    assertEquals(1, stream.owed.skipped());
    assertEquals(Long.MAX_VALUE, stream.owed.newestMicros());
  }

  /** Of a connection without a place what is behind the cut is told when that is settled. */
  @Test
  void aLineBehindTheCutIsNotMissingBeforeIt() {
    connected();
    came(1, 3, 5, 6, 8, 9);
    stream.corrupt(7, 1);
    stream.arrears.neverPlaced(5, false);
    assertEquals(List.of(1L, 0L), List.of(stream.owed.open(), stream.owed.skipped()), "4");
    stream.arrears.neverPlaced(9, false);
    assertEquals(List.of(1L, 1L), List.of(stream.owed.open(), stream.owed.skipped()), "and 7");
  }

  /** Where a line was whose offset can't be read is told by what is missing. */
  @Test
  void aLineThatWasNotNeededBeforeTheCutMayBeBehindIt() {
    connected();
    came(1, 3);
    stream.corrupt(0, 1);
    came(1, 5, 6);
    stream.corrupt(0, 1);
    came(1, 8, 9);
    stream.arrears.neverPlaced(5, false);
    assertEquals(List.of(0L, 1L), List.of(stream.owed.open(), stream.owed.skipped()), "4");
    stream.arrears.neverPlaced(9, false);
    assertEquals(List.of(0L, 2L), List.of(stream.owed.open(), stream.owed.skipped()), "and 7");

    establishedAt(1);
    came(1, 3);
    stream.corrupt(0, 1);
    came(1, 5);
    stream.establish(3, false, 1);
    assertEquals(1, stream.offsets.corruptUpTo(5), "2 has been found, so it was 4");

    establishedAt(1);
    came(1, 3);
    stream.corrupt(0, 1);
    stream.corrupt(4, 1);
    came(1, 5);
    stream.establish(3, false, 1);
    assertEquals(1, stream.offsets.corruptUpTo(5), "and so it was not that one");
  }

  @Test
  void linesThatWereSkippedAreLostAsSuch() {
    establishedAt(1);
    came(1, 6);
    stream.corrupt(3, 1);
    stream.corrupt(4, 1);
    stream.closeGap(6, 1, true);
    stream.establish(6, false, 1);
    assertEquals(2, stream.ledger.unaccounted);
    assertEquals(1, stream.owed.passedOver(), "of 2, 3, 4 and 5 one was found");
    Losses.Loss loss = stream.ledger.losses().newest().get(0);
    assertEquals(Losses.Reason.CORRUPT, loss.reason());
    assertEquals(
        List.of(2L, 6L, 2L), List.of(loss.firstOffset(), loss.lastOffset(), loss.events()));
    assertEquals(Events.event(6, "{}").micros(), loss.toMicros());
  }

  @Test
  void aRowThatComesLiveIsNoOnlyRowAnyMore() {
    establishedAt(1);
    stream.handover.row(new SnapshotRow(Events.event(2, "{}"), 0, 0), null);
    stream.handover.row(new SnapshotRow(Events.event(4, "{}"), 0, 0), null);
    assertTrue(stream.produced.isOnlyRow(Events.event(4, "{}")));
    came(1, 4);
    assertFalse(stream.produced.isOnlyRow(Events.event(4, "{}")), "held behind a hole");
    assertTrue(stream.produced.isOnlyRow(Events.event(2, "{}")));
    came(1, 2);
    assertFalse(stream.produced.isOnlyRow(Events.event(2, "{}")), "in order");
  }

  /** Its row's time was rounded otherwise. */
  @Test
  void theNewestOfAllIsNotProducedAgainThoughItIsAMicrosecondNewer() {
    establishedAt(1);
    Event event = Events.event(2, "{}");
    stream.handover.row(new SnapshotRow(event, 0, 0), null);
    Event later = Events.event(2, event.micros() + 1, "{}", "order.placed", event.entityId());
    assertEquals(event.id(), later.id());
    entries.entry(new WalEntry(2, "", later, 0, null, null), 1);
    release(1);
    assertEquals(2, stream.walOffset());
    assertEquals(List.of(2L), numbers());
  }

  @Test
  void aLeaderThatReplaysBringsWhatWasMissing() {
    establishedAt(1);
    came(1, 3);
    connected();
    assertEquals(1, stream.owed.open());
    stream.holesAreNormal(2);
    came(3, 2);
    assertEquals(2, stream.walOffset());
    stream.switchTo(new Epoch(1, ++connections, 0), false, false);
    assertEquals(0, stream.owed.open());
  }

  @Test
  void anotherLeaderThatReplaysMayLackThem() {
    establishedAt(1);
    came(1, 3);
    stream.arrears.connectionChanged(true);
    connected();
    stream.holesAreNormal(2);
    stream.switchTo(new Epoch(1, ++connections, 0), false, false);
    assertEquals(1, stream.owed.open());
  }

  /**
   * The next entry of the log may be one that was left, with offsets before it that hold nothing.
   */
  @Test
  void whatIsReplayedAgainIsNotHeldBesides() {
    establishedAt(1);
    came(1, 3, 6);
    connected();
    stream.holesAreNormal(2);
    came(3, 2, 6);
    assertEquals(List.of(2L, 6L), numbers());
    assertEquals(0, stream.held.size());
    assertEquals(SourcePosition.Missing.NONE, stream.arrears.missing(0, 0, 0));
  }

  @Test
  void whatAnotherLeaderHadIsNotReplayed() {
    establishedAt(1);
    connected();
    stream.arrears.connectionChanged(true);
    came(1, 5, 7);
    connected();
    stream.arrears.connectionChanged(false);
    stream.holesAreNormal(2);
    assertEquals(3, StoredPositions.open(stream.arrears.missing(0, 0, 0)), "6, and two are held");
  }

  /** Three rows are ahead of 5, or 7 and 8 are nowhere: only this leader can tell. */
  @Test
  void whereRowsMayStandForWhatAConnectionLackedMoreMayBeMissing() {
    establishedAt(5);
    stream.offsets.rowsBeyond(3);
    connected();
    came(1, 6, 9);
    connected();
    assertEquals(0, stream.owed.open());
    assertTrue(stream.owed.areUncertain());
    stream.establish(9, false, 2);
    assertFalse(stream.owed.areUncertain());
  }

  /** Whether they are so, of another leader and of the same. */
  private List<Boolean> sumsAreByChance() {
    stream.arrears.connectionChanged(true);
    boolean ofAnother = stream.arrears.sumsAreByChance();
    stream.arrears.connectionChanged(false);
    return List.of(ofAnother, stream.arrears.sumsAreByChance());
  }

  /** A sum of another leader's numbers tells nothing of what need not be found. */
  @Test
  void whoseSumsAreByChance() {
    establishedAt(5);
    came(1, 7);
    connected();
    assertEquals(1, stream.owed.open());
    assertEquals(List.of(false, false), sumsAreByChance());

    from(SourcePosition.START);
    establishedAt(5);
    stream.corrupt(6, 1);
    connected();
    assertEquals(List.of(true, false), sumsAreByChance(), "a line");

    from(SourcePosition.START);
    establishedAt(5);
    stream.offsets.rowsBeyond(3);
    connected();
    came(1, 6, 9);
    connected();
    assertTrue(stream.owed.areUncertain());
    assertEquals(List.of(true, false), sumsAreByChance(), "rows may stand for more");
  }

  /** The last that came may be late itself: then those missing before it are newer than it is. */
  @Test
  void ofFewEntriesOfManyTheNewestMayBeLate() {
    establishedAt(1);
    came(1, 60, 100);
    connected();
    long newest = Events.event(100, "{}").micros();
    assertEquals(newest + 250_000, stream.owed.newestMicros());

    from(SourcePosition.START);
    establishedAt(1);
    came(1, 98, 100);
    connected();
    assertEquals(newest, stream.owed.newestMicros(), "one is missing between two");
  }

  /** Fewer than sixteen, and more than four missing for each. */
  @Test
  void entriesAreFewWhereMuchMoreIsMissing() {
    assertEquals(List.of(true, false), List.of(isTakenToBeLate(15, 61), isTakenToBeLate(16, 65)));
    assertEquals(List.of(true, false), List.of(isTakenToBeLate(2, 9), isTakenToBeLate(2, 8)));
  }

  /**
   * Whether what so many entries lack may be newer than the last, if so many are missing between.
   */
  private boolean isTakenToBeLate(int entriesCame, int missing) {
    from(SourcePosition.START);
    establishedAt(1);
    long last = 2 + missing + entriesCame;
    came(1, 3);
    came(1, LongStream.rangeClosed(4 + missing, last).toArray());
    connected();
    return stream.owed.newestMicros() > Events.event(last, "{}").micros();
  }

  /** Of what is older it is not known whether it has been produced. */
  @Test
  void whatIsOwedIsAsOldAsTheOldestThatIsKnown() {
    from(StoredPositions.at(5, Events.BASE_MICROS + 5, LEADER));
    connected();
    long known = stream.produced.knownWatermark();
    stream.owed.are(new Lack(2, 0, known, 5, 9, LEADER, Long.MIN_VALUE));
    assertEquals(0, new OwedFound(stream).row(Events.event(90, known - 1, "{}", "type", "entity")));
    assertTrue(new OwedFound(stream).row(Events.event(91, known, "{}", "type", "entity")) != 0);
    entry(6, known - 1);
    assertEquals(2, stream.owed.open());
    entry(7, known);
    assertEquals(1, stream.owed.open());
  }

  private void entry(long offset, long micros) {
    Event event = Events.event(90 + offset, micros, "{}", "type", "entity");
    entries.entry(new WalEntry(offset, "", event, 0, null, null), 1);
  }

  @Test
  void aLineThatWasNeededBeforeTheCutIsNotBehindIt() {
    connected();
    came(1, 3);
    stream.corrupt(0, 1);
    came(1, 5, 8, 9);
    stream.arrears.neverPlaced(5, false);
    assertEquals(List.of(0L, 1L), List.of(stream.owed.open(), stream.owed.skipped()), "4");
    stream.arrears.neverPlaced(9, false);
    assertEquals(List.of(2L, 1L), List.of(stream.owed.open(), stream.owed.skipped()), "6 and 7");
  }

  /** 2 has been produced, and comes again: what is missing behind 3 counts, and not 3. */
  @Test
  void anEventThatComesAgainIsOfTheNumberingThatIsKnown() {
    establishedAt(1);
    came(1, 2, 3);
    connected();
    came(1, 2, 6);
    stream.arrears.neverPlaced(6, false);
    assertEquals(2, stream.owed.open(), "4 and 5");
  }

  @Test
  void aLineThatIsNotedIsNotNotedAgainThoughMoreComes() {
    connected();
    came(1, 3);
    stream.corrupt(0, 1);
    came(1, 5);
    stream.arrears.neverPlaced(5, false);
    assertEquals(List.of(0L, 1L), List.of(stream.owed.open(), stream.owed.skipped()), "4");
    came(1, 7);
    stream.arrears.neverPlaced(7, false);
    assertEquals(List.of(1L, 1L), List.of(stream.owed.open(), stream.owed.skipped()), "6");
  }

  /** 100 is of another numbering than 3 and 5. */
  @Test
  void whereTheConnectionHasNoPlaceALineMayBeOfAnyOffset() {
    from(StoredPositions.at(100, Events.BASE_MICROS + 100, LEADER));
    connected();
    stream.corrupt(0, 1);
    came(1, 3, 5);
    assertEquals(1, stream.offsets.corruptUpTo(5));
  }

  /** 2 and 4 may be among the rows that the numbering began with, or not. */
  private void beganBetweenEntries(long allBehind) {
    from(SourcePosition.START);
    orders.produced.clear();
    connected();
    stream.offsets.bringsAllBehind(allBehind);
    came(1, 3, 5);
    stream.establish(5, true, 2);
  }

  @Test
  void whatIsMissingBetweenTheFirstEntriesIsProducedWhenItComes() {
    beganBetweenEntries(Long.MAX_VALUE);
    came(1, 2);
    assertEquals(List.of(), numbers(), "it is before them");
    came(1, 4, 4);
    assertEquals(List.of(4L), numbers());
    beganBetweenEntries(1);
    came(1, 2);
    assertEquals(List.of(2L), numbers(), "the connection brings all behind 1");
    beganBetweenEntries(Long.MAX_VALUE);
    connected();
    stream.establish(9, true, 3);
    came(1, 4);
    assertEquals(List.of(), numbers(), "that is another numbering's");
  }

  /** One row is ahead of 5, or what the connection lacked has not been brought by it. */
  private void lostBehindARow() {
    establishedAt(5);
    stream.offsets.rowsBeyond(1);
    connected();
  }

  @Test
  void whereNothingIsMissingBetweenTheEntriesRowsStandForNothing() {
    lostBehindARow();
    came(1, 7, 8);
    stream.arrears.neverPlaced(8, false);
    assertFalse(stream.owed.areUncertain());
  }

  @Test
  void aLineBetweenTheEntriesWhoseEventCameStandsForNothing() {
    lostBehindARow();
    came(1, 7);
    stream.corrupt(0, 1);
    came(1, 8);
    stream.arrears.neverPlaced(8, false);
    assertFalse(stream.owed.areUncertain());
  }

  @Test
  void aRowMayStandForALineBehindTheEntries() {
    lostBehindARow();
    came(1, 7, 8);
    stream.corrupt(9, 1);
    stream.arrears.neverPlaced(8, false);
    assertTrue(stream.owed.areUncertain());
  }

  @Test
  void whatIsMissingOfAConnectionIsCertainWithoutRows() {
    establishedAt(5);
    connected();
    came(1, 6, 9);
    stream.arrears.neverPlaced(9, false);
    assertEquals(2, stream.owed.open());
    assertFalse(stream.owed.areUncertain());
  }
}
