package io.github.allsourceconnect.source.decision.repair;

import static io.github.allsourceconnect.source.decision.repair.EntityOrder.SILENCE_MICROS;
import static io.github.allsourceconnect.source.decision.repair.EntityOrder.WIDE_MICROS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.HeldEntries;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class EntityOrderTest {
  private final List<String> out = new ArrayList<>();

  private static Event event(String id, String entity, long micros, long version) {
    return new Event(
        id, 0, id.hashCode(), "t", entity, null, JsonText.NULL, "", micros, null, version);
  }

  private static WalEntry entry(String id, String entity, long micros, long offset) {
    return new WalEntry(offset, "", event(id, entity, micros, 1), 0, null, null);
  }

  private Eager order(WalEntry... held) {
    return new Eager(List.of(held), false, item -> out.add(item.event().id()));
  }

  /** Takes each event as soon as it is ready. */
  private static final class Eager {
    private final EntityOrder order;
    private final Consumer<EntityOrder.Item> out;

    Eager(List<WalEntry> held, boolean versionsCount, Consumer<EntityOrder.Item> out) {
      order = new EntityOrder(held, 1_000, versionsCount);
      this.out = out;
    }

    private void take() {
      for (EntityOrder.Item item = order.poll(); item != null; item = order.poll()) {
        out.accept(item);
      }
    }

    void add(SnapshotRow row) {
      order.add(row);
      take();
    }

    void pass(SnapshotRow row) {
      order.pass(row, true);
      take();
    }

    void byArrival() {
      order.byArrival();
      take();
    }

    void end() {
      order.end();
      take();
      assertTrue(order.isFinished());
    }
  }

  @Test
  void withoutRowsEntriesComeAsTheyCameAndTheOldestThatWaitsIsTold() {
    EntityOrder order =
        new EntityOrder(
            List.of(entry("c", "x", 30, 3), entry("a", "y", 10, 4), entry("b", "x", 20, 5)),
            1_000,
            false);
    order.byArrival();
    assertEquals(10, order.oldestWaiting(), "though another one comes first");
    List<Long> oldest = new ArrayList<>();
    for (EntityOrder.Item item = order.poll(); item != null; item = order.poll()) {
      out.add(item.event().id());
      oldest.add(order.oldestWaiting());
      assertEquals(oldest.get(oldest.size() - 1) == Long.MAX_VALUE, order.isFinished());
    }
    assertEquals(List.of("c", "a", "b"), out);
    assertEquals(List.of(10L, 20L, Long.MAX_VALUE), oldest);
    assertThrows(IllegalStateException.class, () -> order.add(row("d", "x", 40, 1, 0, 0)));
  }

  @Test
  void noRowIsGivenBeforeTheOneBeforeHasBeenTakenIn() {
    EntityOrder order = new EntityOrder(List.of(), 1_000, false);
    order.add(new SnapshotRow(event("a", "x", 10, 1), 0, 0));
    SnapshotRow next = new SnapshotRow(event("b", "x", 20, 1), 0, 0);
    assertEquals("a row too early", thrownBy(order, next));
    EntityOrder ended = new EntityOrder(List.of(), 1_000, false);
    ended.end();
    assertEquals("a row behind the last", thrownBy(ended, next));
  }

  private static String thrownBy(EntityOrder order, SnapshotRow row) {
    return assertThrows(IllegalStateException.class, () -> order.add(row)).getMessage();
  }

  @Test
  void rowsAndEntriesComeByTime() {
    Eager order = order(entry("b", "x", 20, 2), entry("d", "x", 40, 4));
    order.add(new SnapshotRow(event("a", "x", 10, 1), 0, 0));
    order.add(new SnapshotRow(event("c", "x", 30, 1), 0, 0));
    order.end();
    assertEquals(List.of("a", "b", "c", "d"), out);
  }

  @Test
  void entriesOfAnEntityKeepTheOrderOfTheLog() {
    Eager order = order(entry("a", "x", 25, 1), entry("b", "x", 20, 2));
    order.end();
    assertEquals(List.of("a", "b"), out);
  }

  @Test
  void versionsSettleARaceWhereTheyCount() {
    Eager order = order();
    order.add(new SnapshotRow(event("b", "x", 10, 3), 0, 0, 1));
    order.add(new SnapshotRow(event("a", "x", 11, 2), 0, 0, 2));
    order.end();
    assertEquals(List.of("a", "b"), out);
    assertEquals(0, order.order.raced());
  }

  @Test
  void theFileSettlesARaceWhereVersionsDoNotCount() {
    Eager order = order();
    order.add(new SnapshotRow(event("b", "x", 10, 1), 0, 0, 8));
    order.add(new SnapshotRow(event("a", "x", 500, 1), 0, 0, 7));
    order.add(new SnapshotRow(event("c", "x", 600, 1), 0, 1, 1));
    order.add(new SnapshotRow(event("d", "x", 600 + 2 * SILENCE_MICROS, 1), 0, 0, 2));
    order.end();
    assertEquals(List.of("a", "b", "c", "d"), out);
    assertEquals(1, order.order.raced());
  }

  /**
   * Generated histories in which the events of an entity race by less than the race time, some of
   * them rows and some held entries: where versions count, the order of the log comes out.
   */
  @Test
  void versionsGiveTheOrderOfTheLogWhateverIsRowOrEntry() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 2_000; round++) {
      List<Event> log = log(random, true);
      List<WalEntry> held = new ArrayList<>();
      List<SnapshotRow> rows = new ArrayList<>();
      for (int i = 0; i < log.size(); i++) {
        if (random.nextInt(3) == 0) {
          held.add(new WalEntry(i + 1, "", log.get(i), 0, null, null));
        } else {
          rows.add(new SnapshotRow(log.get(i), 0, random.nextInt(3), 1 + random.nextInt(1000)));
        }
      }
      check(log, held, rows, true, "seed " + seed + ", round " + round);
    }
  }

  /** Without versions: rows of one file as they stand there, entries as they came. */
  @Test
  void placesGiveTheOrderOfTheLogWhereVersionsDoNotCount() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 2_000; round++) {
      List<Event> log = log(random, false);
      List<WalEntry> held = new ArrayList<>();
      List<SnapshotRow> rows = new ArrayList<>();
      // entries and rows can't be told apart in a race here: a pause lies between them
      int seam = random.nextInt(log.size() + 1);
      for (int i = 0; i < log.size(); i++) {
        Event e = log.get(i);
        if (i < seam) {
          rows.add(new SnapshotRow(e, 0, 0, i + 1));
        } else {
          Event later = event(e.id(), e.entityId(), e.micros() + 10_000, 1);
          log.set(i, later);
          held.add(new WalEntry(i + 1, "", later, 0, null, null));
        }
      }
      check(log, held, rows, false, "seed " + seed + ", round " + round);
    }
  }

  private List<Event> log(SplittableRandom random, boolean versions) {
    List<Event> log = new ArrayList<>();
    Map<String, Long> count = new HashMap<>();
    long now = 100_000;
    int size = 1 + random.nextInt(60);
    for (int i = 0; i < size; i++) {
      now += random.nextInt(200);
      String entity = "e" + random.nextInt(4);
      long version = versions ? count.merge(entity, 1L, Long::sum) : 1;
      // two events further apart than the race time are in the order of their times
      log.add(event("i" + i, entity, now - random.nextInt(500), version));
    }
    return log;
  }

  private void check(
      List<Event> log, List<WalEntry> held, List<SnapshotRow> rows, boolean versions, String what) {
    out.clear();
    List<Event> came = new ArrayList<>();
    Eager order = new Eager(held, versions, item -> came.add(item.event()));
    rows.sort((a, b) -> Long.compare(a.event().micros(), b.event().micros()));
    rows.forEach(order::add);
    order.end();
    assertEquals(log.size(), came.size(), what);
    for (int e = 0; e < 4; e++) {
      String entity = "e" + e;
      assertEquals(
          log.stream().filter(event -> event.entityId().equals(entity)).toList(),
          came.stream().filter(event -> event.entityId().equals(entity)).toList(),
          what);
    }
  }

  @Test
  void aStragglerFarBeyondTheRaceTimeIsPutRightWhileTheStoreWasBusy() {
    Eager order = order();
    order.add(new SnapshotRow(event("straggler", "x", 0, 9), 0, 0, 99));
    long busy = busyUntil(order, 0, 200_000);
    order.add(new SnapshotRow(event("a", "x", busy, 7), 0, 0, 98));
    order.add(new SnapshotRow(event("b", "x", busy + 1, 8), 0, 0, 97));
    order.end();
    assertEquals(List.of("a", "b", "straggler"), out.stream().filter(i -> !isOther(i)).toList());
  }

  @Test
  void rowsThatAreNotToBeProducedShowThatTheStoreWasBusy() {
    Eager order = order();
    order.add(new SnapshotRow(event("straggler", "x", 0, 9), 0, 0, 99));
    for (long at = 0; at <= 200_000; at += SILENCE_MICROS) {
      order.pass(new SnapshotRow(event("known", "y", at, 1), 0, 0, 1));
    }
    order.add(new SnapshotRow(event("a", "x", 200_000, 8), 0, 0, 98));
    order.end();
    assertEquals(List.of("a", "straggler"), out);
  }

  @Test
  void versionsThatStartLowerBehindASilenceSettleNothing() {
    Eager order = order();
    order.add(new SnapshotRow(event("a", "x", 0, 9), 0, 0, 99));
    order.add(new SnapshotRow(event("b", "x", 2 * SILENCE_MICROS, 3), 0, 0, 98));
    order.end();
    assertEquals(List.of("a", "b"), out);
  }

  @Test
  void aSilenceWithinTheRaceTimeMayHaveBeenACrashToo() {
    EntityOrder order = new EntityOrder(List.of(), 10 * SILENCE_MICROS, true);
    order.add(new SnapshotRow(event("a", "x", 0, 72), 0, 0, 99));
    assertNull(order.poll());
    order.add(new SnapshotRow(event("b", "x", 2 * SILENCE_MICROS, 11), 0, 1, 98));
    order.end();
    assertEquals("a", order.poll().event().id());
    assertEquals("b", order.poll().event().id());
  }

  private static void addAll(Eager order, long micros, long... versions) {
    for (int i = 0; i < versions.length; i++) {
      order.add(
          new SnapshotRow(
              event(micros + ":" + versions[i], "x", micros + i, versions[i]), 0, 0, i + 1));
    }
  }

  @Test
  void aVersionThatFillsAHoleWasWrittenLateAlsoBehindASilence() {
    Eager order = order();
    long behind = 3 * SILENCE_MICROS;
    addAll(order, 0, 97, 98, 101);
    addAll(order, behind, 100, 99, 102);
    order.end();
    assertEquals(
        List.of("0:97", "0:98", behind + ":99", behind + ":100", "0:101", behind + ":102"), out);
  }

  @Test
  void versionsThatRepeatBehindASilenceFillNothing() {
    Eager order = order();
    long behind = 3 * SILENCE_MICROS;
    addAll(order, 0, 97, 98, 99);
    addAll(order, behind, 98, 99, 100);
    order.end();
    List<String> byTime = new ArrayList<>();
    for (long version = 97; version <= 99; version++) {
      byTime.add("0:" + version);
    }
    for (long version = 98; version <= 100; version++) {
      byTime.add(behind + ":" + version);
    }
    assertEquals(byTime, out);
  }

  @Test
  void whatARowThatIsPassedHasFilledIsNoHole() {
    Eager order = order();
    long behind = 3 * SILENCE_MICROS;
    addAll(order, 0, 97);
    order.pass(new SnapshotRow(event("known", "x", 0, 98), 0, 0, 9));
    addAll(order, 1, 99);
    addAll(order, behind, 98, 100);
    order.end();
    assertEquals(List.of("0:97", "1:99", behind + ":98", behind + ":100"), out);
  }

  @Test
  void ofRowsThatArePassedTheHighestVersionCounts() {
    Eager order = order();
    long behind = 3 * SILENCE_MICROS;
    order.pass(new SnapshotRow(event("known", "x", 0, 99), 0, 0, 8));
    order.pass(new SnapshotRow(event("known too", "x", 1, 98), 0, 0, 9));
    addAll(order, 2, 100);
    addAll(order, behind, 99);
    order.end();
    assertEquals(List.of("2:100", behind + ":99"), out);
  }

  @Test
  void rowsThatArePassedHideNoHole() {
    Eager order = order();
    long behind = 3 * SILENCE_MICROS;
    order.pass(new SnapshotRow(event("known", "x", 0, 97), 0, 0, 8));
    order.pass(new SnapshotRow(event("known too", "x", 1, 98), 0, 0, 9));
    order.pass(new SnapshotRow(event("of another", "y", 2, 3), 0, 0, 10));
    addAll(order, 3, 100);
    addAll(order, behind, 99, 101);
    order.end();
    assertEquals(List.of(behind + ":99", "3:100", behind + ":101"), out);
  }

  /** Its entry is held, and comes later than the time of both says: behind 99. */
  @Test
  void aRowWhoseEntryIsHeldFillsNothing() {
    long behind = 3 * SILENCE_MICROS;
    Event late = event("late", "x", 1, 100);
    EntityOrder order =
        new EntityOrder(List.of(new WalEntry(100, "", late, 0, null, null)), 1_000, true);
    order.pass(row("98", "x", 0, 98, 0, 1), true);
    assertNull(order.poll());
    order.pass(new SnapshotRow(late, 0, 0, 2), false);
    assertNull(order.poll());
    order.add(row("99", "x", behind, 99, 0, 3));
    order.end();
    assertEquals("99", order.poll().event().id());
    assertEquals("late", order.poll().event().id());
    assertTrue(order.isFinished());
  }

  @Test
  void versionsSettleNothingBeyondTheWidestTime() {
    Eager order = order();
    order.add(new SnapshotRow(event("a", "x", 0, 9), 0, 0, 99));
    long busy = busyUntil(order, 0, WIDE_MICROS);
    order.add(new SnapshotRow(event("b", "x", busy + SILENCE_MICROS, 3), 0, 0, 98));
    order.end();
    assertEquals(List.of("a", "b"), out.stream().filter(i -> !isOther(i)).toList());
  }

  @Test
  void tellsTheOldestThatWaits() {
    List<Long> oldest = new ArrayList<>();
    Eager[] order = new Eager[1];
    order[0] =
        new Eager(
            List.of(),
            false,
            item -> {
              out.add(item.event().id());
              oldest.add(order[0].order.oldestWaiting());
            });
    order[0].add(new SnapshotRow(event("c", "x", 10, 9), 0, 0, 99));
    order[0].add(new SnapshotRow(event("a", "x", 20, 7), 0, 0, 98));
    order[0].add(new SnapshotRow(event("b", "x", 30, 8), 0, 0, 97));
    order[0].end();
    assertEquals(List.of("a", "b", "c"), out);
    assertEquals(List.of(10L, 10L, Long.MAX_VALUE), oldest);
  }

  @Test
  void manyBytesDoNotWaitLongerThanTheRaceTime() {
    Eager order = order();
    JsonText megabyte = JsonText.of("\"" + "x".repeat(1 << 20) + "\"");
    for (int i = 0; i < 100; i++) {
      Event event = new Event("e" + i, 0, i, "t", "x", null, megabyte, "", i * 2_000L, null, i + 1);
      order.add(new SnapshotRow(event, 0, 0, i + 1));
      assertTrue(i + 1 - out.size() <= 8, out.size() + " of " + (i + 1));
    }
  }

  @Test
  void manyBytesWithinTheRaceTimeGoOnBeforeTheirTimeAndAreCounted() {
    Eager order = order();
    JsonText megabyte = JsonText.of("\"" + "x".repeat(1 << 20) + "\"");
    for (int i = 0; i < 100; i++) {
      Event event = new Event("e" + i, 0, i, "t", "x" + i, null, megabyte, "", i, null, 1);
      order.add(new SnapshotRow(event, 0, 0, i + 1));
      assertTrue(
          order.order.waitingBytes() <= EntityOrder.BYTES_MAX,
          order.order.waitingBytes() + " bytes");
    }
    assertEquals(100 - 7, order.order.hurried());
    order.end();
    assertEquals(100, out.size());
    assertEquals(100 - 7, order.order.hurried());
  }

  @Test
  void anEventAboveTheLimitWaitsForTheNextOne() {
    Eager order = order();
    JsonText huge = JsonText.of("\"" + "x".repeat((int) EntityOrder.BYTES_MAX) + "\"");
    order.add(new SnapshotRow(new Event("b", 0, 1, "t", "x", null, huge, "", 1, null, 2), 0, 0, 1));
    assertEquals(List.of(), out);
    order.add(new SnapshotRow(event("a", "x", 2, 1), 0, 0, 2));
    order.end();
    assertEquals(List.of("a", "b"), out);
    assertEquals(1, order.order.hurried());
  }

  private static SnapshotRow row(
      String id, String entity, long micros, long version, int file, int place) {
    return new SnapshotRow(event(id, entity, micros, version), 0, file, place);
  }

  /** What comes out of rows of one entity that are given by time, with so much race time. */
  private static List<String> outOf(long raceMicros, boolean versionsCount, SnapshotRow... rows) {
    List<String> ids = new ArrayList<>();
    EntityOrder order = new EntityOrder(List.of(), raceMicros, versionsCount);
    for (int i = 0; i <= rows.length; i++) {
      if (i < rows.length) {
        order.add(rows[i]);
      } else {
        order.end();
      }
      for (EntityOrder.Item item = order.poll(); item != null; item = order.poll()) {
        ids.add(item.event().id());
      }
    }
    return ids;
  }

  @Test
  void entriesOfSeveralEntitiesComeByTime() {
    Eager order = order(entry("c", "x", 30, 2), entry("a", "y", 10, 3), entry("b", "z", 20, 4));
    order.end();
    assertEquals(List.of("a", "b", "c"), out);
  }

  @Test
  void anEntryStandsBeforeARowOfTheSameMoment() {
    Eager order = order(entry("a", "x", 10, 2));
    order.add(row("b", "x", 10, 1, 0, 5));
    order.end();
    assertEquals(List.of("a", "b"), out);
  }

  @Test
  void withoutARaceTimeTimeAloneCounts() {
    assertEquals(
        List.of("a", "b"), outOf(0, true, row("a", "x", 1, 9, 0, 9), row("b", "x", 2, 8, 0, 8)));
    assertEquals(
        List.of("a", "b"), outOf(0, false, row("a", "x", 1, 1, 0, 9), row("b", "x", 2, 1, 0, 8)));
  }

  @Test
  void ofTheSameMomentWhatNothingTellsApartComesAsItStands() {
    assertEquals(
        List.of("a", "b"),
        outOf(1_000, true, row("a", "x", 1, 9, 0, 9), row("b", "x", 1, 9, 1, 8)));
    assertEquals(
        List.of("a", "b"),
        outOf(1_000, false, row("a", "x", 1, 1, 0, 9), row("b", "x", 1, 1, 1, 8)));
  }

  @Test
  void aPlaceThatIsNotKnownTellsNothing() {
    assertEquals(
        List.of("a", "b"),
        outOf(1_000, false, row("a", "x", 1, 1, 0, 9), row("b", "x", 2, 1, 0, 0)));
    assertEquals(
        List.of("b", "a"),
        outOf(1_000, false, row("a", "x", 1, 1, 0, 2), row("b", "x", 2, 1, 0, 1)));
  }

  /** While the store was busy, up to the widest time; behind a silence, up to the race time. */
  @Test
  void upToWhichTimeWhatIsKnownBetterCounts() {
    long race = 4 * SILENCE_MICROS;
    assertEquals(List.of("b", "a"), apart(race, false, race, false), "by place, behind a silence");
    assertEquals(List.of("a", "b"), apart(race, false, race + 1, false));
    assertEquals(List.of("b", "a"), apart(race, false, WIDE_MICROS, true), "by place, while busy");
    assertEquals(List.of("a", "b"), apart(race, false, WIDE_MICROS + 1, true));
    assertEquals(List.of("b", "a"), apart(race, true, WIDE_MICROS, true), "by version, while busy");
    assertEquals(List.of("a", "b"), apart(race, true, WIDE_MICROS + 1, true));
    assertEquals(
        List.of("a", "b"), apart(race, true, 2 * SILENCE_MICROS, false), "not in a silence");
    long wide = 2 * WIDE_MICROS;
    assertEquals(List.of("b", "a"), apart(wide, true, wide, true), "a longer race time is wider");
    assertEquals(List.of("a", "b"), apart(wide, true, wide + 1, true));
  }

  /**
   * Two rows that stand the other way round by version and by place, and whether others between.
   */
  private static List<String> apart(long race, boolean versions, long micros, boolean busy) {
    List<SnapshotRow> rows = new ArrayList<>();
    rows.add(row("a", "x", 0, versions ? 9 : 1, 0, 2));
    for (long at = SILENCE_MICROS; busy && at < micros; at += SILENCE_MICROS) {
      rows.add(row("other", "y" + at, at, 1, 1, 1));
    }
    rows.add(row("b", "x", micros, versions ? 8 : 1, 0, 1));
    List<String> ids = new ArrayList<>(outOf(race, versions, rows.toArray(new SnapshotRow[0])));
    ids.removeIf(EntityOrderTest::isOther);
    return ids;
  }

  /** A store that does not count versions may go on after a silence, and a position with it. */
  @Test
  void nothingWaitsLongerThanItMust() {
    long race = 4 * SILENCE_MICROS;
    EntityOrder order = new EntityOrder(List.of(), race, false);
    order.add(row("a", "x", 0, 1, 0, 1));
    assertNull(order.poll());
    order.add(row("b", "y", race, 1, 0, 2));
    assertNull(order.poll(), "b is within the race time");
    order.add(row("c", "z", race + 1, 1, 0, 3));
    assertEquals("a", order.poll().event().id(), "and c, behind a silence, is not");
    assertNull(order.poll());
  }

  @Test
  void whereVersionsCountAllWaitForTheWidestTime() {
    EntityOrder order = new EntityOrder(List.of(), 1_000, true);
    order.add(row("a", "x", 0, 1, 0, 1));
    assertNull(order.poll());
    order.add(row("b", "y", WIDE_MICROS, 1, 0, 2));
    assertNull(order.poll());
    order.add(row("c", "z", WIDE_MICROS + 1, 1, 0, 3));
    assertEquals("a", order.poll().event().id());
    assertNull(order.poll());
  }

  @Test
  void whatWaitsIsCountedInBytes() {
    WalEntry held = entry("entry", "x", 5, 1);
    EntityOrder order = new EntityOrder(List.of(held), 1_000, false);
    assertEquals(0, order.waitingBytes());
    Event plain = event("row", "entity", 10, 1);
    int overhead = 400;
    order.add(new SnapshotRow(plain, 0, 0));
    assertNull(order.poll());
    long names = 2L * ("t".length() + "entity".length());
    long both = HeldEntries.size(held) + overhead + plain.payload().length() + names;
    assertEquals(both, order.waitingBytes());
    JsonText metadata = JsonText.of("\"" + "m".repeat(50) + "\"");
    Event noted = new Event("noted", 0, 1, "t", "entity", null, JsonText.NULL, "", 11, metadata, 1);
    order.add(new SnapshotRow(noted, 0, 0));
    assertNull(order.poll());
    long all = both + overhead + noted.payload().length() + metadata.length() + names;
    assertEquals(all, order.waitingBytes());
    order.end();
    while (order.poll() != null) {
      // all of it
    }
    assertEquals(0, order.waitingBytes());
  }

  /** As many bytes as there may be are not too many, and one more is. */
  @Test
  void eventsGoOnBeforeTheirTimeOnlyBeyondTheLimit() {
    long each = EntityOrder.BYTES_MAX / 4;
    EntityOrder order = new EntityOrder(List.of(), 1_000, false);
    for (int i = 0; i < 4; i++) {
      order.add(new SnapshotRow(sized("x" + i, i, each), 0, 0));
      assertNull(order.poll());
    }
    assertEquals(EntityOrder.BYTES_MAX, order.waitingBytes());
    order.add(row("last", "y", 5, 1, 0, 1));
    assertEquals("x0", order.poll().event().id());
    assertNull(order.poll());
    assertEquals(1, order.hurried());
  }

  private static Event sized(String name, long micros, long bytes) {
    String payload = "\"" + "x".repeat((int) bytes - 400 - 2 * (1 + name.length()) - 2) + "\"";
    return new Event(name, 0, micros, "t", name, null, JsonText.of(payload), "", micros, null, 1);
  }

  @Test
  void whichNewerEventsWereWrittenBeforeOneThatWaits() {
    EntityOrder order = new EntityOrder(List.of(), 1_000, true);
    order.add(row("a", "x", 0, 5, 0, 1));
    assertNull(order.poll());
    assertTrue(order.isBeforeOneThatWaits(event("b", "x", 10, 4)));
    assertFalse(order.isBeforeOneThatWaits(event("b", "x", 10, 5)));
    assertFalse(order.isBeforeOneThatWaits(event("b", "y", 10, 4)), "of another entity");
    assertTrue(order.isBeforeOneThatWaits(event("b", "x", SILENCE_MICROS, 4)));
    assertFalse(order.isBeforeOneThatWaits(event("b", "x", SILENCE_MICROS + 1, 4)), "a crash");
    for (long at = 0; at <= WIDE_MICROS; at += SILENCE_MICROS) {
      order.pass(row("other", "y", at, 1, 0, 1), true);
      assertNull(order.poll());
    }
    assertTrue(order.isBeforeOneThatWaits(event("b", "x", WIDE_MICROS, 4)));
    assertFalse(order.isBeforeOneThatWaits(event("b", "x", WIDE_MICROS + 1, 4)));
    order.add(row("c", "x", WIDE_MICROS + 3 * SILENCE_MICROS, 9, 0, 1));
    order.peek();
    assertTrue(order.isBeforeOneThatWaits(event("b", "x", WIDE_MICROS + 3 * SILENCE_MICROS, 8)));
    assertFalse(order.isBeforeOneThatWaits(event("b", "x", WIDE_MICROS + 3 * SILENCE_MICROS, 9)));

    EntityOrder withoutVersions = new EntityOrder(List.of(), 1_000, false);
    withoutVersions.add(row("a", "x", 0, 1, 0, 1));
    assertNull(withoutVersions.poll());
    assertFalse(withoutVersions.isBeforeOneThatWaits(event("b", "x", 10, 0)));
  }

  /** Of more entities than are remembered nothing is known, and so no hole either. */
  @Test
  void aVersionFillsNoHoleOfAnEntityThatIsForgotten() {
    int remembered = 20_000;
    assertEquals(List.of("97", "99", "100"), lateBehindASilence(remembered - 1));
    assertEquals(List.of("97", "100", "99"), lateBehindASilence(remembered), "it may repeat one");
  }

  /** So many others are passed behind version 98; then 97 and 100 come, and 99 behind a silence. */
  private static List<String> lateBehindASilence(int others) {
    EntityOrder order = new EntityOrder(List.of(), 1_000, true);
    order.pass(row("98", "x", 0, 98, 0, 1), true);
    assertNull(order.poll());
    for (int i = 1; i <= others; i++) {
      order.pass(row("other", "y" + i, i, 1, 0, 1), true);
      assertNull(order.poll());
    }
    order.add(row("97", "x", others + 1, 97, 0, 2));
    assertNull(order.poll());
    order.add(row("100", "x", others + 2, 100, 0, 3));
    assertNull(order.poll());
    order.add(row("99", "x", others + 2 * SILENCE_MICROS, 99, 0, 4));
    List<String> ids = new ArrayList<>();
    order.end();
    for (EntityOrder.Item item = order.poll(); item != null; item = order.poll()) {
      ids.add(item.event().id());
    }
    return ids;
  }

  /** What was passed longer ago than the widest time says nothing of a hole. */
  @Test
  void anEntitysVersionsAreKnownAsFarBackAsTheWidestTime() {
    assertEquals(List.of("99", "100"), lateBehind(WIDE_MICROS, true));
    assertEquals(List.of("100", "99"), lateBehind(WIDE_MICROS + 1, true));
  }

  /** What still waits tells, but for what was passed behind it. */
  @Test
  void whatWaitsLongerThanTheWidestTimeTellsAHoleIfNoneWasPassedSince() {
    assertEquals(List.of("98", "99", "100"), lateBehind(WIDE_MICROS + 1, false));
    assertEquals(List.of("60", "99", "100"), lateBehindPassed(98));
    assertEquals(List.of("60", "100", "99"), lateBehindPassed(99));
  }

  /** Version 60 waits, this one is passed; more than the widest time later come 100 and 99. */
  private static List<String> lateBehindPassed(long version) {
    EntityOrder order = new EntityOrder(List.of(), 1_000, true);
    order.add(row("60", "x", 0, 60, 0, 1));
    assertNull(order.poll());
    order.pass(row("passed", "x", 1, version, 0, 2), true);
    assertNull(order.poll());
    order.add(row("100", "x", WIDE_MICROS - 2 * SILENCE_MICROS, 100, 0, 3));
    assertNull(order.poll());
    order.add(row("99", "x", WIDE_MICROS + 2, 99, 0, 4));
    List<String> ids = new ArrayList<>();
    order.end();
    for (EntityOrder.Item item = order.poll(); item != null; item = order.poll()) {
      ids.add(item.event().id());
    }
    return ids;
  }

  /** Version 98, passed or not, then 100 behind a silence, and 99 behind another. */
  private static List<String> lateBehind(long micros, boolean isPassed) {
    EntityOrder order = new EntityOrder(List.of(), 1_000, true);
    SnapshotRow first = row("98", "x", 0, 98, 0, 1);
    if (isPassed) {
      order.pass(first, true);
    } else {
      order.add(first);
    }
    assertNull(order.poll());
    order.add(row("100", "x", micros - 2 * SILENCE_MICROS, 100, 0, 2));
    assertNull(order.poll());
    order.add(row("99", "x", micros, 99, 0, 3));
    List<String> ids = new ArrayList<>();
    order.end();
    for (EntityOrder.Item item = order.poll(); item != null; item = order.poll()) {
      ids.add(item.event().id());
    }
    return ids;
  }

  private static boolean isOther(String id) {
    return id.startsWith("other");
  }

  /** Other entities' rows, so that there is no silence. */
  private static long busyUntil(Eager order, long from, long until) {
    long at = from;
    while (at < until) {
      at += SILENCE_MICROS;
      order.add(new SnapshotRow(event("other" + at, "other" + at, at, 1), 0, 0, 1));
    }
    return at;
  }
}
