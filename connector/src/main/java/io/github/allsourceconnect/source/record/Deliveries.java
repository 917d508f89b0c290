package io.github.allsourceconnect.source.record;

import java.util.concurrent.atomic.LongAdder;

/** What became of the records that were handed to Connect. Thread-safe. */
public final class Deliveries {
  private final LongAdder confirmed = new LongAdder();
  private final LongAdder filtered = new LongAdder();
  private final LongAdder dropped = new LongAdder();

  /** Kafka has the record. */
  public void confirmed() {
    confirmed.increment();
  }

  /**
   * A transformation left the record out, or the worker did, because a transformation or converter
   * failed ({@code errors.tolerance}).
   */
  public void filtered() {
    filtered.increment();
  }

  /** So many records were. */
  public void filtered(long records) {
    filtered.add(records);
  }

  /** Kafka refused the record, and the worker goes on without it ({@code errors.tolerance}). */
  public void dropped() {
    dropped.increment();
  }

  public long confirmedCount() {
    return confirmed.sum();
  }

  public long filteredCount() {
    return filtered.sum();
  }

  public long droppedCount() {
    return dropped.sum();
  }
}
