package io.github.allsourceconnect.protocol;

import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * Cuts a stream of bytes into lines: {@code \n} ends a line and nothing else does. Holds at most
 * one unfinished line, bounded by the line limit. One thread.
 */
public final class LineFramer {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  /** A line that is this many times as long as allowed is not passed over any more. */
  static final int PASSED_TIMES = 8;

  private static final int BEGINNING = 64;

  private final int maxLineBytes;
  private final boolean reuses;
  private byte[] pending = new byte[0];
  private int pendingLength;
  private long lines;
  private boolean passing;
  private long passed;

  /** Who gets the lines. */
  @FunctionalInterface
  public interface Lines {
    /**
     * A line without its {@code \n}. The array is either the block that was fed (the line lay
     * wholly inside it; nothing is copied) or an array that was made for this line alone. The
     * framer never writes to either afterwards, so slices may be kept if the caller does not re-use
     * its block. Of a framer that re-uses its array nothing may be kept.
     *
     * @param lineNumber from 1
     */
    void line(byte[] buf, int off, int len, long lineNumber) throws IOException;

    /**
     * A line is above the limit; what was kept of it is dropped behind this call.
     *
     * @param beginning its first bytes, some dozens
     * @return whether to go on behind it: the rest of it is passed over, without keeping any,
     *     unless it has no end
     */
    default boolean tooLong(ProtocolException why, byte[] beginning) {
      return false;
    }
  }

  /**
   * A framer at the start of a connection.
   *
   * @param maxLineBytes the longest line allowed, without its {@code \n}; at least 1
   */
  public LineFramer(int maxLineBytes) {
    this(maxLineBytes, 0);
  }

  /**
   * A framer that goes on within a connection.
   *
   * @param maxLineBytes the longest line allowed, without its {@code \n}; at least 1
   * @param linesBefore how many lines of the connection were read already
   */
  public LineFramer(int maxLineBytes, long linesBefore) {
    this(maxLineBytes, linesBefore, false);
  }

  /**
   * A framer at the start of a connection whose lines are longer than its blocks: it puts them
   * together in one array, that of the line before.
   *
   * @param maxLineBytes the longest line allowed, without its {@code \n}; at least 1
   */
  public static LineFramer reusing(int maxLineBytes) {
    return new LineFramer(maxLineBytes, 0, true);
  }

  private LineFramer(int maxLineBytes, long linesBefore, boolean reuses) {
    lines = linesBefore;
    this.reuses = reuses;
    if (maxLineBytes < 1) {
      throw new IllegalArgumentException("maxLineBytes must be at least 1, not " + maxLineBytes);
    }
    this.maxLineBytes = maxLineBytes;
  }

  /**
   * Hands out every line that ends in this block, and keeps a copy of the rest.
   *
   * @throws ProtocolException of kind TOO_LONG as soon as a line is above the limit and {@code
   *     lines} does not want to go on behind it, or is {@value #PASSED_TIMES} times as long; the
   *     framer can't be used afterwards
   * @throws IOException what {@code lines} throws; the rest of the block is lost then
   */
  public void feed(byte[] block, int off, int len, Lines lines) throws IOException {
    int end = off + len;
    int start = off;
    while (start < end) {
      int newline = indexOfNewline(block, start, end);
      int stop = newline < 0 ? end : newline;
      if (!passing && (long) pendingLength + (stop - start) > maxLineBytes) {
        pass(block, start, stop, lines);
      }
      if (passing) {
        passed += stop - start;
        if (passed > (long) PASSED_TIMES * maxLineBytes) {
          throw tooLong(passed + " bytes of it came, and no end");
        }
      }
      if (newline < 0) {
        if (!passing) {
          keep(block, start, end);
        }
        return;
      }
      this.lines++;
      if (passing) {
        passing = false;
      } else if (pendingLength == 0) {
        lines.line(block, start, newline - start, this.lines);
      } else {
        keep(block, start, newline);
        byte[] line = pending;
        int length = pendingLength;
        if (!reuses) {
          pending = new byte[0];
        }
        pendingLength = 0;
        lines.line(line, 0, length, this.lines);
      }
      start = newline + 1;
    }
  }

  private void pass(byte[] block, int from, int to, Lines lines) throws ProtocolException {
    ProtocolException why = tooLong("raise it if such lines are meant to be sent");
    byte[] beginning = Arrays.copyOf(pending, Math.min(pendingLength, BEGINNING));
    int kept = beginning.length;
    int more = Math.min(to - from, BEGINNING - kept);
    beginning = Arrays.copyOf(beginning, kept + more);
    System.arraycopy(block, from, beginning, kept, more);
    boolean goesOn = lines.tooLong(why, beginning);
    passed = pendingLength;
    pending = new byte[0];
    pendingLength = 0;
    if (!goesOn) {
      throw why;
    }
    passing = true;
  }

  /** How many lines have ended so far. */
  public long lines() {
    return lines;
  }

  /** Bytes of the line that has not ended yet. */
  public int pendingBytes() {
    return pendingLength;
  }

  /** A copy of them. */
  public byte[] pending() {
    return Arrays.copyOf(pending, pendingLength);
  }

  /** The first {@code \n} in a range, or -1. */
  public static int indexOfNewline(byte[] buf, int from, int to) {
    int i = from;
    for (; i + 8 <= to; i += 8) {
      long word = (long) LONGS.get(buf, i) ^ (ONES * '\n');
      long zeros = (word - ONES) & ~word & HIGH_BITS;
      if (zeros != 0) {
        return i + (Long.numberOfTrailingZeros(zeros) >>> 3);
      }
    }
    for (; i < to; i++) {
      if (buf[i] == '\n') {
        return i;
      }
    }
    return -1;
  }

  private void keep(byte[] block, int from, int to) {
    int needed = pendingLength + (to - from);
    if (needed > pending.length) {
      long doubled = Math.min(2L * pending.length, maxLineBytes);
      pending = Arrays.copyOf(pending, (int) Math.max(needed, doubled));
    }
    System.arraycopy(block, from, pending, pendingLength, to - from);
    pendingLength = needed;
  }

  private ProtocolException tooLong(String more) {
    return new ProtocolException(
        ProtocolException.Kind.TOO_LONG,
        "line "
            + (lines + 1)
            + " is longer than the limit of "
            + maxLineBytes
            + " bytes (line.max.bytes); "
            + more,
        lines + 1,
        0);
  }
}
