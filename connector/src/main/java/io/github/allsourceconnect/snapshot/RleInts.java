package io.github.allsourceconnect.snapshot;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;

/**
 * Whole numbers in Parquet's hybrid of runs and packed bits, one after the other: levels, and
 * places in a dictionary. Nothing is allocated by what a run's header says.
 */
final class RleInts {
  private final InputStream in;
  private final int width;
  private long runLeft;
  private int runValue;
  private boolean packed;
  private long bits;
  private int bitsLeft;

  /**
   * @param width bits a number, from 0 to 32
   */
  RleInts(InputStream in, int width) throws IOException {
    if (width < 0 || width > 32) {
      throw new BadFile("numbers have an impossible width");
    }
    this.in = in;
    this.width = width;
  }

  /** The next number; as unsigned, which is negative above 31 bits. */
  int next() throws IOException {
    if (runLeft == 0) {
      nextRun();
    }
    runLeft--;
    if (!packed) {
      return runValue;
    }
    while (bitsLeft < width) {
      bits |= (long) octet() << bitsLeft;
      bitsLeft += 8;
    }
    int value = (int) (bits & ((1L << width) - 1));
    bits >>>= width;
    bitsLeft -= width;
    return value;
  }

  /**
   * Goes over up to so many numbers by their runs, as far as there are any.
   *
   * @throws IOException if a run claims more than there may be
   */
  static void check(InputStream in, int width, int most) throws IOException {
    RleInts ints = new RleInts(in, width);
    for (long left = most; left > 0 && in.available() > 0; left -= ints.runLeft) {
      ints.nextRun();
      if (ints.packed) {
        if (ints.runLeft > left + 7) {
          throw new BadFile("a run has more values than its page");
        }
        // the last one may be cut short
        long unused = in.skip(ints.runLeft * width / 8);
      }
    }
  }

  private void nextRun() throws IOException {
    long header = 0;
    for (int shift = 0; ; shift += 7) {
      int b = octet();
      header |= (long) (b & 0x7F) << shift;
      if (b < 0x80) {
        break;
      }
      if (shift == 28) {
        throw new BadFile("a run has an impossible length");
      }
    }
    packed = (header & 1) == 1;
    runLeft = packed ? (header >>> 1) * 8 : header >>> 1;
    if (runLeft == 0) {
      throw new BadFile("a run has no values");
    }
    bits = 0;
    bitsLeft = 0;
    if (!packed) {
      int value = 0;
      for (int shift = 0; shift < width; shift += 8) {
        value |= octet() << shift;
      }
      runValue = value;
    }
  }

  private int octet() throws IOException {
    int b = in.read();
    if (b < 0) {
      throw new EOFException();
    }
    return b;
  }
}
