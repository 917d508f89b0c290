package io.github.allsourceconnect.fuzz;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.mapping.EntryMapper;
import io.github.allsourceconnect.sink.mapping.RecordEntryMapper;
import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.json.JsonConverter;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Records of anybody to entries: each is an entry whose line a follower can read and whose checksum
 * holds, the same each time, or it is refused as no event.
 *
 * <p>An input is written as a letter is: a line with what the value is ({@code text}, {@code
 * bytes}, {@code map}, {@code schema}) and how it is mapped ({@code auto}, {@code fields}); lines
 * of headers and of the key; an empty line; the value.
 */
class RecordMappingFuzzTest {
  private static final String EVENT =
      "{\"id\":\"0f8fad5b-d9cb-469f-a165-70867728950e\",\"event_type\":\"order.placed\","
          + "\"entity_id\":\"order-7\",\"tenant_id\":\"default\",\"payload\":{\"a\":[1,2]},"
          + "\"timestamp\":\"2026-11-01T00:00:07.12Z\",\"metadata\":null,\"version\":1}";

  private final MessageCodec codec = new MessageCodec();
  private final EntryMapper auto = mapper("auto");
  private final EntryMapper fields = mapper("fields");
  private final JsonConverter plain = converter(false);
  private final JsonConverter withSchema = converter(true);

  private static EntryMapper mapper(String mode) {
    Map<String, String> settings =
        new HashMap<>(Map.of("topics", "t", "log.bootstrap.servers", "kafka:9092"));
    settings.put("event.mapping", mode);
    settings.put("event.type", "made");
    settings.put("entity.id.field", "entity.id");
    settings.put("tenant.id.header", "tenant");
    settings.put("event.timestamp.field", "time");
    settings.put("event.version.field", "version");
    settings.put("event.metadata.field", "meta");
    return new RecordEntryMapper(new SinkConfig(settings).mapping());
  }

  private static JsonConverter converter(boolean schemas) {
    JsonConverter converter = new JsonConverter();
    converter.configure(Map.of("schemas.enable", Boolean.toString(schemas)), false);
    return converter;
  }

  static List<byte[]> seeds() {
    return List.of(
            "text auto\n\n" + EVENT,
            "bytes auto\n\n{\"sequence\":7,\"wal_timestamp\":\"2026-11-01T00:00:07.12Z\",\"event\":"
                + EVENT
                + ",\"checksum\":4294967295}",
            "map auto\n\n" + EVENT,
            "schema auto\n\n{\"schema\":{\"type\":\"struct\",\"fields\":[{\"field\":\"event_type\","
                + "\"type\":\"string\"},{\"field\":\"entity_id\",\"type\":\"string\"},{\"field\":"
                + "\"payload\",\"type\":\"string\"}]},\"payload\":{\"event_type\":\"a\","
                + "\"entity_id\":\"b\",\"payload\":\"{}\"}}",
            "text auto\nallsource.event_type:a.b\nallsource.event_id:no\nkey:e-1\n\n[1,2]",
            "bytes auto\nce_type:a.b\nce_id:1\nce_source:s\nce_specversion:1.0\n"
                + "ce_time:2026-11-01T00:00:07Z\nce_subject:e\n\n\"x\"",
            "bytes auto\ncontent-type:application/cloudevents+json; charset=UTF-16\n\n{}",
            "text auto\ncontent-type:application/cloudevents+json\n\n{\"specversion\":\"1.0\","
                + "\"id\":\"1\",\"source\":\"s\",\"type\":\"t\",\"subject\":\"e\","
                + "\"data_base64\":\"AQID\",\"datacontenttype\":\"text/plain\"}",
            "map fields\ntenant:t\n\n{\"entity\":{\"id\":5},\"time\":1767323045120,\"version\":2,"
                + "\"meta\":{\"a\":1}}",
            "text fields\nkey:k\n\nno json")
        .stream()
        .map(text -> text.getBytes(UTF_8))
        .toList();
  }

  @MethodSource("seeds")
  @FuzzTest
  void records(byte[] input) throws IOException {
    SinkRecord record = record(input);
    if (record == null) {
      return;
    }
    EntryMapper mapper = first(input).contains("fields") ? fields : auto;
    WalEntry entry;
    try {
      entry = mapper.map(record);
    } catch (DataException e) {
      assertTrue(
          e.getMessage().startsWith("The record at t-2@41 is not an event: "), e.getMessage());
      assertFalse(e.getMessage().chars().anyMatch(Character::isISOControl), "not printable: " + e);
      return;
    }
    if (entry == null) {
      return;
    }
    byte[] line = codec.encode(new LeaderMessage.Entry(entry.sequence(), entry));
    Lines.checkOneLine(line);
    LeaderMessage read = codec.decodeLeader(line, 0, line.length - 1, 1);
    WalChecksum.verify(((LeaderMessage.Entry) read).data(), 1);
    assertEquals(42, Lines.json(line, 0, line.length - 1).get("offset").longValue());
    assertArrayEquals(
        line, codec.encode(new LeaderMessage.Entry(entry.sequence(), mapper.map(record))));
  }

  @Test
  void damaged() {
    Damage.run("record mapping", seeds(), this::records);
  }

  private static String first(byte[] input) {
    int end = 0;
    while (end < input.length && input[end] != '\n') {
      end++;
    }
    return new String(input, 0, end, UTF_8);
  }

  /** Null if Connect's own converter refuses it. */
  private SinkRecord record(byte[] input) {
    String first = first(input);
    int at = Math.min(input.length, first.getBytes(UTF_8).length + 1);
    ConnectHeaders headers = new ConnectHeaders();
    Object key = null;
    while (at < input.length) {
      int end = at;
      while (end < input.length && input[end] != '\n') {
        end++;
      }
      String line = new String(input, at, end - at, UTF_8);
      at = Math.min(input.length, end + 1);
      if (line.isEmpty()) {
        break;
      }
      int colon = line.indexOf(':');
      String name = colon < 0 ? line : line.substring(0, colon);
      String value = colon < 0 ? null : line.substring(colon + 1);
      if (name.equals("key")) {
        key = value;
      } else {
        headers.addString(name, value);
      }
    }
    byte[] value = Arrays.copyOfRange(input, at, input.length);
    SchemaAndValue made;
    try {
      made =
          first.startsWith("map")
              ? plain.toConnectData("t", value)
              : first.startsWith("schema")
                  ? withSchema.toConnectData("t", value)
                  : first.startsWith("bytes")
                      ? new SchemaAndValue(Schema.BYTES_SCHEMA, value)
                      : new SchemaAndValue(Schema.STRING_SCHEMA, new String(value, UTF_8));
    } catch (RuntimeException e) {
      // what Connect's converter does not take never comes to the mapping
      return null;
    }
    return new SinkRecord(
        "t",
        2,
        null,
        key,
        made.schema(),
        made.value(),
        41,
        1_767_323_045_120L,
        TimestampType.CREATE_TIME,
        headers);
  }
}
