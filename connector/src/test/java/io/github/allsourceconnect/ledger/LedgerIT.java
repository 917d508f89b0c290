package io.github.allsourceconnect.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.tool.audit.AuditRun;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.ProducerFencedException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A consumer proves with the ledger topic that it has everything, and finds what is planted. */
class LedgerIT {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String STRINGS = "org.apache.kafka.connect.storage.StringConverter";
  private static final String TRANSFORMS = "org.apache.kafka.connect.transforms.";

  private static Broker broker;
  private static Topics topics;
  private static InProcessWorker worker;

  @BeforeAll
  static void start() {
    broker = Broker.start();
    topics = new Topics(broker.bootstrap());
    worker = InProcessWorker.start(WorkerSettings.of(broker, Folders.pluginPath()).exactlyOnce());
  }

  @AfterAll
  static void stop() {
    worker.close();
    broker.close();
  }

  private static void write(ScriptedLeader leader, int events) {
    for (int i = 0; i < events; i++) {
      leader.write("acme", "order-" + i % 7, "order.placed", JsonText.of("{\"n\":1}"), null);
    }
  }

  private static Map<String, String> config(String name, ScriptedLeader leader, String format) {
    Map<String, String> config = ConnectorSettings.source(leader.address(), name);
    config.put("value.format", format);
    config.put("ledger.topic", name + ".ledger");
    config.put("ledger.interval.ms", "300");
    config.put("repair.min.interval.ms", "200");
    config.put("reconnect.backoff.ms", "100");
    config.put(
        "value.converter",
        format.equals("event") ? "org.apache.kafka.connect.json.JsonConverter" : STRINGS);
    config.put("value.converter.schemas.enable", "false");
    return config;
  }

  private static String header(ConsumerRecord<byte[], byte[]> record, String name) {
    return new String(record.headers().lastHeader(name).value(), UTF_8);
  }

  /** The JSON of a ledger record. */
  private static String json(ConsumerRecord<byte[], byte[]> record, String format) {
    try {
      JsonNode value = JSON.readTree(record.value());
      return switch (format) {
        case "event" ->
            value.get("payload").isTextual()
                ? value.get("payload").asText()
                : value.get("payload").toString();
        case "event_json", "wal_entry" -> value.get("payload").toString();
        default -> value.toString();
      };
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static List<ConsumerRecord<byte[], byte[]>> ledger(String name) {
    return topics.read(name + ".ledger");
  }

  private static LedgerConsumer proof(
      List<ConsumerRecord<byte[], byte[]>> events, String name, String format) {
    LedgerConsumer proof = new LedgerConsumer(true);
    events.forEach(
        record ->
            proof.event(header(record, "allsource.event_id"), header(record, "allsource.mark")));
    ledger(name).forEach(record -> proof.ledger(json(record, format)));
    return proof;
  }

  private static void awaitCovered(String name, String format, long events) {
    Await.until(
        "marks cover " + events + " events",
        Await.LIMIT,
        () -> proof(List.of(), name, format).covered() == events,
        () ->
            "but " + proof(List.of(), name, format).covered() + "; " + worker.rest().status(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "event_json", "payload"})
  void aTopicIsProvenAndWhatIsPlantedIsFound(String format) throws Exception {
    String name = "proven-" + format.replace('_', '-');
    try (ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(5))) {
      write(leader, 100);
      worker.rest().create(name, config(name, leader, format));
      awaitCovered(name, format, 100);
      write(leader, 50);
      awaitCovered(name, format, 150);
      leader.overrun(10);
      write(leader, 50);
      awaitCovered(name, format, leader.events());
      worker.rest().restart(name);
      write(leader, 50);
      awaitCovered(name, format, leader.events());
      leader.crash();
      leader.restart();
      write(leader, 50);
      awaitCovered(name, format, leader.events());
      write(leader, 5); // what comes live tells where the new numbering stands
      awaitCovered(name, format, leader.events());
      Await.until(
          "a mark tells the leader's offset",
          Await.LIMIT,
          () ->
              proof(List.of(), name, format).lastMark().get("wal_offset").asLong()
                  == leader.sequence());
      List<ConsumerRecord<byte[], byte[]>> events = topics.read(name);
      LedgerConsumer proof = proof(events, name, format);
      assertEquals(List.of(), proof.wrong());
      assertEquals(leader.events(), proof.events());
      JsonNode last = proof.lastMark();
      assertEquals(leader.events(), last.get("total_events").asLong());
      assertEquals(0, last.get("missing").asInt());
      assertEquals(0, last.get("unaccounted").asInt());
      assertEquals(leader.address(), last.get("leader").asText());
      List<String> types =
          ledger(name).stream().map(record -> header(record, "allsource.event_type")).toList();
      for (String type : List.of("started", "mark", "gap", "repaired")) {
        assertTrue(types.contains("allsource.ledger." + type), type + " in " + types);
      }

      List<ConsumerRecord<byte[], byte[]>> missing = new ArrayList<>(events);
      missing.remove(137);
      assertEquals(1, proof(missing, name, format).wrong().size());
      List<ConsumerRecord<byte[], byte[]>> doubled = new ArrayList<>(events);
      doubled.add(events.get(12));
      assertEquals(1, proof(doubled, name, format).wrong().size());
    } finally {
      worker.rest().delete(name);
    }
  }

  /** What the command {@code Audit} says of a topic that the connector has written. */
  private static Audited audit(String name, String... more) throws Exception {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("--connector", worker.rest().root() + "/connectors/" + name));
    args.addAll(List.of("--bootstrap", broker.bootstrap()));
    args.addAll(List.of("--patience", "0", "--settle", "0", "--json"));
    args.addAll(List.of(more));
    AuditRun run = AuditRun.of(args.toArray(String[]::new));
    assertFalse(run.err().contains("NOT JUDGED"), run.err());
    return new Audited(run.status(), JSON.readTree(run.out()));
  }

  private record Audited(int status, JsonNode report) {
    /** What was found, but for what is only noted. */
    Map<String, Long> wrong() {
      Map<String, Long> wrong = new TreeMap<>();
      for (Map.Entry<String, JsonNode> kind : report.get("findings").properties()) {
        long events = kind.getValue().get("events").asLong();
        if (events > 0 && !kind.getValue().get("weight").asText().equals("noted")) {
          wrong.put(kind.getKey(), events);
        }
      }
      return wrong;
    }

    long of(String kind) {
      return report.at("/findings/" + kind + "/events").asLong();
    }
  }

  /** The real connector's topic is whole; what is planted in a copy is found, and repaired once. */
  @ParameterizedTest
  @ValueSource(strings = {"event", "wal_entry", "payload"})
  void aTopicIsAuditedAndRepaired(String format) throws Exception {
    String name = "audited-" + format.replace('_', '-');
    LeaderScript script = LeaderScript.observed(9).with(LeaderScript.Release.V0_27_0);
    try (ScriptedLeader leader = ScriptedLeader.start(script)) {
      Map<String, String> config = config(name, leader, format);
      config.put("topic.creation.default.partitions", "3");
      config.put("exclude.event.types", "order.noted");
      if (format.equals("event")) {
        config.put("payload.format", "struct");
      }
      writeMixed(leader, 60);
      worker.rest().create(name, config);
      awaitCovered(name, format, 60);
      writeMixed(leader, 60);
      leader.overrun(10);
      writeMixed(leader, 60);
      leader.write("acme", "order-1", "order.noted", JsonText.of("{}"), null);
      awaitCovered(name, format, 180);

      Audited whole = audit(name);
      assertEquals(Map.of(), whole.wrong());
      assertEquals(0, whole.status(), whole.report().toString());
      assertEquals(180, whole.report().get("matched").asLong());
      assertEquals(1, whole.of("left_out"));
      Audited proven = audit(name, "--ledger", name + ".ledger");
      assertEquals(0, proven.status(), proven.report().toString());
      assertEquals(180, proven.report().get("covered").asLong());
      assertFalse(proven.report().get("newest_mark").asText().isEmpty());
      AuditRun nowhere =
          AuditRun.of(
              "--bootstrap=" + broker.bootstrap(), "--topic=" + name, "--ledger=none-of-this");
      assertEquals(2, nowhere.status());
      assertTrue(nowhere.err().startsWith("NOT JUDGED: "), nowhere.err());
      assertTrue(nowhere.err().contains("--ledger"), nowhere.err());

      String damaged = name + ".damaged";
      topics.create(damaged, 3, Map.of());
      List<ConsumerRecord<byte[], byte[]>> records = topics.read(name);
      topics.write(damaged(records, damaged));
      Map<String, Long> planted =
          Map.of("missing", 5L, "twice", 1L, "altered", 1L, "foreign", 1L, "out_of_order", 1L);
      Audited found = audit(name, "--set", "topic=" + damaged);
      assertEquals(planted, found.wrong(), found.report().toString());
      assertEquals(1, found.status());
      assertEquals(1, found.report().at("/findings/altered/parts/payload").asLong());
      Audited unproven = audit(name, "--set", "topic=" + damaged, "--ledger", name + ".ledger");
      assertEquals(1, unproven.status());
      assertFalse(unproven.report().get("wrong").isEmpty());

      try (KafkaProducer<byte[], byte[]> killed = killedRepair(name, records, damaged)) {
        Audited repaired = audit(name, "--set", "topic=" + damaged, "--repair", "--yes");
        assertEquals(5, repaired.report().get("repaired").asLong());
        assertThrows(ProducerFencedException.class, killed::commitTransaction);
      }
      Audited again = audit(name, "--set", "topic=" + damaged, "--repair", "--yes");
      Map<String, Long> left = new TreeMap<>(planted);
      left.remove("missing");
      assertEquals(left, again.wrong(), again.report().toString());
      assertEquals(5, again.of("repaired"));
      assertFalse(again.report().has("repaired"));
    } finally {
      worker.rest().delete(name);
    }
  }

  /** A repair that was killed before it could commit what it had produced. */
  private static KafkaProducer<byte[], byte[]> killedRepair(
      String name, List<ConsumerRecord<byte[], byte[]>> records, String topic) {
    KafkaProducer<byte[], byte[]> producer =
        new KafkaProducer<>(
            Map.of(
                "bootstrap.servers",
                broker.bootstrap(),
                "transactional.id",
                "allsource_audit_" + name),
            new ByteArraySerializer(),
            new ByteArraySerializer());
    producer.initTransactions();
    producer.beginTransaction();
    for (ConsumerRecord<byte[], byte[]> record : records.subList(100, 103)) {
      producer.send(copy(record, topic, record.value()));
    }
    producer.flush();
    return producer;
  }

  private static void writeMixed(ScriptedLeader leader, int events) {
    for (int i = 0; i < events; i++) {
      leader.write(
          i % 2 == 0 ? "acme" : "globex",
          "order-" + i % 7,
          i % 3 == 0 ? "order.placed" : "order.paid",
          JsonText.of("{\"n\":" + i + ",\"mark\":\"intact\"}"),
          i % 5 == 0 ? null : JsonText.of("{\"by\":\"test\"}"));
    }
  }

  /** A copy in which five are dropped, and one each doubled, altered, moved and added. */
  private static List<ProducerRecord<byte[], byte[]>> damaged(
      List<ConsumerRecord<byte[], byte[]>> records, String topic) {
    List<ProducerRecord<byte[], byte[]>> copy = new ArrayList<>();
    records.sort(Comparator.comparingLong(ConsumerRecord::offset));
    for (ConsumerRecord<byte[], byte[]> record : records) {
      copy.add(copy(record, topic, record.value()));
    }
    copy.add(copy.get(20));
    ConsumerRecord<byte[], byte[]> altered = records.get(30);
    String value = new String(altered.value(), UTF_8).replace("intact", "broken");
    copy.set(30, copy(altered, topic, value.getBytes(UTF_8)));
    ProducerRecord<byte[], byte[]> moved = copy.remove(40);
    copy.add(150, moved);
    copy.add(foreign(records.get(50), topic));
    copy.subList(100, 105).clear();
    return copy;
  }

  private static ProducerRecord<byte[], byte[]> copy(
      ConsumerRecord<byte[], byte[]> record, String topic, byte[] value) {
    return new ProducerRecord<>(
        topic, record.partition(), record.timestamp(), record.key(), value, record.headers());
  }

  /** The same event with another id, wherever the format has it. */
  private static ProducerRecord<byte[], byte[]> foreign(
      ConsumerRecord<byte[], byte[]> record, String topic) {
    String id = header(record, "allsource.event_id");
    String other = id.substring(0, 35) + (id.endsWith("0") ? "1" : "0");
    String value = new String(record.value(), UTF_8).replace(id, other);
    ProducerRecord<byte[], byte[]> copy = copy(record, topic, value.getBytes(UTF_8));
    copy.headers().remove("allsource.event_id");
    copy.headers().add("allsource.event_id", other.getBytes(UTF_8));
    return copy;
  }

  @Test
  void anIdleSourceMarksAndItsMetricTellsWhen() throws Exception {
    String name = "idle";
    try (ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(6))) {
      worker.rest().create(name, config(name, leader, "event_json"));
      Await.until("marks come", Await.LIMIT, () -> ledger(name).size() > 5);
      assertTrue(topics.read(name + ".ledger").size() > 5);
      JsonNode offsets = worker.rest().offsets(name);
      assertTrue(offsets.toString().contains("ledger_mark"), offsets.toString());
    } finally {
      worker.rest().delete(name);
    }
  }

  /** What users have in their chains; the dead letters go through it, too. */
  @Test
  void aCommonChainIsPassed() throws Exception {
    String name = "chained";
    try (ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(8))) {
      Map<String, String> config = config(name, leader, "event");
      config.put("transforms", "site,key,route,head");
      config.put("transforms.site.type", TRANSFORMS + "InsertField$Value");
      config.put("transforms.site.static.field", "site");
      config.put("transforms.site.static.value", "berlin");
      config.put("transforms.key.type", TRANSFORMS + "ValueToKey");
      config.put("transforms.key.fields", "entity_id");
      config.put("transforms.route.type", TRANSFORMS + "TimestampRouter");
      config.put("transforms.route.topic.format", "${topic}");
      config.put("transforms.head.type", TRANSFORMS + "InsertHeader");
      config.put("transforms.head.header", "site");
      config.put("transforms.head.value.literal", "berlin");
      config.put("key.converter", "org.apache.kafka.connect.json.JsonConverter");
      config.put("record.refused.policy", "dlq");
      config.put("dlq.topic", name + ".dead");
      config.put("record.max.bytes", "3000");
      worker.rest().create(name, config);
      write(leader, 40);
      leader.write(
          "acme", "big", "order.placed", JsonText.of("\"" + "x".repeat(4_000) + "\""), null);
      write(leader, 40);
      awaitCovered(name, "event", 80);
      assertEquals(List.of(), proof(topics.read(name), name, "event").wrong());
      JsonNode dead = JSON.readTree(topics.await(name + ".dead", 1, Await.LIMIT).get(0).value());
      assertEquals("allsource.dead_letter", dead.get("event_type").asText());
      assertEquals("berlin", dead.get("site").asText());
      assertFalse(worker.rest().status(name).toString().contains("FAILED"));
    } finally {
      worker.rest().delete(name);
    }
  }
}
