package io.github.allsourceconnect.sink.mapping;

import io.github.allsourceconnect.protocol.JsonScanner;
import io.github.allsourceconnect.protocol.JsonScanner.MalformedJsonException;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.ValueNames;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Recognises what the source connector writes, in any of its value formats and through any of
 * Connect's own converters, by the shape of the value or by the {@code allsource.} headers, and
 * {@link CloudEvents}.
 *
 * <p>A payload may itself look like an event: where the headers tell an event id, a value with
 * another id is a payload. Stateless; for any thread.
 */
final class SourceFormats {
  static final String HEADERS = "allsource.";

  /**
   * Only the Struct has it, and always, if null: in such a value payload and metadata are JSON
   * text.
   */
  private static final String STRUCT_MARK = "wal_offset";

  private static final Located ABSENT = Located.NOTHING;

  private SourceFormats() {}

  /** The event of a record; null when the record is nothing that the source writes. */
  static EventDraft read(SinkRecord record) {
    Located value = new Located(record.valueSchema(), record.value());
    EventDraft draft = CloudEvents.readMarked(record, value);
    if (draft == null) {
      draft = byShape(record, value, false);
    }
    if (draft != null) {
      return draft;
    }
    return header(record, HEADERS + "event_type") != null
        ? payload(record, value)
        : CloudEvents.readByShape(record, value);
  }

  private static EventDraft byShape(SinkRecord record, Located value, boolean unwrapped) {
    if (value.value() instanceof Struct struct) {
      Schema schema = struct.schema();
      return schema.field("event_type") != null
              && schema.field("entity_id") != null
              && schema.field("payload") != null
              && hasItsId(record, value)
          ? event(record, value, schema.field(STRUCT_MARK) != null)
          : null;
    }
    if (value.value() instanceof Map<?, ?> map) {
      return byMembers(record, value, map, unwrapped);
    }
    byte[] raw = value.raw();
    if (raw == null || raw.length == 0) {
      return null;
    }
    Map<String, JsonText> members;
    try {
      members = JsonScanner.members(raw, 0, raw.length);
      if (members == null && !unwrapped && raw[0] == '"') {
        // JsonConverter's form of a text
        JsonText text = JsonScanner.value(raw, 0, raw.length);
        return byShape(record, new Located(null, JsonScanner.string(text)), true);
      }
    } catch (MalformedJsonException e) {
      return malformed(record, e);
    }
    return members == null
        ? null
        : byMembers(record, new Located(null, members), members, unwrapped);
  }

  /** Text that is no JSON is no event, unless it is a payload, whose own check says more. */
  private static EventDraft malformed(SinkRecord record, MalformedJsonException e) {
    if (header(record, HEADERS + "event_type") == null) {
      return null;
    }
    throw new DataException("its value is not JSON that followers read: " + e.getMessage(), e);
  }

  private static EventDraft byMembers(
      SinkRecord record, Located value, Map<?, ?> members, boolean unwrapped) {
    if (members.containsKey("event_type")
        && members.containsKey("entity_id")
        && members.containsKey("payload")) {
      return hasItsId(record, value)
          ? event(record, value, members.containsKey(STRUCT_MARK))
          : null;
    }
    if (members.containsKey("event")
        && members.containsKey("wal_timestamp")
        && (members.containsKey("sequence") || members.containsKey("checksum"))) {
      Located event = inner(value, "event").expanded();
      return hasItsId(record, event)
          ? event(record, event, false).walTimestamp(inner(value, "wal_timestamp").text())
          : null;
    }
    if (!unwrapped
        && members.size() == 2
        && members.containsKey("payload")
        && !inner(value, "schema").at(List.of("type")).isNull()) {
      // JsonConverter's envelope with a schema, read without one
      Located payload = inner(value, "payload");
      return byShape(record, unquoted(payload), true);
    }
    return null;
  }

  private static Located unquoted(Located value) {
    return value.value() instanceof JsonText json && json.array()[json.offset()] == '"'
        ? new Located(null, JsonScanner.string(json))
        : value.value() instanceof JsonText json ? new Located(null, json.toBytes()) : value;
  }

  /**
   * @param texts whether payload and metadata are JSON text in a string (the Struct and its
   *     likenesses) rather than JSON itself
   */
  private static EventDraft event(SinkRecord record, Located event, boolean texts) {
    EventDraft draft =
        new EventDraft(record)
            .id(text(event, "id"))
            .eventType(text(event, "event_type"))
            .entityId(text(event, "entity_id"))
            .tenantId(text(event, "tenant_id"))
            .timestamp(text(event, "timestamp"))
            .version(text(event, "version"))
            .walTimestamp(text(event, "wal_timestamp"));
    Located payload = inner(event, "payload");
    Located metadata = inner(event, "metadata");
    if (texts) {
      Located metadataText = metadata.isNull() ? ABSENT : unquoted(metadata);
      return draft
          .payloadText(
              PayloadTree.whole(unquoted(payload), header(record, ValueNames.PAYLOAD_TEXTS)))
          .metadataText(PayloadTree.whole(metadataText, header(record, ValueNames.METADATA_TEXTS)));
    }
    if (event.value() instanceof Struct) {
      // somebody else's Struct: its texts may or may not be JSON
      return draft.payloadValue(payload).metadataValue(metadata);
    }
    return draft.payload(json(payload)).metadataText(new Located(null, optionalJson(metadata)));
  }

  private static JsonText json(Located value) {
    return ConnectJson.write(value.schema(), value.value());
  }

  private static JsonText optionalJson(Located value) {
    return value.value() == null ? null : json(value);
  }

  private static EventDraft payload(SinkRecord record, Located value) {
    return new EventDraft(record)
        .id(header(record, HEADERS + "event_id"))
        .eventType(header(record, HEADERS + "event_type"))
        .entityId(entityId(record))
        .tenantId(header(record, HEADERS + "tenant_id"))
        .timestamp(header(record, HEADERS + "timestamp"))
        .version(header(record, HEADERS + "version"))
        .metadataText(new Located(null, header(record, HEADERS + "metadata")))
        .walTimestamp(header(record, HEADERS + "wal_timestamp"))
        .payloadValue(PayloadTree.whole(value, header(record, ValueNames.PAYLOAD_TEXTS)));
  }

  /** A key that is another one has the entity's id beside it. */
  static String entityId(SinkRecord record) {
    String told = header(record, HEADERS + "entity_id");
    return told != null ? told : new Located(record.keySchema(), record.key()).text();
  }

  private static boolean hasItsId(SinkRecord record, Located event) {
    String told = header(record, HEADERS + "event_id");
    if (told == null) {
      return true;
    }
    return inner(event, "id").value() != null && told.equalsIgnoreCase(text(event, "id"));
  }

  private static Located inner(Located value, String name) {
    return value.at(List.of(name)).value() != null
        ? value.at(List.of(name))
        : jsonNull(value, name);
  }

  /** A JSON null is something else than nothing. */
  private static Located jsonNull(Located value, String name) {
    return value.value() instanceof Map<?, ?> map && map.get(name) instanceof JsonText text
        ? new Located(null, text)
        : ABSENT;
  }

  /** A member's value as a text; null if it is not there. */
  static String text(Located value, String name) {
    try {
      return value.at(List.of(name)).text();
    } catch (DataException e) {
      throw new DataException("its " + name + ": " + e.getMessage(), e);
    }
  }

  /** A header's value as a text; null if it is not there. */
  static String header(SinkRecord record, String name) {
    Header header = record.headers().lastWithName(name);
    if (header == null || header.value() == null) {
      return null;
    }
    // SimpleHeaderConverter, Connect's default, makes structures of texts that look like some
    return header.value() instanceof Map || header.value() instanceof List
        ? ConnectJson.write(header.schema(), header.value()).toString()
        : new Located(header.schema(), header.value()).text();
  }
}
