package io.github.allsourceconnect.config;

import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/**
 * Whether Kafka's own transformations can work on the source's records: those that look for fields
 * fail the task at the first text.
 *
 * <p>Of other transformations, and of those that a predicate chooses records for, nothing is known,
 * nor of what comes behind them.
 */
final class TransformCheck {
  private static final String TRANSFORMS = "transforms";
  private static final String KAFKAS = "org.apache.kafka.connect.transforms.";
  private static final Set<String> NEED_FIELDS =
      Set.of("ExtractField", "Flatten", "HeaderFrom", "InsertField", "MaskField", "ReplaceField");
  private static final Set<String> CHANGE_NO_SHAPE =
      Set.of(
          "DropHeaders",
          "Filter",
          "InsertHeader",
          "RegexRouter",
          "SetSchemaMetadata",
          "TimestampRouter");

  /** What a key or a value is by now. */
  private enum Shape {
    TEXT,
    FIELDS,
    UNKNOWN
  }

  private TransformCheck() {}

  /**
   * Looks at the transformations in their order.
   *
   * @param format the value format, as messages name it
   * @param text whether values are texts
   */
  static void check(
      Map<String, String> properties,
      String format,
      boolean text,
      BiConsumer<String, String> error) {
    String aliases = properties.getOrDefault(TRANSFORMS, "");
    Shape key = Shape.TEXT;
    Shape value = text ? Shape.TEXT : Shape.FIELDS;
    for (String alias : aliases.split(",", -1)) {
      String prefix = TRANSFORMS + "." + alias.trim() + ".";
      String type = properties.getOrDefault(prefix + "type", "").trim();
      String named = type.startsWith(KAFKAS) ? type.substring(KAFKAS.length()) : type;
      String name = named.replaceFirst("\\$(Key|Value)$", "");
      boolean ofKey = named.endsWith("$Key");
      if (CHANGE_NO_SHAPE.contains(name)) {
        continue;
      }
      if (properties.containsKey(prefix + "predicate") || name.indexOf('.') >= 0) {
        return;
      }
      Shape before = ofKey ? key : value;
      if (before == Shape.TEXT && needsFields(name, prefix, properties)) {
        error.accept(
            prefix + "type",
            "can't be "
                + named
                + (ofKey ? "" : " with " + RecordSettings.VALUE_FORMAT + "=" + format)
                + ": it looks for fields, and the "
                + (ofKey ? "key" : "value")
                + " is a text. Take "
                + (ofKey ? "record.key" : RecordSettings.VALUE_FORMAT + "=event")
                + ", or make it a structure first (HoistField)");
        return;
      }
      Shape after = after(name, before);
      if (ofKey || name.equals("ValueToKey")) {
        key = after;
      } else {
        value = after;
      }
    }
  }

  private static boolean needsFields(String name, String prefix, Map<String, String> properties) {
    return switch (name) {
      case "Cast" -> properties.getOrDefault(prefix + "spec", "").contains(":");
      case "TimestampConverter" -> !properties.getOrDefault(prefix + "field", "").isBlank();
      case "ValueToKey" -> true;
      default -> NEED_FIELDS.contains(name);
    };
  }

  private static Shape after(String name, Shape before) {
    return switch (name) {
      case "HoistField", "ValueToKey" -> Shape.FIELDS;
      case "ExtractField" -> Shape.UNKNOWN;
      default -> NEED_FIELDS.contains(name) ? before : Shape.UNKNOWN;
    };
  }
}
