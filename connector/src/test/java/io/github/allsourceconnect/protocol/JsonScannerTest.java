package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.protocol.JsonScanner.MalformedJsonException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonScannerTest {
  private static final ObjectMapper JUDGE =
      new ObjectMapper().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  private static String value(byte[] text) throws MalformedJsonException {
    return JsonScanner.value(text, 0, text.length).toString();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "null",
        "true",
        "false",
        "0",
        "-0",
        "-1.5e-7",
        "18446744073709551615",
        "1e308",
        "5e-324",
        "\"\"",
        "\"\\u0000\\ud83d\\ude00\\/\"",
        "\"\u2028\u0085\r😀\"",
        "[]",
        "{}",
        "[1,[2],{\"a\":{}}]",
        "{\"\":null,\"a\":[ ]}",
        "1E400000000000000000000000000000e"
      })
  void takesWhatIsJson(String text) throws MalformedJsonException {
    String json = text.replace("\r", "");
    if (json.endsWith("e") && json.startsWith("1E4")) {
      assertThrows(MalformedJsonException.class, () -> value(json.getBytes(UTF_8)));
    } else {
      assertEquals(json, value((" \n\t\r" + json + "\r\n ").getBytes(UTF_8)));
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        " ",
        "nul",
        "nulll",
        "tru",
        "01",
        "-",
        "1.",
        ".5",
        "1e",
        "+1",
        "NaN",
        "1 2",
        "\"",
        "\"\\",
        "\"\\x\"",
        "\"\\u12\"",
        "\"\t\"",
        "\"\\ud800\"",
        "\"\\udc00\"",
        "\"\\ud800\\ud800\"",
        "\"\\ud800x\"",
        "[",
        "[1",
        "[1,",
        "[1,]",
        "[,]",
        "{",
        "{\"a\"",
        "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,}",
        "{a:1}",
        "{\"a\" 1}",
        "[1}",
        "1e400",
        "-1e999",
        "'a'",
        "é"
      })
  void refusesWhatAFollowerWouldRefuse(String text) {
    MalformedJsonException e =
        assertThrows(MalformedJsonException.class, () -> value(text.getBytes(UTF_8)));
    assertFalse(e.getMessage().isBlank());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"\u00c0\u0080\"", "\"\u00ed\u00a0\u0080\"", "\"\u00f4\u0090\u0080\u0080\"", "\"\u0080\"",
        "\"\u00c3\"", "\"\u00e2\u0080", "\"\u00e0\u0080\u0080\"", "\"\u00f0\u0080\u0080\u0080\""
      })
  void refusesWhatIsNoUtf8(String latin) {
    assertThrows(MalformedJsonException.class, () -> value(latin.getBytes(ISO_8859_1)));
  }

  @Test
  void nestsAsDeepAsFollowersRead() throws MalformedJsonException {
    String deepest = "[".repeat(124) + "]".repeat(124);
    assertEquals(deepest, value(deepest.getBytes(UTF_8)));
    String deeper = "[" + deepest + "]";
    assertThrows(MalformedJsonException.class, () -> value(deeper.getBytes(UTF_8)));
  }

  @Test
  void takesObjectsAndListsApart() throws MalformedJsonException {
    byte[] object = " { \"a\" : 1.0 , \"\\u0062\\n\":[ 1 , {} ],\"a\":\"x\" } ".getBytes(UTF_8);
    var members = JsonScanner.members(object, 0, object.length);
    assertEquals(List.of("a", "b\n"), List.copyOf(members.keySet()));
    assertEquals("\"x\"", members.get("a").toString(), "the last counts");
    JsonText list = members.get("b\n");
    assertEquals(
        List.of(JsonText.of("1"), JsonText.of("{}")),
        JsonScanner.elements(list.array(), list.offset(), list.length()));
    assertEquals(null, JsonScanner.members(new byte[] {'1'}, 0, 1));
    assertEquals(null, JsonScanner.elements(new byte[] {'1'}, 0, 1));
  }

  @Test
  void readsStrings() {
    assertEquals(
        "a\"\\/\b\f\n\r\t\u0000😀é",
        JsonScanner.string(JsonText.of("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0000\\ud83d\\uDE00é\"")));
  }

  /** Jackson is the judge of what is JSON, the decoder of what is UTF-8. */
  @Test
  void acceptsWhatIsJsonAndNothingElse() {
    long seed = System.nanoTime();
    Random random = new Random(seed);
    byte[] good = "{\"a\":[1,-2.5e3,\"\\u00e9é\",null,true]}".getBytes(UTF_8);
    byte[] likely = "{}[]:,\"\\0123456789.eE+- truefalsn".getBytes(UTF_8);
    int accepted = 0;
    for (int i = 0; i < 50_000; i++) {
      byte[] changed = good.clone();
      for (int changes = random.nextInt(4); changes > 0; changes--) {
        changed[random.nextInt(changed.length)] =
            random.nextInt(4) == 0
                ? (byte) random.nextInt(256)
                : likely[random.nextInt(likely.length)];
      }
      byte[] text =
          random.nextInt(4) > 0
              ? changed
              : Arrays.copyOf(changed, random.nextInt(changed.length + 1));
      String where = "seed " + seed + ", case " + i + ": " + new String(text, ISO_8859_1);
      boolean accepts;
      try {
        JsonScanner.value(text, 0, text.length);
        accepts = true;
      } catch (MalformedJsonException e) {
        assertFalse(e.getMessage().isBlank(), where);
        accepts = false;
      } catch (RuntimeException e) {
        throw new AssertionError(where, e);
      }
      accepted += accepts ? 1 : 0;
      assertEquals(isJson(text), accepts, where);
    }
    assertTrue(accepted > 1_000, "accepted: " + accepted);
  }

  private static boolean isJson(byte[] bytes) {
    try {
      String text = UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
      JsonNode tree = JUDGE.readTree(text);
      return !tree.isMissingNode() && isWithinDoubles(tree) && !hasHalfSurrogates(tree);
    } catch (CharacterCodingException | JsonProcessingException e) {
      return false;
    }
  }

  private static boolean isWithinDoubles(JsonNode node) {
    for (JsonNode child : node) {
      if (!isWithinDoubles(child)) {
        return false;
      }
    }
    return !node.isNumber() || Double.isFinite(node.doubleValue());
  }

  /** Followers refuse an escape that is half a character. */
  private static boolean hasHalfSurrogates(JsonNode node) {
    return !UTF_8.newEncoder().canEncode(everyText(node));
  }

  private static String everyText(JsonNode node) {
    StringBuilder all = new StringBuilder(node.isTextual() ? node.textValue() : "");
    node.fieldNames().forEachRemaining(all::append);
    node.forEach(child -> all.append(' ').append(everyText(child)));
    return all.toString();
  }
}
