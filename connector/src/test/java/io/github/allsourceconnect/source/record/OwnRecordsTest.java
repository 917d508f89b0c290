package io.github.allsourceconnect.source.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonFields;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.source.decision.ledger.LedgerRecord;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.transforms.Cast;
import org.apache.kafka.connect.transforms.ExtractField;
import org.apache.kafka.connect.transforms.Flatten;
import org.apache.kafka.connect.transforms.HeaderFrom;
import org.apache.kafka.connect.transforms.HoistField;
import org.apache.kafka.connect.transforms.InsertField;
import org.apache.kafka.connect.transforms.InsertHeader;
import org.apache.kafka.connect.transforms.MaskField;
import org.apache.kafka.connect.transforms.RegexRouter;
import org.apache.kafka.connect.transforms.ReplaceField;
import org.apache.kafka.connect.transforms.SetSchemaMetadata;
import org.apache.kafka.connect.transforms.TimestampConverter;
import org.apache.kafka.connect.transforms.TimestampRouter;
import org.apache.kafka.connect.transforms.Transformation;
import org.apache.kafka.connect.transforms.ValueToKey;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a transformation can make of a record of events, it can make of the connector's own. */
class OwnRecordsTest {
  private static final String NAME = "events.ledger";
  private static final ObjectMapper JSON = new ObjectMapper();

  private record Link(Supplier<Transformation<SourceRecord>> type, Map<String, String> settings) {
    SourceRecord apply(SourceRecord record) {
      try (Transformation<SourceRecord> transformation = type.get()) {
        transformation.configure(settings);
        return transformation.apply(record);
      }
    }
  }

  private static Map<String, Link> transformations() {
    Map<String, Link> all = new LinkedHashMap<>();
    all.put(
        "InsertField",
        new Link(InsertField.Value::new, Map.of("static.field", "site", "static.value", "b")));
    all.put(
        "InsertField time",
        new Link(InsertField.Value::new, Map.of("timestamp.field", "at", "topic.field", "t")));
    all.put("ValueToKey", new Link(ValueToKey::new, Map.of("fields", "entity_id")));
    all.put(
        "TimestampRouter",
        new Link(TimestampRouter::new, Map.of("topic.format", "${topic}-${timestamp}")));
    all.put("RegexRouter", new Link(RegexRouter::new, Map.of("regex", "(.*)", "replacement", "x")));
    all.put("ReplaceField", new Link(ReplaceField.Value::new, Map.of("exclude", "metadata")));
    all.put("MaskField", new Link(MaskField.Value::new, Map.of("fields", "payload")));
    all.put("ExtractField", new Link(ExtractField.Value::new, Map.of("field", "payload")));
    all.put("HoistField", new Link(HoistField.Value::new, Map.of("field", "event")));
    all.put("Flatten", new Link(Flatten.Value::new, Map.of()));
    all.put("Cast", new Link(Cast.Value::new, Map.of("spec", "version:string")));
    all.put(
        "TimestampConverter",
        new Link(
            TimestampConverter.Value::new,
            Map.of(
                "field", "timestamp", "target.type", "unix", "format", "yyyy-MM-dd'T'HH:mm:ss")));
    all.put(
        "HeaderFrom",
        new Link(
            HeaderFrom.Value::new,
            Map.of("fields", "event_type", "headers", "type", "operation", "copy")));
    all.put(
        "InsertHeader",
        new Link(InsertHeader::new, Map.of("header", "site", "value.literal", "b")));
    all.put(
        "SetSchemaMetadata",
        new Link(SetSchemaMetadata.Value::new, Map.of("schema.name", "com.example.Event")));
    return all;
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "event",
        "event_json",
        "wal_entry",
        "payload",
        "cloudevents",
        "event map",
        "event struct",
        "payload map",
        "payload struct"
      })
  void whateverChangesAnEventCanChangeThem(String format) throws Exception {
    List<SourceRecord> records = records(format);
    assertEquals(3, records.size());
    int passed = 0;
    for (Map.Entry<String, Link> one : transformations().entrySet()) {
      boolean goesThrough = passes(one.getValue(), records.get(0));
      passed += goesThrough ? 1 : 0;
      if (goesThrough) {
        for (SourceRecord own : records.subList(1, 3)) {
          assertNotNull(one.getValue().apply(own), one.getKey() + " with " + own.topic());
        }
      }
    }
    System.out.println(format + ": " + passed + " of " + transformations().size());
    int least = format.startsWith("event ") ? 14 : format.equals("event") ? 15 : 4;
    assertFalse(passed < least, "only " + passed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "event_json", "wal_entry", "payload", "cloudevents"})
  void aLedgerRecordHasItsJson(String format) throws Exception {
    SourceRecord ledger = records(format).get(2);
    assertEquals(NAME, ledger.topic());
    assertEquals("main", ledger.key());
    assertEquals(1_700_000_000_123L, ledger.timestamp());
    assertNull(ledger.headers().lastWithName("allsource.mark"));
    JsonNode payload =
        switch (format) {
          case "event" -> JSON.readTree(((Struct) ledger.value()).getString("payload"));
          case "event_json", "wal_entry" -> JSON.readTree((String) ledger.value()).get("payload");
          default -> JSON.readTree((String) ledger.value());
        };
    assertEquals(7, payload.get("events").asInt());
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "event_json", "payload"})
  void anEventTellsItsMark(String format) throws Exception {
    SourceRecord event = records(format).get(0);
    assertEquals("s/18", event.headers().lastWithName("allsource.mark").value());
  }

  private static boolean passes(Link link, SourceRecord record) {
    try {
      return link.apply(record) != null;
    } catch (ConnectException | IllegalArgumentException | NullPointerException e) {
      // the last is HeaderFrom's way to say that a field is not there
      return false;
    }
  }

  /** An event's, a dead letter and one of the ledger. */
  private static List<SourceRecord> records(String format) throws ProtocolException {
    Map<String, String> settings = new HashMap<>();
    settings.put("name", "main");
    settings.put("leader.addresses", "127.0.0.1:3910");
    settings.put("topic", "events");
    String[] formats = format.split(" ");
    settings.put("value.format", formats[0]);
    settings.put("payload.format", formats.length == 1 ? "text" : formats[1]);
    settings.put("corrupt.entry.policy", "dlq");
    settings.put("dlq.topic", "events.dead");
    settings.put("ledger.topic", NAME);
    BatchBuilder batch = new BatchBuilder(new SourceConfig(settings), SourcePosition.START);
    batch.mark("s/18");
    assertNull(batch.add(new WalEntry(1, "2026-01-01T00:00:00Z", event(), 0, null, null)));
    batch.addDeadLetter(
        "no \"JSON\"".getBytes(UTF_8),
        new ProtocolException(ProtocolException.Kind.MALFORMED, "no JSON", 1, 0));
    batch.add(
        new LedgerRecord(
            "mark",
            "00000000-0000-4000-8000-000000000009",
            1_700_000_000_123L,
            new JsonFields().put("events", 7).end()));
    return new ArrayList<>(batch.close(1, false).records());
  }

  private static Event event() {
    return new Event(
        "00000000-0000-4000-8000-000000000001",
        0x4000L,
        0x8000_0000_0000_0001L,
        "order.placed",
        "order-1",
        "acme",
        JsonText.of("{\"n\":1}"),
        "2026-01-01T00:00:00Z",
        1_767_225_600_000_000L,
        JsonText.NULL,
        1);
  }
}
