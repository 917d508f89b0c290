package io.github.allsourceconnect.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Ports;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;

/** A topic of prepared lines, and a sink that serves it. One thread. */
final class SinkTopic implements AutoCloseable {
  private static final Duration POLL = Duration.ofMillis(100);

  private final Stage stage;
  private final PreparedLines lines;
  private final String name;
  private final int port = Ports.free();
  private long end;

  SinkTopic(Stage stage, PreparedLines lines, int filled) {
    this.stage = stage;
    this.lines = lines;
    name = stage.newTopic();
    write(filled);
    stage
        .rest()
        .create(
            name,
            ConnectorSettings.sink(stage.broker(), name, port, "key.converter", Stage.STRINGS));
    Await.until("the sink listens", Stage.LIMIT, () -> !Ports.isFree(port));
  }

  String name() {
    return name;
  }

  int port() {
    return port;
  }

  /** The WAL offset that the topic ends with. */
  long end() {
    return end;
  }

  /** Writes so many more records, as fast as a producer with large batches can. */
  void write(int count) {
    stage.topics().write(() -> IntStream.rangeClosed(1, count).mapToObj(this::record).iterator());
    end += count;
  }

  /** Others have written so many. */
  void written(int count) {
    end += count;
  }

  /** A record of the {@code n}th line, from 1; lines come again after the last. */
  ProducerRecord<byte[], byte[]> record(int n) {
    return new ProducerRecord<>(
        name, 0, "order".getBytes(UTF_8), lines.value(1 + (n - 1) % lines.count()));
  }

  /** Entries a second of a follower that takes all from the beginning. */
  double drain() throws Exception {
    long began = System.nanoTime();
    try (Drain one = new Drain(port)) {
      one.take(end, seen -> {});
      one.ack(end);
    }
    return end * 1e9 / (System.nanoTime() - began);
  }

  /** Records a second of a bare consumer that takes all from the beginning. */
  double consume() {
    long began = System.nanoTime();
    try (KafkaConsumer<byte[], byte[]> kafka = stage.topics().consumer()) {
      TopicPartition partition = new TopicPartition(name, 0);
      kafka.assign(List.of(partition));
      kafka.seekToBeginning(List.of(partition));
      long seen = 0;
      while (seen < end) {
        seen += kafka.poll(POLL).count();
      }
    }
    return end * 1e9 / (System.nanoTime() - began);
  }

  @Override
  public void close() {
    stage.delete(name);
    stage.deleteTopic(name);
  }
}
