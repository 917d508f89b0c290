package io.github.allsourceconnect.source.record.shape;

import io.github.allsourceconnect.source.record.shape.Numbers.Digits;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * What is known of the values at one place of the payloads of one event type. Immutable; it only
 * ever grows, and each form can be read as any that came after it: fields are added behind the
 * others, and whole numbers of 53 bits become doubles, which hold them all. What does not fit stays
 * out of it.
 */
sealed interface Shape {
  /** A single value. */
  enum Kind {
    BOOLEAN('b'),
    /** A whole number, and none seen yet that a double would change. */
    WHOLE('i'),
    /** A whole number of 64 bits. */
    LONG('l'),
    DOUBLE('d'),
    /** A number of any size, by its digits. */
    NUMBER('n'),
    TEXT('t');

    private final String letter;

    Kind(char letter) {
      this.letter = String.valueOf(letter);
    }

    /** Its name where shapes are kept. */
    String letter() {
      return letter;
    }

    /** The narrowest kind of a single value that is not null. */
    static Kind of(Object value) {
      if (value instanceof Long number) {
        return isSmall(number) ? WHOLE : LONG;
      }
      return value instanceof String
          ? TEXT
          : value instanceof Boolean ? BOOLEAN : value instanceof Double ? DOUBLE : NUMBER;
    }

    private boolean takes(Object value) {
      return switch (this) {
        case BOOLEAN -> value instanceof Boolean;
        case WHOLE -> value instanceof Long number && isSmall(number);
        case LONG -> value instanceof Long;
        case DOUBLE -> value instanceof Double || (value instanceof Long number && isSmall(number));
        case NUMBER -> value instanceof Long || value instanceof Double || value instanceof Digits;
        case TEXT -> value instanceof String;
      };
    }
  }

  /** Of single values. */
  record Single(Kind kind) implements Shape {}

  /** Of arrays, all of whose elements fit one shape or are null. */
  record Items(Shape element) implements Shape {}

  /**
   * Of objects.
   *
   * @param members in the order in which they came
   * @param emptyBytes what an object takes in JSON of whose fields none has a value, from above
   */
  record Fields(Map<String, Shape> members, long emptyBytes) implements Shape {
    static final Fields NONE = new Fields(Map.of());

    Fields(Map<String, Shape> members) {
      this(Collections.unmodifiableMap(new LinkedHashMap<>(members)), Price.ofEmpty(members));
    }

    /** The same without fields whose names not every format takes. */
    Fields legal() {
      Map<String, Shape> legal = new LinkedHashMap<>();
      members.forEach(
          (name, member) -> {
            if (SchemaNames.isLegal(name)) {
              legal.put(name, Shape.legal(member));
            }
          });
      return new Fields(legal);
    }

    /** How many fields there are, those within others among them. */
    int count() {
      int count = 0;
      for (Shape member : members.values()) {
        count += 1 + Shape.fieldsIn(member);
      }
      return count;
    }
  }

  private static Shape legal(Shape shape) {
    return shape instanceof Fields fields
        ? fields.legal()
        : shape instanceof Items items ? new Items(legal(items.element)) : shape;
  }

  private static int fieldsIn(Shape shape) {
    return shape instanceof Fields fields
        ? fields.count()
        : shape instanceof Items items ? fieldsIn(items.element) : 0;
  }

  /** Whether a value other than null has a place here; of an object, its members may not. */
  default boolean takes(Object value) {
    if (this instanceof Items items) {
      return value instanceof List<?> elements
          && elements.stream().allMatch(element -> element == null || items.element.takes(element));
    }
    return this instanceof Single single ? single.kind.takes(value) : value instanceof Map;
  }

  /** A whole number that a double tells apart from its neighbours. */
  static boolean isSmall(long number) {
    return number >= -(1L << 53) && number <= 1L << 53;
  }
}
