package io.github.allsourceconnect.source.decision.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.RecordedOrders;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The order of live entries and the account. */
class SequencerTest {
  private final RecordedOrders orders = new RecordedOrders();

  private LiveStream stream() {
    return new LiveStream(
        orders, SourcePosition.START, new ProducedEvents(4096), new Lateness(0, 0), 1 << 20);
  }

  private static void take(LiveStream stream, WalEntry entry, long now) {
    new Sequencer(stream).entry(entry, now);
    release(stream, now);
  }

  private static void release(LiveStream stream, long now) {
    Sequencer entries = new Sequencer(stream);
    while (entries.dueBytes() >= 0) {
      entries.release(now);
    }
  }

  private static WalEntry entry(long number) {
    return Events.entry(number, "{}");
  }

  private static String id(long number) {
    return Events.event(number, "{}").id();
  }

  private static List<String> ids(long from, long to) {
    List<String> ids = new ArrayList<>();
    for (long n = from; n <= to; n++) {
      ids.add(id(n));
    }
    return ids;
  }

  /** All orders of six entries of which one comes twice: the numbers decide. */
  @Test
  void everyOrderOfArrivalGivesTheOrderOfTheLog() {
    for (int twice = 1; twice <= 5; twice++) {
      permute(new ArrayList<>(), new int[] {1, 2, 3, 4, 5, twice}, new boolean[6]);
    }
  }

  private void permute(List<Integer> order, int[] numbers, boolean[] used) {
    if (order.size() == numbers.length) {
      orders.produced.clear();
      LiveStream stream = stream();
      stream.switchTo(new Epoch(0, 1, 0), false, false);
      stream.establish(0, true, 0);
      release(stream, 0);
      Set<Integer> came = new HashSet<>();
      long acked = 0;
      for (int number : order) {
        take(stream, entry(number), 1);
        came.add(number);
        int contiguous = 0;
        while (came.contains(contiguous + 1)) {
          contiguous++;
        }
        assertEquals(ids(1, contiguous), orders.produced, order.toString());
        assertEquals(contiguous, stream.walOffset(), order.toString());
        assertEquals(came.size() > contiguous, stream.holeSince() >= 0, order.toString());
        assertEquals(0, stream.ledger.balance(), order.toString());
        acked = Math.max(acked, ackable(stream));
        assertEquals(contiguous, acked, order.toString());
      }
      assertEquals(1, stream.ledger.duplicates);
      assertEquals(6, stream.ledger.delivered);
      return;
    }
    for (int i = 0; i < numbers.length; i++) {
      if (!used[i]) {
        used[i] = true;
        order.add(numbers[i]);
        permute(order, numbers, used);
        order.remove(order.size() - 1);
        used[i] = false;
      }
    }
  }

  /** The numbering begins, 2 is not there and nothing tells that it is missing; then it comes. */
  @Test
  void anEntryThatWasPassedOverUncountedIsProducedWhenItComes() {
    LiveStream stream = stream();
    stream.switchTo(new Epoch(0, 1, 0), false, false);
    take(stream, entry(1), 1);
    take(stream, entry(3), 1);
    stream.handover.entry(entry(1));
    stream.handover.entry(entry(3));
    stream.establish(3, true, 1);
    take(stream, entry(2), 2);
    assertEquals(List.of(id(1), id(3), id(2)), orders.produced);
    assertEquals(1, stream.ledger.late);
    for (long again = 1; again <= 3; again++) {
      take(stream, entry(again), 3);
    }
    take(stream, entry(4), 3);
    assertEquals(List.of(id(1), id(3), id(2), id(4)), orders.produced);
    assertEquals(0, stream.ledger.balance());
  }

  /** What a position says to have been produced is not known one by one. */
  @Test
  void anEntryFromBeforeThePositionIsNotProducedAgain() {
    ProducedEvents produced = new ProducedEvents(4096);
    produced.startAt(entry(3).event().micros());
    LiveStream stream =
        new LiveStream(orders, SourcePosition.START, produced, new Lateness(0, 0), 1 << 20);
    stream.switchTo(new Epoch(0, 1, 0), false, false);
    stream.establish(3, true, 1);
    take(stream, entry(2), 2);
    take(stream, entry(3), 2);
    assertEquals(List.of(), orders.produced);
    assertEquals(2, stream.ledger.duplicates);
  }

  /**
   * Entries out of order, some never, some after they were given up; gaps closed with what rows
   * bring. Nothing twice, all that came or was found once, the account even at any moment.
   */
  @Test
  void gapsAreClosedAndTheAccountIsEven() {
    long seed = new SplittableRandom().nextLong();
    SplittableRandom random = new SplittableRandom(seed);
    for (int round = 0; round < 2_000; round++) {
      String what = "seed " + seed + ", round " + round;
      orders.produced.clear();
      LiveStream stream = stream();
      stream.switchTo(new Epoch(0, 1, 0), false, false);
      stream.establish(0, true, 0);
      release(stream, 0);
      int last = 20 + random.nextInt(60);
      List<Integer> coming = new ArrayList<>();
      Set<Integer> missing = new HashSet<>();
      for (int n = 1; n <= last; n++) {
        if (random.nextInt(8) == 0 && n < last) {
          missing.add(n);
        } else {
          coming.add(Math.max(0, coming.size() - random.nextInt(4)), n);
        }
      }
      for (int n : coming) {
        take(stream, entry(n), 1);
        assertEquals(0, stream.ledger.balance(), what);
      }
      Set<Integer> lost = new HashSet<>();
      if (!stream.held.currentIsEmpty()) {
        assertEquals(missing.size(), stream.offsets.missingUpTo(last), what);
        int found = 0;
        for (int n : missing) {
          if (random.nextInt(3) == 0) {
            lost.add(n);
          } else {
            found++;
            stream.handover.row(new SnapshotRow(Events.event(n, "{}"), 0, 0), null);
          }
        }
        for (WalEntry held : stream.held.entriesUpTo(last)) {
          stream.handover.entry(held);
        }
        stream.closeGap(last, found, true);
        stream.establish(last, false, 2);
        release(stream, 2);
        assertEquals(lost.size(), stream.owed.passedOver(), what);
        assertEquals(!lost.isEmpty(), stream.owed.judged(), what);
        if (random.nextBoolean()) {
          assertEquals(lost.size(), stream.arrears.giveUpPassedOver(), what);
        }
        assertEquals(found, stream.ledger.repaired, what);
      }
      assertEquals(last, stream.walOffset(), what);
      assertEquals(0, stream.ledger.balance(), what);
      assertEquals(last, ackable(stream), what);
      // what was found as rows comes live after all, and so does some of what was given up
      for (int n : missing) {
        boolean after = !lost.contains(n) || random.nextBoolean();
        if (after) {
          take(stream, entry(n), 3);
          lost.remove(n);
        }
      }
      assertEquals(lost.size(), stream.ledger.unaccounted + stream.owed.passedOver(), what);
      take(stream, entry(last + 1), 4);
      assertEquals(last + 1, stream.walOffset(), what);
      Set<String> expected = new HashSet<>(ids(1, last + 1));
      lost.forEach(n -> expected.remove(id(n)));
      assertEquals(expected.size(), orders.produced.size(), what + ": an event twice");
      assertEquals(expected, new HashSet<>(orders.produced), what);
      assertEquals(0, stream.ledger.balance(), what);
    }
  }

  @Test
  void anotherConnectionHoldsEverythingUntilItsNumbersAreEstablished() {
    LiveStream stream = stream();
    stream.switchTo(new Epoch(0, 1, 0), false, false);
    stream.establish(0, true, 0);
    release(stream, 0);
    take(stream, entry(1), 0);
    take(stream, entry(3), 0);
    stream.switchTo(new Epoch(0, 2, 0), false, false);
    assertFalse(stream.verified());
    assertEquals(0, ackable(stream), "no ack of a numbering in doubt");
    take(stream, entry(2), 1);
    take(stream, entry(4), 1);
    assertEquals(ids(1, 1), orders.produced);
    assertEquals(1, stream.held.leftBehind().size());
    assertTrue(stream.held.has(Events.event(3, "{}")));
  }

  @Test
  void holesOfALeaderThatReplaysAreNone() {
    LiveStream stream = stream();
    stream.switchTo(new Epoch(0, 1, 0), true, true);
    take(stream, entry(2), 0);
    take(stream, entry(5), 0);
    take(stream, entry(5), 0);
    take(stream, entry(9), 0);
    assertEquals(List.of(id(2), id(5), id(9)), orders.produced);
    assertEquals(9, stream.walOffset());
    assertEquals(-1, stream.holeSince());
    assertEquals(0, stream.ledger.balance());
    assertEquals(0, stream.ledger.unaccounted);
  }

  /** When Kafka has all that was produced. */
  private static long ackable(LiveStream stream) {
    long all = stream.handover.emitted();
    stream.stored(all);
    return stream.ackable(all);
  }
}
