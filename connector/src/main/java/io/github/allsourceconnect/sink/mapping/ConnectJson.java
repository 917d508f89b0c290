package io.github.allsourceconnect.sink.mapping;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.StreamWriteFeature;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import io.github.allsourceconnect.protocol.JsonScanner;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.protocol.Timestamps;
import io.github.allsourceconnect.protocol.Utf8;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.Collection;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.connect.data.Date;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.data.Time;
import org.apache.kafka.connect.errors.DataException;

/**
 * Connect's values as JSON text, always the same text for the same value.
 *
 * <ul>
 *   <li>Struct: an object, fields in the schema's order, absent ones {@code null}.
 *   <li>Map: an object, keys sorted (hash order is no order); keys that are structures make it a
 *       list of pairs, as they can't be names.
 *   <li>Numbers as they are, decimals with all their digits; not-a-number and infinities as text.
 *   <li>Date {@code 2026-01-31}, Time {@code 12:34:56.789}, Timestamp {@code
 *       2026-01-31T12:34:56.789Z}, each as text.
 *   <li>Bytes: base64 text.
 * </ul>
 *
 * <p>Stateless; for any thread.
 */
final class ConnectJson {
  // Double.toString differs between Java releases; Jackson's own writer does not
  private static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamWriteFeature.USE_FAST_DOUBLE_WRITER)
          .enable(JsonWriteFeature.COMBINE_UNICODE_SURROGATES_IN_UTF8)
          .build();

  private ConnectJson() {}

  /**
   * The JSON text of a value.
   *
   * @param schema may be null
   * @throws DataException when it can't be written: nested too deeply, or of a class that no
   *     converter gives
   */
  static JsonText write(Schema schema, Object value) {
    if (value instanceof JsonText text) {
      return text;
    }
    ByteArrayOutputStream out = new ByteArrayOutputStream(256);
    try (JsonGenerator json = FACTORY.createGenerator(out)) {
      write(json, schema, value, 0);
    } catch (IOException e) {
      throw new DataException(
          "its value can't be written as JSON: " + Printable.of(e.getMessage()));
    }
    byte[] bytes = out.toByteArray();
    return new JsonText(bytes, 0, bytes.length);
  }

  private static void write(JsonGenerator json, Schema schema, Object value, int depth)
      throws IOException {
    if (depth > JsonScanner.MAX_DEPTH) {
      throw new DataException(
          "it is nested deeper than "
              + JsonScanner.MAX_DEPTH
              + " levels, more than followers read");
    }
    if (value == null) {
      json.writeNull();
    } else if (value instanceof JsonText text) {
      json.writeRawValue(text.toString());
    } else if (value instanceof Struct struct) {
      json.writeStartObject();
      for (Field field : struct.schema().fields()) {
        json.writeFieldName(Utf8.wellFormed(field.name()));
        write(json, field.schema(), struct.get(field), depth + 1);
      }
      json.writeEndObject();
    } else if (value instanceof Map<?, ?> map) {
      writeMap(json, schema, map, depth);
    } else if (value instanceof Collection<?> list) {
      Schema element = schema == null ? null : schema.valueSchema();
      json.writeStartArray();
      for (Object member : list) {
        write(json, element, member, depth + 1);
      }
      json.writeEndArray();
    } else if (value instanceof Boolean flag) {
      json.writeBoolean(flag);
    } else if (value instanceof Double number) {
      json.writeNumber(number);
    } else if (value instanceof Float number) {
      json.writeNumber(number);
    } else if (value instanceof BigDecimal number) {
      json.writeNumber(number.toString());
    } else if (value instanceof BigInteger number) {
      json.writeNumber(number);
    } else if (value instanceof Number number && isIntegral(number)) {
      json.writeNumber(number.longValue());
    } else {
      json.writeString(Utf8.wellFormed(text(schema, value)));
    }
  }

  private static void writeMap(JsonGenerator json, Schema schema, Map<?, ?> map, int depth)
      throws IOException {
    Schema keys = schema == null ? null : schema.keySchema();
    Schema values = schema == null ? null : schema.valueSchema();
    if (map.keySet().stream().allMatch(ConnectJson::isScalar)) {
      TreeMap<String, Object> sorted = new TreeMap<>();
      map.forEach((key, value) -> sorted.put(Utf8.wellFormed(text(keys, key)), value));
      json.writeStartObject();
      for (Map.Entry<String, Object> entry : sorted.entrySet()) {
        json.writeFieldName(entry.getKey());
        write(json, values, entry.getValue(), depth + 1);
      }
      json.writeEndObject();
      return;
    }
    json.writeStartArray();
    for (Map.Entry<?, ?> entry : map.entrySet()) {
      json.writeStartArray();
      write(json, keys, entry.getKey(), depth + 2);
      write(json, values, entry.getValue(), depth + 2);
      json.writeEndArray();
    }
    json.writeEndArray();
  }

  private static boolean isScalar(Object value) {
    return !(value == null
        || value instanceof Struct
        || value instanceof Map
        || value instanceof Collection);
  }

  private static boolean isIntegral(Object value) {
    return value instanceof Long
        || value instanceof Integer
        || value instanceof Short
        || value instanceof Byte;
  }

  /**
   * The text of a scalar that is not null.
   *
   * @throws DataException for a class that no converter gives
   */
  static String text(Schema schema, Object value) {
    if (value instanceof CharSequence || value instanceof Boolean || isIntegral(value)) {
      return value.toString();
    }
    if (value instanceof BigDecimal || value instanceof BigInteger) {
      return value.toString();
    }
    if (value instanceof Double || value instanceof Float) {
      return write(schema, value).toString().replace("\"", "");
    }
    if (value instanceof byte[] bytes) {
      return Base64.getEncoder().encodeToString(bytes);
    }
    if (value instanceof ByteBuffer buffer) {
      return text(schema, bytes(buffer));
    }
    if (value instanceof java.util.Date date) {
      return text(schema, date);
    }
    throw new DataException("it holds a value of " + value.getClass() + ", which has no JSON form");
  }

  @SuppressWarnings("JavaUtilDate") // Connect's logical types are made of it
  private static String text(Schema schema, java.util.Date date) {
    Instant instant = Instant.ofEpochMilli(date.getTime());
    String logical = schema == null ? null : schema.name();
    if (Date.LOGICAL_NAME.equals(logical)) {
      return instant.atOffset(ZoneOffset.UTC).toLocalDate().toString();
    }
    if (Time.LOGICAL_NAME.equals(logical)) {
      LocalTime time = instant.atOffset(ZoneOffset.UTC).toLocalTime();
      String text = time.toString();
      return text.length() == 5 ? text + ":00" : text;
    }
    try {
      return Timestamps.of(instant.getEpochSecond(), instant.getNano());
    } catch (IllegalArgumentException e) {
      return instant.toString();
    }
  }

  /** A copy of what is left in a buffer, whose position stays. */
  static byte[] bytes(ByteBuffer buffer) {
    byte[] bytes = new byte[buffer.remaining()];
    buffer.duplicate().get(bytes);
    return bytes;
  }
}
