package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.protocol.LineWriter;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.topic.LogConsumer.Stretch;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** Maps a stretch of the log, and encodes it into blocks of a handy size. One thread. */
final class BlockCutter {
  /** A block ends when its lines take so much; one long line may take more. */
  static final int BLOCK_BYTES = 64 << 10;

  /** What most lines are shorter than. */
  private static final int LINE_BYTES = 4 << 10;

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
        bytes += bytes(record);
      }
    }
    return new MappedStretch(stretch.from(), stretch.to(), entries, oldestMs, bytes);
  }

  /** About what its line takes. */
  static int bytes(ConsumerRecord<byte[], byte[]> record) {
    return ENTRY_OVERHEAD + Math.max(0, record.serializedValueSize());
  }

  /** About what their lines take. */
  static long bytes(List<ConsumerRecord<byte[], byte[]>> records) {
    long bytes = 0;
    for (ConsumerRecord<byte[], byte[]> record : records) {
      bytes += bytes(record);
    }
    return bytes;
  }

  /** Blocks that together cover the stretch, in order. */
  List<LogBlock> cut(MappedStretch stretch) {
    Cut cut = new Cut(stretch.from(), stretch.bytes());
    stretch.entries().forEach(cut::add);
    return cut.upTo(stretch.to());
  }

  /**
   * The same of a stretch that is not mapped yet, record by record: an entry is written while the
   * processor still has it.
   */
  List<LogBlock> cut(Stretch stretch) {
    Cut cut = new Cut(stretch.from(), bytes(stretch.records()));
    for (ConsumerRecord<byte[], byte[]> record : stretch.records()) {
      WalEntry entry = encoder.entry(record);
      if (entry != null) {
        cut.add(entry);
      }
    }
    return cut.upTo(stretch.to());
  }

  /** A stretch that is being cut. */
  private final class Cut {
    private final List<LogBlock> blocks = new ArrayList<>();
    private final LineWriter line = new LineWriter(LINE_BYTES);
    private final int expected;
    private LogBlock.Builder builder;

    Cut(long from, long bytes) {
      expected = (int) Math.min(bytes, BLOCK_BYTES + LINE_BYTES);
      builder = new LogBlock.Builder(from, expected);
    }

    void add(WalEntry entry) {
      long offset = entry.sequence() - 1;
      if (builder.bytes() >= BLOCK_BYTES) {
        blocks.add(builder.build(offset));
        builder = new LogBlock.Builder(offset, expected);
      }
      line.clear();
      encoder.line(entry, line);
      builder.add(offset, line.array(), line.length());
    }

    List<LogBlock> upTo(long to) {
      blocks.add(builder.build(to));
      return blocks;
    }
  }
}
