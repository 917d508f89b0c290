package io.github.allsourceconnect.tool.preview;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.github.allsourceconnect.tool.input.UsageException;
import io.github.allsourceconnect.tool.preview.ShownRecord.Text;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.storage.Converter;
import org.apache.kafka.connect.storage.HeaderConverter;

/**
 * What the converters of a connector's settings make of records. Where there is none, which leaves
 * it to the worker's own, texts are shown as they are and structures as JSON. One thread.
 */
final class Written {
  private static final String KEY = "key.converter";
  private static final String VALUE = "value.converter";
  private static final String HEADER = "header.converter";
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /** Null: the worker's own. */
  private final Converter key;

  private final Converter value;
  private final HeaderConverter header;

  /**
   * Makes the converters.
   *
   * @throws UsageException if one can't be made
   */
  Written(Map<String, String> settings) throws UsageException {
    key = (Converter) configured(settings, KEY, Converter.class);
    if (key != null) {
      key.configure(under(settings, KEY), true);
    }
    value = (Converter) configured(settings, VALUE, Converter.class);
    if (value != null) {
      value.configure(under(settings, VALUE), false);
    }
    header = (HeaderConverter) configured(settings, HEADER, HeaderConverter.class);
    if (header != null) {
      Map<String, Object> own = new LinkedHashMap<>(under(settings, HEADER));
      own.put("converter.type", "header");
      header.configure(own);
    }
  }

  /** The class's full name where a worker would know it by a short one. */
  static String fullName(String name) {
    return switch (name) {
      case "String", "StringConverter" -> "org.apache.kafka.connect.storage.StringConverter";
      case "Json", "JsonConverter" -> "org.apache.kafka.connect.json.JsonConverter";
      default -> name;
    };
  }

  private static Map<String, ?> under(Map<String, String> settings, String key) {
    Map<String, String> own = new LinkedHashMap<>();
    String prefix = key + ".";
    settings.forEach(
        (name, value) -> {
          if (name.startsWith(prefix)) {
            own.put(name.substring(prefix.length()), value);
          }
        });
    return own;
  }

  private static Object configured(Map<String, String> settings, String key, Class<?> type)
      throws UsageException {
    String name = settings.get(key);
    if (name == null || name.isBlank()) {
      return null;
    }
    try {
      Object made = Class.forName(name.trim()).getDeclaredConstructor().newInstance();
      if (type.isInstance(made)) {
        return made;
      }
      throw new UsageException(key + "=" + name + " is not a " + type.getSimpleName());
    } catch (ClassNotFoundException e) {
      throw new UsageException(
          key
              + "="
              + name
              + " is not on the class path: add its jars to CLASSPATH, or look without it: --set "
              + key
              + "=");
    } catch (ReflectiveOperationException | LinkageError e) {
      throw new UsageException(key + "=" + name + " can't be made: " + e);
    }
  }

  /** Whether values are written as the worker's own converter does, which is not known here. */
  boolean isValueUnknown() {
    return value == null;
  }

  /**
   * The record as it is written.
   *
   * @throws DataException if a converter refuses it
   */
  ShownRecord shown(SourceRecord record) {
    Map<String, Text> headers = new LinkedHashMap<>();
    for (Header each : record.headers()) {
      headers.put(
          each.key(),
          header == null
              ? plain(each.value())
              : text(
                  header.fromConnectHeader(
                      record.topic(), each.key(), each.schema(), each.value())));
    }
    return new ShownRecord(
        record.topic(),
        record.kafkaPartition(),
        record.timestamp(),
        written(key, record.topic(), record.keySchema(), record.key()),
        headers,
        written(value, record.topic(), record.valueSchema(), record.value()));
  }

  private static Text written(Converter converter, String topic, Schema schema, Object what) {
    return converter == null ? plain(what) : text(converter.fromConnectData(topic, schema, what));
  }

  private static Text plain(Object what) {
    if (what == null) {
      return Text.NONE;
    }
    boolean nested = what instanceof Struct || what instanceof Map || what instanceof List;
    String text = nested ? json(what).toString() : what.toString();
    return new Text(text, false, text.getBytes(UTF_8).length);
  }

  private static JsonNode json(Object what) {
    if (what instanceof Struct struct) {
      ObjectNode node = JSON.createObjectNode();
      for (Field field : struct.schema().fields()) {
        node.set(field.name(), json(struct.get(field)));
      }
      return node;
    }
    if (what instanceof Map<?, ?> map) {
      ObjectNode node = JSON.createObjectNode();
      map.forEach((name, value) -> node.set(String.valueOf(name), json(value)));
      return node;
    }
    if (what instanceof List<?> list) {
      ArrayNode node = JSON.createArrayNode();
      list.forEach(value -> node.add(json(value)));
      return node;
    }
    return JSON.valueToTree(what);
  }

  private static Text text(byte[] bytes) {
    if (bytes == null) {
      return Text.NONE;
    }
    try {
      return new Text(
          UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString(), false, bytes.length);
    } catch (CharacterCodingException e) {
      return new Text(Base64.getEncoder().encodeToString(bytes), true, bytes.length);
    }
  }
}
