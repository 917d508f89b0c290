package io.github.allsourceconnect.sink.topic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.sink.topic.LogConsumer.Bounds;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.LogTruncationException;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.WakeupException;
import org.apache.kafka.common.header.Headers;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

/** One consumer reads some partitions and is asked about others. */
class KafkaLogConsumerTest {
  private static final TopicPartition READ = new TopicPartition("t", 0);
  private static final TopicPartition ASKED = new TopicPartition("t", 1);

  private final List<TopicPartition> complaints = new ArrayList<>();

  /** What Kafka's consumer throws when it is asked where it stands in the second partition. */
  private RuntimeException unplaced;

  /** Kafka's complains in its log when it is asked for what is not assigned to it. */
  private final MockConsumer<byte[], byte[]> kafka =
      new MockConsumer<>("none") {
        @Override
        public synchronized Map<TopicPartition, Long> endOffsets(
            Collection<TopicPartition> partitions) {
          partitions.stream().filter(p -> !assignment().contains(p)).forEach(complaints::add);
          return super.endOffsets(partitions);
        }

        @Override
        public synchronized long position(TopicPartition partition) {
          if (partition.equals(ASKED) && unplaced != null) {
            RuntimeException thrown = unplaced;
            unplaced = thrown instanceof WakeupException ? null : thrown;
            throw thrown;
          }
          return super.position(partition);
        }
      };

  @Test
  void whatIsReadKeepsItsPlaceWhenAnotherPartitionsBoundsAreAsked() {
    kafka.updateBeginningOffsets(Map.of(READ, 0L, ASKED, 5L));
    kafka.updateEndOffsets(Map.of(READ, 10L, ASKED, 9L));
    KafkaLogConsumer consumer = new KafkaLogConsumer("t", List.of("k:9092"), kafka, 3);
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

  private KafkaLogConsumer reading(long from, long end) {
    kafka.updateBeginningOffsets(Map.of(READ, 0L));
    kafka.updateEndOffsets(Map.of(READ, end));
    KafkaLogConsumer consumer = new KafkaLogConsumer("t", List.of("k:9092"), kafka, 3);
    consumer.seek(Map.of(0, from));
    return consumer;
  }

  private void record(long offset) {
    kafka.addRecord(new ConsumerRecord<>("t", 0, offset, new byte[0], new byte[0]));
  }

  /** Behind the last record there may be markers of transactions: they are covered, too. */
  @Test
  void offsetsWithoutARecordAreCovered() {
    KafkaLogConsumer consumer = reading(3, 9);
    record(5);
    kafka.schedulePollTask(() -> kafka.seek(READ, 7));
    List<LogConsumer.Stretch> markers = consumer.poll(Duration.ZERO);
    assertEquals(7, markers.get(0).to());
    assertEquals(7, consumer.position(0));
    assertEquals(List.of(), consumer.poll(Duration.ZERO), "nothing moved on");
  }

  @Test
  void aPlaceThatTheLogHasNotIsToldAndReallySoughtAgain() {
    KafkaLogConsumer consumer = reading(7, 10);
    kafka.schedulePollTask(
        () -> kafka.setPollException(new OffsetOutOfRangeException(Map.of(READ, 7L))));
    LogConsumer.OutOfRangeException lost =
        assertThrows(LogConsumer.OutOfRangeException.class, () -> consumer.poll(Duration.ZERO));
    assertEquals(0, lost.partition());
    assertEquals(7, lost.position());
    assertFalse(lost.diverged());
    assertEquals(7, lost.divergedAt());
    kafka.seek(READ, 2);
    consumer.seek(Map.of(0, 7L));
    assertEquals(7, kafka.position(READ), "it stood elsewhere");
  }

  @Test
  void aLogThatWasWrittenAnewHasDiverged() {
    KafkaLogConsumer consumer = reading(7, 10);
    kafka.schedulePollTask(
        () ->
            kafka.setPollException(
                new LogTruncationException(
                    "cut", Map.of(READ, 7L), Map.of(READ, new OffsetAndMetadata(4)))));
    LogConsumer.OutOfRangeException cut =
        assertThrows(LogConsumer.OutOfRangeException.class, () -> consumer.poll(Duration.ZERO));
    assertTrue(cut.diverged());
    assertEquals(7, cut.position());
    assertEquals(4, cut.divergedAt());
  }

  /** One that comes while something else is asked is kept for the next poll. */
  @Test
  void aWakeUpEndsOnePoll() {
    KafkaLogConsumer consumer = reading(0, 10);
    record(0);
    consumer.wakeUp();
    assertEquals(List.of(), consumer.poll(Duration.ofMinutes(1)));
    assertEquals(1, consumer.poll(Duration.ZERO).size());
  }

  @Test
  void theSamePlaceIsNotSoughtTwice() {
    KafkaLogConsumer consumer = reading(0, 10);
    record(0);
    assertEquals(1, consumer.poll(Duration.ZERO).size());
    consumer.seek(Map.of(0, 1L));
    record(1);
    assertEquals(1, consumer.poll(Duration.ZERO).get(0).from());
    consumer.seek(Map.of());
    assertEquals(Set.of(), kafka.assignment());
    consumer.close();
    assertTrue(kafka.closed());
  }

  /** Two partitions are read, and both have a record. */
  private KafkaLogConsumer readingBoth() {
    kafka.updateBeginningOffsets(Map.of(READ, 0L, ASKED, 0L));
    kafka.updateEndOffsets(Map.of(READ, 10L, ASKED, 10L));
    KafkaLogConsumer consumer = new KafkaLogConsumer("t", List.of("k:9092"), kafka, 3);
    consumer.seek(Map.of(0, 0L, 1, 0L));
    record(0);
    return consumer;
  }

  /**
   * While the leader of one partition does not say whether it still has the consumer's place, that
   * place is not known: the others go on, and it is where it was.
   */
  @Test
  void aPartitionWhoseLeaderDoesNotAnswerKeepsNothingOfTheOthersBack() {
    KafkaLogConsumer consumer = readingBoth();
    unplaced = new TimeoutException("no leader");
    List<LogConsumer.Stretch> read = consumer.poll(Duration.ZERO);
    assertEquals(1, read.size());
    assertEquals(1, read.get(0).records().size());
    assertEquals(1, consumer.position(0));
    assertEquals(0, consumer.position(1));
  }

  /** What had come with it is known not to end before its last record. */
  @Test
  void whatCameOfAPartitionWhoseLeaderWentIsGiven() {
    KafkaLogConsumer consumer = readingBoth();
    kafka.addRecord(new ConsumerRecord<>("t", 1, 4, new byte[0], new byte[0]));
    unplaced = new TimeoutException("no leader");
    assertEquals(2, consumer.poll(Duration.ZERO).size());
    assertEquals(5, consumer.position(1));
  }

  @Test
  void aWakeUpDoesNotComeBetweenRecordsAndTheirPlace() {
    KafkaLogConsumer consumer = readingBoth();
    unplaced = new WakeupException();
    assertEquals(1, consumer.poll(Duration.ZERO).size());
    record(1);
    assertEquals(List.of(), consumer.poll(Duration.ZERO), "it ends the next poll");
    assertEquals(1, consumer.poll(Duration.ZERO).size());
  }

  @Test
  void aCutThatIsFoundBesideRecordsOfAnotherPartitionLosesNone() {
    KafkaLogConsumer consumer = readingBoth();
    unplaced =
        new LogTruncationException(
            "cut", Map.of(ASKED, 0L), Map.of(ASKED, new OffsetAndMetadata(0)));
    LogConsumer.OutOfRangeException cut =
        assertThrows(LogConsumer.OutOfRangeException.class, () -> consumer.poll(Duration.ZERO));
    assertEquals(1, cut.partition());
    assertEquals(0, cut.position());
    assertTrue(cut.diverged());
    consumer.seek(Map.of(0, 0L, 1, 0L));
    assertEquals(0, kafka.position(READ), "what came with it is read again");
  }

  /** The consumer unpacks a few records at a time; small ones make a stretch together. */
  @Test
  void aStretchIsTakenInPiecesUpToItsBound() {
    KafkaLogConsumer consumer = reading(0, 100);
    kafka.setMaxPollRecords(3);
    for (int offset = 0; offset < 8; offset++) {
      record(offset);
    }
    List<LogConsumer.Stretch> small = consumer.poll(Duration.ZERO);
    assertEquals(8, small.get(0).records().size());
    assertEquals(8, small.get(0).to());
    byte[] large = new byte[400 << 10];
    for (int offset = 8; offset < 20; offset++) {
      record(offset, large, new RecordHeaders());
    }
    assertEquals(11, consumer.poll(Duration.ZERO).get(0).to(), "more than a megabyte is enough");
    assertEquals(14, consumer.poll(Duration.ZERO).get(0).to());
  }

  @Test
  void headersCountAsWell() {
    KafkaLogConsumer consumer = reading(0, 100);
    kafka.setMaxPollRecords(3);
    for (int offset = 0; offset < 12; offset++) {
      record(offset, new byte[1], new RecordHeaders().add("trace", new byte[400 << 10]));
    }
    assertEquals(3, consumer.poll(Duration.ZERO).get(0).to(), "more than a megabyte is enough");
  }

  private void record(long offset, byte[] value, Headers headers) {
    kafka.addRecord(
        new ConsumerRecord<>(
            "t",
            0,
            offset,
            0,
            TimestampType.CREATE_TIME,
            0,
            value.length,
            null,
            value,
            headers,
            Optional.empty()));
  }

  /** A log line about brokers that are away says which, and what was to be read there. */
  @Test
  void itSaysWhatIsReadAndWhere() {
    KafkaLogConsumer consumer = new KafkaLogConsumer("t", List.of("k1:9092", "k2:9092"), kafka, 3);
    assertEquals("topic t at k1:9092,k2:9092", consumer.described());
  }
}
