package io.github.allsourceconnect.formats;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.LineWriter;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.mapping.RecordEntryMapper;
import io.github.allsourceconnect.sink.topic.Converters;
import io.github.allsourceconnect.sink.topic.RecordPipeline;
import io.github.allsourceconnect.source.record.RecordMapper;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.HeaderConverter;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.apache.kafka.connect.storage.StringConverter;

/** From the source's mapper to bytes in a topic, and from bytes to what followers get. */
final class Wire {
  static final String TOPIC = "t";
  static final long OFFSET = 41;

  private Wire() {}

  static Map<String, String> settings(Map<String, String> base, String... more) {
    Map<String, String> settings = new HashMap<>(base);
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return settings;
  }

  /** Its entry. */
  static WalEntry entry(Event event) {
    return Events.entry(7, "2026-01-02T03:04:05.000000001Z", event);
  }

  /** All that an event has came back, metadata null as none. */
  static void assertSame(Event sent, Event back) {
    assertEquals(sent.id(), back.id());
    assertEquals(sent.eventType(), back.eventType());
    assertEquals(sent.entityId(), back.entityId());
    assertEquals(sent.tenantId(), back.tenantId());
    assertEquals(sent.payload().toString(), back.payload().toString());
    assertEquals(sent.timestamp(), back.timestamp());
    assertEquals(sent.version(), back.version());
    assertEquals(
        sent.metadata().isNull() ? "null" : sent.metadata().toString(),
        String.valueOf(back.metadata()));
  }

  /** The source's mapper, of a leader called main. */
  static RecordMapper source(String... settings) {
    return new RecordMapper(
        new SourceConfig(
            settings(
                Map.of("name", "main", "leader.addresses", "l:3910", "topic", TOPIC), settings)),
        "main");
  }

  /** As a worker with Connect's default converter of headers writes it, texts as they are. */
  static ConsumerRecord<byte[], byte[]> written(SourceRecord record) {
    StringConverter texts = new StringConverter();
    texts.configure(Map.of(), false);
    return written(record, texts, texts, new SimpleHeaderConverter());
  }

  /** As a worker writes it. */
  static ConsumerRecord<byte[], byte[]> written(
      SourceRecord record, Converter key, Converter value, HeaderConverter header) {
    RecordHeaders headers = new RecordHeaders();
    for (Header each : record.headers()) {
      headers.add(
          each.key(), header.fromConnectHeader(TOPIC, each.key(), each.schema(), each.value()));
    }
    return record(
        key.fromConnectData(TOPIC, headers, record.keySchema(), record.key()),
        value.fromConnectData(TOPIC, headers, record.valueSchema(), record.value()),
        headers,
        record.timestamp());
  }

  /** A record of any producer; pairs of texts are its headers. */
  static ConsumerRecord<byte[], byte[]> record(String key, String value, String... headers) {
    RecordHeaders all = new RecordHeaders();
    for (int i = 0; i < headers.length; i += 2) {
      all.add(headers[i], headers[i + 1].getBytes(UTF_8));
    }
    return record(bytes(key), bytes(value), all, 1_767_323_045_120L);
  }

  static ConsumerRecord<byte[], byte[]> record(
      byte[] key, byte[] value, Headers headers, Long timestamp) {
    return new ConsumerRecord<>(
        TOPIC,
        0,
        OFFSET,
        timestamp == null ? -1 : timestamp,
        timestamp == null ? TimestampType.NO_TIMESTAMP_TYPE : TimestampType.CREATE_TIME,
        key == null ? -1 : key.length,
        value == null ? -1 : value.length,
        key,
        value,
        headers,
        Optional.empty());
  }

  private static byte[] bytes(String text) {
    return text == null ? null : text.getBytes(UTF_8);
  }

  /** What the sink's own readers make of a record; without settings, of texts. */
  static WalEntry read(ConsumerRecord<byte[], byte[]> record, String... settings) {
    return pipeline(settings).entry(record);
  }

  /** The line that followers get. */
  static String line(ConsumerRecord<byte[], byte[]> record, Map<String, String> settings) {
    RecordPipeline pipeline = pipeline(settings);
    LineWriter line = new LineWriter(0);
    pipeline.line(pipeline.entry(record), line);
    return new String(line.array(), 0, line.length(), UTF_8);
  }

  private static RecordPipeline pipeline(String... settings) {
    return pipeline(settings(Map.of("value.converter", StringConverter.class.getName()), settings));
  }

  static RecordPipeline pipeline(Map<String, String> settings) {
    SinkConfig config =
        new SinkConfig(
            settings(
                settings,
                "topics",
                TOPIC,
                "log.bootstrap.servers",
                "k:9092",
                "key.converter",
                settings.getOrDefault("key.converter", StringConverter.class.getName())));
    return new RecordPipeline(
        new Converters(Converters.Choice.of(config.log())),
        new RecordEntryMapper(config.mapping()),
        new MessageCodec(),
        false);
  }
}
