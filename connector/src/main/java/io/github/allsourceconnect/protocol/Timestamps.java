package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

/**
 * Timestamps as the protocol writes them: RFC 3339, UTC, {@code Z}, years 0000 to 9999, with 0, 3,
 * 6 or 9 fraction digits, the fewest that lose nothing. Reading takes any 1 to 9 fraction digits
 * and a leap second; other zones are not taken. Stateless; for any thread; nothing is allocated
 * when reading.
 */
public final class Timestamps {
  /** {@code 0000-01-01T00:00:00Z} in microseconds since 1970. */
  public static final long MIN_MICROS = -62_167_219_200_000_000L;

  /** {@code 9999-12-31T23:59:59.999999Z} in microseconds since 1970. */
  public static final long MAX_MICROS = 253_402_300_799_999_999L;

  private static final int FRACTION = 20;

  private Timestamps() {}

  /**
   * Microseconds since 1970, rounded down. A leap second counts as the second after it.
   *
   * @throws IllegalArgumentException if it is no such timestamp; the message does not repeat it
   */
  public static long micros(String text) {
    long seconds = seconds(text);
    int fractionDigits = text.length() - FRACTION - 1;
    int micros = 0;
    for (int i = 0; i < 6; i++) {
      micros = micros * 10 + (i < fractionDigits ? text.charAt(FRACTION + i) - '0' : 0);
    }
    return seconds * 1_000_000L + micros;
  }

  /** Whether {@link #micros} takes it. */
  public static boolean isValid(String text) {
    try {
      long unused = seconds(text);
      return true;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /**
   * Whether it is valid and has the fewest fraction digits that lose nothing, as real peers write
   * it.
   */
  public static boolean isCanonical(String text) {
    return isValid(text) && isWrittenCanonically(text);
  }

  /** The same of a text that is known to be valid. */
  public static boolean isWrittenCanonically(String text) {
    return text.charAt(10) == 'T'
        && text.charAt(text.length() - 1) == 'Z'
        && fewestDigits(text) == text.length() - FRACTION - (text.length() == FRACTION ? 0 : 1);
  }

  /**
   * The text with the fewest digits of a time in microseconds.
   *
   * @throws IllegalArgumentException below {@link #MIN_MICROS} or above {@link #MAX_MICROS}
   */
  public static String ofMicros(long micros) {
    return of(Math.floorDiv(micros, 1_000_000L), (int) Math.floorMod(micros, 1_000_000L) * 1000);
  }

  /**
   * The text with the fewest digits.
   *
   * @param seconds since 1970
   * @param nanos 0 to 999,999,999
   * @throws IllegalArgumentException when the year would not be 0000 to 9999
   */
  public static String of(long seconds, int nanos) {
    if (seconds < MIN_MICROS / 1_000_000 || seconds > MAX_MICROS / 1_000_000) {
      throw new IllegalArgumentException("the year of a timestamp is not 0000 to 9999");
    }
    byte[] out = new byte[30];
    int day = (int) Math.floorDiv(seconds, 86_400L);
    int second = (int) Math.floorMod(seconds, 86_400L);
    // civil date of a day number, by eras of 400 years that begin on 1 March
    int shifted = day + 719_468;
    int era = Math.floorDiv(shifted, 146_097);
    int dayOfEra = Math.floorMod(shifted, 146_097);
    int yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365;
    int dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
    int monthFromMarch = (5 * dayOfYear + 2) / 153;
    int month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9;
    put(out, 0, 4, yearOfEra + era * 400 + (month <= 2 ? 1 : 0));
    out[4] = '-';
    put(out, 5, 2, month);
    out[7] = '-';
    put(out, 8, 2, dayOfYear - (153 * monthFromMarch + 2) / 5 + 1);
    out[10] = 'T';
    put(out, 11, 2, second / 3600);
    out[13] = ':';
    put(out, 14, 2, second / 60 % 60);
    out[16] = ':';
    put(out, 17, 2, second % 60);
    int end = 19;
    if (nanos != 0) {
      int digits = nanos % 1_000_000 == 0 ? 3 : nanos % 1000 == 0 ? 6 : 9;
      out[19] = '.';
      put(
          out,
          FRACTION,
          digits,
          digits == 3 ? nanos / 1_000_000 : digits == 6 ? nanos / 1000 : nanos);
      end = FRACTION + digits;
    }
    out[end++] = 'Z';
    return new String(out, 0, end, ISO_8859_1);
  }

  /**
   * Writes {@code YYYY-MM-DD HH:MM:SS[.f…] UTC} with the fewest digits, the form that the checksum
   * covers.
   *
   * @return the position after it
   */
  static int putChecksumForm(String text, byte[] out, int at) {
    long unused = seconds(text);
    int end = at;
    for (int i = 0; i < 19; i++) {
      out[end++] = (byte) (i == 10 ? ' ' : text.charAt(i));
    }
    int digits = fewestDigits(text);
    if (digits > 0) {
      out[end++] = '.';
      int given = text.length() - FRACTION - 1;
      for (int i = 0; i < digits; i++) {
        out[end++] = (byte) (i < given ? text.charAt(FRACTION + i) : '0');
      }
    }
    out[end++] = ' ';
    out[end++] = 'U';
    out[end++] = 'T';
    out[end++] = 'C';
    return end;
  }

  /** How many fraction digits a valid timestamp needs: 0, 3, 6 or 9. */
  private static int fewestDigits(String text) {
    for (int i = text.length() - 2; i >= FRACTION; i--) {
      if (text.charAt(i) != '0') {
        return (i - FRACTION) / 3 * 3 + 3;
      }
    }
    return 0;
  }

  /** Whole seconds since 1970; throws unless all of it is valid. */
  private static long seconds(String text) {
    int length = text.length();
    if (length < FRACTION || length > FRACTION + 10) {
      throw invalid("its length is " + length);
    }
    char separator = text.charAt(10);
    char zone = text.charAt(length - 1);
    if (text.charAt(4) != '-'
        || text.charAt(7) != '-'
        || (separator != 'T' && separator != 't' && separator != ' ')
        || text.charAt(13) != ':'
        || text.charAt(16) != ':'
        || (zone != 'Z' && zone != 'z')) {
      throw invalid("its form differs");
    }
    int year = digits(text, 0, 4);
    int month = digits(text, 5, 2);
    int day = digits(text, 8, 2);
    if (month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) {
      throw invalid("there is no such day");
    }
    int hour = digits(text, 11, 2);
    int minute = digits(text, 14, 2);
    int second = digits(text, 17, 2);
    if (hour > 23 || minute > 59 || second > 60) {
      throw invalid("there is no such time");
    }
    if (length > FRACTION && (text.charAt(19) != '.' || length == FRACTION + 1)) {
      throw invalid("its fraction has another form");
    }
    for (int i = FRACTION; i < length - 1; i++) {
      digit(text, i);
    }
    return daysSinceEpoch(year, month, day) * 86_400L + hour * 3600L + minute * 60L + second;
  }

  private static int daysInMonth(int year, int month) {
    return switch (month) {
      case 2 -> year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
      case 4, 6, 9, 11 -> 30;
      default -> 31;
    };
  }

  private static long daysSinceEpoch(int year, int month, int day) {
    int fromMarch = month > 2 ? year : year - 1;
    int era = Math.floorDiv(fromMarch, 400);
    int yearOfEra = fromMarch - era * 400;
    int dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146_097L
        + yearOfEra * 365L
        + yearOfEra / 4
        - yearOfEra / 100
        + dayOfYear
        - 719_468;
  }

  private static int digits(String text, int at, int count) {
    int value = 0;
    for (int i = at; i < at + count; i++) {
      value = value * 10 + digit(text, i);
    }
    return value;
  }

  private static int digit(String text, int at) {
    int digit = text.charAt(at) - '0';
    if (digit < 0 || digit > 9) {
      throw invalid("a digit is missing");
    }
    return digit;
  }

  private static void put(byte[] out, int at, int count, int value) {
    int rest = value;
    for (int i = at + count - 1; i >= at; i--) {
      out[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
  }

  private static IllegalArgumentException invalid(String why) {
    return new IllegalArgumentException("not an RFC 3339 timestamp in UTC (Z): " + why);
  }
}
