package io.github.allsourceconnect.source.decision.position;

import java.util.ArrayList;
import java.util.List;

/**
 * Times and hashes of the events that may be listed, by running number. It only grows at its end
 * and is forgotten from its beginning, so that a {@link Stretch} of it never changes and may be
 * read by any thread that was handed it. Otherwise not thread-safe.
 */
final class ListedEvents {
  private static final int SIZE = 256;
  private static final int HASH_BYTES = EventHash.STORED_BITS / Byte.SIZE;

  private static final class Segment {
    private final long[] micros = new long[SIZE];
    private final long[] hashes = new long[SIZE];

    /** Bytes of all events before each. */
    private final long[] bytesBefore = new long[SIZE];
  }

  /** Events that follow one another. */
  static final class Stretch {
    private final Segment[] segments;
    private final int from;
    private final int count;

    private Stretch(Segment[] segments, int from, int count) {
      this.segments = segments;
      this.from = from;
      this.count = count;
    }

    int size() {
      return count;
    }

    void copy(long[] toMicros, long[] toHashes, int at) {
      for (int i = 0; i < count; i++) {
        Segment segment = segments[(from + i) / SIZE];
        toMicros[at + i] = segment.micros[(from + i) % SIZE];
        toHashes[at + i] = segment.hashes[(from + i) % SIZE];
      }
    }
  }

  private final List<Segment> segments = new ArrayList<>();
  private long first;
  private long next;
  private long bytes;
  private long newest;

  /** The next event. */
  void append(long micros, long hash) {
    int at = (int) (next % SIZE);
    if (at == 0) {
      segments.add(new Segment());
    }
    Segment segment = segments.get(segments.size() - 1);
    segment.micros[at] = micros;
    segment.hashes[at] = hash;
    segment.bytesBefore[at] = bytes;
    bytes += HASH_BYTES + varintBytes(Math.abs(Front.minus(micros, newest)));
    newest = micros;
    next++;
  }

  private static int varintBytes(long value) {
    return (Long.SIZE - Long.numberOfLeadingZeros(value | 1) + 6) / 7;
  }

  /** No stretch begins before this one any more. */
  void forgetBefore(long number) {
    while (first + SIZE <= number) {
      segments.remove(0);
      first += SIZE;
    }
  }

  /**
   * How many bytes the events take when they are listed, at most: in order of time, the distances
   * from one to the next are no greater than in the order of production.
   */
  long bytes(long from, long to) {
    return to <= from ? 0 : bytesBefore(to) - bytesBefore(from);
  }

  private long bytesBefore(long number) {
    return number >= next ? bytes : segments.get(index(number)).bytesBefore[(int) (number % SIZE)];
  }

  private int index(long number) {
    return (int) ((number - first) / SIZE);
  }

  Stretch stretch(long from, long to) {
    if (to <= from) {
      return new Stretch(new Segment[0], 0, 0);
    }
    List<Segment> some = segments.subList(index(from), index(to - 1) + 1);
    return new Stretch(some.toArray(new Segment[0]), (int) (from % SIZE), (int) (to - from));
  }
}
