package io.github.allsourceconnect.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** What Connect's consumer has but Connect did not open. */
class MissedPartitionsTest {
  private static final TopicPartition ZERO = new TopicPartition("orders", 0);
  private static final TopicPartition ONE = new TopicPartition("orders", 1);
  private static final long PATIENCE = MissedPartitions.PATIENCE_MS;

  private final MissedPartitions missed = new MissedPartitions();

  @Test
  void whatIsOpenIsNotMissed() {
    for (long now = 0; now < 10 * PATIENCE; now += PATIENCE) {
      assertEquals(List.of(), missed.toOpen(Set.of(ZERO), Set.of(ZERO), now));
    }
    assertFalse(missed.isTakenUp(ZERO));
  }

  @Test
  void whatIsNotOpenAfterAWhileIsTakenUp() {
    assertEquals(List.of(), missed.toOpen(Set.of(ZERO, ONE), Set.of(ONE), 5));
    assertEquals(List.of(), missed.toOpen(Set.of(ZERO, ONE), Set.of(ONE), PATIENCE + 4));
    assertEquals(List.of(ZERO), missed.toOpen(Set.of(ZERO, ONE), Set.of(ONE), PATIENCE + 5));
    assertTrue(missed.isTakenUp(ZERO));
    assertFalse(missed.isTakenUp(ONE));
    assertEquals(List.of(), missed.toOpen(Set.of(ZERO, ONE), Set.of(ZERO, ONE), 9 * PATIENCE));
    assertEquals(List.of(), missed.toClose(Set.of(ZERO, ONE)));
    assertEquals(List.of(ZERO), missed.toClose(Set.of()));
    missed.closed(ZERO);
    assertFalse(missed.isTakenUp(ZERO));
    assertEquals(List.of(), missed.toClose(Set.of()));
  }

  /** The time counts anew. */
  @Test
  void whatWasAwayOrClosedMeanwhileIsNotMissedForLong() {
    missed.toOpen(Set.of(ZERO, ONE), Set.of(), 0);
    missed.toOpen(Set.of(ONE), Set.of(), 1);
    missed.closed(ONE);
    assertEquals(List.of(), missed.toOpen(Set.of(ZERO, ONE), Set.of(), PATIENCE));
    assertEquals(Set.of(ZERO, ONE), opened(2 * PATIENCE));
  }

  private Set<TopicPartition> opened(long now) {
    return new HashSet<>(missed.toOpen(Set.of(ZERO, ONE), Set.of(), now));
  }

  /** Against the plain rule: what was assigned and not open all the time. */
  @Test
  void generatedAssignments() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    long[] since = {-1, -1};
    Set<TopicPartition> open = new HashSet<>();
    Set<TopicPartition> takenUp = new HashSet<>();
    long now = 0;
    for (int step = 0; step < 20_000; step++) {
      now += random.nextInt((int) PATIENCE / 2);
      Set<TopicPartition> assigned = new HashSet<>();
      for (TopicPartition tp : List.of(ZERO, ONE)) {
        if (random.nextInt(8) > 0) {
          assigned.add(tp);
        }
        if (random.nextInt(12) == 0) {
          if (open.remove(tp)) {
            takenUp.remove(tp);
            missed.closed(tp);
          } else {
            open.add(tp);
          }
          since[tp.partition()] = -1;
        }
      }
      Set<TopicPartition> expected = new HashSet<>();
      for (TopicPartition tp : List.of(ZERO, ONE)) {
        if (!assigned.contains(tp) || open.contains(tp)) {
          since[tp.partition()] = -1;
        } else if (since[tp.partition()] < 0) {
          since[tp.partition()] = now;
        } else if (now - since[tp.partition()] >= PATIENCE) {
          expected.add(tp);
        }
      }
      assertEquals(expected, new HashSet<>(missed.toOpen(assigned, open, now)), "seed " + seed);
      for (TopicPartition tp : expected) {
        open.add(tp);
        takenUp.add(tp);
        since[tp.partition()] = -1;
      }
      Set<TopicPartition> gone = new HashSet<>(takenUp);
      gone.removeAll(assigned);
      assertEquals(gone, new HashSet<>(missed.toClose(assigned)), "seed " + seed);
    }
  }
}
