package io.github.allsourceconnect.config;

import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** Whether converters exist, and can carry what they are given. */
final class ConverterCheck {
  private static final String STRING = "StringConverter";
  private static final String JSON = "JsonConverter";
  private static final String BYTES = "ByteArrayConverter";

  /** Apicurio's, which fails where a value has no schema. */
  private static final String SCHEMAS_ONLY = "ExtJsonConverter";

  private static final String VALUE = "value.converter";
  private static final String HEADER = "header.converter";
  private static final Set<String> TEXTS = Set.of("event_json", "wal_entry");

  private ConverterCheck() {}

  /** Each converter that is named must be a class that this worker has. */
  static void exists(
      Map<String, String> properties, Set<String> keys, BiConsumer<String, String> error) {
    for (String key : keys) {
      String name = properties.get(key);
      if (name == null || name.isBlank()) {
        continue;
      }
      try {
        // the worker's loader knows the other plugins, and short names
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        (loader == null ? ConverterCheck.class.getClassLoader() : loader).loadClass(name.trim());
      } catch (ClassNotFoundException | LinkageError e) {
        error.accept(
            key,
            "names "
                + name
                + ", a class that this worker does not have. Correct it, or put its plugin into"
                + " plugin.path");
      }
    }
  }

  /**
   * Whether the source's values come through its converter as they are.
   *
   * @param format the value format, in lower case
   * @param payload the payload's, in lower case; null where there is no choice
   */
  static void carries(
      Map<String, String> properties,
      String format,
      String payload,
      BiConsumer<String, String> error) {
    String converter = properties.get(VALUE);
    if (converter == null || format == null) {
      return;
    }
    String simple = simple(converter);
    boolean text = isText(format, payload);
    if (text && (simple.equals(JSON) || simple.equals("Json"))) {
      error.accept(
          VALUE,
          "can't be JsonConverter with value.format="
              + format
              + ": that is JSON text already, which would be quoted once more. Take"
              + " org.apache.kafka.connect.storage.StringConverter, or value.format=event");
    } else if (!text && (simple.equals(STRING) || simple.equals("String"))) {
      error.accept(
          VALUE,
          "can't be StringConverter with value.format="
              + format
              + (payload == null || payload.equals("text") ? "" : " and payload.format=" + payload)
              + ": it writes a structure as Struct{…}, which nothing can read. Take JsonConverter"
              + " or Avro, or "
              + (format.equals("event") ? "value.format=event_json" : "payload.format=text"));
    } else if (simple.equals(SCHEMAS_ONLY) && "map".equals(payload)) {
      error.accept(
          VALUE,
          "can't be "
              + SCHEMAS_ONLY
              + " with payload.format=map: maps have no schema, which it needs. Take"
              + " payload.format=struct, or JsonConverter");
    } else if (!text && format.equals("cloudevents") && !isPlainJson(simple, properties)) {
      error.accept(
          VALUE,
          "must be JsonConverter with "
              + VALUE
              + ".schemas.enable=false under value.format=cloudevents and payload.format="
              + payload
              + ": the event says that its data are JSON. Or take payload.format=text");
    } else if (!text && takesBytes(properties)) {
      error.accept(VALUE, "can't be ByteArrayConverter: values are structures. Take JsonConverter");
    }
  }

  /** Whether the value's converter is known to take bytes only. */
  static boolean takesBytes(Map<String, String> properties) {
    String simple = simple(properties.getOrDefault(VALUE, ""));
    return simple.equals(BYTES) || simple.equals("ByteArray");
  }

  private static boolean isPlainJson(String simple, Map<String, String> properties) {
    return (simple.equals(JSON) || simple.equals("Json"))
        && "false".equals(properties.getOrDefault(VALUE + ".schemas.enable", "true").trim());
  }

  /** Whether the source's values are texts. */
  static boolean isText(String format, String payload) {
    return TEXTS.contains(format)
        || ((format.equals("payload") || format.equals("cloudevents"))
            && (payload == null || payload.equals("text")));
  }

  /**
   * Whether the source's headers come through their converter as they must.
   *
   * @param format the value format, in lower case
   * @param none whether there are none but those of CloudEvents
   */
  static void carriesHeaders(
      Map<String, String> properties,
      String format,
      boolean none,
      BiConsumer<String, String> error) {
    String converter = properties.get(HEADER);
    if (converter == null || (none && !format.equals("cloudevents"))) {
      return;
    }
    String simple = simple(converter);
    if (simple.equals(BYTES) || simple.equals("ByteArray")) {
      error.accept(
          HEADER,
          "can't be ByteArrayConverter: headers are texts and numbers. Leave it out, or take"
              + " org.apache.kafka.connect.storage.StringConverter");
    } else if (format.equals("cloudevents") && (simple.equals(JSON) || simple.equals("Json"))) {
      error.accept(
          HEADER,
          "can't be JsonConverter with value.format=cloudevents: readers of CloudEvents want plain"
              + " texts, and it puts them into quotes. Leave it out, or take"
              + " org.apache.kafka.connect.storage.StringConverter");
    }
  }

  private static String simple(String className) {
    return className.trim().substring(className.trim().lastIndexOf('.') + 1);
  }
}
