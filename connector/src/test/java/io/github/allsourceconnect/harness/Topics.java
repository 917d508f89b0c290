package io.github.allsourceconnect.harness;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.function.Consumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Topics as a test sees them: made, written, read from the beginning, committed records only. */
public final class Topics {
  private static final Duration POLL = Duration.ofMillis(100);

  private final String bootstrap;

  public Topics(String bootstrap) {
    this.bootstrap = bootstrap;
  }

  /** Creates a topic unless it exists. */
  public void create(String topic, int partitions, Map<String, String> config) {
    try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrap))) {
      admin
          .createTopics(List.of(new NewTopic(topic, partitions, (short) 1).configs(config)))
          .all()
          .get();
    } catch (ExecutionException e) {
      if (!(e.getCause() instanceof TopicExistsException)) {
        throw new IllegalStateException("cannot create topic " + topic, e.getCause());
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while creating topic " + topic, e);
    }
  }

  /** All committed records that the topic has now, partition by partition in order. */
  public List<ConsumerRecord<byte[], byte[]>> read(String topic) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      List<TopicPartition> partitions = assignAll(consumer, topic);
      Map<TopicPartition, Long> ends = consumer.endOffsets(partitions);
      while (partitions.stream().anyMatch(p -> consumer.position(p) < ends.get(p))) {
        consumer.poll(POLL).forEach(records::add);
      }
    }
    return records;
  }

  /**
   * Reads until {@code count} records have come, no longer than {@code limit}; then whatever else
   * is there already, so that too many show as well.
   */
  public List<ConsumerRecord<byte[], byte[]>> await(String topic, long count, Duration limit) {
    List<ConsumerRecord<byte[], byte[]>> records = new ArrayList<>();
    await(topic, count, limit, records::add);
    return records;
  }

  /** The same without keeping the records. */
  public void await(
      String topic,
      long count,
      Duration limit,
      Consumer<? super ConsumerRecord<byte[], byte[]>> each) {
    long[] seen = {0};
    try (KafkaConsumer<byte[], byte[]> consumer = consumer()) {
      Await.until(
          "topic " + topic + " exists", limit, () -> !consumer.partitionsFor(topic).isEmpty());
      assignAll(consumer, topic);
      Await.until(
          "topic " + topic + " has " + count + " records",
          limit,
          () -> {
            for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
              seen[0]++;
              each.accept(record);
            }
            return seen[0] >= count;
          },
          () -> "but it had " + seen[0]);
      consumer.poll(POLL).forEach(each);
    }
  }

  /** Writes records and waits until Kafka has all of them. */
  public void write(Iterable<ProducerRecord<byte[], byte[]>> records) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            // few, large batches, one at a time: what is sent again is recognised
            Map.of(
                "bootstrap.servers",
                bootstrap,
                "linger.ms",
                "20",
                "batch.size",
                "1000000",
                "max.in.flight.requests.per.connection",
                "1"),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      List<Future<?>> sent = new ArrayList<>();
      for (ProducerRecord<byte[], byte[]> record : records) {
        sent.add(producer.send(record));
      }
      for (Future<?> future : sent) {
        future.get();
      }
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot write", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while writing", e);
    }
  }

  /** A consumer of committed records that is in no group; to be closed by the caller. */
  public KafkaConsumer<byte[], byte[]> consumer() {
    return new KafkaConsumer<>(
        Map.of(
            "bootstrap.servers",
            bootstrap,
            "isolation.level",
            "read_committed",
            "auto.offset.reset",
            "earliest",
            "enable.auto.commit",
            "false",
            "allow.auto.create.topics",
            "false"),
        new ByteArrayDeserializer(),
        new ByteArrayDeserializer());
  }

  private static List<TopicPartition> assignAll(KafkaConsumer<?, ?> consumer, String topic) {
    List<TopicPartition> partitions =
        consumer.partitionsFor(topic).stream()
            .map(info -> new TopicPartition(topic, info.partition()))
            .toList();
    consumer.assign(partitions);
    consumer.seekToBeginning(partitions);
    return partitions;
  }
}
