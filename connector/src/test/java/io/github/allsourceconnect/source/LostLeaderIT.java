package io.github.allsourceconnect.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
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
  private static final int LOST = 10;

  private static SourceWorker exactlyOnce;

  private SourceWorker source = exactlyOnce;
  private final List<String> came = new ArrayList<>();
  private final List<String> missing = new ArrayList<>();
  private final Map<String, String> entities = new HashMap<>();
  private int written;

  @BeforeAll
  static void start() {
    exactlyOnce = SourceWorker.start(WorkerSettings::exactlyOnce);
  }

  @AfterAll
  static void stop() {
    exactlyOnce.close();
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

  private static Map<String, String> config(String name, ScriptedLeader leader) {
    Map<String, String> config = ConnectorSettings.source(leader.address(), name);
    config.put("gap.timeout.ms", "20000"); // the hole is open until the leader is lost
    config.put("repair.min.interval.ms", "100");
    config.put("reconnect.backoff.ms", "300");
    config.put("reconnect.backoff.max.ms", "300");
    config.put("exactly.once.support", "required");
    return config;
  }

  private static Map<String, String> config(
      String name, ScriptedLeader first, ScriptedLeader next) {
    Map<String, String> config = config(name, first);
    config.put("leader.addresses", first.address() + "," + next.address());
    return config;
  }

  /** These and no others are in the topic, each once, those of an entity in this order. */
  private void assertInTopic(List<String> ids, String topic) {
    assertEquals(byEntity(ids), byEntity(source.await(topic, ids.size())));
  }

  private Map<String, List<String>> byEntity(List<String> ids) {
    return ids.stream().collect(Collectors.groupingBy(entities::get));
  }

  /** Sixty events come, ten do not, twenty wait for them; then the first leader is gone. */
  private void loseWithAHole(String name, ScriptedLeader first, ScriptedLeader next)
      throws Exception {
    source.awaitFigure(name, "state", "LIVE");
    came.addAll(write(first, 60));
    source.await(name, 60);
    first.overrun(LOST);
    missing.addAll(write(first, LOST));
    Await.until("ten are lost", Await.LIMIT, () -> first.overwritten() == LOST);
    came.addAll(write(first, 20));
    source.awaitFigure(name, "held", 20L);
    source.awaitFigure(name, "open", (long) LOST);
    first.stop();
    source.awaitFigure(name, "leader", next.address());
    source.awaitFigure(name, "state", "LIVE");
    came.addAll(write(next, 5));
  }

  @ParameterizedTest
  @ValueSource(strings = {"poll", "interval"})
  void whatIsMissingIsNotForgottenAndWhatWaitedIsNotLost(String boundary) throws Exception {
    Map<String, String> settings = new HashMap<>();
    settings.put("transaction.boundary", boundary);
    if (boundary.equals("interval")) {
      settings.put("transaction.boundary.interval.ms", "1000");
    }
    lossStaysKnown("lost-" + boundary, settings);
  }

  /** Then Connect commits the offsets of a task that fails by itself. */
  @Test
  void theSameWithoutExactlyOnce() throws Exception {
    try (SourceWorker plain = SourceWorker.start(settings -> settings)) {
      source = plain;
      lossStaysKnown("lost-plain", Map.of("exactly.once.support", "requested"));
    }
  }

  private void lossStaysKnown(String name, Map<String, String> settings) throws Exception {
    try (ScriptedLeader first = ScriptedLeader.start(LeaderScript.observed(1).withLate(0));
        ScriptedLeader next = ScriptedLeader.start(LeaderScript.observed(2).withLate(0))) {
      Map<String, String> config = config(name, first, next);
      config.putAll(settings);
      source.rest.create(name, config);
      loseWithAHole(name, first, next);
      String said = source.failure(name);
      assertTrue(said.contains("0 of the 10 events behind offset 60"), said);
      assertInTopic(came, name);

      source.rest.restart(name);
      source.awaitFigure(name, "open", 10L);
      came.addAll(write(next, 5));
      said = source.failure(name);
      assertTrue(said.contains("10 events behind offset 60"), said);
      assertInTopic(came, name);

      config.put("gap.policy", "continue");
      source.rest.configure(name, config);
      source.awaitFigure(name, "state", "LIVE");
      came.addAll(write(next, 5));
      assertInTopic(came, name);
      source.awaitFigure(name, "unaccounted", 10L);
      source.awaitFigure(name, "balance", 0L);
      source.rest.awaitRunning(name, 1, Await.LIMIT);
      source.rest.delete(name);
    }
  }

  @Test
  void theLostLeaderComesBack() throws Exception {
    String name = "back-again";
    try (ScriptedLeader first = ScriptedLeader.start(LeaderScript.observed(3).withLate(0));
        ScriptedLeader next = ScriptedLeader.start(LeaderScript.observed(4).withLate(0))) {
      source.rest.create(name, config(name, first, next));
      loseWithAHole(name, first, next);
      source.failure(name);
      assertInTopic(came, name);
      first.restart();
      source.rest.configure(name, config(name, first));
      source.awaitFigure(name, "state", "LIVE");
      List<String> live = write(first, 5);
      List<String> all = source.await(name, 85 + LOST + 5);
      assertEquals(new HashSet<>(missing), new HashSet<>(all.subList(85, 85 + LOST)));
      assertEquals(byEntity(live), byEntity(all.subList(85 + LOST, all.size())));
      source.awaitFigure(name, "late", (long) LOST);
      source.awaitFigure(name, "unaccounted", 0L);
      source.awaitFigure(name, "open", 0L);
      source.rest.awaitRunning(name, 1, Await.LIMIT);
      source.rest.delete(name);
    }
  }
}
