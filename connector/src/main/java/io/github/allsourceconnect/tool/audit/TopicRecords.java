package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.protocol.WalEntry;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.InvalidOffsetException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;

/** Reads committed records of partitions from one offset to another. One thread. */
final class TopicRecords {
  private static final Duration POLL = Duration.ofMillis(200);
  private static final long FETCH_LEAST = 2L << 20;
  private static final long FETCH_MOST = 50L << 20;

  /** Takes records. */
  interface Each {
    /**
     * The next record.
     *
     * @param partition its partition's place in the list
     */
    void record(int partition, ConsumerRecord<byte[], byte[]> record) throws Exception;
  }

  private TopicRecords() {}

  /** Takes the events of records. */
  interface EachEvent {
    /**
     * The next event.
     *
     * @param partition its partition's place in the list
     * @param offset its record's
     */
    void event(int partition, long offset, WalEntry entry) throws Exception;
  }

  /**
   * Reads the events that a sink serves, from the topic's beginning.
   *
   * @param to up to these offsets
   * @return what is to be noted: a record that is no event, if there is one
   * @throws Unjudgeable if the brokers bring nothing for as long as they may
   */
  static List<String> readServed(
      Target target, TopicScope scope, long[] to, Progress progress, EachEvent each)
      throws Exception {
    RecordReader reader = RecordReader.ofSink(target.settings());
    read(
        target.brokers(),
        scope.partitions(),
        scope.begin(),
        to,
        progress,
        (partition, record) -> {
          WalEntry entry = reader.entry(record);
          if (entry != null) {
            each.event(partition, record.offset(), entry);
          }
        });
    String trouble = reader.firstTrouble();
    return trouble == null
        ? List.of()
        : List.of("a record that is not an event is expected to be left out: " + trouble);
  }

  /**
   * Reads them.
   *
   * @throws Unjudgeable if the brokers bring nothing for as long as they may
   */
  static void read(
      Brokers brokers,
      List<TopicPartition> partitions,
      long[] from,
      long[] to,
      Progress progress,
      Each each)
      throws Exception {
    Map<TopicPartition, Integer> numbers = new HashMap<>();
    Consumer<byte[], byte[]> consumer =
        brokers.consumer(
            Map.of("fetch.max.bytes", Integer.toString(fetchBytes()), "max.poll.records", "2000"));
    try (AutoCloseable closing = () -> close(consumer)) {
      consumer.assign(partitions);
      for (int i = 0; i < partitions.size(); i++) {
        numbers.put(partitions.get(i), i);
        consumer.seek(partitions.get(i), from[i]);
      }
      long whole = Arrays.stream(to).sum() - Arrays.stream(from).sum();
      progress.begin("topic", whole);
      long records = 0;
      long done = 0;
      long movedAt = System.nanoTime();
      while (done < whole) {
        for (ConsumerRecord<byte[], byte[]> record : consumer.poll(POLL)) {
          int number = numbers.get(new TopicPartition(record.topic(), record.partition()));
          if (record.offset() < to[number]) {
            each.record(number, record);
            records++;
          }
        }
        long at = 0;
        for (int i = 0; i < to.length; i++) {
          at += Math.min(to[i], consumer.position(partitions.get(i))) - from[i];
        }
        if (at > done) {
          movedAt = System.nanoTime();
        } else if (System.nanoTime() - movedAt > brokers.stall().toNanos()) {
          throw new Unjudgeable(
              "the brokers of --bootstrap brought nothing of the topic for "
                  + brokers.stalled()
                  + ", though it has more: see whether all of them run, and audit again");
        }
        done = at;
        progress.at(done);
      }
      progress.end(records);
    } catch (InvalidOffsetException e) {
      throw new Unjudgeable(
          "Kafka has removed the beginning of "
              + e.partitions().iterator().next()
              + " before it was read, as the topic's retention says: audit again",
          e);
    } catch (KafkaException e) {
      throw new Unjudgeable("the topic can't be read: " + KafkaTrouble.text(e), e);
    }
  }

  @SuppressWarnings("deprecation") // what takes its place is not there before 4.1
  private static void close(Consumer<byte[], byte[]> consumer) {
    consumer.close(Brokers.CLOSE_MAX);
  }

  /** What one broker may send at once: brokers answer side by side, and heaps are small. */
  private static int fetchBytes() {
    long share = Runtime.getRuntime().maxMemory() / 32;
    return (int) Math.max(FETCH_LEAST, Math.min(FETCH_MOST, share));
  }
}
