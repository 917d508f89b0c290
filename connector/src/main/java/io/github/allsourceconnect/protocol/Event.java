package io.github.allsourceconnect.protocol;

/**
 * One event of the store, as a WAL entry or a snapshot row carries it.
 *
 * @param id the UUID's text as sent (lower case, with hyphens)
 * @param idHigh the UUID's upper 64 bits
 * @param idLow the UUID's lower 64 bits
 * @param eventType never null; the peers check no pattern when reading
 * @param entityId never null
 * @param tenantId null when not known: absent in an entry (where the store means "default"), or a
 *     row of a snapshot, which has no tenant column
 * @param payload any JSON, also a bare string, number, array or null; never a Java null
 * @param timestamp RFC 3339, UTC, as sent (nanoseconds in entries, microseconds in snapshot rows)
 * @param micros the timestamp in microseconds since 1970, rounded down: what entries and rows are
 *     compared by
 * @param metadata any JSON; Java null when the field was absent (an explicit {@code null} is kept
 *     as {@link JsonText#NULL})
 * @param version 0.19.1 always says 1; 0.27.0 counts the events of an entity
 */
public record Event(
    String id,
    long idHigh,
    long idLow,
    String eventType,
    String entityId,
    String tenantId,
    JsonText payload,
    String timestamp,
    long micros,
    JsonText metadata,
    long version) {

  /**
   * The same event of that tenant.
   *
   * @param tenant null when not known
   */
  public Event withTenant(String tenant) {
    return new Event(
        id, idHigh, idLow, eventType, entityId, tenant, payload, timestamp, micros, metadata,
        version);
  }

  /** The same event without what takes room: its ids, time and version. */
  public Event withoutContent() {
    return new Event(id, idHigh, idLow, "", "", null, JsonText.NULL, "", micros, null, version);
  }
}
