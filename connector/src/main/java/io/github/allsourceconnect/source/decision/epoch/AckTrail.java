package io.github.allsourceconnect.source.decision.epoch;

import java.util.ArrayDeque;

/**
 * Which WAL offset may be acked once Kafka has the events up to a certain number. Stretches in
 * which each event takes the offset one further are kept as one piece.
 *
 * <pre>
 *   event   1  2  3  4 | 7   8      two stretches: event e is offset + (e - emission)
 *   offset  5  6  7  8 | 12  13     take(stored) = offset of the last event &lt;= stored
 * </pre>
 *
 * <p>Events and offsets only go up, until {@link #clear}. Not thread-safe.
 */
final class AckTrail {
  private static final class Stretch {
    final long emission;
    final long offset;
    long length = 1;

    Stretch(long emission, long offset) {
      this.emission = emission;
      this.offset = offset;
    }
  }

  private final ArrayDeque<Stretch> stretches = new ArrayDeque<>();

  /** Once everything up to {@code emission} is in Kafka, {@code offset} may be acked. */
  void reached(long emission, long offset) {
    Stretch last = stretches.peekLast();
    if (last != null
        && emission == last.emission + last.length
        && offset == last.offset + last.length) {
      last.length++;
      return;
    }
    if (last != null && last.length == 1 && last.emission == emission) {
      stretches.pollLast();
    }
    stretches.add(new Stretch(emission, offset));
  }

  /**
   * Takes what is told by Kafka having everything up to {@code stored}.
   *
   * @return the highest offset that may be acked because of it; 0 for none that is new
   */
  long take(long stored) {
    long offset = 0;
    while (!stretches.isEmpty() && stretches.peek().emission <= stored) {
      Stretch stretch = stretches.peek();
      long last = stretch.emission + stretch.length - 1;
      offset = stretch.offset + Math.min(stored, last) - stretch.emission;
      if (last > stored) {
        break;
      }
      stretches.poll();
    }
    return offset;
  }

  /** The numbering of offsets is in doubt; nothing recorded so far may be acked. */
  void clear() {
    stretches.clear();
  }
}
