package io.github.allsourceconnect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.sink.decision.CommitNote;
import io.github.allsourceconnect.snapshot.ReceivedFile;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Future;
import javax.management.ObjectName;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packaged sink in a worker, created over REST, with followers on real sockets. */
class SinkIT {

  private static Broker broker;
  private static InProcessWorker worker;
  private static Topics topics;

  @TempDir Path temp;

  @BeforeAll
  static void start() {
    broker = Broker.start();
    worker = InProcessWorker.start(WorkerSettings.of(broker, Folders.pluginPath()));
    topics = new Topics(broker.bootstrap());
  }

  @AfterAll
  static void stop() {
    worker.close();
    broker.close();
  }

  private static int create(String name, int partitions, Map<String, String> more) {
    topics.create(name, partitions, Map.of());
    int port = Ports.free(partitions);
    Map<String, String> config = ConnectorSettings.sink(broker, name, port);
    config.putAll(more);
    worker.rest().create(name, config);
    worker.rest().awaitRunning(name, 1, Await.LIMIT);
    for (int p = 0; p < partitions; p++) {
      int each = port + p;
      Await.until("port " + each + " is open", Await.LIMIT, () -> !Ports.isFree(each));
    }
    return port;
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, int partition, int number) {
    return new ProducerRecord<>(
        topic, partition, ("order-" + number).getBytes(UTF_8), Events.json(number).getBytes(UTF_8));
  }

  private static void produce(String topic, int partition, int from, int to) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int number = from; number < to; number++) {
      records.add(record(topic, partition, number));
    }
    topics.write(records);
  }

  private static void expect(ScriptedFollower follower, long from, long to) throws IOException {
    for (long offset = from; offset <= to; offset++) {
      assertEquals(offset, follower.nextEntry());
    }
  }

  /** What Kafka has as the connector's position in a partition; -1 for nothing. */
  private static long committed(String name, int partition) {
    for (JsonNode each : worker.rest().offsets(name).path("offsets")) {
      if (each.path("partition").path("kafka_partition").asInt() == partition) {
        return each.path("offset").path("kafka_offset").asLong();
      }
    }
    return -1;
  }

  private static void awaitCommitted(String name, int partition, long offset) {
    Await.until(
        name + "-" + partition + " is committed up to " + offset,
        Await.LIMIT,
        () -> committed(name, partition) == offset,
        () -> "but it was " + committed(name, partition));
  }

  private static Object metric(String connector, String attribute) throws Exception {
    ObjectName name =
        new ObjectName(
            "io.github.allsourceconnect:type=sink-metrics,connector=" + connector + ",task=0");
    return ManagementFactory.getPlatformMBeanServer().getAttribute(name, attribute);
  }

  @Test
  void twoPartitionsOnTwoPortsAndOffsetsThatFollowTheAcks() throws Exception {
    String name = "two-partitions";
    produceAfterCreating(name, 2);
    int port = create(name, 2, Map.of());
    try (ScriptedFollower first = ScriptedFollower.subscribed(port, 0);
        ScriptedFollower second = ScriptedFollower.subscribed(port + 1, 0)) {
      expect(first, 1, 500);
      expect(second, 1, 300);
      assertTrue(first.line().contains("\"n\":499"), first.line());
      assertEquals(new LeaderMessage.CaughtUp(500, true), first.next());
      assertEquals(new LeaderMessage.CaughtUp(300, true), second.next());
      produce(name, 1, 300, 310);
      expect(second, 301, 310);

      first.ack(123);
      awaitCommitted(name, 0, 123);
      second.ack(310);
      awaitCommitted(name, 1, 310);
      assertEquals(123, committed(name, 0));
      first.ack(500);
      awaitCommitted(name, 0, 500);
    }
  }

  private static void produceAfterCreating(String name, int partitions) {
    topics.create(name, partitions, Map.of());
    produce(name, 0, 0, 500);
    produce(name, 1, 0, 300);
  }

  @Test
  void restartsLoseAndRepeatNothing() throws Exception {
    String name = "restarts";
    int port = create(name, 1, Map.of());
    produce(name, 0, 0, 200);
    long has;
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      expect(follower, 1, 150);
      follower.ack(100);
      awaitCommitted(name, 0, 100);
      has = 150;
    }
    worker.rest().restart(name);
    produce(name, 0, 200, 250);
    has = goesOn(name, port, has, 250);

    worker.rest().pause(name);
    produce(name, 0, 250, 300);
    worker.rest().resume(name);
    has = goesOn(name, port, has, 300);

    WorkerSettings settings = worker.settings();
    worker.close();
    produce(name, 0, 300, 350);
    worker = InProcessWorker.start(settings);
    worker.rest().awaitRunning(name, 1, Await.LIMIT);
    assertEquals(300, committed(name, 0));
    has = goesOn(name, port, has, 350);
    assertEquals(350, has);
  }

  /** A follower that comes back with what it has gets the rest, and its ack is committed. */
  private static long goesOn(String name, int port, long has, long end) throws Exception {
    boolean[] done = {false};
    Await.until(
        "a follower gets " + (has + 1) + " to " + end,
        Await.LIMIT,
        () -> {
          try (ScriptedFollower follower = ScriptedFollower.subscribed(port, has)) {
            LeaderMessage message = follower.next();
            if (message == null) {
              // the task is not there yet, or is just leaving
              return false;
            }
            assertEquals(has + 1, assertInstanceOf(LeaderMessage.Entry.class, message).offset());
            for (long offset = has + 2; offset <= end; offset++) {
              message = follower.next();
              if (message == null) {
                return false;
              }
              if (message instanceof LeaderMessage.CaughtUp) {
                offset--;
              } else {
                assertEquals(offset, assertInstanceOf(LeaderMessage.Entry.class, message).offset());
              }
            }
            follower.ack(end);
            awaitCommitted(name, 0, end);
            done[0] = true;
          }
          return done[0];
        });
    return end;
  }

  @Test
  void abortedRecordsNeverReachAFollower() throws Exception {
    String name = "transactions";
    int port = create(name, 1, Map.of());
    try (ScriptedFollower live = ScriptedFollower.subscribed(port, 0);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "transactional.id", name),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      live.nextCaughtUp();
      producer.initTransactions();
      List<Long> offsets = new ArrayList<>();
      for (int round = 0; round < 20; round++) {
        producer.beginTransaction();
        List<Future<RecordMetadata>> sent = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
          sent.add(producer.send(record(name, 0, 10 * round + i)));
        }
        producer.flush();
        if (round % 3 == 1) {
          producer.abortTransaction();
        } else {
          producer.commitTransaction();
          for (Future<RecordMetadata> future : sent) {
            offsets.add(future.get().offset() + 1);
          }
        }
      }
      for (long offset : offsets) {
        assertEquals(offset, live.nextEntry());
      }
      try (ScriptedFollower late = ScriptedFollower.subscribed(port, 0)) {
        for (long offset : offsets) {
          assertEquals(offset, late.nextEntry());
        }
        late.nextCaughtUp();
      }
      live.ack(offsets.get(offsets.size() - 1));
      // what was aborted behind the last entry is for no follower: it does not hold up the commit
      long markerAndAborted = 1 + 10;
      long handedOver = offsets.get(offsets.size() - 1) + markerAndAborted;
      awaitCommitted(name, 0, handedOver);
    }
  }

  /** Connect commits what it was told last of all partitions of a task as soon as one moves. */
  @Test
  void aPartitionWithoutAFollowerStaysWhereItBeganAndKeepsItsNote() throws Exception {
    String name = "unmoved";
    topics.create(name, 2, Map.of());
    produce(name, 0, 0, 1);
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrap(), "transactional.id", name),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.initTransactions();
      for (int round = 0; round < 3; round++) {
        producer.beginTransaction();
        for (int i = 0; i < 50; i++) {
          producer.send(record(name, 1, i));
        }
        producer.flush();
        if (round == 1) {
          producer.commitTransaction();
        } else {
          producer.abortTransaction();
        }
      }
    }
    int port = create(name, 2, Map.of());
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      assertEquals(1, follower.nextEntry());
      follower.ack(1);
      awaitCommitted(name, 0, 1);
      TopicPartition unmoved = new TopicPartition(name, 1);
      Await.until(
          "the partition has its note",
          Await.LIMIT,
          () -> {
            OffsetAndMetadata stored = stored(name).get(unmoved);
            return stored != null && CommitNote.of(stored.metadata()).isPresent();
          });
      assertEquals(0, stored(name).get(unmoved).offset());
    }
  }

  private static Map<TopicPartition, OffsetAndMetadata> stored(String name) throws Exception {
    return broker
        .admin()
        .listConsumerGroupOffsets("connect-" + name)
        .partitionsToOffsetAndMetadata()
        .get();
  }

  @Test
  void retentionUnderASlowFollowerThenTheHistory() throws Exception {
    String name = "retention";
    int count = 60_000;
    Path history = temp.resolve("history");
    int port =
        create(
            name,
            1,
            Map.of(
                "log.tail.bytes",
                "1048576",
                "follower.buffer.bytes",
                "65536",
                "snapshot.dir",
                history.toString(),
                "snapshot.file.max.age.ms",
                "200"));
    long has = 0;
    try (ScriptedFollower slow = ScriptedFollower.subscribed(port, 0)) {
      assertEquals(0, slow.nextCaughtUp());
      produce(name, 0, 0, count);
      Await.until(
          "the history holds all",
          Await.LIMIT,
          () -> metric(name, "partition-0-history-up-to").equals((long) count));
      try (Admin admin = broker.admin()) {
        admin
            .deleteRecords(
                Map.of(new TopicPartition(name, 0), RecordsToDelete.beforeOffset(count - 10)))
            .all()
            .get();
      }
      for (LeaderMessage message = slow.next(); message != null; message = slow.next()) {
        assertEquals(has + 1, assertInstanceOf(LeaderMessage.Entry.class, message).offset());
        has++;
        if (has == count) {
          break;
        }
      }
    }
    assertTrue(has < count, "the follower was quicker than the retention");
    produce(name, 0, count, count + 5);
    try (ScriptedFollower back = ScriptedFollower.subscribed(port, has)) {
      has = snapshot(back, has);
      assertTrue(has >= count, "the snapshot ends at " + has);
      expect(back, has + 1, count + 5);
      assertEquals(count + 5, back.nextCaughtUp());
      back.ack(count + 5);
      awaitCommitted(name, 0, count + 5);
    }
    try (ScriptedFollower fresh = ScriptedFollower.subscribed(port, 0)) {
      assertTrue(snapshot(fresh, 0) >= count);
    }
  }

  @Test
  void aTaskThatMovedFindsTheHistoryInItsTopic() throws Exception {
    String name = "moved";
    int port =
        create(
            name, 1, Map.of("snapshot.topic", "moved-history", "snapshot.file.max.age.ms", "200"));
    produce(name, 0, 0, 3_000);
    Await.until(
        "the history holds all",
        Await.LIMIT,
        () -> metric(name, "partition-0-history-up-to").equals(3_000L));
    WorkerSettings settings = worker.settings().another();
    worker.close();
    try (Admin admin = broker.admin()) {
      admin
          .deleteRecords(Map.of(new TopicPartition(name, 0), RecordsToDelete.beforeOffset(3_000)))
          .all()
          .get();
    }
    worker = InProcessWorker.start(settings);
    worker.rest().awaitRunning(name, 1, Await.LIMIT);
    produce(name, 0, 3_000, 3_010);
    Await.until("port " + port + " is open", Await.LIMIT, () -> !Ports.isFree(port));
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 1_234)) {
      long has = snapshot(follower, 1_234);
      assertTrue(has >= 3_000, "the snapshot ends at " + has);
      expect(follower, has + 1, 3_010);
    }
  }

  /** Takes a snapshot that must hold every entry above an offset, once and in order. */
  private long snapshot(ScriptedFollower follower, long after) throws Exception {
    LeaderMessage message = follower.next();
    LeaderMessage.SnapshotStart start =
        assertInstanceOf(LeaderMessage.SnapshotStart.class, message);
    Map<String, ByteArrayOutputStream> files = new LinkedHashMap<>();
    message = follower.next();
    while (message instanceof LeaderMessage.SnapshotChunk chunk) {
      ByteArrayOutputStream file =
          files.computeIfAbsent(chunk.filename(), n -> new ByteArrayOutputStream());
      assertEquals(file.size(), chunk.chunkOffset());
      file.write(chunk.data());
      message = follower.next();
    }
    long end = assertInstanceOf(LeaderMessage.SnapshotEnd.class, message).walOffsetAfterSnapshot();
    assertEquals(start.parquetFiles(), List.copyOf(files.keySet()));
    long last = after;
    for (Map.Entry<String, ByteArrayOutputStream> file : files.entrySet()) {
      for (SnapshotRow row :
          ReceivedFile.rows(file.getKey(), file.getValue().toByteArray(), temp)) {
        assertEquals(last + 1, row.walOffset());
        last = row.walOffset();
      }
    }
    assertEquals(end, last);
    return end;
  }

  @Test
  void aThousandFollowersOnAFewThreads() throws Exception {
    String name = "thousand";
    topics.create(name, 1, Map.of());
    produce(name, 0, 0, 100);
    int port = create(name, 1, Map.of());
    try (ScriptedFollower first = ScriptedFollower.subscribed(port, 0)) {
      expect(first, 1, 100);
    }
    int before = ManagementFactory.getThreadMXBean().getThreadCount();
    List<ScriptedFollower> followers = new ArrayList<>();
    try {
      Await.until("nobody follows", Await.LIMIT, () -> metric(name, "followers").equals(0L));
      for (int i = 0; i < 1000; i++) {
        followers.add(ScriptedFollower.subscribed(port, i % 3 == 0 ? 100 : 0));
      }
      Await.until("a thousand follow", Await.LIMIT, () -> metric(name, "followers").equals(1000L));
      produce(name, 0, 100, 120);
      for (int i = 0; i < followers.size(); i++) {
        List<Long> offsets = new ArrayList<>();
        while (offsets.isEmpty() || offsets.get(offsets.size() - 1) < 120) {
          if (followers.get(i).next() instanceof LeaderMessage.Entry entry) {
            offsets.add(entry.offset());
          }
        }
        int from = i % 3 == 0 ? 101 : 1;
        assertEquals(121 - from, offsets.size());
        assertEquals(from, offsets.get(0));
        followers.get(i).ack(120);
      }
      int threads = ManagementFactory.getThreadMXBean().getThreadCount() - before;
      assertTrue(threads < 20, threads + " threads more");
      awaitCommitted(name, 0, 120);
    } finally {
      for (ScriptedFollower follower : followers) {
        follower.close();
      }
    }
  }
}
