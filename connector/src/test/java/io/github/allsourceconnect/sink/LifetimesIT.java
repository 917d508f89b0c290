package io.github.allsourceconnect.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.UnixOperatingSystemMXBean;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A task that opens and closes, on a real broker, leaves nothing: threads, descriptors, heap. */
class LifetimesIT {
  private static final List<TopicPartition> PARTITIONS =
      List.of(
          new TopicPartition("orders", 0),
          new TopicPartition("orders", 1),
          new TopicPartition("orders", 2));

  /** Readers have their consumers when they are first needed; a leak would be one a cycle. */
  private static final int SLACK = 50;

  private static long descriptors() {
    return ((UnixOperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean())
        .getOpenFileDescriptorCount();
  }

  private static long threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("leader-0"))
        .count();
  }

  private static long heap() {
    for (int i = 0; i < 3; i++) {
      System.gc();
    }
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  private static void serve(AllSourceSinkTask task, int port) throws Exception {
    task.open(PARTITIONS);
    Map<TopicPartition, OffsetAndMetadata> read = new HashMap<>();
    PARTITIONS.forEach(each -> read.put(each, new OffsetAndMetadata(Long.MAX_VALUE)));
    task.preCommit(read);
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      for (int offset = 1; offset <= 10; offset++) {
        assertEquals(offset, follower.nextEntry());
      }
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aHundredTimesOpenedAndClosed(boolean history, @TempDir Path folder) throws Exception {
    try (Broker broker = Broker.start()) {
      Topics topics = new Topics(broker.bootstrap());
      topics.create("orders", PARTITIONS.size(), Map.of());
      List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        records.add(
            new ProducerRecord<>(
                "orders", 0, null, Events.json(i).getBytes(StandardCharsets.UTF_8)));
      }
      topics.write(records);
      int port = Ports.free(PARTITIONS.size());
      Map<String, String> more = history ? Map.of("snapshot.dir", folder.toString()) : Map.of();
      AllSourceSinkTask task = LoneTask.serving(broker, port, more);
      task.close(List.of(PARTITIONS.get(0)));
      for (int i = 0; i < 5; i++) {
        serve(task, port);
        task.close(PARTITIONS);
      }
      long descriptors = descriptors();
      long threads = threads();
      long heap = heap();
      for (int i = 0; i < 100; i++) {
        serve(task, port);
        task.close(PARTITIONS);
      }
      Await.until(
          "descriptors are closed",
          Await.LIMIT,
          () -> descriptors() < descriptors + SLACK,
          () -> "now " + descriptors() + ", before " + descriptors);
      assertEquals(threads, threads());
      long grown = heap() - heap;
      assertTrue(grown < 16 << 20, "the heap has grown by " + grown);
      task.stop();
      Await.until("no thread is left", Await.LIMIT, () -> threads() == 0);
      System.out.println(
          "100 times opened and closed"
              + (history ? " with a history" : "")
              + ": heap "
              + grown
              + " bytes more, descriptors "
              + (descriptors() - descriptors));
    }
  }
}
