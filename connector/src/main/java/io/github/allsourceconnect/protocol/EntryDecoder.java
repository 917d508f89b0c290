package io.github.allsourceconnect.protocol;

/** Reads the {@code data} of a {@code wal_entry}: fields in any order, unknown ones ignored. */
final class EntryDecoder {
  private static final long MAX_U32 = 0xFFFF_FFFFL;

  private EntryDecoder() {}

  /** The WAL entry whose object is the current value. */
  static WalEntry entry(LineParser in) throws ProtocolException {
    in.beginObject("its WAL entry");
    int start = in.valueStart();
    long sequence = -1;
    long checksum = -1;
    String walTimestamp = null;
    Event event = null;
    JsonText eventText = null;
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      switch (field) {
        case "sequence" -> {
          in.once(sequence >= 0, field);
          sequence = in.unsigned(field, Long.MAX_VALUE);
          if (sequence == 0) {
            throw in.wrong(field, "is 0, but WAL offsets begin at 1");
          }
          in.walOffset(sequence);
        }
        case "wal_timestamp" -> {
          in.once(walTimestamp != null, field);
          walTimestamp = in.text(field);
          micros(in, field, walTimestamp);
        }
        case "event" -> {
          in.once(event != null, field);
          int eventStart = in.valueStart();
          event = event(in);
          eventText = in.sliceFrom(eventStart);
        }
        case "checksum" -> {
          in.once(checksum >= 0, field);
          checksum = in.unsigned(field, MAX_U32);
        }
        default -> in.skipValue();
      }
    }
    if (sequence < 0 || walTimestamp == null || event == null || checksum < 0) {
      throw in.missing(
          sequence < 0
              ? "sequence"
              : walTimestamp == null ? "wal_timestamp" : event == null ? "event" : "checksum");
    }
    return new WalEntry(sequence, walTimestamp, event, checksum, eventText, in.sliceFrom(start));
  }

  /** The event whose object is the current value. */
  static Event event(LineParser in) throws ProtocolException {
    in.beginObject("its event");
    String id = null;
    String eventType = null;
    String entityId = null;
    String tenantId = null;
    JsonText payload = null;
    String timestamp = null;
    long micros = 0;
    JsonText metadata = null;
    boolean hasVersion = false;
    long version = 0;
    for (String field = in.nextField(); field != null; field = in.nextField()) {
      switch (field) {
        case "id" -> {
          in.once(id != null, field);
          id = id(in, field);
        }
        case "event_type" -> {
          in.once(eventType != null, field);
          eventType = in.text(field);
        }
        case "entity_id" -> {
          in.once(entityId != null, field);
          entityId = in.text(field);
        }
        case "tenant_id" -> {
          in.once(tenantId != null, field);
          tenantId = in.text(field);
        }
        case "payload" -> {
          in.once(payload != null, field);
          payload = in.slice();
        }
        case "timestamp" -> {
          in.once(timestamp != null, field);
          timestamp = in.text(field);
          micros = micros(in, field, timestamp);
        }
        case "metadata" -> {
          in.once(metadata != null, field);
          metadata = in.slice();
        }
        case "version" -> {
          in.once(hasVersion, field);
          version = in.signed(field);
          hasVersion = true;
        }
        default -> in.skipValue();
      }
    }
    if (id == null
        || eventType == null
        || entityId == null
        || payload == null
        || timestamp == null
        || !hasVersion) {
      throw in.missing(
          id == null
              ? "id"
              : eventType == null
                  ? "event_type"
                  : entityId == null
                      ? "entity_id"
                      : payload == null ? "payload" : timestamp == null ? "timestamp" : "version");
    }
    return new Event(
        id,
        EventIds.high(id),
        EventIds.low(id),
        eventType,
        entityId,
        tenantId,
        payload,
        timestamp,
        micros,
        metadata,
        version);
  }

  private static String id(LineParser in, String field) throws ProtocolException {
    String id = in.text(field);
    if (!EventIds.isValid(id)) {
      throw in.wrong(field, "is not a UUID");
    }
    return EventIds.lowerCase(id);
  }

  private static long micros(LineParser in, String field, String text) throws ProtocolException {
    try {
      return Timestamps.micros(text);
    } catch (IllegalArgumentException e) {
      throw in.wrong(field, "is " + e.getMessage());
    }
  }
}
