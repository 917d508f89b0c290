package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.config.RecordHeader;
import io.github.allsourceconnect.config.ShapeSettings;
import io.github.allsourceconnect.config.ShapeSettings.PayloadFormat;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.source.record.shape.Plain;
import io.github.allsourceconnect.source.record.shape.Shapes;
import java.util.Date;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.SchemaBuilder;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Timestamp;
import org.apache.kafka.connect.header.ConnectHeaders;

/**
 * Values of records that are no text of the leader's own: events as structures or maps, and
 * payloads in the form that {@code payload.format} says. One thread.
 */
@SuppressWarnings("JavaUtilDate") // Connect's logical types are made of it
final class EventValues {
  /** The value under {@code value.format=event}, where payloads are text. */
  static final Schema EVENT_SCHEMA =
      event(
          "io.github.allsourceconnect.Event",
          2,
          Schema.STRING_SCHEMA,
          Schema.OPTIONAL_STRING_SCHEMA);

  private final PayloadFormat format;
  private final Texts texts;
  private final Set<RecordHeader> told;

  /** Of pointers, and of numbers that are longer in another form. */
  private static final long AROUND_BYTES = 80_000;

  private final int depthMax;
  private final int fieldsMax;
  private final Shapes shapes;
  private final Map<Shapes.OfType, OfEvents> events = new HashMap<>();

  /**
   * @param bytes what the schema takes in JSON, from above
   */
  private record OfEvents(Schema schema, long bytes) {}

  /**
   * @param texts how payloads that are their own JSON text are given
   * @param headers which there are
   */
  EventValues(ShapeSettings settings, Texts texts, Set<RecordHeader> headers) {
    this.texts = texts;
    told = headers;
    format = settings.format();
    depthMax = settings.depthMax();
    fieldsMax = settings.fieldsMax();
    shapes =
        new Shapes(
            new Shapes.Limits(
                settings.typesMax(),
                settings.fieldsMax(),
                settings.depthMax(),
                settings.names() == ShapeSettings.Names.LEGAL));
  }

  private static Schema event(String name, int version, Schema payload, Schema metadata) {
    return SchemaBuilder.struct()
        .name(name)
        .version(version)
        .field("id", Schema.STRING_SCHEMA)
        .field("event_type", Schema.STRING_SCHEMA)
        .field("entity_id", Schema.STRING_SCHEMA)
        .field("tenant_id", Schema.OPTIONAL_STRING_SCHEMA)
        .field("payload", payload)
        .field("timestamp", Schema.STRING_SCHEMA)
        .field("metadata", metadata)
        .field("version", Schema.INT64_SCHEMA)
        .field("wal_offset", Schema.OPTIONAL_INT64_SCHEMA)
        .field("wal_timestamp", Schema.OPTIONAL_STRING_SCHEMA)
        .field("time", Timestamp.builder().optional().build())
        .build();
  }

  /** Whether payloads are their own JSON text. */
  boolean areTexts() {
    return format == PayloadFormat.TEXT;
  }

  /** The shapes of payloads so far. */
  Shapes shapes() {
    return shapes;
  }

  /**
   * An event with all that belongs to it.
   *
   * @param walOffset null if it has none
   * @param walTimestamp null if it has none
   * @param headers get what the value can't say; null: there are none
   */
  SchemaAndValue event(
      Event event, String tenant, Long walOffset, String walTimestamp, ConnectHeaders headers) {
    JsonText metadata = metadata(event);
    return switch (format) {
      case TEXT ->
          struct(
              EVENT_SCHEMA,
              event,
              tenant,
              event.payload().toString(),
              metadata == null ? null : metadata.toString(),
              walOffset,
              walTimestamp);
      case MAP ->
          new SchemaAndValue(
              null,
              map(
                  event,
                  tenant,
                  plain(event.payload(), RecordHeader.PAYLOAD_TEXTS, headers),
                  metadata == null ? null : plain(metadata, RecordHeader.METADATA_TEXTS, headers),
                  walOffset,
                  walTimestamp));
      case STRUCT -> {
        Shapes.OfType type = shapes.of(event.eventType());
        Struct payload = type.payload(event.payload());
        Struct meta = type.metadata(metadata);
        yield struct(ofEvents(type).schema, event, tenant, payload, meta, walOffset, walTimestamp);
      }
    };
  }

  /**
   * The event's payload alone.
   *
   * @param headers as above
   */
  SchemaAndValue payload(Event event, ConnectHeaders headers) {
    return switch (format) {
      case TEXT -> texts.of(event.payload());
      case MAP ->
          new SchemaAndValue(null, plain(event.payload(), RecordHeader.PAYLOAD_TEXTS, headers));
      case STRUCT -> {
        Struct payload = shapes.of(event.eventType()).payload(event.payload());
        yield new SchemaAndValue(payload.schema(), payload);
      }
    };
  }

  /** What a value may have beside what is in the event itself, in bytes, from above. */
  long around(Event event) {
    if (format == PayloadFormat.TEXT) {
      return 0;
    }
    if (format == PayloadFormat.MAP) {
      return AROUND_BYTES;
    }
    long length =
        (long) event.payload().length()
            + (event.metadata() == null ? 0 : event.metadata().length());
    // a new field takes five characters at least, and the names of all around it are in its own
    long news =
        Math.min(2 * Shapes.schemaBytesMax(fieldsMax), length / 5 * (100 + 220L * depthMax));
    return AROUND_BYTES
        + 2 * ofEvents(shapes.of(event.eventType())).bytes
        + news
        + Shapes.emptyBytesMax(length)
        + Shapes.emptyBytesMax(0);
  }

  /** The metadata's JSON; null where there is none, which leaders write as a JSON null. */
  static JsonText metadata(Event event) {
    return event.metadata() == null || event.metadata().isNull() ? null : event.metadata();
  }

  private Object plain(JsonText text, RecordHeader header, ConnectHeaders headers) {
    Plain plain = Plain.of(text, depthMax);
    String where = plain.textsJson();
    if (where != null && headers != null && told.contains(header)) {
      headers.addString(header.key(), where);
    }
    return plain.value();
  }

  /** Of events whose payload and metadata have the type's schemas. */
  private OfEvents ofEvents(Shapes.OfType type) {
    Schema payload = type.payloadSchema();
    Schema metadata = type.metadataSchema();
    OfEvents known = events.get(type);
    if (known == null
        || known.schema.field("payload").schema() != payload
        || known.schema.field("metadata").schema() != metadata) {
      int version = EVENT_SCHEMA.version() + payload.version() + metadata.version();
      Schema schema = event(type.schemaName("event"), version, payload, metadata);
      known = new OfEvents(schema, RecordGate.schema(schema, ""));
      events.put(type, known);
    }
    return known;
  }

  private static SchemaAndValue struct(
      Schema schema,
      Event event,
      String tenant,
      Object payload,
      Object metadata,
      Long walOffset,
      String walTimestamp) {
    Struct struct = new Struct(schema);
    fill(struct::put, event, tenant, payload, metadata, walOffset, walTimestamp);
    struct.put("time", new Date(millis(event)));
    return new SchemaAndValue(schema, struct);
  }

  private static Map<String, Object> map(
      Event event,
      String tenant,
      Object payload,
      Object metadata,
      Long walOffset,
      String walTimestamp) {
    Map<String, Object> map = new LinkedHashMap<>();
    fill(map::put, event, tenant, payload, metadata, walOffset, walTimestamp);
    map.put("time", millis(event));
    return map;
  }

  /** All but the logical time, which a map has no type for. */
  private static void fill(
      BiConsumer<String, Object> put,
      Event event,
      String tenant,
      Object payload,
      Object metadata,
      Long walOffset,
      String walTimestamp) {
    put.accept("id", event.id());
    put.accept("event_type", event.eventType());
    put.accept("entity_id", event.entityId());
    put.accept("tenant_id", tenant);
    put.accept("payload", payload);
    put.accept("timestamp", event.timestamp());
    put.accept("metadata", metadata);
    put.accept("version", event.version());
    put.accept("wal_offset", walOffset);
    put.accept("wal_timestamp", walTimestamp);
  }

  private static long millis(Event event) {
    return Math.floorDiv(event.micros(), 1000L);
  }
}
