package io.github.allsourceconnect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.ConnectorSettings;
import io.github.allsourceconnect.harness.Folders;
import io.github.allsourceconnect.harness.Gate;
import io.github.allsourceconnect.harness.InProcessWorker;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.harness.WorkerSettings;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.snapshot.ReceivedFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A topic that is deleted and created again at any moment, also while brokers say nothing: whoever
 * begins with nothing gets what one topic had, from its beginning, and nothing of another; no task
 * fails.
 */
class RecreationsIT {
  private static final int ROUNDS = Integer.getInteger("recreations", 12);
  private static final int A_GENERATION = 10_000;
  private static final Pattern ENTITY = Pattern.compile("\"entity_id\":\"order-(\\d+)\"");

  private static Gate gate;
  private static Broker broker;
  private static InProcessWorker worker;
  private static Topics topics;

  @TempDir Path temp;

  private final long seed = Long.getLong("seed", System.nanoTime());
  private final Random random = new Random(seed);

  @BeforeAll
  static void start() {
    gate = new Gate();
    broker = Broker.behind(gate);
    worker = InProcessWorker.start(WorkerSettings.of(broker, Folders.pluginPath()));
    topics = new Topics(broker.direct());
  }

  @AfterAll
  static void stop() {
    worker.close();
    broker.close();
    gate.close();
  }

  @ParameterizedTest
  @ValueSource(strings = {"none", "dir", "topic"})
  void onlyOneTopicAtATime(String kept) throws Exception {
    String name = "again-" + kept;
    int port = Ports.free();
    topics.create(name, 1, Map.of());
    Map<String, String> settings = ConnectorSettings.sink(broker, name, port);
    if (!kept.equals("none")) {
      settings.put("snapshot.file.max.rows", "50");
      settings.put("snapshot.file.max.age.ms", "200");
      settings.put("snapshot.mode", "initial");
      settings.put(
          kept.equals("dir") ? "snapshot.dir" : "snapshot.topic",
          kept.equals("dir") ? temp.resolve("kept").toString() : name + "-history");
      if (kept.equals("topic")) {
        settings.put("snapshot.topic.replication.factor", "1");
      }
    }
    worker.rest().create(name, settings);
    worker.rest().awaitRunning(name, 1, Await.LIMIT);
    System.out.println(name + ": seed " + seed);
    for (int generation = 1; generation <= ROUNDS; generation++) {
      int written = 1 + random.nextInt(random.nextBoolean() ? 400 : 3);
      for (int from = 0; from < written; from += 100) {
        produce(name, generation, from, Math.min(written, from + 100));
        pass(300);
      }
      gate.open();
      disturb(name);
      if (random.nextInt(3) == 0) {
        follow(name, port, false);
      }
      if (generation == ROUNDS || random.nextInt(3) == 0) {
        awaitServed(name, port, generation, written);
      }
      pass(1_500);
      if (generation < ROUNDS) {
        if (random.nextInt(4) == 0) {
          gate.shut(); // nobody notices before the new topic has its records
          pass(3_000);
        }
        recreate(name);
      }
    }
    worker.rest().delete(name);
    Await.until("the task has ended", Await.LIMIT, () -> !runs(name));
  }

  private static boolean runs(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .anyMatch(thread -> thread.getName().startsWith(name));
  }

  private void pass(int mostMs) throws InterruptedException {
    if (random.nextBoolean()) {
      Thread.sleep(random.nextInt(mostMs));
    }
  }

  private void disturb(String name) throws InterruptedException {
    switch (random.nextInt(6)) {
      case 0 -> worker.rest().restart(name);
      case 1 -> {
        worker.rest().pause(name);
        pass(700);
        worker.rest().resume(name);
      }
      case 2 -> {
        worker.rest().stop(name);
        pass(700);
        worker.rest().resume(name);
      }
      case 3 -> {
        gate.shut();
        pass(4_000);
        gate.open();
      }
      default -> pass(500);
    }
  }

  private static void recreate(String topic) throws Exception {
    broker.admin().deleteTopics(List.of(topic)).all().get();
    Await.until(
        topic + " is there again",
        Await.LIMIT,
        () -> {
          try {
            topics.create(topic, 1, Map.of());
            return true;
          } catch (RuntimeException e) {
            return false;
          }
        });
  }

  private static void produce(String topic, int generation, int from, int to) {
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int i = from; i < to; i++) {
      int number = generation * A_GENERATION + i;
      records.add(
          new ProducerRecord<>(
              topic, 0, ("order-" + number).getBytes(UTF_8), Events.json(number).getBytes(UTF_8)));
    }
    topics.write(records);
  }

  private void awaitServed(String name, int port, int generation, int written) {
    Await.until(
        name + " serves all of generation " + generation,
        Await.LIMIT,
        () -> {
          List<Integer> got = follow(name, port, true);
          return got.size() == written && got.get(0) / A_GENERATION == generation;
        },
        () -> worker.rest().status(name) + " seed " + seed);
  }

  private static void assertNotFailed(String name) {
    JsonNode status = worker.rest().status(name);
    assertFalse(status.toString().contains("FAILED"), status::toString);
  }

  /** The numbers of what a new follower gets until {@code caught_up}; none when it is closed. */
  private List<Integer> follow(String name, int port, boolean acks) throws IOException {
    assertNotFailed(name);
    List<Integer> numbers = new ArrayList<>();
    try (ScriptedFollower follower = new ScriptedFollower(port)) {
      follower.send("{\"type\":\"subscribe\",\"last_offset\":0}");
      if (!take(follower, numbers)) {
        return List.of();
      }
      if (acks && !numbers.isEmpty()) {
        follower.ack(numbers.size());
      }
    } catch (IOException e) {
      return List.of(); // it does not listen now
    } catch (AssertionError e) {
      if (!"nothing came for 20 s".equals(e.getMessage())) {
        throw e;
      }
      System.out.println(name + ": nothing came for 20 s behind " + numbers.size());
    } finally {
      for (int i = 0; i < numbers.size(); i++) {
        assertEquals(numbers.get(0) / A_GENERATION * A_GENERATION + i, numbers.get(i), name);
      }
    }
    return numbers;
  }

  private boolean take(ScriptedFollower follower, List<Integer> numbers) throws IOException {
    for (LeaderMessage message = follower.next(); message != null; message = follower.next()) {
      if (message instanceof LeaderMessage.CaughtUp) {
        return true;
      } else if (message instanceof LeaderMessage.Entry entry) {
        assertEquals(numbers.size() + 1, entry.offset());
        Matcher entity = ENTITY.matcher(follower.line());
        assertTrue(entity.find(), follower::line);
        numbers.add(Integer.parseInt(entity.group(1)));
      } else if (message instanceof LeaderMessage.SnapshotChunk chunk) {
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        file.write(chunk.data());
        while (!chunk.last()) {
          message = follower.next();
          if (message == null) {
            return false;
          }
          chunk = (LeaderMessage.SnapshotChunk) message;
          file.write(chunk.data());
        }
        ReceivedFile.rows("events-" + numbers.size() + ".parquet", file.toByteArray(), temp)
            .forEach(row -> numbers.add(number(row.event().entityId())));
      } else {
        assertTrue(
            message instanceof LeaderMessage.SnapshotStart
                || message instanceof LeaderMessage.SnapshotEnd,
            message::toString);
      }
    }
    return false;
  }

  private static int number(String entity) {
    return Integer.parseInt(entity.substring("order-".length()));
  }
}
