package io.github.allsourceconnect.source;

import io.github.allsourceconnect.config.RecordSettings;
import io.github.allsourceconnect.config.RecordSettings.ValueFormat;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;

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

  private final MessageCodec codec = new MessageCodec();
  private final ValueFormat format;
  private final String tenantUnknown;
  private final TopicTemplate topic;
  private final String source;

  /**
   * @param leader the leader's name: {@code ${leader}}, and {@code ce_source}
   */
  RecordMapper(SourceConfig config, String leader) {
    RecordSettings settings = config.records();
    this.format = settings.format();
    this.tenantUnknown = settings.tenantUnknown();
    this.topic = new TopicTemplate(settings.topic(), leader);
    this.source = "allsource/" + leader;
  }

  /**
   * The record of an entry.
   *
   * @param offset the position that it carries
   */
  SourceRecord fromEntry(WalEntry entry, Map<String, ?> partition, Map<String, ?> offset) {
    Event event = entry.event();
    String tenant = event.tenantId() == null ? DEFAULT_TENANT : event.tenantId();
    ConnectHeaders headers = headers(event, tenant, entry.sequence(), false);
    Object value =
        switch (format) {
          case EVENT -> struct(event, entry.sequence(), entry.walTimestamp());
          case EVENT_JSON -> codec.encodeEvent(entry).toString();
          case WAL_ENTRY -> codec.encodeEntry(entry).toString();
          case PAYLOAD, CLOUDEVENTS -> payload(event, tenant, entry.walTimestamp(), headers);
        };
    return record(event, tenant, value, headers, partition, offset);
  }

  /**
   * The record of a row.
   *
   * @param tenant the tenant if it is known exactly, otherwise null
   * @param firstSnapshot whether it is the first snapshot's, and not a repair's
   * @param offset the position that it carries
   */
  SourceRecord fromRow(
      SnapshotRow row,
      String tenant,
      boolean firstSnapshot,
      Map<String, ?> partition,
      Map<String, ?> offset) {
    Event event = withTenant(row.event(), tenant);
    ConnectHeaders headers = headers(event, tenant, row.walOffset(), true);
    if (!firstSnapshot) {
      headers.add("allsource.repaired", true, Schema.BOOLEAN_SCHEMA);
    }
    Object value =
        switch (format) {
          case EVENT -> struct(event, row.walOffset(), null);
          case EVENT_JSON, WAL_ENTRY -> codec.encodeEvent(event).toString();
          case PAYLOAD, CLOUDEVENTS -> payload(event, tenant, null, headers);
        };
    return record(
        event, tenant == null ? tenantUnknown : tenant, value, headers, partition, offset);
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

  private static ConnectHeaders headers(
      Event event, String tenant, long walOffset, boolean snapshot) {
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
    headers.add("allsource.snapshot", snapshot, Schema.BOOLEAN_SCHEMA);
    return headers;
  }

  private SourceRecord record(
      Event event,
      String tenantInTopic,
      Object value,
      ConnectHeaders headers,
      Map<String, ?> partition,
      Map<String, ?> offset) {
    return new SourceRecord(
        partition,
        offset,
        topic.topic(tenantInTopic, event.eventType()),
        null,
        Schema.STRING_SCHEMA,
        event.entityId(),
        format == ValueFormat.EVENT ? EVENT : Schema.STRING_SCHEMA,
        value,
        // Kafka keeps no time before 1970
        event.micros() < 0 ? null : (Long) (event.micros() / 1000),
        headers);
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

  /** The payload alone; what it lacks goes into headers. */
  private String payload(Event event, String tenant, String walTimestamp, ConnectHeaders headers) {
    headers.add("allsource.version", event.version(), Schema.INT64_SCHEMA);
    if (event.metadata() != null) {
      headers.add("allsource.metadata", event.metadata().toString(), Schema.STRING_SCHEMA);
    }
    if (walTimestamp != null) {
      headers.add("allsource.wal_timestamp", walTimestamp, Schema.STRING_SCHEMA);
    }
    if (format == ValueFormat.PAYLOAD) {
      headers.add("allsource.timestamp", event.timestamp(), Schema.STRING_SCHEMA);
      return event.payload().toString();
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
    return event.payload().toString();
  }
}
