package io.github.allsourceconnect.source;

import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Records that one poll hands over together; never split. All but the last carry the position
 * before the batch, the last one that after it.
 */
final class Batch {
  private final AtomicInteger unacked = new AtomicInteger();
  private List<SourceRecord> records = List.of();
  private long upTo;
  private long bytes;

  /** A record that knows its batch; Connect hands the same object back to {@code commitRecord}. */
  static final class Member extends SourceRecord {
    private final Batch batch;

    Member(
        Batch batch,
        Map<String, ?> partition,
        Map<String, ?> offset,
        String topic,
        Schema keySchema,
        Object key,
        Schema valueSchema,
        Object value,
        Long timestamp,
        ConnectHeaders headers) {
      super(
          partition,
          offset,
          topic,
          null,
          keySchema,
          key,
          valueSchema,
          value,
          timestamp,
          headers);
      this.batch = batch;
    }

    Batch batch() {
      return batch;
    }

    /** The same record with another position. */
    Member at(Map<String, ?> offset) {
      return new Member(
          batch,
          sourcePartition(),
          offset,
          topic(),
          keySchema(),
          key(),
          valueSchema(),
          value(),
          timestamp(),
          (ConnectHeaders) headers());
    }

    @Override
    public boolean equals(Object other) {
      return this == other;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  /** Closes the batch: these are its records, up to this emission of the follower. */
  void complete(List<SourceRecord> all, long emission, long size) {
    records = all;
    upTo = emission;
    bytes = size;
    unacked.set(all.size());
  }

  List<SourceRecord> records() {
    return records;
  }

  /** The last emission of the follower that is in this batch or an earlier one. */
  long upTo() {
    return upTo;
  }

  /** About what the records take. */
  long bytes() {
    return bytes;
  }

  /**
   * Kafka has one more of the records, or it was filtered.
   *
   * @return whether that was the last one
   */
  boolean acked() {
    return unacked.decrementAndGet() == 0;
  }

  boolean isAcked() {
    return unacked.get() <= 0;
  }
}
