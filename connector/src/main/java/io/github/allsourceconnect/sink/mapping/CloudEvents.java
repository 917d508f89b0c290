package io.github.allsourceconnect.sink.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.protocol.EventIds;
import io.github.allsourceconnect.protocol.JsonFields;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.Utf8;
import io.github.allsourceconnect.protocol.ValueNames;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * CloudEvents of any producer, in both modes of the Kafka protocol binding: the event's type is
 * {@code type}, its entity {@code subject}, otherwise the record's key, otherwise {@code
 * partitionkey}, its payload the data.
 *
 * <p>An {@code allsource.} header counts before the attribute of the same meaning: it has the very
 * text, of which an attribute may be able to say only what CloudEvents allow. Stateless; for any
 * thread.
 */
final class CloudEvents {
  /** Of the headers of a record in binary mode. */
  static final String PREFIX = "ce_";

  /** The header that says what the value is, in any case of letters. */
  static final String TYPE = "content-type";

  private static final List<String> REQUIRED = List.of("specversion", "id", "source", "type");

  private CloudEvents() {}

  /**
   * The event of a record whose headers say that it is a CloudEvent; null if they don't.
   *
   * @throws DataException if it is one that can't be read
   */
  static EventDraft readMarked(SinkRecord record, Located value) {
    MediaType type = MediaType.of(contentType(record));
    if (type.isStructured()) {
      Located event = type.decoded(value).expanded();
      if (!isObject(event)) {
        throw new DataException(
            "its content-type says that it is a CloudEvent in JSON, but its value is not a JSON"
                + " object");
      }
      return structured(record, event);
    }
    if (SourceFormats.header(record, PREFIX + "specversion") == null) {
      return null;
    }
    EventDraft draft = draft(record, attribute -> SourceFormats.header(record, PREFIX + attribute));
    return data(
        draft,
        type,
        PayloadTree.whole(
            type.decoded(value), SourceFormats.header(record, ValueNames.PAYLOAD_TEXTS)));
  }

  /** The event of a record that is one in structured mode by its look; null if it is not. */
  static EventDraft readByShape(SinkRecord record, Located value) {
    Located event = value.expanded();
    return isObject(event)
            && REQUIRED.stream().noneMatch(name -> event.at(List.of(name)).isNull())
            && event.at(List.of("specversion")).text().matches("(0\\.3|1\\.[0-9]+).*")
        ? structured(record, event)
        : null;
  }

  private static boolean isObject(Located value) {
    return value.value() instanceof Map || value.value() instanceof Struct;
  }

  private static EventDraft structured(SinkRecord record, Located event) {
    EventDraft draft = draft(record, name -> SourceFormats.text(event, name));
    MediaType type = MediaType.of(SourceFormats.text(event, "datacontenttype"));
    String base64 = SourceFormats.text(event, "data_base64");
    if (base64 != null) {
      byte[] bytes;
      try {
        bytes = Base64.getDecoder().decode(base64);
      } catch (IllegalArgumentException e) {
        throw new DataException("its data_base64 is not base64", e);
      }
      return data(draft, type, type.decoded(new Located(null, bytes)));
    }
    Located data = event.at(List.of("data"));
    // a text is a text here, whatever it looks like
    return data.value() instanceof CharSequence text
        ? draft.payload(JsonFields.text(text.toString()))
        : draft.payload(
            data.isNull() ? JsonText.NULL : ConnectJson.write(data.schema(), data.value()));
  }

  private static EventDraft data(EventDraft draft, MediaType type, Located data) {
    byte[] raw = data.raw();
    return raw == null || type.isJson() || !Utf8.isValid(raw)
        ? draft.payloadValue(data)
        : draft.payload(JsonFields.text(new String(raw, UTF_8)));
  }

  private static EventDraft draft(SinkRecord record, UnaryOperator<String> attribute) {
    String id = told(record, "event_id", attribute, "id");
    if (id != null && !EventIds.isValid(id)) {
      // an event of another producer: source and id together identify it
      String source = attribute.apply("source");
      id = (source == null ? "" : source) + "\n" + id;
    }
    String entity = told(record, "entity_id", attribute, "subject");
    if (entity == null) {
      entity = SourceFormats.entityId(record);
    }
    Located metadata = header(record, "metadata");
    return new EventDraft(record)
        .anyId(id)
        .eventType(told(record, "event_type", attribute, "type"))
        .entityId(entity == null ? attribute.apply("partitionkey") : entity)
        .tenantId(told(record, "tenant_id", attribute, "tenantid"))
        .timestamp(told(record, "timestamp", attribute, "time"))
        .version(told(record, "version", attribute, "entityversion"))
        .metadataValue(
            metadata.value() == null ? new Located(null, attribute.apply("metadata")) : metadata)
        .walTimestamp(told(record, "wal_timestamp", attribute, "waltimestamp"));
  }

  private static String told(
      SinkRecord record, String header, UnaryOperator<String> attributes, String attribute) {
    String own = SourceFormats.header(record, SourceFormats.HEADERS + header);
    return own != null ? own : attributes.apply(attribute);
  }

  private static Located header(SinkRecord record, String name) {
    return new Located(null, SourceFormats.header(record, SourceFormats.HEADERS + name));
  }

  private static String contentType(SinkRecord record) {
    for (Header header : record.headers()) {
      if (header.key().equalsIgnoreCase(TYPE)) {
        return SourceFormats.header(record, header.key());
      }
    }
    return null;
  }
}
