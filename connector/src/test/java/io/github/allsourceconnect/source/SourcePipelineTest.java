package io.github.allsourceconnect.source;

import static io.github.allsourceconnect.source.PromptSource.take;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The whole source against a scripted leader over real sockets; Connect is the test itself. */
@Timeout(300)
class SourcePipelineTest {
  private static final String CAUGHT_UP = "{\"type\":\"caught_up\",\"current_offset\":0}\n";

  @TempDir Path folder;
  private final MessageCodec codec = new MessageCodec();

  private SourceConfig config(Peer peer, String... more) {
    return PromptSource.config(
        "test",
        peer,
        folder,
        Map.of(
            "value.format", "wal_entry",
            "snapshot.mode", "no_data",
            "connect.timeout.ms", "1000"),
        more);
  }

  private SourcePipeline begun(Peer peer, String... more) {
    return new SourcePipeline(config(peer, more), SourcePosition.START);
  }

  private byte[] entries(int from, int to) {
    StringBuilder lines = new StringBuilder();
    for (int i = from; i <= to; i++) {
      lines.append(line(i));
    }
    return lines.toString().getBytes(UTF_8);
  }

  private String line(int number) {
    return new String(
        codec.encode(new LeaderMessage.Entry(number, Events.entry(number, "{}"))), UTF_8);
  }

  private static long offset(SourceRecord record) {
    return (Long) record.headers().lastWithName("allsource.wal_offset").value();
  }

  private static List<Long> offsets(List<SourceRecord> records) {
    return records.stream().map(SourcePipelineTest::offset).toList();
  }

  private static List<Long> range(int from, int to) {
    List<Long> all = new ArrayList<>();
    for (long i = from; i <= to; i++) {
      all.add(i);
    }
    return all;
  }

  /**
   * Under exactly-once Connect says nothing of records while a transaction has none: it commits.
   */
  @Test
  void whatIsFilteredIsAckedOnceConnectHasDoneWithIt() throws Exception {
    try (Peer peer = of(50);
        SourcePipeline source = begun(peer)) {
      int seen = 0;
      while (seen < 50) {
        List<SourceRecord> batch = source.poll();
        seen += batch == null ? 0 : batch.size();
        if (batch != null) {
          source.committed();
        }
      }
      source.poll();
      Await.until(
          "offset 50 is acked",
          Await.LIMIT,
          () -> peer.heard.contains("{\"type\":\"ack\",\"offset\":50}"),
          () -> peer.heard.toString());
    }
  }

  /** Chosen by entity: every tenth is produced, all are acked, and the figures add up. */
  @Test
  void whatIsNotChosenIsAckedAndCounted() throws Exception {
    try (Peer peer = of(200);
        SourcePipeline source = begun(peer, "include.entities", "order-7")) {
      List<Long> produced = new ArrayList<>();
      Await.until(
          "offset 200 is acked",
          Await.LIMIT,
          () -> {
            List<SourceRecord> batch = source.poll();
            for (SourceRecord record : batch == null ? List.<SourceRecord>of() : batch) {
              produced.add(offset(record));
              source.committed(record, PromptSource.IN_KAFKA);
            }
            return peer.heard.contains("{\"type\":\"ack\",\"offset\":200}");
          },
          () -> peer.heard.toString());
      assertEquals(range(1, 200).stream().filter(i -> i % 10 == 7).toList(), produced);
      awaitFigure("filtered", 200 - produced.size());
      awaitFigure("confirmed", produced.size());
    }
  }

  /** Acks pass what is left out also where nothing is left, and no record is made for that. */
  @ParameterizedTest
  @ValueSource(strings = {"by the settings", "by a transformation"})
  void allIsLeftOut(String how) throws Exception {
    boolean settings = how.equals("by the settings");
    try (Peer peer = of(50);
        SourcePipeline source = begun(peer, "include.entities", settings ? "none" : ".*")) {
      Await.until(
          "offset 50 is acked",
          Await.LIMIT,
          () -> {
            List<SourceRecord> batch = source.poll();
            for (SourceRecord record : batch == null ? List.<SourceRecord>of() : batch) {
              assertFalse(settings, "a record for what is left out");
              source.committed(record, null);
            }
            return peer.heard.contains("{\"type\":\"ack\",\"offset\":50}");
          },
          () -> peer.heard.toString());
      awaitFigure("filtered", 50);
      assertEquals(0L, PromptSource.figure("test", "confirmed"));
      assertEquals(0L, PromptSource.figure("test", "unconfirmedMs"));
    }
  }

  /**
   * Of a record that a transformation drops Connect stores no offset, and chunks need the position
   * of the leader itself.
   */
  @Test
  void withoutAPositionThatIsStoredThereAreNoChunks() throws Exception {
    try (Peer peer = of(1_000);
        SourcePipeline source = begun(peer, "batch.max.records", "50")) {
      Set<Object> partitions = new HashSet<>();
      for (int seen = 0; seen < 1_000; ) {
        List<SourceRecord> batch = source.poll();
        if (batch != null) {
          seen += batch.size();
          for (SourceRecord record : batch) {
            partitions.add(record.sourcePartition());
            source.committed(record, null);
          }
          source.committed();
        }
      }
      assertEquals(Set.of(Map.of("leader", "test")), partitions);
    }
  }

  /**
   * Whichever record is the last that Kafka has, the first batch's too: with what is stored by then
   * every event up to it counts as produced, and none behind it.
   */
  @Test
  void eachRecordHasThePositionAfterIt() throws Exception {
    try (Peer peer = of(3_000);
        SourcePipeline source =
            begun(peer, "batch.max.records", "200", "connection.dead.timeout.ms", "600000")) {
      Map<Map<String, ?>, Map<String, Object>> stored = new HashMap<>();
      Set<Object> partitions = new HashSet<>();
      for (long at = 0; at < 3_000; ) {
        List<SourceRecord> batch = source.poll();
        if (batch == null) {
          continue;
        }
        for (SourceRecord record : batch) {
          at++;
          assertEquals(at, offset(record));
          partitions.add(record.sourcePartition());
          SourcePosition position = PromptSource.positionAfter(List.of(record), stored);
          assertEquals(at, position.walOffset());
          assertFalse(position.isInexact(), "behind " + at);
          source.committed(record, PromptSource.IN_KAFKA);
        }
        source.committed();
      }
      assertTrue(partitions.size() > 3, "no chunks: " + partitions);
    }
  }

  /** Where each partition's offset is stored by itself there is one partition. */
  @Test
  void withoutExactlyOnceThereAreNoChunks() throws Exception {
    try (Peer peer = of(3_000);
        SourcePipeline source = begun(peer, "batch.max.records", "200")) {
      Set<Object> partitions = new HashSet<>();
      for (int seen = 0; seen < 3_000; ) {
        List<SourceRecord> batch = source.poll();
        if (batch != null) {
          seen += batch.size();
          Thread producer =
              new Thread(
                  () -> batch.forEach(record -> source.committed(record, PromptSource.IN_KAFKA)));
          producer.start();
          producer.join();
          for (SourceRecord record : batch) {
            partitions.add(record.sourcePartition());
            assertTrue(record.sourceOffset().toString().length() < 8_000);
          }
        }
      }
      assertEquals(Set.of(Map.of("leader", "test")), partitions);
    }
  }

  private static void awaitFigure(String name, long value) {
    PromptSource.awaitFigure("test", name, value);
  }

  private Peer of(int entries) throws IOException {
    return new Peer(
        call -> {
          call.hear();
          call.say(CAUGHT_UP);
          call.say(entries(1, entries));
          call.stay();
        });
  }

  /** Whatever the connection suffers, the next one brings the rest. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "closed after subscribe",
        "garbage",
        "silent",
        "cut in a line",
        "over-long first line",
        "a snapshot in the stream"
      })
  void theNextConnectionGoesOn(String fault) throws Exception {
    try (Peer peer =
            new Peer(
                call -> {
                  call.hear();
                  if (call.number > 1) {
                    // this leader replays, so that no snapshot is needed
                    call.say(entries(1, 20));
                    call.say(CAUGHT_UP);
                    call.stay();
                    return;
                  }
                  switch (fault) {
                    case "garbage" -> call.say("HTTP/1.1 400 Bad Request\r\n\r\n");
                    case "silent" -> call.stay();
                    case "cut in a line" -> call.say(Arrays.copyOf(entries(1, 10), 1234));
                    case "over-long first line" -> call.say(new byte[100_000]);
                    case "a snapshot in the stream" -> {
                      call.say(entries(1, 5));
                      call.say(codec.encode(new LeaderMessage.SnapshotStart(List.of())));
                      call.stay();
                    }
                    default -> call.socket.close();
                  }
                });
        SourcePipeline source =
            begun(peer, "snapshot.mode", "initial", "line.max.bytes", "20000")) {
      assertEquals(range(1, 20), offsets(take(source, 20)), () -> peer.heard.toString());
    }
  }

  @Test
  void aCorruptEntryFailsTheTaskAfterWhatCameBeforeIt() throws Exception {
    try (Peer peer = corrupting();
        SourcePipeline source = begun(peer, "snapshot.mode", "initial")) {
      List<SourceRecord> before = take(source, 3);
      assertEquals(range(1, 3), offsets(before));
      String failure = PromptSource.failure(source);
      assertTrue(failure.contains("offset 4"), failure);
      assertTrue(failure.contains("corrupt.entry.policy"), failure);
      SourceRecord last = before.get(before.size() - 1);
      assertEquals(3, PromptSource.positionAfter(List.of(last)).walOffset());
    }
  }

  @Test
  void aCorruptEntryGoesToTheDeadLetters() throws Exception {
    try (Peer peer = corrupting();
        SourcePipeline source =
            begun(
                peer,
                "corrupt.entry.policy",
                "dlq",
                "dlq.topic",
                "dead",
                "snapshot.mode",
                "initial")) {
      List<SourceRecord> all = take(source, 10);
      List<SourceRecord> dead = all.stream().filter(r -> r.topic().equals("dead")).toList();
      assertEquals(1, dead.size());
      assertEquals(corrupt(), dead.get(0).value() + "\n");
      assertTrue(
          dead.get(0)
              .headers()
              .lastWithName("allsource.error")
              .value()
              .toString()
              .contains("checksum"));
      List<Long> rest =
          all.stream()
              .filter(r -> !r.topic().equals("dead"))
              .map(SourcePipelineTest::offset)
              .toList();
      assertEquals(List.of(1L, 2L, 3L, 5L, 6L, 7L, 8L, 9L, 10L), rest);
    }
  }

  private String corrupt() {
    return line(4).replaceAll("\"checksum\":\\d+", "\"checksum\":1");
  }

  /** A leader that replays its log, whose fourth entry has a bad checksum. */
  private Peer corrupting() throws IOException {
    return new Peer(
        call -> {
          call.hear();
          call.say(entries(1, 3));
          call.say(corrupt());
          call.say(entries(5, 10));
          call.say(CAUGHT_UP);
          call.stay();
        });
  }

  @Test
  void aSlowKafkaIsNoReasonNotToRead() throws Exception {
    int count = 60_000;
    byte[] all = entries(1, count);
    List<String> progress = new ArrayList<>();
    try (Peer peer =
            new Peer(
                call -> {
                  call.hear();
                  call.say(CAUGHT_UP);
                  call.say(all);
                  synchronized (progress) {
                    progress.add("all sent");
                  }
                  call.stay();
                });
        SourcePipeline source =
            begun(peer, "buffer.memory.bytes", "1048576", "batch.max.records", "500")) {
      // nobody polls, and yet the leader gets rid of everything
      Await.until(
          "everything is read",
          Await.LIMIT,
          () -> {
            synchronized (progress) {
              return !progress.isEmpty();
            }
          });
      assertEquals(range(1, count), offsets(take(source, count)));
    }
  }

  @Test
  void aPeerThatIsGoneWithAnAckUnderWayIsNoticed() throws Exception {
    try (Peer first =
            new Peer(
                call -> {
                  if (call.number > 1) {
                    call.stay();
                    return;
                  }
                  call.hear();
                  call.say(entries(1, 5));
                  call.say(CAUGHT_UP);
                  call.stay();
                });
        Peer second =
            new Peer(
                call -> {
                  call.hear();
                  call.say(entries(6, 10));
                  call.say(CAUGHT_UP);
                  call.stay();
                });
        SourcePipeline source =
            begun(
                first,
                "snapshot.mode",
                "initial",
                "connection.dead.timeout.ms",
                "3000",
                "leader.addresses",
                first.address() + "," + second.address())) {
      assertEquals(range(1, 5), offsets(take(source, 5)));
      first.stopAccepting();
      assertEquals(range(6, 10), offsets(take(source, 5)));
    }
  }

  @Test
  void aConnectionThatIsSwallowedWhileNewOnesPassIsNoticed() throws Exception {
    try (Peer peer =
            new Peer(
                call -> {
                  call.hear();
                  if (call.number == 1) {
                    call.say(entries(1, 5));
                    call.say(CAUGHT_UP);
                  } else if (call.number == 2) {
                    call.say("{\"type\":\"caught_up\",\"current_offset\":9}\n");
                  } else {
                    call.say(entries(6, 10));
                    call.say(CAUGHT_UP);
                  }
                  call.stay();
                });
        SourcePipeline source =
            begun(
                peer,
                "snapshot.mode",
                "initial",
                "connection.dead.timeout.ms",
                "3000",
                "reconnect.backoff.ms",
                "10")) {
      assertEquals(range(1, 5), offsets(take(source, 5)));
      assertEquals(range(6, 10), offsets(take(source, 5)));
    }
  }

  @Test
  void nothingIsLeftWhenItCannotStart() throws Exception {
    Path file = Files.createFile(folder.resolve("file"));
    try (Peer peer = new Peer(Peer.Call::stay)) {
      ConnectException thrown =
          assertThrows(
              ConnectException.class, () -> begun(peer, "buffer.disk.dir", file.toString()));
      assertTrue(thrown.getMessage().contains("buffer.disk.dir"), thrown.getMessage());
      assertTrue(
          Thread.getAllStackTraces().keySet().stream()
              .noneMatch(t -> t.getName().startsWith("allsource-test-")),
          "a thread was left behind");
    }
  }
}
