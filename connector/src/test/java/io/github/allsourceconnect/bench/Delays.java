package io.github.allsourceconnect.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * How long an event takes from its write to a consumer of committed records, at a steady rate. When
 * it was written stands in the event itself. A thread writes, the caller's consumes.
 */
final class Delays implements AutoCloseable {
  private static final byte[] WRITTEN = "\"t\":".getBytes(UTF_8);
  private static final Duration POLL = Duration.ofMillis(20);
  private static final long PATIENCE_NANOS = 20_000_000_000L;

  /**
   * Of one run.
   *
   * @param p50 milliseconds
   * @param p99 milliseconds
   * @param ownCpu microseconds an event
   */
  record Run(double p50, double p99, double ownCpu) {}

  private final KafkaConsumer<byte[], byte[]> consumer;
  private final TopicPartition partition;

  Delays(Stage stage, String topic) {
    partition = new TopicPartition(topic, 0);
    consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                stage.broker().bootstrap(),
                "isolation.level",
                "read_committed",
                "auto.offset.reset",
                "earliest"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    consumer.assign(List.of(partition));
  }

  /** Writes so many events at that rate, and takes what comes. */
  Run run(Runnable write, int rate, int events) throws InterruptedException {
    consumer.seekToEnd(List.of(partition));
    consumer.position(partition);
    double[] millis = new double[events];
    int taken = 0;
    Sample before = Sample.now(0);
    Thread writer = new Thread(() -> write(write, rate, events), "delays-writer");
    writer.start();
    long limit = System.nanoTime() + events * 1_000_000_000L / rate + PATIENCE_NANOS;
    while (taken < events && System.nanoTime() < limit) {
      for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
        if (taken < events) {
          millis[taken++] = (System.nanoTime() - written(record.value())) / 1e6;
        }
      }
    }
    writer.join();
    if (taken < events) {
      throw new IllegalStateException("only " + taken + " of " + events + " events came");
    }
    Sample after = Sample.now(events);
    Arrays.sort(millis);
    return new Run(
        millis[events / 2],
        millis[Math.min(events - 1, events * 99 / 100)],
        Sample.between(before, after).workCpu());
  }

  private static void write(Runnable write, int rate, int events) {
    long start = System.nanoTime();
    for (long n = 0; n < events; n++) {
      long at = start + n * 1_000_000_000L / rate;
      while (System.nanoTime() < at) {
        LockSupport.parkNanos(at - System.nanoTime());
      }
      write.run();
    }
  }

  private static long written(byte[] value) {
    int at = 0;
    while (!Arrays.equals(value, at, at + WRITTEN.length, WRITTEN, 0, WRITTEN.length)) {
      at++;
    }
    long nanos = 0;
    for (at += WRITTEN.length; value[at] >= '0' && value[at] <= '9'; at++) {
      nanos = nanos * 10 + value[at] - '0';
    }
    return nanos;
  }

  /** What a bare producer writes: a value of the same size. */
  static Runnable bare(KafkaProducer<byte[], byte[]> producer, String topic) {
    String rest = ",\"note\":\"" + "x".repeat(330) + "\"}";
    byte[] key = "order-1".getBytes(UTF_8);
    return () ->
        producer.send(
            new ProducerRecord<>(
                topic, key, ("{\"t\":" + System.nanoTime() + rest).getBytes(UTF_8)));
  }

  @Override
  public void close() {
    consumer.close();
  }
}
