package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.protocol.LineWriter;
import io.github.allsourceconnect.protocol.WalEntry;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Turns a record of the topic into an entry, and that into the line that followers get. The same
 * record gives the same bytes, whoever reads it and when. One thread.
 */
public interface LineEncoder {
  /**
   * The entry of a record.
   *
   * @return null for a record that followers do not get
   * @throws org.apache.kafka.connect.errors.ConnectException for a record that is no event and must
   *     not be passed over; the message names topic, partition and offset
   */
  WalEntry entry(ConsumerRecord<byte[], byte[]> record);

  /** Writes the line of an entry, with its line end, behind what {@code out} has. */
  void line(WalEntry entry, LineWriter out);
}
