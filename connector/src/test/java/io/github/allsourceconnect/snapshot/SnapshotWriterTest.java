package io.github.allsourceconnect.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalInputFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotWriterTest {
  @TempDir Path folder;

  /** Parquet looks at sizes every hundred rows at first: of 1 MB each, that were 100 MB. */
  @Test
  void largeRowsTakeNoMoreMemoryThanIsAllowed() throws Exception {
    Path path = folder.resolve("large.parquet");
    Random random = new Random(1);
    try (SnapshotWriter writer = new SnapshotWriter(path, true, Map.of(), 4 << 20)) {
      for (int i = 1; i <= 30; i++) {
        byte[] digits = new byte[1 << 20];
        for (int at = 0; at < digits.length; at++) {
          digits[at] = (byte) ('1' + random.nextInt(9));
        }
        Event event = Events.event(i, "0");
        JsonText number = new JsonText(digits, 0, digits.length);
        writer.add(Events.with(event, number, event.timestamp(), event.metadata()), i);
      }
      writer.commit();
    }
    try (ParquetFileReader reader =
        ParquetFileReader.open(
            new LocalInputFile(path),
            ParquetReadOptions.builder(new PlainParquetConfiguration()).build())) {
      assertTrue(reader.getRowGroups().size() > 5, "row groups: " + reader.getRowGroups().size());
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void whatIsWrittenIsReadBack(boolean extraColumns) throws Exception {
    List<Event> events = oddEvents();
    Path path = folder.resolve("a.parquet");
    try (SnapshotWriter writer = new SnapshotWriter(path, extraColumns)) {
      for (int i = 0; i < events.size(); i++) {
        writer.add(events.get(i), i);
      }
      assertEquals(events.size(), writer.rows());
      assertEquals(events.get(0).micros(), writer.minMicros());
      assertEquals(events.get(events.size() - 1).micros(), writer.maxMicros());
      assertFalse(Files.exists(path));
      writer.commit();
    }
    try (SnapshotFileReader reader =
        SnapshotFileReader.open(new SnapshotFile("a", path), 3, false)) {
      assertEquals(events.size(), reader.rows());
      for (int i = 0; i < events.size(); i++) {
        SnapshotRow row = reader.next();
        assertEquals(expected(events.get(i), extraColumns), row.event());
        assertEquals(extraColumns ? i : 0, row.walOffset());
        assertEquals(3, row.file());
      }
      assertNull(reader.next());
      assertEquals(events.get(0).micros(), reader.minMicros(0));
    }
  }

  @Test
  void theLayoutIsTheRealOne() throws Exception {
    Path path = folder.resolve("a.parquet");
    write(path, false, List.of(Events.event(1, "1")));
    assertEquals(
        """
        message arrow_schema {
          required binary event_id (STRING);
          required binary event_type (STRING);
          required binary entity_id (STRING);
          required binary payload (STRING);
          required int64 timestamp (TIMESTAMP(MICROS,false));
          optional binary metadata (STRING);
          required int64 version (INTEGER(64,false));
        }
        """,
        schema(path));
    write(path, true, List.of(Events.event(1, "1")));
    assertTrue(
        schema(path)
            .endsWith(
                """
                  optional binary tenant_id (STRING);
                  optional int64 wal_offset (INTEGER(64,false));
                }
                """));
  }

  @Test
  void theSameEventsGiveTheSameBytes() throws Exception {
    write(folder.resolve("a"), true, oddEvents());
    write(folder.resolve("b"), true, oddEvents());
    assertArrayEquals(
        Files.readAllBytes(folder.resolve("a")), Files.readAllBytes(folder.resolve("b")));
  }

  @Test
  void withoutACommitNothingRemains() throws Exception {
    Path path = folder.resolve("a.parquet");
    try (SnapshotWriter writer = new SnapshotWriter(path, true)) {
      writer.add(Events.event(1, "1"), 1);
    }
    try (var left = Files.list(folder)) {
      assertEquals(List.of(), left.toList());
    }
    SnapshotWriter writer = new SnapshotWriter(path, true);
    writer.commit();
    assertThrows(IllegalStateException.class, writer::commit);
    writer.close();
    assertTrue(Files.exists(path));
  }

  @Test
  void aFileWithoutRows() throws Exception {
    Path path = folder.resolve("a.parquet");
    write(path, true, List.of());
    SnapshotFile file = new SnapshotFile("a", path);
    try (SnapshotFileReader reader = SnapshotFileReader.open(file, 0, false);
        TimeOrderedRows rows = new TimeOrderedRows(List.of(file, file), 0, false)) {
      assertEquals(0, reader.rows());
      assertNull(reader.next());
      assertNull(rows.next());
      assertNull(rows.next());
    }
  }

  static void write(Path path, boolean extraColumns, List<Event> events) throws IOException {
    try (SnapshotWriter writer = new SnapshotWriter(path, extraColumns)) {
      for (int i = 0; i < events.size(); i++) {
        writer.add(events.get(i), i + 1);
      }
      writer.commit();
    }
  }

  private static List<Event> oddEvents() {
    List<Event> events = new ArrayList<>();
    String big = "\"" + "x".repeat(3_000_000) + "\"";
    String[] payloads = {
      "null", "1e308", "\"\\u0000\u2028é世😀\"", "{ \"a\" : 18446744073709551615 }", "[]", big
    };
    for (int i = 0; i < 500; i++) {
      Event e = Events.event(i, payloads[i % (i > 12 ? 5 : 6)], "tüpe", "\u0000entity\ufffd" + i);
      events.add(
          Events.with(
              i % 5 == 0 ? e.withTenant(null) : e,
              i % 7 == 0 ? null : e.metadata(),
              i == 3 ? Long.MIN_VALUE : i));
    }
    return events;
  }

  private static Event expected(Event e, boolean extraColumns) {
    return Events.with(
        extraColumns ? e : e.withTenant(null),
        e.metadata() == null ? JsonText.NULL : e.metadata(),
        e.version());
  }

  private static String schema(Path path) throws IOException {
    ParquetReadOptions options =
        ParquetReadOptions.builder(new PlainParquetConfiguration()).build();
    try (ParquetFileReader reader = ParquetFileReader.open(new LocalInputFile(path), options)) {
      reader
          .getRowGroups()
          .forEach(
              group ->
                  group
                      .getColumns()
                      .forEach(
                          column -> assertEquals(CompressionCodecName.SNAPPY, column.getCodec())));
      return reader.getFileMetaData().getSchema().toString();
    }
  }
}
