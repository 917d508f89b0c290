package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * What positions cost: a leader that writes at a steady rate, and what then stands in the topic of
 * the events and in that of Connect's offsets. Bytes are those of the log on the broker's disk,
 * markers of transactions included.
 *
 * <p>System properties: {@code seconds} (20) of each run.
 */
final class CostsBench {
  private static final int[] RATES = {40, 400, 4_000};
  private static final String OFFSETS = "connect-offsets";

  private final Broker broker;
  private final long seconds;

  private CostsBench(Broker broker, long seconds) {
    this.broker = broker;
    this.seconds = seconds;
  }

  /** Prints the table. */
  static void run(long seconds) {
    System.out.printf(
        "%-14s %9s %10s %14s %14s %7s %10s %10s %10s%n",
        "",
        "events/s",
        "events",
        "their bytes",
        "offsets' bytes",
        "share",
        "stored/s",
        "p50 ms",
        "p99 ms");
    for (boolean exactlyOnce : new boolean[] {false, true}) {
      try (Broker broker = Broker.start()) {
        WorkerSettings settings = WorkerSettings.of(broker, Folders.pluginPath());
        try (InProcessWorker worker =
            InProcessWorker.start(exactlyOnce ? settings.exactlyOnce() : settings)) {
          for (int rate : RATES) {
            new CostsBench(broker, seconds).one(worker, rate, exactlyOnce);
          }
        }
      }
    }
  }

  private void one(InProcessWorker worker, int rate, boolean exactlyOnce) {
    String name = "costs-" + rate + (exactlyOnce ? "-once" : "");
    new Topics(broker.bootstrap()).create(name, 1, Map.of());
    try (ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(1));
        KafkaConsumer<byte[], byte[]> consumer = consumer(name)) {
      Map<String, String> config =
          ConnectorSettings.source(leader.address(), name, "value.format", "event_json");
      worker.rest().create(name, config);
      write(leader, rate, 2, consumer, null);
      long eventsBefore = broker.bytes(name);
      long offsetsBefore = broker.bytes(OFFSETS);
      long storedBefore = end(OFFSETS);
      long[] delays = new long[(int) (rate * seconds)];
      int taken = write(leader, rate, seconds, consumer, delays);
      long until = System.nanoTime() + 10_000_000_000L;
      while (taken < delays.length && System.nanoTime() < until) {
        taken = take(consumer, delays, taken);
      }
      long stored = end(OFFSETS) - storedBefore;
      long events = broker.bytes(name) - eventsBefore;
      long offsets = broker.bytes(OFFSETS) - offsetsBefore;
      Arrays.sort(delays, 0, taken);
      System.out.printf(
          "%-14s %,9d %,10d %,14d %,14d %6.1f%% %10.1f %10d %10d%n",
          exactlyOnce ? "exactly-once" : "at-least-once",
          rate,
          taken,
          events,
          offsets,
          100.0 * offsets / events,
          (exactlyOnce ? stored / 2.0 : stored) / seconds,
          delays[taken / 2],
          delays[Math.min(taken - 1, taken * 99 / 100)]);
      worker.rest().delete(name);
    }
  }

  /** Writes at a steady rate and takes what comes meanwhile; how many delays are there. */
  private static int write(
      ScriptedLeader leader,
      int rate,
      long forSeconds,
      KafkaConsumer<byte[], byte[]> consumer,
      long[] delays) {
    JsonText metadata = JsonText.of("{\"src\":\"gen\"}");
    String note = "x".repeat(120);
    long start = System.nanoTime();
    int taken = 0;
    Thread writer =
        new Thread(
            () -> {
              for (long n = 0; n < rate * forSeconds; n++) {
                long at = start + n * 1_000_000_000L / rate;
                while (System.nanoTime() < at) {
                  LockSupport.parkNanos(at - System.nanoTime());
                }
                JsonText payload =
                    JsonText.of("{\"n\":" + n + ",\"amount\":12.5,\"note\":\"" + note + "\"}");
                leader.write("default", "order-" + n % 97, "order.placed", payload, metadata);
              }
            },
            "costs-writer");
    writer.start();
    while (writer.isAlive()) {
      taken = take(consumer, delays, taken);
    }
    if (delays == null) {
      for (long quiet = System.nanoTime() + 3_000_000_000L; System.nanoTime() < quiet; ) {
        take(consumer, null, 0);
      }
    }
    return taken;
  }

  private static int take(KafkaConsumer<byte[], byte[]> consumer, long[] delays, int taken) {
    for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(5))) {
      if (delays != null && taken < delays.length) {
        delays[taken++] = System.currentTimeMillis() - record.timestamp();
      }
    }
    return taken;
  }

  private KafkaConsumer<byte[], byte[]> consumer(String topic) {
    Properties settings = new Properties();
    settings.put("bootstrap.servers", broker.bootstrap());
    settings.put("isolation.level", "read_committed");
    settings.put("fetch.max.wait.ms", "5");
    settings.put("auto.offset.reset", "earliest");
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer());
    consumer.assign(List.of(new TopicPartition(topic, 0)));
    return consumer;
  }

  private long end(String topic) {
    try (Admin admin = broker.admin()) {
      TopicPartition partition = new TopicPartition(topic, 0);
      return admin
          .listOffsets(Map.of(partition, OffsetSpec.latest()))
          .partitionResult(partition)
          .get()
          .offset();
    } catch (InterruptedException | ExecutionException e) {
      throw new IllegalStateException("the broker does not tell the end of " + topic, e);
    }
  }
}
