package io.github.allsourceconnect.config;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Width;

/**
 * What payloads and metadata are in a value.
 *
 * @param format text, or what is made of it
 * @param depthMax how many levels of objects and arrays are taken apart
 * @param typesMax how many event types have schemas
 * @param fieldsMax how many fields such a schema has
 * @param names which names they may have
 */
public record ShapeSettings(
    PayloadFormat format, int depthMax, int typesMax, int fieldsMax, Names names) {

  /** What payloads are. */
  public enum PayloadFormat {
    TEXT,
    MAP,
    STRUCT
  }

  /** Which names get fields. */
  public enum Names {
    ALL,
    LEGAL
  }

  public static final String PAYLOAD_FORMAT = "payload.format";
  public static final String DEPTH_MAX = "payload.depth.max";
  public static final String TYPES_MAX = "struct.types.max";
  public static final String FIELDS_MAX = "struct.fields.max";
  public static final String NAMES = "struct.names";

  private static final String GROUP = "Payloads";
  private static final Set<String> FORMATS = Set.of("event", "payload", "cloudevents");

  static void define(ConfigDef def) {
    int order = 0;
    def.define(
        PAYLOAD_FORMAT,
        ConfigDef.Type.STRING,
        "text",
        Validators.oneOf(PayloadFormat.class),
        Importance.HIGH,
        "What payload and metadata are in values of the formats event, payload and cloudevents:"
            + " text (the leader's own JSON text, byte for byte), map (maps and lists without a"
            + " schema; an event is a map, too), struct (structures, whose schema is found out for"
            + " each event type, and grows).",
        GROUP,
        ++order,
        Width.SHORT,
        "Payload format");
    def.define(
        DEPTH_MAX,
        ConfigDef.Type.INT,
        20,
        Range.between(1, 100),
        Importance.LOW,
        "How many levels of objects and arrays map and struct take apart. What is nested more"
            + " deeply is its own JSON text.",
        GROUP,
        ++order,
        Width.SHORT,
        "Depth");
    def.define(
        TYPES_MAX,
        ConfigDef.Type.INT,
        1000,
        Range.between(0, 100_000),
        Importance.LOW,
        "How many event types have schemas of their own under struct. Payloads of others are JSON"
            + " text in one field.",
        GROUP,
        ++order,
        Width.SHORT,
        "Event types with schemas");
    def.define(
        FIELDS_MAX,
        ConfigDef.Type.INT,
        500,
        Range.between(1, 10_000),
        Importance.LOW,
        "How many fields the schema of a payload has under struct, those of structures within it"
            + " among them, and as many that of metadata; together not more than 240 bytes for"
            + " each in a schema in JSON. More are JSON text in one field.",
        GROUP,
        ++order,
        Width.SHORT,
        "Fields of a schema");
    def.define(
        NAMES,
        ConfigDef.Type.STRING,
        "all",
        Validators.oneOf(Names.class),
        Importance.MEDIUM,
        "Which members of payloads get fields under struct: all, or legal, those only whose names"
            + " begin with a letter or _ and have letters (of ASCII), digits and _ only; others are"
            + " JSON text in one field. Whoever writes events chooses names, and a converter that"
            + " does not take one, such as Avro's, fails the task.",
        GROUP,
        ++order,
        Width.SHORT,
        "Names of fields");
  }

  static ShapeSettings from(AbstractConfig config) {
    return new ShapeSettings(
        Validators.parse(PayloadFormat.class, config.getString(PAYLOAD_FORMAT)),
        config.getInt(DEPTH_MAX),
        config.getInt(TYPES_MAX),
        config.getInt(FIELDS_MAX),
        Validators.parse(Names.class, config.getString(NAMES)));
  }

  static void check(Map<String, Object> parsed, BiConsumer<String, String> error) {
    if (parsed.get(PAYLOAD_FORMAT) instanceof String payload
        && parsed.get(RecordSettings.VALUE_FORMAT) instanceof String value
        && !payload.trim().equalsIgnoreCase("text")
        && !FORMATS.contains(value.trim().toLowerCase(Locale.ROOT))) {
      error.accept(
          PAYLOAD_FORMAT,
          "must be text with "
              + RecordSettings.VALUE_FORMAT
              + "="
              + value.trim()
              + ", which is the leader's own JSON text as a whole. Take "
              + RecordSettings.VALUE_FORMAT
              + "=event, payload or cloudevents");
    } else if (parsed.get(PAYLOAD_FORMAT) instanceof String payload
        && !payload.trim().equalsIgnoreCase("text")
        && parsed.get(CloudEventSettings.MODE) instanceof String mode
        && mode.trim().equalsIgnoreCase("structured")) {
      error.accept(
          PAYLOAD_FORMAT,
          "must be text with "
              + CloudEventSettings.MODE
              + "=structured, where the value is a JSON text as a whole");
    }
  }
}
