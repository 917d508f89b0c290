package io.github.allsourceconnect.sink;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.config.SinkConfig;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** What readers of what is older have as defaults, each for the user to change. */
class KafkaLeaderPartsTest {
  @Test
  void readersOfWhatIsOlderHaveDefaultsOfTheirOwn() {
    Map<String, Object> settings = settings(Map.of());
    assertEquals(-1, settings.get("receive.buffer.bytes"));
    assertEquals(50, settings.get("fetch.max.wait.ms"));
  }

  @Test
  void theyFetchMoreAtATimeWhereTheHeapHasRoomForAllOfThem() {
    int mega = 1 << 20;
    assertEquals(mega, KafkaLeaderParts.fetchBytes(64L * mega), "256 MB, one task, four readers");
    assertEquals(mega * 3 / 2, KafkaLeaderParts.fetchBytes(96L * mega));
    assertEquals(2 * mega, KafkaLeaderParts.fetchBytes(128L * mega), "512 MB");
    assertEquals(2 * mega, KafkaLeaderParts.fetchBytes(Long.MAX_VALUE));
    assertEquals(mega, KafkaLeaderParts.fetchBytes(0));
  }

  @Test
  void whatTheUserSetsCounts() {
    Map<String, Object> settings =
        settings(
            Map.of(
                "log.consumer.fetch.max.wait.ms",
                "7",
                "log.consumer.receive.buffer.bytes",
                "8",
                "log.consumer.max.partition.fetch.bytes",
                "9"));
    assertEquals("9", settings.get("max.partition.fetch.bytes").toString());
    assertEquals("8", settings.get("receive.buffer.bytes").toString());
    assertEquals("7", settings.get("fetch.max.wait.ms").toString());
  }

  private static Map<String, Object> settings(Map<String, String> more) {
    Map<String, String> config = new HashMap<>(more);
    config.put("name", "orders");
    config.put("topics", "orders");
    config.put("log.bootstrap.servers", "127.0.0.1:1");
    try (KafkaLeaderParts parts = new KafkaLeaderParts(new SinkConfig(config))) {
      return parts.olderSettings();
    }
  }
}
