package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Arrays;

/**
 * Builds a line of JSON as the real peers write it: no white space, {@code "} and {@code \} and
 * control characters escaped (the short forms where there are some), everything else raw UTF-8. One
 * thread.
 */
public final class LineWriter {
  private static final byte[] HEX = "0123456789abcdef".getBytes(ISO_8859_1);
  private byte[] out;
  private int length;

  /**
   * @param expectedBytes how long lines will be; longer ones take more memory
   */
  public LineWriter(int expectedBytes) {
    out = new byte[expectedBytes];
  }

  /** Begins anew, in the same array. */
  public void clear() {
    length = 0;
  }

  /** What was written are the first {@link #length} bytes of it, until something else is. */
  @SuppressWarnings("ArrayReturn")
  public byte[] array() {
    return out;
  }

  /** How many bytes were written. */
  public int length() {
    return length;
  }

  /** Text that is JSON already, of ASCII characters. */
  @SuppressWarnings("deprecation") // of texts that are not ASCII it drops the upper halves
  LineWriter raw(String ascii) {
    int n = ascii.length();
    room(n);
    ascii.getBytes(0, n, out, length);
    length += n;
    return this;
  }

  LineWriter number(long value) {
    if (value < 0) {
      return raw(Long.toString(value));
    }
    room(Decimal.MAX_DIGITS);
    length = Decimal.put(value, out, length);
    return this;
  }

  LineWriter bytes(byte[] bytes) {
    room(bytes.length);
    System.arraycopy(bytes, 0, out, length, bytes.length);
    length += bytes.length;
    return this;
  }

  /** A value byte for byte, but for line ends between its tokens: they would end the line. */
  LineWriter value(JsonText text) {
    room(text.length());
    System.arraycopy(text.array(), text.offset(), out, length, text.length());
    int end = length + text.length();
    int i = text.isOneLine() ? -1 : LineFramer.indexOfNewline(out, length, end);
    while (i >= 0) {
      out[i] = ' ';
      i = LineFramer.indexOfNewline(out, i + 1, end);
    }
    length = end;
    return this;
  }

  /** A string with its quotes; half of a surrogate pair becomes U+FFFD. */
  LineWriter string(String text) {
    int n = text.length();
    room(2 + 6L * n);
    out[length++] = '"';
    for (int i = plain(text); i < n; i++) {
      char c = text.charAt(i);
      if (c < 0x80) {
        ascii(c);
      } else if (c < 0x800) {
        out[length++] = (byte) (0xC0 | (c >> 6));
        out[length++] = (byte) (0x80 | (c & 0x3F));
      } else if (Character.isHighSurrogate(c)
          && i + 1 < n
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
        int code = Character.toCodePoint(c, text.charAt(i));
        out[length++] = (byte) (0xF0 | (code >> 18));
        out[length++] = (byte) (0x80 | ((code >> 12) & 0x3F));
        out[length++] = (byte) (0x80 | ((code >> 6) & 0x3F));
        out[length++] = (byte) (0x80 | (code & 0x3F));
      } else {
        char kept = Character.isSurrogate(c) ? '\uFFFD' : c;
        out[length++] = (byte) (0xE0 | (kept >> 12));
        out[length++] = (byte) (0x80 | ((kept >> 6) & 0x3F));
        out[length++] = (byte) (0x80 | (kept & 0x3F));
      }
    }
    out[length++] = '"';
    return this;
  }

  /** Writes the characters that stand for themselves, up to the first that does not. */
  private int plain(String text) {
    byte[] to = out;
    int from = length;
    int n = text.length();
    int i = 0;
    for (; i < n; i++) {
      char c = text.charAt(i);
      if (c < 0x20 || c >= 0x80 || c == '"' || c == '\\') {
        break;
      }
      to[from + i] = (byte) c;
    }
    length += i;
    return i;
  }

  private void ascii(char c) {
    if (c >= 0x20 && c != '"' && c != '\\') {
      out[length++] = (byte) c;
      return;
    }
    out[length++] = '\\';
    char shortForm =
        switch (c) {
          case '"', '\\' -> c;
          case '\b' -> 'b';
          case '\f' -> 'f';
          case '\n' -> 'n';
          case '\r' -> 'r';
          case '\t' -> 't';
          default -> 0;
        };
    if (shortForm != 0) {
      out[length++] = (byte) shortForm;
    } else {
      out[length++] = 'u';
      out[length++] = '0';
      out[length++] = '0';
      out[length++] = HEX[c >> 4];
      out[length++] = HEX[c & 15];
    }
  }

  /** What was written; the writer is done. */
  byte[] toBytes() {
    return length == out.length ? out : Arrays.copyOf(out, length);
  }

  /** What was written, without a copy; the writer is done. */
  JsonText toJsonText() {
    return new JsonText(out, 0, length);
  }

  private void room(long more) {
    long needed = length + more;
    if (needed > out.length) {
      if (needed > Integer.MAX_VALUE - 16) {
        throw new IllegalArgumentException("a message of " + needed + " bytes can't be sent");
      }
      out =
          Arrays.copyOf(
              out, (int) Math.max(needed, Math.min(2L * out.length, Integer.MAX_VALUE - 16)));
    }
  }
}
