package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.config.CloudEventSettings;
import io.github.allsourceconnect.config.CloudEventSettings.Mode;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonFields;
import io.github.allsourceconnect.protocol.JsonText;
import java.util.function.BiConsumer;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;

/**
 * Events as CloudEvents 1.0, in either mode of the Kafka protocol binding: the same attributes as
 * headers, or as members of a JSON object whose {@code data} is the payload's own text.
 *
 * <p>Attributes are texts, for the format's integers have 32 bits. What an attribute can't say (an
 * empty type, control characters) it says as well as it can; the text itself is then in an {@code
 * allsource.} header, whatever other headers there are. One thread.
 */
final class CloudEvents {
  /** Stands for an empty event type, which a CloudEvent can't have. */
  private static final String UNTYPED = "allsource.event";

  private static final Header JSON = RepeatedHeaders.header("content-type", "application/json");
  private static final Header STRUCTURED =
      RepeatedHeaders.header("content-type", "application/cloudevents+json; charset=UTF-8");

  private final CloudEventSettings settings;

  /**
   * An event and what else attributes tell of it.
   *
   * @param tenant null if it is not known
   * @param key the record's
   * @param walOffset 0 if it is not known
   * @param walTimestamp null if it is not known
   */
  record Told(Event event, String tenant, String key, long walOffset, String walTimestamp) {}

  CloudEvents(CloudEventSettings settings) {
    this.settings = settings;
  }

  /** Whether a record's value is the whole event, and not its payload. */
  boolean isStructured() {
    return settings.mode() == Mode.STRUCTURED;
  }

  /** The whole event as JSON. */
  JsonText structured(Told told) {
    JsonFields json = new JsonFields();
    attributes(told, json::put);
    return json.put("datacontenttype", "application/json").put("data", told.event.payload()).end();
  }

  /** Adds the record's headers. */
  void addTo(ConnectHeaders headers, Told told) {
    if (settings.mode() == Mode.BINARY) {
      attributes(told, (name, value) -> headers.addString("ce_" + name, value));
      headers.add(JSON);
    } else {
      headers.add(STRUCTURED);
    }
    exact(headers, "allsource.event_type", told.event.eventType());
    exact(headers, "allsource.entity_id", told.event.entityId());
    if (told.tenant != null) {
      exact(headers, "allsource.tenant_id", told.tenant);
    }
  }

  private static void exact(ConnectHeaders headers, String name, String text) {
    if (!CloudEventText.isLegal(text) && headers.lastWithName(name) == null) {
      headers.addString(name, text);
    }
  }

  private void attributes(Told told, BiConsumer<String, String> out) {
    Event event = told.event;
    out.accept("specversion", "1.0");
    out.accept("id", event.id());
    out.accept("source", settings.source());
    out.accept(
        "type",
        event.eventType().isEmpty() ? UNTYPED : CloudEventText.percentEncoded(event.eventType()));
    if (!event.entityId().isEmpty()) {
      out.accept("subject", CloudEventText.percentEncoded(event.entityId()));
    }
    out.accept("time", CloudEventText.time(event.timestamp(), event.micros()));
    if (told.tenant != null && !told.tenant.isEmpty()) {
      out.accept("tenantid", CloudEventText.percentEncoded(told.tenant));
    }
    if (CloudEventText.isLegal(told.key)) {
      out.accept("partitionkey", told.key);
    }
    out.accept("entityversion", Long.toString(event.version()));
    if (event.metadata() != null && !event.metadata().isNull()) {
      out.accept("metadata", CloudEventText.json(event.metadata().toString()));
    }
    if (told.walOffset > 0) {
      out.accept("waloffset", Long.toString(told.walOffset));
    }
    if (told.walTimestamp != null) {
      out.accept("waltimestamp", told.walTimestamp);
    }
  }
}
