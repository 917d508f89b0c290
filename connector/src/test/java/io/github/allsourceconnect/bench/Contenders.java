package io.github.allsourceconnect.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.AllSourceSourceConnector;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.Topics;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.LongPredicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/**
 * Those that are compared. Each run has a topic of its own with one partition, and is measured from
 * the first records seen there to the last.
 */
final class Contenders implements AutoCloseable {
  private static final Duration LIMIT = Duration.ofMinutes(5);
  private static final String STRINGS = "org.apache.kafka.connect.storage.StringConverter";

  private final Broker broker;
  private final ConnectRest rest;
  private final PreparedLines lines;
  private final Path file;
  private final Topics topics;
  private final KafkaConsumer<byte[], byte[]> watcher;
  private final int batchBytes;
  private int runs;

  /**
   * @param file has the same lines
   * @param batchBytes the producers' {@code batch.size}, of all alike; 0: Kafka's default
   */
  Contenders(Broker broker, ConnectRest rest, PreparedLines lines, Path file, int batchBytes) {
    this.batchBytes = batchBytes;
    this.broker = broker;
    this.rest = rest;
    this.lines = lines;
    this.file = file;
    topics = new Topics(broker.bootstrap());
    watcher = topics.consumer();
  }

  /**
   * The source, {@code value.format=wal_entry}, from a leader that sends without a pause.
   *
   * @param headers what {@code record.headers} says
   */
  Sample.Result source(String headers) {
    String name = newTopic();
    try (BlastLeader leader = new BlastLeader(lines)) {
      Sample.Result result =
          connector(
              name,
              Map.of(
                  "connector.class",
                  AllSourceSourceConnector.class.getName(),
                  "leader.addresses",
                  leader.address(),
                  "topic",
                  name,
                  "value.format",
                  "wal_entry",
                  "record.headers",
                  headers,
                  "value.converter",
                  STRINGS),
              () ->
                  Await.until(
                      "the last offset is acked",
                      LIMIT,
                      () -> leader.acked() == lines.count(),
                      () -> "but only " + leader.acked()));
      return result;
    } finally {
      deleteTopic(name);
    }
  }

  /** Kafka's file source with its default batch, on the same lines. */
  Sample.Result fileSource() {
    String name = newTopic();
    try {
      return connector(
          name,
          Map.of(
              "connector.class",
              "org.apache.kafka.connect.file.FileStreamSourceConnector",
              "file",
              file.toString(),
              "topic",
              name,
              "value.converter",
              STRINGS),
          () -> {});
    } finally {
      deleteTopic(name);
    }
  }

  /**
   * A producer with the settings that Connect gives its own.
   *
   * @param likeTheSource with the key and the headers of the source's records, not the values alone
   */
  Sample.Result producer(boolean likeTheSource) {
    String name = newTopic();
    Map<String, Object> settings = new HashMap<>();
    settings.put("bootstrap.servers", broker.bootstrap());
    settings.put("client.id", name);
    settings.put("max.block.ms", Long.MAX_VALUE);
    settings.put("enable.idempotence", false);
    settings.put("acks", "all");
    settings.put("max.in.flight.requests.per.connection", 1);
    settings.put("delivery.timeout.ms", Integer.MAX_VALUE);
    if (batchBytes > 0) {
      settings.put("batch.size", batchBytes);
    }
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      Thread thread = new Thread(() -> produce(producer, name, likeTheSource), "bench-producer");
      thread.start();
      Sample.Result result = watch(name);
      join(thread);
      return result;
    } finally {
      deleteTopic(name);
    }
  }

  private void produce(
      KafkaProducer<byte[], byte[]> producer, String topic, boolean likeTheSource) {
    for (int n = 1; n <= lines.count(); n++) {
      byte[] value = lines.value(n);
      if (likeTheSource) {
        RecordHeaders headers = new RecordHeaders();
        headers.add("allsource.event_id", "00000000-0000-4000-8000-000000000000".getBytes(UTF_8));
        headers.add("allsource.event_type", "order.placed".getBytes(UTF_8));
        headers.add("allsource.tenant_id", "default".getBytes(UTF_8));
        headers.add("allsource.snapshot", "false".getBytes(UTF_8));
        headers.add("allsource.wal_offset", Integer.toString(n).getBytes(UTF_8));
        byte[] key = ("order-" + n % 9973).getBytes(UTF_8);
        producer.send(new ProducerRecord<>(topic, null, (Long) null, key, value, headers));
      } else {
        producer.send(new ProducerRecord<>(topic, value));
      }
    }
    producer.flush();
  }

  private Sample.Result connector(String name, Map<String, String> config, Runnable atTheEnd) {
    Map<String, String> all = new HashMap<>(config);
    if (batchBytes > 0) {
      all.put("producer.override.batch.size", Integer.toString(batchBytes));
    }
    rest.create(name, all);
    try {
      Sample.Result result = watch(name);
      atTheEnd.run();
      return result;
    } finally {
      rest.delete(name);
      Await.until(
          name + " is gone",
          LIMIT,
          () -> {
            try {
              return rest.status(name) == null;
            } catch (ConnectRest.Refused e) {
              return e.status() == 404;
            }
          });
    }
  }

  private Sample.Result watch(String topic) {
    Sample first = Sample.now(await(topic, records -> records > 0));
    Sample last = Sample.now(await(topic, records -> records >= lines.count()));
    if (last.records() > lines.count()) {
      throw new IllegalStateException(
          topic + " has " + last.records() + " records instead of " + lines.count());
    }
    return Sample.between(first, last);
  }

  private long await(String topic, LongPredicate enough) {
    TopicPartition partition = new TopicPartition(topic, 0);
    watcher.assign(List.of(partition));
    long end = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() < end) {
      long records = watcher.endOffsets(List.of(partition)).get(partition);
      if (enough.test(records)) {
        return records;
      }
      try {
        // seldom enough not to count in the CPU time
        Thread.sleep(25);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
    throw new IllegalStateException("the records of " + topic + " did not come within " + LIMIT);
  }

  private String newTopic() {
    runs++;
    String name = "bench-" + runs;
    topics.create(name, 1, Map.of("file.delete.delay.ms", "1000"));
    return name;
  }

  private void deleteTopic(String topic) {
    try (Admin admin = broker.admin()) {
      admin.deleteTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot delete topic " + topic, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }

  @Override
  public void close() {
    watcher.close();
  }
}
