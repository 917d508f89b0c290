package io.github.allsourceconnect.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What validate answers: each error on its key, naming it, all at once. */
class AnswersTest {
  private static final String STRING = "org.apache.kafka.connect.storage.StringConverter";

  private static Map<String, String> errors(List<ConfigValue> values) {
    return values.stream()
        .filter(value -> !value.errorMessages().isEmpty())
        .collect(
            Collectors.toMap(
                ConfigValue::name, value -> String.join(" | ", value.errorMessages())));
  }

  private static Map<String, String> source(String... more) {
    return errors(SourceConfig.validate(settings(Map.of(), more)));
  }

  private static Map<String, String> sink(String... more) {
    return errors(
        SinkConfig.validate(
            settings(Map.of("topics", "t", "log.bootstrap.servers", "h:9092"), more)));
  }

  private static Map<String, String> settings(Map<String, String> base, String... more) {
    Map<String, String> settings = new HashMap<>(base);
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return settings;
  }

  @Test
  void misspelledKeysAreErrorsOnThemselves() {
    assertEquals(
        Map.of(
            "leader.adresses", "leader.adresses is not known; did you mean leader.addresses?",
            "gap.polcy", "gap.polcy is not known; did you mean gap.policy?",
            "topics", "topics is not known; did you mean topic?",
            "ssl.truststore.lokation",
                "ssl.truststore.lokation is not known; did you mean ssl.truststore.location?"),
        source(
            "leader.adresses", "h:1",
            "gap.polcy", "fail",
            "topics", "x",
            "ssl.truststore.lokation", "/x"));
    assertEquals(
        Map.of(
            "log.consumer.fetch.max.bytez",
            "log.consumer.fetch.max.bytez is not known; did you mean"
                + " log.consumer.fetch.max.bytes?"),
        sink("log.consumer.fetch.max.bytez", "1"));
    assertEquals(
        Map.of(
            "snapshot.client.sasl.mechanizm",
            "snapshot.client.sasl.mechanizm is not known; did you mean"
                + " snapshot.client.sasl.mechanism?"),
        sink("snapshot.client.sasl.mechanizm", "PLAIN", "snapshot.client.linger.ms", "5"));
  }

  /** Each on the key that somebody has to change, not on a neighbour's. */
  @Test
  void whatTheSinkSetsItselfAndWhatClientsRefuseIsOnItsOwnKey() {
    assertEquals(
        Map.of(
            "log.consumer.group.id",
            "log.consumer.group.id is set by the sink itself; remove it",
            "snapshot.client.transactional.id",
            "snapshot.client.transactional.id is set by the sink itself; remove it"),
        sink("log.consumer.group.id", "mine", "snapshot.client.transactional.id", "mine"));
    Map<String, String> refused = sink("snapshot.client.request.timeout.ms", "soon");
    assertEquals(Set.of("snapshot.client.request.timeout.ms"), refused.keySet());
    assertTrue(refused.toString().contains("soon"), refused.toString());
  }

  @Test
  void whatConnectReadsAndWhatResemblesNothingIsNoError() {
    Map<String, String> given =
        settings(
            Map.of(),
            "name",
            "n",
            "connector.class",
            "C",
            "tasks.max",
            "1",
            "errors.log.enable",
            "true",
            "transforms",
            "a",
            "transforms.a.type",
            "T",
            "topic.creation.default.partitions",
            "1",
            "producer.override.linger.ms",
            "5",
            "value.converter.schemas.enable",
            "false",
            "exactly.once.support",
            "required",
            "our.own.note",
            "x");
    assertEquals(Map.of(), errors(SourceConfig.validate(given)));
    assertEquals(List.of("our.own.note"), SourceConfig.foreignKeys(given));
  }

  /** A word that is left out is a letter or two more than a slip. */
  @Test
  void aWordThatIsLeftOutIsFound() {
    Map.of(
            "include.types", "include.event.types",
            "exclude.type", "exclude.event.types",
            "include_types", "include.event.types",
            "include.tenant", "include.tenants",
            "record.bytes", "record.max.bytes",
            "leader.timeout.ms", "leader.unreachable.timeout.ms",
            "corrupt.policy", "corrupt.entry.policy",
            "topic.policy", "topic.invalid.policy")
        .forEach(
            (key, meant) ->
                assertEquals(
                    Map.of(key, key + " is not known; did you mean " + meant + "?"),
                    source(key, "1"),
                    key));
    // notes of one's own
    assertEquals(
        Map.of(),
        source("our.own.note", "x", "team", "x", "leader.owner", "x", "topic.owner", "x"));
  }

  @Test
  void whatDoesNothingIsRefused() {
    assertEquals(
        Map.of(
            "ledger.interval.ms",
            "ledger.interval.ms does nothing without ledger.topic: no mark is written anywhere"),
        source("ledger.interval.ms", "1000"));
    assertEquals(Map.of(), source("ledger.interval.ms", "1000", "ledger.topic", "marks"));
  }

  @Test
  void everyMessageNamesItsKey() {
    Map<String, String> all = new HashMap<>();
    all.putAll(
        source(
            "leader.addresses", "",
            "dlq.topic", "allsource.events",
            "reconnect.backoff.max.ms", "10",
            "value.format", "payload",
            "record.headers", "none"));
    all.putAll(source("leader.addresses", "http://h:3910", "gap.timeout.ms", "x"));
    all.putAll(
        sink(
            "topics", "a,b",
            "commit.acks", "9",
            "follower.max", "5",
            "transforms", "x",
            "log.consumer.max.poll.records", "0",
            "log.consumer.group.id", "mine"));
    assertTrue(all.size() >= 10, all.toString());
    all.forEach((key, message) -> assertTrue(message.contains(key), key + ": " + message));
    assertTrue(all.get("leader.addresses").contains("without http://"), all.toString());
    assertTrue(all.containsKey("log.consumer.max.poll.records"), all.toString());
  }

  /** Each wrong value, and what its message must say. */
  @ParameterizedTest
  @CsvSource({
    "topic, e.${nope}, 'knows no ${nope}'",
    "topic, e.${entity_id}, 'knows no ${entity_id}'",
    "topic, e.${payload:country}, JSON pointer",
    "topic, e.${payload:/a~9|x}, ~ stands alone",
    "topic, e.${payload:/a|${tenant_id}}, where a variable stands as the fallback",
    "topic, e.${event_type, without its }",
    "topic, e.${event_type}${tenant_id}, literal text between two variables",
    "topic, ${event_type}, topic.name.regex",
    "record.key, entity_id, 'has no variable, such as ${entity_id}'",
    "record.key, e.$tenant_id, has no variable",
    "record.key, ${payload:/a}, needs a fallback",
    "record.key, ${payload:/a|${tenant_id}}, where a variable stands as the fallback",
    "partition.by, entity_id, has no variable",
    "partition.by, ${entity_type}, needs a fallback",
    "partition.count, 3, does nothing without partition.by",
    "entity.type.regex, [a-z]+, has no group",
    "entity.type.regex, (, is not a regular expression",
    "entity.type.separator, ' ', must not be blank",
    "include.event.types, 'a{2,3}', A comma ends an expression",
    "exclude.entities, 'a,', has an empty expression",
    "include.tenants, *, is not a regular expression",
    "include.payload, $.country, does not begin with a JSON pointer",
    "exclude.payload, /a~2=x, ~ stands alone",
    "exclude.payload, /a=~, has an empty expression",
    "cloudevents.mode, structured, does nothing without value.format=cloudevents",
    "cloudevents.mode, batch, 'one of binary, structured'",
    "cloudevents.source, /shop, does nothing without value.format=cloudevents",
    "cloudevents.source, a b, is not a URI reference",
    "cloudevents.source, /böse, must be percent-encoded",
    "ledger.topic, __marks, must not begin with __",
    "ledger.topic, allsource.events, must be another topic than topic",
    "ledger.topic, allsource_events, must be another topic than topic",
    "ledger.topic, ${leader}.marks, 'letters, digits'",
    "ledger.interval.ms, 99, at least 100",
    "ledger.interval.ms, 10s, Not a number",
    "record.headers, 'event_id,type', 'has \"type\". It is all, none, or a list of event_id,'",
    "record.headers, 'all,event_id', 'has \"all\"'",
    "record.headers, 'event_id,', 'has \"\"'",
    "payload.format, json, 'text, map, struct'",
    "payload.depth.max, 101, no more than 100",
    "struct.fields.max, 0, at least 1",
  })
  void whatIsWrongIsSaidOnItsKeyAlone(String key, String value, String says) {
    String[] more = key.equals("partition.by") ? new String[] {"partition.count", "3"} : null;
    Map<String, String> errors =
        more == null ? source(key, value) : source(key, value, more[0], more[1]);
    assertEquals(Set.of(key), errors.keySet(), errors.toString());
    assertTrue(errors.get(key).contains(key), errors.toString());
    assertTrue(errors.get(key).contains(says), errors.toString());
  }

  @Test
  void theLedgerHasATopicOfItsOwn() {
    assertEquals(Map.of(), source("ledger.topic", "marks", "dlq.topic", "dead"));
    assertEquals(
        Set.of("ledger.topic"), source("ledger.topic", "a.b", "dlq.topic", "a_b").keySet());
    assertEquals(
        Set.of("ledger.topic"),
        source("ledger.topic", "main.e", "topic", "${leader}.e", "leader.name", "main").keySet());
    assertEquals(
        Set.of("ledger.topic"),
        source("ledger.topic", "c.e", "topic", "${leader}.e", "name", "c").keySet());
    // a tenant's name may be the ledger's: such events get no record (TopicNamesTest)
    assertEquals(Map.of(), source("ledger.topic", "e.marks", "topic", "e.${tenant_id}"));
  }

  /** Pairs of a chain, and the transformation that is to blame, if one is. */
  @ParameterizedTest
  @CsvSource({
    "event_json, ReplaceField$Value, InsertField$Value, a",
    "event_json, HoistField$Value, ReplaceField$Value,",
    "event_json, RegexRouter, InsertField$Value, b",
    "event_json, org.example.FromJson, InsertField$Value,",
    "event_json, FromJson, InsertField$Value,",
    "payload, SetSchemaMetadata$Value, ValueToKey, b",
    "event, ValueToKey, ExtractField$Key,",
    "event, ExtractField$Value, InsertField$Value,",
    "event, HoistField$Key, ReplaceField$Key,",
    "event, ReplaceField$Value, ExtractField$Key, b",
    "wal_entry, TimestampConverter$Value, InsertField$Value,",
  })
  void transformationsAreLookedAtInTheirOrder(
      String format, String first, String second, String guilty) {
    String kafkas = "org.apache.kafka.connect.transforms.";
    Map<String, String> errors =
        source(
            "value.format",
            format,
            "transforms",
            "a, b",
            "transforms.a.type",
            first.contains(".") ? first : kafkas + first,
            "transforms.b.type",
            second);
    assertEquals(
        guilty == null ? Set.of() : Set.of("transforms." + guilty + ".type"), errors.keySet());
    assertEquals(
        Map.of(),
        source(
            "value.format",
            format,
            "transforms",
            "a",
            "transforms.a.type",
            kafkas + first,
            "transforms.a.predicate",
            "p"));
  }

  @Test
  void convertersExistAndCarryTheFormat() {
    assertEquals(
        List.of("key.converter"),
        List.copyOf(source("key.converter", "org.example.NoSuchConverter").keySet()));
    assertEquals(
        List.of("log.value.converter"),
        List.copyOf(sink("log.value.converter", "org.example.NoSuchConverter").keySet()));
    String json = "org.apache.kafka.connect.json.JsonConverter";
    for (String text : List.of("event_json", "wal_entry", "payload")) {
      Map<String, String> errors = source("value.format", text, "value.converter", json);
      assertTrue(errors.get("value.converter").contains("StringConverter"), errors.toString());
      assertEquals(Map.of(), source("value.format", text, "value.converter", STRING));
    }
    assertEquals(Map.of(), source("value.converter", json));
    assertTrue(source("value.converter", STRING).get("value.converter").contains("Struct"));
    for (String format : List.of("event", "payload", "cloudevents")) {
      for (String payload : List.of("map", "Struct")) {
        String[] formats = {"value.format", format, "payload.format", payload};
        // a CloudEvent's data are JSON without an envelope
        String schemas = Boolean.toString(!format.equals("cloudevents"));
        assertEquals(
            Map.of(),
            source(
                with(formats, "value.converter", json, "value.converter.schemas.enable", schemas)));
        Map<String, String> errors = source(with(formats, "value.converter", STRING));
        assertEquals(Set.of("value.converter"), errors.keySet());
        assertTrue(
            errors.toString().contains("payload.format=" + payload.toLowerCase(Locale.ROOT)));
      }
    }
  }

  /** Without other headers a CloudEvent still has its own. */
  @Test
  void headersThatAreWrittenHaveAConverterForThem() {
    String[] bytes = {"header.converter", "org.apache.kafka.connect.converters.ByteArrayConverter"};
    assertEquals(Set.of("header.converter"), source(bytes).keySet());
    assertEquals(Map.of(), source(with(bytes, "record.headers", "none")));
    assertEquals(
        Set.of("header.converter"),
        source(with(bytes, "record.headers", "none", "value.format", "cloudevents")).keySet());
  }

  private static String[] with(String[] settings, String... more) {
    return Stream.concat(Stream.of(settings), Stream.of(more)).toArray(String[]::new);
  }

  @Test
  void theLeadersOwnTextHasNoOtherForm() {
    for (String format : List.of("event_json", "wal_entry")) {
      Map<String, String> errors = source("value.format", format, "payload.format", "map");
      assertEquals(Set.of("payload.format"), errors.keySet());
      assertTrue(errors.get("payload.format").contains("value.format=" + format));
      assertEquals(Map.of(), source("value.format", format, "payload.format", "text"));
    }
    String[] structured = {"value.format", "cloudevents", "cloudevents.mode", "structured"};
    assertEquals(
        Set.of("payload.format"), source(with(structured, "payload.format", "struct")).keySet());
  }

  @Test
  void theStoreThatCanNotBeReadIsBlamed() {
    Map<String, String> errors =
        source("security.protocol", "SSL", "ssl.truststore.location", "/no/file.p12");
    assertEquals(List.of("ssl.truststore.location"), List.copyOf(errors.keySet()));
    assertTrue(errors.get("ssl.truststore.location").contains("/no/file.p12"), errors.toString());
  }

  @Test
  void formsKnowChoicesGroupsAndWidths() {
    for (ConfigValue value : SourceConfig.validate(Map.of())) {
      if (value.name().equals("gap.policy")) {
        assertEquals(List.of("repair", "fail", "continue"), value.recommendedValues());
      }
    }
    for (ConfigKey key : SinkConfig.configDef().configKeys().values()) {
      assertFalse(key.group == null || key.width == null, key.name);
    }
  }
}
