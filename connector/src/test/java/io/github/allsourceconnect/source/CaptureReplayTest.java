package io.github.allsourceconnect.source;

import static io.github.allsourceconnect.source.PromptSource.positionAfter;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.protocol.Captures;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.Timestamps;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotAssembler;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.snapshot.TimeOrderedRows;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * What real leaders sent, replayed over real sockets through the whole source, and compared with
 * what reaches Kafka: which events, each once, every text character for character, the order within
 * each entity, the offsets, the ack of the last. {@link CapturedHistory} tells what of it is
 * captured and what is made in the captures' shape.
 */
@Timeout(300)
class CaptureReplayTest {

  @TempDir static Path made;
  private static CapturedHistory history;

  @TempDir Path folder;
  private final MessageCodec codec = new MessageCodec();
  private final Map<Map<String, ?>, Map<String, Object>> stored = new HashMap<>();

  @BeforeAll
  static void makeHistory() throws IOException {
    history = new CapturedHistory(made);
  }

  private SourceConfig config(Peer peer, String... more) {
    return PromptSource.config(
        "captures",
        peer,
        folder,
        Map.of(
            "snapshot.mode", "initial",
            "repair.min.interval.ms", "100",
            "connect.timeout.ms", "5000"),
        more);
  }

  /** So many records, and proof that no more come. */
  private static List<SourceRecord> take(SourcePipeline source, int count) throws Exception {
    List<SourceRecord> all = PromptSource.take(source, count);
    for (List<SourceRecord> more = source.poll(); more != null; more = source.poll()) {
      all.addAll(more);
      more.forEach(record -> source.committed(record, PromptSource.IN_KAFKA));
      source.committed();
    }
    assertEquals(count, all.size());
    return all;
  }

  private static void awaitAck(Peer peer, long offset) {
    String ack = "{\"type\":\"ack\",\"offset\":" + offset + "}";
    Await.until("offset " + offset + " is acked", Await.LIMIT, () -> peer.heard.contains(ack));
  }

  private static void awaitFigure(String name, long value) throws Exception {
    PromptSource.awaitFigure("captures", name, value);
  }

  // ---- what must arrive

  /** Everything that must be in Kafka, as an entry where it came live, otherwise as a row. */
  private static final class Expected {
    final Map<String, WalEntry> entries = new HashMap<>();
    final Map<String, Event> rows = new HashMap<>();

    /** The ids of each entity in the leader's order. */
    final Map<String, List<String>> order = new LinkedHashMap<>();

    Expected rows(Collection<Event> events) {
      for (Event event : events) {
        if (!entries.containsKey(event.id())) {
          rows.put(event.id(), event);
        }
        place(event);
      }
      return this;
    }

    /** Entries in the order of the log; those that are rows, too, are expected as entries. */
    Expected entries(Collection<WalEntry> some) {
      for (WalEntry entry : some) {
        entries.put(entry.event().id(), entry);
        rows.remove(entry.event().id());
        place(entry.event());
      }
      return this;
    }

    private void place(Event event) {
      List<String> ids = order.computeIfAbsent(event.entityId(), e -> new ArrayList<>());
      if (!ids.contains(event.id())) {
        ids.add(event.id());
      }
    }

    int size() {
      return entries.size() + rows.size();
    }

    void check(List<SourceRecord> records) {
      Map<String, List<String>> came = new HashMap<>();
      Set<String> ids = new HashSet<>();
      for (SourceRecord record : records) {
        Struct value = (Struct) record.value();
        String id = value.getString("id");
        assertTrue(ids.add(id), () -> id + " came twice");
        came.computeIfAbsent((String) record.key(), e -> new ArrayList<>()).add(id);
        WalEntry entry = entries.get(id);
        Event event = entry != null ? entry.event() : rows.get(id);
        assertNotNull(event, () -> id + " was never sent");
        assertEquals(event.eventType(), value.getString("event_type"));
        assertEquals(event.entityId(), value.getString("entity_id"));
        assertEquals(event.entityId(), record.key());
        assertEquals(event.payload().toString(), value.getString("payload"));
        assertEquals(
            event.metadata() == null || event.metadata().isNull()
                ? null
                : event.metadata().toString(),
            value.getString("metadata"));
        assertEquals(event.version(), value.getInt64("version"));
        assertEquals(event.micros() / 1000, record.timestamp());
        assertEquals(id, header(record, "allsource.event_id"));
        assertEquals(entry == null ? "true" : "false", header(record, "allsource.snapshot"));
        if (entry != null) {
          assertEquals(event.timestamp(), value.getString("timestamp"));
          assertEquals(entry.walTimestamp(), value.getString("wal_timestamp"));
          assertEquals(entry.sequence(), value.getInt64("wal_offset"));
          assertEquals(entry.sequence(), header(record, "allsource.wal_offset"));
          assertEquals(event.tenantId(), value.getString("tenant_id"));
          assertEquals(event.tenantId(), header(record, "allsource.tenant_id"));
        } else {
          assertEquals(Timestamps.ofMicros(event.micros()), value.getString("timestamp"));
          assertNull(value.getInt64("wal_offset"));
        }
      }
      assertEquals(size(), ids.size());
      order.forEach((entity, inOrder) -> assertEquals(inOrder, came.get(entity), entity));
    }
  }

  private static Object header(SourceRecord record, String name) {
    Header header = record.headers().lastWithName(name);
    return header == null ? null : header.value();
  }

  // ---- live streams

  @ParameterizedTest
  @CsvSource({
    "live-from-empty, no_data",
    "live-concurrent-writers, no_data",
    "0.27.0-live-concurrent-writers, no_data",
    "live-from-empty, initial",
    "live-concurrent-writers, initial",
    "0.27.0-live-concurrent-writers, initial",
    "after-crash-subscribe-1, initial"
  })
  void aLiveStreamArrivesInOrderAndCharacterForCharacter(String capture, String mode)
      throws Exception {
    List<WalEntry> sent =
        Captures.entries(capture).stream()
            .sorted((a, b) -> Long.compare(a.sequence(), b.sequence()))
            .toList();
    byte[] bytes = Captures.bytes(capture);
    try (Peer peer =
            new Peer(
                call -> {
                  call.hear();
                  for (int at = 0; at < bytes.length; at += 10_007) {
                    call.say(Arrays.copyOfRange(bytes, at, Math.min(bytes.length, at + 10_007)));
                  }
                  call.stay();
                });
        SourcePipeline source =
            new SourcePipeline(
                config(peer, "snapshot.mode", mode, "value.format", "wal_entry"),
                SourcePosition.START)) {
      List<SourceRecord> records = take(source, sent.size());
      Set<String> ids = new HashSet<>();
      for (int i = 0; i < sent.size(); i++) {
        assertEquals(sent.get(i).entryText().toString(), records.get(i).value());
        assertEquals(sent.get(i).event().entityId(), records.get(i).key());
        assertEquals(sent.get(i).sequence(), header(records.get(i), "allsource.wal_offset"));
        ids.add((String) header(records.get(i), "allsource.event_id"));
      }
      Set<String> written = Captures.ids(capture);
      if (capture.contains("concurrent")) {
        assertEquals(written, ids, "not the events that were written");
      }
      assertEquals(sent.get(sent.size() - 1).sequence(), positionAfter(records).walOffset());
      awaitAck(peer, sent.get(sent.size() - 1).sequence());
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(), left.toList(), "nothing may be left on disk");
    }
  }

  // ---- snapshots

  /** Answers 0 with a snapshot, anything else with the live lines. */
  private Peer peer(List<byte[]> snapshot, long current, List<byte[]> live) throws IOException {
    return new Peer(
        call -> {
          boolean all = call.hear().endsWith(":0}");
          for (byte[] line : all ? snapshot : List.<byte[]>of()) {
            call.say(line);
          }
          call.say(history.caughtUp(current));
          for (byte[] line : all ? List.<byte[]>of() : live) {
            call.say(line);
          }
          call.stay();
        });
  }

  private static List<byte[]> lines(Collection<WalEntry> entries) {
    return entries.stream().map(history::line).toList();
  }

  @Test
  void theHistoryHasTheShapeOfTheCaptures() {
    // before-crash: 6 files, 10 chunks; after-crash-then-write-subscribe-0: 8 files, 12 chunks
    assertEquals(1 + 10 + 1, history.snapshot(6, CapturedHistory.AFTER_STALL).size());
    assertEquals(1 + 12 + 1, history.snapshot(8, 30).size());
    assertEquals(CapturedHistory.AFTER_STALL, history.rows(6).size());
    assertEquals(43_734, history.rows(8).size());
    assertEquals(8_227, history.seenWhileStalled.size());
    assertEquals(25, history.firstLive.size());
    assertEquals(30, history.afterCrash.size());
  }

  @Test
  void theRowsOfAFirstSnapshotKeepTheOrderThatTheLogHad() {
    // entries that one capture shows live are rows in a file of another
    Map<String, List<String>> byLog = new HashMap<>();
    Captures.entries("live-concurrent-writers").stream()
        .sorted((a, b) -> Long.compare(a.sequence(), b.sequence()))
        .forEach(
            e ->
                byLog
                    .computeIfAbsent(e.event().entityId(), k -> new ArrayList<>())
                    .add(e.event().id()));
    Set<String> known = Captures.ids("live-concurrent-writers");
    Map<String, List<String>> byFile = new HashMap<>();
    for (Event row : history.rows(1)) {
      if (known.contains(row.id())) {
        byFile.computeIfAbsent(row.entityId(), k -> new ArrayList<>()).add(row.id());
      }
    }
    assertEquals(byLog, byFile);
  }

  @Test
  void theFirstSnapshotOfALeaderThatWasAboutToCrash() throws Exception {
    Expected expected = new Expected().rows(history.rows(6)).entries(history.beforeCrash);
    try (Peer peer =
            peer(
                history.snapshot(6, CapturedHistory.AFTER_STALL),
                CapturedHistory.AFTER_STALL,
                lines(history.beforeCrash));
        SourcePipeline source = new SourcePipeline(config(peer), SourcePosition.START)) {
      List<SourceRecord> records = take(source, expected.size());
      expected.check(records);
      assertEquals(CapturedHistory.BEFORE_CRASH, positionAfter(records).walOffset());
      awaitAck(peer, CapturedHistory.BEFORE_CRASH);
      awaitFigure("unaccounted", 0);
    }
  }

  @Test
  void theFirstSnapshotAfterTheCrash() throws Exception {
    List<WalEntry> live = Captures.entries("after-crash-subscribe-1");
    Expected expected = new Expected().rows(history.rows(8)).entries(live);
    try (Peer peer = peer(history.snapshot(8, 30), 30, lines(live));
        SourcePipeline source = new SourcePipeline(config(peer), SourcePosition.START)) {
      List<SourceRecord> records = take(source, expected.size());
      expected.check(records);
      assertEquals(30, positionAfter(records).walOffset());
      awaitAck(peer, 30);
    }
  }

  /** One source through all of it, restarted between the captures. */
  @Test
  void snapshotThenLiveThenAStallThenACrash() throws Exception {
    SourcePosition position = snapshotThenLive();
    assertEquals(CapturedHistory.BEFORE_STALL, position.walOffset());
    position = stalled(position);
    assertEquals(CapturedHistory.AFTER_STALL, position.walOffset());
    position = beforeCrash(position);
    assertEquals(CapturedHistory.BEFORE_CRASH, position.walOffset());
    position = afterCrash(position);
    assertEquals(30, position.walOffset());
  }

  private SourcePosition snapshotThenLive() throws Exception {
    List<byte[]> snapshot = new ArrayList<>();
    for (byte[] line : Captures.lines("snapshot-then-live")) {
      byte[] whole = Arrays.copyOf(line, line.length + 1);
      whole[line.length] = '\n';
      LeaderMessage message = codec.decodeLeader(line, 0, line.length, 1);
      if (!(message instanceof LeaderMessage.Entry)
          && !(message instanceof LeaderMessage.CaughtUp)) {
        snapshot.add(whole);
      }
    }
    Expected expected = new Expected().rows(history.rows(2)).entries(history.firstLive);
    try (Peer peer = peer(snapshot, 1_651, lines(history.firstLive));
        SourcePipeline source = new SourcePipeline(config(peer), SourcePosition.START)) {
      List<SourceRecord> records = take(source, expected.size());
      expected.check(records);
      awaitAck(peer, CapturedHistory.BEFORE_STALL);
      return positionAfter(records, stored);
    }
  }

  private SourcePosition stalled(SourcePosition from) throws Exception {
    List<Event> all = history.rows(6).subList(13_674, 43_674);
    Expected expected = new Expected().rows(all).entries(history.seenWhileStalled);
    try (Peer peer =
            peer(
                history.snapshot(6, CapturedHistory.AFTER_STALL),
                CapturedHistory.BEFORE_STALL,
                lines(history.seenWhileStalled));
        SourcePipeline source = new SourcePipeline(config(peer), from)) {
      List<SourceRecord> records = take(source, expected.size());
      expected.check(records);
      awaitAck(peer, CapturedHistory.AFTER_STALL);
      awaitFigure("repaired", 30_000 - 8_227);
      awaitFigure("unaccounted", 0);
      awaitFigure("balance", 0);
      return positionAfter(records, stored);
    }
  }

  private SourcePosition beforeCrash(SourcePosition from) throws Exception {
    Expected expected = new Expected().entries(history.beforeCrash);
    try (Peer peer =
            peer(
                history.snapshot(7, CapturedHistory.BEFORE_CRASH),
                CapturedHistory.AFTER_STALL,
                lines(history.beforeCrash));
        SourcePipeline source = new SourcePipeline(config(peer), from)) {
      List<SourceRecord> records = take(source, expected.size());
      expected.check(records);
      awaitAck(peer, CapturedHistory.BEFORE_CRASH);
      return positionAfter(records, stored);
    }
  }

  /**
   * The old offset is answered with {@code caught_up} 0 and would bring nothing; 0 is answered with
   * {@code caught_up} 0, too, and with no snapshot, until something is written.
   */
  private SourcePosition afterCrash(SourcePosition from) throws Exception {
    List<Peer.Call> live = new ArrayList<>();
    boolean[] written = new boolean[1];
    try (Peer peer =
            new Peer(
                call -> {
                  boolean zero = call.hear().endsWith(":0}");
                  synchronized (live) {
                    if (zero && written[0]) {
                      for (byte[] line : history.snapshot(8, 30)) {
                        call.say(line);
                      }
                      call.say(history.caughtUp(30));
                    } else if (zero) {
                      call.say(Captures.bytes("after-crash-idle-subscribe-0"));
                      live.add(call);
                    } else {
                      call.say(Captures.bytes("after-crash-subscribe-high"));
                    }
                  }
                  call.stay();
                });
        SourcePipeline source = new SourcePipeline(config(peer), from)) {
      String high = "{\"type\":\"subscribe\",\"last_offset\":" + from.walOffset() + "}";
      String zero = "{\"type\":\"subscribe\",\"last_offset\":0}";
      Await.until(
          "it has subscribed anew and looked for a snapshot",
          Await.LIMIT,
          () -> peer.heard.contains(high) && peer.heard.stream().filter(zero::equals).count() >= 2);
      assertNull(source.poll());
      synchronized (live) {
        written[0] = true;
        for (Peer.Call call : live) {
          try {
            for (WalEntry entry : history.afterCrash) {
              call.say(history.line(entry));
            }
          } catch (IOException e) {
            // the connection that only looked for a snapshot is closed
          }
        }
      }
      Expected expected = new Expected().entries(history.afterCrash);
      List<SourceRecord> records = take(source, expected.size());
      expected.check(records);
      awaitAck(peer, 30);
      awaitFigure("regressions", 1);
      awaitFigure("unaccounted", 0);
      return positionAfter(records, stored);
    }
  }

  @Test
  void aSnapshotThatRepeatsItselfAndTheLiveStreamBecomeOneWhole() throws Exception {
    String name = "0.27.0-snapshot-doubled-by-tenant";
    List<byte[]> snapshot = new ArrayList<>();
    List<WalEntry> live = Captures.entries(name);
    List<Event> rows = new ArrayList<>();
    try (SnapshotAssembler files = new SnapshotAssembler(folder, 1 << 30)) {
      for (LeaderMessage message : Captures.messages(name)) {
        if (message instanceof LeaderMessage.SnapshotStart start) {
          files.start(start);
        } else if (message instanceof LeaderMessage.SnapshotChunk chunk) {
          files.chunk(chunk);
        } else if (!(message instanceof LeaderMessage.SnapshotEnd)) {
          continue;
        }
        snapshot.add(codec.encode(message));
      }
      files.end();
      try (TimeOrderedRows all = new TimeOrderedRows(files.files(), Long.MIN_VALUE, false)) {
        for (SnapshotRow row = all.next(); row != null; row = all.next()) {
          rows.add(row.event());
        }
      }
    }
    assertEquals(830, rows.size());
    // this release counts the events of each entity, and no second crash has disturbed the count
    rows.sort((a, b) -> Long.compare(a.version(), b.version()));
    Expected expected = new Expected().rows(rows).entries(live);
    try (Peer peer = peer(snapshot, 1, lines(live));
        SourcePipeline source = new SourcePipeline(config(peer), SourcePosition.START)) {
      List<SourceRecord> records = take(source, expected.size());
      expected.check(records);
      assertEquals(40, positionAfter(records).walOffset());
      awaitAck(peer, 40);
    }
  }
}
