package io.github.allsourceconnect.harness;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The harness itself, with Kafka's own file source. */
class HarnessIT {

  @TempDir Path folder;
  private Broker broker;

  @BeforeEach
  void startBroker() {
    broker = Broker.start();
  }

  @AfterEach
  void stopBroker() {
    broker.close();
  }

  @Test
  void connectorRunsAndIsPausedResumedRestartedDeleted() throws Exception {
    Path file = Files.writeString(folder.resolve("lines"), "one\ntwo\n");
    WorkerSettings settings = WorkerSettings.of(broker, Folders.pluginPath()).exactlyOnce();
    try (InProcessWorker worker = InProcessWorker.start(settings)) {
      ConnectRest rest = worker.rest();
      rest.create("lines", fileSource(file));
      rest.awaitRunning("lines", 1, Await.LIMIT);
      assertEquals(List.of("one", "two"), await(2));

      rest.pause("lines");
      rest.awaitState("lines", 1, "PAUSED", Await.LIMIT);
      rest.resume("lines");
      rest.restart("lines");
      rest.awaitRunning("lines", 1, Await.LIMIT);
      Await.until(
          "an offset is there",
          Await.LIMIT,
          () -> !rest.offsets("lines").path("offsets").isEmpty());
    }
    Files.writeString(file, "one\ntwo\nthree\n");
    try (InProcessWorker worker = InProcessWorker.start(settings)) {
      assertEquals(List.of("one", "two", "three"), await(3));
      worker.rest().delete("lines");
    }
  }

  @Test
  void killedWorkerIsReplacedByAnotherOfItsGroup() throws Exception {
    Path file = Files.writeString(folder.resolve("lines"), "one\n");
    WorkerSettings settings =
        WorkerSettings.of(broker, Folders.pluginPath())
            .exactlyOnce()
            .with("session.timeout.ms", "6000")
            .with("heartbeat.interval.ms", "1000");
    WorkerProcess first = WorkerProcess.start(settings);
    try {
      first.rest().create("lines", fileSource(file));
      await(1);
    } finally {
      first.kill();
    }
    Files.writeString(file, "one\ntwo\n");
    try (WorkerProcess second = WorkerProcess.start(settings.another())) {
      assertEquals(List.of("one", "two"), await(2));
    }
  }

  @Test
  void brokerKeepsItsRecordsThroughAPause() {
    Topics topics = new Topics(broker.bootstrap());
    topics.create("kept", 1, Map.of());
    topics.write(List.of(new ProducerRecord<>("kept", "x".getBytes(StandardCharsets.UTF_8))));

    broker.pause();
    broker.resume();

    assertTrue(topics.await("kept", 1, Await.LIMIT).size() == 1);
  }

  private List<String> await(int count) {
    return new Topics(broker.bootstrap())
        .await("lines", count, Await.LIMIT).stream()
            .map(record -> new String(record.value(), StandardCharsets.UTF_8))
            .toList();
  }

  private static Map<String, String> fileSource(Path file) {
    return Map.of(
        "connector.class",
        "org.apache.kafka.connect.file.FileStreamSourceConnector",
        "file",
        file.toString(),
        "topic",
        "lines",
        "topic.creation.default.replication.factor",
        "1",
        "topic.creation.default.partitions",
        "1",
        "value.converter",
        "org.apache.kafka.connect.storage.StringConverter");
  }
}
