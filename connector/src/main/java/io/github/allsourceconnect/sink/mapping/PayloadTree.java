package io.github.allsourceconnect.sink.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.protocol.JsonScanner;
import io.github.allsourceconnect.protocol.JsonScanner.MalformedJsonException;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.Utf8;
import io.github.allsourceconnect.protocol.ValueNames;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;

/**
 * Payloads and metadata that the source wrote as structures or maps, put together again: what the
 * structure had no place for, and which texts are JSON themselves. Stateless.
 */
final class PayloadTree {
  private PayloadTree() {}

  /**
   * The whole of it; the same if there is nothing to be put together.
   *
   * @param texts the header that tells which texts are JSON; null if there is none
   * @throws DataException if one of these does not fit the other
   */
  static Located whole(Located value, String texts) {
    Object rest = rest(value.value());
    if (rest == null && texts == null) {
      return value;
    }
    Object tree = tree(value.schema(), value.value(), rest != null, true);
    if (texts != null) {
      for (JsonText pointer : elements(texts)) {
        tree = put(tree, JsonScanner.string(pointer), null);
      }
    }
    if (rest instanceof String more) {
      for (Map.Entry<String, JsonText> one : members(more).entrySet()) {
        tree = put(tree, one.getKey(), one.getValue());
      }
    }
    return new Located(null, tree);
  }

  /** Its text, {@link Void} where the field is empty, null where there is none. */
  private static Object rest(Object value) {
    if (value instanceof Struct struct) {
      Field field = struct.schema().field(ValueNames.REST);
      return field == null || field.schema().type() != Schema.Type.STRING
          ? null
          : struct.get(field) == null ? Void.class : struct.get(field);
    }
    if (!(value instanceof Map<?, ?> map) || !map.containsKey(ValueNames.REST)) {
      return null;
    }
    Object text = map.get(ValueNames.REST);
    return text == null ? Void.class : text instanceof String ? text : null;
  }

  /** Maps and lists that can be written to. */
  private static Object tree(Schema schema, Object value, boolean shaped, boolean outermost) {
    if (value instanceof Struct struct) {
      Map<String, Object> members = new TreeMap<>();
      for (Field field : struct.schema().fields()) {
        add(members, field.name(), field.schema(), struct.get(field), shaped, outermost);
      }
      return members;
    }
    if (value instanceof Map<?, ?> map) {
      Schema inner = schema == null ? null : schema.valueSchema();
      Map<String, Object> members = new TreeMap<>();
      map.forEach((name, one) -> add(members, String.valueOf(name), inner, one, shaped, outermost));
      return members;
    }
    if (value instanceof Collection<?> list) {
      Schema inner = schema == null ? null : schema.valueSchema();
      List<Object> elements = new ArrayList<>();
      list.forEach(one -> elements.add(tree(inner, one, shaped, false)));
      return elements;
    }
    return value instanceof String text && schema != null && ValueNames.NUMBER.equals(schema.name())
        ? json(text)
        : value == null ? null : leaf(schema, value);
  }

  /** What is only right with its schema is written with it. */
  private static Object leaf(Schema schema, Object value) {
    return schema == null || schema.name() == null ? value : ConnectJson.write(schema, value);
  }

  private static void add(
      Map<String, Object> members,
      String name,
      Schema schema,
      Object value,
      boolean shaped,
      boolean outermost) {
    boolean isRest = shaped && outermost && name.equals(ValueNames.REST);
    if (!isRest && !(shaped && value == null)) {
      members.put(name, tree(schema, value, shaped, false));
    }
  }

  /**
   * @param value null: what is there is JSON
   */
  @SuppressWarnings("unchecked") // made above
  private static Object put(Object tree, String pointer, JsonText value) {
    if (pointer.isEmpty() && value != null) {
      return value;
    }
    String[] steps = pointer.split("/", -1);
    Object here = tree;
    for (int i = 1; i < steps.length; i++) {
      String step = steps[i].replace("~1", "/").replace("~0", "~");
      boolean last = i == steps.length - 1;
      if (here instanceof Map<?, ?>) {
        Map<String, Object> members = (Map<String, Object>) here;
        if (last) {
          members.put(step, value == null ? json(members.get(step)) : value);
        }
        here = members.get(step);
      } else if (here instanceof List<?> && index(step) < ((List<?>) here).size()) {
        List<Object> elements = (List<Object>) here;
        if (last) {
          elements.set(index(step), value == null ? json(elements.get(index(step))) : value);
        }
        here = elements.get(index(step));
      } else {
        throw new DataException("what " + ValueNames.REST + " or a header tells is not there");
      }
    }
    return tree;
  }

  private static int index(String step) {
    try {
      return Integer.parseUnsignedInt(step) & Integer.MAX_VALUE;
    } catch (NumberFormatException e) {
      return Integer.MAX_VALUE;
    }
  }

  private static JsonText json(Object text) {
    if (!(text instanceof String json)) {
      throw new DataException("what a header calls JSON text is not JSON text");
    }
    byte[] bytes = Utf8.wellFormed(json).getBytes(UTF_8);
    try {
      return JsonScanner.value(bytes, 0, bytes.length);
    } catch (MalformedJsonException e) {
      throw new DataException(
          "what should be a number or JSON text in it is neither: " + e.getMessage(), e);
    }
  }

  private static List<JsonText> elements(String text) {
    byte[] bytes = Utf8.wellFormed(text).getBytes(UTF_8);
    try {
      List<JsonText> elements = JsonScanner.elements(bytes, 0, bytes.length);
      if (elements != null && elements.stream().allMatch(one -> one.array()[one.offset()] == '"')) {
        return elements;
      }
    } catch (MalformedJsonException e) {
      throw new DataException("a header about its texts is not JSON: " + e.getMessage(), e);
    }
    throw new DataException("a header about its texts is not a list of texts");
  }

  private static Map<String, JsonText> members(String text) {
    byte[] bytes = Utf8.wellFormed(text).getBytes(UTF_8);
    try {
      Map<String, JsonText> members = JsonScanner.members(bytes, 0, bytes.length);
      if (members != null) {
        return members;
      }
    } catch (MalformedJsonException e) {
      throw new DataException(
          "its " + ValueNames.REST + " is not JSON that followers read: " + e.getMessage(), e);
    }
    throw new DataException("its " + ValueNames.REST + " is not a JSON object");
  }
}
