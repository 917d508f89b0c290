package io.github.allsourceconnect.formats;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.message.Encoding;
import io.cloudevents.kafka.CloudEventDeserializer;
import io.cloudevents.kafka.CloudEventSerializer;
import io.github.allsourceconnect.protocol.Captures;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.record.RecordMapper;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.Charset;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.connect.converters.ByteArrayConverter;
import org.apache.kafka.connect.errors.DataException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** CloudEvents as the specification's own SDK reads and writes them. */
class CloudEventsTest {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String[] BYTES = {"value.converter", ByteArrayConverter.class.getName()};

  private static RecordMapper source(String mode, String... more) {
    String[] settings = {"value.format", "cloudevents", "cloudevents.mode", mode};
    return Wire.source(Stream.concat(Stream.of(settings), Stream.of(more)).toArray(String[]::new));
  }

  private static CloudEvent readBySdk(ConsumerRecord<byte[], byte[]> record) {
    try (CloudEventDeserializer sdk = new CloudEventDeserializer()) {
      return sdk.deserialize(record.topic(), record.headers(), record.value());
    }
  }

  private static List<WalEntry> captured() {
    return Stream.of("live-from-empty", "0.27.0-live-concurrent-writers")
        .flatMap(name -> Captures.messages(name).stream())
        .filter(LeaderMessage.Entry.class::isInstance)
        .map(message -> ((LeaderMessage.Entry) message).data())
        .toList();
  }

  @ParameterizedTest
  @ValueSource(strings = {"binary", "structured"})
  void theSdkReadsEveryCapturedEntry(String mode) throws IOException {
    RecordMapper source = source(mode);
    List<WalEntry> entries = captured();
    assertTrue(entries.size() > 800);
    for (WalEntry entry : entries) {
      Event event = entry.event();
      ConsumerRecord<byte[], byte[]> record =
          Wire.written(source.fromEntry(entry, Map.of(), Map.of()));
      CloudEvent read = readBySdk(record);
      assertEquals(event.id(), read.getId());
      assertEquals("1.0", read.getSpecVersion().toString());
      assertEquals(URI.create("allsource/main"), read.getSource());
      assertEquals(event.eventType(), read.getType());
      assertEquals(event.entityId(), read.getSubject());
      assertEquals(OffsetDateTime.parse(event.timestamp()), read.getTime());
      assertEquals("application/json", read.getDataContentType());
      Map<String, Object> extensions = new HashMap<>();
      extensions.put("tenantid", event.tenantId());
      extensions.put("partitionkey", event.entityId());
      extensions.put("entityversion", Long.toString(event.version()));
      extensions.put("waloffset", Long.toString(entry.sequence()));
      extensions.put("waltimestamp", entry.walTimestamp());
      if (!event.metadata().isNull()) {
        extensions.put("metadata", event.metadata().toString());
      }
      Map<String, Object> told = new HashMap<>();
      for (String name : read.getExtensionNames()) {
        assertTrue(name.matches("[a-z0-9]{1,20}"), name);
        told.put(name, read.getExtension(name));
      }
      assertEquals(extensions, told);
      String payload = event.payload().toString();
      if (mode.equals("binary")) {
        assertEquals(payload, new String(read.getData().toBytes(), UTF_8));
      } else {
        assertTrue(new String(record.value(), UTF_8).endsWith(",\"data\":" + payload + "}"));
        assertEquals(
            JSON.readTree(payload),
            read.getData() == null ? JSON.nullNode() : JSON.readTree(read.getData().toBytes()));
      }
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"binary", "structured"})
  void theSinkReadsEveryCapturedEntry(String mode) {
    RecordMapper source = source(mode);
    for (WalEntry entry : captured()) {
      ConsumerRecord<byte[], byte[]> record =
          Wire.written(source.fromEntry(entry, Map.of(), Map.of()));
      for (String[] settings : new String[][] {{}, BYTES}) {
        WalEntry back = Wire.read(record, settings);
        Wire.assertSame(entry.event(), back.event());
        assertEquals(entry.walTimestamp(), back.walTimestamp());
      }
    }
  }

  /** Whoever passes a CloudEvent on keeps its attributes and drops other headers. */
  @ParameterizedTest
  @ValueSource(strings = {"binary", "structured", "without content-type"})
  void theAttributesAloneSayAllOfAnEvent(String kind) {
    RecordMapper source = source(kind.equals("binary") ? "binary" : "structured");
    for (WalEntry entry : captured()) {
      ConsumerRecord<byte[], byte[]> record =
          Wire.written(source.fromEntry(entry, Map.of(), Map.of()));
      for (var header : record.headers().toArray()) {
        if (header.key().startsWith("allsource.") || kind.startsWith("without")) {
          record.headers().remove(header.key());
        }
      }
      WalEntry back = Wire.read(record);
      Wire.assertSame(entry.event(), back.event());
      assertEquals(entry.walTimestamp(), back.walTimestamp());
    }
  }

  /** Then only what an attribute can't say has a header. */
  @ParameterizedTest
  @ValueSource(strings = {"binary", "structured"})
  void withoutTheOtherHeaders(String mode) {
    RecordMapper source = source(mode, "record.headers", "none");
    for (WalEntry entry : captured()) {
      ConsumerRecord<byte[], byte[]> record =
          Wire.written(source.fromEntry(entry, Map.of(), Map.of()));
      for (var header : record.headers()) {
        assertFalse(header.key().startsWith("allsource."), header.key());
      }
      assertEquals(entry.event().id(), readBySdk(record).getId());
      Wire.assertSame(entry.event(), Wire.read(record).event());
    }
    Event odd = Events.event(4, "1", "a\nb", "").withTenant("\u0085");
    ConsumerRecord<byte[], byte[]> record =
        Wire.written(source.fromEntry(Wire.entry(odd), Map.of(), Map.of()));
    assertEquals("a%0Ab", readBySdk(record).getType());
    Wire.assertSame(odd, Wire.read(record).event());
  }

  @ParameterizedTest
  @ValueSource(strings = {"binary", "structured"})
  void rowsWithoutATenant(String mode) {
    Event event = Events.event(4, "[1.50]").withTenant(null);
    ConsumerRecord<byte[], byte[]> record =
        Wire.written(
            source(mode).fromRow(new SnapshotRow(event, 0, 0), null, true, Map.of(), Map.of()));
    CloudEvent read = readBySdk(record);
    assertNull(read.getExtension("tenantid"));
    assertNull(read.getExtension("waloffset"));
    assertNull(read.getExtension("waltimestamp"));
    Wire.assertSame(event, Wire.read(record).event());
  }

  @ParameterizedTest
  @ValueSource(strings = {"binary", "structured"})
  void thePartitionKeyIsTheRecordsKey(String mode) {
    RecordMapper source = source(mode, "record.key", "${tenant_id}/${entity_id}");
    ConsumerRecord<byte[], byte[]> record =
        Wire.written(source.fromEntry(Wire.entry(Events.event(4, "1")), Map.of(), Map.of()));
    assertEquals("tenant-1/order-4", new String(record.key(), UTF_8));
    assertEquals("tenant-1/order-4", readBySdk(record).getExtension("partitionkey"));
    assertEquals("order-4", readBySdk(record).getSubject());
    assertEquals("order-4", Wire.read(record).event().entityId());
  }

  /** Texts in any script are what they are: Kafka's binding encodes nothing. */
  @ParameterizedTest
  @CsvSource({
    "binary, order placed",
    "structured, order placed",
    "binary,注文 é\u2028😀 100%",
    "structured, 注文 é\u2028😀 100%",
    "binary, \"q\"",
    "structured, \"q\"",
    "binary, null",
    "structured, null",
    "binary, 1.0",
    "structured, 1.0",
    "binary, a\\b",
    "structured, a\\b"
  })
  void textsThatAttributesCanSay(String mode, String text) {
    Event event = Events.event(4, "{\"a\":1.50}", text, text);
    ConsumerRecord<byte[], byte[]> record =
        Wire.written(source(mode).fromEntry(Wire.entry(event), Map.of(), Map.of()));
    CloudEvent read = readBySdk(record);
    assertEquals(text, read.getType());
    assertEquals(text, read.getSubject());
    assertEquals(text, read.getExtension("partitionkey"));
    Wire.assertSame(event, Wire.read(record).event());
  }

  /** Control characters and noncharacters are no part of a CloudEvent's texts. */
  @ParameterizedTest
  @CsvSource({
    "binary, 'a\nb', a%0Ab",
    "structured, 'a\nb', a%0Ab",
    "binary, 'a\u0085\u007f', a%C2%85%7F",
    "structured, 'a\u0085\u007f', a%C2%85%7F",
    "binary, '\ufffe😀\ufdd0', %EF%BF%BE😀%EF%B7%90",
    "structured, '\ufffe😀\ufdd0', %EF%BF%BE😀%EF%B7%90",
    "binary, '\udbff\udfff', %F4%8F%BF%BF",
    "structured, '\udbff\udfff', %F4%8F%BF%BF"
  })
  void textsThatAttributesCannotSay(String mode, String text, String told) {
    Event event = Events.event(4, "1", text, text).withTenant(text);
    ConsumerRecord<byte[], byte[]> record =
        Wire.written(source(mode).fromEntry(Wire.entry(event), Map.of(), Map.of()));
    CloudEvent read = readBySdk(record);
    assertEquals(told, read.getType());
    assertEquals(told, read.getSubject());
    assertEquals(told, read.getExtension("tenantid"));
    assertNull(read.getExtension("partitionkey"), "one that is not the key would be a lie");
    Wire.assertSame(event, Wire.read(record).event());
  }

  @ParameterizedTest
  @ValueSource(strings = {"binary", "structured"})
  void emptyTexts(String mode) {
    Event event = Events.event(4, "\"\"", "", "").withTenant("");
    ConsumerRecord<byte[], byte[]> record =
        Wire.written(source(mode).fromEntry(Wire.entry(event), Map.of(), Map.of()));
    CloudEvent read = readBySdk(record);
    assertEquals("allsource.event", read.getType());
    assertNull(read.getSubject());
    assertNull(read.getExtension("partitionkey"));
    assertNull(read.getExtension("tenantid"));
    Wire.assertSame(event, Wire.read(record).event());
  }

  @ParameterizedTest
  @CsvSource({
    "2026-01-02t03:04:05.120000z, 2026-01-02T03:04:05.120000Z",
    "2026-01-02 03:04:05Z, 2026-01-02T03:04:05Z",
    "2016-12-31T23:59:60Z, 2017-01-01T00:00:00Z",
    "0000-01-01T00:00:00.000000001Z, 0000-01-01T00:00:00.000000001Z",
    "9999-12-31T23:59:59.999999999Z, 9999-12-31T23:59:59.999999999Z"
  })
  void timesOfAnyForm(String time, String told) {
    Event base = Events.event(4, "1", "t", "e");
    Event event = Events.with(base, time, base.metadata());
    for (String mode : List.of("binary", "structured")) {
      ConsumerRecord<byte[], byte[]> record =
          Wire.written(source(mode).fromEntry(Wire.entry(event), Map.of(), Map.of()));
      assertEquals(OffsetDateTime.parse(told), readBySdk(record).getTime());
      assertFalse(new String(record.value(), UTF_8).contains("23:59:60"));
    }
  }

  /** What stands raw in metadata's JSON is escaped there, where an attribute can't have it. */
  @Test
  void metadataIsTheSameJson() throws IOException {
    String metadata = "{\n\t\"a\":\"\u0085\ufffe\udbff\udfff é\"}";
    Event base = Events.event(4, "1", "t", "e");
    Event event = Events.with(base, base.timestamp(), JsonText.of(metadata));
    for (String mode : List.of("binary", "structured")) {
      CloudEvent read =
          readBySdk(Wire.written(source(mode).fromEntry(Wire.entry(event), Map.of(), Map.of())));
      String told = (String) read.getExtension("metadata");
      assertEquals("{  \"a\":\"\\u0085\\ufffe\\udbff\\udfff é\"}", told);
      assertEquals(JSON.readTree(metadata), JSON.readTree(told));
    }
  }

  @Test
  void theSourceIsAUriReference() {
    String name = "shop: böse %/?#";
    RecordMapper source = source("binary", "leader.name", name, "name", "x");
    CloudEvent read =
        readBySdk(
            Wire.written(source.fromEntry(Wire.entry(Events.event(4, "1")), Map.of(), Map.of())));
    assertEquals("allsource/shop:%20b%C3%B6se%20%25%2F%3F%23", read.getSource().toString());
    RecordMapper told = source("structured", "cloudevents.source", "https://shop.example/store");
    assertEquals(
        URI.create("https://shop.example/store"),
        readBySdk(
                Wire.written(told.fromEntry(Wire.entry(Events.event(4, "1")), Map.of(), Map.of())))
            .getSource());
  }

  private static CloudEventBuilder foreign() {
    return CloudEventBuilder.v1()
        .withId("A-17")
        .withSource(URI.create("/shop/checkout"))
        .withType("order.placed")
        .withSubject("order-17")
        .withTime(OffsetDateTime.parse("2026-01-02T03:04:05.1200+02:00"));
  }

  private static ConsumerRecord<byte[], byte[]> written(CloudEvent event, Encoding encoding) {
    try (CloudEventSerializer sdk = new CloudEventSerializer()) {
      sdk.configure(
          encoding == Encoding.BINARY
              ? Map.of(CloudEventSerializer.ENCODING_CONFIG, encoding)
              : Map.of(
                  CloudEventSerializer.ENCODING_CONFIG,
                  encoding,
                  CloudEventSerializer.EVENT_FORMAT_CONFIG,
                  "application/cloudevents+json"),
          false);
      RecordHeaders headers = new RecordHeaders();
      byte[] value = sdk.serialize("t", headers, event);
      return Wire.record("key".getBytes(UTF_8), value, headers, 5L);
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Encoding.class,
      names = {"BINARY", "STRUCTURED"})
  void theSinkReadsWhatTheSdkWrites(Encoding encoding) {
    CloudEvent event =
        foreign()
            .withExtension("tenantid", "acme")
            .withExtension("comexampleothervalue", 5)
            .withData("application/json", "{\"n\":18446744073709551615}".getBytes(UTF_8))
            .build();
    for (String[] settings : new String[][] {{}, BYTES}) {
      Event read = Wire.read(written(event, encoding), settings).event();
      assertEquals(uuid("/shop/checkout\nA-17"), read.id());
      assertEquals("order.placed", read.eventType());
      assertEquals("order-17", read.entityId());
      assertEquals("acme", read.tenantId());
      assertEquals("2026-01-02T01:04:05.120Z", read.timestamp());
      assertEquals("{\"n\":18446744073709551615}", read.payload().toString());
      assertNull(read.metadata());
    }
  }

  @ParameterizedTest
  @EnumSource(
      value = Encoding.class,
      names = {"BINARY", "STRUCTURED"})
  void dataOfOtherTypes(Encoding encoding) {
    assertEquals("\"123\"", payload(encoding, "text/plain", "123".getBytes(UTF_8)));
    assertEquals(
        "\"<a b=\\\"c\\\"/>\"",
        payload(encoding, "application/xml", "<a b=\"c\"/>".getBytes(UTF_8)));
    assertEquals(
        "{\"base64\":\"wP8B\"}",
        payload(encoding, "application/octet-stream", new byte[] {(byte) 0xc0, (byte) 0xff, 1}));
    assertEquals("[1]", payload(encoding, "application/vnd.shop+json", "[1]".getBytes(UTF_8)));
    assertEquals("\"a\"", payload(encoding, "application/json", "\"a\"".getBytes(UTF_8)));
    assertEquals("null", payload(encoding, "application/json", "null".getBytes(UTF_8)));
  }

  private static String payload(Encoding encoding, String type, byte[] data) {
    ConsumerRecord<byte[], byte[]> record =
        written(foreign().withData(type, data).build(), encoding);
    return Wire.read(record, BYTES).event().payload().toString();
  }

  /** Without data a binary event is a tombstone; a structured one still is an event. */
  @Test
  void noData() {
    CloudEvent event = foreign().build();
    assertNull(Wire.read(written(event, Encoding.BINARY)));
    String[] asEvents = {"behavior.on.null.values", "event"};
    assertEquals(
        "null", Wire.read(written(event, Encoding.BINARY), asEvents).event().payload().toString());
    assertEquals(
        "null", Wire.read(written(event, Encoding.STRUCTURED)).event().payload().toString());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "application/cloudevents+json",
        "application/cloudevents+json; charset=UTF-8",
        "application/cloudevents+json;charset=\"utf-8\"; x=y",
        "Application/CloudEvents+JSON ; Charset=Utf-8",
        "application/cloudevents"
      })
  void contentTypesOfStructuredMode(String type) {
    for (String name : List.of("content-type", "Content-Type")) {
      Event read =
          Wire.read(
                  Wire.record(
                      null,
                      "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\n"
                          + "\"partitionkey\":\"p\",\"subject\":null,\"data\":{\"a\": 1.0}}",
                      name,
                      type))
              .event();
      assertEquals("t", read.eventType());
      assertEquals("p", read.entityId());
      assertEquals("{\"a\": 1.0}", read.payload().toString());
    }
  }

  @Test
  void charsetsOfBytes() {
    for (Charset charset : List.of(ISO_8859_1, UTF_16)) {
      RecordHeaders headers = new RecordHeaders();
      headers.add(
          "content-type",
          ("application/cloudevents+json; charset=" + charset.name()).getBytes(UTF_8));
      byte[] value =
          "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"é\",\"data\":\"ü\"}"
              .getBytes(charset);
      Event read = Wire.read(Wire.record("k".getBytes(UTF_8), value, headers, 5L), BYTES).event();
      assertEquals("é", read.eventType());
      assertEquals("\"ü\"", read.payload().toString());
      RecordHeaders binary = new RecordHeaders();
      for (String attribute : List.of("specversion=1.0", "id=1", "source=/s", "type=t")) {
        String[] parts = attribute.split("=", 2);
        binary.add("ce_" + parts[0], parts[1].getBytes(UTF_8));
      }
      binary.add("content-type", ("text/plain;charset=" + charset.name()).getBytes(UTF_8));
      assertEquals(
          "\"ü\"",
          Wire.read(Wire.record("k".getBytes(UTF_8), "ü".getBytes(charset), binary, 5L), BYTES)
              .event()
              .payload()
              .toString());
    }
  }

  /** Data that look like the source's own event are data. */
  @Test
  void dataThatLookLikeAnEvent() {
    String data = "{\"event_type\":\"x\",\"entity_id\":\"y\",\"payload\":1}";
    CloudEvent event = foreign().withData("application/json", data.getBytes(UTF_8)).build();
    for (Encoding encoding : List.of(Encoding.BINARY, Encoding.STRUCTURED)) {
      Event read = Wire.read(written(event, encoding)).event();
      assertEquals(data, read.payload().toString());
      assertEquals("order.placed", read.eventType());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "application/cloudevents-batch+json, each a record of its own",
    "application/cloudevents+avro, those in JSON are read",
    "application/cloudevents+json, is not a JSON object",
    "application/cloudevents+json;charset=klingon, does not know"
  })
  void whatCannotBeReadSaysWhy(String type, String why) {
    DataException refused =
        assertThrows(
            DataException.class,
            () -> Wire.read(Wire.record("k", "[secret]", "content-type", type), BYTES));
    assertTrue(refused.getMessage().contains(why), refused.getMessage());
    assertFalse(refused.getMessage().contains("secret"), refused.getMessage());
  }

  @Test
  void badAttributesSayWhich() {
    String event =
        "{\"specversion\":\"1.0\",\"id\":\"1\",\"source\":\"/s\",\"type\":\"t\",\"subject\":\"e\",";
    for (String wrong : List.of("\"time\":\"soon\"", "\"data_base64\":\"*\"", "\"type\":{}")) {
      DataException refused =
          assertThrows(DataException.class, () -> Wire.read(Wire.record("k", event + wrong + "}")));
      String name = wrong.substring(1, wrong.indexOf('"', 1)).replace("time", "timestamp");
      assertTrue(refused.getMessage().contains("its " + name), refused.getMessage());
    }
  }

  private static String uuid(String text) {
    return NameBased.of(NameBased.TEXTS, text).toString();
  }
}
