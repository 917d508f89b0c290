package io.github.allsourceconnect.source;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
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
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.WalEntry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.junit.jupiter.api.Test;

/**
 * A worker with exactly-once support, killed (SIGKILL) at each step between polling and the
 * leader's ack: before the records are produced, when they are produced and not committed, when
 * they are committed and the leader has heard no ack. What holds it at the step are settings of
 * Connect and of its producer, so that the kill can't miss it.
 */
class SourceKillIT {
  private static final String NAME = "killed";
  private static final String HOURS = "7000000";
  private static final String LAST = "lastOfAll";
  private static final String KEPT = "kept";
  private static final String DROPPED = "dropped";

  private final List<WalEntry> written = new CopyOnWriteArrayList<>();

  @Test
  void killedBeforeProducingBeforeCommittingAndBeforeTheAck() {
    try (Broker broker = Broker.start(Map.of("group.min.session.timeout.ms", "1000"));
        ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(5), 0, written::add)) {
      Topics topics = new Topics(broker.bootstrap());
      topics.create(NAME, 1, Map.of());
      WorkerSettings settings =
          WorkerSettings.of(broker, Folders.pluginPath())
              .exactlyOnce()
              .with("session.timeout.ms", "4000")
              .with("heartbeat.interval.ms", "500");

      // 1: the records wait in the producer; the broker has seen nothing
      write(leader, 300);
      Map<String, String> held = config(leader);
      held.put("transaction.boundary", "interval");
      held.put("transaction.boundary.interval.ms", HOURS);
      held.put("producer.override.linger.ms", HOURS);
      held.put("producer.override.delivery.timeout.ms", "7200000");
      held.put("producer.override.batch.size", "4000000");
      WorkerProcess worker = WorkerProcess.start(settings);
      try {
        worker.rest().create(NAME, held);
        worker.rest().awaitRunning(NAME, 1, Await.LIMIT);
        Await.until(
            "the source has its snapshot and is live",
            Await.LIMIT,
            () -> leader.snapshots() > 0 && leader.open() == 1);
        write(leader, 50);
        assertEquals(0, ids(broker, "read_uncommitted").size());
        worker.kill();
        assertEquals(0, leader.lastAck());

        // 2: produced, the transaction open
        worker = WorkerProcess.start(settings.another());
        Map<String, String> uncommitted = config(leader);
        uncommitted.put("transaction.boundary", "interval");
        uncommitted.put("transaction.boundary.interval.ms", HOURS);
        worker.rest().configure(NAME, uncommitted);
        Await.until(
            "the first 350 are produced",
            Await.LIMIT,
            () -> ids(broker, "read_uncommitted").size() == written.size());
        write(leader, 100);
        Await.until(
            "all are produced",
            Await.LIMIT,
            () -> ids(broker, "read_uncommitted").size() == written.size());
        Set<String> committed = ids(broker, "read_committed");
        worker.kill();
        assertTrue(committed.size() <= 350, "the last 100 were committed already");
        assertTrue(leader.lastAck() <= 350, "acked before it was committed");

        // 3: committed, and the leader does not know
        leader.loseAcks(true);
        worker = WorkerProcess.start(settings.another());
        worker.rest().configure(NAME, config(leader));
        write(leader, 100);
        Await.until(
            "all are committed",
            Await.LIMIT,
            () -> ids(broker, "read_committed").size() == written.size());
        leader.write(
            "default", "order-1", "order.placed", JsonText.of("{\"" + LAST + "\":true}"), null);
        // a task that does not know yet how offsets are stored keeps it with a later batch
        ConnectRest rest = worker.rest();
        Await.until(
            "the schema's last field is stored",
            Await.LIMIT,
            () -> {
              boolean isStored = rest.offsets(NAME).toString().contains(LAST);
              if (!isStored) {
                write(leader, 1);
              }
              return isStored;
            });
        Await.until(
            "what was written meanwhile is committed",
            Await.LIMIT,
            () -> ids(broker, "read_committed").size() == written.size());
        worker.kill();
        int version = version(topics.read(NAME).get(written.size() - 1));
        assertTrue(leader.lastAck() < leader.sequence());
        leader.loseAcks(false);

        worker = WorkerProcess.start(settings.another());
        worker.rest().awaitRunning(NAME, 1, Await.LIMIT);
        write(leader, 50);
        Await.until(
            "all are committed",
            Await.LIMIT,
            () -> ids(broker, "read_committed").size() == written.size());
        // what was written while nobody was live has its number only when the next entry comes
        write(leader, 1);
        Await.until("the leader knows", Await.LIMIT, () -> leader.lastAck() == leader.sequence());
        List<ConsumerRecord<byte[], byte[]>> records = topics.read(NAME);
        for (int i = records.size() - 51; i < records.size(); i++) {
          assertEquals(version, version(records.get(i)), "the schema is the one of before");
        }
      } finally {
        worker.kill();
      }
      check(topics.read(NAME), written);
    }
  }

  private static int version(ConsumerRecord<byte[], byte[]> record) {
    try {
      return new ObjectMapper().readTree(record.value()).path("schema").path("version").asInt();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * A Filter drops the last records of each batch, of the task's first one too: those before them
   * are in Kafka once all the same, wherever the worker is killed.
   */
  @Test
  void whatAFilterDropsDoublesNothing() {
    String prefix = "filtered.";
    try (Broker broker = Broker.start(Map.of("group.min.session.timeout.ms", "1000"));
        ScriptedLeader leader = ScriptedLeader.start(LeaderScript.observed(5), 0, written::add)) {
      Topics topics = new Topics(broker.bootstrap());
      topics.create(prefix + KEPT, 1, Map.of());
      WorkerSettings settings =
          WorkerSettings.of(broker, Folders.pluginPath())
              .exactlyOnce()
              .with("session.timeout.ms", "4000")
              .with("heartbeat.interval.ms", "500");
      Map<String, String> config = config(leader);
      config.put("topic", prefix + "${event_type}");
      config.put("transforms", "drop");
      config.put("transforms.drop.type", "org.apache.kafka.connect.transforms.Filter");
      config.put("transforms.drop.predicate", "unwanted");
      config.put("predicates", "unwanted");
      config.put(
          "predicates.unwanted.type",
          "org.apache.kafka.connect.transforms.predicates.TopicNameMatches");
      config.put("predicates.unwanted.pattern", prefix + DROPPED);
      int kept = 0;
      for (int round = 0; round < 3; round++) {
        // more than a position lists by itself
        write(leader, 700, KEPT);
        kept += 700;
        write(leader, 50, DROPPED);
        WorkerProcess worker = WorkerProcess.start(settings.another());
        try {
          worker.rest().configure(NAME, config);
          worker.rest().awaitRunning(NAME, 1, Await.LIMIT);
          int wanted = kept;
          Await.until(
              "what is kept of round " + round + " is committed",
              Await.LIMIT,
              () -> ids(broker, prefix + KEPT, "read_committed").size() == wanted);
        } finally {
          worker.kill();
        }
      }
      check(
          topics.read(prefix + KEPT),
          written.stream().filter(entry -> entry.event().eventType().equals(KEPT)).toList());
    }
  }

  private void write(ScriptedLeader leader, int events) {
    write(leader, events, "order.placed");
  }

  private void write(ScriptedLeader leader, int events, String type) {
    for (int i = 0; i < events; i++) {
      int n = written.size();
      // schemas grow meanwhile, and are stored beside positions
      String more = n < 400 ? ",\"f" + n / 10 + "\":" + n : "";
      JsonText payload = JsonText.of("{\"n\":" + n + more + "}");
      leader.write("default", "order-" + n % 13, type, payload, null);
    }
  }

  private static Map<String, String> config(ScriptedLeader leader) {
    Map<String, String> config = ConnectorSettings.source(leader.address(), NAME);
    config.put("payload.format", "struct");
    config.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    config.put("exactly.once.support", "required");
    config.put("gap.timeout.ms", "200");
    config.put("repair.min.interval.ms", "200");
    config.put("reconnect.backoff.ms", "100");
    config.put("reconnect.backoff.max.ms", "200");
    return config;
  }

  private static String id(ConsumerRecord<byte[], byte[]> record) {
    return new String(record.headers().lastHeader("allsource.event_id").value(), UTF_8);
  }

  /** The different events that the topic has, with or without those of open transactions. */
  private static Set<String> ids(Broker broker, String isolation) {
    return ids(broker, NAME, isolation);
  }

  private static Set<String> ids(Broker broker, String topic, String isolation) {
    Set<String> ids = new HashSet<>();
    TopicPartition partition = new TopicPartition(topic, 0);
    try (KafkaConsumer<byte[], byte[]> consumer =
        new KafkaConsumer<>(
            Map.of("bootstrap.servers", broker.bootstrap(), "isolation.level", isolation),
            new ByteArrayDeserializer(),
            new ByteArrayDeserializer())) {
      consumer.assign(List.of(partition));
      consumer.seekToBeginning(List.of(partition));
      long end = consumer.endOffsets(List.of(partition)).get(partition);
      while (consumer.position(partition) < end) {
        consumer.poll(Duration.ofMillis(100)).forEach(record -> ids.add(id(record)));
      }
    }
    return ids;
  }

  /** Each event once, in the order of the log for its entity. */
  private static void check(List<ConsumerRecord<byte[], byte[]>> records, List<WalEntry> expected) {
    Map<String, Integer> place = new HashMap<>();
    expected.forEach(entry -> place.put(entry.event().id(), place.size()));
    Map<String, Integer> lastOfEntity = new HashMap<>();
    Set<String> seen = new HashSet<>();
    for (ConsumerRecord<byte[], byte[]> record : records) {
      Integer at = place.get(id(record));
      assertNotNull(at, "an event that nobody wrote");
      assertTrue(seen.add(id(record)), "event " + at + " twice");
      Integer last = lastOfEntity.put(new String(record.key(), UTF_8), at);
      assertTrue(last == null || last < at, "event " + at + " after event " + last);
    }
    assertEquals(expected.size(), seen.size());
  }
}
