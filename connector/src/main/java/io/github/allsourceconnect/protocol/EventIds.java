package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.Locale;

/** Event ids: UUIDs as text with hyphens, and as two halves of 64 bits. Stateless. */
public final class EventIds {
  private static final byte[] HEX = "0123456789abcdef".getBytes(ISO_8859_1);
  private static final int LENGTH = 36;

  /** What a character is worth as a hexadecimal digit of either case; -1 for none. */
  private static final byte[] VALUES = new byte[0x80];

  /** Digits of either case in lower case, and the hyphen; 0 for what is in no id. */
  private static final byte[] LOWER = new byte[0x80];

  static {
    for (char c = 0; c < VALUES.length; c++) {
      VALUES[c] = (byte) Character.digit(c, 16);
      LOWER[c] = VALUES[c] < 0 ? 0 : HEX[VALUES[c]];
    }
    LOWER['-'] = '-';
  }

  private EventIds() {}

  /**
   * Whether it has 36 characters, hyphens where a UUID has them, and hexadecimal digits elsewhere.
   */
  public static boolean isValid(String text) {
    return halves(text) != null;
  }

  /** Its upper and its lower 64 bits; null if it is not valid. */
  @SuppressWarnings("ArrayReturn")
  public static long[] halves(String text) {
    if (text.length() != LENGTH || !hasHyphens(text)) {
      return null;
    }
    long first = digits(text, 0, 8);
    long second = digits(text, 9, 4);
    long third = digits(text, 14, 4);
    long fourth = digits(text, 19, 4);
    long last = digits(text, 24, 12);
    return (first | second | third | fourth | last) < 0
        ? null
        : new long[] {first << 32 | second << 16 | third, fourth << 48 | last};
  }

  /** Negative if one is none; no more than 15 at a time. */
  private static long digits(String text, int from, int count) {
    long value = 0;
    long wrong = 0;
    for (int i = from; i < from + count; i++) {
      int digit = hex(text.charAt(i));
      wrong |= digit;
      value = value << 4 | digit;
    }
    return wrong < 0 ? -1 : value;
  }

  /** A valid id as it is compared and shown: the same text where it has no capitals. */
  public static String lowerCase(String text) {
    // no branch for each digit: which it is can't be foreseen
    int capitals = 0;
    for (int i = 0; i < LENGTH; i++) {
      char c = text.charAt(i);
      capitals |= ('9' - c) & (c - 'a');
    }
    return capitals < 0 ? text.toLowerCase(Locale.ROOT) : text;
  }

  /**
   * Writes an id in lower case.
   *
   * @return the place behind it
   * @throws IllegalArgumentException if it is not valid
   */
  static int put(String text, byte[] out, int at) {
    int hyphens = 0;
    int wrong = text.length() - LENGTH;
    for (int i = 0; wrong == 0 && i < LENGTH; i++) {
      char c = text.charAt(i);
      byte lower = c < LOWER.length ? LOWER[c] : 0;
      hyphens += c == '-' ? 1 : 0;
      wrong = lower == 0 ? 1 : 0;
      out[at + i] = lower;
    }
    if (wrong != 0 || hyphens != 4 || !hasHyphens(text)) {
      throw new IllegalArgumentException("an event id that is not a UUID");
    }
    return at + LENGTH;
  }

  /** The upper 64 bits of a valid id. */
  public static long high(String text) {
    return halves(text)[0];
  }

  /** The lower 64 bits of a valid id. */
  public static long low(String text) {
    return halves(text)[1];
  }

  /** The lower-case text of the two halves. */
  public static String text(long high, long low) {
    byte[] out = new byte[LENGTH];
    int digit = 0;
    for (int i = 0; i < LENGTH; i++) {
      if (isHyphenPlace(i)) {
        out[i] = '-';
      } else {
        long half = digit < 16 ? high : low;
        out[i] = HEX[(int) (half >>> (60 - 4 * (digit % 16))) & 15];
        digit++;
      }
    }
    return new String(out, ISO_8859_1);
  }

  private static boolean hasHyphens(String text) {
    return text.charAt(8) == '-'
        && text.charAt(13) == '-'
        && text.charAt(18) == '-'
        && text.charAt(23) == '-';
  }

  private static boolean isHyphenPlace(int i) {
    return i == 8 || i == 13 || i == 18 || i == 23;
  }

  private static int hex(char c) {
    return c < 0x80 ? VALUES[c] : -1;
  }
}
