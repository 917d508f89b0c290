package io.github.allsourceconnect.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Captures;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.mapping.EntryMapper;
import io.github.allsourceconnect.sink.mapping.RecordEntryMapper;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.record.RecordMapper;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.apache.kafka.connect.storage.StringConverter;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What the source makes of a leader's entry, the sink makes the same entry of again. */
class RoundTripTest {
  private static final EntryMapper MAPPER =
      new RecordEntryMapper(
          new SinkConfig(Map.of("topics", "t", "log.bootstrap.servers", "k:9092")).mapping());

  private static RecordMapper source(String format) {
    return source(format, "all");
  }

  private static RecordMapper source(String format, String headers, String... more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("name", "n");
    settings.put("leader.addresses", "l:3910");
    settings.put("value.format", format);
    settings.put("record.headers", headers);
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return new RecordMapper(new SourceConfig(settings), "n");
  }

  /** Where the value says it all, nothing needs the headers. */
  @ParameterizedTest
  @ValueSource(strings = {"event", "event_json", "wal_entry"})
  void entriesComeBackWithoutHeaders(String format) {
    RecordMapper source = source(format, "none");
    for (WalEntry entry : entries()) {
      SourceRecord sent = source.fromEntry(entry, Map.of(), Map.of());
      assertTrue(sent.headers().isEmpty());
      WalEntry back = MAPPER.map(through(sent, converter(format), new StringConverter()));
      assertSame(entry.event(), back.event(), "default", format + ", entry " + entry.sequence());
    }
  }

  /** What the sink's page says is needed is enough. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "payload|event_id,event_type,tenant_id,timestamp,version,metadata,wal_timestamp",
        "cloudevents|none"
      })
  void entriesComeBackWithTheHeadersThatAreNeeded(String format, String headers) {
    RecordMapper source = source(format, headers);
    for (WalEntry entry : entries()) {
      SourceRecord sent = source.fromEntry(entry, Map.of(), Map.of());
      WalEntry back = MAPPER.map(through(sent, converter(format), new StringConverter()));
      assertSame(entry.event(), back.event(), "default", format + ", entry " + entry.sequence());
      assertEquals(entry.walTimestamp(), back.walTimestamp());
    }
    RecordMapper least = source("payload", "event_type,entity_id", "record.key", "${leader}");
    for (WalEntry entry : entries()) {
      SourceRecord sent = least.fromEntry(entry, Map.of(), Map.of());
      Event back = MAPPER.map(through(sent, converter(format), new StringConverter())).event();
      assertEquals(entry.event().eventType(), back.eventType());
      assertEquals(entry.event().entityId(), back.entityId());
      assertEquals(entry.event().payload(), back.payload());
    }
  }

  /** The entity's id is beside a key that is another one. */
  @ParameterizedTest
  @ValueSource(strings = {"event", "event_json", "wal_entry", "payload", "cloudevents"})
  void entriesComeBackUnderAnotherKey(String format) {
    RecordMapper source = source(format, "all", "record.key", "${tenant_id} ${payload:/n|x}");
    for (WalEntry entry : entries()) {
      SourceRecord sent = source.fromEntry(entry, Map.of(), Map.of());
      assertNotEquals(entry.event().entityId(), sent.key());
      WalEntry back = MAPPER.map(through(sent, converter(format), new StringConverter()));
      assertEquals(entry.event().entityId(), back.event().entityId(), format);
    }
  }

  private static List<WalEntry> entries() {
    Stream<WalEntry> captured =
        Stream.of("live-from-empty", "0.27.0-live-concurrent-writers")
            .flatMap(name -> Captures.messages(name).stream())
            .filter(LeaderMessage.Entry.class::isInstance)
            .map(message -> ((LeaderMessage.Entry) message).data());
    Stream<WalEntry> odd =
        Stream.of(
                "1", "true", "null", "2020-01-01", "[x]", "{a:1}", "\"q\"", "", "a,b", "é\u2028😀")
            .map(RoundTripTest::odd);
    return Stream.concat(captured, odd).toList();
  }

  /** Names that Connect's own header converter takes for something else. */
  private static WalEntry odd(String text) {
    Event event = Events.event(4, "\"{}\"", text, text);
    String time = "2026-01-02T03:04:05.000000001Z";
    return Events.entry(7, time, event);
  }

  /** As a worker writes it, and as another reads it. */
  static SinkRecord through(SourceRecord sent, Converter value, HeaderConverter read) {
    SimpleHeaderConverter written = new SimpleHeaderConverter();
    ConnectHeaders headers = new ConnectHeaders();
    for (Header header : sent.headers()) {
      byte[] bytes = written.fromConnectHeader("t", header.key(), header.schema(), header.value());
      headers.add(header.key(), read.toConnectHeader("t", header.key(), bytes));
    }
    SchemaAndValue arrived =
        value.toConnectData("t", value.fromConnectData("t", sent.valueSchema(), sent.value()));
    return new SinkRecord(
        "t",
        0,
        sent.keySchema(),
        sent.key(),
        arrived.schema(),
        arrived.value(),
        99,
        sent.timestamp(),
        TimestampType.CREATE_TIME,
        headers);
  }

  private static Converter converter(String format) {
    boolean struct = format.equals("event");
    Converter converter = struct ? new JsonConverter() : new StringConverter();
    converter.configure(struct ? Map.of("schemas.enable", "false") : Map.of(), false);
    return converter;
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "event_json", "wal_entry", "payload", "cloudevents"})
  void entriesComeBack(String format) {
    RecordMapper source = source(format);
    List<WalEntry> entries = entries();
    assertTrue(entries.size() > 800);
    for (WalEntry entry : entries) {
      SourceRecord sent = source.fromEntry(entry, Map.of(), Map.of());
      SinkRecord record = through(sent, converter(format), new StringConverter());
      WalEntry back = MAPPER.map(record);
      assertSame(entry.event(), back.event(), "default", format + ", entry " + entry.sequence());
      assertEquals(100, back.sequence());
      assertTrue(WalChecksum.matches(back));
      if (format.equals("event") || format.equals("wal_entry")) {
        assertEquals(entry.walTimestamp(), back.walTimestamp());
      }
    }
  }

  /** Connect's default for headers: whatever it makes of captured ones, they still are events. */
  @ParameterizedTest
  @ValueSource(strings = {"event", "event_json", "wal_entry", "payload", "cloudevents"})
  void parsedHeadersDoNoHarm(String format) {
    RecordMapper source = source(format);
    Captures.messages("live-from-empty").stream()
        .filter(LeaderMessage.Entry.class::isInstance)
        .map(message -> ((LeaderMessage.Entry) message).data())
        .forEach(
            entry -> {
              SourceRecord sent = source.fromEntry(entry, Map.of(), Map.of());
              WalEntry back =
                  MAPPER.map(through(sent, converter(format), new SimpleHeaderConverter()));
              assertEquals(entry.event().id(), back.event().id());
              assertEquals(entry.event().payload(), back.event().payload());
            });
  }

  @ParameterizedTest
  @ValueSource(strings = {"event", "event_json", "wal_entry", "payload", "cloudevents"})
  void rowsComeBack(String format) {
    for (String tenant : new String[] {"acme", null}) {
      Event row = Events.event(8, "{\"n\":18446744073709551615}").withTenant(tenant);
      SourceRecord sent =
          source(format).fromRow(new SnapshotRow(row, 0, 0), tenant, true, Map.of(), Map.of());
      WalEntry back = MAPPER.map(through(sent, converter(format), new StringConverter()));
      assertSame(row, back.event(), null, format + ", tenant " + tenant);
    }
  }

  private static void assertSame(Event sent, Event back, String absentTenant, String where) {
    assertEquals(sent.id(), back.id(), where);
    assertEquals(sent.eventType(), back.eventType(), where);
    assertEquals(sent.entityId(), back.entityId(), where);
    assertEquals(sent.tenantId() == null ? absentTenant : sent.tenantId(), back.tenantId(), where);
    assertEquals(sent.payload().toString(), back.payload().toString(), where);
    assertEquals(sent.timestamp(), back.timestamp(), where);
    assertEquals(String.valueOf(sent.metadata()), String.valueOf(back.metadata()), where);
    assertEquals(sent.version(), back.version(), where);
  }
}
