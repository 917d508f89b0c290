package io.github.allsourceconnect.source.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.apache.kafka.connect.storage.StringConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RefusedEventsTest {
  private static final long NOW_MS = TimeUnit.MICROSECONDS.toMillis(Events.BASE_MICROS);

  private static SourceConfig config(String... settings) {
    Map<String, String> properties = new HashMap<>(Map.of("name", "c"));
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    return new SourceConfig(properties);
  }

  private static Refusal refusal(SourceConfig config, Event event) {
    RecordMapper mapper = new RecordMapper(config, "main");
    SnapshotRow row = new SnapshotRow(event, 0, 0);
    return new RecordGate(mapper.topics(), config.refusals(), () -> NOW_MS)
        .refusal(
            event,
            mapper.tenantOf(row, null),
            0,
            () -> mapper.fromRow(row, null, true, Map.of(), Map.of()));
  }

  private static Event of(int payloadBytes) {
    return Events.event(1, "\"" + "x".repeat(payloadBytes - 2) + "\"");
  }

  @Test
  void anEventOfOneAndAHalfMegabytesIsRefusedAndOneOfHalfIsNot() {
    Refusal refusal = refusal(config(), of(1_500_000));
    assertEquals(Refusal.Reason.TOO_LARGE, refusal.reason());
    assertTrue(refusal.why().contains("1500000") && refusal.why().contains("1048576"));
    assertNull(refusal(config(), of(500_000)));
    assertNull(refusal(config("producer.override.max.request.size", "2000000"), of(1_500_000)));
    assertNull(refusal(config("record.max.bytes", "2000000"), of(1_500_000)));
    assertEquals(
        Refusal.Reason.TOO_LARGE,
        refusal(
                config(
                    "record.max.bytes", "1000000", "producer.override.max.request.size", "2000000"),
                of(1_200_000))
            .reason());
  }

  /** What the producer itself reckons is what is reckoned here, or a little less. */
  @ParameterizedTest
  @CsvSource({
    "event, false",
    "event, true",
    "event_json, false",
    "event_json, true",
    "payload, false",
    "cloudevents, true",
    "wal_entry, false"
  })
  void theSizeIsTheProducers(String format, boolean json) throws IOException {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 30; i++) {
      StringBuilder text = new StringBuilder("\"");
      int length = 3_000 + random.nextInt(3_000);
      for (int c = 0; c < length; c++) {
        text.append(i % 3 == 0 ? "\\\"" : i % 3 == 1 ? "é" : "x");
      }
      Event event = Events.event(i, text + "\"", "type-ü" + i, "entity-" + "😀".repeat(i));
      int size = serialized(config("value.format", format), event, json);
      for (int slack : new int[] {-1, 400}) {
        SourceConfig config =
            config(
                "value.format",
                format,
                "record.max.bytes",
                Integer.toString(size + slack),
                "value.converter",
                json ? JsonConverter.class.getName() : StringConverter.class.getName());
        // of what a converter adds round the text, a few hundred bytes are not known
        boolean refused = refusal(config, event) != null;
        if (slack > 0) {
          assertFalse(refused, "event " + i + " of " + size);
        } else if (!json && !format.equals("event")) {
          assertTrue(refused, "event " + i + " of " + size);
        }
      }
    }
  }

  private static int serialized(SourceConfig config, Event event, boolean json) throws IOException {
    SourceRecord record =
        new RecordMapper(config, "main")
            .fromRow(new SnapshotRow(event, 0, 0), null, true, Map.of(), Map.of());
    try (Converter converter = json ? new JsonConverter() : new StringConverter();
        StringConverter keys = new StringConverter();
        SimpleHeaderConverter names = new SimpleHeaderConverter()) {
      converter.configure(Map.of("schemas.enable", "false", "converter.type", "value"), false);
      keys.configure(Map.of(), true);
      // the producer's upper bound: the batch's and the record's own bytes, then key and value
      int size = 61 + 21;
      size += keys.fromConnectData("t", record.keySchema(), record.key()).length;
      size += converter.fromConnectData("t", record.valueSchema(), record.value()).length;
      for (Header header : record.headers()) {
        size += 10 + header.key().length();
        size += names.fromConnectHeader("t", header.key(), header.schema(), header.value()).length;
      }
      return size;
    }
  }

  @Test
  void anEventTwoHoursAheadIsRefusedAndOneOfTheFarPastIsNot() {
    long hour = TimeUnit.HOURS.toMicros(1);
    Event ahead = Events.event(1, Events.BASE_MICROS + 2 * hour, "{}", "t", "e");
    Refusal refusal = refusal(config(), ahead);
    assertEquals(Refusal.Reason.TIME, refusal.reason());
    assertEquals("timestamp", refusal.field());
    assertNull(refusal(config("record.time.ahead.max.ms", "7200000"), ahead));
    assertNull(
        refusal(config(), Events.event(1, Events.BASE_MICROS + hour, "{}", "t", "e")),
        "an hour is what brokers take");
    assertNull(refusal(config(), Events.event(1, -1, "{}", "t", "e")));
    assertNull(refusal(config(), Events.event(1, 0, "{}", "t", "e")));
    assertEquals(
        Refusal.Reason.TIME,
        refusal(config(), Events.event(1, 253_402_300_799_999_999L, "{}", "t", "e")).reason());
  }

  @Test
  void underFailTheMessageNamesTheEventTheFieldAndTheSetting() {
    Event event = Events.event(3, "{\"secret\":1}", "t", "e").withTenant("__consumer_offsets");
    SourceConfig config = config("topic", "${tenant_id}", "topic.name.regex", ".*");
    Refusals refusals = new Refusals(config.refusals(), null);
    String message =
        assertThrows(
                RefusedEventException.class,
                () -> refusals.refused(event, 41, refusal(config, event)))
            .getMessage();
    for (String part :
        new String[] {
          event.id(), "41", "tenant_id", "__consumer_offsets", "topic.invalid.policy"
        }) {
      assertTrue(message.contains(part), message);
    }
    assertFalse(message.contains("secret"), message);
  }

  @ParameterizedTest
  @ValueSource(strings = {"skip", "dlq"})
  void aBatchGoesOnWithoutIt(String policy) {
    BatchBuilder batch =
        new BatchBuilder(
            config(
                "record.refused.policy", policy, "dlq.topic", "dead", "record.max.bytes", "5000"),
            SourcePosition.START);
    assertNull(batch.add(new SnapshotRow(of(100), 0, 0), "t", true));
    assertEquals(
        policy.equals("skip") ? BatchBuilder.Refused.SKIPPED : BatchBuilder.Refused.NOTED,
        batch.add(new SnapshotRow(of(9_000), 0, 0), "t", true));
    Batch closed = batch.close(() -> SourcePosition.START, 2, false, () -> 0);
    assertEquals(2, closed.lastEmission());
    assertEquals("allsource.events", closed.records().get(0).topic());
    assertEquals(policy.equals("skip") ? 1 : 2, closed.records().size());
    if (policy.equals("dlq")) {
      SourceRecord note = closed.records().get(1);
      assertEquals("dead", note.topic());
      assertEquals(of(9_000).id(), note.headers().lastWithName("allsource.event_id").value());
      assertEquals("payload", note.headers().lastWithName("allsource.error_field").value());
      assertFalse(note.toString().contains("xxx"), "no payload");
      assertTrue(note.value().toString().getBytes(StandardCharsets.UTF_8).length < 200);
    }
    // one that is refused alone: a batch of no records, so that its position is not waited for
    batch.add(new SnapshotRow(of(9_000), 0, 0), "t", true);
    Batch alone = batch.close(() -> SourcePosition.START, 3, false, () -> 0);
    assertEquals(policy.equals("skip"), alone.records().isEmpty());
    assertEquals(policy.equals("skip"), alone.isCommitted());
  }

  @Test
  void theProducersDefaultIsTheOneThatIsTaken() {
    assertEquals(
        ProducerConfig.configDef().defaultValues().get(ProducerConfig.MAX_REQUEST_SIZE_CONFIG),
        config().refusals().recordMaxBytes());
  }
}
