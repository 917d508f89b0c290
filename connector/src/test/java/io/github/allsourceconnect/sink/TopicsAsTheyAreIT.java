package io.github.allsourceconnect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.protocol.LeaderMessage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.AlterConfigOp.OpType;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The packaged sink on topics that are not made for it: compacted ones with tombstones, with huge
 * records, with records that are no events.
 */
class TopicsAsTheyAreIT {

  private static Broker broker;
  private static InProcessWorker worker;
  private static Topics topics;

  @BeforeAll
  static void start() {
    broker = Broker.start(Map.of("log.cleaner.backoff.ms", "200"));
    worker = InProcessWorker.start(WorkerSettings.of(broker, Folders.pluginPath()));
    topics = new Topics(broker.bootstrap());
  }

  @AfterAll
  static void stop() {
    worker.close();
    broker.close();
  }

  private static Map<String, String> config(String name, int port, Map<String, String> more) {
    Map<String, String> config = ConnectorSettings.sink(broker, name, port);
    config.put("key.converter", ConnectorSettings.STRING);
    config.putAll(more);
    return config;
  }

  private static int create(String name, Map<String, String> more) {
    int port = Ports.free();
    worker.rest().create(name, config(name, port, more));
    Await.until("port " + port + " is open", Await.LIMIT, () -> !Ports.isFree(port));
    return port;
  }

  private static ProducerRecord<byte[], byte[]> record(String topic, String key, String value) {
    return new ProducerRecord<>(
        topic, 0, key.getBytes(UTF_8), value == null ? null : value.getBytes(UTF_8));
  }

  private static void awaitCommitted(String name, long offset) {
    Await.until(
        name + " is committed up to " + offset,
        Await.LIMIT,
        () -> worker.rest().offsets(name).at("/offsets/0/offset/kafka_offset").asLong() == offset,
        () -> "but it is " + worker.rest().offsets(name));
  }

  /** The WAL offsets of those records that the topic has now and that are events. */
  private static TreeSet<Long> kept(String topic, long after) {
    TreeSet<Long> offsets = new TreeSet<>();
    for (ConsumerRecord<byte[], byte[]> record : topics.read(topic)) {
      if (record.value() != null && record.offset() + 1 > after) {
        offsets.add(record.offset() + 1);
      }
    }
    return offsets;
  }

  @Test
  void compactionUnderAFollowerThatIsBehindAndALiveOne() throws Exception {
    String name = "compacted";
    int keys = 100;
    topics.create(name, 1, Map.of("segment.ms", "100"));
    int port = create(name, Map.of("commit.acks", "all"));
    long[] end = {3_000};
    try (ScriptedFollower live = ScriptedFollower.subscribed(port, 0)) {
      live.nextCaughtUp();
      List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
      for (int n = 0; n < 3_000; n++) {
        // the last round of the first ten keys are tombstones
        records.add(
            record(name, "order-" + n % keys, n >= 2_900 && n < 2_910 ? null : Events.json(n)));
      }
      topics.write(records);
      for (long offset = 1; offset <= 3_000; offset++) {
        if (offset <= 2_900 || offset > 2_910) {
          assertEquals(offset, live.nextEntry());
        }
      }
      ScriptedFollower behind = ScriptedFollower.subscribed(port, 0);
      for (long offset = 1; offset <= 50; offset++) {
        assertEquals(offset, behind.nextEntry());
      }
      behind.close();

      compact(name);
      // each write begins a new segment: what lies before it can then be cleaned
      Await.until(
          "the cleaner has been there",
          Await.LIMIT,
          () -> {
            topics.write(List.of(record(name, "another", Events.json((int) end[0]))));
            assertEquals(++end[0], live.nextEntry());
            return kept(name, 0).size() < 300;
          });
      // from the tail in memory a follower may get more than the topic still has
      followersGetWhatIsLeft(name, port, end[0], false);
    }
    worker.rest().restart(name);
    Await.until(
        "it serves again",
        Await.LIMIT,
        () -> {
          try (ScriptedFollower follower = ScriptedFollower.subscribed(port, end[0])) {
            return follower.next() != null;
          }
        });
    followersGetWhatIsLeft(name, port, end[0], true);
    try (ScriptedFollower live = ScriptedFollower.subscribed(port, end[0])) {
      assertEquals(end[0], live.nextCaughtUp());
      topics.write(List.of(record(name, "order-1", null), record(name, "z", Events.json(1))));
      assertEquals(end[0] + 2, live.nextEntry());
      live.ack(end[0] + 2);
      awaitCommitted(name, end[0] + 2);
    }
  }

  private static void followersGetWhatIsLeft(String name, int port, long end, boolean noMore)
      throws IOException {
    for (long has : List.of(50L, 0L, 2_905L)) {
      TreeSet<Long> atFirst = kept(name, has);
      TreeSet<Long> got = new TreeSet<>();
      try (ScriptedFollower back = ScriptedFollower.subscribed(port, has)) {
        long last = has;
        LeaderMessage message = back.next();
        while (message instanceof LeaderMessage.Entry entry) {
          assertTrue(entry.offset() > last, entry.offset() + " after " + last);
          last = entry.offset();
          got.add(last);
          message = back.next();
        }
        assertEquals(end, assertInstanceOf(LeaderMessage.CaughtUp.class, message).currentOffset());
      }
      assertTrue(!noMore || atFirst.containsAll(got), "what the topic no longer had");
      TreeSet<Long> missing = kept(name, has);
      missing.removeAll(got);
      assertEquals(new TreeSet<>(), missing, "what the topic still has");
    }
  }

  private static void compact(String topic) throws Exception {
    List<AlterConfigOp> changes =
        List.of(
            new AlterConfigOp(new ConfigEntry("cleanup.policy", "compact"), OpType.SET),
            new AlterConfigOp(new ConfigEntry("min.cleanable.dirty.ratio", "0.01"), OpType.SET),
            new AlterConfigOp(new ConfigEntry("delete.retention.ms", "0"), OpType.SET));
    try (Admin admin = broker.admin()) {
      admin
          .incrementalAlterConfigs(
              Map.of(new ConfigResource(ConfigResource.Type.TOPIC, topic), changes))
          .all()
          .get();
    }
  }

  /** The worker's converter of keys is learned from a record, of which there is none at the end. */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void abortedRecordsDoNotHideTheOneThatTellsTheConverters(boolean committed) throws Exception {
    String name = "aborted-" + committed;
    topics.create(name, 1, Map.of());
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int n = 0; n < 30; n++) {
      records.add(record(name, "k", Events.json(n)));
    }
    topics.write(records);
    int port = Ports.free();
    worker.rest().create(name, ConnectorSettings.sink(broker, name, port));
    try (ScriptedFollower live = ScriptedFollower.subscribed(port, 0)) {
      for (long offset = 1; offset <= 30; offset++) {
        assertEquals(offset, live.nextEntry());
      }
      live.ack(30);
      awaitCommitted(name, 30);
      if (committed) {
        abort(name, 3, 200);
        // Connect counts records, and the last offset is a marker
        awaitCommitted(name, 30 + 3 * 201 - 1);
      }
    }
    worker.rest().stop(name);
    Await.until("port " + port + " is free", Await.LIMIT, () -> Ports.isFree(port));
    if (!committed) {
      abort(name, 3, 200);
    }
    worker.rest().resume(name);
    try (ScriptedFollower late = ScriptedFollower.subscribed(port, 0)) {
      for (long offset = 1; offset <= 30; offset++) {
        assertEquals(offset, late.nextEntry());
      }
      late.nextCaughtUp();
      topics.write(List.of(record(name, "k", Events.json(30))));
      assertEquals(30 + 3 * 201 + 1, late.nextEntry());
      late.ack(30 + 3 * 201 + 1);
      awaitCommitted(name, 30 + 3 * 201 + 1);
    }
  }

  private static void abort(String topic, int transactions, int records) {
    try (KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrap(), "transactional.id", topic),
            new ByteArraySerializer(),
            new ByteArraySerializer())) {
      producer.initTransactions();
      for (int round = 0; round < transactions; round++) {
        producer.beginTransaction();
        for (int n = 0; n < records; n++) {
          producer.send(record(topic, "k", Events.json(n)));
        }
        producer.flush();
        producer.abortTransaction();
      }
    }
  }

  @Test
  void tenMegabytesInOneRecord() throws Exception {
    String name = "large";
    topics.create(name, 1, Map.of("max.message.bytes", "16000000"));
    int port = create(name, Map.of());
    String payload = "{\"text\":\"" + "0123456789".repeat(1_000_000) + "\"}";
    String large = Events.json(2).replaceFirst("\"payload\":\\{[^}]*}", "\"payload\":" + payload);
    try (ScriptedFollower live = ScriptedFollower.subscribed(port, 0);
        KafkaProducer<byte[], byte[]> producer =
            new KafkaProducer<>(
                Map.of("bootstrap.servers", broker.bootstrap(), "max.request.size", "16000000"),
                new ByteArraySerializer(),
                new ByteArraySerializer())) {
      live.nextCaughtUp();
      for (String value : List.of(Events.json(1), large, Events.json(3))) {
        producer.send(record(name, "k", value)).get();
      }
      List<String> lines = lines(live);
      assertTrue(lines.get(1).contains("\"payload\":" + payload + ","), "the payload is another");
      try (ScriptedFollower late = ScriptedFollower.subscribed(port, 0)) {
        assertEquals(lines, lines(late));
      }
      live.ack(3);
      awaitCommitted(name, 3);
    }
  }

  private static List<String> lines(ScriptedFollower follower) throws IOException {
    List<String> lines = new ArrayList<>();
    for (long offset = 1; offset <= 3; offset++) {
      assertEquals(offset, follower.nextEntry());
      lines.add(follower.line());
    }
    return lines;
  }

  @Test
  void whatIsNoEventGoesToTheDeadLetters() throws Exception {
    String name = "some-bad";
    topics.create(name, 1, Map.of());
    int port =
        create(
            name,
            Map.of(
                "errors.tolerance",
                "all",
                "errors.deadletterqueue.topic.name",
                "dead-letters",
                "errors.deadletterqueue.topic.replication.factor",
                "1"));
    try (ScriptedFollower live = ScriptedFollower.subscribed(port, 0)) {
      live.nextCaughtUp();
      List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
      IntStream.range(0, 20)
          .forEach(
              n -> records.add(record(name, "k", n % 5 == 3 ? "{\"n\":" + n : Events.json(n))));
      topics.write(records);
      List<Long> good =
          IntStream.range(0, 20).filter(n -> n % 5 != 3).mapToObj(n -> n + 1L).toList();
      for (long offset : good) {
        assertEquals(offset, live.nextEntry());
      }
      try (ScriptedFollower late = ScriptedFollower.subscribed(port, 0)) {
        for (long offset : good) {
          assertEquals(offset, late.nextEntry());
        }
      }
      live.ack(20);
      awaitCommitted(name, 20);
      // no offset is committed before what it passes is among the dead letters
      List<ConsumerRecord<byte[], byte[]>> dead = topics.read("dead-letters");
      assertEquals(4, dead.size());
      for (int i = 0; i < 4; i++) {
        assertArrayEquals(("{\"n\":" + (5 * i + 3)).getBytes(UTF_8), dead.get(i).value());
      }
    }
  }

  @Test
  void withoutDeadLettersTheTaskSaysWhere() {
    String name = "one-bad";
    topics.create(name, 1, Map.of());
    topics.write(List.of(record(name, "k", Events.json(1)), record(name, "k", "no event")));
    worker.rest().create(name, config(name, Ports.free(), Map.of()));
    worker.rest().awaitState(name, 1, "FAILED", Await.LIMIT);
    String trace = worker.rest().status(name).at("/tasks/0/trace").asText();
    assertTrue(trace.contains(name + "-0") && trace.matches("(?s).*(@|offset )1\\b.*"), trace);
    worker.rest().delete(name);
  }

  @Test
  void transformationsAreRefusedWithTheReason() {
    Map<String, String> config =
        config(
            "transformed",
            Ports.free(),
            Map.of(
                "transforms",
                "stamp",
                "transforms.stamp.type",
                "org.apache.kafka.connect.transforms.InsertField$Value",
                "transforms.stamp.static.field",
                "a",
                "transforms.stamp.static.value",
                "b"));
    config.put("name", "transformed");
    ConnectRest.Refused refused =
        assertThrows(ConnectRest.Refused.class, () -> worker.rest().create("transformed", config));
    assertEquals(400, refused.status());
    assertTrue(refused.getMessage().contains("event.mapping"), refused.getMessage());
    List<String> errors = new ArrayList<>();
    for (JsonNode each :
        worker.rest().validate(config.get("connector.class"), config).path("configs")) {
      for (JsonNode error : each.at("/value/errors")) {
        errors.add(each.at("/value/name").asText() + ": " + error.asText());
      }
    }
    assertEquals(1, errors.size(), errors::toString);
    assertTrue(errors.get(0).startsWith("transforms: "), errors::toString);
  }
}
