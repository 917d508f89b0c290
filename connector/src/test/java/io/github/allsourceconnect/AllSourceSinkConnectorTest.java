package io.github.allsourceconnect;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;

class AllSourceSinkConnectorTest {
  private static final TopicPartition PARTITION = new TopicPartition("orders", 3);

  /** An offset that was set was answered with success, and replaced by the next ack. */
  @Test
  void offsetsCanBeDeletedButNotSet() {
    AllSourceSinkConnector connector = new AllSourceSinkConnector();
    Map<TopicPartition, Long> deleted = new HashMap<>();
    deleted.put(PARTITION, null);
    assertTrue(connector.alterOffsets(Map.of(), deleted));
    ConnectException e =
        assertThrows(
            ConnectException.class,
            () -> connector.alterOffsets(Map.of(), Map.of(PARTITION, 1_000_000_000L)));
    assertTrue(e.getMessage().contains("orders-3"), e.getMessage());
    assertTrue(e.getMessage().contains("DELETE"), e.getMessage());
  }
}
