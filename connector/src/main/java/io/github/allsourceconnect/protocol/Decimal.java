package io.github.allsourceconnect.protocol;

/** Numbers as decimal digits. Stateless; for any thread; nothing is allocated. */
final class Decimal {
  /** Of the largest number. */
  static final int MAX_DIGITS = 19;

  /** The digits of the numbers up to 99: two at a time take half as many divisions. */
  private static final byte[] TENS = new byte[100];

  private static final byte[] ONES = new byte[100];

  static {
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
    int digits = 1;
    for (long least = 10; digits < MAX_DIGITS && value >= least; least *= 10) {
      digits++;
    }
    return digits;
  }
}
