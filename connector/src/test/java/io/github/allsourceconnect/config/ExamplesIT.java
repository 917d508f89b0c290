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
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Every example is posted to a running worker, as it stands but for addresses, stores and names,
 * and events come out at its other end.
 */
class ExamplesIT {
  private static final Path FOLDER = Path.of("..", "config-examples");
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int EVENTS = 60;

  /** The first two are tried together, one with the other; the others in ForeignTopicsTest. */
  private static final Set<String> ELSEWHERE =
      Set.of("sink-tls.json", "source-tls.json", "sink-debezium.json", "sink-cloudevents.json");

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
        .filter(name -> name.startsWith(prefix) && !ELSEWHERE.contains(name))
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
    boolean foreign = file.contains("foreign");
    boolean outbox = file.contains("outbox");
    fill(topic, foreign || outbox);
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
          assertTrue(line.contains(foreign || outbox ? "order.paid" : "order.placed"), line);
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
    fill(topic, false);
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

  /** What the source writes in event_json, or what a shop and its outbox write. */
  private static void fill(String topic, boolean foreign) {
    try (KafkaProducer<String, String> producer =
        new KafkaProducer<>(
            Map.of("bootstrap.servers", broker.bootstrap()),
            new StringSerializer(),
            new StringSerializer())) {
      for (int i = 0; i < EVENTS; i++) {
        String value =
            foreign
                ? "{\"kind\":\"order.paid\",\"order\":{\"id\":\"o" + i + "\"},\"amount\":1.50}"
                : "{\"id\":\"00000000-0000-4000-8000-%012d\",\"event_type\":\"order.placed\","
                        .formatted(i)
                    + "\"entity_id\":\"o\",\"tenant_id\":\"t\",\"payload\":{\"n\":"
                    + i
                    + "},\"timestamp\":\"2026-01-01T00:00:00Z\",\"metadata\":null,\"version\":1}";
        ProducerRecord<String, String> record = new ProducerRecord<>(topic, "o", value);
        if (foreign) {
          record.headers().add("id", UUID.randomUUID().toString().getBytes(UTF_8));
          record.headers().add("eventType", "order.paid".getBytes(UTF_8));
        }
        producer.send(record);
      }
    }
  }
}
