package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectRest;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerProcess;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.ledger.LedgerConsumer;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.WalEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * The packaged source in worker processes of their own, with exactly-once support: created, paused,
 * resumed, restarted, deleted over REST; the worker killed and replaced; the leader overrun, cut
 * off and killed. Every event is in Kafka once, in order for its entity.
 */
class SourceIT {

  private static Broker broker;
  private static Topics topics;

  private final List<WalEntry> written = new CopyOnWriteArrayList<>();

  @BeforeAll
  static void start() {
    broker = Broker.start();
    topics = new Topics(broker.bootstrap());
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @ParameterizedTest
  @EnumSource(LeaderScript.Release.class)
  void everythingOnceAndInOrderWhateverHappens(LeaderScript.Release release) {
    String name = "source-" + release.name().toLowerCase(Locale.ROOT).replace('_', '-');
    WorkerSettings settings = WorkerSettings.of(broker, Folders.pluginPath()).exactlyOnce();
    LeaderScript script = LeaderScript.observed(7).with(release);
    try (ScriptedLeader leader = ScriptedLeader.start(script, 0, written::add)) {
      write(leader, 300);
      WorkerProcess worker = WorkerProcess.start(settings);
      try {
        ConnectRest rest = worker.rest();
        rest.create(name, config(name, leader));
        awaitAll(name);
        write(leader, 200);
        leader.overrun(40);
        write(leader, 200);
        awaitAll(name);

        rest.pause(name);
        write(leader, 100);
        rest.resume(name);
        awaitAll(name);
        rest.restart(name);
        write(leader, 100);
        awaitAll(name);

        write(leader, 500);
        worker.kill();
        write(leader, 100);
        worker = WorkerProcess.start(settings.another());
        write(leader, 100);
        awaitAll(name);

        leader.cutConnections();
        write(leader, 100);
        awaitAll(name);
        leader.crash();
        leader.restart();
        write(leader, 1);
        awaitAll(name);
        write(leader, 100);
        awaitAll(name);

        rest = worker.rest();
        rest.delete(name);
        write(leader, 50);
        rest.create(name, config(name, leader));
        awaitAll(name);
      } finally {
        worker.close();
      }
    }
    check(name);
  }

  private void write(ScriptedLeader leader, int events) {
    for (int i = 0; i < events; i++) {
      int n = written.size();
      leader.write(
          n % 3 == 0 ? "acme" : "default",
          "order-" + n % 37,
          "order.placed",
          JsonText.of("{\"n\":" + n + ",\"big\":18446744073709551615,\"text\":\"\u2028\"}"),
          null);
    }
  }

  private static Map<String, String> config(String name, ScriptedLeader leader) {
    Map<String, String> config = ConnectorSettings.source(leader.address(), name);
    config.put("repair.min.interval.ms", "200");
    config.put("ledger.topic", name + ".ledger");
    config.put("ledger.interval.ms", "1000");
    config.put("reconnect.backoff.ms", "100");
    config.put("reconnect.backoff.max.ms", "500");
    return config;
  }

  private void awaitAll(String topic) {
    int[] seen = new int[1];
    Await.until(
        "all " + written.size() + " events are in Kafka",
        Await.LIMIT,
        () -> {
          seen[0] = topics.read(topic).size();
          return seen[0] >= written.size();
        },
        () -> "but " + seen[0] + " were");
  }

  private void check(String topic) {
    Map<String, WalEntry> byId = new HashMap<>();
    Map<String, Integer> place = new HashMap<>();
    for (WalEntry entry : written) {
      place.put(entry.event().id(), place.size());
      byId.put(entry.event().id(), entry);
    }
    Map<String, Integer> lastOfEntity = new HashMap<>();
    Map<String, Boolean> seen = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : topics.read(topic)) {
      String id = new String(record.headers().lastHeader("allsource.event_id").value(), UTF_8);
      WalEntry entry = byId.get(id);
      assertNotNull(entry, "an event that nobody wrote");
      assertNull(seen.put(id, true), "event " + place.get(id) + " twice");
      assertEquals(entry.event().payload().toString(), new String(record.value(), UTF_8));
      String entity = new String(record.key(), UTF_8);
      assertEquals(entry.event().entityId(), entity);
      Integer last = lastOfEntity.put(entity, place.get(id));
      assertTrue(
          last == null || last < place.get(id),
          () -> "event " + place.get(id) + " of " + entity + " after event " + last);
    }
    assertEquals(written.size(), seen.size());
    prove(topic);
  }

  /** The same as a consumer sees it that knows only what the ledger topic says. */
  private void prove(String topic) {
    LedgerConsumer proof = new LedgerConsumer(true);
    for (ConsumerRecord<byte[], byte[]> record : topics.read(topic)) {
      proof.event(
          new String(record.headers().lastHeader("allsource.event_id").value(), UTF_8),
          new String(record.headers().lastHeader("allsource.mark").value(), UTF_8));
    }
    for (ConsumerRecord<byte[], byte[]> record : topics.read(topic + ".ledger")) {
      proof.ledger(new String(record.value(), UTF_8));
    }
    assertEquals(List.of(), proof.wrong());
    assertTrue(proof.covered() > written.size() * 9L / 10, "covered " + proof.covered());
  }
}
