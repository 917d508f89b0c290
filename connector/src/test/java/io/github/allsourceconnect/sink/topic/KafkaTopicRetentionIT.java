package io.github.allsourceconnect.sink.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.allsourceconnect.harness.Broker;
import io.github.allsourceconnect.harness.Topics;
import io.github.allsourceconnect.sink.decision.TopicRetention;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.junit.jupiter.api.Test;

/** What a history is compared with at the start is what the topic really does. */
class KafkaTopicRetentionIT {
  private static final long WEEK_MS = 604_800_000;

  private static TopicRetention of(Broker broker, String topic) {
    return KafkaTopicRetention.ask(topic, List.of(broker.bootstrap()), Map.of(), "test-retention");
  }

  @Test
  void whenATopicDeletesItsRecordsIsAskedOfKafka() {
    try (Broker broker = Broker.start()) {
      Topics topics = new Topics(broker.bootstrap());
      topics.create("usual", 1, Map.of());
      topics.create("short", 1, Map.of("retention.ms", "1000", "retention.bytes", "2000"));
      topics.create("kept", 1, Map.of("retention.ms", "-1"));
      topics.create("compacted", 1, Map.of("cleanup.policy", "compact", "retention.ms", "1000"));
      topics.create("both", 1, Map.of("cleanup.policy", "compact,delete", "retention.ms", "1000"));
      assertEquals(
          new TopicRetention(OptionalLong.of(WEEK_MS), OptionalLong.empty()), of(broker, "usual"));
      assertEquals(
          new TopicRetention(OptionalLong.of(1_000), OptionalLong.of(2_000)), of(broker, "short"));
      assertEquals(TopicRetention.FOREVER, of(broker, "kept"));
      assertEquals(TopicRetention.FOREVER, of(broker, "compacted"));
      assertEquals(
          new TopicRetention(OptionalLong.of(1_000), OptionalLong.empty()), of(broker, "both"));
      assertThrows(UnknownTopicOrPartitionException.class, () -> of(broker, "none"));
    }
  }
}
