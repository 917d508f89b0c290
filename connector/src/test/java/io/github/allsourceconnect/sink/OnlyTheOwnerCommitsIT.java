package io.github.allsourceconnect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import javax.management.ObjectName;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RemoveMembersFromConsumerGroupOptions;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A task in a worker whose consumer was put out of its group without noticing: it serves its
 * follower, takes its acks, and wants to commit them, but the partition is another member's now.
 */
class OnlyTheOwnerCommitsIT {
  private static final String NAME = "owned";
  private static final String GROUP = "connect-" + NAME;
  private static final TopicPartition LOG = new TopicPartition(NAME, 0);

  private Broker broker;
  private InProcessWorker worker;
  private Admin admin;

  @BeforeEach
  void start() {
    broker = Broker.start();
    worker = InProcessWorker.start(WorkerSettings.of(broker, Folders.pluginPath()));
    admin = broker.admin();
  }

  @AfterEach
  void stop() {
    admin.close();
    worker.close();
    broker.close();
  }

  private long committed() throws Exception {
    OffsetAndMetadata offset =
        admin.listConsumerGroupOffsets(GROUP).partitionsToOffsetAndMetadata().get().get(LOG);
    return offset == null ? -1 : offset.offset();
  }

  private void awaitCommitted(long offset) {
    Await.until(offset + " is committed", Await.LIMIT, () -> committed() == offset);
  }

  /** The share of the task's commits that failed, as its worker counts them. */
  private static double failedCommits() throws Exception {
    ObjectName bean =
        new ObjectName("kafka.connect:type=connector-task-metrics,connector=" + NAME + ",task=0");
    return (Double)
        ManagementFactory.getPlatformMBeanServer()
            .getAttribute(bean, "offset-commit-failure-percentage");
  }

  @Test
  void whatATaskWithoutItsPartitionCommitsIsRefused() throws Exception {
    Topics topics = new Topics(broker.bootstrap());
    topics.create(NAME, 1, Map.of());
    topics.write(
        IntStream.range(0, 40)
            .mapToObj(
                number ->
                    new ProducerRecord<byte[], byte[]>(
                        NAME,
                        0,
                        ("order-" + number).getBytes(UTF_8),
                        Events.json(number).getBytes(UTF_8)))
            .toList());
    int port = Ports.free();
    Map<String, String> config = ConnectorSettings.sink(broker, NAME, port);
    // no heartbeat tells it, for longer than the test takes
    config.put("consumer.override.session.timeout.ms", "1200000");
    config.put("consumer.override.heartbeat.interval.ms", "390000");
    worker.rest().create(NAME, config);
    Await.until("port " + port + " is open", Await.LIMIT, () -> !Ports.isFree(port));
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      for (int offset = 1; offset <= 40; offset++) {
        assertEquals(offset, follower.nextEntry());
      }
      assertEquals(40, follower.nextCaughtUp());
      follower.ack(10);
      awaitCommitted(10);
      assertEquals(0.0, failedCommits());

      admin
          .removeMembersFromConsumerGroup(GROUP, new RemoveMembersFromConsumerGroupOptions())
          .all()
          .get();
      try (KafkaConsumer<byte[], byte[]> owner = owner()) {
        owner.commitSync(Map.of(LOG, new OffsetAndMetadata(30)));
        assertEquals(30, committed());

        follower.ack(20);
        Await.until("the task has tried to commit", Await.LIMIT, () -> failedCommits() > 0);
        assertEquals(30, committed());
        // it has learnt from the refusal that it serves no longer what it served
        follower.assertClosed();
        assertEquals(30, committed());
      }
    }
  }

  /** Another member of the group, which the partition went to. */
  private KafkaConsumer<byte[], byte[]> owner() {
    KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of(
                "bootstrap.servers",
                broker.bootstrap(),
                "group.id",
                GROUP,
                "auto.offset.reset",
                "earliest",
                "enable.auto.commit",
                "false"),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer());
    consumer.subscribe(List.of(NAME));
    Await.until(
        "the partition is the other member's",
        Await.LIMIT,
        () -> {
          consumer.poll(Duration.ofMillis(100));
          return consumer.assignment().contains(LOG);
        });
    return consumer;
  }
}
