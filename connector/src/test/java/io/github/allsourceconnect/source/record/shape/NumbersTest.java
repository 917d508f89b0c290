package io.github.allsourceconnect.source.record.shape;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.io.NumberOutput;
import io.github.allsourceconnect.source.record.shape.Numbers.Digits;
import java.math.BigDecimal;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** No number is changed in silence: against {@link BigDecimal}, which changes none. */
class NumbersTest {
  @ParameterizedTest
  @CsvSource({
    "0, Long",
    "-0, Long",
    "9223372036854775807, Long",
    "-9223372036854775808, Long",
    "9223372036854775808, Digits",
    "-9223372036854775809, Digits",
    "18446744073709551615, Digits",
    "10000000000000000000000, Digits",
    "0.0, Double",
    "-0.0, Double",
    "0e999999999999, Double",
    "1.0, Double",
    "12.50, Double",
    "0.1, Double",
    "0.1000000000000000055511151231257827, Digits",
    "0.30000000000000004, Double",
    "0.30000000000000003, Digits",
    "123456789012345.6, Double",
    "1234567890123456.7, Digits",
    "9007199254740993.0, Digits",
    "9007199254740992.0, Double",
    "1e300, Double",
    "1E+300, Double",
    "1e400, Digits",
    "1e-400, Digits",
    "1e99999999999999999999, Digits",
    "1e0000000000000000000001, Double",
    "5e-324, Digits",
    "3e-324, Digits",
    "4.9e-324, Double",
    "2.2250738585072014e-308, Double",
    "1.7976931348623157e308, Double",
    "1.7976931348623159e308, Digits",
    "100000000000000000000.000, Double"
  })
  void examples(String literal, String kind) {
    assertEquals(kind, Numbers.of(literal).getClass().getSimpleName());
    checkExact(literal);
  }

  @Test
  void millionsOfDigitsTakeNoTime() {
    String zeros = "0".repeat(1_000_000);
    assertEquals(1.5, Numbers.of("1.5" + zeros));
    assertEquals(1.5, Numbers.of("15" + zeros + "e-1000001"));
    assertEquals(1.5, Numbers.of("0." + zeros + "15e1000001"));
    assertInstanceOf(Digits.class, Numbers.of("1" + zeros));
    assertInstanceOf(Digits.class, Numbers.of("1." + zeros + "1"));
  }

  @Test
  void generatedNumbersAreTheNumbersThatWereWritten() {
    long seed = Long.getLong("seed", System.nanoTime());
    System.out.println("NumbersTest, seed " + seed);
    SplittableRandom random = new SplittableRandom(seed);
    int[] kinds = new int[3];
    for (int i = 0; i < 100_000; i++) {
      kinds[checkExact(literal(random), seed)]++;
    }
    for (int kind : kinds) {
      assertTrue(kind > 3_000, "few of a kind, seed " + seed);
    }
  }

  private static String literal(SplittableRandom random) {
    switch (random.nextInt(4)) {
      case 0:
        return Double.toString(Double.longBitsToDouble(random.nextLong()))
            .replace("NaN", "1.5")
            .replace("Infinity", "2.5");
      case 1:
        return Long.toString(random.nextLong() >> random.nextInt(64));
      default:
        StringBuilder text = new StringBuilder(random.nextBoolean() ? "-" : "");
        text.append(random.nextInt(3) == 0 ? "0" : "1" + digits(random, 20));
        text.append(random.nextBoolean() ? "." + digits(random, 20) + random.nextInt(10) : "");
        if (random.nextBoolean()) {
          text.append(random.nextBoolean() ? "e" : "E");
          text.append(new String[] {"", "+", "-"}[random.nextInt(3)]);
          text.append(random.nextInt(random.nextBoolean() ? 20 : 420));
        }
        return text.toString();
    }
  }

  private static String digits(SplittableRandom random, int most) {
    StringBuilder text = new StringBuilder();
    boolean zeros = random.nextInt(3) == 0;
    for (int left = random.nextInt(most); left > 0; left--) {
      text.append(zeros ? 0 : random.nextInt(10));
    }
    return text.toString();
  }

  private static int checkExact(String literal, long seed) {
    try {
      return checkExact(literal);
    } catch (AssertionError e) {
      throw new AssertionError("seed " + seed + ", " + literal, e);
    }
  }

  /** Which of the three it became: 0 a long, 1 a double, 2 digits. */
  private static int checkExact(String literal) {
    Object value = Numbers.of(literal);
    if (value instanceof Digits digits) {
      assertEquals(literal, digits.text());
      boolean whole = !literal.matches(".*[.eE].*");
      if (whole) {
        assertTrue(new BigDecimal(literal).toBigInteger().bitLength() > 63);
      } else if (literal.length() < 400 && exponentDigits(literal) < 9) {
        assertFalse(isShortest(literal, Double.parseDouble(literal)), "a double would do");
      }
      return 2;
    }
    if (value instanceof Long number) {
      assertEquals(new BigDecimal(literal), new BigDecimal(number));
      return 0;
    }
    double number = (Double) value;
    if (exponentDigits(literal) < 9) {
      assertTrue(isShortest(literal, number));
      assertEquals(
          Double.doubleToLongBits(Double.parseDouble(literal)), Double.doubleToLongBits(number));
    }
    return 1;
  }

  private static int exponentDigits(String literal) {
    int at = literal.toLowerCase(java.util.Locale.ROOT).indexOf('e');
    return at < 0 ? 0 : literal.length() - at - 1;
  }

  private static boolean isShortest(String literal, double number) {
    return !Double.isInfinite(number)
        && new BigDecimal(NumberOutput.toString(number, true)).compareTo(new BigDecimal(literal))
            == 0;
  }
}
