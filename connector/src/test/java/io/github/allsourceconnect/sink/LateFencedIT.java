package io.github.allsourceconnect.sink;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.Ports;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.snapshot.ReceivedFile;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A task whose partition went to another one, and that does not know it yet: it listens, serves and
 * takes acks as before, on another worker's address. Followers go from one to the other and back,
 * and neither miss nor repeat an entry, live or from the history.
 */
class LateFencedIT {
  private static final TopicPartition LOG = new TopicPartition("orders", 0);

  private static final int ENOUGH = 500;

  @TempDir Path temp;
  private final Random random = new Random(20_260_101L);
  private Broker broker;
  private Topics topics;
  private int number;

  @BeforeEach
  void start() {
    broker = Broker.start();
    topics = new Topics(broker.bootstrap());
    topics.create("orders", 1, Map.of());
  }

  @AfterEach
  void stop() {
    broker.close();
  }

  @Test
  void followersGoBetweenTheOldTaskAndTheNew() throws Exception {
    int oldPort = Ports.free();
    AllSourceSinkTask old = task(oldPort, "old", Map.of());
    int newPort = Ports.free();
    AllSourceSinkTask now = null;
    Writer writer = new Writer();
    try {
      write(200, false);
      now = task(newPort, "new", Map.of());
      writer.start();
      List<Long> seen = new ArrayList<>();
      int[] served = new int[2];
      Await.until(
          "both have served many entries",
          Await.LIMIT,
          () -> {
            for (int visit = 0; visit < 10; visit++) {
              int which = random.nextInt(2);
              served[which] += visit(which == 0 ? oldPort : newPort, seen, 1 + random.nextInt(80));
            }
            return served[0] > ENOUGH && served[1] > ENOUGH;
          },
          () -> "but they served " + served[0] + " and " + served[1]);
      writer.end();
      // the last transaction's end may become visible a little later
      Await.until(
          "everything that is committed was seen",
          Await.LIMIT,
          () -> {
            visit(random.nextBoolean() ? oldPort : newPort, seen, Integer.MAX_VALUE);
            return seen.size() >= committedOffsets().size();
          });
      assertEquals(committedOffsets(), seen);

      // what the old one would commit is what its own followers acked, never more; behind the last
      // entry the log has nothing but the ends of transactions
      long end = last(seen);
      OffsetAndMetadata told = old.preCommit(Map.of(LOG, new OffsetAndMetadata(end))).get(LOG);
      assertTrue(told == null || told.offset() <= logEnd(), told + ", of entries up to " + end);
    } finally {
      writer.end();
      old.stop();
      if (now != null) {
        now.stop();
      }
    }
  }

  @Test
  void theOldTaskTellsNoWrongHistory() throws Exception {
    Map<String, String> kept =
        Map.of(
            "snapshot.topic", "history",
            "snapshot.file.max.rows", "30",
            "snapshot.file.max.age.ms", "200",
            "snapshot.merge.min.files", "3");
    int oldPort = Ports.free();
    AllSourceSinkTask old = task(oldPort, "old", kept);
    int newPort = Ports.free();
    AllSourceSinkTask now = null;
    try {
      write(100, false);
      awaitHistory(oldPort, last(committedOffsets()));
      now = task(newPort, "new", kept);
      // the new one writes on and merges: the files that the old one knows go
      for (int round = 0; round < 6; round++) {
        write(50, false);
        awaitHistory(newPort, last(committedOffsets()));
      }
      List<Long> all = committedOffsets();
      assertEquals(400, all.size());
      deleteRecords(last(all));
      int closed = 0;
      for (int follower = 0; follower < 10; follower++) {
        List<Long> seen = new ArrayList<>();
        while (!takeWhatComes(random.nextBoolean() ? oldPort : newPort, seen)) {
          closed++;
        }
        assertEquals(all, seen);
      }
      assertTrue(closed > 0, "the old task had to refuse somebody");
      LoneTask.awaitFenced(old);
    } finally {
      old.stop();
      if (now != null) {
        now.stop();
      }
    }
  }

  private long logEnd() throws Exception {
    try (Admin admin = broker.admin()) {
      return admin
          .listOffsets(Map.of(LOG, OffsetSpec.latest()))
          .partitionResult(LOG)
          .get()
          .offset();
    }
  }

  private static long last(List<Long> offsets) {
    return offsets.isEmpty() ? 0 : offsets.get(offsets.size() - 1);
  }

  private List<Long> committedOffsets() {
    return topics.read("orders").stream().map(record -> record.offset() + 1).toList();
  }

  private void deleteRecords(long before) throws Exception {
    try (Admin admin = broker.admin()) {
      admin.deleteRecords(Map.of(LOG, RecordsToDelete.beforeOffset(before))).all().get();
    }
  }

  /** Takes some entries of a task, acks them and leaves; how many it took. */
  private static int visit(int port, List<Long> seen, int most) throws IOException {
    long has = last(seen);
    int taken = 0;
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, has)) {
      while (taken < most) {
        LeaderMessage message = follower.next();
        if (!(message instanceof LeaderMessage.Entry entry)) {
          assertInstanceOf(LeaderMessage.CaughtUp.class, message);
          break;
        }
        seen.add(entry.offset());
        taken++;
      }
      follower.ack(last(seen));
    }
    return taken;
  }

  /** Takes snapshot and entries; false when the connection was closed before it had caught up. */
  private boolean takeWhatComes(int port, List<Long> seen) throws IOException {
    long has = last(seen);
    Map<String, ByteArrayOutputStream> files = new LinkedHashMap<>();
    try (ScriptedFollower follower = ScriptedFollower.subscribed(port, has)) {
      for (LeaderMessage message = follower.next(); message != null; message = follower.next()) {
        if (message instanceof LeaderMessage.SnapshotChunk chunk) {
          files
              .computeIfAbsent(chunk.filename(), name -> new ByteArrayOutputStream())
              .write(chunk.data());
        } else if (message instanceof LeaderMessage.SnapshotEnd end) {
          rows(files, seen);
          assertTrue(end.walOffsetAfterSnapshot() >= last(seen), end::toString);
        } else if (message instanceof LeaderMessage.Entry entry) {
          seen.add(entry.offset());
        } else if (message instanceof LeaderMessage.CaughtUp caughtUp) {
          assertTrue(caughtUp.currentOffset() >= last(seen), caughtUp::toString);
          return true;
        }
      }
      return false;
    }
  }

  private void rows(Map<String, ByteArrayOutputStream> files, List<Long> seen) throws IOException {
    for (Map.Entry<String, ByteArrayOutputStream> file : files.entrySet()) {
      ReceivedFile.rows(file.getKey(), file.getValue().toByteArray(), temp)
          .forEach(row -> seen.add(row.walOffset()));
    }
  }

  /** New followers get the history (snapshot.mode=initial), so they show how far it reaches. */
  private void awaitHistory(int port, long offset) {
    Await.until(
        "the history reaches to " + offset,
        Await.LIMIT,
        () -> {
          try (ScriptedFollower follower = ScriptedFollower.subscribed(port, 0)) {
            LeaderMessage message = follower.next();
            while (message instanceof LeaderMessage.SnapshotStart
                || message instanceof LeaderMessage.SnapshotChunk) {
              message = follower.next();
            }
            return message instanceof LeaderMessage.SnapshotEnd end
                && end.walOffsetAfterSnapshot() >= offset;
          }
        });
  }

  private void write(int count, boolean aborted) {
    try (KafkaProducer<byte[], byte[]> producer = producer()) {
      producer.initTransactions();
      transaction(producer, count, aborted);
    }
  }

  private KafkaProducer<byte[], byte[]> producer() {
    return new KafkaProducer<>(
        Map.of("bootstrap.servers", broker.bootstrap(), "transactional.id", "writer"),
        new ByteArraySerializer(),
        new ByteArraySerializer());
  }

  private void transaction(KafkaProducer<byte[], byte[]> producer, int count, boolean aborted) {
    producer.beginTransaction();
    for (int i = 0; i < count; i++) {
      number++;
      producer.send(
          new ProducerRecord<>(
              "orders",
              0,
              ("order-" + number).getBytes(UTF_8),
              Events.json(number).getBytes(UTF_8)));
    }
    if (aborted) {
      producer.flush();
      producer.abortTransaction();
    } else {
      producer.commitTransaction();
    }
  }

  /** Writes transactions, one in four aborted, until it is ended. */
  private final class Writer extends Thread {
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
    private volatile boolean ended;

    Writer() {
      super("writer");
      setDaemon(true);
    }

    @Override
    public void run() {
      try (KafkaProducer<byte[], byte[]> producer = producer()) {
        producer.initTransactions();
        for (int round = 0; !ended; round++) {
          transaction(producer, 20, round % 4 == 3);
        }
      } catch (RuntimeException e) {
        failure.set(e);
      }
    }

    void end() throws InterruptedException {
      ended = true;
      join();
      if (failure.get() != null) {
        throw failure.get();
      }
    }
  }

  private AllSourceSinkTask task(int port, String disk, Map<String, String> more)
      throws IOException {
    Map<String, String> properties = new HashMap<>(more);
    if (more.containsKey("snapshot.topic")) {
      properties.put("snapshot.mode", "initial");
      properties.put("snapshot.temp.dir", Files.createDirectories(temp.resolve(disk)).toString());
    }
    AllSourceSinkTask task = LoneTask.serving(broker, port, properties);
    Await.until("port " + port + " is open", Await.LIMIT, () -> !Ports.isFree(port));
    return task;
  }
}
