package io.github.allsourceconnect.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assertions.fail;

import io.github.allsourceconnect.protocol.Captures;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.ProtocolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Files that are truncated, altered, of another layout or hold impossible values. */
class DamagedFilesTest {
  private static final String ID = "d58dfd4f-d993-47e1-97aa-5016afe0b490";
  @TempDir Path folder;

  @Test
  void truncatedAnywhere() throws Exception {
    for (byte[] bytes : List.of(ownFile(), realFile())) {
      for (int i = 0; i < 16; i++) {
        unreadable(Arrays.copyOf(bytes, bytes.length * i / 16));
      }
      unreadable(Arrays.copyOf(bytes, bytes.length - 1));
      unreadable(Arrays.copyOfRange(bytes, 1, bytes.length));
      assertEquals(200, read(bytes, 200).size());
    }
  }

  @Test
  void flippedBits() throws Exception {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    System.out.println("DamagedFilesTest: replay with -Dfuzz.seed=" + seed);
    SplittableRandom random = new SplittableRandom(seed);
    byte[] own = ownFile();
    byte[] real = realFile();
    List<Event> ownRows = read(own, Integer.MAX_VALUE);
    int refused = 0;
    for (int i = 0; i < 800; i++) {
      boolean isOwn = i % 2 == 0;
      byte[] bytes = (isOwn ? own : real).clone();
      int at =
          random.nextInt(4) == 0
              ? bytes.length - 1 - random.nextInt(900)
              : random.nextInt(bytes.length);
      bytes[at] = (byte) (bytes[at] ^ (1 << random.nextInt(8)));
      try {
        List<Event> rows = read(bytes, Integer.MAX_VALUE);
        // own pages have checksums: a change of data is never taken for data
        if (isOwn && at < 4 + ownDataBytes(own)) {
          assertEquals(ownRows, rows, "seed " + seed + ", case " + i + ", byte " + at);
        }
      } catch (ProtocolException e) {
        refused++;
        assertEquals(ProtocolException.Kind.FILE, e.kind());
      } catch (RuntimeException | OutOfMemoryError e) {
        fail("seed " + seed + ", case " + i + ", byte " + at, e);
      }
    }
    assertTrue(refused > 200, "refused " + refused);
  }

  @Test
  void foreignFiles() throws Exception {
    unreadable(new byte[0]);
    unreadable("PAR1".getBytes(UTF_8));
    unreadable("<html><body>not found</body></html>".getBytes(UTF_8));
    unreadable(new byte[100_000]);
  }

  static Stream<Arguments> otherSchemas() {
    String real = TestFiles.REAL_SCHEMA;
    return Stream.of(
        Arguments.of("message m { required binary event_id (STRING); }", "1 columns"),
        Arguments.of(
            real.replace("(TIMESTAMP(MICROS,false))", "(TIMESTAMP(MILLIS,false))"), "microseconds"),
        Arguments.of(real.replace("(TIMESTAMP(MICROS,false))", ""), "microseconds"),
        Arguments.of(
            real.replace("int64 timestamp (TIMESTAMP(MICROS,false))", "binary timestamp"),
            "timestamp"),
        Arguments.of(real.replace("int64 version (INTEGER(64,false))", "int32 version"), "version"),
        Arguments.of(real.replace("required binary payload", "repeated binary payload"), "payload"),
        Arguments.of(real.replace("}", "optional int64 tenant_id; }"), "tenant_id"),
        Arguments.of(real.replace("}", "optional binary wal_offset; }"), "wal_offset"));
  }

  @ParameterizedTest
  @MethodSource("otherSchemas")
  void anotherLayout(String schema, String named) throws Exception {
    SnapshotFile file =
        TestFiles.writeRows(folder.resolve("odd.parquet"), layout(schema), List.of());
    ProtocolException e =
        assertThrows(ProtocolException.class, () -> SnapshotFileReader.open(file, 0, false));
    assertEquals(ProtocolException.Kind.FILE, e.kind());
    assertTrue(e.getMessage().contains("odd.parquet"), e.getMessage());
    assertTrue(e.getMessage().contains(named), e.getMessage());
  }

  @Test
  void columnsCountByPositionAndFurtherOnesByName() throws Exception {
    String schema =
        TestFiles.REAL_SCHEMA
            .replace("event_id", "a")
            .replace("metadata", "b")
            .replace("required binary payload", "optional binary c")
            .replace("(TIMESTAMP(MICROS,false))", "(TIMESTAMP(MICROS,true))")
            .replace(
                "}", "optional int32 x; optional int64 wal_offset; optional binary tenant_id; }");
    Object[] row = {ID, "t", "e", "{}", 5L, null, 1L, 3, 77L, "acme"};
    Object[] without = {ID, "t", "e", "{}", 5L, null, 1L, null, null, null};
    SnapshotFile file =
        TestFiles.writeRows(folder.resolve("a"), layout(schema), List.<Object[]>of(row, without));
    for (boolean idsOnly : new boolean[] {true, false}) {
      try (SnapshotFileReader reader = SnapshotFileReader.open(file, 0, idsOnly)) {
        SnapshotRow first = reader.next();
        assertEquals("acme", first.event().tenantId());
        assertEquals(77, first.walOffset());
        assertEquals(5, first.event().micros());
        assertEquals(idsOnly ? "" : "1970-01-01T00:00:00.000005Z", first.event().timestamp());
        SnapshotRow second = reader.next();
        assertEquals(null, second.event().tenantId());
        assertEquals(0, second.walOffset());
      }
    }
  }

  static Stream<Arguments> badValues() {
    byte[] latin1 = {'e', (byte) 0xE9};
    return Stream.of(
        Arguments.of(0, "no uuid", "UUID"),
        Arguments.of(0, null, "event_id"),
        Arguments.of(1, latin1, "event_type"),
        Arguments.of(2, latin1, "entity_id"),
        Arguments.of(2, null, "entity_id"),
        Arguments.of(3, "{\"s3cr3t\"", "payload"),
        Arguments.of(3, "", "payload"),
        Arguments.of(3, "1 2", "payload"),
        Arguments.of(3, null, "payload"),
        Arguments.of(4, Long.MAX_VALUE, "timestamp"),
        Arguments.of(4, Long.MIN_VALUE, "timestamp"),
        Arguments.of(4, null, "timestamp"),
        Arguments.of(5, "nul", "metadata"),
        Arguments.of(6, null, "version"));
  }

  @ParameterizedTest
  @MethodSource("badValues")
  void impossibleValues(int column, Object value, String named) throws Exception {
    Object[] row = {ID, "t", "e", "{}", 5L, "{}", 1L};
    row[column] = value;
    String schema = TestFiles.REAL_SCHEMA.replace("required", "optional");
    for (TestFiles.Layout layout : List.of(layout(schema), layout(schema).withoutDictionary())) {
      SnapshotFile file =
          TestFiles.writeRows(folder.resolve("v.parquet"), layout, List.<Object[]>of(row));
      ProtocolException e =
          assertThrows(
              ProtocolException.class,
              () -> {
                try (TimeOrderedRows rows =
                    new TimeOrderedRows(List.of(file), Long.MIN_VALUE, false)) {
                  rows.next();
                }
              });
      assertEquals(ProtocolException.Kind.FILE, e.kind());
      assertTrue(e.getMessage().contains("v.parquet"), e.getMessage());
      assertTrue(e.getMessage().contains(named), e.getMessage());
      assertFalse(e.getMessage().contains("s3cr3t"), e.getMessage());
      Files.delete(file.path());
    }
  }

  private static TestFiles.Layout layout(String schema) {
    return TestFiles.Layout.real().withSchema(schema);
  }

  private void unreadable(byte[] bytes) {
    ProtocolException e =
        assertThrows(ProtocolException.class, () -> read(bytes, Integer.MAX_VALUE));
    assertEquals(ProtocolException.Kind.FILE, e.kind());
    assertTrue(e.getMessage().contains("damaged.parquet"), e.getMessage());
  }

  private List<Event> read(byte[] bytes, int most) throws IOException {
    Path path = folder.resolve("damaged");
    Files.write(path, bytes);
    List<Event> events = new ArrayList<>();
    try (TimeOrderedRows rows =
        new TimeOrderedRows(
            List.of(new SnapshotFile("damaged.parquet", path)), Long.MIN_VALUE, false)) {
      for (SnapshotRow row = rows.next(); row != null && events.size() < most; row = rows.next()) {
        events.add(row.event());
      }
    }
    return events;
  }

  private byte[] ownFile() throws IOException {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      events.add(Events.event(i, "{\"n\":" + i + ",\"pad\":\"" + "z".repeat(i) + "\"}"));
    }
    Path path = folder.resolve("own");
    SnapshotWriterTest.write(path, true, events);
    return Files.readAllBytes(path);
  }

  /** Where the pages end and indexes and footer begin. */
  private static int ownDataBytes(byte[] own) {
    return own.length * 6 / 10;
  }

  private static byte[] realFile() {
    for (LeaderMessage message : Captures.messages("0.27.0-snapshot-doubled-by-tenant")) {
      if (message instanceof LeaderMessage.SnapshotChunk chunk) {
        return chunk.data();
      }
    }
    throw new AssertionError("no chunk in the capture");
  }
}
