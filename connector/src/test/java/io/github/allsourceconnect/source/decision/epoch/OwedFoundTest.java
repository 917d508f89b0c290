package io.github.allsourceconnect.source.decision.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.source.decision.RecordedOrders;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/** How many of the events owed are found. */
class OwedFoundTest {
  /** So far apart that no lateness makes them one. */
  private static final long FAR = 1_000_000;

  private final LiveStream stream =
      new LiveStream(
          new RecordedOrders(),
          SourcePosition.START,
          new ProducedEvents(4096),
          new Lateness(0, 0),
          4_000);
  private long numbers;

  private Event at(long micros) {
    return Events.event(++numbers, micros, "{}", "type", "entity");
  }

  private static Lack lack(long events, long mayStay, long from, long to) {
    return new Lack(events, mayStay, to * FAR, 3, 5, "leader-1:3910", from * FAR);
  }

  @Test
  void whatOneHoleLacksDoesNotStandForWhatAnotherDoes() {
    stream.owed.are(lack(2, 0, 10, 20));
    stream.owed.are(lack(0, 1, 30, 40));
    OwedFound found = new OwedFound(stream);
    for (int row = 0; row < 5; row++) {
      found.row(at(35 * FAR));
    }
    assertEquals(1, found.count());
    assertTrue(found.lacksAny());
    assertFalse(found.lacks(at(35 * FAR)));
    assertTrue(found.lacks(at(15 * FAR)));
    found.row(at(15 * FAR));
    assertTrue(found.lacksAny());
    found.row(at(15 * FAR));
    assertFalse(found.lacksAny());
    assertEquals(3, found.count());
    assertEquals(0, stream.owed.paid(found));
    assertTrue(stream.owed.groups().isEmpty());
  }

  @Test
  void aRowForALineThatCouldNotBeUsedDoesNotStandForAnEvent() {
    stream.owed.are(lack(1, 0, 10, 20));
    stream.owed.are(lack(0, 1, 30, 40));
    OwedFound found = new OwedFound(stream);
    found.row(at(35 * FAR));
    assertEquals(1, found.count());
    assertTrue(found.lacksAny());
  }

  @Test
  void someOfItsRowsAreWhatTheyWereFoundToBe() {
    stream.owed.are(lack(2, 0, 10, 20));
    OwedFound found = new OwedFound(stream);
    OwedFound some = found.some();
    Event first = at(15 * FAR);
    int what = found.row(first);
    found.row(at(15 * FAR));
    stream.owed.are(lack(1, 0, 14, 16));
    some.add(first, what);
    some.add(at(17 * FAR), 0);
    assertEquals(List.of(2L, 1L), List.of(found.count(), some.count()));
    stream.owed.paid(some);
    assertEquals(List.of(1L, 1L), stream.owed.groups().stream().map(OwedGroup::open).toList());
  }

  /** The row of one that was forgotten waits, and meanwhile the live stream brings it. */
  @Test
  void whatHasComeAgainIsNotPaidTwice() {
    Event first = at(15 * FAR);
    Event second = at(16 * FAR);
    stream.owed.more(List.of(first, second));
    OwedFound found = new OwedFound(stream);
    found.row(first);
    stream.owed.cameAgain(first);
    assertEquals(0, stream.owed.paid(found));
    assertEquals(1, stream.owed.open(), "the second has come from nowhere");
    stream.owed.cameAgain(second);
    stream.owed.paid(found);
    assertTrue(stream.owed.groups().isEmpty());
  }

  @Test
  void whatMustNotStayMissingIsPaidFirst() {
    stream.owed.are(lack(0, 1, 10, 20));
    stream.owed.are(lack(1, 1, 10, 20));
    OwedFound found = new OwedFound(stream);
    found.row(at(15 * FAR));
    assertFalse(found.lacksAny());
    stream.owed.paid(found);
    assertEquals(List.of(0L, 2L), List.of(stream.owed.open(), stream.owed.skipped()));
  }

  /** What is found of a repair that breaks off is of the hole to which newer rows can't belong. */
  @Test
  void theHoleThatEndsFirstIsFilledFirst() {
    stream.owed.are(lack(3, 0, 10, 20));
    stream.owed.are(lack(3, 0, 0, 40));
    OwedFound found = new OwedFound(stream);
    for (long at : List.of(5L, 6L, 12L, 13L)) {
      found.row(at(at * FAR));
    }
    stream.owed.paid(found);
    assertEquals(List.of(1L, 1L), stream.owed.groups().stream().map(OwedGroup::open).toList());
    OwedFound next = new OwedFound(stream);
    next.row(at(14 * FAR));
    next.row(at(30 * FAR));
    assertFalse(next.lacksAny());
  }

  /** All ways to make rows one of a group each, tried one by one, are the judge. */
  @Test
  void itIsTheMostThatCanBe() {
    long seed = new Random().nextLong();
    Random random = new Random(seed);
    for (int round = 0; round < 3_000; round++) {
      stream.owed.settled();
      int holes = 1 + random.nextInt(OwedEvents.GROUPS_MAX);
      for (int hole = 0; hole < holes; hole++) {
        long from = random.nextInt(6);
        stream.owed.are(
            lack(1 + random.nextInt(3), random.nextInt(2), from, from + random.nextInt(4)));
      }
      OwedFound found = new OwedFound(stream);
      List<Event> rows = new ArrayList<>();
      for (int row = 0; row < random.nextInt(9); row++) {
        Event event = at(random.nextInt(10) * FAR);
        long before = most(rows);
        rows.add(event);
        assertEquals(most(rows) > before, found.lacks(event), "seed " + seed);
        found.row(event);
      }
      assertEquals(most(rows), found.count(), "seed " + seed + ", round " + round);
      long left = stream.owed.open() + stream.owed.skipped() - found.count();
      stream.owed.paid(found);
      assertEquals(
          left,
          stream.owed.open() + stream.owed.skipped(),
          "each is paid where it is lacking, seed " + seed);
    }
  }

  private long most(List<Event> rows) {
    List<OwedGroup> groups = stream.owed.groups();
    long[] left = groups.stream().mapToLong(OwedGroup::all).toArray();
    return most(rows, 0, groups, left);
  }

  private static long most(List<Event> rows, int next, List<OwedGroup> groups, long[] left) {
    if (next == rows.size()) {
      return 0;
    }
    long most = most(rows, next + 1, groups, left);
    for (int i = 0; i < left.length; i++) {
      if (left[i] > 0 && groups.get(i).mayBe(rows.get(next), 0)) {
        left[i]--;
        most = Math.max(most, 1 + most(rows, next + 1, groups, left));
        left[i]++;
      }
    }
    return most;
  }
}
