package io.github.allsourceconnect.source.decision.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Held against the plain list of everything reached. */
class AckTrailTest {
  @Test
  void isWhatThePlainListSays() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 3_000; round++) {
      String what = "seed " + seed + ", round " + round;
      AckTrail trail = new AckTrail();
      List<long[]> reached = new ArrayList<>();
      long emission = 0;
      long offset = random.nextInt(3);
      long produced = 0;
      long told = 0;
      for (int step = 0; step < 60; step++) {
        switch (random.nextInt(10)) {
          case 0 -> {
            // rows take no offset, a closed gap takes many
            emission += random.nextInt(3);
            offset += 1 + random.nextInt(5);
            reach(trail, reached, emission, offset);
          }
          case 1 -> {
            // an offset whose event was produced before
            offset++;
            reach(trail, reached, emission, offset);
          }
          case 2, 3 -> {
            produced = Math.min(emission, produced + random.nextInt(6));
            long expected = 0;
            for (long[] one : reached) {
              if (one[0] <= produced) {
                expected = Math.max(expected, one[1]);
              }
            }
            long got = trail.take(produced);
            // what was told once need not be told again
            assertEquals(Math.max(expected, told), Math.max(got, told), what + ", step " + step);
            told = Math.max(told, got);
          }
          case 4 -> {
            if (random.nextInt(5) == 0) {
              trail.clear();
              reached.clear();
              told = 0;
              offset = random.nextInt(3);
              assertEquals(0, trail.take(Long.MAX_VALUE), what);
            }
          }
          default -> {
            emission++;
            offset++;
            reach(trail, reached, emission, offset);
          }
        }
      }
    }
  }

  private static void reach(AckTrail trail, List<long[]> reached, long emission, long offset) {
    trail.reached(emission, offset);
    reached.add(new long[] {emission, offset});
  }

  @Test
  void aLongStretchIsAckedPieceByPiece() {
    AckTrail trail = new AckTrail();
    for (int i = 1; i <= 1000; i++) {
      trail.reached(i, 5_000 + i);
    }
    assertEquals(0, trail.take(0));
    for (int i = 1; i <= 1000; i++) {
      assertEquals(5_000 + i, trail.take(i));
      assertEquals(i < 1000 ? 5_000 + i : 0, trail.take(i));
    }
  }
}
