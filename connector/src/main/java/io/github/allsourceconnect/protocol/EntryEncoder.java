package io.github.allsourceconnect.protocol;

/** Writes entries and events field by field, in the real leader's order. */
final class EntryEncoder {
  private EntryEncoder() {}

  /** About how many bytes an entry takes. */
  static int size(WalEntry entry) {
    if (entry.entryText() != null) {
      return entry.entryText().length();
    }
    JsonText event = entry.eventText();
    return (event != null ? event.length() : size(entry.event())) + 256;
  }

  static int size(Event event) {
    long texts = event.payload().length();
    texts += event.metadata() == null ? 4 : event.metadata().length();
    texts += event.entityId().length() + event.eventType().length();
    return (int) Math.min(texts + 256, Integer.MAX_VALUE / 2);
  }

  static LineWriter entry(LineWriter out, WalEntry entry) {
    out.raw("{\"sequence\":").number(entry.sequence());
    out.raw(",\"wal_timestamp\":").string(entry.walTimestamp());
    out.raw(",\"event\":");
    if (entry.eventText() != null) {
      out.value(entry.eventText());
    } else {
      event(out, entry.event());
    }
    return out.raw(",\"checksum\":").number(entry.checksum()).raw("}");
  }

  static LineWriter event(LineWriter out, Event event) {
    out.raw("{\"id\":").string(event.id());
    out.raw(",\"event_type\":").string(event.eventType());
    out.raw(",\"entity_id\":").string(event.entityId());
    if (event.tenantId() != null) {
      out.raw(",\"tenant_id\":").string(event.tenantId());
    }
    out.raw(",\"payload\":").value(event.payload());
    out.raw(",\"timestamp\":").string(event.timestamp());
    out.raw(",\"metadata\":").value(event.metadata() == null ? JsonText.NULL : event.metadata());
    return out.raw(",\"version\":").number(event.version()).raw("}");
  }
}
