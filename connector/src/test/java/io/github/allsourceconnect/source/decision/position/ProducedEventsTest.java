package io.github.allsourceconnect.source.decision.position;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Held against a plain list of everything that was ever produced. */
class ProducedEventsTest {
  private record Produced(long high, long low, long micros, String tenant) {}

  private static final int KNOWN_MAX = 4096;

  @Test
  void startsWithNothing() {
    ProducedEvents events = new ProducedEvents(4, 8, KNOWN_MAX);
    assertEquals(Long.MIN_VALUE, events.watermark());
    assertEquals(Long.MIN_VALUE, events.knownWatermark());
    assertEquals(0, events.listedIds().length);
    assertFalse(events.contains(0, 0));
  }

  /**
   * Whatever is added in whatever order: the listed are the newest in production, at least the
   * floor and at most the limit; none that the lateness allows for has left, unless the list was
   * full; all that left are older than the watermark, and so are the listed ids found again.
   */
  @Test
  void isWhatAPlainListSays() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 60; round++) {
      String what = "seed " + seed + ", round " + round;
      int floor = random.nextInt(20);
      int max = floor + 1 + random.nextInt(200);
      long allowed = random.nextInt(3000);
      int count = random.nextInt(3) == 0 ? 10_000 : random.nextInt(600);
      ProducedEvents events = new ProducedEvents(floor, max, KNOWN_MAX);
      List<Produced> all = new ArrayList<>();
      long now = 1_000_000;
      for (int i = 0; i < count; i++) {
        now += random.nextInt(100);
        long micros = now - (random.nextInt(4) == 0 ? random.nextInt(2_500) : 0);
        // equal low halves and neighbouring ones: what hash tables are bad at
        long high = random.nextInt(3) == 0 ? i : random.nextLong();
        long low = random.nextInt(3) == 0 ? i / 7 : random.nextLong();
        String tenant = random.nextInt(5) == 0 ? null : "tenant-" + random.nextInt(5);
        events.add(high, low, micros, tenant, allowed);
        all.add(new Produced(high, low, micros, tenant));
        if (i % 97 == 0 || i == count - 1) {
          check(events, all, floor, max, allowed, what + ", event " + i);
        }
      }
    }
  }

  private static void check(
      ProducedEvents events, List<Produced> all, int floor, int max, long allowed, String what) {
    long newest = all.stream().mapToLong(Produced::micros).max().orElseThrow();
    assertEquals(newest, events.newest(), what);
    long[] ids = events.listedIds();
    int listed = ids.length / 2;
    assertTrue(listed >= Math.min(floor, all.size()), what);
    assertTrue(listed <= Math.max(floor, max), what);
    for (int i = 0; i < listed; i++) {
      Produced one = all.get(all.size() - listed + i);
      assertEquals(one.high, ids[2 * i], what);
      assertEquals(one.low, ids[2 * i + 1], what);
    }
    boolean cut = events.listsCut() > 0;
    for (Produced one : all.subList(0, all.size() - listed)) {
      assertTrue(one.micros < events.watermark(), what);
      assertTrue(cut || one.micros < newest - allowed, what);
    }
    int known = Math.min(all.size(), KNOWN_MAX);
    assertTrue(events.knownWatermark() <= events.watermark(), what);
    for (int i = 0; i < all.size(); i++) {
      Produced one = all.get(i);
      if (i >= all.size() - known) {
        assertTrue(events.contains(one.high, one.low), what);
        assertEquals(one.tenant, events.tenantOf(one.high, one.low), what);
      } else {
        assertFalse(events.contains(one.high, one.low), what);
        assertNull(events.tenantOf(one.high, one.low), what);
        assertTrue(one.micros < events.knownWatermark(), what);
      }
    }
    assertFalse(events.contains(-1, -2), what);
  }

  /** A position that was stored and loaded promises the same, and its ids leave it as late. */
  @Test
  void loadingKeepsTheProposition() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 200; round++) {
      String what = "seed " + seed + ", round " + round;
      ProducedEvents before = new ProducedEvents(8, 64, KNOWN_MAX);
      List<Produced> all = new ArrayList<>();
      int first = random.nextInt(200);
      for (int i = 0; i < first; i++) {
        Produced one = new Produced(random.nextLong(), i, 1000L * i - random.nextInt(9_000), null);
        all.add(one);
        before.add(one.high, one.low, one.micros, null, 10_000);
      }
      ProducedEvents after = new ProducedEvents(8, 64, KNOWN_MAX);
      after.load(before.watermark(), before.newest(), before.listedIds());
      assertEquals(before.watermark(), after.watermark(), what);
      assertEquals(before.watermark(), after.knownWatermark(), what);
      assertArrayEquals(before.listedIds(), after.listedIds(), what);
      for (int i = 0; i < random.nextInt(200); i++) {
        Produced one =
            new Produced(random.nextLong(), -i, 1000L * (first + i) - random.nextInt(9_000), null);
        all.add(one);
        after.add(one.high, one.low, one.micros, null, 10_000);
      }
      long[] ids = after.listedIds();
      for (Produced one : all) {
        boolean isListed = false;
        for (int i = 0; i < ids.length; i += 2) {
          isListed |= ids[i] == one.high && ids[i + 1] == one.low;
        }
        assertTrue(isListed || one.micros < after.watermark(), what);
      }
    }
  }

  @Test
  void theNewestPlacesAreCounted() {
    ProducedEvents events = new ProducedEvents(4, 8, KNOWN_MAX);
    for (int i = 1; i <= 100; i++) {
      events.add(i, i, i * 10, null, 0);
    }
    assertEquals(0, events.newerThan(1000));
    assertEquals(1, events.newerThan(999));
    assertEquals(10, events.newerThan(905));
  }

  @Test
  void anEventIsOnlyARowUntilItComesLive() {
    ProducedEvents events = new ProducedEvents(4, 8, KNOWN_MAX);
    events.add(1, 1, 10, "a", 0);
    events.add(2, 2, 20, "a", 0);
    events.lastIsOnlyRow();
    assertFalse(events.isOnlyRow(1, 1));
    assertTrue(events.isOnlyRow(2, 2));
    events.cameLive(2, 2);
    assertFalse(events.isOnlyRow(2, 2));
    events.cameLive(3, 3);
    events.forgetAll();
    assertFalse(events.contains(1, 1));
    assertEquals(Long.MIN_VALUE, events.watermark());
    events.startAt(500);
    assertEquals(500, events.watermark());
    assertEquals(500, events.knownWatermark());
  }
}
