package io.github.allsourceconnect.protocol;

/** Numbers as decimal digits. Stateless; for any thread; nothing is allocated. */
final class Decimal {
  /** Of the largest number. */
  static final int MAX_DIGITS = 19;

  private Decimal() {}

  /**
   * Writes a number.
   *
   * @param value 0 to 2^63-1
   * @return the place behind its last digit
   */
  static int put(long value, byte[] out, int at) {
    int digits = 1;
    for (long rest = value / 10; rest != 0; rest /= 10) {
      digits++;
    }
    long rest = value;
    for (int i = at + digits - 1; i >= at; i--) {
      out[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return at + digits;
  }
}
