package io.github.allsourceconnect.source.record;

import java.util.concurrent.atomic.LongAdder;

/** What became of the events, and of their records at Connect. Thread-safe. */
public final class Deliveries {
  private final LongAdder confirmed = new LongAdder();
  private final LongAdder filtered = new LongAdder();
  private final LongAdder dropped = new LongAdder();

  /** Kafka has the record. */
  public void confirmed() {
    confirmed.increment();
  }

  /**
   * The settings leave the event out; or a transformation left the record out, or the worker did,
   * because a transformation or converter failed ({@code errors.tolerance}).
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
