package io.github.allsourceconnect.snapshot;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * What a page compressed with Snappy holds, as it is decompressed: for pages that are too large to
 * be held. Snappy refers back to what came before; no compressor does so by more than its block of
 * 64 KiB, and that is all that is kept. One thread.
 */
final class SnappyInput extends InputStream {
  /** About what one takes. */
  static final int MEMORY = 3 << 16;

  /** A copy of 64 bytes takes three at best. */
  private static final int BEST_RATIO = 22;

  private static final int WINDOW = 1 << 16;

  private final InputStream in;
  private final byte[] window = new byte[3 * WINDOW];
  private int start;
  private int end;
  private long left;
  private int literal;
  private int copy;
  private int distance;

  /**
   * @param in the compressed bytes and nothing behind them
   * @param expected how many bytes it must give
   */
  SnappyInput(InputStream in, int expected) throws IOException {
    this.in = in;
    long declared = 0;
    for (int shift = 0; ; shift += 7) {
      int b = octet();
      declared |= (long) (b & 0x7F) << shift;
      if (b < 0x80) {
        break;
      }
      if (shift == 28) {
        throw new BadFile("a page has an impossible size");
      }
    }
    if (declared != expected) {
      throw new BadFile("a page's size differs from what its header says");
    }
    left = expected;
  }

  /** Whether so many bytes can come out of so few. */
  static boolean isPossible(long compressed, long uncompressed) {
    return uncompressed <= compressed * BEST_RATIO;
  }

  @Override
  public int read() throws IOException {
    if (start == end && !fill()) {
      return -1;
    }
    return window[start++] & 0xFF;
  }

  @Override
  public int read(byte[] bytes, int off, int len) throws IOException {
    if (len == 0) {
      return 0;
    }
    if (start == end && !fill()) {
      return -1;
    }
    int got = Math.min(len, end - start);
    System.arraycopy(window, start, bytes, off, got);
    start += got;
    return got;
  }

  private boolean fill() throws IOException {
    if (left == 0) {
      return false;
    }
    if (end > 2 * WINDOW) {
      System.arraycopy(window, end - WINDOW, window, 0, WINDOW);
      end = WINDOW;
    }
    start = end;
    int limit = (int) Math.min(window.length, end + left);
    while (end < limit) {
      if (literal > 0) {
        literals(limit);
      } else if (copy > 0) {
        copies(limit);
      } else {
        element();
      }
    }
    left -= end - start;
    if (left == 0 && (literal > 0 || copy > 0)) {
      throw new BadFile("a page has more bytes than its header says");
    }
    return true;
  }

  private void literals(int limit) throws IOException {
    int count = Math.min(literal, limit - end);
    if (in.readNBytes(window, end, count) < count) {
      throw new EOFException();
    }
    end += count;
    literal -= count;
  }

  private void copies(int limit) {
    int count = Math.min(copy, limit - end);
    if (distance >= count) {
      System.arraycopy(window, end - distance, window, end, count);
      end += count;
    } else {
      for (int i = 0; i < count; i++, end++) {
        window[end] = window[end - distance];
      }
    }
    copy -= count;
  }

  private void element() throws IOException {
    int tag = octet();
    switch (tag & 3) {
      case 0 -> {
        int length = tag >>> 2;
        if (length >= 60) {
          length = number(length - 59);
        }
        if (length < 0 || length >= left) {
          throw new BadFile("a page has more bytes than its header says");
        }
        literal = length + 1;
      }
      case 1 -> copy(4 + (tag >>> 2 & 7), (tag >>> 5 << 8) | octet());
      case 2 -> copy(1 + (tag >>> 2), number(2));
      default -> copy(1 + (tag >>> 2), number(4));
    }
  }

  private void copy(int length, int back) throws IOException {
    if (back <= 0 || back > end || back > WINDOW) {
      throw new BadFile("a compressed page refers to what is not there");
    }
    copy = length;
    distance = back;
  }

  private int number(int octets) throws IOException {
    int value = 0;
    for (int i = 0; i < octets; i++) {
      value |= octet() << (8 * i);
    }
    return value;
  }

  private int octet() throws IOException {
    int b = in.read();
    if (b < 0) {
      throw new EOFException();
    }
    return b;
  }
}
