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
    assertEquals(50_000, lateness.seenMicros());
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

  private static void entries(Lateness lateness, int count) {
    for (int i = 0; i < count; i++) {
      lateness.entry();
    }
  }

  @Test
  void timeAndPlacesCountEachByItself() {
    Lateness late = new Lateness(0, 0);
    late.saw(70_000, 0);
    assertEquals(70_000, late.micros());
    late.saw(90_000, 0);
    assertEquals(90_000, late.micros());
    assertEquals(0, late.places());
    late.saw(0, 9);
    assertEquals(9, late.places());
    late.saw(80_000, 11);
    assertEquals(90_000, late.micros());
    assertEquals(11, late.places());
    assertEquals(4 * 90_000, late.allowedMicros());
    assertEquals(4 * 90_000, late.raceMicros());
    assertEquals(4 * 90_000, late.seenMicros());
    assertEquals(4 * 11, late.cleanRun());
  }

  /** What one of many entries does is not what the stream does. */
  @Test
  void ofEachSixtyFourEntriesTheWorstOneIsIgnored() {
    Lateness lateness = new Lateness(0, 0);
    lateness.at(1);
    lateness.saw(9_000, 90);
    lateness.saw(5_000, 50);
    lateness.saw(3_000, 30);
    entries(lateness, 63);
    assertEquals(9_000, lateness.micros());
    entries(lateness, 1);
    assertEquals(5_000, lateness.micros());
    assertEquals(50, lateness.places());
    lateness.at(10_001); // entries of two blocks are counted together
    entries(lateness, 64);
    assertEquals(3_000, lateness.micros());
    entries(lateness, 64);
    assertEquals(0, lateness.micros());
    lateness.at(60_001);
    assertEquals(0, lateness.micros());
    lateness.saw(100, 1);
    assertEquals(0, lateness.micros(), "128 entries of the minute are left");
    lateness.at(70_001);
    assertEquals(100, lateness.micros(), "and now none");
  }

  /** The first of them begins with the first moment that is told, and has what came before. */
  @Test
  void aBlockIsForgottenAfterAMinute() {
    Lateness lateness = new Lateness(0, 0);
    lateness.saw(9_000, 90);
    lateness.at(1);
    lateness.at(10_001);
    lateness.saw(7_000, 70);
    lateness.at(60_000);
    assertEquals(9_000, lateness.micros());
    lateness.at(60_001);
    assertEquals(7_000, lateness.micros());
    assertEquals(70, lateness.places());
    lateness.at(70_000);
    assertEquals(7_000, lateness.micros());
    lateness.at(70_001);
    assertEquals(0, lateness.micros());
    assertEquals(0, lateness.places());
  }

  /** The task has slept for an hour. */
  @Test
  void afterALongPauseTheMinuteBeginsAnew() {
    Lateness lateness = new Lateness(0, 0);
    lateness.at(1);
    lateness.saw(9_000, 90);
    lateness.at(3_600_001);
    assertEquals(0, lateness.micros());
    lateness.saw(8_000, 80);
    for (long now = 3_600_002; now < 3_600_002 + 40_000; now += 10_000) {
      lateness.at(now);
    }
    assertEquals(8_000, lateness.micros());
    lateness.at(3_600_002 + 60_000);
    assertEquals(0, lateness.micros());
  }

  /** The first ones of a clock that may have gone back: no more are remembered than may be. */
  @Test
  void ofThoseThatWaitForAVerdictTheFirstCount() {
    Lateness lateness = new Lateness(0, 0);
    for (int i = 1; i <= 40; i++) {
      lateness.sawBehind(1_000L * i, i);
    }
    assertEquals(0, lateness.micros(), "there is no verdict yet");
    lateness.wereLate();
    assertEquals(33_000, lateness.micros());
    assertEquals(33, lateness.places());
    lateness.at(1);
    lateness.at(100_000);
    lateness.wereLate();
    assertEquals(0, lateness.micros(), "they count once");
  }
}
