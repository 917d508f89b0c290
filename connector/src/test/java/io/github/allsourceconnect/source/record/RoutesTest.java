package io.github.allsourceconnect.source.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.producer.internals.BuiltInPartitioner;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.connect.source.SourceRecord;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Where a record goes, and under which key. */
class RoutesTest {
  private static SourceConfig config(String... settings) {
    Map<String, String> properties = new HashMap<>(Map.of("name", "c"));
    for (int i = 0; i < settings.length; i += 2) {
      properties.put(settings[i], settings[i + 1]);
    }
    return new SourceConfig(properties);
  }

  private static TopicNames topics(String... settings) {
    return new RecordMapper(config(settings), "main").topics();
  }

  private static SourceRecord map(SourceConfig config, Event event) {
    WalEntry entry = new WalEntry(1, event.timestamp(), event, 0, null, null);
    return new RecordMapper(config, "main").fromEntry(entry, Map.of(), Map.of());
  }

  private static Event event(String entity, String payload) {
    return Events.event(1, payload, "order.placed", entity);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "e.${entity_type}; order-17; {}; e.order",
        "e.${entity_type}; order-17-x; {}; e.order",
        "e.${entity_type}; order; {}; ",
        "e.${entity_type}; -17; {}; ",
        "e.${entity_type|other}; order; {}; e.other",
        "e.${payload:/c}; o-1; {\"c\":\"DE\"}; e.DE",
        "e.${payload:/c}; o-1; {\"c\":17}; e.17",
        "e.${payload:/c}; o-1; {\"c\":true}; e.true",
        "e.${payload:/c}; o-1; {\"c\":null}; ",
        "e.${payload:/c}; o-1; {\"c\":{}}; ",
        "e.${payload:/c}; o-1; {}; ",
        "e.${payload:/c|none}; o-1; {}; e.none",
        "e.${payload:/c|none}; o-1; {\"c\":[1]}; e.none",
        "e.${payload:/c|none}; o-1; {\"c\":\"a/b\"}; ",
        "e.${payload:/c|none}; o-1; {\"c\":\"\"}; ",
        "e.${payload:/a/0/b}-x; o-1; {\"a\":[{\"b\":\"y\"}]}; e.y-x",
        "e.${tenant_id}.${entity_type}.${payload:/c|none}; o-1; {\"c\":\"y\"}; e.acme.o.y",
      })
  void topicsByEntityTypeAndPayload(String template, String entity, String payload, String topic) {
    TopicNames names = topics("topic", template);
    for (int i = 0; i < 2; i++) {
      assertEquals(topic, names.of(event(entity, payload), "acme"));
      Refusal refusal = names.refusal(event(entity, payload), "acme");
      assertEquals(topic == null, refusal != null);
      if (refusal != null) {
        assertEquals(Refusal.Reason.TOPIC_NAME, refusal.reason());
        assertTrue(Set.of("entity_type", "payload:/c").contains(refusal.field()), refusal.field());
      }
    }
  }

  @Test
  void anExpressionTellsTheEntityType() {
    TopicNames names =
        topics("topic", "e.${entity_type|x}", "entity.type.regex", "urn:([a-z]+):.*");
    assertEquals("e.order", names.of(event("urn:order:17", "{}"), "t"));
    assertEquals("e.x", names.of(event("order-17", "{}"), "t"));
    TopicNames slow = topics("topic", "e.${entity_type|x}", "entity.type.regex", "((a+)+)b");
    assertEquals("e.x", slow.of(event("a".repeat(100_000), "{}"), "t"));
    assertEquals(
        "e.order",
        topics("topic", "e.${entity_type}", "entity.type.separator", "::")
            .of(event("order::17", "{}"), "t"));
  }

  /** As tenants: no internal topic can be named by a payload or an entity's id. */
  @Test
  void noInternalTopicCanBeNamed() {
    for (String evil : List.of("connect-configs", "__consumer_offsets", "..", "a b", "ü")) {
      for (String template : List.of("${payload:/c}", "${entity_type}")) {
        TopicNames names = topics("topic", template, "topic.name.regex", "(order|[A-Z]{2})");
        Event event = event(evil + "-1", "{\"c\":\"" + evil + "\"}");
        assertTrue(
            names.of(event, "t") == null || !names.of(event, "t").equals(evil), template + evil);
        String why = names.refusal(event, "t") == null ? "" : names.refusal(event, "t").why();
        assertTrue(!template.contains("payload") || !why.contains(evil), "shown: " + why);
      }
      for (String template : List.of("${payload:/c}", "${entity_type}", "${entity_type|x}.a")) {
        assertThrows(ConfigException.class, () -> config("topic", template));
      }
    }
  }

  @Test
  void noTwoSetsOfValuesGiveOneName() {
    List<String> values = List.of("a", "b", "a.b", "b.a", "a.", ".a", "a_b", "a.b.a", "..a");
    for (String template :
        List.of("e.${tenant_id}.${payload:/c}.${entity_type}", "${payload:/c}._${entity_type}.x")) {
      TopicNames names = topics("topic", template, "topic.name.regex", ".*");
      Map<String, List<String>> whose = new HashMap<>();
      for (String tenant : template.contains("tenant") ? values : List.of("")) {
        for (String type : values) {
          for (String c : values) {
            String name = names.of(event(type + "-1", "{\"c\":\"" + c + "\"}"), tenant);
            List<String> all = List.of(tenant, type, c);
            List<String> before = name == null ? null : whose.putIfAbsent(name, all);
            assertTrue(before == null || before.equals(all), name + ": " + before + ", " + all);
          }
        }
      }
      assertTrue(whose.size() > 20, template + ": " + whose.size());
    }
  }

  @Test
  void keys() {
    Event event = event("order-17", "{\"c\":\"DE\"}");
    assertEquals("order-17", map(config(), event).key());
    assertNull(map(config(), event).headers().lastWithName("allsource.entity_id"));
    SourceRecord record =
        map(config("record.key", "${tenant_id}/${entity_type|x}/${payload:/c|none}"), event);
    assertEquals("tenant-1/order/DE", record.key());
    assertEquals("order-17", record.headers().lastWithName("allsource.entity_id").value());
    assertEquals(
        "tenant-1/order/none",
        map(
                config("record.key", "${tenant_id}/${entity_type|x}/${payload:/c|none}"),
                event("order-17", "{}"))
            .key());
  }

  /** Events of one entity are in one partition whatever their keys are: the one of Kafka's own. */
  @Test
  void partitionsByEntity() {
    SourceConfig config =
        config(
            "record.key", "${payload:/c|none}",
            "partition.by", "${entity_id}",
            "partition.count", "12");
    assertTrue(config.records().keepsEntitiesTogether());
    Set<Integer> all = new HashSet<>();
    for (int entity = 0; entity < 200; entity++) {
      String id = "order-" + entity;
      Set<Integer> of = new HashSet<>();
      for (int i = 0; i < 5; i++) {
        SourceRecord record = map(config, event(id, "{\"c\":" + i + "}"));
        assertEquals(Integer.toString(i), record.key());
        of.add(record.kafkaPartition());
      }
      assertEquals(Set.of(BuiltInPartitioner.partitionForKey(id.getBytes(UTF_8), 12)), of);
      all.addAll(of);
    }
    assertEquals(12, all.size());
    assertNull(map(config(), event("order-1", "{}")).kafkaPartition());
  }

  @Test
  void whatKeepsTheOrderOfAnEntity() {
    assertTrue(config().records().keepsEntitiesTogether());
    assertTrue(config("record.key", "${tenant_id}:${entity_id}").records().keepsEntitiesTogether());
    for (String key : List.of("${event_type}", "${entity_id}${payload:/x|y}")) {
      assertTrue(!config("record.key", key).records().keepsEntitiesTogether(), key);
    }
    assertTrue(!config("topic", "e.${tenant_id}").records().mayPartEntities());
    assertTrue(config("topic", "e.${tenant_id}").records().asksForTenants());
    assertTrue(config("record.key", "${tenant_id}:${entity_id}").records().asksForTenants());
    assertTrue(!config().records().asksForTenants());
    assertTrue(config("topic", "e.${payload:/x}").records().mayPartEntities());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = ';',
      value = {
        "topic; e.${entity_id}; knows no",
        "topic; e.${payload}; knows no",
        "topic; e.${payload:x}; no JSON pointer",
        "topic; e.${tenant_id|x}; always there",
        "topic; e.${payload:/x|}; nothing follows the bar",
        "topic; e.${payload:/x|a b}; letters, digits",
        "topic; e.${payload:/x; without its }",
        "record.key; ${payload:/x}; needs a fallback",
        "record.key; ${entity_type}; needs a fallback",
        "record.key; ${nothing}; knows no",
        "partition.by; ${payload:/x}; needs a fallback",
        "partition.by; ${entity_id}; partition.count",
        "partition.count; 3; does nothing",
        "entity.type.regex; [a-z]+; no group",
        "entity.type.regex; (; not a regular expression",
      })
  void whatIsWrong(String key, String value, String why) {
    ConfigException e = assertThrows(ConfigException.class, () -> config(key, value));
    assertTrue(e.getMessage().contains(why), e.getMessage());
  }
}
