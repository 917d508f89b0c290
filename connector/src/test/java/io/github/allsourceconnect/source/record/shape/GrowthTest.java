package io.github.allsourceconnect.source.record.shape;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.source.record.shape.Shape.Fields;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What one payload after the other makes of a shape, as {@link ShapeText} writes it. */
class GrowthTest {
  private static Fields after(int fieldsMax, int depthMax, String... payloads) {
    Fields shape = Fields.NONE;
    for (String payload : payloads) {
      shape = grown(new Growth(fieldsMax, 1_000_000, "reserved", false), shape, depthMax, payload);
    }
    return shape;
  }

  private static Fields grown(Growth growth, Fields shape, int depthMax, String payload) {
    return growth.grown(shape, (Map<?, ?>) PayloadJson.tree(JsonText.of(payload), depthMax), 9);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // kinds
        "{'a':true}|{'a':'b'}",
        "{'a':9007199254740992}|{'a':'i'}",
        "{'a':-9007199254740993}|{'a':'l'}",
        "{'a':1.0}|{'a':'d'}",
        "{'a':9223372036854775808}|{'a':'n'}",
        "{'a':'x'}|{'a':'t'}",
        // what tells no kind
        "{'a':null}|{}",
        "{'a':[]}|{}",
        "{'a':{}}|{}",
        "{'a':[null,[],{}]}|{}",
        "{'a':{'b':null}}|{}",
        "{'':1}|{}",
        "{'reserved':1,'a':{'reserved':1}}|{'a':{'reserved':'i'}}",
        // arrays
        "{'a':[1,null,2]}|{'a':['i']}",
        "{'a':[1,2.5]}|{'a':['d']}",
        "{'a':[2.5,1]}|{'a':['d']}",
        "{'a':[1,'x']}|{}",
        "{'a':[9007199254740993,2.5]}|{}",
        "{'a':[2.5,9007199254740993]}|{}",
        "{'a':[[1],[2.5],[]]}|{'a':[['d']]}",
        "{'a':[[1],2]}|{}",
        "{'a':[{'b':1},{'c':'x'},{}]}|{'a':[{'b':'i','c':'t'}]}",
        "{'a':[{'b':1},7]}|{}",
        // names as they are
        "{'a.b-c é':1,'__':2}|{'a.b-c é':'i','__':'i'}",
        "{'amount':1,'Amount':'x'}|{'amount':'i','Amount':'t'}",
        // the last of one name counts, at the place of the first
        "{'a':1,'b':2,'a':'x'}|{'a':'t','b':'i'}",
      })
  void first(String payload, String expected) {
    assertEquals(json(expected), ShapeText.of(after(100, 20, json(payload))));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "{'b':1}|{'a':1,'b':2}|{'b':'i','a':'i'}",
        "{'a':1}|{'a':2.5}|{'a':'d'}",
        "{'a':1}|{'a':9007199254740993}|{'a':'l'}",
        "{'a':9007199254740993}|{'a':2.5}|{'a':'l'}",
        "{'a':2.5}|{'a':9007199254740993}|{'a':'d'}",
        "{'a':1}|{'a':18446744073709551615}|{'a':'i'}",
        "{'a':18446744073709551615}|{'a':1}|{'a':'n'}",
        "{'a':1}|{'a':'x'}|{'a':'i'}",
        "{'a':1}|{'a':{'b':1}}|{'a':'i'}",
        "{'a':{'b':1}}|{'a':[1]}|{'a':{'b':'i'}}",
        "{'a':{'b':1}}|{'a':{'c':true}}|{'a':{'b':'i','c':'b'}}",
        "{'a':[1]}|{'a':[2.5]}|{'a':['d']}",
        "{'a':[1]}|{'a':['x']}|{'a':['i']}",
        "{'a':[{'b':1}]}|{'a':[{'c':1},5]}|{'a':[{'b':'i'}]}",
        "{'a':[{'b':1}]}|{'a':[{'b':1.5,'c':'x'}]}|{'a':[{'b':'d','c':'t'}]}",
        "{'a':[[1]]}|{'a':[[2.5],[9007199254740993]]}|{'a':[['i']]}",
        "{'a':null}|{'a':'x'}|{'a':'t'}",
        "{'a':[]}|{'a':['x']}|{'a':['t']}",
      })
  void second(String payload, String next, String expected) {
    assertEquals(json(expected), ShapeText.of(after(100, 20, json(payload), json(next))));
  }

  private static String json(String text) {
    return text.replace('\'', '"');
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"{}", "{'a':1}", "{'a':[{'b':{'c':[1.5]}}]}", "{'a':null,'b':[],'x':'y'}"})
  void whatIsKnownStaysTheSameObject(String payload) {
    Fields shape = after(100, 20, json(payload), json("{'x':'y'}"));
    assertSame(shape, grown(new Growth(100, 1_000_000, "", false), shape, 20, json(payload)));
  }

  @Test
  void noMoreFieldsThanThereMayBe() {
    Growth growth = new Growth(3, 1_000_000, "", false);
    Fields three = grown(growth, Fields.NONE, 20, "{\"a\":1,\"b\":{\"c\":1,\"d\":2},\"e\":3}");
    assertEquals("{\"a\":\"i\",\"b\":{\"c\":\"i\"}}", ShapeText.of(three));
    assertEquals(3, three.count());
    assertTrue(growth.isBounded());
    Growth next = new Growth(3, 1_000_000, "", false);
    assertSame(three, grown(next, three, 20, "{\"f\":1}"));
    assertTrue(next.isBounded());
    Growth known = new Growth(3, 1_000_000, "", false);
    assertEquals(
        "{\"a\":\"d\",\"b\":{\"c\":\"i\"}}",
        ShapeText.of(grown(known, three, 20, "{\"a\":1.5,\"g\":null}")));
    assertFalse(known.isBounded());
  }

  @Test
  void anArrayThatDoesNotFitTakesNoFields() {
    assertEquals(
        "{\"z\":{\"y\":\"i\"}}",
        ShapeText.of(after(2, 20, "{\"a\":[{\"b\":1},{\"c\":2},7],\"z\":{\"y\":1}}")));
  }

  @Test
  void noDeeperThanItMayBe() {
    Growth growth = new Growth(100, 1_000_000, "", false);
    assertEquals(
        "{\"a\":{\"c\":\"i\"}}",
        ShapeText.of(grown(growth, Fields.NONE, 2, "{\"a\":{\"b\":{\"x\":1},\"c\":1}}")));
    assertTrue(growth.isBounded());
  }

  @Test
  void noLongNames() {
    String name = "n".repeat(Growth.NAME_MAX);
    assertEquals(1, after(9, 9, "{\"" + name + "\":1,\"" + name + "x\":1}").count());
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "[]", "\"i\"", "{\"a\":\"q\"}", "{\"a\":[]}", "{\"a\":1}", "{"})
  void whatIsNoShapeIsRefused(String text) {
    assertThrows(IllegalArgumentException.class, () -> ShapeText.parse(text));
  }
}
