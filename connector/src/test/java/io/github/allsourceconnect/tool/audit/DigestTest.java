package io.github.allsourceconnect.tool.audit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import io.github.allsourceconnect.protocol.JsonText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What is the same JSON value has one digest, and what is not has others. */
class DigestTest {
  private static long digest(String json) {
    return new Digest().of(JsonText.of(json));
  }

  @Test
  void oneValueHasOneDigestHoweverItIsWritten() {
    for (List<String> same :
        List.of(
            List.of("{\"a\":1,\"b\":[2,3]}", " { \"b\" : [2, 3] , \"a\" : 1 } "),
            List.of("1", "1.0", "1e0", "10E-1", "0.1e1"),
            List.of("100", "1e2", "100.00"),
            List.of("0", "-0", "0.0", "0e5"),
            List.of("\"\u00e9\\n/\"", "\"\\u00e9\\u000a\\/\""),
            List.of("{\"\\u0061\":true}", "{\"a\":true}"),
            List.of("[]", "[ ]"),
            List.of("18446744073709551615", "18446744073709551615.0"))) {
      for (String other : same) {
        assertEquals(digest(same.get(0)), digest(other), same.get(0) + " and " + other);
      }
    }
  }

  @Test
  void otherValuesHaveOthers() {
    Map<Long, String> seen = new HashMap<>();
    for (String json :
        List.of(
            "1",
            "2",
            "-1",
            "10",
            "0.1",
            "\"1\"",
            "true",
            "false",
            "\"true\"",
            "[]",
            "{}",
            "[1]",
            "[[1]]",
            "[1,2]",
            "[2,1]",
            "{\"a\":1}",
            "{\"a\":2}",
            "{\"b\":1}",
            "{\"a\":{}}",
            "{\"a\":[]}",
            "{\"a\":1,\"b\":2}",
            "{\"a\":2,\"b\":1}",
            "{\"a\":{\"b\":1}}",
            "{\"a\":[1,{\"b\":2}]}",
            "{\"a\":[1],\"b\":2}",
            "[null]",
            "{\"a\":null}",
            "\"\"",
            "\"null\"",
            "18446744073709551615",
            "18446744073709551614",
            "1e308",
            "1e-308",
            "[[],[]]",
            "[[[]]]",
            "[{},{}]",
            "{\"a\":{},\"b\":{}}",
            "\"abcdefgh\"",
            "\"abcdefghi\"")) {
      String before = seen.put(digest(json), json);
      assertEquals(null, before, before + " and " + json);
      assertNotEquals(0, digest(json), json);
    }
    assertEquals(0, digest("null"));
    assertEquals(0, new Digest().of((JsonText) null));
  }

  /** Structures have no place for a null, and some have digits for a number. */
  @Test
  void whatAFormDoesNotTellMakesNoDifference() {
    Digest structs = new Digest(false, false);
    JsonText told = JsonText.of("{\"a\":1,\"b\":{\"c\":[null,\"x\"]}}");
    for (String same :
        List.of(
            "{\"a\":\"1\",\"b\":{\"c\":[null,\"x\"]}}",
            "{\"none\":null,\"a\":1.0,\"b\":{\"c\":[null,\"x\"],\"d\":null}}")) {
      assertEquals(structs.of(told), structs.of(JsonText.of(same)), same);
      assertNotEquals(digest(told.toString()), digest(same), same);
    }
    for (String other :
        List.of(
            "{\"a\":2,\"b\":{\"c\":[null,\"x\"]}}",
            "{\"a\":1,\"b\":{\"c\":[\"x\"]}}",
            "{\"a\":\"1 \",\"b\":{\"c\":[null,\"x\"]}}")) {
      assertNotEquals(structs.of(told), structs.of(JsonText.of(other)), other);
    }
  }

  @Test
  void depthAndLengthDoNotMatter() {
    String deep = "[".repeat(500) + "]".repeat(500);
    assertEquals(digest(deep), digest(deep.replace("[", "[ ")));
    assertNotEquals(digest(deep), digest("[" + deep + "]"));
    String digits = "1".repeat(3000);
    assertEquals(digest(digits), digest(" " + digits));
  }
}
