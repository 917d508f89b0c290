package io.github.allsourceconnect.source.decision.position;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class LatenessTest {
  private record Late(long at, long micros) {}

  @Test
  void floorsHoldWhileNothingWasSeen() {
    Lateness lateness = new Lateness(0, 0);
    assertEquals(250_000, lateness.allowedMicros());
    assertEquals(50_000, lateness.raceMicros());
    assertEquals(250_000, lateness.cleanMicros());
    assertEquals(32, lateness.cleanRun());
  }

  @Test
  void whatWasStoredCountsForAMinute() {
    Lateness lateness = new Lateness(100_000, 40);
    lateness.at(1);
    assertEquals(400_000, lateness.allowedMicros());
    assertEquals(160, lateness.cleanRun());
    lateness.at(60_000);
    assertEquals(400_000, lateness.allowedMicros());
    lateness.at(60_001);
    assertEquals(250_000, lateness.allowedMicros());
    assertEquals(32, lateness.cleanRun());
    // what a build before stored of a clock that was an hour off does not count as lateness
    assertEquals(60_000_000, new Lateness(3_600_000_000L, 0).allowedMicros());
  }

  /** The worst of the last minute but for one of 64 entries, eight at most: and it is forgotten. */
  @Test
  void followsTheLastMinute() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 20; round++) {
      String what = "seed " + seed + ", round " + round;
      Lateness lateness = new Lateness(0, 0);
      ArrayDeque<Late> all = new ArrayDeque<>();
      long now = 1;
      lateness.at(now);
      for (int i = 0; i < 5_000; i++) {
        now += random.nextInt(60);
        lateness.at(now);
        lateness.entry();
        long micros = random.nextInt(4) == 0 ? random.nextLong(1L << random.nextInt(24)) : 0;
        all.add(new Late(now, micros));
        if (micros > 0) {
          lateness.saw(micros, 1);
        }
        while (all.peek().at <= now - 60_000) {
          all.poll();
        }
        if (i % 50 != 0 || all.size() <= 1_200) {
          continue;
        }
        List<Long> recent = new ArrayList<>();
        all.forEach(one -> recent.add(Math.min(one.micros, 15_000_000)));
        recent.sort(Collections.reverseOrder());
        long most = recent.get(0);
        long least = recent.size() > 8 ? recent.get(8) : 0;
        assertTrue(lateness.micros() <= most, what);
        // blocks are forgotten whole, so up to ten seconds of the minute are gone
        List<Long> sure = new ArrayList<>();
        long since = now - 50_000;
        all.stream().filter(l -> l.at > since).forEach(l -> sure.add(l.micros));
        sure.sort(Collections.reverseOrder());
        assertTrue(lateness.micros() >= Math.min(sure.get(8), 15_000_000), what);
        assertTrue(lateness.micros() >= Math.min(least, sure.get(8)), what);
      }
      lateness.at(now + 60_000);
      assertEquals(0, lateness.micros(), what);
    }
  }

  @Test
  void singleOnesDoNotCount() {
    Lateness lateness = new Lateness(0, 0);
    lateness.at(1);
    for (int i = 0; i < 1_000; i++) {
      lateness.entry();
      lateness.saw(1_000, 3);
    }
    for (int i = 0; i < 8; i++) {
      lateness.saw(3_600_000_000L, 4_096);
    }
    assertEquals(1_000, lateness.micros());
    assertEquals(3, lateness.places());
    lateness.saw(2_000_000, 4_096);
    assertEquals(2_000_000, lateness.micros());
    // races are settled within two seconds, whatever clocks do
    assertEquals(2_000_000, lateness.raceMicros());
  }

  @Test
  void thoseOfAClockThatWentBackAreNotLate() {
    Lateness lateness = new Lateness(0, 0);
    lateness.at(1);
    for (int i = 0; i < 33; i++) {
      lateness.sawBehind(3_600_000_000L, 50);
    }
    lateness.clockWentBack();
    assertEquals(0, lateness.micros());
    lateness.sawBehind(300_000, 50);
    lateness.wereLate();
    assertEquals(300_000, lateness.micros());
  }
}
