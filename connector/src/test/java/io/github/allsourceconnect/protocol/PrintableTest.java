package io.github.allsourceconnect.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrintableTest {
  @Test
  void everyCharacterThatSteersAReaderIsEscapedAndNoOther() {
    for (int c = 0; c <= 0xFFFF; c++) {
      String shown = Printable.of("a" + (char) c + "b");
      boolean steers =
          c < 0x20
              || c >= 0x7F && c <= 0x9F
              || c == 0x2028
              || c == 0x2029
              || c >= 0x202A && c <= 0x202E
              || c >= 0x2066 && c <= 0x2069
              || c == 0x200E
              || c == 0x200F
              || c == 0xFEFF
              || c >= 0xD800 && c <= 0xDFFF;
      if (steers) {
        assertEquals("a\\u" + String.format("%04X", c) + "b", shown);
      }
      if (c >= 0x20 && c < 0x7F || c >= 0xC0 && c < 0x250 || c >= 0x4E00 && c < 0x9FA5) {
        assertEquals("a" + (char) c + "b", shown);
      }
      assertFalse(shown.chars().anyMatch(Character::isISOControl), shown);
    }
  }

  @Test
  void whatLiesBeyondTheFirstPlaneIsShownWhole() {
    assertEquals("\uD83D\uDE00", Printable.of("\uD83D\uDE00"));
    assertEquals("\\uDB40\\uDC01", Printable.of("\uDB40\uDC01"), "a tag character");
    assertEquals("\\uDE00\\uD83D", Printable.of("\uDE00\uD83D"), "surrogates the wrong way round");
  }

  @ParameterizedTest
  @ValueSource(ints = {201, 1000, 1 << 20})
  void longTextIsCutAndItsLengthSaid(int length) {
    String shown = Printable.of("\u202E".repeat(length));
    assertTrue(shown.endsWith("... (" + length + " characters)"), shown);
    assertTrue(shown.length() < 6 * Printable.LENGTH_MAX + 40);
    assertEquals(200, Printable.of("x".repeat(200)).length());
  }

  @Test
  void aPairIsNotCutInTwo() {
    String shown = Printable.of("x".repeat(199) + "\uD83D\uDE00" + "y");
    assertEquals("x".repeat(199) + "... (202 characters)", shown);
  }

  @Test
  void nothingIsShownAsNull() {
    assertEquals("null", Printable.of(null));
  }

  @Test
  void aProtocolExceptionsMessageIsOneLine() {
    ProtocolException e =
        assertThrows(
            ProtocolException.class,
            () -> {
              throw new ProtocolException(
                  ProtocolException.Kind.FILE, "file a\u009B31m\nb\u2028 is bad", 0, 0);
            });
    assertEquals("file a\\u009B31m\\u000Ab\\u2028 is bad", e.getMessage());
  }
}
