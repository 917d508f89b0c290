package io.github.allsourceconnect.protocol;

/** Made-up events for tests: the same number, the same event. */
public final class Events {
  /** {@code 2026-01-02T03:04:05Z} in microseconds. */
  public static final long BASE_MICROS = 1_767_323_045_000_000L;

  private Events() {}

  /** An event of time {@code BASE_MICROS + number}. */
  public static Event event(long number, String payload) {
    return event(number, payload, "order.placed", "order-" + number % 10);
  }

  /** An event of time {@code BASE_MICROS + number}. */
  public static Event event(long number, String payload, String eventType, String entityId) {
    return event(number, BASE_MICROS + number, payload, eventType, entityId);
  }

  /** An event of that time. */
  public static Event event(
      long number, long micros, String payload, String eventType, String entityId) {
    long high = number * 0x9E3779B97F4A7C15L;
    long low = ~number * 0xC2B2AE3D27D4EB4FL;
    return new Event(
        EventIds.text(high, low),
        high,
        low,
        eventType,
        entityId,
        "tenant-" + number % 3,
        JsonText.of(payload),
        Timestamps.ofMicros(micros),
        micros,
        number % 2 == 0 ? JsonText.of("{\"k\":" + number + "}") : JsonText.NULL,
        number);
  }

  /** The same at another time, with other metadata. */
  public static Event with(Event event, String timestamp, JsonText metadata) {
    return with(event, event.payload(), timestamp, metadata);
  }

  /** The same at another time, with another payload and other metadata. */
  public static Event with(Event event, JsonText payload, String timestamp, JsonText metadata) {
    return with(event, payload, timestamp, metadata, event.version());
  }

  /** The same with other metadata and another version. */
  public static Event with(Event event, JsonText metadata, long version) {
    return with(event, event.payload(), event.timestamp(), metadata, version);
  }

  private static Event with(
      Event event, JsonText payload, String timestamp, JsonText metadata, long version) {
    return new Event(
        event.id(),
        event.idHigh(),
        event.idLow(),
        event.eventType(),
        event.entityId(),
        event.tenantId(),
        payload,
        timestamp,
        Timestamps.micros(timestamp),
        metadata,
        version);
  }

  /** An entry of that event, with a right checksum, without texts. */
  public static WalEntry entry(long sequence, String payload) {
    return entry(sequence, Timestamps.ofMicros(BASE_MICROS + sequence), event(sequence, payload));
  }

  /** An entry of that event and that time, with a right checksum, without texts. */
  public static WalEntry entry(long sequence, String time, Event event) {
    return new WalEntry(
        sequence, time, event, WalChecksum.compute(sequence, time, event.id()), null, null);
  }
}
