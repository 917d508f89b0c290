package io.github.allsourceconnect.tool.audit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.LogSettings.ConverterSettings;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.EventIds;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.Timestamps;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.topic.Converters;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.record.EventRecords;
import io.github.allsourceconnect.tool.audit.decision.Bearings;
import io.github.allsourceconnect.tool.audit.decision.Fingerprint;
import io.github.allsourceconnect.tool.audit.decision.JoinJudge;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Whatever form the connector gives an event, behind whatever converters, the audit finds it in the
 * topic as the store's row has it; and a repair writes it byte for byte as the worker would have.
 */
class WrittenFormsTest {
  private static final String STRING = "org.apache.kafka.connect.storage.StringConverter";
  private static final String BYTES = "org.apache.kafka.connect.converters.ByteArrayConverter";
  private static final String JSON = "org.apache.kafka.connect.json.JsonConverter";

  private static final List<String> PAYLOADS =
      List.of(
          "{\"n\":1}",
          "{\"big\":18446744073709551615,\"far\":1e308,\"low\":-9223372036854775808}",
          "{\"s\":\"a\\u0000b\u2028\u00e9\\ud83d\\ude00\",\"t\":true,\"none\":null}",
          "\"a text\"",
          "\"{\\\"looks\\\":\\\"like JSON\\\"}\"",
          "42",
          "null",
          "[1,2.50,{\"a\":[null]}]",
          "{}",
          "{\"schema\":{\"type\":\"string\"},\"payload\":\"x\"}",
          "{\"event_type\":\"x\",\"entity_id\":\"y\",\"payload\":1}",
          "[".repeat(25) + "]".repeat(25));
  private static final String[] METADATA = {null, "{\"by\":\"test\",\"n\":1.0}", "\"text\"", "7"};
  private static final String[] ENTITIES = {"order-1", "\u00fc/\u2026", "42", "a b", "null"};

  /** The settings of a form, and the worker's converters for it. */
  static Stream<Arguments> forms() {
    List<Arguments> forms = new ArrayList<>();
    for (String header : new String[] {null, STRING, JSON + "+", JSON}) {
      for (String key : List.of(STRING, JSON + "+", JSON)) {
        for (String value : List.of(JSON + "+", JSON)) {
          add(forms, Map.of("value.format", "event"), key, value, header);
          add(forms, Map.of("value.format", "event", "payload.format", "map"), key, value, header);
          add(
              forms,
              Map.of("value.format", "event", "payload.format", "struct"),
              key,
              value,
              header);
          add(
              forms,
              Map.of("value.format", "payload", "payload.format", "struct"),
              key,
              value,
              header);
        }
        for (String value : List.of(STRING, BYTES)) {
          for (String format : List.of("event_json", "wal_entry", "payload")) {
            add(forms, Map.of("value.format", format), key, value, header);
          }
          if (header == null || header.equals(STRING)) {
            for (String mode : List.of("binary", "structured")) {
              add(
                  forms,
                  Map.of("value.format", "cloudevents", "cloudevents.mode", mode),
                  key,
                  value,
                  header);
            }
          }
        }
      }
    }
    add(forms, Map.of("value.format", "event", "record.headers", "none"), STRING, JSON, null);
    add(
        forms,
        Map.of("value.format", "event_json", "record.headers", "none"),
        STRING,
        STRING,
        null);
    add(
        forms,
        Map.of(
            "value.format", "payload",
            "record.headers", "event_id,event_type,entity_id",
            "record.key", "${tenant_id}/${entity_id}"),
        STRING,
        STRING,
        null);
    add(
        forms,
        Map.of("value.format", "payload", "record.headers", "event_id,event_type"),
        STRING,
        STRING,
        null);
    return forms.stream();
  }

  private static void add(
      List<Arguments> forms, Map<String, String> form, String key, String value, String header) {
    Map<String, String> worker = new HashMap<>();
    converter(worker, "key.converter", key);
    converter(worker, "value.converter", value);
    converter(worker, "header.converter", header);
    forms.add(Arguments.of(form, worker, true));
    if (!value.equals(BYTES)) {
      // the connector would not know that it is to give it bytes
      forms.add(Arguments.of(form, worker, false));
    }
  }

  /** JsonConverter with a plus has schemas. */
  private static void converter(Map<String, String> worker, String key, String name) {
    if (name != null) {
      worker.put(key, name.replace("+", ""));
      worker.put(key + ".schemas.enable", Boolean.toString(name.endsWith("+")));
    }
  }

  private static ConverterSettings settings(Map<String, String> worker, String key) {
    return new ConverterSettings(
        worker.get(key),
        worker.containsKey(key)
            ? Map.of("schemas.enable", worker.get(key + ".schemas.enable"))
            : Map.of());
  }

  private static SourceConfig config(Map<String, String> settings) {
    Map<String, String> all = new HashMap<>(settings);
    all.put("leader.addresses", "localhost:1");
    return new SourceConfig(all);
  }

  private static WalEntry entry(int number) {
    String id = String.format("00000000-0000-4000-8000-%012d", number);
    String time = "2026-11-26T12:00:00.123456789Z";
    String metadata = METADATA[number % METADATA.length];
    Event event =
        new Event(
            id,
            EventIds.high(id),
            EventIds.low(id),
            number % 3 == 0 ? "order.placed" : "Order Paid/\u00e9",
            ENTITIES[number % ENTITIES.length],
            number % 2 == 0 ? "acme" : null,
            JsonText.of(PAYLOADS.get(number % PAYLOADS.size())),
            time,
            Timestamps.micros(time),
            metadata == null ? null : JsonText.of(metadata),
            number + 1);
    return new WalEntry(
        number + 1, time, event, WalChecksum.compute(number + 1, time, id), null, null);
  }

  /** As the store's file has it: without a tenant, in microseconds. */
  private static SnapshotRow row(WalEntry entry) {
    Event event = entry.event();
    return new SnapshotRow(
        Events.with(event.withTenant(null), Timestamps.ofMicros(event.micros()), event.metadata()),
        0,
        0,
        entry.sequence());
  }

  private static ConsumerRecord<byte[], byte[]> consumed(
      ProducerRecord<byte[], byte[]> record, long offset) {
    return new ConsumerRecord<>(
        record.topic(),
        0,
        offset,
        record.timestamp(),
        TimestampType.CREATE_TIME,
        0,
        0,
        record.key(),
        record.value(),
        new RecordHeaders(record.headers().toArray()),
        Optional.empty());
  }

  private static SourceRecord produced(EventRecords.Fate fate) {
    return ((EventRecords.Produced) fate).record();
  }

  @ParameterizedTest
  @MethodSource("forms")
  void anEventIsFoundAsItIsAndRepairedAsItWouldHaveBeen(
      Map<String, String> form, Map<String, String> worker, boolean named) throws Exception {
    Map<String, String> settings = new HashMap<>(form);
    if (named) {
      settings.putAll(worker);
    }
    SourceConfig config = config(settings);
    RecordConversion asWorker =
        new RecordConversion(
            new Converters.Choice(
                settings(worker, "key.converter"),
                settings(worker, "value.converter"),
                settings(worker, "header.converter")));
    EventRecords records = new EventRecords(config, System::currentTimeMillis);
    Target target = target(settings);
    RecordReader reader = RecordReader.ofSource(settings, target.writesStructures());
    Prints prints = new Prints(new Names(), target.digest());
    List<String> found = new ArrayList<>();
    JoinJudge judge =
        new JoinJudge(
            new JoinJudge.Bounds(0, 0, Long.MAX_VALUE, Long.MAX_VALUE, new long[] {999}),
            target.told(),
            new Bearings(new int[1]),
            (kind, what, at, parts) -> found.add(kind + " " + parts + " of " + what.place()),
            inTopic -> {});
    for (int i = 0; i < 60; i++) {
      WalEntry entry = entry(i);
      boolean live = i % 2 == 0;
      SourceRecord record = produced(live ? records.of(entry) : records.of(row(entry), null, true));
      WalEntry read = reader.entry(consumed(asWorker.of(record), i));
      assertNotNull(read, () -> i(entry) + reader.firstTrouble());
      judge.event(
          prints.of(row(entry), Fingerprint.EXPECTED),
          prints.of(read, 0, i, 0, Fingerprint.EXPECTED));
    }
    assertEquals(List.of(), found);
    RecordConversion repair = new RecordConversion(reader.choice());
    for (int i = 0; i < 60; i++) {
      SourceRecord record = produced(records.of(row(entry(i)), "acme", false));
      ProducerRecord<byte[], byte[]> would = asWorker.of(record);
      ProducerRecord<byte[], byte[]> writes = repair.of(record);
      assertArrayEquals(would.key(), writes.key());
      assertArrayEquals(would.value(), writes.value());
      assertEquals(would.headers(), writes.headers());
    }
  }

  private static String i(WalEntry entry) {
    return entry.event().payload() + ": ";
  }

  private static Target target(Map<String, String> settings) throws Exception {
    List<String> args = new ArrayList<>();
    args.addAll(List.of("--leader=localhost:1", "--bootstrap=localhost:2", "--topic=t"));
    settings.forEach((key, value) -> args.add("--set=" + key + "=" + value));
    return Target.of(Options.parse(args.toArray(String[]::new)));
  }

  /** What others wrote first must not decide how the rest is read. */
  @Test
  void aForeignFirstRecordShowsNoConverters() throws Exception {
    SourceConfig config = config(Map.of("value.format", "event"));
    RecordConversion asWorker =
        new RecordConversion(
            new Converters.Choice(
                new ConverterSettings(JSON, Map.of("schemas.enable", "false")),
                new ConverterSettings(JSON, Map.of("schemas.enable", "true")),
                new ConverterSettings(JSON, Map.of("schemas.enable", "true"))));
    EventRecords records = new EventRecords(config, System::currentTimeMillis);
    RecordReader reader = RecordReader.ofSource(Map.of(), true);
    assertNull(reader.entry(new ConsumerRecord<>("t", 0, 0, null, "hello".getBytes())));
    assertNull(reader.entry(new ConsumerRecord<>("t", 0, 1, null, null)));
    ConsumerRecord<byte[], byte[]> event = consumed(asWorker.of(produced(records.of(entry(3)))), 2);
    assertNotNull(reader.entry(event), reader::firstTrouble);
    assertNull(reader.entry(new ConsumerRecord<>("t", 0, 3, null, "hello".getBytes())));
    assertNotNull(reader.entry(event));
    assertTrue(reader.firstTrouble().contains("t-0@0"), reader.firstTrouble());
  }
}
