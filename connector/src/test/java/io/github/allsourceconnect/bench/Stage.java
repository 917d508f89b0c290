package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.Gate;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.function.LongPredicate;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;

/**
 * A broker and a worker with the packaged plugin in this process, where all that is measured runs.
 * One thread.
 */
final class Stage implements AutoCloseable {
  static final Duration LIMIT = Duration.ofMinutes(5);
  static final String STRINGS = "org.apache.kafka.connect.storage.StringConverter";
  static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";
  static final String CLASS = "connector.class";
  static final String VALUES = "value.converter";

  private final Broker broker;
  private final boolean exactlyOnce;
  private final InProcessWorker worker;
  private final Topics topics;
  private final KafkaConsumer<byte[], byte[]> watcher;
  private int names;

  private Stage(Broker broker, boolean exactlyOnce) {
    this.broker = broker;
    this.exactlyOnce = exactlyOnce;
    WorkerSettings settings = WorkerSettings.of(broker, Folders.pluginPath());
    worker = InProcessWorker.start(exactlyOnce ? settings.exactlyOnce() : settings);
    topics = new Topics(broker.direct());
    watcher = topics.consumer();
  }

  static Stage open(boolean exactlyOnce) {
    return new Stage(Broker.start(), exactlyOnce);
  }

  /**
   * One whose clients lose Kafka while the gate is shut; {@link #end} and {@link #topics} do not.
   */
  static Stage behind(Gate gate) {
    return new Stage(Broker.behind(gate), false);
  }

  Broker broker() {
    return broker;
  }

  ConnectRest rest() {
    return worker.rest();
  }

  Topics topics() {
    return topics;
  }

  /** A topic of one partition whose name no other has; connectors are named like their topics. */
  String newTopic() {
    names++;
    String name = "bench-" + names;
    topics.create(
        name,
        1,
        Map.of(
            "file.delete.delay.ms", "1000", "retention.ms", "-1", "max.message.bytes", "8388608"));
    return name;
  }

  void deleteTopic(String topic) {
    try (Admin admin = broker.admin()) {
      admin.deleteTopics(List.of(topic)).all().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException("cannot delete topic " + topic, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Deletes a connector and waits until it is gone. */
  void delete(String name) {
    rest().delete(name);
    Await.until(
        name + " is gone",
        LIMIT,
        () -> {
          try {
            return rest().status(name) == null;
          } catch (ConnectRest.Refused e) {
            return e.status() == 404;
          }
        });
  }

  /** Where a topic's only partition ends. */
  long end(String topic) {
    TopicPartition partition = new TopicPartition(topic, 0);
    return watcher.endOffsets(List.of(partition)).get(partition);
  }

  /**
   * The growth of a topic from its first records on until it has so many, and no more. Under
   * exactly-once the markers of transactions count, one among hundreds of records.
   */
  Sample.Result growth(String topic, long records) {
    Sample first = Sample.now(await(topic, there -> there > 0));
    Sample last = Sample.now(await(topic, there -> there >= records));
    if (last.records() > records && !exactlyOnce) {
      throw new IllegalStateException(
          topic + " has " + last.records() + " records instead of " + records);
    }
    // a short run may have come at once
    return Sample.between(last.records() > first.records() ? first : first.atZero(), last);
  }

  /** Waits until the end of a topic is as wanted. */
  long await(String topic, LongPredicate enough) {
    long limit = System.nanoTime() + LIMIT.toNanos();
    while (System.nanoTime() < limit) {
      long records = end(topic);
      if (enough.test(records)) {
        return records;
      }
      try {
        // seldom enough not to count in the CPU time
        Thread.sleep(20);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("interrupted", e);
      }
    }
    throw new IllegalStateException("the records of " + topic + " did not come within " + LIMIT);
  }

  @Override
  public void close() {
    watcher.close();
    worker.close();
    broker.close();
  }
}
