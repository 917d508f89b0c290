package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.AbstractMap;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * The records that one poll returns. Each has the position after it, so that it does not matter
 * which of them a transformation drops, nor whether Connect gets through with all of them. Filled
 * by the follower's thread, then handed over; {@link #committed} is for any thread.
 */
public final class Batch {
  /**
   * A record's offset: the position after it, told when somebody asks, and that is Connect for the
   * newest record that it stores. Knows its batch: how a record that Kafka has is found again. No
   * two are equal, so that records are not either.
   */
  public static final class Offset extends AbstractMap<String, Object> {
    private final SourcePosition position;
    private final Batch batch;
    private final Map<String, Object> beside;
    private volatile Map<String, Object> told;

    Offset(SourcePosition position, Batch batch) {
      this(position, batch, Map.of());
    }

    /**
     * @param beside what is stored with it
     */
    Offset(SourcePosition position, Batch batch, Map<String, Object> beside) {
      this.position = position;
      this.batch = batch;
      this.beside = beside;
    }

    public Batch batch() {
      return batch;
    }

    public SourcePosition position() {
      return position;
    }

    @Override
    public Set<Entry<String, Object>> entrySet() {
      Map<String, Object> known = told;
      if (known == null) {
        Map<String, Object> all = SourceOffsets.encode(position);
        all.putAll(beside);
        known = Collections.unmodifiableMap(all);
        told = known;
      }
      return known.entrySet();
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

  /** One of its records takes another's place. */
  void replace(int index, SourceRecord record) {
    records.set(index, record);
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
