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
  private final long bytesMax;
  private final String reserved;
  private final boolean legalNames;
  private Fields root;

  /** How many there are; -1 as long as nobody has counted. */
  private int fields;

  private long bytes;
  private boolean bounded;

  /**
   * @param fieldsMax how many fields the whole may have
   * @param bytesMax how many bytes new fields may take, by {@link Price}
   * @param reserved a name that no field of the outermost object may have
   * @param legalNames whether fields have names only that every format takes
   */
  Growth(int fieldsMax, long bytesMax, String reserved, boolean legalNames) {
    this.legalNames = legalNames;
    this.fieldsMax = fieldsMax;
    this.bytesMax = bytesMax;
    this.reserved = reserved;
  }

  /**
   * The outermost object's shape after this value, or the same as before.
   *
   * @param within how long the name of its schema is
   */
  Fields grown(Fields known, Map<?, ?> value, int within) {
    root = known;
    fields = -1;
    return fields(known, value, reserved, within);
  }

  /** What the new fields take. */
  long bytes() {
    return bytes;
  }

  /** Whether something got no field because of a bound: of their number, bytes or depth. */
  boolean isBounded() {
    return bounded;
  }

  private Shape grown(Shape known, Object value, int within) {
    if (value == null) {
      return known;
    }
    if (value instanceof JsonText) {
      bounded = true;
      return known;
    }
    if (value instanceof Map<?, ?> members) {
      if (known != null) {
        return known instanceof Fields before ? fields(before, members, "", within) : known;
      }
      Fields made = fields(Fields.NONE, members, "", within);
      return made.members().isEmpty() ? null : made;
    }
    if (value instanceof List<?> elements) {
      return known == null || known instanceof Items
          ? items((Items) known, elements, within)
          : known;
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

  private Fields fields(Fields known, Map<?, ?> value, String forbidden, int within) {
    Map<String, Shape> grown = null;
    for (Map.Entry<?, ?> member : value.entrySet()) {
      String name = (String) member.getKey();
      Shape before = known.members().get(name);
      Shape after =
          before == null
              ? field(name, member.getValue(), forbidden, within)
              : grown(before, member.getValue(), Price.within(within, name));
      if (after != before) {
        grown = grown == null ? new LinkedHashMap<>(known.members()) : grown;
        grown.put(name, after);
      }
    }
    return grown == null ? known : new Fields(grown);
  }

  /** Null for none. */
  private Shape field(String name, Object value, String forbidden, int within) {
    if (value == null
        || name.isEmpty()
        || name.equals(forbidden)
        || (legalNames && !SchemaNames.isLegal(name))) {
      return null;
    }
    if (fields < 0) {
      fields = root.count();
    }
    if (fields >= fieldsMax || name.length() > NAME_MAX) {
      bounded = true;
      return null;
    }
    boolean single = !(value instanceof Map || value instanceof List);
    long price = Price.ofField(name, within, single);
    if (bytes + price > bytesMax) {
      bounded = true;
      return null;
    }
    fields++;
    bytes += price;
    Shape made = grown(null, value, Price.within(within, name));
    if (made == null) {
      fields--;
      bytes -= price;
    }
    return made;
  }

  @SuppressWarnings("ReferenceEquality") // what has not grown is returned as it was
  private Items items(Items known, List<?> elements, int within) {
    int before = fields;
    long bytesBefore = bytes;
    Shape element = known == null ? null : known.element();
    for (Object one : elements) {
      element = grown(element, one, within);
    }
    Items grown =
        element == null || (known != null && element == known.element())
            ? known
            : new Items(element);
    if (grown != known && !grown.takes(elements)) {
      fields = before;
      bytes = bytesBefore;
      return known;
    }
    return grown;
  }
}
