package io.github.allsourceconnect.formats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.cloudevents.CloudEvent;
import io.cloudevents.core.builder.CloudEventBuilder;
import io.cloudevents.core.message.Encoding;
import io.cloudevents.kafka.CloudEventSerializer;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.file.Path;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The worked examples of the page about mapping, from the topic's bytes to a follower's line. */
class ForeignTopicsTest {
  private static final Path FOLDER = Path.of("..", "config-examples");
  private static final ObjectMapper JSON = new ObjectMapper();

  private static Map<String, String> config(String file, String... more) throws IOException {
    JsonNode example = JSON.readTree(FOLDER.resolve(file).toFile());
    Map<String, String> config =
        new HashMap<>(
            JSON.convertValue(example.get("config"), new TypeReference<Map<String, String>>() {}));
    return Wire.settings(config, more);
  }

  private static String resource(String name) throws IOException {
    try (InputStream in = ForeignTopicsTest.class.getResourceAsStream("/producers/" + name)) {
      return new String(in.readAllBytes(), UTF_8).strip();
    }
  }

  private static Event event(ConsumerRecord<byte[], byte[]> record, Map<String, String> config) {
    WalEntry entry = Wire.pipeline(config).entry(record);
    return entry == null ? null : entry.event();
  }

  private static ConsumerRecord<byte[], byte[]> change(String name) throws IOException {
    return Wire.record(resource("debezium-key.json"), name == null ? null : resource(name));
  }

  @Test
  void aChangeEventIsThisLine() throws IOException {
    assertEquals(
        "{\"type\":\"wal_entry\",\"offset\":42,\"data\":{\"sequence\":42,"
            + "\"wal_timestamp\":\"2026-01-02T03:04:05.120Z\",\"event\":{"
            + "\"id\":\"%s\",".formatted(NameBased.of(NameBased.RECORDS, "t:0:41"))
            + "\"event_type\":\"customer.changed\",\"entity_id\":\"1\",\"tenant_id\":\"postgres\","
            + "\"payload\":{\"before\":null,\"after\":{\"id\":1,\"first_name\":\"Anne\","
            + "\"last_name\":\"Kretchmar\",\"email\":\"annek@noanswer.org\",\"credit\":555.72,"
            + "\"since\":\"2019-05-28T08:58:24Z\"},\"source\":"
            + source()
            + ",\"transaction\":null,\"op\":\"c\",\"ts_ms\":1559033904958,"
            + "\"ts_us\":1559033904958000,\"ts_ns\":1559033904958000000},"
            + "\"timestamp\":\"2019-05-28T08:58:24.863Z\",\"metadata\":"
            + source()
            + ",\"version\":1},\"checksum\":CRC}}\n",
        Wire.line(change("debezium-create.json"), config("sink-debezium.json"))
            .replaceFirst("\"checksum\":\\d+", "\"checksum\":CRC"));
  }

  private static String source() {
    return "{\"version\":\"3.0.0.Final\",\"connector\":\"postgresql\",\"name\":\"dbserver1\","
        + "\"ts_ms\":1559033904863,\"snapshot\":\"false\",\"db\":\"postgres\","
        + "\"sequence\":\"[\\\"24023119\\\",\\\"24023128\\\"]\",\"ts_us\":1559033904863512,"
        + "\"ts_ns\":1559033904863512000,\"schema\":\"public\",\"table\":\"customers\","
        + "\"txId\":555,\"lsn\":24023128,\"xmin\":null}";
  }

  @ParameterizedTest
  @CsvSource({
    "read, r, 2019-05-28T08:58:24Z",
    "create, c, 2019-05-28T08:58:24.863Z",
    "update, u, 2019-05-28T08:58:25.100Z",
    "delete, d, 2019-05-28T08:58:25.900Z"
  })
  void everyChangeIsAnEventOfItsRow(String name, String op, String time) throws IOException {
    Event event = event(change("debezium-" + name + ".json"), config("sink-debezium.json"));
    assertEquals("1", event.entityId());
    assertEquals(time, event.timestamp());
    JsonNode payload = JSON.readTree(event.payload().toString());
    assertEquals(op, payload.get("op").asText());
    assertEquals(op.equals("d"), payload.get("after").isNull());
    assertEquals(op.equals("c") || op.equals("r"), payload.get("before").isNull());
  }

  /** Behind a delete comes a record without a value, for compaction. */
  @Test
  void aTombstoneIsNoEvent() throws IOException {
    assertNull(event(change(null), config("sink-debezium.json")));
  }

  /** A table's rows after the change, as ExtractNewRecordState writes them, without schemas. */
  @Test
  void flattenedChanges() throws IOException {
    Map<String, String> config =
        config(
            "sink-debezium.json",
            "key.converter.schemas.enable",
            "false",
            "value.converter.schemas.enable",
            "false",
            "event.timestamp.field",
            "__source_ts_ms",
            "event.type.field",
            "__op");
    ConsumerRecord<byte[], byte[]> record =
        Wire.record(
            "{\"id\":1}",
            "{\"id\":1,\"first_name\":\"Anne\",\"__op\":\"u\",\"__source_ts_ms\":1559033904863,"
                + "\"__deleted\":\"false\"}");
    Event event = event(record, config);
    assertEquals("u", event.eventType());
    assertEquals("1", event.entityId());
    assertEquals("2019-05-28T08:58:24.863Z", event.timestamp());
  }

  /** The key is a structure: without a path into it there is no entity. */
  @Test
  void aStructureIsNoEntity() throws IOException {
    Map<String, String> config = config("sink-debezium.json");
    config.remove("entity.id.key.field");
    ConsumerRecord<byte[], byte[]> record = change("debezium-create.json");
    DataException refused = assertThrows(DataException.class, () -> event(record, config));
    assertTrue(refused.getMessage().contains("its key"), refused.getMessage());
  }

  /** As Debezium's router writes it, by StringConverter or by JsonConverter. */
  @ParameterizedTest
  @ValueSource(strings = {"texts", "JSON", "JSON with schemas"})
  void anOutboxRecord(String written) throws IOException {
    String order = resource("outbox-order.json");
    String[] headers = {"id", "4d47e190-0402-4048-bc2c-89dd54343cdc", "eventType", "OrderCreated"};
    Map<String, String> config = config("sink-outbox.json");
    ConsumerRecord<byte[], byte[]> record = Wire.record("1", order, headers);
    if (!written.equals("texts")) {
      String schemas = Boolean.toString(written.endsWith("schemas"));
      for (String key : new String[] {"key.converter", "value.converter"}) {
        config.put(key, JsonConverter.class.getName());
        config.put(key + ".schemas.enable", schemas);
      }
      record = Wire.record(json("1", schemas), json(order, schemas), headers);
    }
    Event event = event(record, config);
    assertEquals("4d47e190-0402-4048-bc2c-89dd54343cdc", event.id());
    assertEquals("OrderCreated", event.eventType());
    assertEquals("1", event.entityId());
    assertEquals("shop", event.tenantId());
    assertEquals("2026-01-02T03:04:05.120Z", event.timestamp(), "the record's");
    assertEquals(order, event.payload().toString());
    assertTrue(Wire.line(record, config).contains(",\"payload\":" + order + ",\"timestamp\""));
  }

  private static String json(String text, String schemas) {
    try (JsonConverter json = new JsonConverter()) {
      json.configure(Map.of("schemas.enable", schemas), false);
      return new String(json.fromConnectData("t", Schema.STRING_SCHEMA, text), UTF_8);
    }
  }

  /** An outbox table's rows themselves, the payload a JSON text in a column. */
  @Test
  void anOutboxRow() throws IOException {
    Map<String, String> config =
        config(
            "sink-outbox.json",
            "event.id.field",
            "id",
            "event.type.field",
            "type",
            "entity.id.field",
            "aggregateid",
            "payload.field",
            "payload",
            "value.converter",
            JsonConverter.class.getName(),
            "value.converter.schemas.enable",
            "false");
    config.remove("event.id.header");
    config.remove("event.type.header");
    String order = resource("outbox-order.json");
    String row =
        "{\"id\":\"406c07f3-26f0-4eea-a50c-109940064b8f\",\"aggregatetype\":\"Order\","
            + "\"aggregateid\":\"1\",\"type\":\"OrderCreated\",\"payload\":"
            + JSON.writeValueAsString(order)
            + "}";
    Event event = event(Wire.record("x", row), config);
    assertEquals("406c07f3-26f0-4eea-a50c-109940064b8f", event.id());
    assertEquals("OrderCreated", event.eventType());
    assertEquals("1", event.entityId());
    assertEquals(order, event.payload().toString());
  }

  private static ConsumerRecord<byte[], byte[]> cloudEvent(Encoding encoding, String data) {
    CloudEventBuilder event =
        CloudEventBuilder.v1()
            .withId("A-17")
            .withSource(URI.create("/shop/checkout"))
            .withType("order.placed")
            .withSubject("order-17")
            .withTime(OffsetDateTime.parse("2026-01-02T03:04:05.120Z"))
            .withExtension(
                "traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
    CloudEvent made =
        data == null
            ? event.build()
            : event.withData("application/json", data.getBytes(UTF_8)).build();
    try (CloudEventSerializer sdk = new CloudEventSerializer()) {
      Map<String, Object> settings = new HashMap<>();
      settings.put(CloudEventSerializer.ENCODING_CONFIG, encoding);
      if (encoding == Encoding.STRUCTURED) {
        settings.put(CloudEventSerializer.EVENT_FORMAT_CONFIG, "application/cloudevents+json");
      }
      sdk.configure(settings, false);
      RecordHeaders headers = new RecordHeaders();
      byte[] value = sdk.serialize("t", headers, made);
      return Wire.record(null, value, headers, 5L);
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"BINARY", "STRUCTURED"})
  void aCloudEventBySettings(String mode) throws IOException {
    Encoding encoding = Encoding.valueOf(mode);
    Map<String, String> config = config("sink-cloudevents.json");
    if (encoding == Encoding.STRUCTURED) {
      // the page says so: the same names as paths, and the payload's
      Map.copyOf(config)
          .forEach(
              (key, value) -> {
                if (value.startsWith("ce_")) {
                  config.remove(key);
                  config.put(key.replace(".header", ".field"), value.substring(3));
                }
              });
      config.put("payload.field", "data");
    }
    Event event = event(cloudEvent(encoding, "{\"n\":1.50}"), config);
    assertEquals(NameBased.of(NameBased.TEXTS, "A-17").toString(), event.id());
    assertEquals("order.placed", event.eventType());
    assertEquals("order-17", event.entityId());
    assertEquals("/shop/checkout", event.tenantId());
    assertEquals("2026-01-02T03:04:05.12Z", event.timestamp(), "as it is sent");
    assertEquals(
        "\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\"", event.metadata().toString());
    assertTrue(event.payload().toString().matches("\\{\"n\":1.50?}"), event.payload().toString());
    assertEquals("null", event(cloudEvent(encoding, null), config).payload().toString());
  }
}
