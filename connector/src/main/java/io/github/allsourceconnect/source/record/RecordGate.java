package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.config.RefusalSettings;
import io.github.allsourceconnect.config.RefusalSettings.Written;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.record.Refusal.Reason;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Finds what Kafka would refuse before it is handed over: a failed send fails the task, or is
 * reported as done. One thread.
 *
 * <p>A record's size is reckoned as the producer does, from above: {@value #RECORD_BYTES} bytes for
 * the batch and the record, and what key, value and headers take. It is never less than what the
 * producer finds, where the converters are known: whoever writes events can make one of any size.
 * Only events that may come near the limit are mapped for it.
 */
final class RecordGate {
  /** The batch's, the record's, and three numbers of five bytes: of key, value and headers. */
  private static final int RECORD_BYTES = 61 + 21 + 15;

  private static final int HEADER_BYTES = 10;

  /** What JSON puts round a field: its name's quotes, a colon and a comma. */
  private static final int FIELD_BYTES = 4;

  /** What a schema in JSON says of a field beside its name, and of a text that is alone. */
  private static final int SCHEMA_BYTES = 64;

  /** Names of fields and headers, ids, times and numbers of an event. */
  private static final int AROUND_BYTES = 4_000;

  /** Three bytes of a character, each percent-encoded in a CloudEvent's attribute. */
  private static final int UTF8_MOST = 9;

  /** How often metadata may count: as a text inside of JSON, and as a header. */
  private static final int METADATA_MOST = 3;

  private static final int ESCAPE_MOST = 6;

  private final RecordMapper mapper;
  private final TopicNames topics;
  private final RefusalSettings settings;
  private final LongSupplier clockMs;
  private Schema lastSchema;
  private long lastSchemaBytes;

  /**
   * @param mapper makes the records
   */
  RecordGate(RecordMapper mapper, RefusalSettings settings, LongSupplier clockMs) {
    this.mapper = mapper;
    this.topics = mapper.topics();
    this.settings = settings;
    this.clockMs = clockMs;
  }

  /** Why a live entry gets no record; null if nothing is known against it. */
  Refusal refusal(WalEntry entry) {
    return refusal(
        entry.event(),
        mapper.tenantOf(entry.event()),
        entry.entryText() == null ? 0 : entry.entryText().length(),
        () -> mapper.fromEntry(entry, Map.of(), Map.of()));
  }

  /**
   * Why a snapshot's row gets no record; null if nothing is known against it.
   *
   * @param tenantOrNull its tenant if that is known exactly; null: the row's own, if it has one
   * @param firstSnapshot whether it comes with the first snapshot, not with a repair
   */
  Refusal refusal(SnapshotRow row, String tenantOrNull, boolean firstSnapshot) {
    return refusal(
        row.event(),
        mapper.tenantOf(row, tenantOrNull),
        0,
        () -> mapper.fromRow(row, tenantOrNull, firstSnapshot, Map.of(), Map.of()));
  }

  /**
   * Why the event gets no record; null if nothing is known against it.
   *
   * @param tenant its tenant, or what stands for it in a topic's name
   * @param textBytes of the entry's own text, 0 if there is none
   * @param mapped maps it; asked only where the size is near the limit
   */
  Refusal refusal(Event event, String tenant, int textBytes, Supplier<SourceRecord> mapped) {
    if (topics.of(event, tenant) == null) {
      return topics.refusal(event, tenant);
    }
    // exact enough without overflow: times end with the year 9999
    long ahead = event.micros() / 1000 - clockMs.getAsLong();
    if (ahead > settings.timeAheadMaxMs()) {
      return new Refusal(
          Reason.TIME,
          "timestamp",
          event.timestamp()
              + " is "
              + ahead
              + " ms ahead of this machine's clock, more than record.time.ahead.max.ms="
              + settings.timeAheadMaxMs());
    }
    long size = tooLarge(event, tenant, textBytes, mapped);
    return size == 0
        ? null
        : new Refusal(
            Reason.TOO_LARGE,
            "payload",
            "makes a record of "
                + size
                + " bytes or more, and record.max.bytes is "
                + settings.recordMaxBytes());
  }

  /** Its size if it is too large, otherwise 0. */
  private long tooLarge(Event event, String tenant, int textBytes, Supplier<SourceRecord> mapped) {
    long most = settings.recordMaxBytes();
    long json =
        (long) event.payload().length()
            + (event.metadata() == null ? 0 : METADATA_MOST * (long) event.metadata().length());
    long names =
        (long) UTF8_MOST
            * (mapper.keyLength(event, tenant)
                + 2L * event.entityId().length()
                + 2L * event.eventType().length()
                + (event.tenantId() == null ? 0 : 2L * event.tenantId().length()));
    long atMost =
        (isEscaped() ? ESCAPE_MOST : 1) * (Math.max(textBytes, json + names) + names + json)
            + AROUND_BYTES
            + mapper.around(event);
    if (atMost <= most) {
      return 0;
    }
    long atLeast = event.payload().length();
    if (atLeast <= most) {
      atLeast = bytes(mapper.tried(event, mapped));
    }
    return atLeast > most ? atLeast : 0;
  }

  private boolean isEscaped() {
    return settings.key().json() || settings.value().json() || settings.header().json();
  }

  /** Whether Kafka takes a record of this size. */
  boolean fits(SourceRecord record) {
    return bytes(record) <= settings.recordMaxBytes();
  }

  /** What a payload's schema adds to the record as it is written, from above; 0 if nothing. */
  long schemaBytes(SourceRecord record) {
    if (!settings.value().schema() || record.valueSchema() == null) {
      return 0;
    }
    if (record.valueSchema() != lastSchema) {
      lastSchema = record.valueSchema();
      lastSchemaBytes = schema(lastSchema, "");
    }
    return lastSchemaBytes;
  }

  private long bytes(SourceRecord record) {
    long bytes = RECORD_BYTES + text(record.key(), settings.key());
    Written written = settings.value();
    bytes += value(record.value(), written);
    if (written.schema()) {
      bytes += schema(record.valueSchema(), "");
    }
    for (Header header : record.headers()) {
      bytes += HEADER_BYTES + header.key().length() + text(header.value(), settings.header());
    }
    return bytes;
  }

  private static long text(Object value, Written written) {
    return value(value, written) + (written.schema() ? SCHEMA_BYTES : 0);
  }

  private static long value(Object value, Written written) {
    if (value == null) {
      return written.json() ? 4 : 0;
    }
    long bytes = FIELD_BYTES;
    if (value instanceof Struct struct) {
      for (Field field : struct.schema().fields()) {
        bytes += name(field.name(), written) + value(struct.get(field), written);
      }
      return bytes;
    }
    if (value instanceof Map<?, ?> map) {
      for (Map.Entry<?, ?> member : map.entrySet()) {
        bytes += name((String) member.getKey(), written) + value(member.getValue(), written);
      }
      return bytes;
    }
    if (value instanceof List<?> list) {
      for (Object element : list) {
        bytes += 1 + value(element, written);
      }
      return bytes;
    }
    if (value instanceof byte[] text) {
      return text.length;
    }
    String text = value.toString();
    return written.json() ? 2 + escaped(text) : utf8(text);
  }

  private static long name(String name, Written written) {
    return FIELD_BYTES + (written.json() ? escaped(name) : utf8(name));
  }

  /** What JSON says of a schema, from above. */
  static long schema(Schema schema, String field) {
    long bytes = SCHEMA_BYTES + 12 + escaped(field);
    if (schema == null) {
      return bytes;
    }
    bytes += schema.name() == null ? 0 : 24 + schema.name().length();
    if (schema.type() == Schema.Type.ARRAY) {
      bytes += schema(schema.valueSchema(), "");
    } else if (schema.type() == Schema.Type.STRUCT) {
      for (Field inner : schema.fields()) {
        bytes += 1 + schema(inner.schema(), inner.name());
      }
    }
    return bytes;
  }

  private static long utf8(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      // each half of a pair stands for two of its four bytes
      bytes += c < 0x80 ? 1 : c < 0x800 || Character.isSurrogate(c) ? 2 : 3;
    }
    return bytes;
  }

  /** As {@link #utf8}, of what JSON makes of it. */
  private static long escaped(String text) {
    long bytes = utf8(text);
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t' || c == '\b' || c == '\f') {
        bytes++;
      } else if (c < 0x20) {
        bytes += ESCAPE_MOST - 1;
      } else if (Character.isSurrogate(c)) {
        // Jackson escapes both halves of a pair
        bytes += ESCAPE_MOST - 2;
      }
    }
    return bytes;
  }
}
