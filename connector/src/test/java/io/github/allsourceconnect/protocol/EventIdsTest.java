package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Locale;
import java.util.SplittableRandom;
import java.util.UUID;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** An id is what the pattern says and {@link UUID} reads. */
class EventIdsTest {
  private static final Pattern ID =
      Pattern.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}");

  @Test
  void everyCharacterInEveryPlace() {
    String id = "0f8fad5b-d9cb-469F-A165-70867728950e";
    for (int at = 0; at < id.length(); at++) {
      for (char c = 0; c < 0x200; c++) {
        check(id.substring(0, at) + c + id.substring(at + 1));
      }
      check(id.substring(0, at) + '\uFF11' + id.substring(at + 1)); // a digit of another script
    }
    check(id.substring(1));
    check(id + "0");
  }

  @Test
  void halvesAndText() {
    SplittableRandom random = new SplittableRandom(1);
    for (int i = 0; i < 10_000; i++) {
      UUID id = new UUID(random.nextLong(), random.nextLong());
      check(id.toString());
      check(id.toString().toUpperCase(Locale.ROOT));
    }
  }

  private static void check(String text) {
    boolean valid = ID.matcher(text).matches();
    assertEquals(valid, EventIds.isValid(text), text);
    byte[] out = new byte[40];
    if (valid) {
      UUID right = UUID.fromString(text);
      assertEquals(right.getMostSignificantBits(), EventIds.high(text), text);
      assertEquals(right.getLeastSignificantBits(), EventIds.low(text), text);
      assertArrayEquals(
          new long[] {right.getMostSignificantBits(), right.getLeastSignificantBits()},
          EventIds.halves(text));
      assertEquals(38, EventIds.put(text, out, 2));
      assertEquals("\0\0" + right + "\0\0", new String(out, ISO_8859_1));
      assertEquals(right.toString(), EventIds.lowerCase(text));
      assertEquals(right.toString(), EventIds.text(EventIds.high(text), EventIds.low(text)));
    } else {
      assertThrows(IllegalArgumentException.class, () -> EventIds.put(text, out, 2));
    }
  }
}
