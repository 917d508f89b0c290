package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.RecordSettings;
import io.github.allsourceconnect.config.RecordSettings.ValueFormat;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.ConnectHeaders;

/**
 * What an entry, or a row of a snapshot, is as a record: topic, key, value, headers, time. Payload
 * and metadata are the sender's own text, never parsed. One thread.
 *
 * <p>Tenant: an entry that names none is of the store's tenant {@code default}; a row whose tenant
 * can't be known has the header {@code allsource.tenant_unknown} instead of one.
 */
final class RecordMapper {
  /** The {@code event} Struct. */
  static final Schema EVENT =
      SchemaBuilder.struct()
          .name("io.github.allsourceconnect.Event")
          .version(1)
          .field("id", Schema.STRING_SCHEMA)
          .field("event_type", Schema.STRING_SCHEMA)
          .field("entity_id", Schema.STRING_SCHEMA)
          .field("tenant_id", Schema.OPTIONAL_STRING_SCHEMA)
          .field("payload", Schema.STRING_SCHEMA)
          .field("timestamp", Schema.STRING_SCHEMA)
          .field("metadata", Schema.OPTIONAL_STRING_SCHEMA)
          .field("version", Schema.INT64_SCHEMA)
          .field("wal_offset", Schema.OPTIONAL_INT64_SCHEMA)
          .field("wal_timestamp", Schema.OPTIONAL_STRING_SCHEMA)
          .build();

  private static final String DEFAULT_TENANT = "default";
  private static final int RECORD_OVERHEAD = 300;

  /** Where a mapped record goes. */
  interface Output {
    /**
     * @param timestamp milliseconds since 1970, or null where Kafka could not keep it
     * @param bytes about what the record takes
     */
    void record(
        String topic,
        String key,
        Schema valueSchema,
        Object value,
        Long timestamp,
        ConnectHeaders headers,
        int bytes);
  }

  private final MessageCodec codec;
  private final ValueFormat format;
  private final String tenantUnknown;
  private final TopicTemplate topic;
  private final String source;

  /**
   * @param leader the leader's name: {@code ${leader}}, and {@code ce_source}
   */
  RecordMapper(RecordSettings settings, String leader, MessageCodec codec) {
    this.codec = codec;
    this.format = settings.format();
    this.tenantUnknown = settings.tenantUnknown();
    this.topic = new TopicTemplate(settings.topic(), leader);
    this.source = "allsource/" + leader;
  }

  void entry(WalEntry entry, Output out) {
    Event event = entry.event();
    String tenant = event.tenantId() == null ? DEFAULT_TENANT : event.tenantId();
    map(event, entry, tenant, entry.sequence(), entry.walTimestamp(), out);
  }

  /**
   * @param tenant the tenant if it is known exactly, otherwise null
   */
  void row(SnapshotRow row, String tenant, Output out) {
    map(withTenant(row.event(), tenant), null, tenant, row.walOffset(), null, out);
  }

  private static Event withTenant(Event event, String tenant) {
    return tenant == null || tenant.equals(event.tenantId())
        ? event
        : new Event(
            event.id(),
            event.idHigh(),
            event.idLow(),
            event.eventType(),
            event.entityId(),
            tenant,
            event.payload(),
            event.timestamp(),
            event.micros(),
            event.metadata(),
            event.version());
  }

  private void map(
      Event event, WalEntry entry, String tenant, long walOffset, String walTimestamp, Output out) {
    ConnectHeaders headers = new ConnectHeaders();
    headers.add("allsource.event_id", event.id(), Schema.STRING_SCHEMA);
    headers.add("allsource.event_type", event.eventType(), Schema.STRING_SCHEMA);
    if (tenant != null) {
      headers.add("allsource.tenant_id", tenant, Schema.STRING_SCHEMA);
    } else {
      headers.add("allsource.tenant_unknown", true, Schema.BOOLEAN_SCHEMA);
    }
    if (walOffset > 0) {
      headers.add("allsource.wal_offset", walOffset, Schema.INT64_SCHEMA);
    }
    headers.add("allsource.snapshot", entry == null, Schema.BOOLEAN_SCHEMA);
    Object value;
    int bytes = RECORD_OVERHEAD;
    switch (format) {
      case EVENT -> {
        value = struct(event, walOffset, walTimestamp);
        bytes += event.payload().length();
      }
      case EVENT_JSON -> {
        JsonText text = entry == null ? codec.encodeEvent(event) : codec.encodeEvent(entry);
        value = text.toString();
        bytes += text.length();
      }
      case WAL_ENTRY -> {
        JsonText text = entry == null ? codec.encodeEvent(event) : codec.encodeEntry(entry);
        value = text.toString();
        bytes += text.length();
      }
      default -> {
        value = event.payload().toString();
        bytes += event.payload().length();
        rest(event, tenant, walTimestamp, headers);
      }
    }
    out.record(
        topic.topic(tenant == null ? tenantUnknown : tenant, event.eventType()),
        event.entityId(),
        format == ValueFormat.EVENT ? EVENT : Schema.STRING_SCHEMA,
        value,
        event.micros() < 0 ? null : event.micros() / 1000,
        headers,
        bytes);
  }

  private static Struct struct(Event event, long walOffset, String walTimestamp) {
    Struct struct = new Struct(EVENT);
    struct.put("id", event.id());
    struct.put("event_type", event.eventType());
    struct.put("entity_id", event.entityId());
    struct.put("tenant_id", event.tenantId());
    struct.put("payload", event.payload().toString());
    struct.put("timestamp", event.timestamp());
    struct.put("metadata", event.metadata() == null ? null : event.metadata().toString());
    struct.put("version", event.version());
    struct.put("wal_offset", walOffset > 0 ? (Long) walOffset : null);
    struct.put("wal_timestamp", walTimestamp);
    return struct;
  }

  /** What the value lacks when it is the payload alone. */
  private void rest(Event event, String tenant, String walTimestamp, ConnectHeaders headers) {
    headers.add("allsource.version", event.version(), Schema.INT64_SCHEMA);
    if (event.metadata() != null) {
      headers.add("allsource.metadata", event.metadata().toString(), Schema.STRING_SCHEMA);
    }
    if (walTimestamp != null) {
      headers.add("allsource.wal_timestamp", walTimestamp, Schema.STRING_SCHEMA);
    }
    if (format == ValueFormat.PAYLOAD) {
      headers.add("allsource.timestamp", event.timestamp(), Schema.STRING_SCHEMA);
      return;
    }
    headers.add("ce_specversion", "1.0", Schema.STRING_SCHEMA);
    headers.add("ce_id", event.id(), Schema.STRING_SCHEMA);
    headers.add("ce_source", source, Schema.STRING_SCHEMA);
    headers.add("ce_type", event.eventType(), Schema.STRING_SCHEMA);
    headers.add("ce_subject", event.entityId(), Schema.STRING_SCHEMA);
    headers.add("ce_time", event.timestamp(), Schema.STRING_SCHEMA);
    headers.add("ce_datacontenttype", "application/json", Schema.STRING_SCHEMA);
    if (tenant != null) {
      headers.add("ce_tenantid", tenant, Schema.STRING_SCHEMA);
    }
  }
}
