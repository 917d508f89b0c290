package io.github.allsourceconnect.source.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;

class BatchQueueTest {
  private static Batch batch(int records, long emission) {
    Batch batch = new Batch();
    for (int i = 0; i < records; i++) {
      batch.add(new SourceRecord(Map.of(), Map.of(), "t", null, null, null));
    }
    batch.close(emission);
    return batch;
  }

  /** Every order in which the records of three batches can be acked. */
  @Test
  void onlyTheUnbrokenRowOfBatchesCounts() {
    int orders = permute(new ArrayList<>(), new boolean[6]);
    assertEquals(720, orders);
  }

  private static int permute(List<Integer> order, boolean[] used) {
    if (order.size() == used.length) {
      check(order);
      return 1;
    }
    int count = 0;
    for (int i = 0; i < used.length; i++) {
      if (!used[i]) {
        used[i] = true;
        order.add(i);
        count += permute(order, used);
        order.remove(order.size() - 1);
        used[i] = false;
      }
    }
    return count;
  }

  /** Records 0 to 2 are of the first batch, 3 of the second, 4 and 5 of the third. */
  private static void check(List<Integer> order) {
    BatchQueue queue = new BatchQueue(1 << 20, false);
    List<Batch> batches = List.of(batch(3, 3), batch(1, 4), batch(2, 60));
    batches.forEach(queue::put);
    int[] left = {3, 1, 2};
    long told = 0;
    for (int record : order) {
      int of = record < 3 ? 0 : record == 3 ? 1 : 2;
      left[of]--;
      assertEquals(left[of] == 0, batches.get(of).committed(), order.toString());
      long expected = left[0] > 0 ? 0 : left[1] > 0 ? 3 : left[2] > 0 ? 4 : 60;
      long news = queue.takeCommitted();
      assertEquals(expected > told ? expected : -1, news, order.toString());
      told = expected;
    }
  }

  @Test
  void aFailureComesAfterWhatIsWaiting() throws Exception {
    BatchQueue queue = new BatchQueue(1 << 20, false);
    Batch first = batch(1, 1);
    queue.put(first);
    IllegalStateException cause = new IllegalStateException("no");
    queue.fail(cause);
    queue.fail(new IllegalStateException("a later one"));
    assertSame(first, queue.poll(1000));
    assertNull(queue.poll(60_000), "it does not wait once all is over");
    assertSame(cause, queue.failure());
  }

  @Test
  void theNextBatchWaitsForTheConfirmationOfThoseInFlight() throws Exception {
    BatchQueue queue = new BatchQueue(100, false);
    Batch first = batch(1, 1);
    first.addBytes(99);
    Batch second = batch(1, 2);
    second.addBytes(1);
    queue.put(first);
    queue.put(second);
    assertSame(first, queue.poll(1000));
    assertSame(second, queue.poll(1000), "99 bytes are not yet too many");
    Batch third = batch(1, 3);
    queue.put(third);
    assertNull(queue.poll(0), "it waits for a confirmation");
    CompletableFuture<Batch> polled =
        CompletableFuture.supplyAsync(
            () -> {
              try {
                for (Batch next = queue.poll(1); ; next = queue.poll(1)) {
                  if (next != null) {
                    return next;
                  }
                }
              } catch (InterruptedException e) {
                throw new IllegalStateException(e);
              }
            });
    assertTrue(second.committed());
    queue.committed(second);
    assertSame(third, polled.get(10, TimeUnit.SECONDS));
  }

  /** With transactions by interval nothing is confirmed before the next batch is there. */
  @Test
  void whereTransactionsEndByTimeItGoesOnWithoutConfirmation() throws Exception {
    BatchQueue queue = new BatchQueue(100, true);
    for (int n = 1; n <= 3; n++) {
      Batch batch = batch(1, n);
      batch.addBytes(1000);
      queue.put(batch);
      assertSame(batch, queue.poll(60_000));
    }
  }

  /** A broker that stops answering must not fill the heap, one batch each tenth of a second. */
  @Test
  void nothingIsHandedOverWithoutConfirmation() throws Exception {
    BatchQueue queue = new BatchQueue(100, false);
    Batch first = large(queue, 1);
    assertSame(first, queue.poll(1000));
    Batch second = large(queue, 2);
    assertNull(queue.poll(300), "where transactions end by time it would have come by now");
    assertTrue(first.committed());
    queue.committed(first);
    assertSame(second, queue.poll(1000));
  }

  private static Batch large(BatchQueue queue, long emission) {
    Batch batch = batch(1, emission);
    batch.addBytes(1000);
    queue.put(batch);
    return batch;
  }
}
