package io.github.allsourceconnect.sink.log;

import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Turns a record of the topic into the line that followers get. The same record gives the same
 * bytes, whoever reads it and when. One thread.
 */
public interface LineEncoder {
  /**
   * The line of a record, with its line end.
   *
   * @return null for a record that followers do not get
   * @throws org.apache.kafka.connect.errors.ConnectException for a record that is no event and must
   *     not be passed over; the message names topic, partition and offset
   */
  byte[] line(ConsumerRecord<byte[], byte[]> record);
}
