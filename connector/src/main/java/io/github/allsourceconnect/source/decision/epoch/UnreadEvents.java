package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;

/**
 * Skipped lines whose events were given up without a look at a snapshot, because there was none
 * that could be read: a later one may have them. They are told by their time, and as many as were
 * given up.
 *
 * <pre>
 *   given up ............ events += n
 *   found as a row ...... events -= 1, counted as late, no loss any more
 * </pre>
 *
 * Not thread-safe.
 */
final class UnreadEvents {
  private long events;
  private long newestMicros = Long.MIN_VALUE;
  private String leader = "";
  private long offset;

  /**
   * So many more.
   *
   * @param newest event time of the newest one that came up to the last of them
   * @param of the leader in whose numbering they were missed
   * @param first the first of their offsets
   */
  void add(long more, long newest, String of, long first) {
    events += more;
    newestMicros = Math.max(newestMicros, newest);
    leader = of;
    offset = first;
  }

  /** Whether an event that is nowhere may be one of them. */
  boolean mayBe(Event event) {
    return events > 0 && event.micros() <= newestMicros;
  }

  /** How many they are. */
  long events() {
    return events;
  }

  /** One has been found. */
  void found() {
    events--;
  }

  String leader() {
    return leader;
  }

  long offset() {
    return offset;
  }
}
