package io.github.allsourceconnect.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.RecordSettings.CorruptPolicy;
import io.github.allsourceconnect.config.RecordSettings.ValueFormat;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.transport.HostPort;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceConfigTest {
  private static Map<String, String> with(String... pairs) {
    Map<String, String> map = new HashMap<>(Map.of("name", "orders"));
    for (int i = 0; i < pairs.length; i += 2) {
      map.put(pairs[i], pairs[i + 1]);
    }
    return map;
  }

  private static Set<String> guilty(Map<String, String> properties) {
    Set<String> keys = new TreeSet<>();
    for (ConfigValue value : SourceConfig.validate(properties)) {
      if (!value.errorMessages().isEmpty()) {
        keys.add(value.name());
      }
    }
    return keys;
  }

  @Test
  void theDefaultsAreThePromisedOnes() {
    SourceConfig config = new SourceConfig(with());
    assertEquals(List.of(new HostPort("localhost", 3910)), config.leader().addresses());
    assertEquals("orders", config.leader().name());
    assertEquals(Duration.ofSeconds(10), config.leader().connectTimeout());
    assertEquals(Duration.ofSeconds(30), config.leader().deadTimeout());
    assertEquals(Duration.ofSeconds(1), config.leader().backoff());
    assertEquals(Duration.ofSeconds(30), config.leader().backoffMax());
    assertEquals(64 << 20, config.leader().lineMaxBytes());
    assertEquals("allsource.events", config.records().topic().toString());
    assertEquals(ValueFormat.EVENT, config.records().format());
    assertEquals(CorruptPolicy.FAIL, config.records().corrupt());
    assertEquals("_unknown", config.records().tenantUnknown());
    assertEquals(SnapshotMode.INITIAL, config.follower().snapshotMode());
    assertEquals(GapPolicy.REPAIR, config.follower().gapPolicy());
    assertEquals(500, config.follower().gapTimeoutMs());
    assertEquals(5000, config.follower().repairMinIntervalMs());
    assertEquals(0, config.follower().clockSlackMs());
    assertEquals(64L << 20, config.buffers().memoryBytes());
    assertEquals(4L << 30, config.buffers().diskBytes());
    assertEquals(64L << 30, config.buffers().snapshotDiskBytes());
    assertFalse(config.security().encrypted());
  }

  @Test
  void everyKeyIsExplained() {
    ConfigDef def = SourceConfig.configDef();
    for (ConfigDef.ConfigKey key : def.configKeys().values()) {
      assertFalse(key.documentation.isBlank(), key.name);
      if (!key.name.startsWith("ssl.")) {
        assertNotNull(key.group, key.name);
        if (key.validator != null) {
          assertFalse(key.validator.toString().contains("@"), key.name + " " + key.validator);
        }
      }
    }
  }

  @ParameterizedTest
  @CsvSource({
    "leader.addresses, nowhere",
    "leader.addresses, ''",
    "leader.name, ' '",
    "topic, 'a b'",
    "topic, '${tenant}'",
    "topic, '${tenant_id}'",
    "topic, '${event_type}.x'",
    "topic, 'e.${tenant_id}${event_type}'",
    "topic, '__consumer_offsets'",
    "topic, '__${tenant_id}'",
    "topic.name.regex, '('",
    "topic.invalid.policy, skip",
    "record.refused.policy, drop",
    "record.max.bytes, -1",
    "record.time.ahead.max.ms, -1",
    "errors.tolerance, all",
    "producer.override.acks, 1",
    "producer.override.max.in.flight.requests.per.connection, 5",
    "dlq.topic, '__x'",
    "topic, ''",
    "value.format, xml",
    "tenant.unknown, 'a/b'",
    "snapshot.mode, sometimes",
    "gap.policy, ignore",
    "gap.timeout.ms, 0",
    "corrupt.entry.policy, hope",
    "dlq.topic, 'no topic'",
    "buffer.memory.bytes, 1",
    "buffer.disk.bytes, -1",
    "line.max.bytes, 10",
    "connect.timeout.ms, x",
    "security.protocol, SASL_SSL",
    "ssl.engine.factory.class, java.lang.String"
  })
  void anErrorLandsOnItsKey(String key, String value) {
    assertEquals(Set.of(key), guilty(with(key, value)));
    ConfigException thrown =
        assertThrows(ConfigException.class, () -> new SourceConfig(with(key, value)));
    assertTrue(thrown.getMessage().contains(key), thrown.getMessage());
  }

  @Test
  void allErrorsComeAtOnceOnTheGuiltyKeys() {
    assertEquals(
        Set.of("dlq.topic", "reconnect.backoff.max.ms", "repair.max.interval.ms", "value.format"),
        guilty(
            with(
                "corrupt.entry.policy", "dlq",
                "reconnect.backoff.ms", "5000",
                "reconnect.backoff.max.ms", "100",
                "repair.min.interval.ms", "400000",
                "value.format", "xml")));
  }

  @Test
  void theDeadLetterTopicIsAnother() {
    assertEquals(
        Set.of("record.headers"),
        guilty(with("value.format", "payload", "record.headers", "None")));
    assertEquals(Set.of(), guilty(with("value.format", "cloudevents", "record.headers", "none")));
    assertEquals(Set.of(), guilty(with("value.format", "event", "record.headers", "none")));
    assertEquals(
        Set.of("dlq.topic"),
        guilty(with("corrupt.entry.policy", "dlq", "topic", "a", "dlq.topic", "a")));
    assertEquals(
        Set.of(), guilty(with("corrupt.entry.policy", "DLQ", "topic", "a", "dlq.topic", "b")));
  }

  @Test
  void whatGoesToDeadLettersNeedsATopicForThem() {
    String converter = "org.apache.kafka.connect.storage.StringConverter";
    for (String policy : List.of("topic.invalid.policy", "record.refused.policy")) {
      String[] needed = {
        policy,
        "dlq",
        "key.converter",
        converter,
        "value.converter",
        converter,
        "value.format",
        "event_json"
      };
      assertEquals(Set.of("dlq.topic"), guilty(with(needed)));
      String[] all = Arrays.copyOf(needed, needed.length + 2);
      all[needed.length] = "dlq.topic";
      all[needed.length + 1] = "dead";
      assertEquals(Set.of(), guilty(with(all)));
    }
    // how large a record is can't be told otherwise
    for (String missing : List.of("key.converter", "value.converter")) {
      for (String policy : List.of("skip", "DLQ")) {
        assertEquals(
            Set.of("record.refused.policy"),
            guilty(
                with(
                    "record.refused.policy",
                    policy,
                    "dlq.topic",
                    "dead",
                    "value.format",
                    "event_json",
                    missing.equals("key.converter") ? "value.converter" : "key.converter",
                    converter)));
      }
    }
    assertEquals(
        Set.of(), guilty(with("errors.tolerance", "all", "errors.tolerance.accepted", "true")));
    assertEquals(Set.of(), guilty(with("errors.tolerance", "none")));
    assertEquals(Set.of(), guilty(with("producer.override.acks", "-1")));
    String inFlight = "producer.override.max.in.flight.requests.per.connection";
    String idempotence = "producer.override.enable.idempotence";
    assertEquals(Set.of(), guilty(with(inFlight, "1")));
    assertEquals(Set.of(), guilty(with(inFlight, "5", idempotence, "true")));
  }

  /** Kafka creates no topic whose name differs from another's in '.' and '_' only. */
  @Test
  void namesThatKafkaTakesForOneAreKeptApartWhereTheTaskIsToGoOn() {
    for (String topic : List.of("e.${tenant_id}", "e.${event_type}.${leader}")) {
      String[] dlq = {"topic", topic, "topic.invalid.policy", "dlq", "dlq.topic", "dead"};
      assertEquals(Set.of("topic.name.regex"), guilty(with(dlq)));
      for (String regex : List.of(".*", "e\\..*", "e[.][a-z._-]+", "e\\.\\w+[._]\\w+.*", "e..*")) {
        assertEquals(Set.of("topic.name.regex"), guilty(with(and(dlq, regex))), regex);
      }
      for (String regex :
          List.of("e\\.[a-z.-]+", "e\\.\\w+", "e\\.(a|b_c|d\\.e)", "e.order\\..*")) {
        assertEquals(Set.of(), guilty(with(and(dlq, regex))), regex);
      }
      assertEquals(Set.of(), guilty(with("topic", topic)));
    }
    assertEquals(
        Set.of(),
        guilty(with("topic", "e.${leader}", "topic.invalid.policy", "dlq", "dlq.topic", "dead")));
  }

  private static String[] and(String[] settings, String regex) {
    return Stream.concat(Stream.of(settings), Stream.of("topic.name.regex", regex))
        .toArray(String[]::new);
  }

  @Test
  void templatesAreTaken() {
    assertEquals(Set.of(), guilty(with("topic", "${tenant_id}", "topic.name.regex", "t-.*")));
    assertEquals(Set.of(), guilty(with("topic", "${leader}.${tenant_id}")));
    assertEquals(Set.of("leader.name"), guilty(with("topic", "${leader}.e", "leader.name", "a/b")));
    assertEquals(Set.of("leader.name"), guilty(with("topic", "e.${leader}", "name", "a b")));
    assertEquals(Set.of("topic"), guilty(with("topic", "${leader}.e", "leader.name", "__x")));
    assertEquals(Set.of(), guilty(with("topic", "e", "leader.name", "a/b")));
    assertEquals(Set.of(), guilty(with("topic", "e.${tenant_id}-${event_type}.${leader}")));
  }
}
