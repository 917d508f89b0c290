package io.github.allsourceconnect.sink;

import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.Gate;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How long it takes to let go of partitions, and of a task, with a real broker. */
class ClosingIT {
  private static final int PARTITIONS = 20;

  /** What a rebalance may wait for all partitions of a task together. */
  private static final Duration PORTS_MOST = Duration.ofSeconds(5);

  /** What is left behind after that when brokers do not answer: each part has its own seconds. */
  private static final Duration STOP_MOST = Duration.ofSeconds(20);

  @TempDir Path folder;

  private Map<String, String> history(String kept) {
    return kept.equals("folder")
        ? Map.of("snapshot.dir", folder.toString())
        : Map.of("snapshot.topic", "history", "snapshot.topic.replication.factor", "1");
  }

  private static List<TopicPartition> partitions() {
    return IntStream.range(0, PARTITIONS).mapToObj(p -> new TopicPartition("orders", p)).toList();
  }

  /** Serves all partitions, each with a follower that has got what there is. */
  private static AllSourceSinkTask serving(
      Broker broker, int port, Map<String, String> history, List<ScriptedFollower> followers)
      throws Exception {
    Topics topics = new Topics(broker.direct());
    topics.create("orders", PARTITIONS, Map.of());
    List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
    for (int p = 0; p < PARTITIONS; p++) {
      for (int i = 0; i < 10; i++) {
        byte[] value = Events.json(i).getBytes(StandardCharsets.UTF_8);
        records.add(new ProducerRecord<>("orders", p, null, value));
      }
    }
    topics.write(records);
    AllSourceSinkTask task = LoneTask.serving(broker, port, history);
    task.open(partitions());
    Map<TopicPartition, OffsetAndMetadata> handed = new HashMap<>();
    partitions().forEach(tp -> handed.put(tp, new OffsetAndMetadata(Long.MAX_VALUE)));
    task.preCommit(handed);
    for (int p = 0; p < PARTITIONS; p++) {
      int served = port + p;
      Await.until("port " + p, Await.LIMIT, () -> ScriptedFollower.canConnect(served));
      ScriptedFollower follower = ScriptedFollower.subscribed(served, 0);
      followers.add(follower);
      for (int offset = 1; offset <= 10; offset++) {
        follower.nextEntry();
      }
    }
    return task;
  }

  private static Duration time(Callable<?> work) throws Exception {
    long began = System.nanoTime();
    Object unused = work.call();
    return Duration.ofNanos(System.nanoTime() - began);
  }

  private static void assertPortsFree(int port) {
    for (int p = 0; p < PARTITIONS; p++) {
      assertTrue(Ports.isFree(port + p), "port of partition " + p);
    }
  }

  private static void closeAll(List<ScriptedFollower> followers) throws Exception {
    for (ScriptedFollower follower : followers) {
      follower.close();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"folder", "topic"})
  void twentyPartitionsWithHistoryAreClosedTogether(String kept) throws Exception {
    List<ScriptedFollower> followers = new ArrayList<>();
    try (Broker broker = Broker.start()) {
      int port = Ports.free(PARTITIONS);
      AllSourceSinkTask task = serving(broker, port, history(kept), followers);
      Duration took =
          time(
              () -> {
                task.close(partitions());
                return null;
              });
      assertPortsFree(port);
      System.out.println("20 partitions with a history (" + kept + ") closed in " + took);
      assertTrue(took.compareTo(PORTS_MOST) < 0, "it took " + took);
      closeAll(followers);
      task.stop();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"folder", "topic"})
  void aTaskWhoseBrokersSayNothingStops(String kept) throws Exception {
    List<ScriptedFollower> followers = new ArrayList<>();
    try (Gate gate = new Gate();
        Broker broker = Broker.behind(gate)) {
      int port = Ports.free(PARTITIONS);
      AllSourceSinkTask task = serving(broker, port, history(kept), followers);
      gate.shut();
      Duration closed =
          time(
              () -> {
                task.close(partitions());
                return null;
              });
      assertPortsFree(port);
      Duration stopped =
          time(
              () -> {
                task.stop();
                return null;
              });
      System.out.println(
          "brokers silent ("
              + kept
              + "): partitions closed in "
              + closed
              + ", stopped in "
              + stopped);
      assertTrue(closed.compareTo(Duration.ofSeconds(9)) < 0, "it took " + closed);
      assertTrue(stopped.compareTo(STOP_MOST) < 0, "it took " + stopped);
      closeAll(followers);
    }
  }

  @Test
  void aTaskThatIsStoppedWithItsPartitionsIsGoneSoonAlthoughBrokersSayNothing() throws Exception {
    List<ScriptedFollower> followers = new ArrayList<>();
    try (Gate gate = new Gate();
        Broker broker = Broker.behind(gate)) {
      int port = Ports.free(PARTITIONS);
      AllSourceSinkTask task = serving(broker, port, history("topic"), followers);
      gate.shut();
      Duration stopped =
          time(
              () -> {
                task.stop();
                return null;
              });
      assertPortsFree(port);
      System.out.println("brokers silent: a serving task stopped in " + stopped);
      assertTrue(stopped.compareTo(STOP_MOST) < 0, "it took " + stopped);
      closeAll(followers);
    }
  }
}
