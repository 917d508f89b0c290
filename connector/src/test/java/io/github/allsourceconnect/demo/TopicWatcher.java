package io.github.allsourceconnect.demo;

import io.github.allsourceconnect.demo.Comparison.Station;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;

/** Reads the topic's committed records and compares each; a thread of its own. */
final class TopicWatcher implements AutoCloseable {
  private static final long JOIN_MS = 10_000;

  private final String bootstrap;
  private final TopicPartition partition;
  private final Comparison comparison;
  private final MessageCodec codec = new MessageCodec();
  private final Thread thread = new Thread(this::run, "demo-topic-watcher");
  private volatile boolean stopped;
  private volatile Exception failure;

  TopicWatcher(String bootstrap, String topic, Comparison comparison) {
    this.bootstrap = bootstrap;
    this.partition = new TopicPartition(topic, 0);
    this.comparison = comparison;
    thread.setDaemon(true);
    thread.start();
  }

  /** Why it ended, null while it has not. */
  Exception failure() {
    return failure;
  }

  private void run() {
    try (KafkaConsumer<byte[], byte[]> consumer = new Topics(bootstrap).consumer()) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      while (!stopped) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          byte[] value = record.value();
          comparison.arrived(
              Station.KAFKA,
              codec.decodeEvent(value, 0, value.length, record.offset()),
              isFromFiles(record));
        }
      }
    } catch (RuntimeException | ProtocolException e) {
      failure = e;
    }
  }

  private static boolean isFromFiles(ConsumerRecord<byte[], byte[]> record) {
    Header header = record.headers().lastHeader("allsource.snapshot");
    return header != null && new String(header.value(), StandardCharsets.UTF_8).contains("true");
  }

  @Override
  public void close() {
    stopped = true;
    try {
      thread.join(JOIN_MS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
