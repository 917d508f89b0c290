package io.github.allsourceconnect.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/** Strict UTF-8 checks: no overlong form, no surrogate, nothing above U+10FFFF. Stateless. */
public final class Utf8 {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long HIGH_BITS = 0x8080808080808080L;

  private Utf8() {}

  /** The index of the first byte of a wrong sequence, or -1 when all is right. */
  static int firstInvalid(byte[] buf, int from, int to) {
    int i = from;
    while (i < to) {
      if (i + 32 <= to && (highBits(buf, i) | highBits(buf, i + 16)) == 0) {
        i += 32;
        continue;
      }
      if (i + 8 <= to && ((long) LONGS.get(buf, i) & HIGH_BITS) == 0) {
        i += 8;
        continue;
      }
      if (buf[i] >= 0) {
        i++;
        continue;
      }
      int length = sequenceLength(buf, i, to);
      if (length == 0) {
        return i;
      }
      i += length;
    }
    return -1;
  }

  /** Those of sixteen bytes. */
  private static long highBits(byte[] buf, int i) {
    return ((long) LONGS.get(buf, i) | (long) LONGS.get(buf, i + 8)) & HIGH_BITS;
  }

  /** Whether a Java text has a surrogate without its other half, which UTF-8 can't express. */
  static boolean hasLoneSurrogate(String text) {
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        if (c > Character.MAX_HIGH_SURROGATE
            || i + 1 == text.length()
            || !Character.isLowSurrogate(text.charAt(i + 1))) {
          return true;
        }
        i++;
      }
    }
    return false;
  }

  /** Whether all the bytes are UTF-8. */
  public static boolean isValid(byte[] bytes) {
    return firstInvalid(bytes, 0, bytes.length) < 0;
  }

  /** The text with U+FFFD in place of halves of surrogate pairs that stand alone. */
  public static String wellFormed(String text) {
    StringBuilder changed = null;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (!Character.isSurrogate(c)) {
        continue;
      }
      if (Character.isHighSurrogate(c)
          && i + 1 < text.length()
          && Character.isLowSurrogate(text.charAt(i + 1))) {
        i++;
        continue;
      }
      if (changed == null) {
        changed = new StringBuilder(text);
      }
      changed.setCharAt(i, '\ufffd');
    }
    return changed == null ? text : changed.toString();
  }

  /** Length of the sequence of several bytes at {@code i}; 0 if it is wrong. */
  private static int sequenceLength(byte[] buf, int i, int to) {
    int first = buf[i] & 0xFF;
    int length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : first < 0xF5 ? 4 : 0;
    if (length == 0 || i + length > to) {
      return 0;
    }
    int second = buf[i + 1] & 0xFF;
    int least = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
    int most = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
    if (second < least || second > most) {
      return 0;
    }
    for (int k = 2; k < length; k++) {
      if ((buf[i + k] & 0xC0) != 0x80) {
        return 0;
      }
    }
    return length;
  }
}
