package io.github.allsourceconnect.demo;

import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;

/** Reads the topic as any consumer would and hands on each committed event. */
final class TopicTally implements AutoCloseable {
  private final MessageCodec codec = new MessageCodec();
  private final KafkaConsumer<byte[], byte[]> consumer;
  private final Consumer<Event> each;
  private final Thread thread;
  private volatile long records;
  private volatile Exception fault;

  TopicTally(Topics topics, String topic, Consumer<Event> each) {
    this.each = each;
    consumer = topics.consumer();
    TopicPartition partition = new TopicPartition(topic, 0);
    consumer.assign(List.of(partition));
    consumer.seekToBeginning(List.of(partition));
    thread = new Thread(this::run, "topic-tally");
    thread.setDaemon(true);
    thread.start();
  }

  long records() {
    return records;
  }

  /** Why reading ended, or null. */
  Exception fault() {
    return fault;
  }

  @SuppressWarnings("NonAtomicVolatileUpdate") // written by this thread only
  private void run() {
    try (consumer) {
      while (true) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(100))) {
          each.accept(codec.decodeEvent(record.value(), 0, record.value().length, 0));
          records++;
        }
      }
    } catch (WakeupException e) {
      // closed
    } catch (ProtocolException | RuntimeException e) {
      fault = e;
    }
  }

  @Override
  public void close() {
    consumer.wakeup();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
