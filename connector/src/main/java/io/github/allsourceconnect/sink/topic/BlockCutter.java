package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.topic.LogConsumer.Stretch;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Maps a stretch of the log, and encodes it into blocks of a handy size. One thread. */
final class BlockCutter {
  /** A block ends when its lines take so much; one long line may take more. */
  static final int BLOCK_BYTES = 64 << 10;

  private static final int ENTRY_OVERHEAD = 400;

  private final LineEncoder encoder;

  BlockCutter(LineEncoder encoder) {
    this.encoder = encoder;
  }

  /** The entries of a stretch. */
  MappedStretch map(Stretch stretch) {
    List<WalEntry> entries = new ArrayList<>(stretch.records().size());
    long oldestMs = Long.MAX_VALUE;
    long bytes = 0;
    for (ConsumerRecord<byte[], byte[]> record : stretch.records()) {
      oldestMs = Math.min(oldestMs, record.timestamp());
      WalEntry entry = encoder.entry(record);
      if (entry != null) {
        entries.add(entry);
        bytes += ENTRY_OVERHEAD + Math.max(0, record.serializedValueSize());
      }
    }
    return new MappedStretch(stretch.from(), stretch.to(), entries, oldestMs, bytes);
  }

  /** Hands out blocks that together cover the stretch, in order. */
  void cut(MappedStretch stretch, Consumer<LogBlock> blocks) {
    LogBlock.Builder builder = new LogBlock.Builder(stretch.from());
    for (WalEntry entry : stretch.entries()) {
      long offset = entry.sequence() - 1;
      if (builder.bytes() >= BLOCK_BYTES) {
        blocks.accept(builder.build(offset));
        builder = new LogBlock.Builder(offset);
      }
      builder.add(offset, encoder.line(entry));
    }
    blocks.accept(builder.build(stretch.to()));
  }
}
