package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.leader.LeaderScript;
import io.github.allsourceconnect.leader.ScriptedLeader;
import io.github.allsourceconnect.protocol.JsonText;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * Kafka's own filter in a chain, under exactly-once: what it leaves out is counted as filtered,
 * acknowledged to the leader, and passed by the position, also when it leaves out everything.
 */
class FilteredIT {
  private static SourceWorker worker;

  @BeforeAll
  static void start() {
    worker = SourceWorker.start(WorkerSettings::exactlyOnce);
  }

  @AfterAll
  static void stop() {
    worker.close();
  }

  private static void write(ScriptedLeader leader, String type, int events) {
    for (int i = 0; i < events; i++) {
      leader.write("acme", "order-" + i % 5, type, JsonText.of("{\"n\":" + i + "}"), null);
    }
  }

  /** Leaves out what goes to topics of audits. */
  private static Map<String, String> config(ScriptedLeader leader, String name) {
    Map<String, String> config = ConnectorSettings.source(leader.address(), name);
    config.put("topic", name + ".${event_type}");
    config.put("transforms", "audits");
    config.put("transforms.audits.type", "org.apache.kafka.connect.transforms.Filter");
    config.put("transforms.audits.predicate", "isAudit");
    config.put("predicates", "isAudit");
    config.put(
        "predicates.isAudit.type",
        "org.apache.kafka.connect.transforms.predicates.TopicNameMatches");
    config.put("predicates.isAudit.pattern", ".*\\.audit\\..*");
    return config;
  }

  /**
   * Within a second of being written, audits are acknowledged: a semi-synchronous leader's writes
   * wait for no more. The best of three counts, for the machine may be busy.
   */
  private static void auditsAreAckedWithinASecond(ScriptedLeader leader, int events) {
    long best = Long.MAX_VALUE;
    for (int i = 0; i < 3; i++) {
      write(leader, "audit.seen", events);
      best = Math.min(best, awaitAcked(leader));
    }
    assertTrue(best < 1_000, "acked only after " + best + " ms");
  }

  /** How long it takes until the leader has the ack of all. */
  private static long awaitAcked(ScriptedLeader leader) {
    long begun = System.nanoTime();
    Await.until(
        "all is acked",
        Await.LIMIT,
        () -> leader.lastAck() == leader.sequence(),
        () -> "but " + leader.lastAck() + " of " + leader.sequence());
    return (System.nanoTime() - begun) / 1_000_000;
  }

  private static void awaitPosition(String name, long walOffset) {
    Await.until(
        "the position is at " + walOffset,
        Await.LIMIT,
        () -> worker.rest.offsets(name).toString().contains("\"wal_offset\":" + walOffset),
        () -> worker.rest.offsets(name).toString());
  }

  @Test
  void someAreLeftOut() throws Exception {
    String name = "filter-some";
    try (ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(4))) {
      write(leader, "order.placed", 3);
      worker.rest.create(name, config(leader, name));
      worker.await(name + ".order.placed", 3);
      for (int i = 0; i < 10; i++) {
        write(leader, "audit.seen", 2);
        write(leader, "order.placed", 1);
      }
      awaitAcked(leader);
      auditsAreAckedWithinASecond(leader, 7);
      worker.awaitFigure(name, "filtered", 41L);
      worker.awaitFigure(name, "confirmed", 13L);
      worker.awaitFigure(name, "dropped", 0L);
      worker.rest.restart(name);
      write(leader, "audit.seen", 5);
      write(leader, "order.placed", 4);
      // what the task before stored and did not ack, the next one acks by subscribing behind it
      awaitPosition(name, leader.sequence());
      assertEquals(17, worker.await(name + ".order.placed", 17).size());
    } finally {
      worker.rest.delete(name);
    }
  }

  @Test
  void allAreLeftOut() throws Exception {
    String name = "filter-all";
    try (ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(4))) {
      worker.rest.create(name, config(leader, name));
      worker.awaitFigure(name, "connected", 1L);
      write(leader, "audit.seen", 20);
      awaitAcked(leader);
      auditsAreAckedWithinASecond(leader, 10);
      worker.awaitFigure(name, "filtered", 50L);
      worker.awaitFigure(name, "confirmed", 0L);
      write(leader, "order.placed", 2);
      worker.await(name + ".order.placed", 2);
      worker.awaitFigure(name, "confirmed", 2L);
      assertEquals(50L, worker.figure(name, "filtered"), "each is counted once");
      worker.awaitFigure(name, "unaccounted", 0L);
    } finally {
      worker.rest.delete(name);
    }
  }

  /** Connect commits no transaction without records: the ledger's marks are some. */
  @Test
  void allAreLeftOutAndTheLedgerTakesThePositionOn() throws Exception {
    String name = "filter-ledger";
    try (ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(4))) {
      Map<String, String> config = config(leader, name);
      config.put("ledger.topic", name + "-ledger");
      config.put("ledger.interval.ms", "500");
      worker.rest.create(name, config);
      worker.awaitFigure(name, "connected", 1L);
      write(leader, "audit.seen", 50);
      awaitAcked(leader);
      awaitPosition(name, leader.sequence());
      worker.awaitFigure(name, "filtered", 50L);
      Await.until(
          "a mark tells of what was filtered",
          Await.LIMIT,
          () -> last(worker.topics.read(name + "-ledger")).contains("\"filtered\":50"));
    } finally {
      worker.rest.delete(name);
    }
  }

  private static String last(List<ConsumerRecord<byte[], byte[]>> records) {
    return records.isEmpty() ? "" : new String(records.get(records.size() - 1).value(), UTF_8);
  }
}
