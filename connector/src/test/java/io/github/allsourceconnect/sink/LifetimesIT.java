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
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** A task that opens and closes, on a real broker, leaves nothing: threads, descriptors, heap. */
class LifetimesIT {
  private static final TopicPartition PARTITION = new TopicPartition("orders", 0);

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
    task.open(List.of(PARTITION));
    task.preCommit(Map.of(PARTITION, new OffsetAndMetadata(Long.MAX_VALUE)));
    Await.until("the port is open", Await.LIMIT, () -> ScriptedFollower.canConnect(port));
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
      for (int offset = 1; offset <= 10; offset++) {
        assertEquals(offset, follower.nextEntry());
      }
    }
  }

  @Test
  void aHundredTimesOpenedAndClosed() throws Exception {
    try (Broker broker = Broker.start()) {
      Topics topics = new Topics(broker.bootstrap());
      topics.create("orders", 1, Map.of());
      List<ProducerRecord<byte[], byte[]>> records = new ArrayList<>();
      for (int i = 0; i < 10; i++) {
        records.add(
            new ProducerRecord<>("orders", null, Events.json(i).getBytes(StandardCharsets.UTF_8)));
      }
      topics.write(records);
      int port = Ports.free();
      AllSourceSinkTask task = LoneTask.serving(broker, port, Map.of());
      task.close(List.of(PARTITION));
      for (int i = 0; i < 5; i++) {
        serve(task, port);
        task.close(List.of(PARTITION));
      }
      long descriptors = descriptors();
      long threads = threads();
      long heap = heap();
      for (int i = 0; i < 100; i++) {
        serve(task, port);
        task.close(List.of(PARTITION));
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
          "100 times opened and closed: heap "
              + grown
              + " bytes more, descriptors "
              + (descriptors() - descriptors));
    }
  }
}
