package io.github.allsourceconnect.source.record.shape;

import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.ValueNames;
import io.github.allsourceconnect.source.record.shape.Numbers.Digits;
import java.util.List;
import java.util.Map;

/**
 * A payload as maps and lists, without a schema: members in their order, whole numbers as {@link
 * Long}, others as {@link Double}. What those can't hold is its own JSON text: numbers beyond them,
 * what is nested too deeply, and a payload that is neither an object nor an array, that looks like
 * a structure of {@link Shaped}, or where saying where such texts are would take too much.
 *
 * @param value a map, a list, or a text
 * @param texts where in it such texts stand, as JSON pointers
 */
public record Plain(Object value, List<String> texts) {

  /**
   * A payload, or metadata.
   *
   * @param depthMax how many levels of objects and arrays are taken apart
   */
  public static Plain of(JsonText text, int depthMax) {
    Object tree = PayloadJson.tree(text, depthMax);
    boolean ambiguous = tree instanceof Map<?, ?> map && map.containsKey(ValueNames.REST);
    if (ambiguous || !(tree instanceof Map || tree instanceof List)) {
      return new Plain(text.toString(), List.of());
    }
    Places texts = new Places(0);
    replaceIn(tree, null, texts);
    return texts.areTooMany()
        ? new Plain(text.toString(), List.of())
        : new Plain(tree, List.copyOf(texts.values().keySet()));
  }

  @SuppressWarnings("unchecked") // a tree has no other maps and lists
  private static void replaceIn(Object tree, Pointer path, Places texts) {
    if (tree instanceof Map<?, ?> members) {
      for (Map.Entry<String, Object> member : ((Map<String, Object>) members).entrySet()) {
        if (isReplaced(member.getValue())) {
          Pointer here = new Pointer(path, member.getKey());
          member.setValue(replaced(member.getValue(), here, texts));
        }
      }
    } else {
      List<Object> elements = (List<Object>) tree;
      for (int i = 0; i < elements.size(); i++) {
        if (isReplaced(elements.get(i))) {
          Pointer here = new Pointer(path, Integer.toString(i));
          elements.set(i, replaced(elements.get(i), here, texts));
        }
      }
    }
  }

  private static Object replaced(Object value, Pointer here, Places texts) {
    if (value instanceof Digits || value instanceof JsonText) {
      texts.put(here, true);
      return value.toString();
    }
    replaceIn(value, here, texts);
    return value;
  }

  /** Or something in it. */
  private static boolean isReplaced(Object value) {
    return value instanceof Digits
        || value instanceof JsonText
        || value instanceof Map
        || value instanceof List;
  }

  /** {@link #texts} as a JSON array; null if there are none. */
  public String textsJson() {
    return texts.isEmpty() ? null : PayloadJson.text(texts);
  }
}
