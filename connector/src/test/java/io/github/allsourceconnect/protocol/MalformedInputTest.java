package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MalformedInputTest {
  private static final String SECRET = "s3cr3t";
  private static final String EVENT =
      "{\"id\":\"d58dfd4f-d993-47e1-97aa-5016afe0b490\",\"event_type\":\"t\",\"entity_id\":\"e\","
          + "\"tenant_id\":\"x\",\"payload\":{\"k\":\""
          + SECRET
          + "\"},\"timestamp\":\"2026-01-02T03:04:05.123456789Z\",\"metadata\":null,\"version\":1}";
  private static final String ENTRY =
      "{\"type\":\"wal_entry\",\"offset\":7,\"data\":{\"sequence\":7,"
          + "\"wal_timestamp\":\"2026-01-02T03:04:05.1Z\",\"event\":"
          + EVENT
          + ",\"checksum\":1}}";
  private static final String CHUNK =
      "{\"type\":\"snapshot_chunk\",\"filename\":\"a.parquet\",\"data\":\"AQIDBA==\","
          + "\"chunk_offset\":0,\"is_last\":true}";
  private static final String START =
      "{\"type\":\"snapshot_start\",\"parquet_files\":[\"a.parquet\"]}";
  private static final String CAUGHT_UP = "{\"type\":\"caught_up\",\"current_offset\":5}";

  private final MessageCodec codec = new MessageCodec();

  /** A good line, what to replace in it, by what, and what the message must name. */
  static Stream<Arguments> badLines() {
    return Stream.of(
        // not a message
        bad(CAUGHT_UP, CAUGHT_UP, "", "empty"),
        bad(CAUGHT_UP, CAUGHT_UP, "  ", "object"),
        bad(CAUGHT_UP, CAUGHT_UP, "[]", "object"),
        bad(CAUGHT_UP, CAUGHT_UP, "null", "object"),
        bad(CAUGHT_UP, CAUGHT_UP, "\ufeff" + CAUGHT_UP, "object"),
        bad(CAUGHT_UP, "}", "", "JSON"),
        bad(CAUGHT_UP, "}", "}x", "JSON"),
        bad(CAUGHT_UP, "}", "}{}", "follows"),
        bad(CAUGHT_UP, "5}", "5,}", "JSON"),
        bad(CAUGHT_UP, "\"caught_up\"", "caught_up", "JSON"),
        bad(CAUGHT_UP, "\"type\":\"caught_up\",", "", "type"),
        bad(CAUGHT_UP, "\"caught_up\"", "7", "type"),
        bad(CAUGHT_UP, "caught_up", "subscribe", "type"),
        bad(CAUGHT_UP, "caught_up", "s3cr3t", "type"),
        bad(CAUGHT_UP, "}", ",\"type\":\"caught_up\"}", "type"),
        bad(CAUGHT_UP, "{", "{\"a\":" + "[".repeat(20_000) + "]".repeat(20_000) + ",", "deep"),
        // offsets
        bad(CAUGHT_UP, ",\"current_offset\":5", "", "current_offset"),
        bad(CAUGHT_UP, "}", ",\"current_offset\":5}", "current_offset"),
        bad(CAUGHT_UP, ":5", ":-1", "current_offset"),
        bad(CAUGHT_UP, ":5", ":5.0", "current_offset"),
        bad(CAUGHT_UP, ":5", ":1e3", "current_offset"),
        bad(CAUGHT_UP, ":5", ":\"5\"", "current_offset"),
        bad(CAUGHT_UP, ":5", ":null", "current_offset"),
        bad(CAUGHT_UP, ":5", ":05", "JSON"),
        bad(CAUGHT_UP, ":5", ":9223372036854775808", "9223372036854775807"),
        bad(CAUGHT_UP, ":5", ":18446744073709551616", "9223372036854775807"),
        bad(CAUGHT_UP, ":5", ":" + "9".repeat(5000), "9223372036854775807"),
        // entries
        bad(ENTRY, "\"offset\":7,", "", "offset"),
        bad(ENTRY, "\"offset\":7", "\"offset\":8", "sequence is 7"),
        bad(ENTRY, "7", "0", "0"),
        bad(ENTRY, "\"data\"", "\"date\"", "data"),
        bad(ENTRY, "\"data\":{", "\"data\":null,\"x\":{", "not an object"),
        bad(ENTRY, "\"sequence\":7,", "", "sequence"),
        bad(ENTRY, "\"sequence\":7", "\"sequence\":7,\"sequence\":7", "sequence"),
        bad(ENTRY, "\"wal_timestamp\"", "\"x\"", "wal_timestamp"),
        bad(ENTRY, "05.1Z", "05.Z", "wal_timestamp"),
        bad(ENTRY, "05.1Z", "05.1+00:00", "wal_timestamp"),
        bad(ENTRY, "2026-01-02T03:04:05.1Z", "2026-02-29T03:04:05.1Z", "wal_timestamp"),
        bad(ENTRY, "\"event\":{", "\"event\":[],\"x\":{", "not an object"),
        bad(ENTRY, "\"event\":{", "\"x\":{", "event"),
        bad(ENTRY, "\"checksum\":1", "\"checksum\":4294967296", "checksum"),
        bad(ENTRY, "\"checksum\":1", "\"checksum\":-1", "checksum"),
        bad(ENTRY, "\"checksum\":1", "\"x\":1", "checksum"),
        // events
        bad(ENTRY, "\"id\":", "\"x\":", "id"),
        bad(ENTRY, "d58dfd4f-d993", "d58dfd4fd-993", "UUID"),
        bad(ENTRY, "d58dfd4f-d993", "g58dfd4f-d993", "UUID"),
        bad(ENTRY, "0b490\"", "0b4900\"", "UUID"),
        bad(ENTRY, "\"event_type\":\"t\",", "", "event_type"),
        bad(ENTRY, "\"event_type\":\"t\"", "\"event_type\":null", "event_type"),
        bad(ENTRY, "\"entity_id\":\"e\",", "", "entity_id"),
        bad(ENTRY, "\"entity_id\":\"e\"", "\"entity_id\":{}", "entity_id"),
        bad(ENTRY, "\"entity_id\":\"e\"", "\"entity_id\":\"\\ud800\"", "surrogate"),
        bad(ENTRY, "\"tenant_id\":\"x\"", "\"tenant_id\":1", "tenant_id"),
        bad(ENTRY, "\"payload\"", "\"x\"", "payload"),
        bad(ENTRY, "\"payload\":", "\"payload\":1,\"payload\":", "payload"),
        bad(ENTRY, "{\"k\"", "{\"k\u0001\"", "JSON"),
        bad(ENTRY, "{\"k\"", "{\"k\\x\"", "JSON"),
        bad(ENTRY, SECRET + "\"", SECRET, "JSON"),
        bad(ENTRY, SECRET, SECRET + "\u0000", "JSON"),
        bad(ENTRY, "\"timestamp\":\"2026", "\"timestamp\":\"26", "timestamp"),
        bad(ENTRY, "\"version\":1", "\"version\":1.5", "version"),
        bad(ENTRY, "\"version\":1", "\"version\":9223372036854775808", "version"),
        bad(ENTRY, ",\"version\":1", "", "version"),
        // snapshots
        bad(START, "[\"a.parquet\"]", "\"a.parquet\"", "parquet_files"),
        bad(START, "[\"a.parquet\"]", "[1]", "parquet_files"),
        bad(START, "\"a.parquet\"", "\"a.parquet\",\"a.parquet\"", "twice"),
        bad(START, "parquet_files", "files", "parquet_files"),
        bad(START, "]}", "}", "JSON"),
        bad(CHUNK, "AQIDBA==", "AQIDBA", "base64"),
        bad(CHUNK, "AQIDBA==", "AQIDB===", "base64"),
        bad(CHUNK, "AQIDBA==", "AQID BA=", "base64"),
        bad(CHUNK, "AQIDBA==", "AQID-_==", "base64"),
        bad(CHUNK, "\"AQIDBA==\"", "[1,2]", "data"),
        bad(CHUNK, "\"data\"", "\"x\"", "data"),
        bad(CHUNK, "\"filename\"", "\"x\"", "filename"),
        bad(CHUNK, "\"chunk_offset\":0,", "", "chunk_offset"),
        bad(CHUNK, "\"chunk_offset\":0", "\"chunk_offset\":-1", "chunk_offset"),
        bad(CHUNK, "true", "1", "is_last"),
        bad(CHUNK, ",\"is_last\":true", "", "is_last"));
  }

  private static Arguments bad(String good, String what, String by, String named) {
    return Arguments.of(good.replace(what, by), named);
  }

  @Test
  void theLinesAreGoodBeforeTheyAreSpoilt() throws Exception {
    for (String line : List.of(ENTRY, CHUNK, START, CAUGHT_UP)) {
      decode(line.getBytes(UTF_8));
    }
  }

  @ParameterizedTest
  @MethodSource("badLines")
  void aBadLineIsNamedWithoutItsContent(String line, String named) {
    ProtocolException e =
        assertThrows(ProtocolException.class, () -> decode(line.getBytes(UTF_8)), line);
    assertEquals(ProtocolException.Kind.MALFORMED, e.kind());
    assertEquals(12, e.lineNumber());
    assertTrue(e.getMessage().contains("line 12"), e.getMessage());
    assertTrue(e.getMessage().contains(named), e.getMessage());
    assertFalse(e.getMessage().contains(SECRET), e.getMessage());
    assertEquals(null, e.getCause());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", ".", "..", "/a", "a/b", "../a", "..\\a", "a\\b", "C:a", "a\\u0000b", "a\\nb"})
  void aFileNameWithAPathInIt(String name) {
    for (String line : List.of(START, CHUNK)) {
      String bad = line.replace("a.parquet", name.replaceAll("\\\\(?![un]\\w)", "\\\\\\\\"));
      ProtocolException e =
          assertThrows(ProtocolException.class, () -> decode(bad.getBytes(UTF_8)), bad);
      assertTrue(e.getMessage().contains("bare file name"), e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\u00ff",
        "\u00c0\u0080",
        "\u00e0\u0080\u0080",
        "\u00ed\u00a0\u0080",
        "\u00f0\u0080\u0080\u0080",
        "\u00f4\u0090\u0080\u0080",
        "\u00f5\u0080\u0080\u0080",
        "\u0080",
        "\u00c3",
        "\u00e2\u0080",
        "\u00e2(\u00a1"
      })
  void bytesThatAreNotUtf8(String bytes) {
    for (String place : List.of("\"x\"", SECRET)) {
      byte[] line =
          ENTRY
              .replace(place, place.equals(SECRET) ? bytes : "\"" + bytes + "\"")
              .getBytes(ISO_8859_1);
      ProtocolException e = assertThrows(ProtocolException.class, () -> decode(line));
      assertTrue(e.getMessage().contains("UTF-8"), e.getMessage());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"UTF-16LE", "UTF-16BE", "UTF-32LE", "UTF-32BE"})
  void otherEncodings(String charset) throws Exception {
    byte[] line = CAUGHT_UP.getBytes(charset);
    assertThrows(ProtocolException.class, () -> decode(line));
  }

  @Test
  void anEntryThatFailsLateTellsItsOffset() {
    String line = ENTRY.replace("\"version\":1", "\"version\":\"\"");
    ProtocolException e = assertThrows(ProtocolException.class, () -> decode(line.getBytes(UTF_8)));
    assertEquals(7, e.walOffset());
    assertTrue(e.getMessage().contains("WAL offset 7"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"type\":\"ack\"}",
        "{\"type\":\"ack\",\"offset\":-1}",
        "{\"type\":\"ack\",\"last_offset\":1}",
        "{\"type\":\"subscribe\",\"offset\":1}",
        "{\"type\":\"subscribe\",\"last_offset\":9223372036854775808}",
        "{\"type\":\"caught_up\",\"current_offset\":1}",
        "{\"last_offset\":1}",
        "GET / HTTP/1.1",
        "\u0016\u0003\u0001"
      })
  void aBadLineOfAFollower(String line) {
    byte[] bytes = line.getBytes(UTF_8);
    assertThrows(ProtocolException.class, () -> codec.decodeFollower(bytes, 0, bytes.length, 1));
  }

  private LeaderMessage decode(byte[] line) throws ProtocolException {
    return codec.decodeLeader(line, 0, line.length, 12);
  }

  @Test
  void moreNamesOfFilesThanASnapshotMayHave() {
    StringBuilder many = new StringBuilder("{\"type\":\"snapshot_start\",\"parquet_files\":[\"x\"");
    for (int i = 0; i < SnapshotFields.MAX_FILES; i++) {
      many.append(",\"").append(i).append('"');
    }
    refused(many.append("]}").toString(), "names more than 100000 files");
    StringBuilder longOnes =
        new StringBuilder("{\"type\":\"snapshot_start\",\"parquet_files\":[\"x\"");
    String pad = "y".repeat(248);
    for (int i = 0; i <= SnapshotFields.MAX_FILE_NAMES_LENGTH / 248; i++) {
      longOnes.append(",\"").append(pad).append(1_000_000 + i).append('"');
    }
    refused(longOnes.append("]}").toString(), "characters of names");
    String one = "z".repeat(100_000);
    refused(
        "{\"type\":\"snapshot_start\",\"parquet_files\":[\"" + one + "\"]}",
        "more than 1530 bytes");
    refused(
        "{\"type\":\"snapshot_chunk\",\"filename\":\"" + one + "\",\"data\":\"\"}",
        "more than 1530 bytes");
  }

  private static void refused(String line, String why) {
    byte[] bytes = line.getBytes(UTF_8);
    ProtocolException e =
        assertThrows(
            ProtocolException.class,
            () -> new MessageCodec().decodeLeader(bytes, 0, bytes.length, 1));
    assertTrue(e.getMessage().contains(why), e.getMessage());
    assertTrue(e.getMessage().length() < 1000, e.getMessage());
  }
}
