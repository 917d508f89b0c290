package io.github.allsourceconnect.sink.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.protocol.JsonScanner;
import io.github.allsourceconnect.protocol.JsonScanner.MalformedJsonException;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.Utf8;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;

/**
 * A value somewhere in a record: Connect's own, or a slice of a JSON text.
 *
 * @param schema may be null
 * @param value may be null
 */
record Located(Schema schema, Object value) {
  static final Located NOTHING = new Located(null, null);

  /** Whether there is no value, or a JSON null. */
  boolean isNull() {
    return value == null || (value instanceof JsonText text && text.isNull());
  }

  /** What lies at a path inwards; {@link #NOTHING} when a step leads nowhere. */
  Located at(List<String> path) {
    Located here = this;
    for (String step : path) {
      here = here.inner(step);
      if (here.isNull()) {
        return NOTHING;
      }
    }
    return here;
  }

  /**
   * A text that is a JSON object as the map of its members, which is cheaper to look things up in.
   */
  Located expanded() {
    JsonText json = json();
    if (json == null) {
      return this;
    }
    try {
      Map<String, JsonText> members =
          JsonScanner.members(json.array(), json.offset(), json.length());
      return members == null ? this : new Located(null, members);
    } catch (MalformedJsonException e) {
      return this;
    }
  }

  private Located inner(String step) {
    if (value instanceof Struct struct) {
      Field field = struct.schema().field(step);
      return field == null ? NOTHING : new Located(field.schema(), struct.get(field));
    }
    if (value instanceof Map<?, ?> map) {
      return new Located(schema == null ? null : schema.valueSchema(), map.get(step));
    }
    if (value instanceof List<?> list) {
      int index = index(step, list.size());
      return index < 0
          ? NOTHING
          : new Located(schema == null ? null : schema.valueSchema(), list.get(index));
    }
    JsonText json = json();
    if (json == null) {
      return NOTHING;
    }
    try {
      Map<String, JsonText> members =
          JsonScanner.members(json.array(), json.offset(), json.length());
      if (members != null) {
        return new Located(null, members.get(step));
      }
      List<JsonText> elements = JsonScanner.elements(json.array(), json.offset(), json.length());
      int index = elements == null ? -1 : index(step, elements.size());
      return index < 0 ? NOTHING : new Located(null, elements.get(index));
    } catch (MalformedJsonException e) {
      // a text that is no JSON has nothing inside
      return NOTHING;
    }
  }

  private static int index(String step, int size) {
    if (step.isEmpty() || step.length() > 9 || !step.chars().allMatch(c -> c >= '0' && c <= '9')) {
      return -1;
    }
    int index = Integer.parseInt(step);
    return index < size ? index : -1;
  }

  private JsonText json() {
    if (value instanceof JsonText text) {
      return text;
    }
    byte[] raw = raw();
    return raw == null ? null : new JsonText(raw, 0, raw.length);
  }

  /** The bytes of a text or byte value; null for anything else. */
  byte[] raw() {
    if (value instanceof CharSequence text) {
      return Utf8.wellFormed(text.toString()).getBytes(UTF_8);
    }
    if (value instanceof byte[] bytes) {
      return bytes;
    }
    return value instanceof ByteBuffer buffer ? ConnectJson.bytes(buffer) : null;
  }

  /**
   * The value as a text: strings and UTF-8 bytes as they are, scalars as they are written.
   *
   * @return null when there is no value
   * @throws DataException when it is a structure
   */
  String text() {
    if (isNull()) {
      return null;
    }
    if (value instanceof JsonText json) {
      byte first = json.array()[json.offset()];
      if (first == '{' || first == '[') {
        throw new DataException("it is a structure where a single value is expected");
      }
      return first == '"' ? JsonScanner.string(json) : json.toString();
    }
    if (value instanceof Struct || value instanceof Map || value instanceof List) {
      throw new DataException("it is a structure where a single value is expected");
    }
    byte[] bytes = value instanceof byte[] || value instanceof ByteBuffer ? raw() : null;
    if (bytes != null && Utf8.isValid(bytes)) {
      return new String(bytes, UTF_8);
    }
    return Utf8.wellFormed(ConnectJson.text(schema, value));
  }
}
