package io.github.allsourceconnect.config;

import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Width;

/**
 * How a record becomes an event.
 *
 * @param mode whether records are recognised by their shape
 * @param nullValues what becomes of records without a value
 * @param type where the event's type is found
 * @param entity where the entity's id is found; the record's key when {@link ValueSource#isEmpty()}
 * @param tenant where the tenant is found
 * @param id where the event's id is found
 * @param timestamp where the event's time is found; the record's time when it is nowhere
 * @param timestampUnit of a timestamp that is a number
 * @param version where the event's version is found; 1 when it is nowhere
 * @param metadata where the event's metadata are found; none when they are nowhere
 * @param payloadField path of the payload in the value; null: the whole value
 */
public record MappingSettings(
    EventMapping mode,
    NullValues nullValues,
    ValueSource type,
    ValueSource entity,
    ValueSource tenant,
    ValueSource id,
    ValueSource timestamp,
    TimeUnit timestampUnit,
    ValueSource version,
    ValueSource metadata,
    String payloadField) {

  /** How records are read. */
  public enum EventMapping {
    /** What the source connector writes, in any of its formats; other records by the settings. */
    AUTO,
    /** Every record by the settings. */
    FIELDS
  }

  /** What becomes of a record without a value (tombstone, empty text, headers only). */
  public enum NullValues {
    IGNORE,
    FAIL,
    /** An event whose payload is {@code null}. */
    EVENT
  }

  /**
   * Where a part of an event is looked up: header, then field of the value, then field of the key,
   * then the constant; the first that has a value counts. Each may be null.
   *
   * @param header name of a header
   * @param field path in the value
   * @param keyField path in the key
   * @param constant the value itself
   */
  public record ValueSource(String header, String field, String keyField, String constant) {
    /** Whether it is looked up nowhere. */
    public boolean isEmpty() {
      return header == null && field == null && keyField == null && constant == null;
    }
  }

  public static final String MODE = "event.mapping";
  public static final String NULL_VALUES = "behavior.on.null.values";
  public static final String TYPE = "event.type";
  public static final String ENTITY = "entity.id";
  public static final String TENANT = "tenant.id";
  public static final String ID = "event.id";
  public static final String TIMESTAMP = "event.timestamp";
  public static final String TIMESTAMP_UNIT = "event.timestamp.unit";
  public static final String VERSION = "event.version";
  public static final String METADATA = "event.metadata";
  public static final String PAYLOAD_FIELD = "payload.field";

  /** Added to the key of a part: the header that it is taken from. */
  public static final String HEADER_SUFFIX = ".header";

  /** Added to the key of a part: the path in the value. */
  public static final String FIELD_SUFFIX = ".field";

  /** Added to the key of a part: the path in the key. */
  public static final String KEY_FIELD_SUFFIX = ".key.field";

  private static final String GROUP = "Mapping";

  /** The unit of a numeric timestamp. */
  enum Unit {
    S(TimeUnit.SECONDS),
    MS(TimeUnit.MILLISECONDS),
    US(TimeUnit.MICROSECONDS),
    NS(TimeUnit.NANOSECONDS);

    private final TimeUnit unit;

    Unit(TimeUnit unit) {
      this.unit = unit;
    }
  }

  static void define(ConfigDef def) {
    int order = 0;
    def.define(
        MODE,
        ConfigDef.Type.STRING,
        "auto",
        Validators.oneOf(EventMapping.class),
        Importance.HIGH,
        "How records become events. auto: what the source connector writes is recognised, in any"
            + " value.format; any other record goes by the settings of this group if they tell its"
            + " event type, and is not an event otherwise. fields: every record goes by the settings.",
        GROUP,
        ++order,
        Width.SHORT,
        "Mapping");
    def.define(
        NULL_VALUES,
        ConfigDef.Type.STRING,
        "ignore",
        Validators.oneOf(NullValues.class),
        Importance.MEDIUM,
        "A record without a value (tombstone, empty text, headers only): ignore leaves it out, fail"
            + " treats it as no event, event makes it an event whose payload is null.",
        GROUP,
        ++order,
        Width.SHORT,
        "Null values");
    order = part(def, TYPE, "event's type", Importance.HIGH, true, order);
    order =
        part(def, ENTITY, "entity's id (default: the record's key)", Importance.HIGH, true, order);
    order = part(def, TENANT, "tenant", Importance.MEDIUM, true, order);
    order =
        part(
            def,
            ID,
            "event's id (a UUID; any other text becomes a UUID, version 5, of that text; default: a"
                + " UUID, version 5, of topic, partition and offset)",
            Importance.MEDIUM,
            false,
            order);
    order =
        part(
            def,
            TIMESTAMP,
            "event's time, as RFC 3339 text or a number (default: the record's time)",
            Importance.MEDIUM,
            false,
            order);
    def.define(
        TIMESTAMP_UNIT,
        ConfigDef.Type.STRING,
        "ms",
        Validators.oneOf(Unit.class),
        Importance.LOW,
        "The unit of a time that is a number.",
        GROUP,
        ++order,
        Width.SHORT,
        "Unit of time");
    order = part(def, VERSION, "event's version (default: 1)", Importance.LOW, false, order);
    order = part(def, METADATA, "event's metadata", Importance.LOW, false, order);
    def.define(
        PAYLOAD_FIELD,
        ConfigDef.Type.STRING,
        null,
        Validators.notBlank(),
        Importance.MEDIUM,
        "Path in the value of what becomes the payload. Default: the whole value.",
        GROUP,
        ++order,
        Width.MEDIUM,
        "Payload");
  }

  private static int part(
      ConfigDef def, String key, String what, Importance importance, boolean constant, int order) {
    int next = order;
    next = text(def, key + HEADER_SUFFIX, "Header that holds the " + what + ".", importance, next);
    next =
        text(
            def,
            key + FIELD_SUFFIX,
            "Path in the value of the " + what + "; a dot leads inwards, \\. is a dot of a name.",
            importance,
            next);
    next =
        text(def, key + KEY_FIELD_SUFFIX, "Path in the key of the " + what + ".", importance, next);
    if (constant) {
      next =
          text(
              def,
              key,
              "The " + what + " itself, for records where no other setting finds one.",
              importance,
              next);
    }
    return next;
  }

  private static int text(ConfigDef def, String key, String doc, Importance importance, int order) {
    def.define(
        key,
        ConfigDef.Type.STRING,
        null,
        Validators.notBlank(),
        importance,
        doc,
        GROUP,
        order + 1,
        Width.MEDIUM,
        key);
    return order + 1;
  }

  static MappingSettings from(AbstractConfig config) {
    return new MappingSettings(
        Validators.parse(EventMapping.class, config.getString(MODE)),
        Validators.parse(NullValues.class, config.getString(NULL_VALUES)),
        source(config, TYPE, config.getString(TYPE)),
        source(config, ENTITY, config.getString(ENTITY)),
        source(config, TENANT, config.getString(TENANT)),
        source(config, ID, null),
        source(config, TIMESTAMP, null),
        Validators.parse(Unit.class, config.getString(TIMESTAMP_UNIT)).unit,
        source(config, VERSION, null),
        source(config, METADATA, null),
        config.getString(PAYLOAD_FIELD));
  }

  private static ValueSource source(AbstractConfig config, String key, String constant) {
    return new ValueSource(
        config.getString(key + HEADER_SUFFIX),
        config.getString(key + FIELD_SUFFIX),
        config.getString(key + KEY_FIELD_SUFFIX),
        constant);
  }

  static void check(Map<String, Object> parsed, BiConsumer<String, String> error) {
    if (parsed.get(MODE) instanceof String mode
        && mode.trim().equalsIgnoreCase(Validators.name(EventMapping.FIELDS))
        && parsed.get(TYPE) == null
        && parsed.get(TYPE + HEADER_SUFFIX) == null
        && parsed.get(TYPE + FIELD_SUFFIX) == null
        && parsed.get(TYPE + KEY_FIELD_SUFFIX) == null) {
      error.accept(
          TYPE,
          MODE
              + "=fields needs "
              + TYPE
              + ", "
              + TYPE
              + HEADER_SUFFIX
              + " or "
              + TYPE
              + FIELD_SUFFIX
              + ", for an event has a type");
    }
  }
}
