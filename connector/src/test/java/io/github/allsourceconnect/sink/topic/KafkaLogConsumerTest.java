package io.github.allsourceconnect.sink.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.sink.topic.LogConsumer.Bounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

/** One consumer reads some partitions and is asked about others. */
class KafkaLogConsumerTest {
  private static final TopicPartition READ = new TopicPartition("t", 0);
  private static final TopicPartition ASKED = new TopicPartition("t", 1);

  private final List<TopicPartition> complaints = new ArrayList<>();

  /** Kafka's complains in its log when it is asked for what is not assigned to it. */
  private final MockConsumer<byte[], byte[]> kafka =
      new MockConsumer<>("none") {
        @Override
        public synchronized Map<TopicPartition, Long> endOffsets(
            Collection<TopicPartition> partitions) {
          partitions.stream().filter(p -> !assignment().contains(p)).forEach(complaints::add);
          return super.endOffsets(partitions);
        }
      };

  @Test
  void whatIsReadKeepsItsPlaceWhenAnotherPartitionsBoundsAreAsked() {
    kafka.updateBeginningOffsets(Map.of(READ, 0L, ASKED, 5L));
    kafka.updateEndOffsets(Map.of(READ, 10L, ASKED, 9L));
    KafkaLogConsumer consumer = new KafkaLogConsumer("t", kafka);
    consumer.seek(Map.of(0, 7L));
    assertEquals(new Bounds(5, 9), consumer.bounds(1));
    assertEquals(List.of(), complaints);
    assertEquals(Set.of(READ), kafka.assignment());
    kafka.addRecord(new ConsumerRecord<>("t", 0, 7, new byte[0], new byte[0]));
    List<LogConsumer.Stretch> read = consumer.poll(Duration.ZERO);
    assertEquals(1, read.size());
    assertEquals(7, read.get(0).from());
    assertEquals(8, read.get(0).to());
    assertEquals(8, consumer.position(0));
  }
}
