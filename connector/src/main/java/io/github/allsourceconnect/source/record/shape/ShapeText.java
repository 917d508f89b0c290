package io.github.allsourceconnect.source.record.shape;

import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.source.record.shape.Shape.Fields;
import io.github.allsourceconnect.source.record.shape.Shape.Items;
import io.github.allsourceconnect.source.record.shape.Shape.Kind;
import io.github.allsourceconnect.source.record.shape.Shape.Single;
import java.io.UncheckedIOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Shapes as JSON, to keep them: an object for an object, an array with one element for an array,
 * and a letter for a single value, as in {@code {"id":"i","lines":[{"price":"d"}]}}. Stateless.
 */
final class ShapeText {
  /** As deep as a shape may be, and deeper. */
  private static final int DEPTH_MAX = 1_000;

  private ShapeText() {}

  static String of(Fields shape) {
    return PayloadJson.text(tree(shape));
  }

  private static Object tree(Shape shape) {
    if (shape instanceof Items items) {
      return List.of(tree(items.element()));
    }
    if (shape instanceof Single single) {
      return single.kind().letter();
    }
    Map<String, Object> members = new LinkedHashMap<>();
    ((Fields) shape).members().forEach((name, member) -> members.put(name, tree(member)));
    return members;
  }

  /**
   * The shape.
   *
   * @throws IllegalArgumentException saying what it is not
   */
  static Fields parse(String text) {
    if (shape(tree(text)) instanceof Fields fields) {
      return fields;
    }
    throw new IllegalArgumentException("is not an object");
  }

  /** Shapes of event types: an object with a list for each, of a payload's and a metadata's. */
  static String ofTypes(Map<String, List<Fields>> types) {
    Map<String, Object> all = new LinkedHashMap<>();
    types.forEach(
        (type, shapes) -> all.put(type, List.of(tree(shapes.get(0)), tree(shapes.get(1)))));
    return PayloadJson.text(all);
  }

  /**
   * What {@link #ofTypes} wrote.
   *
   * @throws IllegalArgumentException saying what it is not
   */
  static Map<String, List<Fields>> parseTypes(String text) {
    Map<String, List<Fields>> types = new LinkedHashMap<>();
    if (!(tree(text) instanceof Map<?, ?> members)) {
      throw new IllegalArgumentException("is not an object");
    }
    members.forEach(
        (type, shapes) -> {
          if (shapes instanceof List<?> two
              && two.size() == 2
              && shape(two.get(0)) instanceof Fields payload
              && shape(two.get(1)) instanceof Fields metadata) {
            types.put((String) type, List.of(payload, metadata));
          } else {
            throw new IllegalArgumentException("has something that is not two shapes");
          }
        });
    return types;
  }

  private static Object tree(String text) {
    try {
      return PayloadJson.tree(JsonText.of(text), DEPTH_MAX);
    } catch (UncheckedIOException e) {
      throw new IllegalArgumentException("is not JSON", e);
    }
  }

  private static Shape shape(Object tree) {
    if (tree instanceof Map<?, ?> members) {
      Map<String, Shape> fields = new LinkedHashMap<>();
      members.forEach((name, member) -> fields.put((String) name, shape(member)));
      return new Fields(fields);
    }
    if (tree instanceof List<?> elements && elements.size() == 1) {
      return new Items(shape(elements.get(0)));
    }
    for (Kind kind : Kind.values()) {
      if (kind.letter().equals(tree)) {
        return new Single(kind);
      }
    }
    throw new IllegalArgumentException("has something that is not a shape");
  }
}
