package io.github.allsourceconnect.source.decision.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.source.decision.epoch.HeldEntries.Held;
import io.github.allsourceconnect.source.decision.position.Lateness;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** How many entries a stretch takes to be long enough. */
class CleanStretchTest {
  private static final int PLACES = 400;
  private static final long CLEAN_MICROS = 250_000;

  /** Of 32 at either end, this one's time counts: two may be ahead. */
  private static final int FIRST = 30;

  private static final int ENDS = 32;

  private static Lateness lateness(int places) {
    return new Lateness(1_000, places);
  }

  private interface Times {
    long of(int entry);
  }

  /** Which entry it takes, counted from 1. */
  private static int takes(int places, Times times) {
    CleanStretch stretch = new CleanStretch(lateness(places));
    stretch.begin(new Held(1, times.of(1), null));
    for (int entry = 2; entry < 10_000; entry++) {
      if (stretch.isEnoughWith(new Held(entry, times.of(entry), null))) {
        return entry;
      }
    }
    return -1;
  }

  @Test
  void placesAndTimeAreEnough() {
    assertEquals(1 + 4 * PLACES, takes(PLACES, entry -> entry * 1_000L));
    assertEquals(33, takes(0, entry -> entry * 10_000L), "32 places are the least");
    assertEquals(1 + 250, takes(0, entry -> entry * 1_000L), "and the allowed lateness");
  }

  /** Behind the first ones eight times the lateness, and as many as those. */
  @Test
  void muchTimeIsEnough() {
    long step = 10_000;
    long newestOfFirst = FIRST * step;
    int firstBeyond = (int) ((newestOfFirst + 8 * CLEAN_MICROS) / step);
    assertEquals(firstBeyond + ENDS - 1, takes(PLACES, entry -> entry * step));
  }

  @Test
  void singleClocksChangeNothing() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 200; round++) {
      long step = 5_000 + random.nextInt(20_000);
      int plain = takes(PLACES, entry -> entry * step);
      int off = 2 + random.nextInt(ENDS - 2);
      int other = 2 + random.nextInt(ENDS - 2);
      long ahead = 3_600_000_000L;
      int withTwo =
          takes(PLACES, entry -> entry * step + (entry == off || entry == other ? ahead : 0));
      String what = "seed " + seed + ", round " + round + ", step " + step;
      assertEquals(plain, withTwo, 3, what);
    }
  }

  /** Entries come a little out of order: the newest of the first ones counts, whichever it is. */
  @Test
  void theFirstOnesNeedNotBeInOrder() {
    long step = 10_000;
    Times inOrder = entry -> entry * step;
    Times reversed = entry -> entry <= ENDS ? (ENDS + 1 - entry) * step : entry * step;
    assertEquals(takes(PLACES, inOrder), takes(PLACES, reversed));
  }

  @Test
  void eachStretchBeginsAnew() {
    CleanStretch stretch = new CleanStretch(lateness(0));
    for (int round = 0; round < 3; round++) {
      stretch.begin(new Held(1, 0, null));
      int entry = 2;
      while (!stretch.isEnoughWith(new Held(entry, entry * 10_000L, null))) {
        entry++;
      }
      assertEquals(33, entry);
    }
  }
}
