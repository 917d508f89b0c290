package io.github.allsourceconnect.snapshot;

import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.column.Encoding;
import org.apache.parquet.column.page.DataPage;
import org.apache.parquet.column.page.DataPageV2;
import org.apache.parquet.format.Type;

/**
 * A page that is not held, cut into small plain pages: so many values, or a single one that is
 * larger. Values stand one after the other, or as places in a dictionary. One thread.
 */
final class PagePieces {
  /** About how many bytes a piece has. */
  static final int PIECE = 64 << 10;

  private static final int SMALL = 1 << 10;
  private static final int VALUES = 4096;
  private static final int LENGTH = 4;

  private final Type type;
  private final RleInts levels;
  private final InputStream data;
  private final RleInts places;
  private final Entries entries;
  private final ReadLimits limits;
  private int valuesLeft;
  private long bytesLeft;
  private byte[] piece;
  private int size;

  /**
   * @param values how many, those that are null included
   * @param levels tells which are null; null if none is
   * @param data the values, or their places in the dictionary
   * @param bytes how many the data has
   * @param entries the dictionary; null if the values themselves stand there
   */
  PagePieces(
      Type type,
      int values,
      RleInts levels,
      InputStream data,
      long bytes,
      Entries entries,
      ReadLimits limits)
      throws IOException {
    this.type = type;
    this.levels = levels;
    this.data = data;
    this.entries = entries;
    this.limits = limits;
    valuesLeft = values;
    bytesLeft = bytes;
    places = entries == null ? null : new RleInts(data, width(data));
  }

  private static int width(InputStream data) throws IOException {
    int width = data.read();
    return width < 0 ? 0 : width; // a page of nulls may have nothing at all
  }

  /** The next piece, or null at the end. */
  DataPage next() throws IOException {
    if (valuesLeft == 0) {
      return null;
    }
    size = 0;
    piece = new byte[SMALL];
    ByteArrayOutputStream runs = new ByteArrayOutputStream();
    int values = 0;
    int run = 0;
    boolean runOf = true;
    while (values < valuesLeft && values < VALUES && size < PIECE) {
      boolean present = levels == null || levels.next() == 1;
      if (present != runOf) {
        run(runs, run, runOf);
        run = 0;
        runOf = present;
      }
      run++;
      values++;
      if (present) {
        value();
      }
    }
    run(runs, run, runOf);
    valuesLeft -= values;
    return DataPageV2.uncompressed(
        values,
        0,
        values,
        BytesInput.empty(),
        levels == null ? BytesInput.empty() : BytesInput.from(runs.toByteArray()),
        Encoding.PLAIN,
        BytesInput.from(piece, 0, size),
        null);
  }

  private static void run(ByteArrayOutputStream runs, int length, boolean present) {
    if (length > 0) {
      int header = length << 1;
      for (; header >= 0x80; header >>>= 7) {
        runs.write((header & 0x7F) | 0x80);
      }
      runs.write(header);
      runs.write(present ? 1 : 0);
    }
  }

  private void value() throws IOException {
    if (entries != null) {
      int entry = places.next();
      int length = entries.length(entry);
      room(length);
      entries.copy(entry, piece, size);
      size += length;
    } else if (type == Type.INT64) {
      plain(Long.BYTES);
    } else {
      plain(LENGTH);
      int length =
          ByteBuffer.wrap(piece, size - LENGTH, LENGTH).order(ByteOrder.LITTLE_ENDIAN).getInt();
      if (length < 0 || length > bytesLeft) {
        throw new BadFile("a value goes beyond its page");
      }
      plain(length);
    }
  }

  private void plain(int length) throws IOException {
    room(length);
    if (data.readNBytes(piece, size, length) < length) {
      throw new EOFException();
    }
    size += length;
    bytesLeft -= length;
  }

  private void room(int length) throws IOException {
    if (length > limits.valueBytes() + LENGTH) {
      throw new BadFile(
          "a value of " + length + " bytes is more than line.max.bytes allows; raise that");
    }
    if (length > piece.length - size) {
      piece = Arrays.copyOf(piece, Math.max(size + length, Math.min(2 * piece.length, PIECE)));
    }
  }
}
