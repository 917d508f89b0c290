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
    try {
      if (shape(PayloadJson.tree(JsonText.of(text), DEPTH_MAX)) instanceof Fields fields) {
        return fields;
      }
    } catch (UncheckedIOException e) {
      throw new IllegalArgumentException("is no JSON", e);
    }
    throw new IllegalArgumentException("is no object");
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
    throw new IllegalArgumentException("has something that is no shape");
  }
}
