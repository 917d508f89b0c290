package io.github.allsourceconnect.protocol;

/** Numbers as decimal digits. Stateless; for any thread; nothing is allocated. */
final class Decimal {
  /** Of the largest number. */
  static final int MAX_DIGITS = 19;

  /** The digits of the numbers up to 99: two at a time take half as many divisions. */
  private static final byte[] TENS = new byte[100];

  private static final byte[] ONES = new byte[100];

  /** The least number of one digit more than the index; 0 has a digit, too. */
  private static final long[] LEAST = new long[MAX_DIGITS];

  static {
    long least = 1;
    for (int digits = 1; digits < MAX_DIGITS; digits++) {
      least *= 10;
      LEAST[digits] = least;
    }
    for (int i = 0; i < 100; i++) {
      TENS[i] = (byte) ('0' + i / 10);
      ONES[i] = (byte) ('0' + i % 10);
    }
  }

  private Decimal() {}

  /**
   * Writes a number.
   *
   * @param value 0 to 2^63-1
   * @return the place behind its last digit
   */
  static int put(long value, byte[] out, int at) {
    int end = at + digits(value);
    int next = end;
    long rest = value;
    while (rest >= 100) {
      long hundreds = rest / 100;
      int pair = (int) (rest - 100 * hundreds);
      out[--next] = ONES[pair];
      out[--next] = TENS[pair];
      rest = hundreds;
    }
    out[--next] = ONES[(int) rest];
    if (rest >= 10) {
      out[--next] = TENS[(int) rest];
    }
    return end;
  }

  private static int digits(long value) {
    int bits = Long.SIZE - Long.numberOfLeadingZeros(value);
    int digits = (bits * 1233) >>> 12; // bits times the decimal logarithm of 2
    return value >= LEAST[digits] ? digits + 1 : digits;
  }
}
