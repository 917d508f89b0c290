package io.github.allsourceconnect.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.config.MappingSettings.EventMapping;
import io.github.allsourceconnect.config.SinkConfig.ClientAuth;
import io.github.allsourceconnect.config.SnapshotSettings.SnapshotPolicy;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.stream.Collectors;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SinkConfigTest {
  private static Map<String, String> properties(String... more) {
    Map<String, String> properties =
        new HashMap<>(Map.of("name", "s", "topics", "t", "log.bootstrap.servers", "kafka:9092"));
    for (int i = 0; i < more.length; i += 2) {
      properties.put(more[i], more[i + 1]);
    }
    return properties;
  }

  private static Map<String, List<String>> errors(Map<String, String> properties) {
    return SinkConfig.validate(properties).stream()
        .filter(value -> !value.errorMessages().isEmpty())
        .collect(Collectors.toMap(ConfigValue::name, ConfigValue::errorMessages));
  }

  @Test
  void defaultsAreThoseOfTheContract() {
    SinkConfig config = new SinkConfig(properties());
    assertEquals("127.0.0.1", config.listener().host());
    assertEquals(3910, config.listener().port());
    assertEquals(3913, config.port(3));
    assertEquals("127.0.0.1", config.listener().advertisedHost());
    assertTrue(config.listener().loopbackOnly());
    assertEquals(1000, config.listener().followerMax());
    assertEquals(4 << 20, config.listener().followerBufferBytes());
    assertTrue(config.listener().followerIdleTimeout().isZero());
    assertEquals(OptionalInt.of(1), config.commitAcks());
    assertEquals(SnapshotPolicy.WHEN_NEEDED, config.snapshot().mode());
    assertTrue(config.snapshot().dir().isEmpty());
    assertTrue(config.snapshot().topic().isEmpty());
    assertEquals(EventMapping.AUTO, config.mapping().mode());
    assertEquals(MappingSettings.NullValues.IGNORE, config.mapping().nullValues());
    assertEquals(SinkConfig.ListenerSecurity.PLAINTEXT, config.security());
    assertEquals(Map.of(), errors(properties()));
  }

  /** The tasks of a worker share its heap. */
  @Test
  void howManyTasksThereMayBe() {
    assertEquals(1, new SinkConfig(properties()).tasksMax());
    assertEquals(3, new SinkConfig(properties("tasks.max", "3")).tasksMax());
    assertEquals(1, new SinkConfig(properties("tasks.max", "0")).tasksMax());
    assertEquals(1, new SinkConfig(properties("tasks.max", "some")).tasksMax());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "listener.port|70000",
        "listener.port|x",
        "listener.host|' '",
        "listener.allowed.cidrs|10.0.0.0/33",
        "listener.allowed.cidrs|example.org",
        "listener.allowed.cidrs|''",
        "commit.acks|0",
        "commit.acks|most",
        "commit.acks|1001",
        "snapshot.mode|initial",
        "snapshot.mode|sometimes",
        "snapshot.topic|a/b",
        "snapshot.topic|t",
        "snapshot.topic.replication.factor|0",
        "snapshot.merge.max.bytes|65536",
        "event.mapping|guess",
        "behavior.on.null.values|drop",
        "event.timestamp.unit|h",
        "log.bootstrap.servers|kafka",
        "security.protocol|SASL_SSL",
        "ssl.client.auth|maybe",
        "topics|'a,b'",
        "transforms|unwrap",
      })
  void aWrongValueIsToldOnItsOwnKey(String key, String value) {
    Map<String, String> properties = properties(key, value);
    Map<String, List<String>> errors = errors(properties);
    assertEquals(java.util.Set.of(key), errors.keySet(), errors.toString());
    ConfigException thrown = assertThrows(ConfigException.class, () -> new SinkConfig(properties));
    assertTrue(thrown.getMessage().contains(key), thrown.getMessage());
  }

  @Test
  void allCrossErrorsComeAtOnce() {
    Map<String, List<String>> errors =
        errors(
            properties(
                "topics.regex", "a.*",
                "event.mapping", "fields",
                "snapshot.dir", "/a",
                "snapshot.topic", "h",
                "security.protocol", "ssl",
                "log.consumer.group.id", "g"));
    assertEquals(
        java.util.Set.of(
            "topics",
            "event.type",
            "snapshot.dir",
            "snapshot.topic",
            "ssl.keystore.location",
            "log.consumer.group.id"),
        errors.keySet(),
        errors.toString());
  }

  @Test
  void missingBrokersAreMissed() {
    Map<String, String> properties = properties();
    properties.remove("log.bootstrap.servers");
    assertTrue(errors(properties).containsKey("log.bootstrap.servers"));
  }

  @Test
  void clientsGetWhatIsTheirs() {
    SinkConfig config =
        new SinkConfig(
            properties(
                "log.consumer.security.protocol", "SSL",
                "log.consumer.fetch.max.bytes", "1",
                "snapshot.client.sasl.mechanism", "PLAIN",
                "value.converter", "C",
                "value.converter.a", "1",
                "log.key.converter", "K",
                "log.key.converter.b", "2",
                "key.converter", "other",
                "commit.acks", "ALL"));
    assertEquals(
        Map.of("security.protocol", "SSL", "fetch.max.bytes", "1"),
        config.log().consumerOverrides());
    assertEquals(
        Map.of(
            "security.protocol", "SSL",
            "bootstrap.servers", "kafka:9092",
            "sasl.mechanism", "PLAIN"),
        config.snapshot().clientOverrides());
    assertEquals(
        new LogSettings.ConverterSettings("C", Map.of("a", "1")), config.log().valueConverter());
    assertEquals(
        new LogSettings.ConverterSettings("K", Map.of("b", "2")), config.log().keyConverter());
    assertEquals(new LogSettings.ConverterSettings(null, Map.of()), config.log().headerConverter());
    assertEquals(OptionalInt.empty(), config.commitAcks());
  }

  @Test
  void aTrustStoreAsksForCertificates() {
    assertEquals(ClientAuth.NONE, new SinkConfig(properties()).clientAuth());
    assertEquals(
        ClientAuth.REQUIRED,
        new SinkConfig(properties("ssl.truststore.location", "/t")).clientAuth());
    assertEquals(
        ClientAuth.REQUESTED,
        new SinkConfig(properties("ssl.truststore.location", "/t", "ssl.client.auth", "requested"))
            .clientAuth());
  }

  @Test
  void portsEnd() {
    SinkConfig config = new SinkConfig(properties("listener.port", "65535"));
    assertEquals(65535, config.port(0));
    assertThrows(ConfigException.class, () -> config.port(1));
    assertEquals(0, new SinkConfig(properties("listener.port", "0")).port(7));
  }

  @Test
  void everyValidatorSaysWhatItTakes() {
    SinkConfig.configDef()
        .configKeys()
        .values()
        .forEach(
            key -> {
              String text = String.valueOf(key.validator);
              assertFalse(text.contains("@") || text.contains("Lambda"), key.name + ": " + text);
              assertFalse(key.documentation == null || key.documentation.isBlank(), key.name);
            });
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.0/8, 127.3.2.1, true",
    "127.0.0.0/8, 128.0.0.1, false",
    "10.1.2.3, 10.1.2.3, true",
    "10.1.2.3, 10.1.2.4, false",
    "10.1.255.0/23, 10.1.254.9, true",
    "10.1.255.0/23, 10.1.253.9, false",
    "0.0.0.0/0, 8.8.8.8, true",
    "0.0.0.0/0, ::1, false",
    "::/0, ::1, true",
    "fe80::/10, febf::1, true",
    "fe80::/10, fec0::1, false",
  })
  void blocks(String block, String address, boolean inside) throws UnknownHostException {
    assertEquals(inside, Cidr.parse(block).contains(InetAddress.getByName(address)));
  }
}
