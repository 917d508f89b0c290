package io.github.allsourceconnect.config;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.TlsStores;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every example is posted to a running worker, as it stands but for addresses, stores and names,
 * and events come out at its other end.
 */
@Execution(ExecutionMode.CONCURRENT)
class ExamplesIT {
  private static final Path FOLDER = Path.of("..", "config-examples");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int EVENTS = 60;

  /** These are tried together, one with the other. */
  private static final Set<String> TOGETHER = Set.of("sink-tls.json", "source-tls.json");

  private static Broker broker;
  private static InProcessWorker worker;
  private static ScriptedLeader leader;
  private static Topics topics;

  @BeforeAll
  static void start() {
    broker = Broker.start();
    topics = new Topics(broker.bootstrap());
    worker = InProcessWorker.start(WorkerSettings.of(broker, Folders.pluginPath()).exactlyOnce());
    leader = ScriptedLeader.start(LeaderScript.observed(11));
    for (int i = 0; i < EVENTS; i++) {
      leader.write(
          "tenant" + i % 3,
          "order-" + i % 7,
          "order.placed",
          JsonText.of("{\"order\":{\"id\":" + i + "}}"),
          null);
      leader.write("tenant" + i % 3, "login-" + i % 7, "audit.seen", JsonText.NULL, null);
    }
  }

  @AfterAll
  static void stop() {
    leader.close();
    worker.close();
    broker.close();
  }

  static List<String> sources() throws IOException {
    return named("source");
  }

  static List<String> sinks() throws IOException {
    return named("sink");
  }

  private static List<String> named(String prefix) throws IOException {
    return ConfigExamplesTest.examples().stream()
        .map(file -> file.getFileName().toString())
        .filter(name -> name.startsWith(prefix) && !TOGETHER.contains(name))
        .toList();
  }

  private static Map<String, String> config(String file) throws IOException {
    JsonNode example = JSON.readTree(FOLDER.resolve(file).toFile());
    return new HashMap<>(
        JSON.convertValue(example.get("config"), new TypeReference<Map<String, String>>() {}));
  }

  @ParameterizedTest
  @MethodSource("sources")
  void sourceMovesEvents(String file) throws Exception {
    String name = file.replace(".json", "");
    Map<String, String> config = config(file);
    int addresses = config.get("leader.addresses").split(",", -1).length;
    // of several the first is the one that is away
    config.put(
        "leader.addresses",
        (addresses > 1 ? "127.0.0.1:" + Ports.free() + "," : "") + leader.address());
    String prefix = name + ".";
    config.put("topic", prefix + config.get("topic"));
    config.computeIfPresent("dlq.topic", (key, topic) -> "dead-" + name);
    config.computeIfPresent("ledger.topic", (key, topic) -> "ledger-" + name);
    worker.rest().createTried(name, config);
    try {
      Await.until(
          "the events are in topics " + prefix + "…",
          Await.LIMIT,
          () ->
              topics(prefix).stream().mapToInt(topic -> topics.read(topic).size()).sum() >= EVENTS,
          () -> worker.rest().status(name).toString());
      if (config.get("topic").contains("${tenant_id}")) {
        assertTrue(!topics(prefix).isEmpty(), "topics of tenants");
      }
      if (file.contains("filter")) {
        assertEquals(Set.of(prefix + "allsource.order.placed"), topics(prefix));
      }
      if (file.contains("partitions")) {
        long partitions =
            topics(prefix).stream()
                .flatMap(topic -> topics.read(topic).stream())
                .map(record -> record.partition())
                .distinct()
                .count();
        assertTrue(partitions > 1, "all in one partition");
      }
    } finally {
      worker.rest().delete(name);
    }
  }

  private static Set<String> topics(String prefix) {
    try (Admin admin = broker.admin()) {
      Set<String> found = new TreeSet<>(admin.listTopics().names().get());
      found.removeIf(topic -> !topic.startsWith(prefix));
      return found;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  @ParameterizedTest
  @MethodSource("sinks")
  void sinkServesEvents(String file) throws Exception {
    String name = file.replace(".json", "");
    Map<String, String> config = config(file);
    String topic = serving(config, name);
    config.computeIfPresent("snapshot.topic", (key, kept) -> kept + "." + name);
    config.computeIfPresent("snapshot.topic.replication.factor", (key, factor) -> "1");
    Written written = written(file);
    fill(topic, written);
    worker.rest().createTried(name, config);
    try {
      int port = Integer.parseInt(config.get("listener.port"));
      Await.until(
          "it listens",
          Await.LIMIT,
          () -> !Ports.isFree(port),
          () -> worker.rest().status(name) + "");
      try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
        socket.setSoTimeout((int) Await.LIMIT.toMillis());
        socket
            .getOutputStream()
            .write("{\"type\":\"subscribe\",\"last_offset\":0}\n".getBytes(UTF_8));
        BufferedReader lines =
            new BufferedReader(new InputStreamReader(socket.getInputStream(), UTF_8));
        int entries = 0;
        String line = lines.readLine();
        for (; line != null && !line.contains("caught_up"); line = lines.readLine()) {
          entries++;
          assertTrue(line.contains("\"event_type\":\"" + written.type() + "\""), line);
          assertTrue(line.contains("\"entity_id\":\"" + written.entity() + "\""), line);
        }
        assertEquals(EVENTS, entries);
      }
    } finally {
      worker.rest().delete(name);
    }
  }

  @Test
  void tlsBothWays(@TempDir Path folder) throws Exception {
    TlsStores stores = TlsStores.in(folder);
    Map<String, String> sink = config("sink-tls.json");
    String topic = serving(sink, "sink-tls");
    sink.keySet().removeIf(key -> key.startsWith("log.consumer."));
    sink.putAll(stores.leader());
    fill(topic, written("sink-tls.json"));
    worker.rest().createTried("sink-tls", sink);
    try {
      int port = Integer.parseInt(sink.get("listener.port"));
      Await.until("it listens", Await.LIMIT, () -> !Ports.isFree(port));
      Map<String, String> source = config("source-tls.json");
      source.put("leader.addresses", "127.0.0.1:" + port);
      source.put("topic", "source-tls.events");
      source.putAll(stores.follower());
      worker.rest().createTried("source-tls", source);
      try {
        topics.await("source-tls.events", EVENTS, Await.LIMIT);
      } finally {
        worker.rest().delete("source-tls");
      }
    } finally {
      worker.rest().delete("sink-tls");
    }
  }

  /** Makes a sink's settings those of this machine; returns its topic. */
  private static String serving(Map<String, String> config, String name) {
    String topic = name + "." + config.get("topics");
    topics.create(topic, 1, Map.of());
    config.put("topics", topic);
    config.put("listener.host", "127.0.0.1");
    config.put("listener.port", Integer.toString(Ports.free()));
    config.computeIfPresent("listener.allowed.cidrs", (key, cidrs) -> "127.0.0.0/8");
    config.put("log.bootstrap.servers", broker.bootstrap());
    return topic;
  }

  /**
   * What is in an example's topic, and what becomes of it.
   *
   * @param key of each record
   * @param value each record's, its number filled in for %d
   * @param headers of each record, in pairs
   * @param type of each event
   * @param entity of each event
   */
  private record Written(
      String key, String value, List<String> headers, String type, String entity) {}

  private static Written written(String file) throws IOException {
    return switch (file) {
      case "sink-foreign-topic.json" ->
          new Written(
              "o",
              "{\"kind\":\"order.paid\",\"order\":{\"id\":\"o-7\"},\"amount\":%d}",
              List.of(),
              "order.paid",
              "o-7");
      case "sink-outbox.json" ->
          new Written(
              "o",
              "{\"id\":%d,\"amount\":1.50}",
              List.of("id", UUID.randomUUID().toString(), "eventType", "order.paid"),
              "order.paid",
              "o");
      case "sink-debezium.json" ->
          new Written(
              resource("debezium-key.json"),
              resource("debezium-create.json"),
              List.of(),
              "customer.changed",
              "1");
      case "sink-cloudevents.json" ->
          new Written(
              null,
              "{\"n\":%d}",
              List.of(
                  "ce_specversion", "1.0",
                  "ce_id", "A-17",
                  "ce_source", "/shop/checkout",
                  "ce_type", "order.placed",
                  "ce_subject", "order-17",
                  "ce_time", "2026-01-02T03:04:05.120Z",
                  "content-type", "application/json"),
              "order.placed",
              "order-17");
      default -> // what the source writes in event_json
          new Written(
              "o",
              "{\"id\":\"00000000-0000-4000-8000-%012d\",\"event_type\":\"order.placed\","
                  + "\"entity_id\":\"o\",\"tenant_id\":\"t\",\"payload\":{\"n\":1},"
                  + "\"timestamp\":\"2026-01-01T00:00:00Z\",\"metadata\":null,\"version\":1}",
              List.of(),
              "order.placed",
              "o");
    };
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = ExamplesIT.class.getResourceAsStream("/producers/" + name)) {
      return new String(in.readAllBytes(), UTF_8).strip();
    }
  }

  private static void fill(String topic, Written written) {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrap()),
            new StringSerializer(),
            new StringSerializer())) {
      for (int i = 0; i < EVENTS; i++) {
        ProducerRecord<String, String> record =
            new ProducerRecord<>(topic, written.key(), numbered(written.value(), i));
        for (int h = 0; h < written.headers().size(); h += 2) {
          record
              .headers()
              .add(written.headers().get(h), written.headers().get(h + 1).getBytes(UTF_8));
        }
        producer.send(record);
      }
    }
  }

  private static String numbered(String value, int n) {
    return value.replace("%012d", String.format("%012d", n)).replace("%d", Integer.toString(n));
  }
}
