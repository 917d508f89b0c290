package io.github.allsourceconnect.protocol;

import java.util.Arrays;

/** Builds one flat JSON object, field by field, in the order in which they are put. */
public final class JsonFields {
  private final LineWriter out = new LineWriter(256).raw("{");
  private boolean begun;

  /** A number. */
  public JsonFields put(String name, long value) {
    name(name).number(value);
    return this;
  }

  /** A text; {@code null} becomes JSON's null. */
  public JsonFields put(String name, String value) {
    LineWriter after = name(name);
    if (value == null) {
      after.raw("null");
    } else {
      after.string(value);
    }
    return this;
  }

  /** Any value, whose text is taken as it is. */
  public JsonFields put(String name, JsonText value) {
    name(name).value(value);
    return this;
  }

  /** A truth value. */
  public JsonFields put(String name, boolean value) {
    name(name).raw(Boolean.toString(value));
    return this;
  }

  /** All fields of another object, which is not touched; it need not be at its end. */
  public JsonFields putAll(JsonFields other) {
    byte[] fields = other.out.toBytes();
    if (fields.length > 1) {
      if (begun) {
        out.raw(",");
      }
      begun = true;
      out.bytes(Arrays.copyOfRange(fields, 1, fields.length));
    }
    return this;
  }

  /** A text alone, as JSON. */
  public static JsonText text(String value) {
    return new LineWriter(value.length() + 2).string(value).toJsonText();
  }

  /** The object; nothing more can be put then. */
  public JsonText end() {
    return out.raw("}").toJsonText();
  }

  private LineWriter name(String name) {
    if (begun) {
      out.raw(",");
    }
    begun = true;
    return out.string(name).raw(":");
  }
}
