package io.github.allsourceconnect.sink.mapping;

import io.github.allsourceconnect.protocol.WalEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.connect.sink.SinkRecord;

/**
 * Turns a Kafka record into the entry that followers get. Deterministic: the same record gives the
 * same entry on every call, in every process. WAL offset = Kafka offset + 1.
 */
public interface EntryMapper {
  /**
   * The entry of a record.
   *
   * @return null for a record that is to be skipped
   * @throws org.apache.kafka.connect.errors.DataException for a record that is no event; the
   *     message names topic, partition and offset, never the value
   */
  WalEntry map(SinkRecord record);

  /**
   * The entry of a record that has not been converted, and whose converters give texts or bytes as
   * they are, if it can be told without a conversion.
   *
   * @return null if not: then {@link #map} says what it is
   * @throws org.apache.kafka.connect.errors.DataException as {@link #map}
   */
  default WalEntry mapUsual(ConsumerRecord<byte[], byte[]> record) {
    return null;
  }
}
