package io.github.allsourceconnect.sink.mapping;

import static io.github.allsourceconnect.sink.mapping.MappingTestSupport.line;
import static io.github.allsourceconnect.sink.mapping.MappingTestSupport.mapper;
import static io.github.allsourceconnect.sink.mapping.MappingTestSupport.record;
import static io.github.allsourceconnect.sink.mapping.MappingTestSupport.text;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Captures;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.connect.converters.ByteArrayConverter;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.StringConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every format and every way through Connect's converters, against what real leaders sent. */
class SourceFormatsTest {
  private static final Schema EVENT =
      SchemaBuilder.struct()
          .name("io.github.allsourceconnect.Event")
          .field("id", Schema.STRING_SCHEMA)
          .field("event_type", Schema.STRING_SCHEMA)
          .field("entity_id", Schema.STRING_SCHEMA)
          .field("tenant_id", Schema.OPTIONAL_STRING_SCHEMA)
          .field("payload", Schema.STRING_SCHEMA)
          .field("timestamp", Schema.STRING_SCHEMA)
          .field("metadata", Schema.OPTIONAL_STRING_SCHEMA)
          .field("version", Schema.INT64_SCHEMA)
          .field("wal_offset", Schema.OPTIONAL_INT64_SCHEMA)
          .field("wal_timestamp", Schema.OPTIONAL_STRING_SCHEMA)
          .build();

  /** What the value is made of. */
  enum Format {
    EVENT,
    EVENT_JSON,
    WAL_ENTRY,
    PAYLOAD,
    CLOUDEVENTS
  }

  /** What it goes through. */
  enum Way {
    STRING,
    BYTES,
    JSON,
    JSON_WITH_SCHEMA,
    JSON_READ_AS_STRING,
    JSON_WITH_SCHEMA_READ_AS_BYTES
  }

  static Stream<WalEntry> captured() {
    return Stream.of("live-from-empty", "0.27.0-live-concurrent-writers")
        .flatMap(name -> Captures.messages(name).stream())
        .filter(LeaderMessage.Entry.class::isInstance)
        .map(message -> ((LeaderMessage.Entry) message).data());
  }

  private static Struct struct(WalEntry entry) {
    Event event = entry.event();
    return new Struct(EVENT)
        .put("id", event.id())
        .put("event_type", event.eventType())
        .put("entity_id", event.entityId())
        .put("tenant_id", event.tenantId())
        .put("payload", event.payload().toString())
        .put("timestamp", event.timestamp())
        .put("metadata", event.metadata() == null ? null : event.metadata().toString())
        .put("version", event.version())
        .put("wal_offset", entry.sequence())
        .put("wal_timestamp", entry.walTimestamp());
  }

  private static Object value(Format format, WalEntry entry) {
    MessageCodec codec = new MessageCodec();
    return switch (format) {
      case EVENT -> struct(entry);
      case EVENT_JSON -> codec.encodeEvent(entry).toString();
      case WAL_ENTRY -> codec.encodeEntry(entry).toString();
      case PAYLOAD, CLOUDEVENTS -> entry.event().payload().toString();
    };
  }

  private static String[] headers(Format format, WalEntry entry) {
    Event event = entry.event();
    List<String> headers = new ArrayList<>();
    headers.addAll(
        List.of(
            "allsource.event_id", event.id(),
            "allsource.event_type", event.eventType(),
            "allsource.wal_offset", Long.toString(entry.sequence()),
            "allsource.snapshot", "false"));
    if (event.tenantId() != null) {
      headers.addAll(List.of("allsource.tenant_id", event.tenantId()));
    }
    if (format == Format.CLOUDEVENTS) {
      headers.addAll(
          List.of(
              "ce_specversion", "1.0",
              "ce_id", event.id(),
              "ce_type", event.eventType(),
              "ce_source", "/allsource/leader",
              "ce_subject", event.entityId(),
              "ce_time", event.timestamp()));
    }
    return headers.toArray(String[]::new);
  }

  private static SchemaAndValue through(Way way, Schema schema, Object value) {
    Converter string = new StringConverter();
    Converter json = new JsonConverter();
    Converter withSchema = new JsonConverter();
    string.configure(Map.of(), false);
    json.configure(Map.of("schemas.enable", "false"), false);
    withSchema.configure(Map.of("schemas.enable", "true"), false);
    Converter bytes = new ByteArrayConverter();
    return switch (way) {
      case STRING -> string.toConnectData("t", string.fromConnectData("t", schema, value));
      case BYTES -> bytes.toConnectData("t", ((String) value).getBytes(UTF_8));
      case JSON -> json.toConnectData("t", json.fromConnectData("t", schema, value));
      case JSON_WITH_SCHEMA ->
          withSchema.toConnectData("t", withSchema.fromConnectData("t", schema, value));
      case JSON_READ_AS_STRING ->
          string.toConnectData("t", json.fromConnectData("t", schema, value));
      case JSON_WITH_SCHEMA_READ_AS_BYTES ->
          bytes.toConnectData("t", withSchema.fromConnectData("t", schema, value));
    };
  }

  static Stream<org.junit.jupiter.params.provider.Arguments> ways() {
    return Stream.of(Format.values())
        .flatMap(
            format ->
                Stream.of(Way.values())
                    .filter(
                        way -> format != Format.EVENT || (way != Way.STRING && way != Way.BYTES))
                    // there the reader can't tell a payload from the converter's own wrapping
                    .filter(
                        way ->
                            (format != Format.PAYLOAD && format != Format.CLOUDEVENTS)
                                || (way != Way.JSON_READ_AS_STRING
                                    && way != Way.JSON_WITH_SCHEMA_READ_AS_BYTES))
                    .map(way -> org.junit.jupiter.params.provider.Arguments.of(format, way)));
  }

  @ParameterizedTest
  @MethodSource("ways")
  void whatTheSourceWritesComesBack(Format format, Way way) {
    List<WalEntry> entries = captured().toList();
    assertTrue(entries.size() > 800, "the captures hold " + entries.size());
    EntryMapper mapper = mapper();
    for (WalEntry entry : entries) {
      Schema schema = format == Format.EVENT ? EVENT : Schema.STRING_SCHEMA;
      SchemaAndValue value = through(way, schema, value(format, entry));
      SinkRecord record =
          record(entry.event().entityId(), value.schema(), value.value(), headers(format, entry));
      WalEntry back = mapper.map(record);
      Event event = entry.event();
      String where = format + " through " + way + ", entry " + entry.sequence();
      assertEquals(42, back.sequence());
      assertEquals(event.id(), back.event().id(), where);
      assertEquals(event.eventType(), back.event().eventType(), where);
      assertEquals(event.entityId(), back.event().entityId(), where);
      assertEquals(event.tenantId(), back.event().tenantId(), where);
      assertEquals(event.payload().toString(), back.event().payload().toString(), where);
      if (format != Format.PAYLOAD && format != Format.CLOUDEVENTS) {
        assertEquals(event.timestamp(), back.event().timestamp(), where);
        assertEquals(event.micros(), back.event().micros(), where);
        assertEquals(event.metadata(), back.event().metadata(), where);
        assertEquals(event.version(), back.event().version(), where);
      }
      if (format == Format.CLOUDEVENTS) {
        assertEquals(event.timestamp(), back.event().timestamp(), where);
      }
      if (format == Format.EVENT || format == Format.WAL_ENTRY) {
        assertEquals(entry.walTimestamp(), back.walTimestamp(), where);
      } else {
        assertEquals(MappingTestSupport.TIME_TEXT, back.walTimestamp(), where);
      }
      assertTrue(WalChecksum.matches(back), where);
      assertEquals(line(back), line(mapper.map(record)), where);
    }
  }

  @ParameterizedTest
  @EnumSource(Format.class)
  void aPayloadThatLooksLikeAnEventStaysAPayload(Format format) throws ProtocolException {
    String inner =
        "{\"id\":\"11111111-1111-4111-8111-111111111111\",\"event_type\":\"x\",\"entity_id\":\"y\","
            + "\"payload\":{\"n\":1.0},\"timestamp\":\"2020-01-01T00:00:00Z\",\"version\":7}";
    String wal =
        "{\"sequence\":1,\"wal_timestamp\":\"2020-01-01T00:00:00Z\",\"event\":"
            + inner
            + ",\"checksum\":1}";
    for (String payload : List.of(inner, wal)) {
      WalEntry entry = io.github.allsourceconnect.protocol.Events.entry(5, payload);
      SchemaAndValue value =
          through(
              format == Format.EVENT ? Way.JSON : Way.STRING,
              format == Format.EVENT ? EVENT : Schema.STRING_SCHEMA,
              value(format, entry));
      WalEntry back =
          mapper()
              .map(
                  record(
                      entry.event().entityId(),
                      value.schema(),
                      value.value(),
                      headers(format, entry)));
      assertEquals(payload, back.event().payload().toString());
      assertEquals(entry.event().id(), back.event().id());
    }
  }

  @Test
  void aPlainEventWithoutIdNeedsNoHeaders() {
    String json = "{\"event_type\":\"a.b\",\"entity_id\":\"e\",\"payload\":{\"n\":1.50}}";
    WalEntry entry = mapper().map(text(json));
    assertEquals(NameUuid.ofRecord("t", 2, 41).toString(), entry.event().id());
    assertEquals('5', entry.event().id().charAt(14));
    assertEquals("{\"n\":1.50}", entry.event().payload().toString());
    assertEquals(MappingTestSupport.TIME_TEXT, entry.event().timestamp());
    assertEquals(1, entry.event().version());
    assertEquals(null, entry.event().tenantId());
    assertEquals(line(entry), line(mapper().map(MappingTestSupport.bytes(json))));
  }

  @Test
  void aBareStringPayloadIsTheOneOfTheFormat() {
    String common = "{\"event_type\":\"a\",\"entity_id\":\"e\",\"payload\":\"{\\\"a\\\":1}\"";
    assertEquals(
        "\"{\\\"a\\\":1}\"", mapper().map(text(common + "}")).event().payload().toString());
    assertEquals(
        "{\"a\":1}",
        mapper().map(text(common + ",\"wal_offset\":null}")).event().payload().toString());
  }

  @Test
  void lineFeedsBetweenTokensBecomeSpaces() {
    WalEntry entry =
        mapper()
            .map(
                text(
                    "{\"event_type\":\"a\",\n\"entity_id\":\"e\",\n\"payload\":{\n  \"a\": 1\n}}"));
    assertEquals("{   \"a\": 1 }", entry.event().payload().toString());
    assertEquals(1, line(entry).lines().count());
  }

  @Test
  void timesInOtherZonesAndFormsBecomeCanonical() {
    String json =
        "{\"event_type\":\"a\",\"entity_id\":\"e\",\"payload\":1,\"timestamp\":\"%s\","
            + "\"wal_timestamp\":\"%s\"}";
    WalEntry entry =
        mapper()
            .map(
                text(
                    String.format(
                        json, "2026-01-02T03:04:05.120000Z", "2026-01-02T03:04:05.120000Z")));
    assertEquals("2026-01-02T03:04:05.120000Z", entry.event().timestamp(), "kept as sent");
    assertEquals("2026-01-02T03:04:05.120Z", entry.walTimestamp(), "the checksum covers it");
    assertTrue(WalChecksum.matches(entry));
    entry =
        mapper()
            .map(
                text(
                    String.format(
                        json,
                        "2026-01-02t05:04:05.1234567899+02:00",
                        "2026-01-02 05:04:05+02:00")));
    assertEquals("2026-01-02T03:04:05.123456789Z", entry.event().timestamp());
    assertEquals("2026-01-02T03:04:05Z", entry.walTimestamp());
  }

  @Test
  void anIdInCapitalsIsWrittenSmall() {
    String id = "AAAAAAAA-1111-4111-8111-111111111111";
    WalEntry entry =
        mapper()
            .map(
                text(
                    "{\"id\":\""
                        + id
                        + "\",\"event_type\":\"a\",\"entity_id\":\"e\",\"payload\":1}"));
    assertEquals("aaaaaaaa-1111-4111-8111-111111111111", entry.event().id());
  }

  @Test
  void aCloudEventOfAnotherProducerKeepsItsIdentity() {
    SinkRecord record =
        text(
            "{\"a\":1}",
            "ce_specversion",
            "1.0",
            "ce_id",
            "17",
            "ce_source",
            "/shop",
            "ce_type",
            "order.placed");
    WalEntry entry = mapper().map(record);
    assertEquals(NameUuid.ofText("/shop\n17").toString(), entry.event().id());
    assertEquals("key", entry.event().entityId());
    assertEquals("order.placed", entry.event().eventType());
    assertEquals(MappingTestSupport.TIME_TEXT, entry.event().timestamp());
  }

  @Test
  void theHeadersCarryWhatThePayloadCannot() {
    WalEntry entry =
        mapper()
            .map(
                text(
                    "1",
                    "allsource.event_type",
                    "a",
                    "allsource.event_id",
                    "11111111-1111-4111-8111-111111111111",
                    "allsource.timestamp",
                    "2026-01-02T03:04:05.123456789Z",
                    "allsource.metadata",
                    "{\"m\":1.0}",
                    "allsource.version",
                    "9"));
    assertEquals("2026-01-02T03:04:05.123456789Z", entry.event().timestamp());
    assertEquals(JsonText.of("{\"m\":1.0}"), entry.event().metadata());
    assertEquals(9, entry.event().version());
    assertNotNull(line(entry));
  }
}
