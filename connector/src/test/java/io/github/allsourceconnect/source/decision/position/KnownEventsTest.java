package io.github.allsourceconnect.source.decision.position;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Events are found as long as they are known, whatever the table went through. */
class KnownEventsTest {
  private static final int MAX = 1 << 14;

  private record Plain(long hash, long micros) {}

  @Test
  void whatIsKnownIsFoundAndTheOldestIsForgottenFirst() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    KnownEvents known = new KnownEvents(MAX);
    ArrayDeque<Plain> plain = new ArrayDeque<>();
    long forgotten = Long.MIN_VALUE;
    for (int i = 1; i <= 3 * MAX; i++) {
      Plain one = new Plain(random.nextLong(), 1_000_000 + i);
      known.append(one.hash, one.micros, i % 2 == 0 ? null : "tenant");
      plain.add(one);
      if (plain.size() > MAX) {
        forgotten = plain.poll().micros;
      }
      if (Integer.bitCount(i) == 1 || i % 5_000 == 0) {
        String what = "seed " + seed + ", after " + i;
        assertEquals(forgotten, known.forgottenNewest(), what);
        for (Plain each : plain) {
          assertTrue(known.contains(each.hash, each.micros), what);
          assertFalse(known.contains(~each.hash, each.micros), what);
        }
      }
    }
    known.forgetAll(7);
    assertEquals(7, known.forgottenNewest());
    plain.forEach(each -> assertFalse(known.contains(each.hash, each.micros)));
  }

  @Test
  void anEventIsKnownByItsHashAndItsTimeButForAMicrosecond() {
    KnownEvents known = new KnownEvents(MAX);
    known.append(0x1234_5678_9ABC_DEF0L, 1_000, "tenant");
    for (long micros = 998; micros <= 1_002; micros++) {
      assertEquals(
          micros >= 999 && micros <= 1_001, known.contains(0x1234_5678_9ABC_DEF0L, micros));
    }
    assertFalse(known.contains(0x1234_5678_9ABC_DEF1L, 1_000), "all of the hash");
  }

  @Test
  void ofAnEventThatAPositionListsLessIsKnown() {
    KnownEvents known = new KnownEvents(MAX);
    long hash = 0x1234_5678_9ABC_DEF0L;
    known.append(EventHash.stored(hash), 1_000, ListedIds.Kind.TIMED);
    assertTrue(known.contains(hash, 1_001), "the lower bits of the hash are not stored");
    assertFalse(known.contains(hash + (1L << 16), 1_000));
    assertFalse(known.contains(hash, 1_002));
    known.append(hash + (1L << 20), 1_000, ListedIds.Kind.TIMELESS);
    assertTrue(known.contains(hash + (1L << 20), 77), "of that one no time is known");
    assertFalse(known.contains(hash + (1L << 20) + 1, 77));
  }

  @Test
  void theTenantIsKnownWhereItWasTold() {
    KnownEvents known = new KnownEvents(MAX);
    known.append(1L << 20, 1_000, "a");
    known.append(2L << 20, 1_000, "b");
    known.append(3L << 20, 1_000, (String) null);
    known.append(4L << 20, 1_000, "a");
    assertEquals("a", known.tenantOf(1L << 20, 1_000));
    assertEquals("b", known.tenantOf(2L << 20, 1_000));
    assertNull(known.tenantOf(3L << 20, 1_000));
    assertEquals("a", known.tenantOf(4L << 20, 1_000));
    assertNull(known.tenantOf(5L << 20, 1_000), "that event is not known");
  }

  /** Names may be long and many, and clients choose them. */
  @Test
  void theNamesOfTenantsAreBounded() {
    KnownEvents known = new KnownEvents(MAX);
    String large = "x".repeat(4 << 20);
    known.append(1L << 20, 1_000, large + "y");
    assertNull(known.tenantOf(1L << 20, 1_000), "one more than there is room for");
    known.append(2L << 20, 1_000, large);
    assertEquals(large, known.tenantOf(2L << 20, 1_000));
    known.append(3L << 20, 1_000, "z");
    assertNull(known.tenantOf(3L << 20, 1_000));
    known.append(4L << 20, 1_000, large);
    assertEquals(large, known.tenantOf(4L << 20, 1_000), "a known name takes no more");
    KnownEvents many = new KnownEvents(1 << 16);
    for (int i = 0; i <= Short.MAX_VALUE; i++) {
      many.append((long) (i + 1) << 20, 1_000, "tenant-" + i);
    }
    assertEquals("tenant-0", many.tenantOf(1L << 20, 1_000));
    assertEquals("tenant-32766", many.tenantOf(32_767L << 20, 1_000));
    assertNull(many.tenantOf(32_768L << 20, 1_000));
  }

  @Test
  void whatCameAsARowIsTheOnlyRowUntilItComesLive() {
    KnownEvents known = new KnownEvents(MAX);
    known.append(1L << 20, 1_000, "a");
    known.append(2L << 20, 2_000, "a");
    known.lastIsOnlyRow();
    assertFalse(known.isOnlyRow(1L << 20, 1_000));
    assertTrue(known.isOnlyRow(2L << 20, 2_001));
    assertFalse(known.isOnlyRow(3L << 20, 2_000));
    known.cameLive(1L << 20, 1_000);
    known.cameLive(3L << 20, 1_000);
    assertTrue(known.isOnlyRow(2L << 20, 2_000));
    known.again(1);
    assertTrue(known.isOnlyRow(2L << 20, 2_000));
    assertEquals(3, known.next());
    assertEquals(List.of(2_000L, 2L << 20), List.of(known.micros(2), known.hash(2)));
    assertEquals("a", known.tenantOf(2L << 20, 2_000));
  }

  @Test
  void aRowThatHasComeLiveIsNoOnlyRow() {
    KnownEvents known = new KnownEvents(MAX);
    known.append(1L << 20, 1_000, "a");
    known.lastIsOnlyRow();
    known.cameLive(1L << 20, 1_001);
    assertFalse(known.isOnlyRow(1L << 20, 1_000));
    assertTrue(known.contains(1L << 20, 1_000));
  }

  /** How many places off an event of that time is: the furthest that is newer. */
  @Test
  void howFarOffAnEventIs() {
    KnownEvents known = new KnownEvents(MAX);
    assertEquals(0, known.newerThan(0));
    for (int i = 1; i <= 3_000; i++) {
      known.append((long) i << 20, i, "a");
    }
    assertEquals(0, known.newerThan(3_000));
    assertEquals(1, known.newerThan(2_999));
    assertEquals(100, known.newerThan(2_900));
    assertEquals(3_000, known.newerThan(0));
    known.append(9_000L << 20, 50, "a");
    assertEquals(101, known.newerThan(2_900), "one in between that is older changes nothing");
  }

  @Test
  void howFarOffAnEventIsIsLookedForWithinBounds() {
    KnownEvents known = new KnownEvents(MAX);
    known.append(1L << 20, 9_000, "a");
    for (int i = 0; i < 256; i++) {
      known.append((long) (i + 2) << 20, 5, "a");
    }
    assertEquals(257, known.newerThan(100), "behind 256 that are older it is still seen");
    known.append(900L << 20, 5, "a");
    assertEquals(0, known.newerThan(100), "and behind more it is not");
    KnownEvents newer = new KnownEvents(MAX);
    for (int i = 1; i <= 5_000; i++) {
      newer.append((long) i << 20, 1_000 + i, "a");
    }
    assertEquals(4_096, newer.newerThan(0));
  }

  /** When it grows or forgets, all that is known of those that stay is still known. */
  @Test
  void whatIsKnownOfAnEventStaysWhileItIsKnown() {
    KnownEvents known = new KnownEvents(1 << 13);
    int last = 20_000;
    for (int i = 0; i < last; i++) {
      known.append((long) i << 20, i, "tenant-" + i % 7);
      if (i % 3 == 0) {
        known.lastIsOnlyRow();
      }
      if (i == 6_000) {
        check(known, 0, 6_000);
      }
    }
    assertEquals(last - (1 << 13), known.first());
    check(known, known.first(), last - 1);
    assertFalse(known.contains((known.first() - 1) << 20, known.first() - 1));
    assertEquals(known.first() - 1, known.forgottenNewest());
  }

  private static void check(KnownEvents known, long from, long to) {
    for (long n = from; n <= to; n++) {
      assertEquals("tenant-" + n % 7, known.tenantOf(n << 20, n));
      assertEquals(n % 3 == 0, known.isOnlyRow(n << 20, n));
      assertEquals(List.of(n, n << 20), List.of(known.micros(n), known.hash(n)));
    }
  }

  /** The newest of those forgotten, in whatever order they went. */
  @Test
  void theNewestForgottenIsKnown() {
    KnownEvents known = new KnownEvents(4_096);
    for (int i = 0; i < 4_096; i++) {
      known.append((long) i << 20, 10_000 - i, "a");
    }
    assertEquals(Long.MIN_VALUE, known.forgottenNewest());
    known.append(9_000L << 20, 1, "a");
    known.append(9_001L << 20, 1, "a");
    assertEquals(10_000, known.forgottenNewest());
  }

  /** Hashes that fall into the same place: those behind a forgotten one are still found. */
  @Test
  void whatIsForgottenLeavesNoHoleInTheTable() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    KnownEvents known = new KnownEvents(4_096);
    ArrayDeque<Plain> plain = new ArrayDeque<>();
    // few different stored parts: long rows of neighbours in the table
    for (int i = 0; i < 12_000; i++) {
      Plain one = new Plain((random.nextLong(1_500) << 16) + i, 3L * i);
      known.append(one.hash, one.micros, "a");
      plain.add(one);
      if (plain.size() > 4_096) {
        plain.poll();
      }
    }
    for (Plain one : plain) {
      assertTrue(known.contains(one.hash, one.micros), "seed " + seed);
    }
  }
}
