package io.github.allsourceconnect.source.decision.position;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LatenessTest {
  @Test
  void floorsHoldWhileNothingWasSeen() {
    Lateness lateness = new Lateness(0, 0, 0);
    assertEquals(250_000, lateness.allowedMicros());
    assertEquals(50_000, lateness.raceMicros());
    assertEquals(250_000, lateness.cleanMicros());
    assertEquals(32, lateness.cleanRun());
  }

  @Test
  void whatWasStoredIsWhereItGoesOn() {
    Lateness lateness = new Lateness(0, 100_000, 40);
    lateness.saw(99_999, 39);
    assertEquals(100_000, lateness.micros());
    assertEquals(40, lateness.places());
    assertEquals(400_000, lateness.allowedMicros());
    assertEquals(160, lateness.cleanRun());
  }

  /** All four follow the greatest seen, never below their floors, and never shrink. */
  @Test
  void followsTheGreatestSeen() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 500; round++) {
      String what = "seed " + seed + ", round " + round;
      long slack = random.nextBoolean() ? 0 : random.nextLong(10_000_000);
      Lateness lateness = new Lateness(slack, 0, 0);
      long most = 0;
      int places = 0;
      for (int i = 0; i < 30; i++) {
        long late = random.nextLong(1L << (1 + random.nextInt(26)));
        int displaced = random.nextInt(1 << (1 + random.nextInt(12)));
        lateness.saw(late, displaced);
        most = Math.max(most, late);
        places = Math.max(places, displaced);
        assertEquals(most, lateness.micros(), what);
        assertEquals(places, lateness.places(), what);
        assertEquals(Math.max(Math.max(4 * most, 250_000), slack), lateness.allowedMicros(), what);
        assertEquals(Math.max(4 * most, 250_000), lateness.cleanMicros(), what);
        assertEquals(Math.max(4 * places, 32), lateness.cleanRun(), what);
        // two events of an entity minutes apart are no race, whatever a clock did
        assertEquals(Math.min(Math.max(4 * most, 50_000), 2_000_000), lateness.raceMicros(), what);
        assertTrue(lateness.allowedMicros() >= lateness.cleanMicros(), what);
      }
    }
  }
}
