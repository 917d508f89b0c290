package io.github.allsourceconnect.source;

import io.github.allsourceconnect.protocol.Captures;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.EventIds;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.Timestamps;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.CapturedSnapshot;
import io.github.allsourceconnect.snapshot.SnapshotAssembler;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.snapshot.SnapshotWriter;
import io.github.allsourceconnect.snapshot.TimeOrderedRows;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The history of the one leader (0.19.1) from which the captures were taken, one after the other:
 * 13,649 events in two files ({@code snapshot-then-live}), 25 more live, 30,000 of which a stalled
 * follower got 8,227 ({@code stalled-follower}), 30 more live ({@code before-crash}), a {@code kill
 * -9}, 30 more numbered from 1 ({@code after-crash-subscribe-1}).
 *
 * <p>The captures {@code before-crash} and {@code after-crash-then-write-subscribe-0} repeat all
 * that was stored by then and are large, so they are made here in the shape of the real ones: the
 * same files in the same order with the same number of rows (10,000, 3,649, 10,000, 10,000, 10,000,
 * 25 and, after the crash, twice 30), chunks of 512 KiB (two for each file of 10,000 rows), the
 * same {@code snapshot_end}. The first two files are the captured ones byte for byte, and the
 * captured live entries are rows of the others. What no capture tells is made up: the events that
 * the stalled follower lacks, the 30 before the crash, and the first one after it.
 */
final class CapturedHistory {
  private static final int CHUNK = 512 << 10;

  /** When the files were written, and how many rows each has. */
  private static final List<String> NAMES =
      List.of(
          "events-20261124-033130486-00000000000000000000000000000003.parquet",
          "events-20261124-033133229-00000000000000000000000000000004.parquet",
          "events-20261124-033136132-00000000000000000000000000000005.parquet",
          "events-20261124-033205450-00000000000000000000000000000006.parquet",
          "events-20261124-033207468-00000000000000000000000000000007.parquet",
          "events-20261124-033211570-00000000000000000000000000000008.parquet");

  private static final int[] ROWS = {10_000, 10_000, 10_000, 25, 30, 30};

  /** A file as it is sent, with its rows in the order of the file. */
  @SuppressWarnings("ArrayRecordComponent")
  record StoredFile(String name, byte[] bytes, List<Event> rows) {}

  /** The leader's last offset before {@code stalled-follower}, after it, before the crash. */
  static final long BEFORE_STALL = 13_674;

  static final long AFTER_STALL = 43_674;
  static final long BEFORE_CRASH = 43_704;

  final List<StoredFile> files = new ArrayList<>();
  final List<WalEntry> firstLive = Captures.entries("snapshot-then-live");
  final List<WalEntry> seenWhileStalled = Captures.entries("stalled-follower");
  final List<WalEntry> beforeCrash = new ArrayList<>();
  final List<WalEntry> afterCrash = new ArrayList<>();

  private final MessageCodec codec = new MessageCodec();

  CapturedHistory(Path folder) throws IOException {
    files.addAll(captured(folder));
    List<Event> rest = new ArrayList<>();
    firstLive.forEach(entry -> rest.add(entry.event()));
    rest.addAll(whileStalled());
    for (int i = 1; i <= 30; i++) {
      beforeCrash.add(entry(BEFORE_STALL + 30_000 + i, 1_795_491_125_455_162L + 380L * i));
    }
    beforeCrash.forEach(entry -> rest.add(entry.event()));
    afterCrash.add(entry(1, 1_795_491_130_315_749L));
    afterCrash.addAll(Captures.entries("after-crash-subscribe-1"));
    afterCrash.forEach(entry -> rest.add(entry.event()));
    int at = 0;
    for (int i = 0; i < ROWS.length; i++) {
      files.add(
          write(folder.resolve("made.parquet"), NAMES.get(i), rest.subList(at, at + ROWS[i])));
      at += ROWS[i];
    }
  }

  /** The two files of {@code snapshot-then-live}. */
  private static List<StoredFile> captured(Path folder) throws IOException {
    List<StoredFile> captured = new ArrayList<>();
    try (SnapshotAssembler assembler = CapturedSnapshot.assemble("snapshot-then-live", folder)) {
      for (SnapshotFile file : assembler.files()) {
        captured.add(
            new StoredFile(file.name(), Files.readAllBytes(file.path()), rowsInPlace(file)));
      }
    }
    return captured;
  }

  private static List<Event> rowsInPlace(SnapshotFile file) throws IOException {
    Map<Long, Event> rows = new TreeMap<>();
    try (TimeOrderedRows all = new TimeOrderedRows(List.of(file), Long.MIN_VALUE, false)) {
      for (SnapshotRow row = all.next(); row != null; row = all.next()) {
        rows.put(row.row(), row.event());
      }
    }
    return new ArrayList<>(rows.values());
  }

  /** All 30,000: those that were seen, and between them made-up ones in their places. */
  private List<Event> whileStalled() {
    List<Event> all = new ArrayList<>();
    WalEntry before = firstLive.get(firstLive.size() - 1);
    List<WalEntry> seen = new ArrayList<>(seenWhileStalled);
    seen.sort(Comparator.comparingLong(WalEntry::sequence));
    for (WalEntry next : seen) {
      long from = before.event().micros();
      long gap = next.sequence() - before.sequence();
      for (long i = 1; i < gap; i++) {
        long micros = from + (next.event().micros() - from) * i / gap;
        all.add(event(before.sequence() + i, micros));
      }
      all.add(next.event());
      before = next;
    }
    return all;
  }

  private WalEntry entry(long offset, long micros) {
    Event event = event(offset, micros);
    String time = Timestamps.ofMicros(micros + 9);
    return new WalEntry(
        offset, time, event, WalChecksum.compute(offset, time, event.id()), null, null);
  }

  private static Event event(long number, long micros) {
    long high = (number * 0x9E3779B97F4A7C15L & ~0xF000L) | 0x4000L;
    long low = (~number * 0xC2B2AE3D27D4EB4FL & 0x3FFFFFFFFFFFFFFFL) | 0x8000000000000000L;
    String pad = "z".repeat((int) (number * 31 % 300));
    return new Event(
        EventIds.text(high, low),
        high,
        low,
        number % 3 == 0 ? "order.paid" : "order.placed",
        "order-" + number * 7 % 50,
        number % 2 == 0 ? "acme" : "default",
        JsonText.of(
            "{\"amount\":" + number % 97 + ".5,\"n\":" + number + ",\"pad\":\"" + pad + "\"}"),
        Timestamps.ofMicros(micros),
        micros,
        number % 4 == 0 ? JsonText.of("{\"k\":1}") : JsonText.NULL,
        1);
  }

  private static StoredFile write(Path path, String name, List<Event> rows) throws IOException {
    try (SnapshotWriter writer = new SnapshotWriter(path, false)) {
      for (Event row : rows) {
        writer.add(row, 0);
      }
      writer.commit();
    }
    byte[] bytes = Files.readAllBytes(path);
    Files.delete(path);
    return new StoredFile(name, bytes, List.copyOf(rows));
  }

  /** What a leader with the first {@code count} files sends as its snapshot. */
  List<byte[]> snapshot(int count, long walOffsetAfter) {
    List<StoredFile> sent = files.subList(0, count);
    List<byte[]> lines = new ArrayList<>();
    lines.add(
        codec.encode(
            new LeaderMessage.SnapshotStart(sent.stream().map(StoredFile::name).toList())));
    for (StoredFile file : sent) {
      for (int at = 0; at < file.bytes.length; at += CHUNK) {
        int end = Math.min(file.bytes.length, at + CHUNK);
        lines.add(
            codec.encode(
                new LeaderMessage.SnapshotChunk(
                    file.name,
                    Arrays.copyOfRange(file.bytes, at, end),
                    at,
                    end == file.bytes.length)));
      }
    }
    lines.add(codec.encode(new LeaderMessage.SnapshotEnd(walOffsetAfter)));
    return lines;
  }

  /** The rows of the first {@code count} files, in the order of the files. */
  List<Event> rows(int count) {
    return files.subList(0, count).stream().flatMap(file -> file.rows.stream()).toList();
  }

  byte[] line(WalEntry entry) {
    return codec.encode(new LeaderMessage.Entry(entry.sequence(), entry));
  }

  byte[] caughtUp(long offset) {
    return codec.encode(new LeaderMessage.CaughtUp(offset));
  }
}
