package io.github.allsourceconnect.config;

import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;

/** Whether converters exist, and can carry what they are given. */
final class ConverterCheck {
  private static final String STRING = "StringConverter";
  private static final String JSON = "JsonConverter";
  private static final String BYTES = "ByteArrayConverter";
  private static final String VALUE = "value.converter";
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
    String simple = converter.trim().substring(converter.trim().lastIndexOf('.') + 1);
    boolean text =
        TEXTS.contains(format)
            || ((format.equals("payload") || format.equals("cloudevents"))
                && (payload == null || payload.equals("text")));
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
    } else if (simple.equals(BYTES) || simple.equals("ByteArray")) {
      error.accept(
          VALUE,
          "can't be ByteArrayConverter: values are "
              + (text
                  ? "texts. Take org.apache.kafka.connect.storage.StringConverter"
                  : "structures. Take JsonConverter"));
    }
  }
}
