package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import javax.management.ObjectName;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A leader is lost while a hole is open, and the next one lacks what is missing. A worker with
 * exactly-once support drops the transaction of a task that fails; yet what came behind the hole is
 * in Kafka, and the position knows what is missing.
 */
class LostLeaderIT {
  private static final Duration LIMIT = Duration.ofSeconds(60);
  private static final String STRING = "org.apache.kafka.connect.storage.StringConverter";
  private static final int LOST = 10;

  private static Broker broker;
  private static InProcessWorker worker;
  private static ConnectRest rest;
  private static Topics topics;

  private final List<String> came = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();
  private final Map<String, String> entities = new HashMap<>();
  private int written;

  @BeforeAll
  static void start() {
    broker = Broker.start();
    worker = InProcessWorker.start(WorkerSettings.of(broker, Folders.pluginPath()).exactlyOnce());
    rest = worker.rest();
    topics = new Topics(broker.bootstrap());
  }

  @AfterAll
  static void stop() {
    worker.close();
    broker.close();
  }

  private List<String> write(ScriptedLeader leader, int events) {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < events; i++) {
      int n = written++;
      JsonText payload = JsonText.of("{\"n\":" + n + "}");
      String id = leader.write("default", "order-" + n % 7, "placed", payload, null).event().id();
      entities.put(id, "order-" + n % 7);
      ids.add(id);
    }
    return ids;
  }

  private static Map<String, String> config(String name, String leaders, String... more) {
    Map<String, String> config = new HashMap<>();
    config.put("connector.class", "io.github.allsourceconnect.AllSourceSourceConnector");
    config.put("tasks.max", "1");
    config.put("leader.addresses", leaders);
    config.put("topic", name);
    config.put("value.format", "payload");
    config.put("gap.timeout.ms", "20000"); // the hole is open until the leader is lost
    config.put("repair.min.interval.ms", "100");
    config.put("reconnect.backoff.ms", "300");
    config.put("reconnect.backoff.max.ms", "300");
    config.put("exactly.once.support", "required");
    config.put("key.converter", STRING);
    config.put("value.converter", STRING);
    config.put("topic.creation.default.partitions", "1");
    config.put("topic.creation.default.replication.factor", "1");
    for (int i = 0; i < more.length; i += 2) {
      config.put(more[i], more[i + 1]);
    }
    return config;
  }

  /** The ids in the topic, in order, once there are so many. */
  private static List<String> await(String topic, int count) {
    List<String> ids = new ArrayList<>();
    for (ConsumerRecord<byte[], byte[]> record : topics.await(topic, count, LIMIT)) {
      ids.add(new String(record.headers().lastHeader("allsource.event_id").value(), UTF_8));
    }
    assertEquals(count, ids.size());
    return ids;
  }

  /** These and no others are in the topic, each once, those of an entity in this order. */
  private void assertInTopic(List<String> ids, String topic) {
    assertEquals(byEntity(ids), byEntity(await(topic, ids.size())));
  }

  private Map<String, List<String>> byEntity(List<String> ids) {
    return ids.stream().collect(Collectors.groupingBy(entities::get));
  }

  private static void awaitFigure(String name, String figure, Object value) {
    Object[] seen = new Object[1];
    Await.until(
        figure + " of " + name + " is " + value,
        LIMIT,
        () -> {
          seen[0] =
              ManagementFactory.getPlatformMBeanServer()
                  .getAttribute(
                      new ObjectName(
                          "io.github.allsourceconnect:type=source-metrics,connector="
                              + name
                              + ",task=0"),
                      figure);
          return seen[0].equals(value);
        },
        () -> "but was " + seen[0]);
  }

  private static String failure(String name) {
    rest.awaitState(name, 1, "FAILED", LIMIT);
    return rest.status(name).path("tasks").path(0).path("trace").asText();
  }

  /** Sixty events come, ten do not, twenty wait for them; then the first leader is gone. */
  private void loseWithAHole(String name, ScriptedLeader first, ScriptedLeader next)
      throws Exception {
    awaitFigure(name, "state", "LIVE");
    came.addAll(write(first, 60));
    await(name, 60);
    first.overrun(LOST);
    missing.addAll(write(first, LOST));
    Await.until("ten are lost", LIMIT, () -> first.overwritten() == LOST);
    came.addAll(write(first, 20));
    awaitFigure(name, "held", 20L);
    awaitFigure(name, "open", (long) LOST);
    first.stop();
    awaitFigure(name, "leader", next.address());
    awaitFigure(name, "state", "LIVE");
    came.addAll(write(next, 5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"poll", "interval"})
  void whatIsMissingIsNotForgottenAndWhatWaitedIsNotLost(String boundary) throws Exception {
    String name = "lost-" + boundary;
    try (ScriptedLeader first = ScriptedLeader.start(LeaderScript.observed(1).withLate(0));
        ScriptedLeader next = ScriptedLeader.start(LeaderScript.observed(2).withLate(0))) {
      String leaders = first.address() + "," + next.address();
      Map<String, String> config = config(name, leaders, "transaction.boundary", boundary);
      if (boundary.equals("interval")) {
        config.put("transaction.boundary.interval.ms", "1000");
      }
      rest.create(name, config);
      loseWithAHole(name, first, next);
      String said = failure(name);
      assertTrue(said.contains("0 of the 10 events behind offset 60"), said);
      assertInTopic(came, name);

      rest.restart(name);
      awaitFigure(name, "open", 10L);
      came.addAll(write(next, 5));
      said = failure(name);
      assertTrue(said.contains("10 events behind offset 60"), said);
      assertInTopic(came, name);

      config.put("gap.policy", "continue");
      rest.configure(name, config);
      awaitFigure(name, "state", "LIVE");
      came.addAll(write(next, 5));
      assertInTopic(came, name);
      awaitFigure(name, "unaccounted", 10L);
      awaitFigure(name, "balance", 0L);
      rest.awaitRunning(name, 1, LIMIT);
      rest.delete(name);
    }
  }

  @Test
  void theLostLeaderComesBack() throws Exception {
    String name = "back-again";
    try (ScriptedLeader first = ScriptedLeader.start(LeaderScript.observed(3).withLate(0));
        ScriptedLeader next = ScriptedLeader.start(LeaderScript.observed(4).withLate(0))) {
      rest.create(name, config(name, first.address() + "," + next.address()));
      loseWithAHole(name, first, next);
      failure(name);
      assertInTopic(came, name);
      first.restart();
      rest.configure(name, config(name, first.address()));
      awaitFigure(name, "state", "LIVE");
      List<String> live = write(first, 5);
      List<String> all = await(name, 85 + LOST + 5);
      assertEquals(new HashSet<>(missing), new HashSet<>(all.subList(85, 85 + LOST)));
      assertEquals(byEntity(live), byEntity(all.subList(85 + LOST, all.size())));
      awaitFigure(name, "late", (long) LOST);
      awaitFigure(name, "unaccounted", 0L);
      awaitFigure(name, "open", 0L);
      rest.awaitRunning(name, 1, LIMIT);
      rest.delete(name);
    }
  }
}
