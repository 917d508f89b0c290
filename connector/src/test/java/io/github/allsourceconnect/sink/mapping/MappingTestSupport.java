package io.github.allsourceconnect.sink.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalEntry;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Headers;
import org.apache.kafka.connect.sink.SinkRecord;

/** Records and mappers for the tests of this package. */
final class MappingTestSupport {
  static final long TIME = 1_767_323_045_120L;
  static final String TIME_TEXT = "2026-01-02T03:04:05.120Z";

  private MappingTestSupport() {}

  static EntryMapper mapper(String... settings) {
    Map<String, String> properties =
        new HashMap<>(Map.of("topics", "t", "log.bootstrap.servers", "kafka:9092"));
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    return new RecordEntryMapper(new SinkConfig(properties).mapping());
  }

  static SinkRecord record(Schema schema, Object value, String... headers) {
    return record("key", schema, value, headers);
  }

  static SinkRecord record(Object key, Schema schema, Object value, String... headers) {
    Headers all = new ConnectHeaders();
    for (int i = 0; i < headers.length; i += 2) {
      all.addString(headers[i], headers[i + 1]);
    }
    return new SinkRecord(
        "t", 2, null, key, schema, value, 41, TIME, TimestampType.CREATE_TIME, all);
  }

  static SinkRecord text(String value, String... headers) {
    return record(Schema.STRING_SCHEMA, value, headers);
  }

  static SinkRecord bytes(String value, String... headers) {
    return record(Schema.BYTES_SCHEMA, value.getBytes(UTF_8), headers);
  }

  static String line(WalEntry entry) {
    return new String(
        new MessageCodec().encode(new LeaderMessage.Entry(entry.sequence(), entry)), UTF_8);
  }
}
