package io.github.allsourceconnect.source.record.shape;

import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.source.record.shape.Shape.Fields;
import io.github.allsourceconnect.source.record.shape.Shape.Items;
import io.github.allsourceconnect.source.record.shape.Shape.Kind;
import io.github.allsourceconnect.source.record.shape.Shape.Single;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * How a shape grows by one payload. One object for each, one thread.
 *
 * <p>A member that was not there becomes a field, if its value tells a kind: null, an empty array
 * or object, and an array whose elements have no kind in common do not. A whole number becomes a
 * double where a fraction comes and none of the numbers before is beyond 53 bits. Nothing else
 * changes what is known.
 */
final class Growth {
  /** Longer names stay outside. */
  static final int NAME_MAX = 200;

  private final int fieldsMax;
  private final String reserved;
  private Fields root;

  /** How many there are; -1 as long as nobody has counted. */
  private int fields;

  private boolean bounded;

  /**
   * @param fieldsMax how many fields the whole may have
   * @param reserved a name that no field of the outermost object may have
   */
  Growth(int fieldsMax, String reserved) {
    this.fieldsMax = fieldsMax;
    this.reserved = reserved;
  }

  /** The outermost object's shape after this value, or the same as before. */
  Fields grown(Fields known, Map<?, ?> value) {
    root = known;
    fields = -1;
    return fields(known, value, reserved);
  }

  /** Whether something got no field because there are as many as there may be, or so deep. */
  boolean isBounded() {
    return bounded;
  }

  private Shape grown(Shape known, Object value) {
    if (value == null) {
      return known;
    }
    if (value instanceof JsonText) {
      bounded = true;
      return known;
    }
    if (value instanceof Map<?, ?> members) {
      if (known != null) {
        return known instanceof Fields before ? fields(before, members, "") : known;
      }
      Fields made = fields(Fields.NONE, members, "");
      return made.members().isEmpty() ? null : made;
    }
    if (value instanceof List<?> elements) {
      return known == null || known instanceof Items ? items((Items) known, elements) : known;
    }
    Kind kind = Kind.of(value);
    if (known == null) {
      return new Single(kind);
    }
    boolean wider =
        known instanceof Single before
            && before.kind() == Kind.WHOLE
            && (kind == Kind.LONG || kind == Kind.DOUBLE);
    return wider ? new Single(kind) : known;
  }

  private Fields fields(Fields known, Map<?, ?> value, String forbidden) {
    Map<String, Shape> grown = null;
    for (Map.Entry<?, ?> member : value.entrySet()) {
      String name = (String) member.getKey();
      Shape before = known.members().get(name);
      Shape after =
          before == null
              ? field(name, member.getValue(), forbidden)
              : grown(before, member.getValue());
      if (after != before) {
        grown = grown == null ? new LinkedHashMap<>(known.members()) : grown;
        grown.put(name, after);
      }
    }
    return grown == null ? known : new Fields(grown);
  }

  /** Null for none. */
  private Shape field(String name, Object value, String forbidden) {
    if (value == null || name.isEmpty() || name.equals(forbidden)) {
      return null;
    }
    if (fields < 0) {
      fields = root.count();
    }
    if (fields >= fieldsMax || name.length() > NAME_MAX) {
      bounded = true;
      return null;
    }
    fields++;
    Shape made = grown(null, value);
    fields -= made == null ? 1 : 0;
    return made;
  }

  @SuppressWarnings("ReferenceEquality") // what has not grown is returned as it was
  private Items items(Items known, List<?> elements) {
    int before = fields;
    Shape element = known == null ? null : known.element();
    for (Object one : elements) {
      element = grown(element, one);
    }
    Items grown =
        element == null || (known != null && element == known.element())
            ? known
            : new Items(element);
    if (grown != known && !grown.takes(elements)) {
      fields = before;
      return known;
    }
    return grown;
  }
}
