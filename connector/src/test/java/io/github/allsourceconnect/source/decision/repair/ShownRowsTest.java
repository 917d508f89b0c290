package io.github.allsourceconnect.source.decision.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.source.decision.epoch.HeldEntries.Held;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** An entry that comes after a snapshot tells only if the snapshot does not have its event. */
class ShownRowsTest {
  private final ShownRows rows = new ShownRows();

  private static Event event(long number) {
    return Events.event(number, "{}");
  }

  private static List<Held> came(long... numbers) {
    return LongStream.of(numbers)
        .mapToObj(
            number ->
                new Held(
                    number,
                    event(number).micros(),
                    new WalEntry(number, "", event(number), 0, null, null)))
        .toList();
  }

  private void look(long oldest, long first, long last) {
    rows.begin(event(oldest).micros());
    LongStream.rangeClosed(first, last).forEach(number -> rows.row(event(number)));
  }

  private boolean areNotAll(List<Held> since) {
    return rows.areNotAll(since);
  }

  @Test
  void anEntryThatTheSnapshotHasTellsNothing() {
    look(1, 1, 5);
    rows.keep();
    look(1, 1, 9);
    assertFalse(areNotAll(came()));
    assertFalse(areNotAll(came(4, 5)));
    assertTrue(areNotAll(came(5, 6)), "it was written after the look that was kept");
    rows.keep();
    assertFalse(areNotAll(came(5, 6)));
    assertTrue(areNotAll(came(10)));
  }

  @Test
  void anOffsetWhoseEventWasProducedTellsNothing() {
    look(1, 1, 2);
    rows.keep();
    assertFalse(areNotAll(List.of(new Held(3, event(3).micros(), null))));
  }

  /** Older rows than that are not read, or not kept, so one of them may be the entry's. */
  @Test
  void anEntryThatIsOlderThanTheRowsTellsNothing() {
    look(3, 1, 5);
    rows.keep();
    assertFalse(areNotAll(came(2)));
    assertFalse(areNotAll(came(3)));
    look(3, 4, 5);
    rows.keep();
    assertTrue(areNotAll(came(3)));
  }

  /** Nor does one that is newer than those that are kept. */
  @Test
  void ofMoreThanAreKeptTheNewestTellNothing() {
    int last = ShownRows.ROWS_MAX + 1;
    look(1, 2, last);
    rows.keep();
    assertTrue(areNotAll(came(1)));
    assertFalse(areNotAll(came(2, last)));
    assertTrue(areNotAll(came(last + 1)), "all are kept");
    look(1, 2, last + 2);
    rows.keep();
    assertTrue(areNotAll(came(1)));
    assertFalse(areNotAll(came(last, last + 1, last + 2, last + 3)));
    rows.forget();
    assertFalse(areNotAll(came(1, last)));
  }

  /** From a time on all that comes is older than the rows that are read, whatever there is. */
  @Test
  void manyInARowThatAreOlderAreAClockThatHasGoneBack() {
    assertFalse(rows.clockWentBack(came(1)), "there has been no look");
    look(1_000, 1_000, 1_009);
    rows.keep();
    long from = event(1_000).micros();
    List<Held> all = came(LongStream.rangeClosed(1, ShownRows.BEHIND_MAX + 1).toArray());
    assertFalse(areNotAll(all), "one by one they tell nothing");
    assertTrue(rows.clockWentBack(all));
    assertEquals(event(1).micros(), ShownRows.oldestInARow(all, from));
    List<Held> few = all.subList(1, all.size());
    assertFalse(rows.clockWentBack(few), "they may be late");
    assertEquals(from, ShownRows.oldestInARow(few, from));
    List<Held> others = new ArrayList<>(all);
    others.add(20, came(1_000).get(0));
    assertFalse(rows.clockWentBack(others), "not in a row");
    others.addAll(all.subList(2, all.size()));
    assertTrue(rows.clockWentBack(others));
    assertEquals(event(3).micros(), ShownRows.oldestInARow(others, from), "of the last ones");
    look(3, 1, 2);
    rows.keep();
    assertFalse(rows.clockWentBack(others), "it was read from there on");
    rows.forget();
    assertFalse(rows.clockWentBack(all));
  }
}
