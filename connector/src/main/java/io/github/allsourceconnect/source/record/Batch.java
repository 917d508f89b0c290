package io.github.allsourceconnect.source.record;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * The records that one poll returns. All but the last carry the position before the batch, the last
 * the one after it: so a batch is stored whole or not at all. Where Connect stores a batch and its
 * offsets together, all carry the one after it, so that it does not matter which of them a
 * transformation filters. Filled by the follower's thread, then handed over; {@link #committed} is
 * for any thread.
 */
public final class Batch {
  /** A record's offset that knows its batch: how a record that Kafka has is found again. */
  public static final class Offset extends HashMap<String, Object> {
    private static final long serialVersionUID = 1L;
    private final transient Batch batch;

    Offset(Map<String, Object> position, Batch batch) {
      super(position);
      this.batch = batch;
    }

    /** Its position is told when the batch is closed. */
    Offset(Batch batch) {
      this.batch = batch;
    }

    public Batch batch() {
      return batch;
    }
  }

  private final List<SourceRecord> records = new ArrayList<>();
  private final AtomicInteger uncommitted = new AtomicInteger();
  private long bytes;
  private long lastEmission;
  private volatile boolean settled;

  void add(SourceRecord record) {
    records.add(record);
    uncommitted.incrementAndGet();
  }

  void addBytes(long more) {
    bytes += more;
  }

  /** It is complete: it has everything up to this event. */
  void close(long emission) {
    lastEmission = emission;
  }

  /** Kafka has one more of its records, or it was filtered. */
  public boolean committed() {
    return uncommitted.decrementAndGet() == 0;
  }

  /**
   * Nothing more is to be expected of any of its records.
   *
   * @return of how many that is news
   */
  int committedAll() {
    int left = Math.max(0, uncommitted.getAndSet(0));
    settled |= left > 0;
    return left;
  }

  /** Whether what became of all its records was found without word of each. */
  public boolean isSettled() {
    return settled;
  }

  boolean isCommitted() {
    return uncommitted.get() <= 0;
  }

  public List<SourceRecord> records() {
    return records;
  }

  long bytes() {
    return bytes;
  }

  long lastEmission() {
    return lastEmission;
  }
}
