package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.protocol.LineWriter;
import io.github.allsourceconnect.protocol.WalEntry;
import java.util.function.Supplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** An encoder that is made when the first record comes: by then it is known how. One thread. */
public final class LateEncoder implements LineEncoder {
  private final Supplier<LineEncoder> maker;
  private LineEncoder made;

  /**
   * @param maker may wait; called once, by the thread that has the first record
   */
  public LateEncoder(Supplier<LineEncoder> maker) {
    this.maker = maker;
  }

  @Override
  public WalEntry entry(ConsumerRecord<byte[], byte[]> record) {
    if (made == null) {
      made = maker.get();
    }
    return made.entry(record);
  }

  @Override
  public void line(WalEntry entry, LineWriter out) {
    made.line(entry, out);
  }
}
