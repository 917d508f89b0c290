package io.github.allsourceconnect.source.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.utils.ByteUtils;
import org.apache.kafka.connect.converters.ByteArrayConverter;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.HeaderConverter;
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
    return new RecordGate(mapper, config.refusals(), () -> NOW_MS)
        .refusal(new SnapshotRow(event, 0, 0), null, true);
  }

  /** A byte less than its size is too little, so much more is enough. */
  private static void assertReckoned(
      List<String> settings, Event event, int size, int enough, String what) {
    for (int slack : new int[] {-1, enough}) {
      List<String> limited = new ArrayList<>(settings);
      limited.addAll(List.of("record.max.bytes", Integer.toString(size + slack)));
      assertEquals(
          slack < 0, refusal(config(limited.toArray(String[]::new)), event) != null, what + slack);
    }
  }

  private static Event of(int payloadBytes) {
    return Events.event(1, "\"" + "x".repeat(payloadBytes - 2) + "\"");
  }

  /** A value of the payload may be the key as well: the record is twice as large. */
  @Test
  void aKeyFromThePayloadCounts() {
    Event event = Events.event(1, "{\"k\":\"" + "x".repeat(600_000) + "\"}");
    assertNull(refusal(config(), event));
    Refusal refusal = refusal(config("record.key", "${payload:/k|none}"), event);
    assertEquals(Refusal.Reason.TOO_LARGE, refusal.reason());
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

  /**
   * What the producer itself reckons is what is reckoned here, or a little less, but never more: an
   * event that is larger than Kafka takes by one byte is refused like any other.
   */
  @ParameterizedTest
  @CsvSource({
    "event, string, string, simple",
    "event, json, string, simple",
    "event, json with schemas, json with schemas, json with schemas",
    "event, short, short, simple",
    "event_json, string, json, simple",
    "payload, string, string, json with schemas",
    "event_json, string, string, none",
    "event, json with schemas, string, none",
    "cloudevents, string, string, simple",
    "cloudevents, string, json with schemas, json",
    "wal_entry, string, string, simple",
    "wal_entry, bytes, string, simple"
  })
  void theSizeIsTheProducers(String format, String value, String key, String header)
      throws IOException {
    SplittableRandom random = new SplittableRandom(7);
    for (int i = 0; i < 30; i++) {
      StringBuilder text = new StringBuilder("\"");
      int length = 3_000 + random.nextInt(3_000);
      for (int c = 0; c < length; c++) {
        text.append(i % 3 == 0 ? "\\\"" : i % 3 == 1 ? "é" : "x");
      }
      Event event = Events.event(i, text + "\"", "type-ü" + i, "entity-\"" + "😀".repeat(i));
      List<String> settings = new ArrayList<>(List.of("value.format", format));
      settings.addAll(List.of("record.headers", header.equals("none") ? "none" : "all"));
      settings.addAll(converter("value.converter", value));
      settings.addAll(converter("key.converter", key));
      settings.addAll(converter("header.converter", header));
      int size = produced(settings, event);
      assertReckoned(
          settings, event, size, 700 + size / 50, "event " + i + " of " + size + " and ");
    }
  }

  /** The same of payloads that are taken apart, whose schemas may be larger than they are. */
  @ParameterizedTest
  @CsvSource({
    "event, map, json",
    "event, map, json with schemas",
    "event, struct, json",
    "event, struct, json with schemas",
    "payload, map, json",
    "payload, struct, json with schemas",
    "cloudevents, struct, json"
  })
  void theSizeOfWhatIsTakenApartIsTheProducers(String format, String payload, String value)
      throws IOException {
    for (int fields : new int[] {1, 40, 300}) {
      StringBuilder text = new StringBuilder("{\"text\":\"" + "\\u0001\\\"é😀".repeat(200) + "\"");
      for (int i = 0; i < fields; i++) {
        text.append(",\"")
            .append(i % 2 == 0 ? "\\u0001\\\"" : "")
            .append("n")
            .append(i)
            .append("\":");
        text.append(
            new String[] {"1e6", "[{\"a\":1},{\"a\":\"x\"}]", "18446744073709551615", "{\"b\":[]}"}
                [i % 4]);
      }
      Event event = Events.event(fields, text + "}");
      List<String> settings = new ArrayList<>(List.of("value.format", format));
      settings.addAll(List.of("payload.format", payload));
      settings.addAll(converter("value.converter", value));
      settings.addAll(converter("key.converter", "string"));
      int size = produced(settings, event);
      assertReckoned(
          settings, event, size, 1000 + size / 3, fields + " fields, " + size + " bytes and ");
    }
  }

  /**
   * Few bytes that become many: what structures add is reckoned before anything is made of them.
   */
  @ParameterizedTest
  @ValueSource(strings = {"elements", "names", "escapes"})
  void whatStructuresAddIsReckoned(String how) throws IOException {
    StringBuilder first = new StringBuilder("{");
    StringBuilder text = new StringBuilder("{\"lines\":[");
    if (how.equals("elements")) {
      first.append("\"lines\":[{\"a\":1");
      for (int i = 0; i < 300; i++) {
        first.append(",\"n").append(i).append("\":1");
      }
      first.append("}]}");
      text.append("{},".repeat(1_000)).append("{}]}");
    } else {
      // schemas of structures within others are named by the whole way to them
      String name = (how.equals("names") ? "n" : "😀").repeat(how.equals("names") ? 200 : 100);
      text = new StringBuilder();
      text.append(("{\"" + name + "\":").repeat(18)).append("{\"x\":1");
      for (int i = 0; i < 200; i++) {
        text.append(",\"").append(i).append("\":{\"a\":1}");
      }
      text.append("}".repeat(19));
      first.append("}");
    }
    List<String> settings =
        new ArrayList<>(List.of("value.format", "payload", "payload.format", "struct"));
    settings.addAll(converter("value.converter", "json with schemas"));
    settings.addAll(converter("key.converter", "string"));
    RecordMapper mapper = new RecordMapper(config(settings.toArray(String[]::new)), "main");
    SnapshotRow before = new SnapshotRow(Events.event(1, first.toString()), 0, 0);
    mapper.fromRow(before, null, true, Map.of(), Map.of());
    Event event = Events.event(2, text.toString());
    SnapshotRow row = new SnapshotRow(event, 0, 0);
    long said = mapper.around(event);
    SourceRecord record = mapper.fromRow(row, null, true, Map.of(), Map.of());
    int size =
        made(settings, "value.converter", false)
            .fromConnectData("t", record.valueSchema(), record.value())
            .length;
    assertTrue(
        size <= 6L * 2 * text.length() + said,
        size + " bytes of " + text.length() + ", said were " + said);
    assertTrue(size < 1_000_000, "one event in " + size + " bytes");
    // and no event after it pays for it
    SourceRecord next =
        mapper.fromRow(
            new SnapshotRow(Events.event(3, "{}"), 0, 0), null, true, Map.of(), Map.of());
    int small =
        made(settings, "value.converter", false)
            .fromConnectData("t", next.valueSchema(), next.value())
            .length;
    assertTrue(small < 300_000, "the least event in " + small + " bytes");
  }

  /** A schema that goes along with each record may be larger than all values of a batch. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aBatchIsBoundedWithItsSchemas(boolean schemas) {
    SourceConfig config =
        config(
            "value.format",
            "payload",
            "payload.format",
            "struct",
            "batch.max.bytes",
            "200000",
            "value.converter",
            JsonConverter.class.getName(),
            "value.converter.schemas.enable",
            Boolean.toString(schemas));
    BatchBuilder batch = new BatchBuilder(config, SourcePosition.START);
    StringBuilder wide = new StringBuilder("{\"a\":1");
    for (int i = 0; i < 400; i++) {
      wide.append(",\"n").append(i).append("\":1");
    }
    batch.add(new SnapshotRow(Events.event(1, wide + "}"), 0, 0), "t", true);
    int records = 1;
    while (!batch.isFull(config.batches())) {
      batch.add(new SnapshotRow(Events.event(++records, "{\"a\":1}"), 0, 0), "t", true);
    }
    assertTrue(schemas ? records < 10 : records > 500, records + " records");
  }

  /** To look how large a record would be is no event: nothing is learned of it or counted. */
  @ParameterizedTest
  @ValueSource(ints = {2_300, 100_000})
  void aRefusedEventTeachesNothing(int most) {
    BatchBuilder batch =
        new BatchBuilder(
            config(
                "value.format",
                "payload",
                "payload.format",
                "struct",
                "record.refused.policy",
                "skip",
                "record.max.bytes",
                Integer.toString(most),
                "key.converter",
                StringConverter.class.getName(),
                "value.converter",
                JsonConverter.class.getName()),
            SourcePosition.START);
    String payload = "{\"a\":{\"b\":1},\"c\":\"" + "\\n".repeat(1_000) + "\",\"d\":[]}";
    boolean refused = most < 10_000;
    assertEquals(
        refused ? BatchBuilder.Refused.SKIPPED : null,
        batch.add(new SnapshotRow(Events.event(1, payload), 0, 0), "t", true));
    batch.close(1, false);
    assertEquals(refused ? 0 : 1, batch.shapes().changes());
    assertEquals(refused ? 0 : 1, batch.shapes().unshaped());
    assertEquals(refused ? -1 : 0, Math.min(0, batch.shapes().changedPart()));
  }

  /** Attributes of CloudEvents may be longer than the texts that they are of. */
  @ParameterizedTest
  @ValueSource(strings = {"binary", "structured"})
  void theSizeOfCloudEventsIsTheProducers(String mode) throws IOException {
    String odd = "\ufffe".repeat(3_000);
    for (String metadata :
        List.of(
            "\"x\"", "\"" + "\\\"".repeat(9_000) + "\"", "\"" + "\u0085".repeat(9_000) + "\"")) {
      for (String name : List.of("n", odd)) {
        Event base = Events.event(1, "1", name, name).withTenant(name);
        Event event = Events.with(base, base.timestamp(), JsonText.of(metadata));
        List<String> settings =
            new ArrayList<>(List.of("value.format", "cloudevents", "cloudevents.mode", mode));
        int size = produced(settings, event);
        assertReckoned(settings, event, size, 700 + size / 50, mode + " of " + size + " and ");
      }
    }
  }

  private static List<String> converter(String setting, String name) {
    return switch (name) {
      case "string" -> List.of(setting, StringConverter.class.getName());
      case "json" ->
          List.of(setting, JsonConverter.class.getName(), setting + ".schemas.enable", "false");
      case "json with schemas" -> List.of(setting, JsonConverter.class.getName());
      case "bytes" -> List.of(setting, ByteArrayConverter.class.getName());
      case "short" -> List.of(setting, "Json");
      default -> List.of();
    };
  }

  private static Converter made(List<String> settings, String setting, boolean key) {
    int at = settings.indexOf(setting);
    boolean json = at >= 0 && settings.get(at + 1).contains("Json");
    boolean bytes = at >= 0 && settings.get(at + 1).contains("ByteArray");
    Converter made =
        json ? new JsonConverter() : bytes ? new ByteArrayConverter() : new StringConverter();
    boolean schemas = !settings.contains(setting + ".schemas.enable");
    made.configure(
        Map.of("schemas.enable", Boolean.toString(schemas), "converter.type", "value"), key);
    return made;
  }

  /** What the producer says of the record's size. */
  private static int produced(List<String> settings, Event event) throws IOException {
    SourceRecord record =
        new RecordMapper(config(settings.toArray(String[]::new)), "main")
            .fromRow(new SnapshotRow(event, 0, 0), null, true, Map.of(), Map.of());
    byte[] key =
        made(settings, "key.converter", true)
            .fromConnectData("t", record.keySchema(), record.key());
    byte[] value =
        made(settings, "value.converter", false)
            .fromConnectData("t", record.valueSchema(), record.value());
    // the producer's upper bound: the batch's own bytes, the record's, then the parts with lengths
    int size = 61 + 21 + with(key.length) + with(value.length);
    size += ByteUtils.sizeOfVarint(record.headers().size());
    try (SimpleHeaderConverter plain = new SimpleHeaderConverter();
        JsonConverter json = new JsonConverter()) {
      boolean schemas = !settings.contains("header.converter.schemas.enable");
      json.configure(
          Map.of("schemas.enable", Boolean.toString(schemas), "converter.type", "header"));
      HeaderConverter names = settings.contains("header.converter") ? json : plain;
      for (Header header : record.headers()) {
        size += with(header.key().length());
        size +=
            with(
                names.fromConnectHeader("t", header.key(), header.schema(), header.value()).length);
      }
    }
    return size;
  }

  private static int with(int length) {
    return ByteUtils.sizeOfVarint(length) + length;
  }

  /** A line that can't be read may be longer than Kafka takes. */
  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void aDeadLetterThatKafkaWouldRefuseIsANote(boolean text) {
    BatchBuilder batch =
        new BatchBuilder(
            config("corrupt.entry.policy", "dlq", "dlq.topic", "dead", "record.max.bytes", "5000"),
            SourcePosition.START);
    ProtocolException why =
        new ProtocolException(ProtocolException.Kind.MALFORMED, "line 7 is no JSON", 7, 0);
    for (int bytes : new int[] {3_000, 4_900, 4_990, 5_001, 1_500_000}) {
      byte[] line = new byte[bytes];
      Arrays.fill(line, (byte) (text ? 'x' : 0xFF));
      batch.addDeadLetter(line, why);
    }
    List<SourceRecord> records = batch.close(5, false).records();
    assertEquals(5, records.size());
    assertEquals(text ? 3_000 : 4_000, letter(records.get(0)).length());
    for (SourceRecord record : records) {
      String error = record.headers().lastWithName("allsource.error").value().toString();
      assertTrue(error.contains("line 7 is no JSON"), error);
      assertTrue(letter(record).length() < 4_950);
    }
    String last = records.get(4).headers().lastWithName("allsource.error").value().toString();
    assertTrue(last.contains("1500000") && last.contains("record.max.bytes"), last);
    assertEquals("", letter(records.get(4)));
  }

  /** The text of a dead letter, which is a structure where events are. */
  private static String letter(SourceRecord record) {
    String json = ((Struct) record.value()).getString("payload");
    return json.substring(1, json.length() - 1);
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
                "record.refused.policy",
                policy,
                "dlq.topic",
                "dead",
                "record.max.bytes",
                "5000",
                "key.converter",
                StringConverter.class.getName(),
                "value.converter",
                JsonConverter.class.getName()),
            SourcePosition.START);
    assertNull(batch.add(new SnapshotRow(of(100), 0, 0), "t", true));
    assertEquals(
        policy.equals("skip") ? BatchBuilder.Refused.SKIPPED : BatchBuilder.Refused.NOTED,
        batch.add(new SnapshotRow(of(9_000), 0, 0), "t", true));
    Batch closed = batch.close(2, false);
    assertEquals(2, closed.lastEmission());
    assertEquals("allsource.events", closed.records().get(0).topic());
    assertEquals(policy.equals("skip") ? 1 : 2, closed.records().size());
    if (policy.equals("dlq")) {
      SourceRecord note = closed.records().get(1);
      assertEquals("dead", note.topic());
      assertEquals(of(9_000).id(), note.headers().lastWithName("allsource.event_id").value());
      assertEquals("payload", note.headers().lastWithName("allsource.error_field").value());
      assertFalse(note.toString().contains("xxx"), "no payload");
      assertTrue(letter(note).getBytes(StandardCharsets.UTF_8).length < 200);
    }
    // one that is refused alone: a batch of no records, so that its position is not waited for
    batch.add(new SnapshotRow(of(9_000), 0, 0), "t", true);
    Batch alone = batch.close(3, false);
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
