package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Arrays;
import java.util.Objects;

/**
 * A JSON value kept as the sender's own UTF-8 text, byte for byte: never parsed into a tree, never
 * re-formatted, so that numbers beyond a double and odd strings come through unchanged.
 *
 * <p>It is a slice of an array that nobody writes to after construction; several slices may share
 * one array (the line that they were cut from). Immutable by that agreement, so safe for any
 * thread.
 */
public final class JsonText {
  /** The JSON {@code null}. */
  public static final JsonText NULL = of("null");

  private final byte[] array;
  private final int offset;
  private final int length;
  private final boolean oneLine;

  /**
   * A slice of {@code array}, which must not be written to afterwards.
   *
   * @param offset first byte, from 0
   * @param length number of bytes
   */
  public JsonText(byte[] array, int offset, int length) {
    this(array, offset, length, false);
  }

  private JsonText(byte[] array, int offset, int length, boolean oneLine) {
    Objects.checkFromIndexSize(offset, length, array.length);
    this.array = array;
    this.offset = offset;
    this.length = length;
    this.oneLine = oneLine;
  }

  /** The same of bytes that are known to have no line end. */
  static JsonText ofLine(byte[] array, int offset, int length) {
    return new JsonText(array, offset, length, true);
  }

  /** The UTF-8 form of a text that is already JSON. */
  public static JsonText of(String json) {
    byte[] bytes = json.getBytes(UTF_8);
    return new JsonText(bytes, 0, bytes.length);
  }

  /** The shared array; read it only within {@link #offset()} and {@link #length()}. */
  @SuppressWarnings("ArrayReturn")
  public byte[] array() {
    return array;
  }

  /** First byte of the value in {@link #array()}. */
  public int offset() {
    return offset;
  }

  /** Length of the value in bytes. */
  public int length() {
    return length;
  }

  /** A copy of the bytes that nobody else holds. */
  public byte[] toBytes() {
    return Arrays.copyOfRange(array, offset, offset + length);
  }

  /** Whether it is known to have no line end. */
  boolean isOneLine() {
    return oneLine;
  }

  /** Whether the value is the JSON literal {@code null}. */
  public boolean isNull() {
    return length == 4 && array[offset] == 'n';
  }

  /** The text itself. */
  @Override
  public String toString() {
    return new String(array, offset, length, UTF_8);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof JsonText that
        && Arrays.equals(
            array, offset, offset + length, that.array, that.offset, that.offset + that.length);
  }

  @Override
  public int hashCode() {
    int hash = 1;
    for (int i = offset; i < offset + length; i++) {
      hash = 31 * hash + array[i];
    }
    return hash;
  }
}
