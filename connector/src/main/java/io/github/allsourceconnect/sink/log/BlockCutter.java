package io.github.allsourceconnect.sink.log;

import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.log.LogConsumer.Stretch;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Encodes a stretch of the log into blocks of a handy size. One thread. */
final class BlockCutter {
  /** A block ends when its lines take so much; one long line may take more. */
  static final int BLOCK_BYTES = 64 << 10;

  private final LineEncoder encoder;

  BlockCutter(LineEncoder encoder) {
    this.encoder = encoder;
  }

  /** Hands out blocks that together cover the stretch, in order. */
  void cut(Stretch stretch, Consumer<LogBlock> blocks) {
    LogBlock.Builder builder = new LogBlock.Builder(stretch.from());
    for (ConsumerRecord<byte[], byte[]> record : stretch.records()) {
      if (builder.bytes() >= BLOCK_BYTES) {
        blocks.accept(builder.build(record.offset()));
        builder = new LogBlock.Builder(record.offset());
      }
      byte[] line = encoder.line(record);
      if (line != null) {
        builder.add(record.offset(), line);
      }
    }
    blocks.accept(builder.build(stretch.to()));
  }
}
