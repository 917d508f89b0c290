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
import java.util.stream.IntStream;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.protocol.ApiKeys;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** How long it takes to let go of partitions, and of a task, with a real broker. */
class ClosingIT {
  private static final int PARTITIONS = 20;

  /** All partitions of a task together, and the task after them, whether brokers answer or not. */
  private static final Duration MOST = Duration.ofSeconds(5);

  @TempDir Path folder;

  /** Also those of a test that failed: the next one waits until nothing of a task is left. */
  private final List<AllSourceSinkTask> tasks = new ArrayList<>();

  @AfterEach
  void stopTasks() {
    tasks.forEach(AllSourceSinkTask::stop);
  }

  private AllSourceSinkTask start(Broker broker, int port, Map<String, String> history) {
    AllSourceSinkTask task = LoneTask.serving(broker, port, history);
    tasks.add(task);
    task.open(partitions());
    task.preCommit(handed());
    return task;
  }

  private Map<String, String> history(String kept) {
    return kept.equals("folder")
        ? Map.of("snapshot.dir", folder.toString())
        : Map.of("snapshot.topic", "history", "snapshot.topic.replication.factor", "1");
  }

  private static List<TopicPartition> partitions() {
    return IntStream.range(0, PARTITIONS).mapToObj(p -> new TopicPartition("orders", p)).toList();
  }

  private static Map<TopicPartition, OffsetAndMetadata> handed() {
    Map<TopicPartition, OffsetAndMetadata> handed = new HashMap<>();
    partitions().forEach(tp -> handed.put(tp, new OffsetAndMetadata(Long.MAX_VALUE)));
    return handed;
  }

  private static void create(Broker broker) {
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
  }

  /** Serves all partitions, each with a follower that has got what there is. */
  private AllSourceSinkTask serving(
      Broker broker, int port, Map<String, String> history, List<ScriptedFollower> followers)
      throws Exception {
    create(broker);
    AllSourceSinkTask task = start(broker, port, history);
    for (int p = 0; p < PARTITIONS; p++) {
      ScriptedFollower follower = ScriptedFollower.subscribed(port + p, 0);
      followers.add(follower);
      for (int offset = 1; offset <= 10; offset++) {
        follower.nextEntry();
      }
    }
    return task;
  }

  private static Duration close(AllSourceSinkTask task, int port) {
    Duration took = time(() -> task.close(partitions()));
    assertPortsFree(port);
    return took;
  }

  private static Duration time(Runnable work) {
    long began = System.nanoTime();
    work.run();
    return Duration.ofNanos(System.nanoTime() - began);
  }

  private static void assertSoonGone(AllSourceSinkTask task, int port, String when) {
    Duration closed = close(task, port);
    Duration stopped = time(task::stop);
    System.out.println(when + ": partitions closed in " + closed + ", stopped in " + stopped);
    assertTrue(closed.plus(stopped).compareTo(MOST) < 0, "it took " + closed.plus(stopped));
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
      Duration took = close(task, port);
      System.out.println("20 partitions with a history (" + kept + ") closed in " + took);
      assertTrue(took.compareTo(MOST) < 0, "it took " + took);
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
      assertSoonGone(task, port, "brokers silent (" + kept + ")");
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
      Duration stopped = time(task::stop);
      assertPortsFree(port);
      System.out.println("brokers silent: a serving task stopped in " + stopped);
      assertTrue(stopped.compareTo(MOST) < 0, "it took " + stopped);
      closeAll(followers);
    }
  }

  /**
   * Whatever the readers and writers are just waiting for: brokers may stop to answer at any time.
   *
   * @param from with the how manieth such request they do
   */
  @ParameterizedTest
  @CsvSource({
    "METADATA, 1",
    "DESCRIBE_CLUSTER, 1",
    "FETCH, 10",
    "OFFSET_FETCH, 2",
    "DESCRIBE_CONFIGS, 2",
    "CREATE_TOPICS, 1",
    "INIT_PRODUCER_ID, 1",
    "PRODUCE, 10",
    "END_TXN, 1",
    "END_TXN, 30",
  })
  void aTaskIsGoneSoonWheneverBrokersBeginToSayNothing(String request, int from) throws Exception {
    try (Gate gate = new Gate();
        Broker broker = Broker.behind(gate)) {
      create(broker);
      int port = Ports.free(PARTITIONS);
      gate.shutAt(ApiKeys.valueOf(request), from);
      AllSourceSinkTask task = start(broker, port, history("topic"));
      Await.until("nothing passes", Duration.ofSeconds(30), gate::isShut);
      assertSoonGone(task, port, "brokers silent from " + request + " " + from);
      Await.until("what was left behind has ended", Await.LIMIT, () -> threads() == 0);
    }
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("leader-0"))
        .count();
  }
}
