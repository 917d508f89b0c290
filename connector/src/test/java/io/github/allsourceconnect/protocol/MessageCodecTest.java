package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.Locale.ROOT;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class MessageCodecTest {
  private static final String ID = "d58dfd4f-d993-47e1-97aa-5016afe0b490";
  private final MessageCodec codec = new MessageCodec();

  static List<String> captures() {
    return Captures.ALL;
  }

  static Stream<Arguments> leaderVectors() {
    return Stream.of(
        Arguments.of(
            "{\"type\":\"caught_up\",\"current_offset\":500}", new LeaderMessage.CaughtUp(500)),
        Arguments.of(
            "{\"type\":\"caught_up\",\"current_offset\":501,\"replays\":true}",
            new LeaderMessage.CaughtUp(501, true)),
        Arguments.of(
            "{\"type\":\"snapshot_start\",\"parquet_files\":[\"events-001.parquet\",\"events-002.parquet\"]}",
            new LeaderMessage.SnapshotStart(List.of("events-001.parquet", "events-002.parquet"))),
        Arguments.of(
            "{\"type\":\"snapshot_start\",\"parquet_files\":[]}",
            new LeaderMessage.SnapshotStart(List.of())),
        Arguments.of(
            "{\"type\":\"snapshot_end\",\"wal_offset_after_snapshot\":1500}",
            new LeaderMessage.SnapshotEnd(1500)));
  }

  @ParameterizedTest
  @MethodSource("leaderVectors")
  void knownVectorsOfTheLeader(String line, LeaderMessage message) throws Exception {
    assertEquals(message, decode(line));
    assertEquals(line + "\n", new String(codec.encode(message), UTF_8));
  }

  @Test
  void aLeaderThatSaysItDoesNotReplayIsLikeOneThatSaysNothing() throws Exception {
    assertEquals(
        new LeaderMessage.CaughtUp(7),
        decode("{\"type\":\"caught_up\",\"replays\":false,\"current_offset\":7}"));
  }

  @Test
  void knownVectorOfAChunk() throws Exception {
    String line =
        "{\"type\":\"snapshot_chunk\",\"filename\":\"events-001.parquet\",\"data\":\"AQIDBA==\","
            + "\"chunk_offset\":0,\"is_last\":true}";
    LeaderMessage.SnapshotChunk chunk =
        assertInstanceOf(LeaderMessage.SnapshotChunk.class, decode(line));
    assertEquals("events-001.parquet", chunk.filename());
    assertArrayEquals(new byte[] {1, 2, 3, 4}, chunk.data());
    assertEquals(0, chunk.chunkOffset());
    assertTrue(chunk.last());
    assertEquals(line + "\n", new String(codec.encode(chunk), UTF_8));
    byte[] bytes = line.getBytes(UTF_8);
    assertTrue(MessageCodec.looksLikeChunk(bytes, 0, bytes.length));
  }

  @Test
  void base64MayHaveEscapes() throws Exception {
    String line =
        "{\"type\":\"snapshot_chunk\",\"filename\":\"events-001.parquet\",\"data\":\"%s\","
            + "\"chunk_offset\":0,\"is_last\":true}";
    LeaderMessage.SnapshotChunk plain =
        assertInstanceOf(LeaderMessage.SnapshotChunk.class, decode(String.format(line, "/+Ab")));
    assertArrayEquals(new byte[] {-1, -32, 27}, plain.data());
    for (String escaped : List.of("\\/+Ab", "\\u002f+Ab", "/+\\u0041b")) {
      LeaderMessage.SnapshotChunk chunk =
          assertInstanceOf(LeaderMessage.SnapshotChunk.class, decode(String.format(line, escaped)));
      assertArrayEquals(plain.data(), chunk.data(), escaped);
    }
  }

  @Test
  void knownVectorsOfTheFollower() throws Exception {
    String subscribe = "{\"type\":\"subscribe\",\"last_offset\":42}";
    String ack = "{\"type\":\"ack\",\"offset\":100}";
    assertEquals(new FollowerMessage.Subscribe(42), decodeFollower(subscribe));
    assertEquals(new FollowerMessage.Ack(100), decodeFollower(ack));
    assertEquals(
        subscribe + "\n", new String(codec.encode(new FollowerMessage.Subscribe(42)), UTF_8));
    assertEquals(ack + "\n", new String(codec.encode(new FollowerMessage.Ack(100)), UTF_8));
  }

  @ParameterizedTest
  @MethodSource("captures")
  void everyCapturedLineEncodesToItselfAndItsChecksumIsRight(String capture) throws Exception {
    int number = 0;
    for (byte[] line : Captures.lines(capture)) {
      number++;
      LeaderMessage message = codec.decodeLeader(line, 0, line.length, number);
      assertLine(line, codec.encode(message));
      if (message instanceof LeaderMessage.Entry entry) {
        WalEntry data = entry.data();
        assertTrue(WalChecksum.matches(data), () -> "checksum of " + entry.offset());
        WalEntry bare =
            new WalEntry(
                data.sequence(), data.walTimestamp(), data.event(), data.checksum(), null, null);
        assertLine(line, codec.encode(new LeaderMessage.Entry(entry.offset(), bare)));
        assertEquals(data.entryText(), codec.encodeEntry(bare));
        assertEquals(data.eventText(), codec.encodeEvent(bare));
        assertSame(data.eventText(), codec.encodeEvent(data));
        assertEquals(
            data.event(),
            codec.decodeEvent(
                data.eventText().array(), data.eventText().offset(), data.eventText().length(), 1));
        assertEquals(data.event().timestamp(), canonical(data.event().timestamp()));
      }
    }
    assertEquals(Captures.messages(capture).size(), number);
  }

  private static void assertLine(byte[] line, byte[] encoded) {
    assertEquals('\n', encoded[encoded.length - 1]);
    assertEquals(new String(line, UTF_8), new String(encoded, 0, encoded.length - 1, UTF_8));
  }

  private static String canonical(String timestamp) {
    assertTrue(Timestamps.isCanonical(timestamp), timestamp);
    return timestamp;
  }

  @Test
  void oddPayloadsComeThroughUnchanged() {
    Set<String> payloads = new HashSet<>();
    for (LeaderMessage message : Captures.messages("live-from-empty")) {
      if (message instanceof LeaderMessage.Entry entry) {
        payloads.add(entry.data().event().payload().toString());
      }
    }
    assertTrue(payloads.contains("\"just a string payload\""));
    assertTrue(payloads.contains("[1,2,3]"));
    assertTrue(payloads.contains("null"));
    assertTrue(payloads.contains("42"));
    assertTrue(
        payloads.contains(
            "{\"amount\":12.5,\"big\":18446744073709551615,\"e\":1e+308,\"n\":1.0,"
                + "\"neg\":-9223372036854775808,\"tiny\":5e-324}"));
  }

  @Test
  void fieldsComeInAnyOrderAndUnknownOnesAreIgnored() throws Exception {
    String event =
        "{\"version\":-3,\"x\":{\"data\":[1]},\"metadata\": [ ] ,\"timestamp\":\"2026-01-02T03:04:05.1200Z\",\"payload\" :  -1.50e+0 , \"tenant_id\":\"t\",\"entity_id\":\"\",\"event_type\":\"é\\u00e9\","
            + "\"id\":\"D58DFD4F-d993-47e1-97aa-5016afe0b490\"}";
    String entry =
        "{\"checksum\":4294967295,\"event\":"
            + event
            + ",\"more\":null,\"wal_timestamp\":\"2026-01-02T03:04:05Z\",\"sequence\":7}";
    String line = " {\"data\":" + entry + ",\"offset\":7,\"new\":[{}],\"type\":\"wal_entry\"} \r";
    WalEntry data = ((LeaderMessage.Entry) decode(line)).data();
    assertEquals(entry, data.entryText().toString());
    assertEquals(event, data.eventText().toString());
    assertEquals("-1.50e+0", data.event().payload().toString());
    assertEquals("[ ]", data.event().metadata().toString());
    assertEquals("éé", data.event().eventType());
    assertEquals("", data.event().entityId());
    assertEquals("t", data.event().tenantId());
    assertEquals(ID, data.event().id());
    assertEquals(0xd58dfd4fd99347e1L, data.event().idHigh());
    assertEquals(0x97aa5016afe0b490L, data.event().idLow());
    assertEquals(-3, data.event().version());
    assertEquals(4294967295L, data.checksum());
    assertEquals(7, data.sequence());
    assertEquals(
        new LeaderMessage.CaughtUp(1), decode("{\"current_offset\":1,\"type\":\"caught_up\"}"));
    assertEquals(
        new LeaderMessage.CaughtUp(1),
        decode("{\"current_offset\":1,\"data\":{\"sequence\":\"?\"},\"type\":\"caught_up\"}"));
  }

  @Test
  void absentTenantAndMetadata() throws Exception {
    String event =
        "{\"id\":\"%s\",\"event_type\":\"a\",\"entity_id\":\"b\",\"payload\":\"\\\"\\\\\","
            + "\"timestamp\":\"2026-01-02T03:04:05Z\",\"version\":1}";
    byte[] bytes = event.formatted(ID).getBytes(UTF_8);
    Event decoded = codec.decodeEvent(bytes, 0, bytes.length, 1);
    assertNull(decoded.tenantId());
    assertNull(decoded.metadata());
    assertEquals("\"\\\"\\\\\"", decoded.payload().toString());
    assertEquals(
        event.formatted(ID).replace(",\"version\"", ",\"metadata\":null,\"version\""),
        codec.encodeEvent(decoded).toString());
  }

  @Test
  void giantAndDeepPayloads() throws Exception {
    String deep = "[".repeat(5000) + "]".repeat(5000);
    String digits = "-" + "7".repeat(100_000) + "." + "1".repeat(100_000) + "E-99999";
    String text = "\"" + "z\\n\u2028".repeat(500_000) + "\"";
    for (String payload : List.of(deep, digits, "7".repeat(5000), text, "{" + text + ":1}")) {
      Event event = Events.event(1, payload);
      JsonText json = codec.encodeEvent(event);
      Event back = codec.decodeEvent(json.array(), json.offset(), json.length(), 1);
      assertEquals(event, back);
    }
  }

  @Test
  void aLineAmongOthersInOneArray() throws Exception {
    byte[] line = codec.encode(new LeaderMessage.Entry(9, Events.entry(9, "{\"a\":[1, 2]}")));
    byte[] block = new byte[3 * line.length];
    Arrays.fill(block, (byte) 'x');
    System.arraycopy(line, 0, block, line.length, line.length);
    LeaderMessage.Entry entry =
        (LeaderMessage.Entry) codec.decodeLeader(block, line.length, line.length - 1, 1);
    assertSame(block, entry.data().event().payload().array());
    assertEquals("{\"a\":[1, 2]}", entry.data().event().payload().toString());
    assertArrayEquals(line, codec.encode(entry));
  }

  @Test
  void valuesWithLineEndsStillMakeOneLine() throws Exception {
    WalEntry entry = Events.entry(3, "{\n \"a\":\n1}");
    byte[] line = codec.encode(new LeaderMessage.Entry(3, entry));
    assertEquals(line.length - 1, LineFramer.indexOfNewline(line, 0, line.length));
    LeaderMessage.Entry back =
        (LeaderMessage.Entry) codec.decodeLeader(line, 0, line.length - 1, 1);
    assertEquals("{  \"a\": 1}", back.data().event().payload().toString());
  }

  @Test
  void stringsAreEscapedAsTheRealPeersDo() throws Exception {
    Event odd =
        Events.event(
            1, "null", "\u0000\u001f\b\f\n\r\t\"\\/\u007f\u0085\u2028é世😀", "half \ud83d pair");
    String json = codec.encodeEvent(odd).toString();
    assertTrue(
        json.contains(
            "\"event_type\":\"\\u0000\\u001f\\b\\f\\n\\r\\t\\\"\\\\/\u007f\u0085\u2028é世😀\""),
        json);
    assertTrue(json.contains("\"entity_id\":\"half \ufffd pair\""), json);
  }

  private LeaderMessage decode(String line) throws ProtocolException {
    byte[] bytes = line.getBytes(UTF_8);
    return codec.decodeLeader(bytes, 0, bytes.length, 1);
  }

  private FollowerMessage decodeFollower(String line) throws ProtocolException {
    byte[] bytes = line.getBytes(UTF_8);
    return codec.decodeFollower(bytes, 0, bytes.length, 1);
  }

  /** The quick way is a twin of the parser, which is its judge. */
  @Test
  void isJsonSaysWhatTheParserSays() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] likely = "{}[]:,\"\\0123456789.eE+- \ntruefalsn".getBytes(UTF_8);
    int accepted = 0;
    int broken = 0;
    for (int i = 0; i < 30_000; i++) {
      int depth = random.nextInt(130);
      String good =
          random.nextInt(10) == 0
              ? "[".repeat(depth) + "]".repeat(depth)
              : "{\"a\":[1,-2.5e3,1e999,\"\\u00e9é\\u0800\",null,true],\"a\":{}}";
      if (random.nextInt(4) == 0) {
        good = good.replace("u0800", "ud800"); // half of a pair
      }
      if (random.nextInt(4) == 0) {
        good = good.replace(",", random.nextBoolean() ? ",\n" : ", ");
      }
      if (random.nextInt(8) == 0) {
        good = " " + good + " ";
      }
      byte[] text = good.getBytes(UTF_8);
      for (int changes = random.nextInt(3); changes > 0 && text.length > 0; changes--) {
        text[random.nextInt(text.length)] =
            random.nextInt(4) == 0
                ? (byte) random.nextInt(256)
                : likely[random.nextInt(likely.length)];
      }
      JsonText json = new JsonText(text, 0, text.length);
      JsonText found = codec.jsonOrNull(text, 0, text.length);
      boolean is = found != null;
      assertEquals(codec.isJsonByParser(json), is, () -> "seed " + seed + ": " + json);
      accepted += is ? 1 : 0;
      if (is) {
        assertEquals(json, found);
        boolean hasLineEnd = json.toString().indexOf('\n') >= 0;
        assertFalse(hasLineEnd && found.isOneLine(), () -> "seed " + seed + ": " + json);
        broken += hasLineEnd ? 1 : 0;
      }
    }
    assertTrue(accepted > 1_000, "accepted: " + accepted);
    assertTrue(broken > 100, "with line ends: " + broken);
  }

  @Test
  void theChecksumIsThatOfTheText() {
    String id = "00000000-0000-4000-8000-00000000ABCD";
    for (long sequence : new long[] {0, 9, 10, 123_456_789, Long.MAX_VALUE}) {
      CRC32 crc = new CRC32();
      crc.update((sequence + "2026-11-01 00:00:00.500 UTC" + id.toLowerCase(ROOT)).getBytes(UTF_8));
      assertEquals(crc.getValue(), WalChecksum.compute(sequence, "2026-11-01T00:00:00.500Z", id));
    }
  }
}
