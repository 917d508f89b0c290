package io.github.allsourceconnect.source.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.RecordSettings;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.apache.kafka.common.internals.Topic;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TopicNamesTest {
  private static TopicNames names(String template, String regex) {
    return names(template, regex, new TemplateValues("main", "-", null));
  }

  private static TopicNames names(String template, String regex, TemplateValues values) {
    Map<String, String> settings = new HashMap<>(Map.of("name", "c", "topic", template));
    if (regex != null) {
      settings.put("topic.name.regex", regex);
    }
    RecordSettings records = new SourceConfig(settings).records();
    return new TopicNames(
        records.topic(),
        values,
        regex == null ? null : Pattern.compile(regex),
        "events.dead",
        "events.ledger");
  }

  private static Event event(String type) {
    return Events.event(1, "{}", type, "order-1");
  }

  /** An expression may take for ever for a name that whoever writes events chose. */
  @Test
  @Timeout(value = 300, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
  void anExpressionThatTakesForEverLetsNoNameThrough() {
    TopicNames names = names("e-${event_type}", "(([a-z]+-?)+)+");
    Event event = event("a".repeat(200) + "_");
    assertNull(names.of(event, "t"));
    String why = names.refusal(event, "t").why();
    assertTrue(why.contains("topic.name.regex"), why);
    assertEquals("e-abc", names.of(event("abc"), "t"));
  }

  @ParameterizedTest
  @CsvSource({
    "e.${tenant_id}.${event_type}, acme, order.placed, e.acme.order.placed",
    "${leader}.${tenant_id}, acme, x, main.acme",
    "x-${event_type}-y, t, a-b, x-a-b-y",
    "e.${tenant_id}, __consumer_offsets, x, e.__consumer_offsets",
    "fixed, a, b, fixed",
    "e.${tenant_id}, ${event_type}, x, ",
  })
  void whatIsAllowedIsTakenAsItIs(String template, String tenant, String type, String expected) {
    TopicNames names = names(template, null);
    for (int i = 0; i < 2; i++) {
      assertEquals(expected, names.of(event(type), tenant));
    }
  }

  /** The dead letters' topic and the ledger's, also as Kafka takes their names for the same. */
  @ParameterizedTest
  @CsvSource({
    "events.${tenant_id}, dead, dlq.topic",
    "events_${tenant_id}, dead, dlq.topic",
    "events.${tenant_id}, ledger, ledger.topic",
    "events_${tenant_id}, ledger, ledger.topic",
    "e${tenant_id}, vents.ledger, ledger.topic",
  })
  void ownTopicsCanNotBeNamed(String template, String tenant, String key) {
    TopicNames names = names(template, null);
    assertNull(names.of(event("t"), tenant));
    String why = names.refusal(event("t"), tenant).why();
    assertTrue(why.contains(key), why);
    assertNotNull(names.of(event("t"), tenant + "s"));
  }

  /** What whoever writes an event may try, as its tenant and as its type. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "connect-configs",
        "__consumer_offsets",
        "__transaction_state",
        "",
        ".",
        "..",
        "a/b",
        "a b",
        "ünï",
        "a\u0000",
        "a\u2028b",
        "a\n",
        "\uD83D\uDE00",
        "../../etc",
        "${tenant_id}"
      })
  void noInternalTopicCanBeNamed(String evil) {
    TopicNames byRegex = names("${tenant_id}", "tenant-[a-z]+");
    assertNull(byRegex.of(event("t"), evil));
    assertEquals("tenant_id", byRegex.refusal(event("t"), evil).field());
    TopicNames byType = names("${event_type}", "(orders|invoices)\\..*");
    assertNull(byType.of(event(evil), "t"));
    assertEquals("event_type", byType.refusal(event(evil), "t").field());
    assertEquals("orders.placed", byType.of(event("orders.placed"), "t"));

    String name = names("allsource.${tenant_id}", null).of(event("t"), evil);
    if (name != null) {
      assertEquals("allsource." + evil, name);
      Topic.validate(name);
    }
    // even where the expression allows anything
    String any = names("${tenant_id}", ".*").of(event("t"), evil);
    assertTrue(any == null || !any.startsWith("__"), any);
  }

  @Test
  void nothingIsCutOrReplaced() {
    TopicNames names = names("e.${tenant_id}", null);
    assertEquals(249, names.of(event("t"), "x".repeat(247)).length());
    for (int length : List.of(248, 300, 100_000)) {
      assertNull(names.of(event("t"), "x".repeat(length)));
      assertTrue(names.refusal(event("t"), "x".repeat(length)).why().length() < 700);
    }
    assertFalse(
        names.refusal(event("t"), "a\u009B\u202E").why().chars().anyMatch(c -> c > 0x7F),
        "printable: " + names.refusal(event("t"), "a\u009B\u202E").why());
  }

  @Test
  void noTwoPairsGiveOneName() {
    List<String> values = List.of("a", "b", "a.b", "b.a", "a.", ".a", "a-b", "-", "a.b.a", "..a");
    for (String template :
        List.of("e.${tenant_id}.${event_type}", "${event_type}.-${tenant_id}.x", "${tenant_id}")) {
      TopicNames names = names(template, ".*");
      Map<String, String> whose = new HashMap<>();
      int given = 0;
      for (String tenant : values) {
        for (String type : values) {
          String name = names.of(event(type), tenant);
          if (name == null) {
            assertNotNull(names.refusal(event(type), tenant));
            continue;
          }
          given++;
          String pair = template.equals("${tenant_id}") ? tenant : tenant + " " + type;
          String before = whose.putIfAbsent(name, pair);
          assertTrue(before == null || before.equals(pair), name + ": " + before + ", " + pair);
        }
      }
      assertTrue(given > 20, template + ": " + given);
    }
  }

  @Test
  void theDeadLetterTopicIsNoEvents() {
    assertNull(names("events.${tenant_id}", null).of(event("t"), "dead"));
    assertNull(names("events_${tenant_id}", null).of(event("t"), "dead"), "the same to Kafka");
    assertEquals("events.live", names("events.${tenant_id}", null).of(event("t"), "live"));
  }

  @Test
  void manyNames() {
    TopicNames names = names("${tenant_id}.${event_type}", ".*");
    for (int i = 0; i < 25_000; i++) {
      assertEquals("a" + i % 7 + ".t" + i % 5000, names.of(event("t" + i % 5000), "a" + i % 7));
    }
  }
}
