package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.protocol.LineWriter;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.mapping.EntryMapper;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.connect.errors.DataException;

/** From the topic's bytes to the follower's line: convert, map, encode. One thread. */
public final class RecordPipeline implements LineEncoder {
  private final Converters converters;
  private final EntryMapper mapper;
  private final MessageCodec codec;
  private final boolean passOverBad;

  /**
   * @param passOverBad whether a record that is no event is passed over, for the task reports it to
   *     Connect's dead-letter topic; otherwise it is an error
   */
  public RecordPipeline(
      Converters converters, EntryMapper mapper, MessageCodec codec, boolean passOverBad) {
    this.converters = converters;
    this.mapper = mapper;
    this.codec = codec;
    this.passOverBad = passOverBad;
  }

  @Override
  public WalEntry entry(ConsumerRecord<byte[], byte[]> record) {
    try {
      WalEntry usual = converters.keepTexts() ? mapper.mapUsual(record) : null;
      return usual != null ? usual : mapper.map(converters.convert(record));
    } catch (DataException e) {
      if (passOverBad) {
        return null;
      }
      throw e;
    }
  }

  @Override
  public void line(WalEntry entry, LineWriter out) {
    codec.encode(entry, out);
  }
}
