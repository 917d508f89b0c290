package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.LogBlock;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/**
 * A partition and its kept history: which Kafka offsets hold an entry (others are aborted, markers
 * or compacted), where the topic begins by now, and what the history covers. WAL offset = Kafka
 * offset + 1.
 */
final class TopicModel {
  private final List<Boolean> entries = new ArrayList<>();
  private long begin;
  private final boolean historyKept;
  private long historyAfter;
  private long historyUpTo;

  TopicModel(boolean historyKept) {
    this.historyKept = historyKept;
  }

  long begin() {
    return begin;
  }

  long end() {
    return entries.size();
  }

  boolean historyKept() {
    return historyKept;
  }

  long historyAfter() {
    return historyAfter;
  }

  long historyUpTo() {
    return historyUpTo;
  }

  /** The history takes up to so many further offsets; it begins anew where the topic left it. */
  void keepHistory(int offsets) {
    if (historyUpTo < begin) {
      historyAfter = begin;
      historyUpTo = begin;
    }
    historyUpTo = Math.min(end(), historyUpTo + offsets);
  }

  /** Old history is lost, a damaged file, say. */
  void loseHistory(long upTo) {
    historyAfter = Math.max(historyAfter, Math.min(historyUpTo, upTo));
  }

  void append(boolean entry) {
    entries.add(entry);
  }

  void retain(long newBegin) {
    begin = Math.max(begin, Math.min(newBegin, end()));
  }

  /** The first WAL offset above another that holds an entry; -1 when there is none. */
  long nextEntry(long walOffset) {
    for (long offset = walOffset; offset < end(); offset++) {
      if (entries.get((int) offset)) {
        return offset + 1;
      }
    }
    return -1;
  }

  /** The last WAL offset, up to a Kafka offset, that holds an entry; 0 when there is none. */
  long lastEntry(long kafkaEnd) {
    for (long offset = Math.min(kafkaEnd, end()); offset > 0; offset--) {
      if (entries.get((int) offset - 1)) {
        return offset;
      }
    }
    return 0;
  }

  /** What lies in an interval of Kafka offsets; each line is its WAL offset in words. */
  LogBlock block(long from, long to) {
    LogBlock.Builder builder = new LogBlock.Builder(from);
    for (long offset = from; offset < to; offset++) {
      if (entries.get((int) offset)) {
        builder.add(offset, line(offset + 1));
      }
    }
    return builder.build(to);
  }

  private static byte[] line(long walOffset) {
    return (walOffset + "\n").getBytes(StandardCharsets.US_ASCII);
  }

  /** The WAL offsets of a block's lines from an index on, read from their bytes. */
  static List<Long> lines(LogBlock block, int fromIndex) {
    List<Long> offsets = new ArrayList<>();
    int start = block.start(fromIndex);
    String text =
        new String(block.data(), start, block.data().length - start, StandardCharsets.US_ASCII);
    for (String line : text.split("\n")) {
      offsets.add(Long.parseLong(line));
    }
    return offsets;
  }
}
