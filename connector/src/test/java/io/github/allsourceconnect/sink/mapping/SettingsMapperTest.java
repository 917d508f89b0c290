package io.github.allsourceconnect.sink.mapping;

import static io.github.allsourceconnect.sink.mapping.MappingTestSupport.bytes;
import static io.github.allsourceconnect.sink.mapping.MappingTestSupport.line;
import static io.github.allsourceconnect.sink.mapping.MappingTestSupport.mapper;
import static io.github.allsourceconnect.sink.mapping.MappingTestSupport.record;
import static io.github.allsourceconnect.sink.mapping.MappingTestSupport.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.connect.data.Date;
import org.apache.kafka.connect.data.Decimal;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@SuppressWarnings("JavaUtilDate") // Connect's logical types are made of it
class SettingsMapperTest {
  private static final EntryMapper PLAIN = mapper("event.mapping", "fields", "event.type", "x");

  private static String payload(Schema schema, Object value) {
    return PLAIN.map(record(schema, value)).event().payload().toString();
  }

  @Test
  void scalarsBecomeJson() {
    assertEquals("true", payload(null, true));
    assertEquals("-128", payload(null, (byte) -128));
    assertEquals("7", payload(null, (short) 7));
    assertEquals("-2147483648", payload(null, Integer.MIN_VALUE));
    assertEquals("-9223372036854775808", payload(null, Long.MIN_VALUE));
    assertEquals("18446744073709551615", payload(null, new BigInteger("18446744073709551615")));
    assertEquals("1.0E308", payload(null, 1e308));
    assertEquals("4.9E-324", payload(null, Double.MIN_VALUE));
    assertEquals("0.002", payload(null, 2e-3));
    assertEquals("0.1", payload(null, 0.1f));
    assertEquals("\"NaN\"", payload(null, Double.NaN));
    assertEquals("\"-Infinity\"", payload(null, Float.NEGATIVE_INFINITY));
    assertEquals("12.340", payload(Decimal.schema(3), new BigDecimal("12.340")));
  }

  @Test
  void textsAreJsonOrBecomeJson() {
    assertEquals("{\"a\":1.00}", payload(Schema.STRING_SCHEMA, " {\"a\":1.00} "));
    assertEquals("12", payload(Schema.STRING_SCHEMA, "12"));
    assertEquals("\"hello \\\"x\\\"\"", payload(Schema.STRING_SCHEMA, "hello \"x\""));
    assertEquals("\"\\u0000\u2028😀\"", payload(Schema.STRING_SCHEMA, "\u0000\u2028😀"));
    assertEquals("\"a\ufffdb\"", payload(Schema.STRING_SCHEMA, "a\ud800b"));
    assertEquals("[1]", payload(Schema.BYTES_SCHEMA, "[1]".getBytes(UTF_8)));
    assertEquals("\"hello\"", payload(Schema.BYTES_SCHEMA, "hello".getBytes(UTF_8)));
    assertEquals("{\"base64\":\"//4=\"}", payload(Schema.BYTES_SCHEMA, new byte[] {-1, -2}));
    assertEquals(
        "{\"base64\":\"//4=\"}",
        payload(Schema.BYTES_SCHEMA, ByteBuffer.wrap(new byte[] {-1, -2})));
  }

  @Test
  void structuresBecomeJson() {
    Schema inner =
        SchemaBuilder.struct().field("d", Date.SCHEMA).field("t", Time.SCHEMA).optional().build();
    Schema schema =
        SchemaBuilder.struct()
            .field("z", Timestamp.SCHEMA)
            .field("a", Schema.OPTIONAL_STRING_SCHEMA)
            .field("b", Schema.BYTES_SCHEMA)
            .field("m", SchemaBuilder.map(Schema.INT32_SCHEMA, Decimal.schema(2)).build())
            .field("l", SchemaBuilder.array(inner).build())
            .build();
    Struct one =
        new Struct(inner)
            .put("d", new java.util.Date(86_400_000L * 20_000))
            .put("t", new java.util.Date(3_600_000L));
    Map<Integer, BigDecimal> map = new HashMap<>();
    map.put(2, new BigDecimal("1.50"));
    map.put(10, new BigDecimal("0.00"));
    Struct value =
        new Struct(schema)
            .put("z", new java.util.Date(1_767_323_045_120L))
            .put("b", new byte[] {1, 2})
            .put("m", map)
            .put("l", Arrays.asList(one, null));
    assertEquals(
        "{\"z\":\"2026-01-02T03:04:05.120Z\",\"a\":null,\"b\":\"AQI=\","
            + "\"m\":{\"10\":0.00,\"2\":1.50},"
            + "\"l\":[{\"d\":\"2024-10-04\",\"t\":\"01:00:00\"},null]}",
        payload(schema, value));
  }

  @Test
  void mapsAreWrittenInOneOrder() {
    Map<String, Object> forth = new LinkedHashMap<>();
    Map<String, Object> back = new LinkedHashMap<>();
    for (int i = 0; i < 100; i++) {
      forth.put("k" + i, i);
      back.put("k" + (99 - i), 99 - i);
    }
    assertEquals(payload(null, forth), payload(null, back));
    assertEquals(
        "[[{\"a\":1},2]]", payload(null, Map.of(Map.of("a", 1), 2)), "keys that are no names");
  }

  @Test
  void whatHasNoJsonFormIsNoEvent() {
    DataException e =
        assertThrows(DataException.class, () -> PLAIN.map(record(null, new StringBuilder[0])));
    assertTrue(e.getMessage().contains("t-2@41"), e.getMessage());
    Object deep = 1;
    for (int i = 0; i < 125; i++) {
      deep = List.of(deep);
    }
    Object tooDeep = deep;
    assertThrows(DataException.class, () -> PLAIN.map(record(null, tooDeep)));
    assertThrows(DataException.class, () -> PLAIN.map(record(null, new BigDecimal("1e400"))));
  }

  @Test
  void everyPartIsFoundInHeaderFieldKeyOrConstant() {
    EntryMapper mapper =
        mapper(
            "event.mapping", "fields",
            "event.type.header", "type",
            "event.type.field", "kind",
            "event.type", "fallback",
            "entity.id.field", "customer.id",
            "tenant.id.key.field", "shop",
            "tenant.id", "nobody",
            "event.id.header", "id",
            "event.timestamp.field", "at",
            "event.timestamp.unit", "us",
            "event.version.field", "v",
            "event.metadata.field", "meta",
            "payload.field", "lines.1");
    String json =
        "{\"kind\":\"k\",\"customer\":{\"id\":\"c-1\"},\"at\":1767323045120001,\"v\":3,"
            + "\"meta\":{\"m\":1.0},\"lines\":[0,{\"sku\":18446744073709551615}]}";
    Event event =
        mapper
            .map(
                record(
                    "{\"shop\":\"s1\"}", Schema.STRING_SCHEMA, json, "type", "h", "id", "order 7"))
            .event();
    assertEquals("h", event.eventType());
    assertEquals("c-1", event.entityId());
    assertEquals("s1", event.tenantId());
    assertEquals(NameUuid.ofText("order 7").toString(), event.id());
    assertEquals("2026-01-02T03:04:05.120001Z", event.timestamp());
    assertEquals(3, event.version());
    assertEquals("{\"m\":1.0}", event.metadata().toString());
    assertEquals("{\"sku\":18446744073709551615}", event.payload().toString());
    event = mapper.map(record("k", Schema.STRING_SCHEMA, json)).event();
    assertEquals("k", event.eventType());
    assertEquals("nobody", event.tenantId());
    assertEquals(NameUuid.ofRecord("t", 2, 41).toString(), event.id());
    event = mapper.map(record("k", Schema.STRING_SCHEMA, "{\"customer\":{\"id\":5}}")).event();
    assertEquals("fallback", event.eventType());
    assertEquals("5", event.entityId());
    assertEquals("null", event.payload().toString());
    assertNull(event.metadata());
  }

  @Test
  void fieldsOfStructsAndMaps() {
    Schema inner = SchemaBuilder.struct().field("a.b", Schema.INT64_SCHEMA).build();
    Schema schema = SchemaBuilder.struct().field("in", inner).field("at", Timestamp.SCHEMA).build();
    Struct value =
        new Struct(schema)
            .put("in", new Struct(inner).put("a.b", 7L))
            .put("at", new java.util.Date(5));
    EntryMapper mapper =
        mapper(
            "event.mapping", "fields",
            "event.type", "x",
            "entity.id.field", "in.a\\.b",
            "event.timestamp.field", "at");
    Event event = mapper.map(record(schema, value)).event();
    assertEquals("7", event.entityId());
    assertEquals("1970-01-01T00:00:00.005Z", event.timestamp());
    event = mapper.map(record(null, Map.of("in", Map.of("a.b", "y"), "at", 1))).event();
    assertEquals("y", event.entityId());
  }

  @Test
  void autoFallsBackToTheSettings() {
    EntryMapper mapper = mapper("event.type", "x");
    assertEquals("x", mapper.map(text("{\"a\":1}")).event().eventType());
    assertEquals(
        "own",
        mapper
            .map(text("{\"event_type\":\"own\",\"entity_id\":\"e\",\"payload\":null}"))
            .event()
            .eventType());
    DataException e = assertThrows(DataException.class, () -> mapper().map(text("{\"a\":1}")));
    assertTrue(e.getMessage().contains("t-2@41"), e.getMessage());
    assertTrue(e.getMessage().contains("event.type"), e.getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"event_type\":\"a\",\"entity_id\":\"e\",\"payload\":1,\"id\":\"x\"}",
        "{\"event_type\":null,\"entity_id\":\"e\",\"payload\":1}",
        "{\"event_type\":\"a\",\"entity_id\":{},\"payload\":1}",
        "{\"event_type\":\"a\",\"entity_id\":\"e\",\"payload\":1e999}",
        "{\"event_type\":\"a\",\"entity_id\":\"e\",\"payload\":\"\\ud800\"}",
        "{\"event_type\":\"a\",\"entity_id\":\"e\",\"payload\":1,\"timestamp\":\"yesterday\"}",
        "{\"event_type\":\"a\",\"entity_id\":\"e\",\"payload\":1,\"version\":1.5}",
        "{\"event_type\":\"a\",\"entity_id\":\"e\",\"payload\":1",
      })
  void aBadEventSaysWhereItIsAndNotWhatItHolds(String json) {
    DataException e = assertThrows(DataException.class, () -> mapper().map(text(json)));
    assertTrue(e.getMessage().contains("t-2@41"), e.getMessage());
    assertTrue(!e.getMessage().contains("yesterday"), e.getMessage());
  }

  @Test
  void nullValuesGoByTheirSetting() {
    for (SinkRecord empty :
        List.of(
            record(null, null),
            text(""),
            bytes(""),
            text("", "allsource.event_type", "deleted"),
            record((Schema) null, (Object) null, "allsource.event_type", "deleted"))) {
      assertNull(mapper().map(empty));
      assertThrows(DataException.class, () -> mapper("behavior.on.null.values", "fail").map(empty));
      WalEntry entry =
          mapper("behavior.on.null.values", "event", "event.type", "deleted").map(empty);
      assertEquals("null", entry.event().payload().toString());
      assertEquals("deleted", entry.event().eventType());
      assertEquals("key", entry.event().entityId());
    }
    assertEquals("null", payload(Schema.STRING_SCHEMA, "null"), "a JSON null is a value");
  }

  @Test
  void aRecordWithoutKeyOrTime() {
    SinkRecord record = new SinkRecord("t", 0, null, null, null, "1", 0);
    assertThrows(DataException.class, () -> PLAIN.map(record));
    EntryMapper mapper = mapper("event.mapping", "fields", "event.type", "x", "entity.id", "e");
    WalEntry entry = mapper.map(record);
    assertEquals("1970-01-01T00:00:00Z", entry.walTimestamp());
    assertEquals(1, entry.sequence());
  }

  @Test
  void tenMegabytes() {
    String payload = "{\"a\":\"" + "é".repeat(5 << 20) + "\"}";
    assertEquals(payload, payload(Schema.STRING_SCHEMA, payload));
    assertEquals(payload, payload(null, Map.of("a", "é".repeat(5 << 20))));
  }

  @Test
  void anyValueGivesTheSameReadableLineTwice() throws ProtocolException {
    long seed = System.nanoTime();
    MessageCodec codec = new MessageCodec();
    for (int i = 0; i < 3000; i++) {
      Object value = anyValue(new Random(seed + i), 0);
      Object again = anyValue(new Random(seed + i), 0);
      WalEntry entry = PLAIN.map(record(null, value));
      if (entry == null) {
        continue;
      }
      String line = line(entry);
      String where = "seed " + seed + ", case " + i;
      assertEquals(line, line(PLAIN.map(record(null, again))), where);
      byte[] bytes = line.substring(0, line.length() - 1).getBytes(UTF_8);
      assertEquals(-1, line.substring(0, line.length() - 1).indexOf('\n'), where);
      var message = codec.decodeLeader(bytes, 0, bytes.length, 1);
      var back = ((io.github.allsourceconnect.protocol.LeaderMessage.Entry) message).data();
      assertTrue(WalChecksum.matches(back), where);
      assertEquals(entry.event().payload().toString(), back.event().payload().toString(), where);
    }
  }

  private static Object anyValue(Random random, int depth) {
    return switch (random.nextInt(depth > 6 ? 10 : 12)) {
      case 0 -> random.nextLong();
      case 1 -> Double.longBitsToDouble(random.nextLong());
      case 2 -> Float.intBitsToFloat(random.nextInt());
      case 3 -> new BigInteger(64, random);
      case 4 -> new BigDecimal(new BigInteger(80, random), random.nextInt(200));
      case 5 -> random.nextBoolean();
      case 6 -> anyText(random);
      case 7 -> {
        byte[] bytes = new byte[random.nextInt(6)];
        random.nextBytes(bytes);
        yield bytes;
      }
      case 8 -> new java.util.Date(random.nextLong() >> random.nextInt(40));
      case 9 -> depth == 0 ? anyText(random) : null;
      case 10 -> {
        List<Object> list = new ArrayList<>();
        for (int i = random.nextInt(5); i > 0; i--) {
          list.add(anyValue(random, depth + 1));
        }
        yield list;
      }
      default -> {
        Map<Object, Object> map = new HashMap<>();
        for (int i = random.nextInt(5); i > 0; i--) {
          map.put(
              random.nextInt(4) == 0 ? (Object) random.nextInt() : anyText(random),
              anyValue(random, depth + 1));
        }
        yield map;
      }
    };
  }

  private static String anyText(Random random) {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(8); i > 0; i--) {
      switch (random.nextInt(5)) {
        case 0 -> text.append((char) random.nextInt(0x10000));
        case 1 -> text.appendCodePoint(random.nextInt(0x110000));
        case 2 -> text.append("\u2028\u0085\u0000\n\r\"\\{}[],:".charAt(random.nextInt(13)));
        default -> text.append((char) ('0' + random.nextInt(10)));
      }
    }
    return text.toString();
  }
}
