package io.github.allsourceconnect.source.record;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.config.RecordHeader;
import io.github.allsourceconnect.config.RecordSettings;
import io.github.allsourceconnect.config.RecordSettings.ValueFormat;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.config.Template;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.EventIds;
import io.github.allsourceconnect.protocol.JsonFields;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.ledger.LedgerRecord;
import io.github.allsourceconnect.source.decision.position.Losses.Micros;
import io.github.allsourceconnect.source.record.shape.Shapes;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Supplier;
import org.apache.kafka.common.utils.Utils;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Events to Kafka records. Payload and metadata go through as the sender's own text, byte for byte,
 * unless {@code payload.format} says otherwise. A record has the event's time, or none of its own
 * where that is before 1970. One thread.
 */
public final class RecordMapper {
  private static final String DEFAULT_TENANT = "default";
  private static final String DEAD_LETTER = "allsource.dead_letter";
  private static final Header IS_SNAPSHOT =
      RepeatedHeaders.header(RecordHeader.SNAPSHOT.key(), Boolean.toString(true));
  private static final Header IS_LIVE =
      RepeatedHeaders.header(RecordHeader.SNAPSHOT.key(), Boolean.toString(false));

  private final ValueFormat format;
  private final TopicNames topics;
  private final TemplateValues names;
  private final EventValues values;

  /** Null: the entity's id. */
  private final Template keys;

  private final Template partitionBy;
  private final int partitionCount;
  private final Set<RecordHeader> told;
  private final boolean withHeaders;
  private final Texts texts;
  private final String tenantUnknown;
  private final CloudEvents cloudEvents;
  private final String leaderName;
  private final MessageCodec codec = new MessageCodec();
  private final RepeatedHeaders types = new RepeatedHeaders(RecordHeader.EVENT_TYPE.key());
  private final RepeatedHeaders tenants = new RepeatedHeaders(RecordHeader.TENANT_ID.key());
  private Header mark;

  public RecordMapper(SourceConfig config, String leaderName) {
    RecordSettings settings = config.records();
    format = settings.format();
    told = settings.headers();
    withHeaders = !told.isEmpty() || format == ValueFormat.CLOUDEVENTS;
    texts = new Texts(config.valuesAreBytes());
    values = new EventValues(config.shape(), texts, told);
    names = new TemplateValues(leaderName, settings.entityTypeSeparator(), settings.entityType());
    keys = settings.isKeyEntityId() ? null : settings.key();
    partitionBy = settings.partitionBy();
    partitionCount = settings.partitionCount();
    topics =
        new TopicNames(
            settings.topic(),
            names,
            config.refusals().topicNames(),
            settings.deadLetterTopic(),
            config.ledger().topic());
    tenantUnknown = settings.tenantUnknown();
    cloudEvents = new CloudEvents(config.cloudEvents());
    this.leaderName = leaderName;
  }

  /**
   * Records of events tell from now on by which mark of the ledger topic they will be covered.
   *
   * @param name null for none
   */
  void mark(String name) {
    mark = name == null ? null : RepeatedHeaders.header(RecordHeader.MARK.key(), name);
  }

  private void addMark(ConnectHeaders headers) {
    if (mark != null && told.contains(RecordHeader.MARK)) {
      headers.add(mark);
    }
  }

  /** The schemas of payloads. */
  Shapes shapes() {
    return values.shapes();
  }

  /** What the record of this event would be; what is known of payloads stays as it is. */
  SourceRecord tried(Event event, Supplier<SourceRecord> mapped) {
    return values.areTexts() ? mapped.get() : shapes().tried(event.eventType(), mapped);
  }

  /** The names that it gives topics. */
  TopicNames topics() {
    return topics;
  }

  /** What stands for an entry's tenant in a topic's name. */
  String tenantOf(Event event) {
    return event.tenantId() == null ? DEFAULT_TENANT : event.tenantId();
  }

  /** What stands for a row's tenant in a topic's name. */
  String tenantOf(SnapshotRow row, String tenantOrNull) {
    String tenant = tenantOrNull == null ? row.event().tenantId() : tenantOrNull;
    return tenant == null ? tenantUnknown : tenant;
  }

  public SourceRecord fromEntry(WalEntry entry, Map<String, ?> partition, Map<String, ?> offset) {
    Event event = entry.event();
    String tenant = tenantOf(event);
    ConnectHeaders headers = withHeaders ? entryHeaders(entry, tenant) : null;
    SchemaAndValue value =
        switch (format) {
          case EVENT ->
              values.event(event, tenant, entry.sequence(), entry.walTimestamp(), headers);
          case EVENT_JSON -> text(entry.eventText(), () -> codec.encodeEvent(entry));
          case WAL_ENTRY -> text(entry.entryText(), () -> codec.encodeEntry(entry));
          case PAYLOAD -> values.payload(event, headers);
          case CLOUDEVENTS ->
              cloudEvent(
                  headers,
                  new CloudEvents.Told(
                      event, tenant, key(event, tenant), entry.sequence(), entry.walTimestamp()));
        };
    return record(event, tenant, value, headers, partition, offset);
  }

  /**
   * The record of a row.
   *
   * @param tenantOrNull the tenant if it is known exactly; null: the row's own, if it has one
   * @param firstSnapshot whether the row came with the first snapshot, not with a repair
   */
  public SourceRecord fromRow(
      SnapshotRow row,
      String tenantOrNull,
      boolean firstSnapshot,
      Map<String, ?> partition,
      Map<String, ?> offset) {
    Event event = withTenant(row.event(), tenantOrNull);
    String tenant = event.tenantId();
    ConnectHeaders headers = withHeaders ? rowHeaders(row, tenant, event, firstSnapshot) : null;
    Long walOffset = row.walOffset() > 0 ? row.walOffset() : null;
    String key = key(event, tenantOf(row, tenantOrNull));
    SchemaAndValue value = value(event, tenant, key, walOffset, headers);
    return record(event, tenantOf(row, tenantOrNull), value, headers, partition, offset);
  }

  private SchemaAndValue cloudEvent(ConnectHeaders headers, CloudEvents.Told of) {
    cloudEvents.addTo(headers, of);
    return cloudEvents.isStructured()
        ? texts.of(cloudEvents.structured(of))
        : values.payload(of.event(), headers);
  }

  private ConnectHeaders entryHeaders(WalEntry entry, String tenant) {
    ConnectHeaders headers = headers(entry.event(), tenant, false);
    if (told.contains(RecordHeader.WAL_OFFSET)) {
      headers.addLong(RecordHeader.WAL_OFFSET.key(), entry.sequence());
    }
    addMark(headers);
    if (isPayload()) {
      add(headers, RecordHeader.WAL_TIMESTAMP, entry.walTimestamp());
    }
    return headers;
  }

  private ConnectHeaders rowHeaders(
      SnapshotRow row, String tenant, Event event, boolean firstSnapshot) {
    ConnectHeaders headers = headers(event, tenant, true);
    if (row.walOffset() > 0 && told.contains(RecordHeader.WAL_OFFSET)) {
      headers.addLong(RecordHeader.WAL_OFFSET.key(), row.walOffset());
    }
    addMark(headers);
    if (tenant == null) {
      add(headers, RecordHeader.TENANT_UNKNOWN, "true");
    }
    if (!firstSnapshot) {
      add(headers, RecordHeader.REPAIRED, "true");
    }
    return headers;
  }

  private void add(ConnectHeaders headers, RecordHeader header, String value) {
    if (told.contains(header)) {
      headers.addString(header.key(), value);
    }
  }

  /** Whether a value is the payload alone, and the rest in headers. */
  private boolean isPayload() {
    return format == ValueFormat.PAYLOAD || format == ValueFormat.CLOUDEVENTS;
  }

  /**
   * A record of the dead-letter topic: the text, or where values are structures or maps, such a one
   * with the text as its payload or, where payloads are such, in a payload's {@code text}.
   *
   * @param entity whom it is about
   * @param atMs its time, milliseconds since 1970
   */
  SourceRecord deadLetter(
      String text,
      String entity,
      long atMs,
      ConnectHeaders headers,
      String topic,
      Map<String, ?> partition,
      Map<String, ?> offset) {
    SchemaAndValue value = texts.of(text);
    if (format == ValueFormat.EVENT || !values.areTexts()) {
      UUID id = UUID.nameUUIDFromBytes(text.getBytes(UTF_8));
      JsonText payload =
          values.areTexts() ? JsonFields.text(text) : new JsonFields().put("text", text).end();
      Event letter = event(DEAD_LETTER, id.toString(), payload, entity, atMs);
      value =
          format == ValueFormat.EVENT
              ? values.event(letter, null, null, null, headers)
              : values.payload(letter, headers);
    }
    return new SourceRecord(
        partition, offset, topic, null, null, null, value.schema(), value.value(), atMs, headers);
  }

  /** A record of the ledger topic. */
  SourceRecord fromLedger(
      LedgerRecord record, String topic, Map<String, ?> partition, Map<String, ?> offset) {
    return own(
        "allsource.ledger." + record.type(),
        record.id(),
        record.json(),
        record.atMs(),
        topic,
        partition,
        offset);
  }

  /**
   * A record of the connector's own. It has the shape of the others, so that what a worker's
   * transformations make of those they can make of it: the same schema, a key, a time.
   *
   * @param id a UUID's text
   * @param atMs its time, milliseconds since 1970
   */
  private SourceRecord own(
      String type,
      String id,
      JsonText payload,
      long atMs,
      String topic,
      Map<String, ?> partition,
      Map<String, ?> offset) {
    Event event = event(type, id, payload, leaderName, atMs);
    ConnectHeaders headers = withHeaders ? headers(event, null, false) : null;
    SchemaAndValue value = value(event, null, leaderName, null, headers);
    return new SourceRecord(
        partition,
        offset,
        topic,
        null,
        Schema.STRING_SCHEMA,
        leaderName,
        value.schema(),
        value.value(),
        atMs,
        headers);
  }

  private static Event event(String type, String id, JsonText payload, String entity, long atMs) {
    long micros = atMs * 1000;
    return new Event(
        id,
        EventIds.high(id),
        EventIds.low(id),
        type,
        entity,
        null,
        payload,
        Micros.text(micros),
        micros,
        null,
        1);
  }

  private static Event withTenant(Event event, String tenant) {
    if (tenant == null || tenant.equals(event.tenantId())) {
      return event;
    }
    return event.withTenant(tenant);
  }

  /**
   * The value of what is no entry.
   *
   * @param walOffset null if it is not known
   */
  private SchemaAndValue value(
      Event event, String tenant, String key, Long walOffset, ConnectHeaders headers) {
    return switch (format) {
      case EVENT -> values.event(event, tenant, walOffset, null, headers);
      case EVENT_JSON, WAL_ENTRY -> text(null, () -> codec.encodeEvent(event));
      case PAYLOAD -> values.payload(event, headers);
      case CLOUDEVENTS ->
          cloudEvent(
              headers,
              new CloudEvents.Told(event, tenant, key, walOffset == null ? 0 : walOffset, null));
    };
  }

  private SchemaAndValue text(JsonText asSent, Supplier<JsonText> otherwise) {
    return texts.of(asSent == null ? otherwise.get() : asSent);
  }

  private ConnectHeaders headers(Event event, String tenant, boolean snapshot) {
    ConnectHeaders headers = new ConnectHeaders();
    add(headers, RecordHeader.EVENT_ID, event.id());
    if (told.contains(RecordHeader.EVENT_TYPE)) {
      headers.add(types.of(event.eventType()));
    }
    if (tenant != null && told.contains(RecordHeader.TENANT_ID)) {
      headers.add(tenants.of(tenant));
    }
    if (told.contains(RecordHeader.SNAPSHOT)) {
      headers.add(snapshot ? IS_SNAPSHOT : IS_LIVE);
    }
    if (keys != null) {
      add(headers, RecordHeader.ENTITY_ID, event.entityId());
    }
    if (isPayload()) {
      add(headers, RecordHeader.TIMESTAMP, event.timestamp());
      if (told.contains(RecordHeader.VERSION)) {
        headers.addLong(RecordHeader.VERSION.key(), event.version());
      }
      JsonText metadata = EventValues.metadata(event);
      if (metadata != null && told.contains(RecordHeader.METADATA)) {
        headers.addString(RecordHeader.METADATA.key(), metadata.toString());
      }
    }
    return headers;
  }

  /** How long a key is that is not the entity's id; 0 if it is. It is not made for that. */
  long keyLength(Event event, String tenant) {
    if (keys == null) {
      return 0;
    }
    long length = 0;
    for (String literal : keys.literals()) {
      length += literal.length();
    }
    for (Template.Variable variable : keys.variables()) {
      length += names.of(variable, event, tenant).length();
    }
    return length;
  }

  /** What its value may have beside what is in the event itself, in bytes, from above. */
  long around(Event event) {
    return format == ValueFormat.EVENT_JSON || format == ValueFormat.WAL_ENTRY
        ? 0
        : values.around(event);
  }

  /** The record's key. */
  String key(Event event, String tenant) {
    return keys == null ? event.entityId() : fill(keys, event, tenant);
  }

  private String fill(Template template, Event event, String tenant) {
    return template.fill(variable -> names.of(variable, event, tenant));
  }

  private Integer partition(Event event, String tenant) {
    return partitionBy == null
        ? null
        : (Integer)
            (Utils.toPositive(Utils.murmur2(fill(partitionBy, event, tenant).getBytes(UTF_8)))
                % partitionCount);
  }

  /**
   * @param tenant its tenant, or what stands for it in names
   */
  private SourceRecord record(
      Event event,
      String tenant,
      SchemaAndValue value,
      ConnectHeaders headers,
      Map<String, ?> partition,
      Map<String, ?> offset) {
    return new SourceRecord(
        partition,
        offset,
        topics.of(event, tenant),
        partition(event, tenant),
        Schema.STRING_SCHEMA,
        key(event, tenant),
        value.schema(),
        value.value(),
        // a record can't have a time before 1970
        event.micros() < 0 ? null : (Long) (event.micros() / 1000),
        headers);
  }
}
