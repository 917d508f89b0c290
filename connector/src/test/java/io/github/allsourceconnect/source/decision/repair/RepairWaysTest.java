package io.github.allsourceconnect.source.decision.repair;

import static io.github.allsourceconnect.source.decision.repair.Surroundings.micros;
import static io.github.allsourceconnect.source.decision.repair.Surroundings.row;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.AwaitedRows;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredPositions;
import io.github.allsourceconnect.source.decision.repair.Repair.Reason;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The way of a repair: what it waits for, when it is given up, what it leaves behind. */
class RepairWaysTest {
  private static final SourcePosition AT_3 = StoredPositions.at(3, micros(3), "leader-1:3910");
  private static final long ALLOWED_MICROS = 250_000;

  private final Surroundings around =
      new Surroundings(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3);
  private final Repair repair = around.repair;

  private void gap() {
    around.connected().establishedAt(3).came(6);
    repair.want(Reason.GAP, around.now);
  }

  private void tick(long millis) {
    around.now += millis;
    repair.tick(around.now);
  }

  private long wakesIn() {
    long at = repair.wakeAt(around.now);
    return at == Long.MAX_VALUE ? -1 : at - around.now;
  }

  /** What others ask of it: wanted, idle, nothing requested, fetching, reading, done. */
  private void assertIs(String expected) {
    StringBuilder is = new StringBuilder();
    is.append(repair.wanted() ? "wanted " : "");
    is.append(repair.idle() ? "idle " : "");
    is.append(repair.notYetRequested() ? "unasked " : "");
    is.append(repair.fetching() ? "fetching " : "");
    is.append(repair.reading() ? "reading " : "");
    is.append(repair.isDone() ? "done " : "");
    assertEquals(expected, is.toString().trim());
  }

  @Test
  void itGoesOneWayAndWakesInTime() {
    assertIs("idle unasked done");
    assertEquals(-1, wakesIn());
    gap();
    assertIs("wanted unasked");
    assertEquals(10, wakesIn());
    tick(10);
    assertIs("wanted unasked");
    assertEquals(20, wakesIn(), "it looks for a cut");
    tick(RepairCut.QUIET_MS);
    assertIs("wanted unasked");
    assertEquals(Repair.RIPE_MS, wakesIn(), "all up to the cut gets into the snapshot");
    tick(Repair.RIPE_MS - 1);
    assertEquals(0, around.stream.ledger.snapshotRequests);
    tick(1);
    assertEquals(1, around.stream.ledger.snapshotRequests);
    assertIs("wanted fetching");
    assertEquals(-1, wakesIn());
    repair.onComplete(List.of("events.parquet"), 0, around.now);
    assertIs("wanted reading");
    assertEquals(-1, wakesIn());
    assertTrue(repair.wantsRows());
    repair.onRow(row(4), around.now);
    repair.onRow(row(5), around.now);
    repair.onRowsEnd(around.now);
    assertIs("wanted reading");
    repair.onRow(row(4), around.now);
    assertTrue(repair.wantsRows(), "5 may have to go before it");
    repair.onRow(row(5), around.now);
    assertFalse(repair.wantsRows(), "4 is to be produced first");
    assertEquals(0, repair.producedBeyond());
    around.produced();
    assertTrue(repair.wantsRows());
    assertEquals(1, repair.producedBeyond());
    assertEquals(2, StoredPositions.open(repair.missing()), "5, and 6 is held");
    repair.onRowsEnd(around.now);
    around.produced();
    assertIs("idle unasked done");
    assertEquals(-1, wakesIn());
    assertEquals(0, repair.producedBeyond());
    assertEquals(0, StoredPositions.open(repair.missing()));
  }

  /** It has the place of an offset that is settled. */
  @Test
  void aRowBeforeAnEarlierCutFillsNoHole() {
    gap();
    SnapshotRow before = at(900, micros(2));
    around.stream.awaited.await(List.of(before.event()), false);
    around.stream.awaited.isSilent(true);
    around.askedAgain();
    repair.onComplete(List.of("events.parquet"), 0, around.now);
    for (SnapshotRow row : List.of(before, row(4), row(5))) {
      repair.onRow(row, around.now);
    }
    repair.onRowsEnd(around.now);
    repair.onRow(before, around.now);
    around.produced();
    repair.onRow(row(4), around.now);
    around.produced();
    assertEquals(List.of(before.event().id()), around.orders.produced);
    assertEquals(1, around.stream.ledger.late);
    assertEquals(0, repair.producedBeyond());
    assertEquals(3, StoredPositions.open(repair.missing()), "4 and 5, and 6 is held");
    repair.onRow(row(5), around.now);
    around.produced();
    assertEquals(1, repair.producedBeyond());
    assertEquals(2, StoredPositions.open(repair.missing()));
  }

  @Test
  void afterAFailureItWakesWhenThePauseIsOver() {
    gap();
    around.askedAgain();
    repair.onFailed("refused", null, false, around.now);
    assertIs("wanted unasked");
    assertEquals(around.settings.backoffMs(), wakesIn());
    tick(around.settings.backoffMs() - 1);
    assertEquals(10, wakesIn());
    tick(1);
    assertEquals(Repair.RIPE_MS, wakesIn(), "the stream is quiet, so there is a cut");
  }

  @Test
  void withoutAConnectionItWaits() {
    gap();
    around.live.closed(around.now);
    tick(60_000);
    tick(60_000);
    assertIs("wanted unasked");
    assertEquals(10, wakesIn());
    assertEquals(0, around.stream.ledger.snapshotRequests);
  }

  /** Each snapshot leaves files at the leader. */
  @Test
  void whatComesByItselfWhileItRipensNeedsNoSnapshot() {
    gap();
    tick(RepairCut.QUIET_MS);
    around.came(4, 5);
    while (around.stream.isDue()) {
      around.entries.release(around.now);
    }
    tick(Repair.RIPE_MS);
    tick(Repair.RIPE_MS);
    assertIs("idle unasked done");
    assertEquals(0, around.stream.ledger.snapshotRequests);
  }

  @Test
  void whatComesByItselfBeforeThereIsACutNeedsNoSnapshotEither() {
    gap();
    tick(10);
    around.came(4, 5);
    while (around.stream.isDue()) {
      around.entries.release(around.now);
    }
    tick(20);
    assertIs("idle unasked done");
  }

  /** Another leader's events of that time would be taken for those that are missing. */
  @Test
  void aLeaderThatChangesWhileItRipensIsNotAsked() {
    gap();
    tick(RepairCut.QUIET_MS);
    while (around.live.epoch().leader() == 0 || !around.live.isLive()) {
      around.live.closed(around.now);
      around.now = around.live.wakeAt();
      around.live.tick(around.now, 0, 0, 0);
      around.live.caughtUp(0, around.now);
    }
    around.orders.logged.clear();
    tick(Repair.RIPE_MS);
    for (int i = 0; i < 100; i++) {
      tick(100);
    }
    assertIs("wanted unasked");
    assertEquals(0, around.stream.ledger.snapshotRequests);
    assertEquals(1, around.orders.logged.size(), "it is said once");
    assertTrue(
        around.orders.hasLogged("WARN What is missing behind offset 3 belongs to a leader"),
        around.orders.logged.toString());
  }

  /** Nothing is acted upon while entries that are in order have not been produced. */
  @Test
  void anAnswerWaitsForWhatIsDue() {
    gap();
    around.askedAgain().came(4);
    assertTrue(around.stream.isDue());
    repair.onComplete(List.of("events.parquet"), 0, around.now);
    tick(10);
    assertFalse(around.orders.said.contains("rows"));
    assertIs("wanted");
    around.entries.release(around.now);
    tick(10);
    assertTrue(around.orders.said.contains("rows"));
    assertIs("wanted reading");
  }

  @Test
  void aLeaderThatReplaysNeedsNoRepair() {
    gap();
    around.askedAgain();
    repair.onReplays(around.now);
    assertIs("idle unasked done");
    assertTrue(around.live.replays());
    assertTrue(around.stream.offsets.holesAreNone());
    assertTrue(around.stream.isDue(), "what it leaves out holds nothing");
    assertEquals("discard", around.orders.said.get(around.orders.said.size() - 1));
  }

  /** What is held leaves no room for what is in the buffer, and nobody can be asked. */
  @Test
  void whereNobodyCanBeAskedAndNothingMoreCanBeHeldItIsPassedOver() {
    around.connected().establishedAt(3).cameInARow(6, 5 + Surroundings.HELD_MAX);
    repair.want(Reason.GAP, around.now);
    around.stream.tick(around.now, false);
    while (around.live.epoch().leader() == 0 || !around.live.isLive()) {
      around.live.closed(around.now);
      around.now = around.live.wakeAt();
      around.live.tick(around.now, 0, 0, 0);
      around.live.caughtUp(0, around.now);
    }
    tick(10);
    around.produced();
    long cut = 5 + Surroundings.HELD_MAX - around.stream.lateness.cleanRun();
    assertEquals(cut, around.stream.walOffset());
    assertEquals(2, around.stream.owed.passedOver());
    assertTrue(
        around.orders.hasLogged(
            "WARN Offsets 4 to 173: 2 events did not come, 0 were found in the snapshot; the leader"
                + " with this numbering is no longer followed"),
        around.orders.logged.toString());
    assertIs("idle unasked done");
    assertEquals(0, around.stream.ledger.repairs);
  }

  // ---- what is next to the seam where a numbering begins

  private static SnapshotRow at(long number, long micros) {
    return new SnapshotRow(Events.event(number, micros, "{}", "type", "entity-" + number), 0, 0);
  }

  /** Below the offset or above it, nobody can tell: the next gap may lack them. */
  @Test
  void rowsAsNearToTheCutAsEntriesAreLateAreUncertain() {
    Surroundings first = new Surroundings().connected().cameInARow(6, 80);
    first.asked(Reason.BEGINNING);
    long cut = micros(38);
    first.answered(
        at(901, cut - ALLOWED_MICROS - 1),
        at(902, cut - ALLOWED_MICROS),
        at(903, cut - 1),
        row(38),
        at(904, cut),
        at(905, cut + 1));
    assertEquals(38, first.stream.walOffset());
    assertEquals(3, first.stream.offsets.uncertain(), "902, 903 and 904");
    assertEquals(1, first.stream.awaited.size(), "905 is left for the stream");
  }

  @Test
  void whereTheStreamIsQuietTheLastEntryIsTheSeam() {
    Surroundings first = new Surroundings().connected().came(6);
    first.asked(Reason.BEGINNING);
    long newest = micros(6);
    first.answered(
        at(901, newest - ALLOWED_MICROS - 1), at(902, newest - ALLOWED_MICROS), at(903, newest));
    assertEquals(6, first.stream.walOffset());
    assertEquals(2, first.stream.offsets.uncertain());
  }

  // ---- what is left for the stream

  @Test
  void ofRowsLeftForTheStreamOnlySoManyCanBeRemembered() {
    assertEquals(List.of(-1L, (long) AwaitedRows.ROWS_MAX), left(AwaitedRows.ROWS_MAX));
    assertEquals(List.of(2L, (long) AwaitedRows.ROWS_MAX), left(AwaitedRows.ROWS_MAX + 2));
  }

  /**
   * How many of so many rows behind the cut are said to be forgotten (-1: nothing is said), and how
   * many are awaited.
   */
  private static List<Long> left(int count) {
    Surroundings first = new Surroundings().connected().cameInARow(6, 80);
    first.asked(Reason.BEGINNING);
    List<SnapshotRow> rows = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      rows.add(at(10_000 + i, micros(38) + 1 + i));
    }
    first.answered(rows.toArray(new SnapshotRow[0]));
    assertEquals(38, first.stream.walOffset());
    long said =
        first.orders.logged.stream()
            .filter(message -> message.contains("can't be remembered"))
            .map(message -> Long.valueOf(message.split(" ", -1)[1]))
            .findFirst()
            .orElse(-1L);
    assertEquals(said > 0 ? 1 : 0, first.stream.ledger.unverifiedRepairs);
    return List.of(said, (long) first.stream.awaited.size());
  }

  // ---- figures

  /**
   * Rows of one entity that no version tells apart, and whose file has them the other way round.
   */
  @Test
  void rowsThatRacedAreCounted() {
    Surroundings first = new Surroundings().connected().came(6);
    first.asked(Reason.BEGINNING);
    long near = micros(3);
    SnapshotRow[] rows = new SnapshotRow[2];
    for (int i = 0; i < rows.length; i++) {
      Event event = new Event("e" + i, 7, i, "t", "x", null, JsonText.NULL, "", near + i, null, 1);
      rows[i] = new SnapshotRow(event, 0, 0, 9 - i);
    }
    first.answered(rows);
    assertEquals(1, first.stream.ledger.racedRows);
    assertEquals(0, first.stream.ledger.hurried);
    assertEquals(List.of("e1", "e0"), first.orders.produced.subList(0, 2));
  }

  /** Too much waits within the time of a race. */
  @Test
  void whatWentOnBeforeItsTimeIsCounted() {
    Surroundings first = new Surroundings().connected().came(6);
    first.asked(Reason.BEGINNING);
    JsonText large = JsonText.of("\"" + "x".repeat((int) EntityOrder.BYTES_MAX / 3) + "\"");
    SnapshotRow[] rows = new SnapshotRow[4];
    for (int i = 0; i < rows.length; i++) {
      Event event = new Event("e" + i, 7, i, "t", "x" + i, null, large, "", micros(3) + i, null, 1);
      rows[i] = new SnapshotRow(event, 0, 0, 1 + i);
    }
    first.answered(rows);
    assertEquals(2, first.stream.ledger.hurried);
  }

  /** Before a repair nothing of the one before counts: not its pauses, its doubts or its looks. */
  @Test
  void eachRepairIsAskedForWithItsPauseBetween() {
    Surroundings slow = new Surroundings(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3, 5_000);
    slow.connected().establishedAt(3).came(6).asked(Reason.GAP);
    long asked = slow.now;
    slow.answered(row(4), row(5), row(6)).came(9).asked(Reason.GAP);
    assertTrue(slow.now >= asked + 5_000, (slow.now - asked) + " ms");
  }
}
