package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Two digits at a time are the digits that {@link Long#toString(long)} writes. */
class DecimalTest {
  @Test
  void powersOfTenAndTheirNeighbours() {
    check(0);
    long power = 1;
    for (int digits = 1; digits <= Decimal.MAX_DIGITS; digits++) {
      check(power - 1);
      check(power);
      check(power + 1);
      power *= 10;
    }
    check(Long.MAX_VALUE);
  }

  @Test
  void anyNumber() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 100_000; i++) {
      check(random.nextLong() >>> (1 + random.nextInt(63)));
    }
  }

  private static void check(long value) {
    byte[] out = new byte[Decimal.MAX_DIGITS + 2];
    int end = Decimal.put(value, out, 1);
    assertEquals(Long.toString(value), new String(out, 1, end - 1, ISO_8859_1));
    assertEquals(0, out[0], "before it");
    assertEquals(0, out[end], "behind it");
  }
}
