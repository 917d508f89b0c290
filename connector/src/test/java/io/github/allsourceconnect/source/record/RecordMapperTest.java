package io.github.allsourceconnect.source.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Captures;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.connect.converters.ByteArrayConverter;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.StringConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Every format, byte for byte, against the lines that real leaders sent. */
class RecordMapperTest {
  private static final Map<String, String> PARTITION = Map.of("leader", "main");
  private static final Map<String, Long> OFFSET = Map.of("format", 1L);
  private static final List<String> LIVE =
      List.of("live-from-empty", "live-concurrent-writers", "0.27.0-live-concurrent-writers");

  private static RecordMapper mapper(String... settings) {
    Map<String, String> properties = new HashMap<>(Map.of("name", "c"));
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    return new RecordMapper(new SourceConfig(properties), "main");
  }

  /** What stands between the first {@code from} and the last {@code to} of a captured line. */
  private static String cut(String line, String from, String to) {
    return line.substring(line.indexOf(from) + from.length(), line.lastIndexOf(to));
  }

  private static String wire(SourceRecord record) {
    try (StringConverter converter = new StringConverter()) {
      converter.configure(Map.of(), false);
      return new String(
          converter.fromConnectData("t", record.valueSchema(), record.value()), UTF_8);
    }
  }

  private static Map<String, String> headers(SourceRecord record) {
    Map<String, String> headers = new LinkedHashMap<>();
    for (Header header : record.headers()) {
      boolean number = Set.of("allsource.wal_offset", "allsource.version").contains(header.key());
      assertEquals(number ? Schema.INT64_SCHEMA : Schema.STRING_SCHEMA, header.schema());
      assertNull(headers.put(header.key(), header.value().toString()), header.key());
    }
    return headers;
  }

  private static Map<String, String> common(WalEntry entry) {
    Event event = entry.event();
    Map<String, String> headers = new HashMap<>();
    headers.put("allsource.event_id", event.id());
    headers.put("allsource.event_type", event.eventType());
    headers.put("allsource.tenant_id", event.tenantId());
    headers.put("allsource.wal_offset", Long.toString(entry.sequence()));
    headers.put("allsource.snapshot", "false");
    return headers;
  }

  private static void rest(Map<String, String> headers, WalEntry entry) {
    Event event = entry.event();
    headers.put("allsource.timestamp", event.timestamp());
    headers.put("allsource.version", Long.toString(event.version()));
    headers.put("allsource.wal_timestamp", entry.walTimestamp());
    if (!event.metadata().isNull()) {
      headers.put("allsource.metadata", event.metadata().toString());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "event_json", "wal_entry", "payload", "cloudevents"})
  void everyCapturedEntry(String format) {
    RecordMapper mapper = mapper("value.format", format);
    int entries = 0;
    for (String capture : LIVE) {
      List<byte[]> lines = Captures.lines(capture);
      List<LeaderMessage> messages = Captures.messages(capture);
      for (int i = 0; i < lines.size(); i++) {
        if (messages.get(i) instanceof LeaderMessage.Entry message) {
          entries++;
          check(format, mapper, new String(lines.get(i), UTF_8), message.data());
        }
      }
    }
    assertEquals(49 + 1600 + 800, entries);
  }

  private static void check(String format, RecordMapper mapper, String line, WalEntry entry) {
    Event event = entry.event();
    SourceRecord record = mapper.fromEntry(entry, PARTITION, OFFSET);
    String entryText = line.substring(line.indexOf("\"data\":") + 7, line.length() - 1);
    String eventText = cut(line, "\"event\":", ",\"checksum\":");
    String payload = cut(eventText, "\"payload\":", ",\"timestamp\":");
    String metadata = cut(eventText, "\"metadata\":", ",\"version\":");
    Map<String, String> headers = common(entry);
    switch (format) {
      case "event" -> {
        Struct value = (Struct) record.value();
        value.validate();
        assertEquals("io.github.allsourceconnect.Event", record.valueSchema().name());
        assertEquals(event.id(), value.getString("id"));
        assertEquals(event.eventType(), value.getString("event_type"));
        assertEquals(event.entityId(), value.getString("entity_id"));
        assertEquals(event.tenantId(), value.getString("tenant_id"));
        assertEquals(payload, value.getString("payload"));
        assertEquals(event.timestamp(), value.getString("timestamp"));
        assertEquals(metadata.equals("null") ? null : metadata, value.getString("metadata"));
        assertEquals(event.version(), value.getInt64("version"));
        assertEquals(entry.sequence(), value.getInt64("wal_offset"));
        assertEquals(entry.walTimestamp(), value.getString("wal_timestamp"));
      }
      case "event_json" -> assertEquals(eventText, wire(record));
      case "wal_entry" -> assertEquals(entryText, wire(record));
      default -> {
        assertEquals(payload, wire(record));
        rest(headers, entry);
        if (format.equals("cloudevents")) {
          headers.put("ce_specversion", "1.0");
          headers.put("ce_id", event.id());
          headers.put("ce_source", "allsource/c");
          headers.put("ce_type", event.eventType());
          headers.put("ce_subject", event.entityId());
          headers.put("ce_time", event.timestamp());
          headers.put("content-type", "application/json");
          headers.put("ce_tenantid", event.tenantId());
          headers.put("ce_partitionkey", event.entityId());
          headers.put("ce_entityversion", Long.toString(event.version()));
          headers.put("ce_waloffset", Long.toString(entry.sequence()));
          headers.put("ce_waltimestamp", entry.walTimestamp());
          if (!event.metadata().isNull()) {
            headers.put("ce_metadata", event.metadata().toString());
          }
        }
      }
    }
    if (!format.equals("event")) {
      assertEquals(Schema.STRING_SCHEMA, record.valueSchema());
    }
    assertEquals(headers, headers(record));
    assertEquals("allsource.events", record.topic());
    assertEquals(Schema.STRING_SCHEMA, record.keySchema());
    assertEquals(event.entityId(), record.key());
    assertEquals(Math.floorDiv(event.micros(), 1000), record.timestamp());
    assertEquals(PARTITION, record.sourcePartition());
    assertEquals(OFFSET, record.sourceOffset());
    assertNull(record.kafkaPartition());
  }

  @Test
  void rowsWithoutATenant() {
    Event event = Events.event(2, "[1, 2.50]").withTenant(null);
    SourceRecord record = row(mapper("value.format", "event_json"), event, null, true);
    String json = new MessageCodec().encodeEvent(event).toString();
    assertTrue(!json.contains("tenant_id") && json.contains("[1, 2.50]"), json);
    assertEquals(json, record.value());
    Map<String, String> headers = headers(record);
    assertEquals("true", headers.get("allsource.tenant_unknown"));
    assertEquals("true", headers.get("allsource.snapshot"));
    for (String absent :
        List.of("allsource.tenant_id", "allsource.wal_offset", "allsource.repaired")) {
      assertNull(headers.get(absent), absent);
    }

    SourceRecord entry = row(mapper("value.format", "wal_entry"), event, null, false);
    assertEquals(json, entry.value());
    assertEquals("true", headers(entry).get("allsource.repaired"));

    Struct struct = (Struct) row(mapper(), event, null, true).value();
    struct.validate();
    for (String absent : List.of("tenant_id", "wal_offset", "wal_timestamp")) {
      assertNull(struct.get(absent), absent);
    }
    assertNull(
        headers(row(mapper("value.format", "cloudevents"), event, null, true)).get("ce_tenantid"));
  }

  @Test
  void rowsWhoseTenantIsKnown() {
    Event event = Events.event(2, "{}").withTenant(null);
    Event known = event.withTenant("acme");
    SourceRecord told = row(mapper("value.format", "event_json"), event, "acme", true);
    assertEquals(new MessageCodec().encodeEvent(known).toString(), told.value());
    assertEquals("acme", headers(told).get("allsource.tenant_id"));
    assertNull(headers(told).get("allsource.tenant_unknown"));
    SourceRecord own = row(mapper("topic", "e.${tenant_id}"), known, null, true);
    assertEquals("e.acme", own.topic());
    assertEquals("acme", ((Struct) own.value()).getString("tenant_id"));
  }

  @Test
  void anAbsentTenantOfALiveEntryIsTheDefault() {
    WalEntry whole = Events.entry(1, "{}");
    WalEntry entry =
        new WalEntry(1, whole.walTimestamp(), whole.event().withTenant(null), 1, null, null);
    SourceRecord record = mapper("topic", "e.${tenant_id}").fromEntry(entry, PARTITION, OFFSET);
    assertEquals("e.default", record.topic());
    assertEquals("default", headers(record).get("allsource.tenant_id"));
    assertEquals("default", ((Struct) record.value()).getString("tenant_id"));
  }

  @Test
  void aRowWithoutATenant() {
    RecordMapper mapper = mapper("topic", "e.${tenant_id}", "tenant.unknown", "nobody");
    Event event = Events.event(1, "{}", "t", "e").withTenant(null);
    assertEquals("e.nobody", row(mapper, event, null, true).topic());
  }

  @Test
  void timesKafkaHasNot() {
    Event old = Events.event(1, -1, "{}", "t", "e");
    assertNull(row(mapper(), old, null, true).timestamp());
    Event almost = Events.event(1, 1999, "{}", "t", "e");
    assertEquals(1, row(mapper(), almost, null, true).timestamp());
  }

  /** One by one, in each format, each way; nothing else changes. */
  @ParameterizedTest
  @ValueSource(strings = {"event", "event_json", "payload", "cloudevents"})
  void headersAreOptedFor(String format) {
    WalEntry entry =
        Captures.messages("live-from-empty").stream()
            .filter(LeaderMessage.Entry.class::isInstance)
            .map(message -> ((LeaderMessage.Entry) message).data())
            .filter(one -> !one.event().metadata().isNull())
            .findFirst()
            .orElseThrow();
    String[] settings = {"value.format", format, "record.key", "${tenant_id}"};
    RecordMapper all = mapper(settings);
    all.mark("s/1");
    Map<String, String> every = anyHeaders(all.fromEntry(entry, PARTITION, OFFSET));
    Event event = entry.event().withTenant(null);
    every.putAll(anyHeaders(row(all, event, null, false)));
    int own = 0;
    for (String name : every.keySet()) {
      if (!name.startsWith("allsource.")) {
        continue;
      }
      own++;
      for (String list : List.of(name, " " + name.substring(10).toUpperCase(Locale.ROOT))) {
        RecordMapper one = mapper(with(settings, "record.headers", list));
        one.mark("s/1");
        Map<String, String> told = anyHeaders(one.fromEntry(entry, PARTITION, OFFSET));
        told.putAll(anyHeaders(row(one, event, null, false)));
        told.keySet().removeIf(key -> !key.startsWith("allsource."));
        assertEquals(Map.of(name, every.get(name)), told);
      }
    }
    assertEquals(format.startsWith("event") ? 9 : 13, own, every.keySet().toString());
    RecordMapper two = mapper(with(settings, "record.headers", "snapshot,event_id"));
    assertEquals(
        Set.of("allsource.snapshot", "allsource.event_id"),
        anyHeaders(two.fromEntry(entry, PARTITION, OFFSET)).keySet().stream()
            .filter(key -> key.startsWith("allsource."))
            .collect(Collectors.toSet()));
  }

  private static Map<String, String> anyHeaders(SourceRecord record) {
    Map<String, String> headers = new LinkedHashMap<>();
    record.headers().forEach(one -> headers.put(one.key(), one.value().toString()));
    return headers;
  }

  private static String[] with(String[] settings, String... more) {
    return Stream.concat(Arrays.stream(settings), Arrays.stream(more)).toArray(String[]::new);
  }

  /** The same bytes as through StringConverter, without making characters of them. */
  @ParameterizedTest
  @ValueSource(strings = {"event_json", "wal_entry", "payload", "cloudevents", "structured"})
  void aConverterThatTakesBytesGetsBytes(String format) throws Exception {
    String[] settings = {"value.format", format};
    if (format.equals("structured")) {
      settings = new String[] {"value.format", "cloudevents", "cloudevents.mode", format};
    }
    RecordMapper text = mapper(settings);
    RecordMapper bytes =
        mapper(
            with(
                settings,
                "value.converter",
                "org.apache.kafka.connect.converters.ByteArrayConverter",
                "corrupt.entry.policy",
                "dlq",
                "dlq.topic",
                "dead"));
    try (ByteArrayConverter converter = new ByteArrayConverter()) {
      for (LeaderMessage message : Captures.messages("live-from-empty")) {
        if (message instanceof LeaderMessage.Entry one) {
          SourceRecord record = bytes.fromEntry(one.data(), PARTITION, OFFSET);
          byte[] value = converter.fromConnectData("t", record.valueSchema(), record.value());
          assertEquals(
              wire(text.fromEntry(one.data(), PARTITION, OFFSET)), new String(value, UTF_8));
          assertEquals(
              wire(row(text, one.data().event(), null, true)),
              new String((byte[]) row(bytes, one.data().event(), null, true).value(), UTF_8));
        }
      }
      SourceRecord letter =
          bytes.deadLetter("né", "e", 1, new ConnectHeaders(), "dead", PARTITION, OFFSET);
      assertEquals(
          "né",
          new String(converter.fromConnectData("t", letter.valueSchema(), letter.value()), UTF_8));
    }
  }

  private static SourceRecord row(
      RecordMapper mapper, Event event, String tenant, boolean firstSnapshot) {
    return mapper.fromRow(new SnapshotRow(event, 0, 0), tenant, firstSnapshot, PARTITION, OFFSET);
  }
}
