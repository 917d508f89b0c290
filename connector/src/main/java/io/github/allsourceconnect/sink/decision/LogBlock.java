package io.github.allsourceconnect.sink.decision;

import java.util.Arrays;

/**
 * A stretch of a partition's log, encoded once and shared by all followers: everything that the log
 * holds from one Kafka offset up to another, as lines. Offsets in between that hold no entry
 * (compacted, aborted, skipped) are covered without a line. Immutable, so safe for any thread.
 */
public final class LogBlock {
  private final long from;
  private final long to;
  private final long[] offsets;
  private final int[] ends;
  private final byte[] data;

  private LogBlock(long from, long to, long[] offsets, int[] ends, byte[] data) {
    this.from = from;
    this.to = to;
    this.offsets = offsets;
    this.ends = ends;
    this.data = data;
  }

  /** The first Kafka offset covered. */
  public long from() {
    return from;
  }

  /** The first Kafka offset not covered any more; above {@link #from()}. */
  public long to() {
    return to;
  }

  /** How many entries there are; may be none. */
  public int count() {
    return offsets.length;
  }

  /** The Kafka offset of an entry. */
  public long offset(int index) {
    return offsets[index];
  }

  /** The first entry at or after a Kafka offset; {@link #count()} when there is none. */
  public int indexFrom(long position) {
    int found = Arrays.binarySearch(offsets, position);
    return found < 0 ? -found - 1 : found;
  }

  /** Where an entry's line begins in {@link #data()}. */
  public int start(int index) {
    return index == 0 ? 0 : ends[index - 1];
  }

  /** Where the last entry's line ends in {@link #data()}. */
  public int dataEnd() {
    return offsets.length == 0 ? 0 : ends[offsets.length - 1];
  }

  /**
   * What of the block lies before a Kafka offset; shares its bytes.
   *
   * @param position above {@link #from()}
   */
  public LogBlock before(long position) {
    if (position >= to) {
      return this;
    }
    return new LogBlock(from, position, Arrays.copyOf(offsets, indexFrom(position)), ends, data);
  }

  /**
   * The bytes of all lines, each with its line end; up to {@link #dataEnd} they are this block's.
   * Not to be written to.
   */
  @SuppressWarnings("ArrayReturn")
  public byte[] data() {
    return data;
  }

  /** What it takes in memory, roughly. */
  public long bytes() {
    return data.length + 12L * offsets.length + 160;
  }

  @Override
  public String toString() {
    return "[" + from + ", " + to + ") with " + count() + " entries";
  }

  /** Collects a block; one thread. */
  public static final class Builder {
    private static final int MAX_ARRAY = Integer.MAX_VALUE - 16;

    private final long from;
    private long[] offsets = new long[16];
    private int[] ends = new int[16];
    private byte[] data;
    private int count;
    private int bytes;

    /**
     * @param from the first Kafka offset covered
     */
    public Builder(long from) {
      this(from, 0);
    }

    /**
     * @param from the first Kafka offset covered
     * @param expectedBytes how many bytes the lines will have, roughly
     */
    public Builder(long from, int expectedBytes) {
      this.from = from;
      data = new byte[expectedBytes];
    }

    /**
     * Adds an entry's line.
     *
     * @param offset its Kafka offset, above the one before
     * @param line with its line end
     */
    public void add(long offset, byte[] line) {
      add(offset, line, line.length);
    }

    /**
     * The same, of the first bytes of an array.
     *
     * @param length how many
     */
    public void add(long offset, byte[] line, int length) {
      if (offset < from || (count > 0 && offset <= offsets[count - 1])) {
        throw new IllegalArgumentException("offset " + offset + " is not above the one before");
      }
      if (count == offsets.length) {
        offsets = Arrays.copyOf(offsets, 2 * count);
        ends = Arrays.copyOf(ends, 2 * count);
      }
      int end = Math.addExact(bytes, length);
      if (end > data.length) {
        data = Arrays.copyOf(data, (int) Math.max(end, Math.min(2L * bytes, MAX_ARRAY)));
      }
      System.arraycopy(line, 0, data, bytes, length);
      offsets[count] = offset;
      ends[count] = end;
      bytes = end;
      count++;
    }

    /** Bytes of the lines so far. */
    public int bytes() {
      return bytes;
    }

    /**
     * The block; the builder is done.
     *
     * @param to the first Kafka offset that is not covered
     */
    public LogBlock build(long to) {
      if (to <= from || (count > 0 && offsets[count - 1] >= to)) {
        throw new IllegalArgumentException("a block from " + from + " can't end at " + to);
      }
      boolean isFull = data.length - bytes <= bytes / 8;
      return new LogBlock(
          from,
          to,
          Arrays.copyOf(offsets, count),
          Arrays.copyOf(ends, count),
          isFull ? data : Arrays.copyOf(data, bytes));
    }
  }
}
