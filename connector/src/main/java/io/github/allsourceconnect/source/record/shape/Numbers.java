package io.github.allsourceconnect.source.record.shape;

import com.fasterxml.jackson.core.io.NumberOutput;
import java.math.BigDecimal;
import java.math.BigInteger;

/**
 * What a JSON number becomes, so that it is never changed in silence: by how it is written and by
 * its value, never by what came before. Stateless.
 *
 * <ul>
 *   <li>A whole number, written without a fraction and an exponent, is a {@link Long} if it is
 *       within 64 bits ({@code -0} is 0), otherwise {@link Digits}.
 *   <li>Any other is a {@link Double} if the shortest decimal that means this double is the same
 *       number, otherwise {@link Digits}.
 * </ul>
 */
final class Numbers {
  /** No double needs more digits to be told from the others. */
  private static final int DIGITS_OF_A_DOUBLE = 17;

  /** Two decimals of no more digits never mean the same double, unless it is next to zero. */
  private static final int DIGITS_SAFE = 15;

  /** From there on down doubles lose digits. */
  private static final int NEXT_TO_ZERO = -290;

  private static final int DIGITS_OF_A_LONG = 19;
  private static final String MOST_LONG = Long.toString(Long.MAX_VALUE);
  private static final String LEAST_LONG = Long.toString(Long.MIN_VALUE);
  private static final int EXPONENT_MAX = 400;

  /** A number that no other type holds: as it is written. */
  record Digits(String text) {
    @Override
    public String toString() {
      return text;
    }
  }

  private Numbers() {}

  /** A {@link Long}, a {@link Double} or {@link Digits}. */
  static Object of(String literal) {
    for (int i = 0; i < literal.length(); i++) {
      char c = literal.charAt(i);
      if (c == '.' || c == 'e' || c == 'E') {
        return decimal(literal);
      }
    }
    return whole(literal);
  }

  /** Without an exception for each that is too large: there may be many. */
  private static Object whole(String literal) {
    boolean negative = literal.charAt(0) == '-';
    int digits = literal.length() - (negative ? 1 : 0);
    if (digits > DIGITS_OF_A_LONG
        || (digits == DIGITS_OF_A_LONG
            && literal.compareTo(negative ? LEAST_LONG : MOST_LONG) > 0)) {
      return new Digits(literal);
    }
    return Long.parseLong(literal);
  }

  private static Object decimal(String literal) {
    int mantissaEnd = literal.length();
    int point = -1;
    for (int i = 0; i < literal.length(); i++) {
      char c = literal.charAt(i);
      if (c == '.') {
        point = i;
      } else if (c == 'e' || c == 'E') {
        mantissaEnd = i;
        break;
      }
    }
    int from = literal.charAt(0) == '-' ? 1 : 0;
    int first = -1;
    int last = -1;
    for (int i = from; i < mantissaEnd; i++) {
      char c = literal.charAt(i);
      if (c >= '1' && c <= '9') {
        first = first < 0 ? i : first;
        last = i;
      }
    }
    if (first < 0) {
      return from == 1 ? -0.0 : 0.0;
    }
    int count = last - first + (point > first && point < last ? 0 : 1);
    Integer exponent = exponent(literal, mantissaEnd);
    if (count > DIGITS_OF_A_DOUBLE || exponent == null) {
      return new Digits(literal);
    }
    // the number is digits times ten to this power
    int pointAt = point < 0 ? mantissaEnd : point;
    int power = exponent + pointAt - last - (last < pointAt ? 1 : 0);
    long digits = 0;
    for (int i = first; i <= last; i++) {
      if (i != point) {
        digits = digits * 10 + (literal.charAt(i) - '0');
      }
    }
    return power > EXPONENT_MAX || power < -EXPONENT_MAX
        ? new Digits(literal)
        : inDouble(literal, from == 1 ? -digits : digits, count, power);
  }

  private static Object inDouble(String literal, long digits, int count, int power) {
    double value = Double.parseDouble(digits + "E" + power);
    if (Double.isInfinite(value) || value == 0) {
      return new Digits(literal);
    }
    if (count <= DIGITS_SAFE && power > NEXT_TO_ZERO) {
      return value;
    }
    BigDecimal exact = new BigDecimal(BigInteger.valueOf(digits), -power);
    // the same text on every Java release, unlike Double.toString
    BigDecimal shortest = new BigDecimal(NumberOutput.toString(value, true));
    return exact.compareTo(shortest) == 0 ? (Object) value : new Digits(literal);
  }

  /** 0 for none; null for one that is beyond anything. */
  private static Integer exponent(String literal, int mantissaEnd) {
    if (mantissaEnd == literal.length()) {
      return 0;
    }
    int at = mantissaEnd + 1;
    boolean negative = literal.charAt(at) == '-';
    if (negative || literal.charAt(at) == '+') {
      at++;
    }
    while (at < literal.length() - 1 && literal.charAt(at) == '0') {
      at++;
    }
    if (literal.length() - at > 7) {
      return null;
    }
    int value = Integer.parseInt(literal, at, literal.length(), 10);
    return negative ? -value : value;
  }
}
