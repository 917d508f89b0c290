package io.github.allsourceconnect.sink.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same as sorting all acks each time, for generated histories of acks. */
class CommitTrackerTest {
  @ParameterizedTest
  @ValueSource(ints = {CommitTracker.ALL, 1, 2, 3, 7})
  void isTheAckOfTheSlowestOfThoseWanted(int wanted) {
    for (long seed = 1; seed <= 300; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      CommitTracker tracker = new CommitTracker(wanted);
      Map<Integer, Long> acked = new HashMap<>();
      long expected = -1;
      for (int step = 0; step < 200; step++) {
        int follower = random.nextInt(8);
        if (random.nextInt(5) == 0) {
          tracker.left(follower);
          acked.remove(follower);
        } else {
          long offset = random.nextInt(seed % 2 == 0 ? 1_000 : 10);
          tracker.acked(follower, offset);
          acked.put(follower, offset);
        }
        tracker.settle();
        expected = Math.max(expected, bySorting(acked, wanted));
        String where = "seed " + seed + ", step " + step;
        assertEquals(expected, tracker.committable(), where);
        assertEquals(acked.size(), tracker.followers(), where);
        assertEquals(
            acked.values().stream().mapToLong(a -> a).min().orElse(-1), tracker.lowest(), where);
        assertEquals(
            acked.values().stream().mapToLong(a -> a).max().orElse(-1), tracker.highest(), where);
      }
    }
  }

  @Test
  void whoIsStillToLeaveDoesNotMakeUpForWhoHasLeft() {
    CommitTracker tracker = new CommitTracker(CommitTracker.ALL);
    tracker.acked(1, 10);
    tracker.acked(2, 20);
    tracker.acked(3, 30);
    assertEquals(10, tracker.committable());
    tracker.left(1);
    tracker.acked(2, 25);
    assertEquals(10, tracker.committable(), "the others may leave in the same step");
    tracker.left(2);
    tracker.acked(3, 31);
    assertEquals(10, tracker.committable());
    tracker.settle();
    assertEquals(31, tracker.committable());
    tracker.acked(3, 32);
    assertEquals(32, tracker.committable());
  }

  @Test
  void ofAnotherLogNothingIsAcked() {
    CommitTracker tracker = new CommitTracker(2);
    for (int follower = 1; follower <= 4; follower++) {
      tracker.acked(follower, 10 * follower);
    }
    assertEquals(30, tracker.committable());
    tracker.reset();
    assertEquals(-1, tracker.committable());
    assertEquals(-1, tracker.lowest());
    assertEquals(-1, tracker.highest());
    assertEquals(0, tracker.followers());
    tracker.acked(5, 7);
    tracker.settle();
    assertEquals(-1, tracker.committable(), "one is not enough");
    tracker.acked(6, 5);
    assertEquals(5, tracker.committable());
    assertEquals(5, tracker.lowest());
  }

  private static long bySorting(Map<Integer, Long> acked, int wanted) {
    int needed = wanted == CommitTracker.ALL ? Math.max(1, acked.size()) : wanted;
    long[] sorted = acked.values().stream().mapToLong(a -> a).sorted().toArray();
    return sorted.length < needed ? -1 : sorted[sorted.length - needed];
  }
}
