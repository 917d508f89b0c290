package io.github.allsourceconnect.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;

import io.github.allsourceconnect.AllSourceSourceConnector;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.Testcontainers;
import org.testcontainers.containers.BindMode;
import org.testcontainers.containers.GenericContainer;
import org.testcontainers.containers.Network;
import org.testcontainers.containers.wait.strategy.Wait;
import org.testcontainers.images.builder.Transferable;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The packaged plugin, mounted into a worker of the image that Apache Kafka publishes, beside a
 * broker of it: what a user has who builds on that image. The leader is in this process.
 */
class ContainerIT {
  private static final DockerImageName IMAGE = DockerImageName.parse("apache/kafka:4.3.1");
  private static final String BROKER = "kafka:19092";
  private static final String PLUGINS = "/opt/plugins";
  private static final String PROPERTIES = "/tmp/worker.properties";
  private static final String HOST = "host.testcontainers.internal:";
  private static final int REST = 8083;
  private static final String TOPIC = "events";
  private static final int STORED = 20;
  private static final int LIVE = 20;

  @Test
  void eventsReachABrokerThroughAWorkerInAContainer() {
    skipWithoutEngine();
    try (Network network = Network.newNetwork();
        KafkaContainer kafka = new KafkaContainer(IMAGE).withNetwork(network).withListener(BROKER);
        ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(1))) {
      kafka.start();
      int port = leader.port();
      Testcontainers.exposeHostPorts(port);
      try (GenericContainer<?> worker = worker(network)) {
        worker.start();
        URI rest = URI.create("http://" + worker.getHost() + ":" + worker.getMappedPort(REST));
        historyAndLiveEventsArrive(
            leader, HOST + port, new ConnectRest(rest), new Topics(kafka.getBootstrapServers()));
      }
    }
  }

  private static void skipWithoutEngine() {
    try {
      DockerClientFactory.instance().client();
    } catch (IllegalStateException | LinkageError e) {
      abort(
          "skipped: no Docker engine answers, so there is no container to test in ("
              + e.getMessage()
              + ")");
    }
  }

  private static GenericContainer<?> worker(Network network) {
    WorkerSettings settings =
        WorkerSettings.of(BROKER, Path.of(PLUGINS), REST)
            .exactlyOnce()
            .with("listeners", "http://0.0.0.0:" + REST);
    return new GenericContainer<>(IMAGE)
        .withNetwork(network)
        .withFileSystemBind(Folders.pluginPath().toString(), PLUGINS, BindMode.READ_ONLY)
        .withCopyToContainer(Transferable.of(text(settings)), PROPERTIES)
        .withCreateContainerCmdModifier(
            command -> command.withEntrypoint("/opt/kafka/bin/connect-distributed.sh", PROPERTIES))
        .withExposedPorts(REST)
        .waitingFor(Wait.forHttp("/connectors").withStartupTimeout(Await.LIMIT));
  }

  private static String text(WorkerSettings settings) {
    StringBuilder text = new StringBuilder();
    settings
        .properties()
        .forEach((key, value) -> text.append(key).append('=').append(value).append('\n'));
    return text.toString();
  }

  private static void historyAndLiveEventsArrive(
      ScriptedLeader leader, String address, ConnectRest rest, Topics topics) {
    topics.create(TOPIC, 1, Map.of());
    List<String> written = new ArrayList<>();
    write(leader, STORED, written);
    rest.createTried(
        "store",
        Map.of(
            "connector.class",
            AllSourceSourceConnector.class.getName(),
            "leader.addresses",
            address,
            "topic",
            TOPIC,
            "value.format",
            "payload",
            "value.converter",
            "org.apache.kafka.connect.storage.StringConverter"));
    topics.await(TOPIC, STORED, Await.LIMIT);
    write(leader, LIVE, written);
    assertEquals(
        written,
        topics.await(TOPIC, STORED + LIVE, Await.LIMIT).stream().map(ContainerIT::text).toList());
  }

  /** Events of one entity, so that their order is certain. */
  private static void write(ScriptedLeader leader, int count, List<String> written) {
    for (int i = 0; i < count; i++) {
      String payload = "{\"n\":" + written.size() + ",\"big\":18446744073709551615}";
      String id =
          leader
              .write("default", "order-1", "order.placed", JsonText.of(payload), null)
              .event()
              .id();
      written.add(id + " " + payload);
    }
  }

  private static String text(ConsumerRecord<byte[], byte[]> record) {
    return new String(
            record.headers().lastHeader("allsource.event_id").value(), StandardCharsets.UTF_8)
        + " "
        + new String(record.value(), StandardCharsets.UTF_8);
  }
}
