package io.github.allsourceconnect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.snapshot.ReceivedFile;
import io.github.allsourceconnect.tool.audit.AuditRun;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A task goes to another worker, whose disk is empty, after the topic's records are gone: a new
 * follower gets all of them from the kept history, then what the topic still has, then live
 * entries. The task that should be gone is still there, and stops when it next writes.
 */
class HistoryMovesIT {
  private static final TopicPartition LOG = new TopicPartition("orders", 0);

  @TempDir Path temp;

  @Test
  void theHistoryOutlivesTheWorkerAndTheRecords() throws Exception {
    try (Broker broker = Broker.start()) {
      Topics topics = new Topics(broker.bootstrap());
      topics.create("orders", 1, Map.of());
      produce(topics, 1, 100);

      int port = Ports.free();
      AllSourceSinkTask old = task(broker, port, "old");
      try {
        awaitHistory(old, port, 100);
        broker.admin().deleteRecords(Map.of(LOG, RecordsToDelete.beforeOffset(100))).all().get();

        int otherPort = Ports.free();
        AllSourceSinkTask moved = task(broker, otherPort, "moved");
        try {
          produce(topics, 101, 130);
          try (ScriptedFollower follower = ScriptedFollower.subscribed(otherPort, 0)) {
            List<Long> seen = snapshot(follower);
            assertFalse(seen.size() < 100, "the snapshot has " + seen.size());
            LeaderMessage message = follower.next();
            while (message instanceof LeaderMessage.Entry entry) {
              seen.add(entry.offset());
              message = follower.next();
            }
            LeaderMessage.CaughtUp caughtUp =
                assertInstanceOf(LeaderMessage.CaughtUp.class, message);
            assertEquals(seen.size(), caughtUp.currentOffset());
            while (seen.size() < 130) {
              seen.add(follower.nextEntry());
            }
            produce(topics, 131, 131);
            seen.add(follower.nextEntry());
            assertEquals(LongStream.rangeClosed(1, 131).boxed().toList(), seen);
          }
          audited(topics, broker, otherPort);
          // it is told apart from a task that merely has nothing to do: it fails
          LoneTask.awaitFenced(old);
        } finally {
          moved.stop();
        }
      } finally {
        old.stop();
      }
    }
  }

  /** The audit follows the sink: history and topic are one log, and another topic is another. */
  private static void audited(Topics topics, Broker broker, int port) {
    assertEquals(List.of(0, 100L, 31L, 0L), audit(broker, port, "orders"));
    topics.create("other", 1, Map.of());
    produce(topics, "other", 1, 119);
    produce(topics, "other", 121, 132);
    // from the 120th on each is another event
    assertEquals(List.of(1, 0L, 119L, 12L), audit(broker, port, "other"));
  }

  /** Exit status, events of the history alone, matching ones, altered ones. */
  private static List<Object> audit(Broker broker, int port, String topic) {
    AuditRun run =
        AuditRun.of(
            "--sink=127.0.0.1:" + port,
            "--topic=" + topic,
            "--bootstrap=" + broker.bootstrap(),
            "--json");
    try {
      JsonNode report = new ObjectMapper().readTree(run.out());
      return List.of(
          run.status(),
          report.at("/findings/history/events").asLong(),
          report.at("/matched").asLong(),
          report.at("/findings/altered/events").asLong());
    } catch (JsonProcessingException e) {
      throw new AssertionError(run.out() + run.err(), e);
    }
  }

  private static void produce(Topics topics, int from, int to) {
    produce(topics, "orders", from, to);
  }

  private static void produce(Topics topics, String topic, int from, int to) {
    topics.write(
        IntStream.rangeClosed(from, to)
            .mapToObj(
                number ->
                    new ProducerRecord<byte[], byte[]>(
                        topic,
                        0,
                        ("order-" + number).getBytes(UTF_8),
                        Events.json(number).getBytes(UTF_8)))
            .toList());
  }

  private AllSourceSinkTask task(Broker broker, int port, String disk) throws IOException {
    return LoneTask.serving(
        broker,
        port,
        Map.of(
            "snapshot.topic", "history",
            "snapshot.mode", "initial",
            "snapshot.file.max.rows", "30",
            "snapshot.file.max.age.ms", "200",
            "snapshot.temp.dir", Files.createDirectories(temp.resolve(disk)).toString()));
  }

  /** New followers get the history (snapshot.mode=initial), so they show how far it reaches. */
  private void awaitHistory(AllSourceSinkTask task, int port, int events) {
    Await.until(
        "the history holds " + events + " events",
        Await.LIMIT,
        () -> {
          task.put(List.of());
          try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
            LeaderMessage first = follower.next();
            return first instanceof LeaderMessage.SnapshotStart start
                && rows(follower, start).size() == events;
          }
        });
  }

  private List<Long> snapshot(ScriptedFollower follower) throws IOException {
    return rows(follower, assertInstanceOf(LeaderMessage.SnapshotStart.class, follower.next()));
  }

  private List<Long> rows(ScriptedFollower follower, LeaderMessage.SnapshotStart start)
      throws IOException {
    List<Long> rows = new ArrayList<>();
    for (String name : start.parquetFiles()) {
      ByteArrayOutputStream file = new ByteArrayOutputStream();
      LeaderMessage.SnapshotChunk chunk;
      do {
        chunk = assertInstanceOf(LeaderMessage.SnapshotChunk.class, follower.next());
        assertEquals(name, chunk.filename());
        file.write(chunk.data());
      } while (!chunk.last());
      ReceivedFile.rows(name, file.toByteArray(), temp).forEach(row -> rows.add(row.walOffset()));
    }
    LeaderMessage.SnapshotEnd end =
        assertInstanceOf(LeaderMessage.SnapshotEnd.class, follower.next());
    assertEquals(rows.get(rows.size() - 1), end.walOffsetAfterSnapshot());
    return rows;
  }
}
