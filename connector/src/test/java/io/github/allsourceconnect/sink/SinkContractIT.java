package io.github.allsourceconnect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
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
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What Connect asks of a sink, and which log it is: paused, stopped, offsets, another topic. */
class SinkContractIT {

  private static Broker broker;
  private static InProcessWorker worker;
  private static Topics topics;

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

  private static int create(String name) {
    topics.create(name, 1, Map.of());
    int port = Ports.free();
    worker.rest().create(name, ConnectorSettings.sink(broker, name, port));
    awaitServing(name, port);
    return port;
  }

  private static void awaitServing(String name, int port) {
    worker.rest().awaitRunning(name, 1, Await.LIMIT);
    Await.until("port " + port + " is open", Await.LIMIT, () -> ScriptedFollower.canConnect(port));
  }

  private static void produce(String topic, int from, int to) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int number = from; number < to; number++) {
      records.add(
          new ProducerRecord<>(
              topic, 0, ("order-" + number).getBytes(UTF_8), Events.json(number).getBytes(UTF_8)));
    }
    topics.write(records);
  }

  private static void recreate(String topic) throws Exception {
    broker.admin().deleteTopics(List.of(topic)).all().get();
    Await.until(
        topic + " is gone",
        Await.LIMIT,
        () -> !broker.admin().listTopics().names().get().contains(topic));
    topics.create(topic, 1, Map.of());
  }

  private static void expect(ScriptedFollower follower, long from, long to) throws IOException {
    for (long offset = from; offset <= to; offset++) {
      assertEquals(offset, follower.nextEntry());
    }
  }

  private static long committed(String name, String topic) {
    for (JsonNode each : worker.rest().offsets(name).path("offsets")) {
      if (each.path("partition").path("kafka_topic").asText().equals(topic)) {
        return each.path("offset").path("kafka_offset").asLong();
      }
    }
    return -1;
  }

  private static void awaitCommitted(String name, long offset) {
    Await.until(
        name + " is committed up to " + offset,
        Await.LIMIT,
        () -> committed(name, name) == offset,
        () -> "but it was " + committed(name, name));
  }

  /** A follower at 100 got 101 to 200 of the new topic, and never its 1 to 100. */
  @Test
  void aTopicThatIsCreatedAgainWhileItIsServedIsAnotherLog() throws Exception {
    int port = create("again");
    produce("again", 0, 100);
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      expect(follower, 1, 100);
      assertEquals(100, follower.nextCaughtUp());
      follower.ack(100);
      awaitCommitted("again", 100);
      recreate("again");
      produce("again", 1_000, 1_200);
      follower.assertClosed();
    }
    // the group loses the partition with the topic, and gets it back with the new one
    try (ScriptedFollower old = ScriptedFollower.subscribed(port, 100)) {
      old.assertClosed();
    }
    try (ScriptedFollower fresh = ScriptedFollower.subscribed(port, 0)) {
      expect(fresh, 1, 200);
      assertEquals(200, fresh.nextCaughtUp());
      fresh.ack(7);
      awaitCommitted("again", 7);
    }
  }

  /** Another topic in the connector's settings: a follower of the first one is refused. */
  @Test
  void anotherTopicIsAnotherLog() throws Exception {
    int port = create("first");
    produce("first", 0, 10);
    topics.create("second", 1, Map.of());
    produce("second", 0, 20);
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      expect(follower, 1, 10);
      assertEquals(10, follower.nextCaughtUp());
      follower.ack(10);
      awaitCommitted("first", 10);
      worker.rest().configure("first", ConnectorSettings.sink(broker, "second", port));
      follower.assertClosed();
    }
    awaitServing("first", port);
    try (ScriptedFollower old = ScriptedFollower.subscribed(port, 10)) {
      old.assertClosed();
    }
    try (ScriptedFollower fresh = ScriptedFollower.subscribed(port, 0)) {
      expect(fresh, 1, 20);
    }
    // deleting the offsets says that all followers of the first topic were reset
    ConnectRest rest = worker.rest();
    rest.stop("first");
    Await.until("the port is free", Await.LIMIT, () -> Ports.isFree(port));
    ConnectRest.Refused refused =
        assertThrows(
            ConnectRest.Refused.class, () -> rest.setOffset("first", "second", 0, 1_000_000_000));
    assertTrue(refused.getMessage().contains("can't be set"), refused.getMessage());
    rest.deleteOffsets("first");
    rest.resume("first");
    awaitServing("first", port);
    try (ScriptedFollower believed = ScriptedFollower.subscribed(port, 10)) {
      expect(believed, 11, 20);
    }
  }

  @Test
  void aPausedSinkSendsNothingNewAndTakesAcks() throws Exception {
    int port = create("paused");
    produce("paused", 0, 10);
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      expect(follower, 1, 10);
      assertEquals(10, follower.nextCaughtUp());
      worker.rest().pause("paused");
      worker.rest().awaitState("paused", 1, "PAUSED", Await.LIMIT);
      produce("paused", 10, 20);
      follower.ack(10);
      awaitCommitted("paused", 10);
      // whoever comes now gets what was handed over before, and no more; nobody is closed
      try (ScriptedFollower second = ScriptedFollower.subscribed(port, 0)) {
        expect(second, 1, 10);
        assertEquals(0, second.available());
        assertEquals(0, follower.available());
        worker.rest().resume("paused");
        expect(second, 11, 20);
        assertEquals(20, second.nextCaughtUp());
        expect(follower, 11, 20);
      }
    }
  }

  /** What is written meanwhile is there afterwards, for old followers and new ones. */
  @Test
  void aSinkThatIsStoppedAndResumedLosesNothing() throws Exception {
    int port = create("stopped");
    produce("stopped", 0, 10);
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      expect(follower, 1, 10);
      assertEquals(10, follower.nextCaughtUp());
      follower.ack(7);
      awaitCommitted("stopped", 7);
      worker.rest().stop("stopped");
      follower.assertClosed();
    }
    Await.until("the port is free", Await.LIMIT, () -> Ports.isFree(port));
    produce("stopped", 10, 20);
    worker.rest().resume("stopped");
    awaitServing("stopped", port);
    assertEquals(7, committed("stopped", "stopped"));
    try (ScriptedFollower old = ScriptedFollower.subscribed(port, 10);
        ScriptedFollower fresh = ScriptedFollower.subscribed(port, 0)) {
      expect(old, 11, 20);
      expect(fresh, 1, 20);
      old.ack(20);
      fresh.ack(20);
      awaitCommitted("stopped", 20);
    }
  }

  /** Its records were served, and the worker's group was committed with them. */
  @Test
  void anotherClusterWithATopicOfTheNameIsFound() throws Exception {
    try (Broker other = Broker.start()) {
      new Topics(other.bootstrap()).create("elsewhere", 1, Map.of());
      topics.create("elsewhere", 1, Map.of());
      produce("elsewhere", 0, 10);
      List<ProducerRecord<byte[], byte[]>> others = new ArrayList<>();
      for (int number = 0; number < 30; number++) {
        others.add(
            new ProducerRecord<>(
                "elsewhere",
                0,
                1_000L + number,
                ("order-" + number).getBytes(UTF_8),
                Events.json(500 + number).getBytes(UTF_8)));
      }
      new Topics(other.bootstrap()).write(others);
      Map<String, String> settings = ConnectorSettings.sink(broker, "elsewhere", Ports.free());
      settings.put("log.bootstrap.servers", other.bootstrap());
      worker.rest().create("elsewhere", settings);
      worker.rest().awaitState("elsewhere", 1, "FAILED", Await.LIMIT);
      String trace = worker.rest().status("elsewhere").toString();
      assertTrue(trace.contains("another cluster with a topic of the same name"), trace);
      assertEquals(-1, committed("elsewhere", "elsewhere"));
    }
  }
}
