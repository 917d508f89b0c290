package io.github.allsourceconnect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.snapshot.ReceivedFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import javax.management.MBeanServer;
import javax.management.ObjectName;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The sink is stopped, and retention deletes records that its history does not have yet: nothing
 * that is kept is deleted, the hole is named and counted, and whoever can be served is served.
 */
class HistoryHolesIT {
  private static final TopicPartition LOG = new TopicPartition("orders", 0);
  private static Broker broker;

  @TempDir Path temp;

  @BeforeAll
  static void start() {
    broker = Broker.start();
  }

  @AfterAll
  static void stop() {
    broker.close();
  }

  @ParameterizedTest
  @CsvSource({"dir,refuse,1", "dir,continue,20", "topic,refuse,20", "topic,continue,1"})
  void nothingKeptIsDeleted(String storage, String policy, int lost) throws Exception {
    Topics topics = new Topics(broker.bootstrap());
    Set<String> before = broker.admin().listTopics().names().get();
    broker.admin().deleteTopics(before).all().get();
    Await.until(
        "the topics are gone",
        Await.LIMIT,
        () -> broker.admin().listTopics().names().get().isEmpty());
    topics.create("orders", 1, Map.of());
    produce(topics, 1, 300);
    Map<String, String> settings = new HashMap<>();
    settings.put("snapshot.file.max.rows", "100");
    settings.put("snapshot.file.max.age.ms", "200");
    settings.put("history.gap.policy", policy);
    if (storage.equals("dir")) {
      settings.put("snapshot.dir", temp.resolve("kept").toString());
    } else {
      settings.put("snapshot.topic", "history");
      settings.put("snapshot.temp.dir", temp.toString());
    }
    AllSourceSinkTask first = LoneTask.serving(broker, Ports.free(), settings);
    try {
      awaitFigure(first, "historyUpTo", 300);
    } finally {
      first.stop();
    }
    TreeSet<String> kept = files(topics, storage);
    assertTrue(!kept.isEmpty());

    produce(topics, 301, 400);
    int begin = 300 + lost;
    broker.admin().deleteRecords(Map.of(LOG, RecordsToDelete.beforeOffset(begin))).all().get();

    int port = Ports.free();
    AllSourceSinkTask second = LoneTask.serving(broker, port, settings);
    try {
      awaitFigure(second, "historyMissing", lost);
      awaitFigure(second, "historyUpTo", 400);
      assertTrue(files(topics, storage).containsAll(kept), "no kept file is deleted");
      serves(port, begin, begin, 400);
      try (ScriptedFollower in = ScriptedFollower.subscribed(port, 250)) {
        assertNull(in.next(), "a follower that lacks what is gone is refused");
      }
      if (policy.equals("refuse")) {
        try (ScriptedFollower fresh = ScriptedFollower.subscribed(port, 0)) {
          assertNull(fresh.next(), "so is a new one");
        }
        awaitFigure(second, "followersIncomplete", 0);
      } else {
        List<Long> expected = new ArrayList<>(LongStream.rangeClosed(1, 300).boxed().toList());
        expected.addAll(LongStream.rangeClosed(begin + 1, 400).boxed().toList());
        try (ScriptedFollower fresh = ScriptedFollower.subscribed(port, 0)) {
          assertEquals(expected, received(fresh));
        }
        awaitFigure(second, "followersIncomplete", 1);
      }
    } finally {
      second.stop();
    }
  }

  private void serves(int port, long after, long from, long to) throws IOException {
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, after)) {
      assertEquals(LongStream.rangeClosed(from + 1, to).boxed().toList(), received(follower));
    }
  }

  /** Everything up to {@code caught_up}; nothing when it is refused. */
  private List<Long> received(ScriptedFollower follower) throws IOException {
    List<Long> seen = new ArrayList<>();
    while (true) {
      LeaderMessage message = follower.next();
      if (message instanceof LeaderMessage.CaughtUp) {
        return seen;
      } else if (message instanceof LeaderMessage.SnapshotStart start) {
        for (String name : start.parquetFiles()) {
          rows(follower, name, seen);
        }
        assertInstanceOf(LeaderMessage.SnapshotEnd.class, follower.next());
      } else {
        seen.add(assertInstanceOf(LeaderMessage.Entry.class, message).offset());
      }
    }
  }

  private void rows(ScriptedFollower follower, String name, List<Long> seen) throws IOException {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    LeaderMessage.SnapshotChunk chunk;
    do {
      chunk = assertInstanceOf(LeaderMessage.SnapshotChunk.class, follower.next());
      file.write(chunk.data());
    } while (!chunk.last());
    ReceivedFile.rows(name, file.toByteArray(), temp).forEach(row -> seen.add(row.walOffset()));
  }

  /** The kept files: in the folder, or those whose chunks are in the topic. */
  private TreeSet<String> files(Topics topics, String storage) throws IOException {
    TreeSet<String> files = new TreeSet<>();
    if (storage.equals("dir")) {
      try (Stream<Path> all = Files.walk(temp.resolve("kept"))) {
        all.map(path -> path.getFileName().toString())
            .filter(name -> name.startsWith("events-"))
            .forEach(files::add);
      }
    } else {
      topics
          .read("history")
          .forEach(
              record -> {
                String key = new String(record.key(), UTF_8);
                if (key.contains(".parquet/")) {
                  if (record.value() == null) {
                    files.remove(key);
                  } else {
                    files.add(key);
                  }
                }
              });
    }
    return files;
  }

  private static void awaitFigure(AllSourceSinkTask task, String name, long value) {
    Await.until(
        name + " is " + value,
        Await.LIMIT,
        () -> {
          task.put(List.of());
          MBeanServer beans = ManagementFactory.getPlatformMBeanServer();
          ObjectName bean =
              new ObjectName(
                  "io.github.allsourceconnect:type=sink-metrics,connector=leader,task=0,partition=0");
          return ((Number) beans.getAttribute(bean, name)).longValue() == value;
        });
  }

  private static void produce(Topics topics, int from, int to) {
    topics.write(
        IntStream.rangeClosed(from, to)
            .mapToObj(
                number ->
                    new ProducerRecord<byte[], byte[]>(
                        "orders",
                        0,
                        ("order-" + number).getBytes(UTF_8),
                        Events.json(number).getBytes(UTF_8)))
            .toList());
  }
}
