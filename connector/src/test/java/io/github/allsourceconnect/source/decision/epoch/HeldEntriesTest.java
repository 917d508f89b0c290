package io.github.allsourceconnect.source.decision.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.WalEntry;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** Held against plain collections, whatever is done in whatever order. */
class HeldEntriesTest {
  private static final long SIZE = HeldEntries.size(Events.entry(1, "{}"));

  /** An offset whose event is there takes less. */
  private static final long MARK = 120;

  /** An entry of event {@code number} at an offset; null for a mark. */
  private record Plain(long offset, Long number, long micros) {}

  @Test
  void isWhatPlainCollectionsSay() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 2_000; round++) {
      String what = "seed " + seed + ", round " + round;
      long max = random.nextBoolean() ? Long.MAX_VALUE : random.nextInt(6) * SIZE;
      HeldEntries held = new HeldEntries(max);
      TreeMap<Long, Plain> current = new TreeMap<>();
      List<Long> left = new ArrayList<>();
      int steps = random.nextInt(40);
      for (int step = 0; step < steps; step++) {
        long offset = 1 + random.nextInt(20);
        switch (random.nextInt(9)) {
          case 0, 1, 2 -> {
            long number = offset + (random.nextInt(8) == 0 ? 100 : 0);
            boolean isNew = !left.contains(number) && !numbers(current).contains(number);
            // the sequencer never adds an offset that is held
            if (!current.containsKey(offset)) {
              assertEquals(isNew, held.add(entry(offset, number)), what);
              if (isNew) {
                current.put(offset, new Plain(offset, number, micros(number)));
              }
              assertEquals(bytes(current) >= max, held.isFull(), what);
            }
          }
          case 3 -> {
            held.mark(offset, offset);
            current.putIfAbsent(offset, new Plain(offset, null, offset));
          }
          case 4 -> {
            if (!current.isEmpty()) {
              Plain first = current.pollFirstEntry().getValue();
              HeldEntries.Held got = held.removeFirst();
              assertEquals(first.offset, got.offset(), what);
              assertEquals(first.number == null, got.entry() == null, what);
            }
          }
          case 5 -> {
            held.removeUpTo(offset);
            left.clear();
            current.headMap(offset, true).clear();
          }
          case 6 -> {
            int forgotten = 0;
            for (Plain one : current.values()) {
              if (one.number == null) {
                continue;
              }
              if ((left.size() + 1) * SIZE > max) {
                forgotten++;
              } else {
                left.add(one.number);
              }
            }
            current.clear();
            assertEquals(forgotten, held.leaveBehind().size(), what);
          }
          case 7 -> {
            long produced = random.nextInt(3);
            held.settle(event -> event.version() % 3 == produced);

            left.removeIf(number -> number % 3 == produced);
            current.replaceAll(
                (at, one) ->
                    one.number != null && one.number % 3 == produced
                        ? new Plain(at, null, one.micros)
                        : one);
          }
          default -> check(held, current, left, what + ", step " + step);
        }
      }
      check(held, current, left, what);
    }
  }

  /** Events a second apart: a numbering may begin anew between any two. */
  private static WalEntry entry(long offset, long number) {
    Event event =
        Events.event(number, micros(number), "{}", "order.placed", "order-" + number % 10);
    return new WalEntry(offset, event.timestamp(), event, 0, null, null);
  }

  private static long micros(long number) {
    return Events.BASE_MICROS + number * 1_000_000;
  }

  private static Set<Long> numbers(TreeMap<Long, Plain> current) {
    Set<Long> numbers = new HashSet<>();
    current.values().forEach(one -> numbers.add(one.number));
    numbers.remove(null);
    return numbers;
  }

  private static long bytes(TreeMap<Long, Plain> current) {
    long entries = numbers(current).size();
    return entries * SIZE + (current.size() - entries) * MARK;
  }

  private static void check(
      HeldEntries held, TreeMap<Long, Plain> current, List<Long> left, String what) {
    Set<Long> numbers = numbers(current);
    assertEquals(current.isEmpty(), held.currentIsEmpty(), what);
    assertEquals(current.isEmpty() && left.isEmpty(), held.isEmpty(), what);
    assertEquals(numbers.size() + left.size(), held.size(), what);
    assertEquals(current.size() - numbers.size(), held.marks(), what);
    assertEquals(bytes(current), held.currentBytes(), what);
    Map<HeldEntries.Id, String> tenants = new HashMap<>();
    for (long number = 1; number <= 120; number++) {
      boolean has = numbers.contains(number) || left.contains(number);
      assertEquals(has, held.has(Events.event(number, "{}")), what);
      if (has) {
        tenants.put(HeldEntries.Id.of(Events.event(number, "{}")), "tenant-" + number % 3);
      }
    }
    assertEquals(tenants, held.tenants(), what);
    assertEquals(
        current.values().stream().mapToLong(Plain::micros).min().orElse(Long.MAX_VALUE),
        held.oldestOfCurrent(),
        what);
    for (long offset = 0; offset <= 21; offset++) {
      assertEquals(current.containsKey(offset), held.hasOffset(offset), what);
      long last = offset;
      for (long above = -1; above <= 21; above++) {
        long first = above;
        assertEquals(
            current.keySet().stream().filter(at -> at > first && at <= last).count(),
            held.countBetween(above, offset),
            what);
      }
      assertEquals(
          current.headMap(offset, true).values().stream().filter(e -> e.number == null).count(),
          held.marksUpTo(offset),
          what);
      long holes = 0;
      for (long at = current.isEmpty() ? 99 : current.firstKey(); at <= offset; at++) {
        holes += current.containsKey(at) ? 0 : 1;
      }
      assertEquals(holes, held.holesUpTo(offset), what);
      List<String> expected = new ArrayList<>();
      left.forEach(number -> expected.add(Events.event(number, "{}").id()));
      for (Plain one : current.headMap(offset, true).values()) {
        if (one.number != null) {
          expected.add(Events.event(one.number, "{}").id());
        }
      }
      assertEquals(
          expected,
          held.entriesUpTo(offset).stream().map(entry -> entry.event().id()).toList(),
          what);
    }
    if (!current.isEmpty()) {
      assertEquals(current.firstKey(), held.firstOffset(), what);
      assertEquals(current.lastKey(), held.lastOffset(), what);
    }
  }

  @Test
  void anEventIsHeldOnceAcrossConnections() {
    HeldEntries held = new HeldEntries(Long.MAX_VALUE);
    assertTrue(held.add(entry(7, 1)));
    held.leaveBehind();
    assertFalse(held.add(entry(1, 1)), "the same event under another number");
    held.removeUpTo(0);
    assertTrue(held.add(entry(1, 1)));
  }

  /** A connection ends between an entry and one before it that came late. */
  @Test
  void anEntryThatComesOverTheNextConnectionStandsBeforeThoseItIsBefore() {
    HeldEntries held = new HeldEntries(Long.MAX_VALUE);
    held.add(Events.entry(116, "{}"));
    held.leaveBehind();
    held.add(Events.entry(115, "{}"));

    assertEquals(
        List.of(115L, 116L), held.entriesUpTo(200).stream().map(WalEntry::sequence).toList());

    held.leaveBehind();
    held.add(Events.entry(114, "{}"));

    assertEquals(
        List.of(114L, 115L, 116L), held.entriesUpTo(200).stream().map(WalEntry::sequence).toList());
  }

  @Test
  void offsetsOfAnotherNumberingSayNothing() {
    HeldEntries held = new HeldEntries(Long.MAX_VALUE);
    held.add(Events.entry(116, "{}"));
    held.leaveBehind();
    held.mayNumberAnew();
    held.add(Events.entry(115, "{}"));

    assertEquals(
        List.of(116L, 115L), held.entriesUpTo(200).stream().map(WalEntry::sequence).toList());
  }

  /** An entry that overtakes is of one numbering, and less than a restart away. */
  @Test
  void howNearInTimeAnEntryThatComesLaterStandsBefore() {
    assertEquals(List.of(115L, 116L), apart(HeldEntries.RESTART_MICROS - 1));
    assertEquals(List.of(116L, 115L), apart(HeldEntries.RESTART_MICROS));
    assertEquals(List.of(115L, 116L), apart(1 - HeldEntries.RESTART_MICROS));
    assertEquals(List.of(116L, 115L), apart(-HeldEntries.RESTART_MICROS));
  }

  /** 116 comes, and over the next connection 115, whose time is so much later. */
  private static List<Long> apart(long micros) {
    HeldEntries held = new HeldEntries(Long.MAX_VALUE);
    held.add(at(116, 0));
    held.leaveBehind();
    held.add(at(115, micros));
    return held.entriesUpTo(200).stream().map(WalEntry::sequence).toList();
  }

  private static WalEntry at(long offset, long micros) {
    Event event = Events.event(offset, Events.BASE_MICROS + micros, "{}", "type", "entity");
    return new WalEntry(offset, event.timestamp(), event, 0, null, null);
  }

  /** Those behind the offset are looked at as well, to tell whose clock is ahead. */
  @Test
  void theNewestUpToAnOffsetIsNoneWhoseClockIsAhead() {
    HeldEntries held = new HeldEntries(Long.MAX_VALUE);
    assertEquals(Long.MIN_VALUE, held.newestUpTo(5, 100));
    long[] times = {10, 900, 20, 30, 40};
    for (int i = 0; i < times.length; i++) {
      held.add(at(i + 1, times[i]));
    }
    assertEquals(Long.MIN_VALUE, held.newestUpTo(0, 100));
    long[] newest = {10, 10, 20, 30, 40};
    for (int i = 0; i < newest.length; i++) {
      assertEquals(Events.BASE_MICROS + newest[i], held.newestUpTo(i + 1, 100), "up to " + (i + 1));
    }
    assertEquals(Events.BASE_MICROS + 900, held.newestUpTo(5, 1_000), "so late entries may be");
  }

  @Test
  void whatAnEntryTakesIsItsTextAndSomeMore() {
    assertEquals(400, HeldEntries.size(at(1, 0)));
    JsonText text = JsonText.of("\"0123456789\"");
    assertEquals(412, HeldEntries.size(new WalEntry(1, "", Events.event(1, "{}"), 0, null, text)));
  }

  /** Offsets that no connection has brought, if their numbers go on. */
  @Test
  void whatNoConnectionHasBroughtIsUnseen() {
    HeldEntries held = new HeldEntries(Long.MAX_VALUE);
    assertEquals(0, held.unseenBetween(0, 9), "nothing is held");
    for (long offset : new long[] {2, 5, 8, 10}) {
      held.add(at(offset, 0));
    }
    held.leaveBehind();
    assertEquals(0, held.unseenBetween(0, 9), "nor over this connection");
    held.add(entry(3, 100));
    held.add(entry(8, 101));
    assertEquals(4, held.unseenBetween(2, 9), "4, 6, 7 and 9");
    assertEquals(3, held.unseenBetween(2, 8));
    assertEquals(4, held.unseenBetween(2, 10), "10 has come before");
    assertEquals(4, held.unseenBetween(1, 9), "and so has 2");
    assertEquals(0, held.unseenBetween(9, 9));
    assertEquals(0, held.unseenBetween(9, 8));
  }

  @Test
  void whatIsNotNewerThanATime() {
    HeldEntries held = new HeldEntries(Long.MAX_VALUE);
    held.add(at(3, 30));
    held.leaveBehind();
    held.add(at(5, 51));
    held.add(at(7, 50));
    assertEquals(
        List.of(3L, 7L),
        held.entriesNotAfter(Events.BASE_MICROS + 50).stream().map(WalEntry::sequence).toList());
  }

  /** Of three the middle one, of two the older one. */
  @Test
  void theMiddleOfThoseNextToAnOffset() {
    HeldEntries held = new HeldEntries(Long.MAX_VALUE);
    assertEquals(Long.MIN_VALUE, held.middleBehind(0));
    assertEquals(Long.MIN_VALUE, held.middleUpTo(6));
    long[] times = {50, 900, 20, 30, 10, 40};
    for (int i = 0; i < times.length; i++) {
      held.add(at(i + 1, times[i]));
    }
    assertEquals(
        List.of(50L, 30L, 10L, 40L),
        LongStream.of(0, 3, 4, 5)
            .mapToObj(offset -> held.middleBehind(offset) - Events.BASE_MICROS)
            .toList());
    assertEquals(
        List.of(30L, 50L, 50L, 50L),
        LongStream.of(6, 3, 2, 1)
            .mapToObj(offset -> held.middleUpTo(offset) - Events.BASE_MICROS)
            .toList());
  }

  @Test
  void theTimesOfWhatIsLeftAreThoseOfWhatStillIs() {
    HeldEntries held = new HeldEntries(Long.MAX_VALUE);
    for (long offset = 1; offset <= 3; offset++) {
      held.add(at(offset, 10 * offset));
    }
    held.leaveBehind();
    assertEquals(Events.BASE_MICROS + 10, held.oldestLeft());
    assertEquals(Events.BASE_MICROS + 30, held.newestLeft());
    held.settle(event -> event.version() != 2);
    assertEquals(Events.BASE_MICROS + 20, held.oldestLeft());
    assertEquals(Events.BASE_MICROS + 20, held.newestLeft());
    held.settle(event -> true);
    assertEquals(Long.MAX_VALUE, held.oldestLeft());
    assertEquals(Long.MIN_VALUE, held.newestLeft());
  }

  /** Up to 3 it is settled, up to 7 it has been brought; what the new connection has stays left. */
  @Test
  void whatIsReplayedHasItsPlaceAmongWhatTheConnectionBrings() {
    HeldEntries held = new HeldEntries(Long.MAX_VALUE);
    for (long offset : new long[] {3, 5, 7, 8}) {
      held.add(at(offset, 0));
    }
    held.leaveBehind();
    held.mark(5, 0);
    held.leftIsReplayed(3, 7);
    assertEquals(List.of(3L, 5L), held.leftBehind().stream().map(WalEntry::sequence).toList());
    assertEquals(List.of(5L, 7L), held.current().stream().map(HeldEntries.Held::offset).toList());
    assertEquals(MARK + 400, held.currentBytes());
    assertEquals(3, held.size());
    assertTrue(held.add(at(8, 0)), "it comes again");
  }

  /** A quarter of the room is worth it; marks free nothing. */
  @Test
  void howMuchThereIsToProduce() {
    HeldEntries held = new HeldEntries(8 * SIZE);
    held.add(at(1, 0));
    for (long offset = 2; offset < 100; offset++) {
      held.mark(offset, 0);
    }
    assertFalse(held.hasMuchToProduce());
    held.add(at(100, 0));
    assertTrue(held.hasMuchToProduce());
  }
}
