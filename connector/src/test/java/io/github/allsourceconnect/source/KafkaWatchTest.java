package io.github.allsourceconnect.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.source.record.Batch;
import io.github.allsourceconnect.source.record.BatchQueue;
import io.github.allsourceconnect.source.record.Batches;
import io.github.allsourceconnect.source.record.Deliveries;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class KafkaWatchTest {
  private final BatchQueue batches = new BatchQueue(1 << 20, false);
  private final Deliveries deliveries = new Deliveries();
  private final AtomicInteger interrupts = new AtomicInteger();

  private KafkaWatch watch(String... more) {
    Map<String, String> settings =
        new HashMap<>(Map.of("leader.addresses", "localhost:1", "produce.timeout.ms", "10000"));
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return new KafkaWatch(
        new SourceConfig(settings).batches(), batches, deliveries, interrupts::incrementAndGet);
  }

  private Batch polled() throws InterruptedException {
    Batches.put(batches, 1);
    return batches.poll(0);
  }

  /** A partition without a leader: all others go on, and the position does not. */
  @Test
  void theOldestThatWaitsWhileOthersAreConfirmedFailsTheTaskAtLast() throws Exception {
    KafkaWatch watch = watch();
    Batch stuck = polled();
    assertTrue(stuck.records().size() == 1);
    long now = 0;
    for (; now < 60_000; now += 500) {
      assertTrue(polled().committed());
      deliveries.confirmed();
      assertEquals(0, watch.look(now));
      assertNull(batches.failure(), "after " + now);
    }
    watch.look(now);
    String failure = batches.failure().getMessage();
    assertTrue(failure.contains("produce.timeout.ms=10000, 6 times that"), failure);
    assertEquals(0, interrupts.get());
  }

  @Test
  void transactionsByIntervalAreNoSilence() throws Exception {
    KafkaWatch watch =
        watch("transaction.boundary", "INTERVAL", "transaction.boundary.interval.ms", "30000");
    Batch batch = polled();
    for (long now = 0; now < 40_000; now += 500) {
      watch.look(now);
      assertNull(batches.failure(), "after " + now);
    }
    assertTrue(batch.committed());
    assertEquals(0, watch.look(40_000));
  }
}
