package io.github.allsourceconnect.source.decision.position;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
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
}
