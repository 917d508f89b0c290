package io.github.allsourceconnect.source.decision.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.RecordedOrders;
import io.github.allsourceconnect.source.decision.epoch.Handover;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.epoch.Sequencer;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.phase.Current;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Account;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Answered;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Counting;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Cutting;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Fetching;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Idle;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Producing;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Ripening;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The phases of a repair, and what one leaves that is given up. */
class RepairTest {
  private static final long SECOND = 1_000_000;

  private final RecordedOrders orders = new RecordedOrders();
  private final FollowerSettings settings =
      new FollowerSettings(
          List.of("leader-1:3910", "leader-2:3910"),
          30_000,
          SnapshotMode.INITIAL,
          GapPolicy.REPAIR,
          500,
          0,
          300_000,
          0,
          100,
          100,
          1 << 20);
  private final LiveLink live = new LiveLink(settings, orders, "", new SplittableRandom(1));
  private final Stream stream = new Stream();
  private final Sequencer entries = new Sequencer(stream);
  private final Repair repair = new Repair(settings, orders, stream, live);
  private long now = 1;

  private final class Stream extends LiveStream {
    private long waiting = Long.MAX_VALUE;

    Stream() {
      super(
          RepairTest.this.orders,
          SourcePosition.START,
          new ProducedEvents(4096),
          new Lateness(0, 0),
          1 << 20);
    }

    @Override
    protected Handover handover(FollowerOrders orders) {
      return new Handover(orders, this) {
        @Override
        public void waiting(long oldestMicros) {
          waiting = oldestMicros;
          super.waiting(oldestMicros);
        }
      };
    }
  }

  private static Event event(long number) {
    long micros = Events.BASE_MICROS + number * 2 * SECOND;
    return Events.event(number, micros, "{}", "type", "entity-" + number);
  }

  private static WalEntry entry(long number) {
    return new WalEntry(number, "", event(number), 0, null, null);
  }

  /** 1 and 5 came, 2 to 4 did not, and a snapshot is asked for. */
  private void fetching() {
    live.tick(now, 0, 0, 0);
    live.caughtUp(0, now);
    stream.switchTo(live.epoch(), false, false);
    stream.establish(0, true, now);
    entries.entry(entry(1), now);
    entries.entry(entry(5), now);
    repair.want(Repair.Reason.GAP, now);
    until("snapshot 1");
  }

  private void until(String order) {
    for (int i = 0; !orders.said.contains(order); i++) {
      assertTrue(i < 1_000, repair.toString());
      now += 10;
      repair.tick(now);
    }
  }

  private void rows() {
    for (long number = 2; number <= 4; number++) {
      repair.onRow(new SnapshotRow(event(number), 0, 0), now);
      while (repair.dueBytes() >= 0) {
        repair.produceNext(now);
      }
    }
  }

  @Test
  void whatARepairProducedThatIsGivenUpHoldsThePositionBackNoLonger() {
    fetching();
    repair.onComplete(List.of("events.parquet"), 0, now);
    rows();
    repair.onRowsEnd(now);
    rows();
    assertEquals(3, orders.produced.size(), "1, 2 and 3; 4 waits in the window");
    assertTrue(stream.waiting < Long.MAX_VALUE);
    assertTrue(repair.reading());
    repair.cancel();
    assertEquals(Long.MAX_VALUE, stream.waiting);
    assertEquals(2, stream.offsets.beyond(), "what was produced stays on the books");
    assertTrue(repair.idle());
    assertEquals("discard", orders.said.get(orders.said.size() - 1));
  }

  private void begins() {
    live.tick(now, 0, 0, 0);
    live.caughtUp(0, now);
    stream.switchTo(live.epoch(), false, false);
  }

  private static SnapshotRow row(long number) {
    return new SnapshotRow(event(number), 0, 0);
  }

  private void produceWhatIsDue() {
    while (repair.dueBytes() >= 0) {
      repair.produceNext(now);
    }
  }

  /** All that a snapshot has from the time on where its rows are wanted. */
  private void snapshotHas(List<SnapshotRow> all) {
    for (SnapshotRow one : all) {
      repair.onRow(one, now);
      produceWhatIsDue();
    }
    repair.onRowsEnd(now);
    produceWhatIsDue();
  }

  /** A numbering begins after the clock went back, and an entry of it did not come. */
  @Test
  void whatIsMissingBetweenTheFirstEntriesIsLookedForFurtherBack() {
    begins();
    for (long number = 0; number < 100; number++) {
      long micros = Events.BASE_MICROS + 4_000 * SECOND + number * SECOND / 10;
      stream.handover.row(
          new SnapshotRow(Events.event(9_000 + number, micros, "{}", "type", "entity"), 0, 0),
          null);
    }
    assertTrue(stream.produced.watermark() > event(5).micros());
    orders.produced.clear();
    repair.want(Repair.Reason.BEGINNING, now);
    entries.entry(entry(1), now);
    entries.entry(entry(3), now);
    until("snapshot 1");
    repair.onComplete(List.of("events.parquet"), 0, now);
    snapshotHas(List.of());
    snapshotHas(List.of(row(2)));
    snapshotHas(List.of(row(2)));
    assertEquals(
        List.of(event(1).id(), event(2).id(), event(3).id()), orders.produced, repair.toString());
    assertEquals(3, stream.walOffset());
  }

  /**
   * The clock went back to a time from which nothing is known, so no row can tell of an entry that
   * is missing between the first ones. It comes late.
   */
  @Test
  void whatIsMissingBetweenTheFirstEntriesMayComeLate() {
    begins();
    stream.produced.startAt(Events.BASE_MICROS + 4_000 * SECOND);
    repair.want(Repair.Reason.BEGINNING, now);
    entries.entry(entry(1), now);
    entries.entry(entry(3), now);
    until("snapshot 1");
    repair.onComplete(List.of("events.parquet"), 0, now);
    snapshotHas(List.of());
    snapshotHas(List.of());
    assertEquals(3, stream.walOffset(), repair.toString());
    entries.entry(entry(2), now);
    assertEquals(
        List.of(event(1).id(), event(3).id(), event(2).id()), orders.produced, repair.toString());
    assertEquals(1, stream.ledger.late);
    entries.entry(entry(2), now);
    assertEquals(3, orders.produced.size());
    assertEquals(1, stream.ledger.duplicates);
  }

  private RepairCut cutBehindAClockThatIsAhead() {
    begins();
    RepairCut cut = new RepairCut(stream, live, settings.gapTimeoutMs());
    for (long number = 1; number <= 3; number++) {
      entries.entry(entry(number), now);
    }
    entries.entry(entry(4, event(500).micros()), now);
    now += RepairCut.QUIET_MS;
    assertEquals(RepairCut.Choice.CHOSEN, cut.choose(now));
    return cut;
  }

  /** The last entry up to the cut is ahead by its clock, and others come before the snapshot. */
  @Test
  void whatIsNewerThanEntriesBehindTheCutIsNotBeforeIt() {
    RepairCut cut = cutBehindAClockThatIsAhead();
    assertEquals(cut.micros(), cut.microsUncounted(), "as long as nothing has come behind it");
    assertTrue(cut.micros() > event(500).micros());
    entries.entry(entry(5), now);
    assertEquals(event(5).micros(), cut.microsUncounted());
    entries.entry(entry(6, event(-500).micros()), now);
    entries.entry(entry(7), now);
    assertEquals(event(5).micros(), cut.microsUncounted(), "one clock that is behind is no reason");
  }

  /** It went back there, or the one behind is late. */
  @Test
  void whatIsAsOldAsTheEntriesUpToTheCutIsBeforeItWhereTheClockGoesBackBehindIt() {
    RepairCut cut = cutBehindAClockThatIsAhead();
    entries.entry(entry(5, event(-500).micros()), now);
    assertEquals(event(3).micros(), cut.microsUncounted());
  }

  private static WalEntry entry(long number, long micros) {
    Event event = Events.event(number, micros, "{}", "type", "entity-" + number);
    return new WalEntry(number, "", event, 0, null, null);
  }

  /**
   * 4 is older than 3 by its time, and was produced as a row next to the seam: 6 is all that is
   * missing up to 7. The snapshot has 8, too, which is older than 7.
   */
  @Test
  void whatWasCountedForAnotherIsNotMissingLater() {
    begins();
    repair.want(Repair.Reason.BEGINNING, now);
    near(1, 3);
    until("snapshot 1");
    snapshotOf(nearRow(4));
    assertEquals(3, stream.walOffset());
    near(5, 5);
    near(7, 7);
    repair.want(Repair.Reason.GAP, now);
    until("snapshot 2");
    snapshotOf(nearRow(4), nearRow(6), nearRow(8));
    assertEquals(7, stream.walOffset(), repair.toString());
    near(9, 9);
    repair.want(Repair.Reason.GAP, now);
    until("snapshot 3");
    snapshotOf(nearRow(4), nearRow(6), nearRow(8));
    assertEquals(List.of(), orders.said.stream().filter(said -> said.startsWith("fail")).toList());
    assertEquals(9, stream.walOffset(), repair.toString());
    assertEquals(9, orders.produced.size());
  }

  /** 2 is newer than 3 by its time: whatever the leader says, the row may be one behind 3. */
  @Test
  void aRowThatIsNewerThanTheLastEntryIsAskedForAgain() {
    for (long endOffset : new long[] {4, 3, 2, 0}) {
      RepairTest one = new RepairTest();
      one.lacksOneThatIsNewer();
      one.snapshotOf(endOffset, newer());
      assertEquals(1, one.stream.walOffset(), endOffset + ": " + one.repair);
      one.until("snapshot 2");
    }
  }

  /** With one event more than is missing the row may be the one behind the last entry. */
  @Test
  void moreThanIsMissingIsAskedForAgainWhateverTheLeaderHasSent() {
    lacksOneThatIsNewer();
    snapshotOf(3, nearRow(2), newer());
    assertEquals(1, stream.walOffset(), repair.toString());
    until("snapshot 2");
  }

  private void lacksOneThatIsNewer() {
    begins();
    stream.establish(0, true, now);
    near(1, 1);
    near(3, 3);
    repair.want(Repair.Reason.GAP, now);
    until("snapshot 1");
  }

  private static SnapshotRow newer() {
    return new SnapshotRow(
        Events.event(20, near(3).micros() + 10_000, "{}", "type", "entity-20"), 0, 0);
  }

  /** 50 ms apart, each fourth one 10 ms older than the one before. */
  private static Event near(long number) {
    long micros =
        Events.BASE_MICROS + number * SECOND / 20 - (number % 4 == 0 ? SECOND * 3 / 50 : 0);
    return Events.event(number, micros, "{}", "type", "entity-" + number);
  }

  private void near(long from, long to) {
    for (long number = from; number <= to; number++) {
      entries.entry(new WalEntry(number, "", near(number), 0, null, null), now);
    }
  }

  private static SnapshotRow nearRow(long number) {
    return new SnapshotRow(near(number), 0, 0);
  }

  private void snapshotOf(SnapshotRow... rows) {
    snapshotOf(0, rows);
  }

  private void snapshotOf(long endOffset, SnapshotRow... rows) {
    repair.onComplete(List.of("events.parquet"), endOffset, now);
    while (repair.reading()) {
      snapshotHas(List.of(rows));
    }
  }

  @Test
  void aLeaderThatIsNotFollowedAnyMoreIsNotAsked() {
    live.tick(now, 0, 0, 0);
    live.caughtUp(0, now);
    stream.switchTo(live.epoch(), false, false);
    stream.establish(0, true, now);
    entries.entry(entry(1), now);
    entries.entry(entry(5), now);
    repair.want(Repair.Reason.GAP, now);
    live.proven(live.epoch());
    live.closed(now);
    now = live.wakeAt();
    live.tick(now, 1, 1, 0);
    live.closed(now);
    now = live.wakeAt();
    live.tick(now, 1, 1, 0);
    live.replays(now);
    assertEquals(1, live.epoch().leader());
    assertFalse(live.isLeaderOf(stream.epoch()));
    for (int i = 0; i < 1_000; i++) {
      now += 10;
      repair.tick(now);
    }
    assertFalse(orders.said.contains("snapshot 1"), orders.said.toString());
    assertTrue(repair.wanted());
  }

  /** A leader that was just restarted has shipped nothing: it is asked again, a second later. */
  @Test
  void aLeaderWithoutASnapshotIsAskedAgainAfterAPause() {
    fetching();
    orders.said.clear();
    long told = now;
    repair.onNone(0, now);
    assertTrue(repair.wanted());
    until("snapshot 2");
    assertTrue(now >= told + AbsentSnapshot.AGAIN_MS, (now - told) + " ms");
  }

  /** What was told before the last repair says nothing of the leader as it is now. */
  @Test
  void thatALeaderHadNoSnapshotIsForgottenWithTheRepair() {
    fetching();
    repair.onNone(0, now);
    comeByThemselves(2, 4);
    now += 60_000;
    entries.entry(entry(8), now);
    repair.want(Repair.Reason.GAP, now);
    until("snapshot 2");
    repair.onNone(0, now);
    produceWhatIsDue();
    assertEquals(5, stream.walOffset(), "it may have been restarted just now");
    assertTrue(repair.wanted());
  }

  private void comeByThemselves(long from, long to) {
    for (long number = from; number <= to; number++) {
      entries.entry(entry(number), now);
      while (entries.dueBytes() >= 0) {
        entries.release(now);
      }
    }
    now += 2_000;
    for (int i = 0; i < 500 && !repair.idle(); i++) {
      now += 10;
      repair.tick(now);
    }
    assertTrue(repair.idle(), repair.toString());
  }

  /** Twice the stream is behind; then all comes by itself, and another gap begins from nothing. */
  @Test
  void aDoubtOfTheStreamEndsWithTheRepair() {
    fetching();
    repair.onComplete(List.of("events.parquet"), 0, now);
    snapshotHas(List.of(row(2), row(3), row(4), row(6)));
    until("snapshot 2");
    repair.onComplete(List.of("events.parquet"), 0, now);
    snapshotHas(List.of(row(2), row(3), row(4), row(6)));
    comeByThemselves(2, 4);
    entries.entry(entry(6), now);
    assertEquals(6, stream.walOffset());
    entries.entry(entry(10), now);
    repair.want(Repair.Reason.GAP, now);
    until("snapshot 3");
    repair.onComplete(List.of("events.parquet"), 0, now);
    snapshotHas(List.of(row(7), row(8), row(9), row(11)));
    assertTrue(live.isLive(), "one snapshot that is ahead of the stream is no reason");
  }

  /** It is gone, and the next one is being made, while the rows are read that tell of the doubt. */
  @Test
  void aConnectionIsNotGivenUpForWhatAnotherDidNotBring() {
    fetching();
    for (int looks = 1; looks <= 3; looks++) {
      until("snapshot " + looks);
      repair.onComplete(List.of("events.parquet"), 0, now);
      if (looks == 3) {
        live.closed(now);
        now = live.wakeAt();
        live.tick(now, 1, 1, stream.numbering());
      }
      snapshotHas(List.of(row(2), row(3), row(4), row(6)));
    }
    assertTrue(orders.said.contains("connect 2 to 0 with 1"), orders.said.toString());
    assertFalse(orders.said.contains("close 2"), orders.said.toString());
  }

  /** Which phase may come after which, all pairs. */
  @Test
  void anIllegalTransitionThrows() {
    Request request = new Request(new Epoch(0, 1, 0), 1);
    List<RepairPhase> all =
        List.of(
            new Idle(),
            new Cutting(),
            new Ripening(1),
            new Fetching(request),
            new Answered(request, at -> {}),
            new Counting(request, 1),
            new Producing(request, 1, Account.COUNTED, 1));
    String[] legal = {
      // to Idle, Cutting, Ripening, Fetching, Answered, Counting, Producing
      "1100001", "1010000", "1001000", "1000100", "1000011", "1000011", "1000000",
    };
    for (int from = 0; from < all.size(); from++) {
      for (int to = 0; to < all.size(); to++) {
        Current<RepairPhase> phase = new Current<>("a repair", all.get(from));
        RepairPhase next = all.get(to);
        if (legal[from].charAt(to) == '1') {
          phase.to(next);
        } else {
          assertThrows(
              IllegalStateException.class, () -> phase.to(next), all.get(from) + " to " + next);
        }
      }
    }
  }
}
