package io.github.allsourceconnect.container;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.abort;

import io.github.allsourceconnect.AllSourceSourceConnector;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;
import org.testcontainers.DockerClientFactory;
import org.testcontainers.kafka.KafkaContainer;
import org.testcontainers.utility.DockerImageName;

/**
 * The packaged plugin in a worker whose broker is the one that Apache Kafka publishes as a
 * container image, not the one of this process.
 */
class ContainerIT {
  private static final DockerImageName IMAGE = DockerImageName.parse("apache/kafka:4.3.1");
  private static final String TOPIC = "events";
  private static final int STORED = 20;
  private static final int LIVE = 20;

  @Test
  void eventsReachABrokerInAContainer() {
    skipWithoutEngine();
    try (KafkaContainer kafka = new KafkaContainer(IMAGE)) {
      kafka.start();
      historyAndLiveEventsArrive(kafka.getBootstrapServers());
    }
  }

  private static void skipWithoutEngine() {
    try {
      DockerClientFactory.instance().client();
    } catch (IllegalStateException | LinkageError e) {
      abort(
          "skipped: no Docker engine answers, so there is no broker in a container to test against ("
              + e.getMessage()
              + ")");
    }
  }

  private static void historyAndLiveEventsArrive(String bootstrap) {
    Topics topics = new Topics(bootstrap);
    topics.create(TOPIC, 1, Map.of());
    List<String> written = new ArrayList<>();
    WorkerSettings settings =
        WorkerSettings.of(bootstrap, Folders.pluginPath(), Ports.free()).exactlyOnce();
    try (ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(1))) {
      write(leader, STORED, written);
      try (InProcessWorker worker = InProcessWorker.start(settings)) {
        worker
            .rest()
            .create(
                "store",
                Map.of(
                    "connector.class",
                    AllSourceSourceConnector.class.getName(),
                    "leader.addresses",
                    leader.address(),
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
            topics.await(TOPIC, STORED + LIVE, Await.LIMIT).stream()
                .map(ContainerIT::text)
                .toList());
      }
    }
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
