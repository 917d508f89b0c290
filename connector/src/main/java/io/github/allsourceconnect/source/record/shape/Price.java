package io.github.allsourceconnect.source.record.shape;

import io.github.allsourceconnect.source.record.shape.Shape.Fields;
import java.util.Map;

/**
 * What shapes take where they are written, in bytes and from above: in a schema that goes along
 * with each record as JSON, and in what is kept. Names are chosen by whoever writes events, so
 * bounds are in bytes. Stateless.
 */
final class Price {
  /** What a schema in JSON says of a field beside names, and more. */
  private static final long FIELD = 100;

  /** What is put round a name to make it a schema's. */
  private static final int ROUND_NAME = 20;

  private Price() {}

  /** A text within a JSON text that is itself a text in JSON. */
  static long of(String text) {
    long bytes = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        bytes += c < 0x20 ? 7 : c == '"' || c == '\\' ? 4 : 1;
      } else {
        // both halves of a pair are escaped
        bytes += Character.isSurrogate(c) ? 6 : 3;
      }
    }
    return bytes;
  }

  /**
   * A field without those within it.
   *
   * @param within how long the name of the schema around it is
   * @param single whether it is neither an object nor an array
   */
  static long ofField(String name, int within, boolean single) {
    return FIELD + of(name) + (single ? 0 : within(within, name));
  }

  /** How long the name of an object's schema is. */
  static int within(int outer, String name) {
    return outer + name.length() + ROUND_NAME;
  }

  /** All fields of an object. */
  static long of(Fields shape, int within) {
    long bytes = 0;
    for (Map.Entry<String, Shape> member : shape.members().entrySet()) {
      Shape inner = member.getValue();
      while (inner instanceof Shape.Items items) {
        inner = items.element();
      }
      String name = member.getKey();
      bytes += ofField(name, within, member.getValue() instanceof Shape.Single);
      bytes += inner instanceof Fields fields ? of(fields, within(within, name)) : 0;
    }
    return bytes;
  }

  /** An object none of whose fields has a value, in JSON. */
  static long ofEmpty(Map<String, Shape> members) {
    long bytes = 0;
    for (String name : members.keySet()) {
      bytes += of(name) + 10;
    }
    return bytes;
  }
}
