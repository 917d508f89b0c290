package io.github.allsourceconnect.ledger;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A consumer proves with the ledger topic that it has everything, and finds what is planted. */
class LedgerIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
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
    Map<String, String> config = new HashMap<>();
    config.put("connector.class", "io.github.allsourceconnect.AllSourceSourceConnector");
    config.put("tasks.max", "1");
    config.put("leader.addresses", leader.address());
    config.put("topic", name);
    config.put("value.format", format);
    config.put("ledger.topic", name + ".ledger");
    config.put("ledger.interval.ms", "300");
    config.put("repair.min.interval.ms", "200");
    config.put("reconnect.backoff.ms", "100");
    config.put("key.converter", STRINGS);
    config.put(
        "value.converter",
        format.equals("event") ? "org.apache.kafka.connect.json.JsonConverter" : STRINGS);
    config.put("value.converter.schemas.enable", "false");
    config.put("topic.creation.default.partitions", "1");
    config.put("topic.creation.default.replication.factor", "1");
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
        case "event" -> value.get("payload").asText();
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

  private static LedgerProof proof(
      List<ConsumerRecord<byte[], byte[]>> events, String name, String format) {
    LedgerProof proof = new LedgerProof(true);
    events.forEach(
        record ->
            proof.event(header(record, "allsource.event_id"), header(record, "allsource.mark")));
    ledger(name).forEach(record -> proof.ledger(json(record, format)));
    return proof;
  }

  private static void awaitCovered(String name, String format, long events) {
    Await.until(
        "marks cover " + events + " events",
        LIMIT,
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
          LIMIT,
          () ->
              proof(List.of(), name, format).lastMark().get("wal_offset").asLong()
                  == leader.sequence());
      List<ConsumerRecord<byte[], byte[]>> events = topics.read(name);
      LedgerProof proof = proof(events, name, format);
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

  @Test
  void anIdleSourceMarksAndItsMetricTellsWhen() throws Exception {
    String name = "idle";
    try (ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(6))) {
      worker.rest().create(name, config(name, leader, "event_json"));
      Await.until("marks come", LIMIT, () -> ledger(name).size() > 5);
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
      JsonNode dead = JSON.readTree(topics.await(name + ".dead", 1, LIMIT).get(0).value());
      assertEquals("allsource.dead_letter", dead.get("event_type").asText());
      assertEquals("berlin", dead.get("site").asText());
      assertFalse(worker.rest().status(name).toString().contains("FAILED"));
    } finally {
      worker.rest().delete(name);
    }
  }
}
