package io.github.allsourceconnect.source.decision.position;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;

/**
 * Events that a position lists, as one compact text: in order of time, each the microseconds since
 * the one before it (a varint; the first since 1970, zigzag) and the upper {@link
 * EventHash#STORED_BITS} bits of its id's hash, in base64. Immutable.
 */
public final class ListedIds {
  /** What is known of each. */
  public enum Kind {
    /** The time, and a part of the hash. */
    TIMED,
    /** The whole hash; the time of none. */
    TIMELESS
  }

  /** None. */
  public static final ListedIds NONE = new ListedIds(new long[0], new long[0], Kind.TIMED);

  private static final int HASH_BYTES = EventHash.STORED_BITS / Byte.SIZE;
  private static final int VARINT_BYTES = 10;

  private final List<ListedEvents.Stretch> stretches;
  private final int size;
  private final Kind kind;

  /** Times and hashes, once they have been asked for. */
  private volatile long[][] sorted;

  private ListedIds(long[] micros, long[] hashes, Kind kind) {
    this.kind = kind;
    stretches = List.of();
    size = hashes.length;
    sorted = new long[][] {micros, hashes};
  }

  private ListedIds(List<ListedEvents.Stretch> stretches) {
    this.stretches = stretches;
    kind = Kind.TIMED;
    int count = 0;
    for (ListedEvents.Stretch stretch : stretches) {
      count += stretch.size();
    }
    size = count;
  }

  /**
   * Events that were produced; copied and sorted when they are asked for, and often nobody asks.
   */
  static ListedIds of(List<ListedEvents.Stretch> stretches) {
    return new ListedIds(stretches);
  }

  /** All of them in one list. */
  public static ListedIds joined(List<ListedIds> lists) {
    if (lists.size() == 1) {
      return lists.get(0);
    }
    int count = lists.stream().mapToInt(ListedIds::size).sum();
    long[] micros = new long[count];
    long[] hashes = new long[count];
    int at = 0;
    for (ListedIds one : lists) {
      System.arraycopy(one.sorted()[0], 0, micros, at, one.size);
      System.arraycopy(one.sorted()[1], 0, hashes, at, one.size);
      at += one.size;
    }
    sort(micros, hashes);
    return new ListedIds(micros, hashes, Kind.TIMED);
  }

  private long[][] sorted() {
    long[][] made = sorted;
    if (made == null) {
      long[] micros = new long[size];
      long[] hashes = new long[size];
      int at = 0;
      for (ListedEvents.Stretch stretch : stretches) {
        stretch.copy(micros, hashes, at);
        at += stretch.size();
      }
      for (int i = 0; i < size; i++) {
        hashes[i] = EventHash.stored(hashes[i]);
      }
      sort(micros, hashes);
      made = new long[][] {micros, hashes};
      sorted = made;
    }
    return made;
  }

  /** By time. */
  private static void sort(long[] micros, long[] hashes) {
    // events come nearly in order of time
    for (int i = 1; i < micros.length; i++) {
      long time = micros[i];
      long hash = hashes[i];
      int to = i - 1;
      while (to >= 0 && micros[to] > time) {
        micros[to + 1] = micros[to];
        hashes[to + 1] = hashes[to];
        to--;
      }
      micros[to + 1] = time;
      hashes[to + 1] = hash;
    }
  }

  /**
   * As builds before this form stored them: pairs of UUID halves.
   *
   * @param newest none of them is newer than this event time
   */
  public static ListedIds ofHalves(long[] halves, long newest) {
    long[] hashes = new long[halves.length / 2];
    for (int i = 0; i < hashes.length; i++) {
      hashes[i] = EventHash.of(halves[2 * i], halves[2 * i + 1]);
    }
    long[] micros = new long[hashes.length];
    Arrays.fill(micros, newest);
    return new ListedIds(micros, hashes, Kind.TIMELESS);
  }

  /** How many. */
  public int size() {
    return size;
  }

  long micros(int index) {
    return sorted()[0][index];
  }

  long hash(int index) {
    return sorted()[1][index];
  }

  Kind kind() {
    return kind;
  }

  /** The text of those with a time. */
  public String text() {
    long[] micros = sorted()[0];
    long[] hashes = sorted()[1];
    ByteBuffer out = ByteBuffer.allocate(size * (VARINT_BYTES + HASH_BYTES));
    long before = 0;
    for (int i = 0; i < size; i++) {
      long step = micros[i] - before;
      before = micros[i];
      long bits = i == 0 ? (step << 1) ^ (step >> 63) : step;
      while ((bits & ~0x7FL) != 0) {
        out.put((byte) (bits | 0x80));
        bits >>>= 7;
      }
      out.put((byte) bits);
      for (int shift = Long.SIZE - Byte.SIZE; shift > 8; shift -= Byte.SIZE) {
        out.put((byte) (hashes[i] >>> shift));
      }
    }
    byte[] bytes = Arrays.copyOf(out.array(), out.position());
    return Base64.getEncoder().withoutPadding().encodeToString(bytes);
  }

  /**
   * Reads the text.
   *
   * @throws IllegalArgumentException saying why it is not one
   */
  public static ListedIds parse(String text) {
    ByteBuffer in;
    try {
      in = ByteBuffer.wrap(Base64.getDecoder().decode(text));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("is not base64", e);
    }
    int most = in.remaining() / (HASH_BYTES + 1);
    long[] micros = new long[most];
    long[] hashes = new long[most];
    int count = 0;
    long before = 0;
    while (in.hasRemaining()) {
      long bits = varint(in);
      long step = count == 0 ? (bits >>> 1) ^ -(bits & 1) : bits;
      if (in.remaining() < HASH_BYTES) {
        throw new IllegalArgumentException("ends within an id");
      }
      before += step;
      long hash = 0;
      for (int i = 0; i < HASH_BYTES; i++) {
        hash = hash << 8 | (in.get() & 0xFF);
      }
      micros[count] = before;
      hashes[count] = hash << (Long.SIZE - EventHash.STORED_BITS);
      count++;
    }
    return new ListedIds(Arrays.copyOf(micros, count), Arrays.copyOf(hashes, count), Kind.TIMED);
  }

  private static long varint(ByteBuffer in) {
    long bits = 0;
    for (int shift = 0; shift < Long.SIZE && in.hasRemaining(); shift += 7) {
      byte next = in.get();
      bits |= (long) (next & 0x7F) << shift;
      if (next >= 0) {
        return bits;
      }
    }
    throw new IllegalArgumentException("ends within a time");
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ListedIds ids
        && kind == ids.kind
        && Arrays.equals(sorted()[0], ids.sorted()[0])
        && Arrays.equals(sorted()[1], ids.sorted()[1]);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(sorted()[1]);
  }

  @Override
  public String toString() {
    return size + " ids";
  }
}
