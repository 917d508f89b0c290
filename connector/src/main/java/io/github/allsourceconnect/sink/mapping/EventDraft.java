package io.github.allsourceconnect.sink.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.EventIds;
import io.github.allsourceconnect.protocol.JsonScanner;
import io.github.allsourceconnect.protocol.JsonScanner.MalformedJsonException;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.Timestamps;
import io.github.allsourceconnect.protocol.Utf8;
import io.github.allsourceconnect.protocol.WalChecksum;
import io.github.allsourceconnect.protocol.WalEntry;
import java.util.Base64;
import java.util.Map;
import java.util.UUID;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * The parts of an event as they are found in a record, completed to an entry by what the record
 * itself says, never by a clock or a random number: so the same record gives the same entry.
 *
 * <p>What is missing: the id is {@link NameUuid#ofRecord}; the time is the record's; the version is
 * 1. The WAL timestamp is the one that the record carries, for it tells when the store wrote the
 * event; otherwise the record's time, otherwise the event's. Without any time it is 1970.
 */
final class EventDraft {
  private static final String NO_TIME = "1970-01-01T00:00:00Z";

  private final SinkRecord record;
  private String id;
  private String eventType;
  private String entityId;
  private String tenantId;
  private JsonText payload;
  private String timestamp;
  private JsonText metadata;
  private long version = 1;
  private String walTimestamp;

  EventDraft(SinkRecord record) {
    this.record = record;
  }

  /** The id's text, which must be a UUID, in any case of letters; null for none. */
  EventDraft id(String text) {
    if (text != null) {
      if (!EventIds.isValid(text)) {
        throw new DataException("its id is not a UUID");
      }
      id = EventIds.lowerCase(text);
    }
    return this;
  }

  /** The id's text, from which a UUID is made when it is none; null for none. */
  EventDraft anyId(String text) {
    return text == null || EventIds.isValid(text) ? id(text) : id(NameUuid.ofText(text).toString());
  }

  EventDraft eventType(String text) {
    eventType = text;
    return this;
  }

  EventDraft entityId(String text) {
    entityId = text;
    return this;
  }

  EventDraft tenantId(String text) {
    tenantId = text;
    return this;
  }

  /** A payload that is JSON text already. */
  EventDraft payload(JsonText text) {
    payload = checked("payload", text.array(), text.offset(), text.length());
    return this;
  }

  /** A payload that must be JSON text. */
  EventDraft payloadText(Located text) {
    byte[] raw = text.raw();
    payload = raw == null ? converted("payload", text) : checked("payload", raw, 0, raw.length);
    return this;
  }

  /** A payload that is any value; see {@link #anyJson}. Nothing, and an empty text, is null. */
  EventDraft payloadValue(Located value) {
    byte[] raw = value.raw();
    payload = raw != null && raw.length == 0 ? JsonText.NULL : anyJson("payload", value);
    return this;
  }

  /** RFC 3339 in any zone; kept as it is when it is in UTC. */
  EventDraft timestamp(String text) {
    timestamp = text == null ? null : EventTimes.kept("timestamp", text);
    return this;
  }

  /** Metadata that are JSON text; null or an empty text for none. */
  EventDraft metadataText(Located text) {
    byte[] raw = text.raw();
    if (text.value() == null || (raw != null && raw.length == 0)) {
      return this;
    }
    metadata = raw == null ? converted("metadata", text) : checked("metadata", raw, 0, raw.length);
    return this;
  }

  /** Metadata that are any value; null for none. */
  EventDraft metadataValue(Located value) {
    metadata = value.value() == null ? null : anyJson("metadata", value);
    return this;
  }

  /** A decimal number; null for 1. */
  EventDraft version(String text) {
    if (text != null) {
      try {
        version = Long.parseLong(text.trim());
      } catch (NumberFormatException e) {
        throw new DataException("its version is not a whole number of 64 bits", e);
      }
    }
    return this;
  }

  /** RFC 3339 in any zone; written with the fewest digits, for the checksum covers it so. */
  EventDraft walTimestamp(String text) {
    walTimestamp = text == null ? null : EventTimes.canonical("wal_timestamp", text);
    return this;
  }

  /** The entry. */
  WalEntry entry() {
    if (eventType == null) {
      throw new DataException("it has no event type");
    }
    if (entityId == null) {
      throw new DataException("it has no entity id");
    }
    if (payload == null) {
      throw new DataException("it has no payload");
    }
    long sequence = record.originalKafkaOffset() + 1;
    String recordTime = EventTimes.ofRecord(record.timestamp());
    String eventTime = timestamp != null ? timestamp : recordTime != null ? recordTime : NO_TIME;
    String walTime = EventTimes.written(walTimestamp, recordTime, eventTime);
    String eventId = id;
    if (eventId == null) {
      UUID made =
          NameUuid.ofRecord(
              record.originalTopic(),
              record.originalKafkaPartition(),
              record.originalKafkaOffset());
      eventId = made.toString();
    }
    Event event =
        new Event(
            eventId,
            EventIds.high(eventId),
            EventIds.low(eventId),
            Utf8.wellFormed(eventType),
            Utf8.wellFormed(entityId),
            tenantId == null ? null : Utf8.wellFormed(tenantId),
            payload,
            eventTime,
            Timestamps.micros(eventTime),
            metadata,
            version);
    long checksum = WalChecksum.compute(sequence, walTime, eventId);
    return new WalEntry(sequence, walTime, event, checksum, null, null);
  }

  /**
   * Any value as JSON: text and bytes that are JSON are taken as they are, other text is a JSON
   * string, other bytes are {@code {"base64":"…"}}, structures and numbers are written as JSON.
   */
  private static JsonText anyJson(String part, Located value) {
    byte[] raw = value.raw();
    if (raw == null) {
      return converted(part, value);
    }
    try {
      return oneLine(JsonScanner.value(raw, 0, raw.length));
    } catch (MalformedJsonException e) {
      Located text =
          Utf8.isValid(raw)
              ? new Located(null, new String(raw, UTF_8))
              : new Located(null, Map.of("base64", Base64.getEncoder().encodeToString(raw)));
      return converted(part, text);
    }
  }

  private static JsonText converted(String part, Located value) {
    JsonText text = ConnectJson.write(value.schema(), value.value());
    return checked(part, text.array(), text.offset(), text.length());
  }

  private static JsonText checked(String part, byte[] bytes, int offset, int length) {
    try {
      return oneLine(JsonScanner.value(bytes, offset, length));
    } catch (MalformedJsonException e) {
      throw new DataException(
          "its " + part + " is not JSON that followers read: " + e.getMessage());
    }
  }

  /** A line feed ends a line of the protocol; between JSON's tokens a space means the same. */
  private static JsonText oneLine(JsonText text) {
    for (int i = 0; i < text.length(); i++) {
      if (text.array()[text.offset() + i] == '\n') {
        byte[] copy = text.toBytes();
        for (int j = i; j < copy.length; j++) {
          if (copy[j] == '\n') {
            copy[j] = ' ';
          }
        }
        return new JsonText(copy, 0, copy.length);
      }
    }
    return text;
  }
}
