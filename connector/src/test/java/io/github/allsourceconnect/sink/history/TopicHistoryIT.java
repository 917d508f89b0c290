package io.github.allsourceconnect.sink.history;

import static io.github.allsourceconnect.sink.history.HistoryProbe.entry;
import static io.github.allsourceconnect.sink.history.HistoryProbe.range;
import static io.github.allsourceconnect.sink.history.HistoryProbe.received;
import static io.github.allsourceconnect.sink.history.HistoryProbe.receivedAcrossHoles;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.history.HistoryReader.Chunk;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import org.apache.kafka.clients.admin.AlterConfigOp;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The history in a topic: any worker goes on with it, with nothing on its disk. */
class TopicHistoryIT {
  private static final HistoryPlan PLAN = new HistoryPlan(10, 8 << 20, 1000, 3, 64 << 20);
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

  private HistoryProbe probe(String topic, int partition, String disk) {
    HistoryTopic snapshots =
        new HistoryTopic(
            topic,
            (short) -1,
            Duration.ofSeconds(30),
            Map.of("bootstrap.servers", broker.bootstrap()));
    return new HistoryProbe(
        new TopicStorage(
            snapshots, partition, "c/t-" + partition, temp.resolve(disk), Duration.ofSeconds(30)),
        PLAN);
  }

  @Test
  void anotherWorkerWithAnEmptyDiskGoesOn() throws IOException {
    HistoryProbe first = probe("moves", 1, "disk-1");
    assertEquals(HistoryCoverage.NONE, first.open());
    first.begin(0);
    first.append(0, 25);
    first.appender.reached(25, false);
    // killed, not closed; its disk is gone
    HistoryProbe second = probe("moves", 1, "disk-2");
    assertEquals(new HistoryCoverage(0, 20), second.open());
    second.append(20, 45);
    second.appender.reached(45, false);
    assertEquals(range(0, 40), received(second.history, 0, temp));
    assertEquals(range(17, 40), received(second.history, 17, temp));
    second.appender.close();
    HistoryProbe third = probe("moves", 1, "disk-3");
    assertEquals(new HistoryCoverage(0, 45), third.open());
    assertEquals(range(3, 45), received(third.history, 3, temp));
    third.appender.close();
    for (String disk : List.of("disk-2", "disk-3")) {
      try (Stream<Path> left = Files.list(temp.resolve(disk))) {
        assertEquals(0, left.count(), "the disk is only a place to work");
      }
    }
    assertThrows(IOException.class, () -> first.appender.append(lastOf(first)));
    first.appender.close();
  }

  /** Enough entries to fill a file. */
  private static WalEntry lastOf(HistoryProbe probe) throws IOException {
    probe.append(25, 40);
    return entry(41);
  }

  @Test
  void aFencedZombieCanNotWrite() throws IOException {
    HistoryProbe zombie = probe("fenced", 0, "zombie").begunAt(0);
    zombie.append(0, 15);
    HistoryProbe owner = probe("fenced", 0, "owner");
    assertEquals(new HistoryCoverage(0, 10), owner.open());
    assertThrows(FencedException.class, () -> zombie.append(15, 20));
    owner.append(10, 30);
    zombie.appender.close();
    assertEquals(range(0, 30), received(owner.history, 0, temp));
    owner.appender.close();
    probe("fenced", 0, "next").assertKept(30, temp);
  }

  @Test
  void mergedFilesAreDeletedWhenTheirReplacementIsThere() throws IOException {
    HistoryProbe probe = probe("merged", 0, "disk").begunAt(0);
    probe.append(0, 30);
    try (HistoryReader slow = probe.history.read(0, false)) {
      probe.appender.reached(30, false);
      assertEquals(4, files("merged").size(), "three that are read, and the merged one");
      int chunks = 0;
      for (Chunk chunk = slow.next(); chunk != null; chunk = slow.next()) {
        chunks++;
      }
      assertEquals(3, chunks);
    }
    probe.appender.reached(30, false);
    assertEquals(1, files("merged").size());
    assertEquals(range(0, 30), received(probe.history, 0, temp));
    probe.appender.close();
  }

  @Test
  void filesThatAKilledWorkerHadMergedAreDeletedByTheNext() throws IOException {
    HistoryProbe first = probe("left", 0, "first").begunAt(0);
    first.append(0, 30);
    try (HistoryReader reading = first.history.read(0, false)) {
      first.appender.reached(30, false);
      assertEquals(4, files("left").size());
      HistoryProbe second = probe("left", 0, "second");
      second.open();
      second.appender.reached(30, false);
      assertEquals(1, files("left").size());
      second.appender.close();
      assertEquals(3, reading.files().size());
    }
    first.appender.close();
  }

  /** The files whose chunks are the latest of their keys. */
  private static Map<String, Integer> files(String topic) {
    Map<String, byte[]> latest = new HashMap<>();
    for (ConsumerRecord<byte[], byte[]> record : new Topics(broker.bootstrap()).read(topic)) {
      latest.put(new String(record.key(), UTF_8), record.value());
    }
    Map<String, Integer> files = new HashMap<>();
    latest.forEach(
        (key, value) -> {
          if (value != null && key.contains(".parquet/")) {
            files.merge(key.substring(0, key.lastIndexOf('/')), 1, Integer::sum);
          }
        });
    return files;
  }

  @Test
  void largeFilesGoInChunksAndPartitionsStayApart() throws IOException {
    HistoryProbe zero = probe("large", 0, "zero");
    HistoryProbe two = probe("large", 2, "two");
    zero.open();
    two.open();
    zero.begin(0);
    two.begin(100);
    Random random = new Random(1);
    for (long offset = 1; offset <= 10; offset++) {
      zero.appender.append(large(offset, random));
    }
    two.append(100, 110);
    try (HistoryReader transfer = zero.history.read(0, false)) {
      long bytes = 0;
      int chunks = 0;
      Chunk last = null;
      for (Chunk chunk = transfer.next(); chunk != null; chunk = transfer.next()) {
        assertEquals(bytes, chunk.offset());
        bytes += chunk.data().length;
        chunks++;
        last = chunk;
      }
      assertTrue(chunks >= 5, "chunks: " + chunks);
      assertTrue(last.last());
    }
    assertEquals(range(100, 110), received(two.history, 100, temp));
    zero.appender.close();
    two.appender.close();
    HistoryProbe again = probe("large", 0, "again");
    assertEquals(new HistoryCoverage(0, 10), again.open());
    again.appender.close();
  }

  private static WalEntry large(long offset, Random random) {
    byte[] noise = new byte[300 << 10];
    random.nextBytes(noise);
    WalEntry plain = entry(offset);
    Event event = plain.event();
    JsonText text = JsonText.of("\"" + Base64.getEncoder().encodeToString(noise) + "\"");
    Event large = Events.with(event, text, event.timestamp(), event.metadata());
    return new WalEntry(offset, plain.walTimestamp(), large, plain.checksum(), null, null);
  }

  @Test
  void recordsThatWereDeletedAreMissed() throws Exception {
    HistoryProbe first = probe("deleted", 0, "first").begunAt(0);
    first.append(0, 20);
    TopicPartition partition = new TopicPartition("deleted", 0);
    cleanup("deleted", "compact,delete");
    broker.admin().deleteRecords(Map.of(partition, RecordsToDelete.beforeOffset(5))).all().get();
    cleanup("deleted", "compact");
    IOException e = assertThrows(IOException.class, () -> received(first.history, 0, temp));
    assertTrue(e.getMessage().contains("1 to 10 are gone"), e.getMessage());
    first.appender.close();
    HistoryProbe second = probe("deleted", 0, "second");
    assertEquals(10, second.open().missing());
    assertEquals(range(10, 20), received(second.history, 10, temp));
    second.appender.close();
  }

  @Test
  void whatTheLogLostIsAHoleThatEveryWorkerKnows() throws IOException {
    probe("hole", 0, "first").written(30);
    int kept = files("hole").size();
    HistoryProbe second = probe("hole", 0, "second");
    second.open();
    assertEquals(31, second.goOn(31, 50));
    assertEquals(kept, files("hole").size(), "no kept file is deleted");
    second.append(31, 50);
    second.appender.close();
    HistoryProbe third = probe("hole", 0, "third");
    assertEquals(1, third.open().missing());
    List<Long> left = new ArrayList<>(range(0, 30));
    left.addAll(range(31, 50));
    assertEquals(left, receivedAcrossHoles(third.history, temp));
    assertEquals(range(31, 50), received(third.history, 31, temp));
    assertThrows(IOException.class, () -> third.history.read(30, false));
    third.appender.close();
  }

  @Test
  void theHistoryOfAnotherLogIsSetAsideWhole() throws IOException {
    probe("aside", 0, "first").written(30);
    int kept = files("aside").size();
    HistoryProbe second = probe("aside", 0, "second");
    assertEquals(-1, second.appender.open(new LogIdentity("cluster-1", "topic-2")).upTo());
    second.goOn(0, 10);
    second.append(0, 10);
    second.appender.reached(10, true);
    assertEquals(kept + 1, files("aside").size());
    assertEquals(range(0, 10), received(second.history, 0, temp));
    second.appender.close();
    ConsumerRecord<byte[], byte[]> aside =
        new Topics(broker.bootstrap())
            .read("aside").stream()
                .filter(record -> new String(record.key(), UTF_8).contains("/files@"))
                .findFirst()
                .orElseThrow();
    assertTrue(new String(aside.key(), UTF_8).contains("topic-1"));
    assertEquals(
        HistoryProbe.LOG.text(),
        new String(aside.headers().lastHeader(HistoryManifest.LOG).value(), UTF_8));
    HistoryManifest list = TopicStorage.decode(aside.value(), "here", aside.offset());
    assertEquals(30, list.upTo());
    assertEquals(HistoryProbe.LOG, list.log());
  }

  @Test
  void foreignRecordsAreNamedAndTakeNoMemory() throws IOException {
    probe("foreign", 0, "first").written(10);
    byte[] key = "c/t-0/files".getBytes(UTF_8);
    for (byte[] bad : List.of(new byte[0], "no gzip".getBytes(UTF_8), bomb())) {
      new Topics(broker.bootstrap()).write(List.of(new ProducerRecord<>("foreign", 0, key, bad)));
      IOException e =
          assertThrows(DamagedHistoryException.class, () -> probe("foreign", 0, "second").open());
      assertTrue(e.getMessage().contains("foreign-0"), e.getMessage());
      assertTrue(e.getMessage().contains("key c/t-0/files"), e.getMessage());
    }
  }

  /** A gigabyte of zeros. */
  private static byte[] bomb() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      byte[] zeros = new byte[1 << 20];
      for (int i = 0; i < 1024; i++) {
        zip.write(zeros);
      }
    }
    return out.toByteArray();
  }

  @Test
  void whatAKilledTaskLeftOnTheDiskIsDeletedByTheNext() throws IOException {
    Path disk = Files.createDirectories(temp.resolve("disk"));
    Path left =
        Files.createDirectory(disk.resolve("allsource-history-" + OwnerNames.hash("c/t-0") + "-1"));
    Files.writeString(left.resolve("in-use"), "");
    Files.writeString(left.resolve("kept-1.parquet"), "x");
    Path foreign = Files.createDirectory(disk.resolve("allsource-history-something-else"));
    HistoryProbe probe = probe("leftovers", 0, "disk").begunAt(0);
    assertTrue(Files.notExists(left));
    assertTrue(Files.exists(foreign));
    probe.appender.close();
  }

  private static void cleanup(String topic, String policy) throws Exception {
    ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
    AlterConfigOp op =
        new AlterConfigOp(new ConfigEntry("cleanup.policy", policy), AlterConfigOp.OpType.SET);
    broker.admin().incrementalAlterConfigs(Map.of(resource, List.of(op))).all().get();
  }

  @Test
  void aTopicThatForgetsIsRefused() {
    new Topics(broker.bootstrap()).create("forgets", 1, Map.of("cleanup.policy", "delete"));
    HistoryProbe probe = probe("forgets", 0, "disk");
    IOException e = assertThrows(IOException.class, probe::open);
    assertTrue(e.getMessage().contains("cleanup.policy=delete"), e.getMessage());
    assertThrows(IOException.class, () -> probe.appender.append(entry(1)));
  }

  @Test
  void manySmallListsAreSearchedFromTheEnd() throws IOException {
    HistoryProbe first = probe("busy", 0, "first").begunAt(0);
    first.append(0, 10);
    // another history in the same partition, much busier
    HistoryProbe busy =
        new HistoryProbe(
            new TopicStorage(
                new HistoryTopic(
                    "busy",
                    (short) -1,
                    Duration.ofSeconds(30),
                    Map.of("bootstrap.servers", broker.bootstrap())),
                0,
                "other/t-0",
                temp.resolve("busy"),
                Duration.ofSeconds(30)),
            new HistoryPlan(1, 1 << 20, 1000, 1000, 1 << 20));
    busy.open();
    busy.begin(0);
    busy.append(0, 60);
    busy.appender.close();
    first.appender.close();
    probe("busy", 0, "second").assertKept(10, temp);
  }
}
