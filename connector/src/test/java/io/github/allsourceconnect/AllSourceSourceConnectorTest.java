package io.github.allsourceconnect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.record.SourceOffsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.junit.jupiter.api.Test;

class AllSourceSourceConnectorTest {
  private static final Map<String, String> CONFIG = Map.of("name", "c", "leader.name", "main");
  private static final Map<String, Object> OFFSET = stored();

  private static Map<String, Object> stored() {
    Map<String, Object> offset = SourceOffsets.encode(SourcePosition.START);
    offset.remove("number");
    return offset;
  }

  private final AllSourceSourceConnector connector = new AllSourceSourceConnector();

  @Test
  void oneTaskWithTheName() {
    connector.start(CONFIG);
    assertEquals(List.of(CONFIG), connector.taskConfigs(5));
    assertEquals(ExactlyOnceSupport.SUPPORTED, connector.exactlyOnceSupport(CONFIG));
  }

  @Test
  void errorsOnTheGuiltyKey() {
    Map<String, String> config = new HashMap<>(CONFIG);
    config.put("reconnect.backoff.max.ms", "10");
    List<String> guilty =
        connector.validate(config).configValues().stream()
            .filter(value -> !value.errorMessages().isEmpty())
            .map(ConfigValue::name)
            .toList();
    assertEquals(List.of("reconnect.backoff.max.ms"), guilty);
  }

  @Test
  void offsetsOfItsOwnAreTaken() {
    assertTrue(alter(SourceOffsets.partition("main"), OFFSET));
  }

  @Test
  void anyPartitionCanBeReset() {
    assertTrue(alter(SourceOffsets.partition("main"), null));
    assertTrue(alter(SourceOffsets.partition("earlier"), null));
    assertTrue(alter(Map.of("file", "x"), null));
    assertTrue(connector.alterOffsets(Map.of(), Map.of()));
  }

  @Test
  void aTimeIsTaken() {
    assertTrue(alter(SourceOffsets.partition("main"), Map.of("from", "2025-11-01T00:00:00Z")));
    assertTrue(alter(SourceOffsets.partition("main"), Map.of("from", "2025-11-01T01:00:00+01:00")));
    refused("from", SourceOffsets.partition("main"), Map.of("from", "2199-01-01T00:00:00Z"));
    refused("from", SourceOffsets.partition("main"), Map.of("from", "yesterday"));
    refused("from", SourceOffsets.partition("main"), Map.of("from", 1));
    refused(
        "wal_offset",
        SourceOffsets.partition("main"),
        Map.of("from", "2026-11-01T00:00:00Z", "wal_offset", 7));
  }

  @Test
  void whatSaysNothingOrTooMuchIsRefused() {
    refused("without keys", SourceOffsets.partition("main"), Map.of());
    Map<String, Object> offset = new HashMap<>(OFFSET);
    offset.put("wal_ofset", 7L);
    refused("wal_ofset", SourceOffsets.partition("main"), offset);
    refused("number", SourceOffsets.partition("main"), SourceOffsets.encode(SourcePosition.START));
    refused("slot", SourceOffsets.partition("main", 3), OFFSET);
    assertTrue(alter(SourceOffsets.partition("main", 3), null));
  }

  @Test
  void otherOffsetsAreRefusedWithTheReason() {
    refused("leader", Map.of("file", "x"), OFFSET);
    refused("leader", Map.of("leader", "main", "file", "x"), OFFSET);
    refused("leader", Map.of("leader", 1), OFFSET);
    refused("leader", null, OFFSET);
    refused("leader.name", SourceOffsets.partition("other"), OFFSET);
    refused("format", SourceOffsets.partition("main"), Map.of("wal_offset", 7));
  }

  private void refused(String key, Map<String, ?> partition, Map<String, ?> offset) {
    ConnectException e = assertThrows(ConnectException.class, () -> alter(partition, offset));
    assertTrue(e.getMessage().contains(key), e.getMessage());
  }

  private boolean alter(Map<String, ?> partition, Map<String, ?> offset) {
    Map<Map<String, ?>, Map<String, ?>> offsets = new HashMap<>();
    offsets.put(partition, offset);
    return connector.alterOffsets(CONFIG, offsets);
  }
}
