package io.github.allsourceconnect.source.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.JsonText;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.common.config.ConfigException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EventFilterTest {
  private static EventFilter filter(String... settings) {
    Map<String, String> properties = new HashMap<>(Map.of("name", "c"));
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    return new EventFilter(new SourceConfig(properties).choose());
  }

  private static Event event(String type, String entity, String payload) {
    return Events.event(1, Events.BASE_MICROS, payload, type, entity);
  }

  @ParameterizedTest
  @CsvSource({
    "order\\..*, , order.placed, true",
    "order\\..*, , reorder.placed, false",
    "order\\..*, , order.placed.x, true",
    "'a,b', , a, true",
    "'a,b', , b, true",
    "'a,b', , c, false",
    ", x.*, xy, false",
    ", x.*, y, true",
    "x.*, xy, xy, false",
    "x.*, xy, xz, true",
    "a\\x2Cb, , 'a,b', true",
  })
  void eachListIsForWholeTexts(String include, String exclude, String text, boolean passes) {
    for (String of : new String[] {"event.types", "entities", "tenants"}) {
      EventFilter filter =
          filter(
              "include." + of,
              include == null ? "" : include,
              "exclude." + of,
              exclude == null ? "" : exclude);
      for (int i = 0; i < 2; i++) {
        Event event =
            event(of.equals("event.types") ? text : "t", of.equals("entities") ? text : "e", "{}");
        assertEquals(passes, filter.passes(event, of.equals("tenants") ? text : "acme"), of);
      }
    }
  }

  @Test
  void allListsMustPass() {
    EventFilter filter =
        filter("include.event.types", "a", "include.entities", "e.*", "exclude.tenants", "x");
    assertTrue(filter.passes(event("a", "e1", "{}"), "y"));
    assertFalse(filter.passes(event("b", "e1", "{}"), "y"));
    assertFalse(filter.passes(event("a", "f1", "{}"), "y"));
    assertFalse(filter.passes(event("a", "e1", "{}"), "x"));
  }

  @Test
  void anUnknownTenantIsNotLeftOut() {
    EventFilter filter = filter("include.tenants", "acme", "exclude.tenants", "_unknown");
    assertTrue(filter.passes(event("a", "e", "{}"), null));
    assertFalse(filter.passes(event("a", "e", "{}"), "default"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "/country; {\"country\":\"DE\"}; true",
        "/country; {\"country\":null}; true",
        "/country; {\"country\":{}}; true",
        "/country; {\"land\":\"DE\"}; false",
        "/country; \"country\"; false",
        "/country=DE; {\"country\":\"DE\"}; true",
        "/country=DE; {\"country\":\"\\u0044E\"}; true",
        "/country=DE; {\"country\":\"AT\",\"x\":{\"country\":\"DE\"}}; false",
        "/country=DE; {\"country\":\"AT\",\"country\":\"DE\"}; true",
        "/country=DE; {\"country\":\"DE\",\"country\":\"AT\"}; false",
        "/country=DE,/country=AT; {\"country\":\"AT\"}; true",
        "/n=1; {\"n\":1.0}; true",
        "/n=1; {\"n\":\"1.0\"}; false",
        "/n=1; {\"n\":\"1\"}; true",
        "/n=100; {\"n\":1e2}; true",
        "/n=1e99999999999; {\"n\":1e99999999999}; true",
        "/n=1; {\"n\":1e99999999999}; false",
        "/b=true; {\"b\":true}; true",
        "/b=true; {\"b\":false}; false",
        "/b=null; {\"b\":null}; true",
        "/a/1/x=2; {\"a\":[{\"x\":2},{\"x\":2}]}; true",
        "/a/1/x=2; {\"a\":[{\"x\":2},{\"x\":3}]}; false",
        "/a/2/x=2; {\"a\":[{\"x\":2},{\"x\":2}]}; false",
        "/a~1b=x; {\"a/b\":\"x\"}; true",
        "/a=~D.*; {\"a\":\"DE\"}; true",
        "/a=~D.*; {\"a\":\"xDE\"}; false",
        "/a=~.*; {\"a\":{}}; false",
        "/a=; {\"a\":\"\"}; true",
      })
  void conditionsOnThePayload(String condition, String payload, boolean holds) {
    Event event = event("t", "e", payload);
    assertEquals(holds, filter("include.payload", condition).passes(event, null), condition);
    assertEquals(!holds, filter("exclude.payload", condition).passes(event, null), condition);
  }

  /** Jackson's tree is the judge of what stands where. */
  @Test
  void generatedPayloads() throws Exception {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    System.out.println("EventFilterTest: replay with -Dfuzz.seed=" + seed);
    ObjectMapper mapper = new ObjectMapper();
    for (int i = 0; i < 3000; i++) {
      SplittableRandom random = new SplittableRandom(seed + i);
      String payload = value(random, 4);
      StringBuilder pointer = new StringBuilder();
      for (int level = random.nextInt(4); level >= 0; level--) {
        pointer.append('/').append(name(random));
      }
      JsonNode expected = mapper.readTree(payload).at(pointer.toString());
      PayloadValue found =
          PayloadValue.of(JsonText.of(payload), JsonPointer.compile(pointer.toString()));
      String what = "seed " + seed + ", case " + i + ": " + pointer + " of " + payload;
      assertEquals(!expected.isMissingNode(), found.isThere(), what);
      if (expected.isValueNode()) {
        assertTrue(found.equal(expected.asText()), what);
      }
    }
  }

  private static String name(SplittableRandom random) {
    return new String[] {"a", "b", "0", "1", "2"}[random.nextInt(5)];
  }

  private static String value(SplittableRandom random, int depth) {
    int kind = random.nextInt(depth == 0 ? 4 : 8);
    StringBuilder text = new StringBuilder();
    switch (kind) {
      case 0 -> text.append(random.nextInt(100));
      case 1 -> text.append("\"t").append(random.nextInt(10)).append('"');
      case 2 -> text.append(random.nextBoolean());
      case 3 -> text.append("null");
      default -> {
        boolean array = kind < 6;
        text.append(array ? '[' : '{');
        int count = random.nextInt(4);
        for (int i = 0; i < count; i++) {
          text.append(i == 0 ? "" : ",");
          if (!array) {
            text.append('"').append(name(random)).append("\":");
          }
          text.append(value(random, depth - 1));
        }
        text.append(array ? ']' : '}');
      }
    }
    return text.toString();
  }

  /** What takes too long, or too deep a stack, is produced. */
  @ParameterizedTest
  @ValueSource(strings = {"(a+)+b", "(a|aa)*c", "((a)|(b))*"})
  void anExpressionThatTakesTooLong(String expression) {
    String text = "a".repeat(1_000_000);
    EventFilter filter = filter("exclude.entities", expression, "include.payload", "/x=~.*");
    assertTrue(filter.passes(event("t", text, "{\"x\":1}"), null));
    assertEquals(1, filter.undecided());
    assertFalse(filter.passes(event("t", text, "{}"), null));
  }

  @Test
  void deepPayloads() {
    String deep = "[".repeat(900) + "]".repeat(900);
    EventFilter filter = filter("include.payload", "/x=1");
    assertTrue(filter.passes(event("t", "e", "{\"d\":" + deep + ",\"x\":1}"), null));
  }

  @ParameterizedTest
  @CsvSource({
    "include.event.types, (, not a regular expression",
    "exclude.entities, [a, not a regular expression",
    "include.payload, country, does not begin with a JSON pointer",
    "exclude.payload, /a=~(, not a regular expression",
  })
  void whatIsWrongNamesItsKey(String key, String value, String why) {
    ConfigException e = assertThrows(ConfigException.class, () -> filter(key, value));
    assertTrue(e.getMessage().contains(key), e.getMessage());
    assertTrue(e.getMessage().contains(why), e.getMessage());
    assertEquals(
        1,
        SourceConfig.validate(Map.of("name", "c", key, value)).stream()
            .filter(v -> v.name().equals(key))
            .mapToInt(v -> v.errorMessages().size())
            .sum(),
        List.of(key, value).toString());
  }
}
