package io.github.allsourceconnect.snapshot;

import java.io.IOException;
import java.io.InputStream;
import org.apache.parquet.format.CompressionCodec;
import org.xerial.snappy.Snappy;

/**
 * The bytes of one page, or a part of it, that stand compressed or as they are in a column. Nothing
 * is decompressed before its size was held against the compressed bytes that are really there.
 *
 * @param in at the first compressed byte
 */
record PageBytes(ChunkInput in, CompressionCodec codec, int compressed, int uncompressed) {
  /** Checks the sizes. */
  PageBytes {
    boolean possible =
        codec == CompressionCodec.SNAPPY
            ? SnappyInput.isPossible(compressed, uncompressed)
            : compressed == uncompressed;
    if (compressed < 0 || uncompressed < 0 || compressed > in.left() || !possible) {
      throw new IllegalArgumentException("impossible sizes");
    }
  }

  static PageBytes of(ChunkInput in, CompressionCodec codec, int compressed, int uncompressed)
      throws BadFile {
    if (codec != CompressionCodec.SNAPPY && codec != CompressionCodec.UNCOMPRESSED) {
      throw new BadFile("it is compressed with " + codec + "; only Snappy and none are read");
    }
    try {
      return new PageBytes(in, codec, compressed, uncompressed);
    } catch (IllegalArgumentException e) {
      throw new BadFile("a page's size is not that of the bytes that are there");
    }
  }

  /** All of them, for pages that are small enough; the column is behind them afterwards. */
  byte[] whole() throws IOException {
    byte[] bytes = in.bytes(compressed);
    if (codec == CompressionCodec.UNCOMPRESSED) {
      return bytes;
    }
    if (uncompressed == 0) {
      return new byte[0];
    }
    if (Snappy.uncompressedLength(bytes) != uncompressed) {
      throw new BadFile("a page's size differs from what its header says");
    }
    return Snappy.uncompress(bytes);
  }

  /** One after the other; the column goes on behind them at once. */
  InputStream stream() throws IOException {
    InputStream bytes = in.part(compressed);
    return codec == CompressionCodec.UNCOMPRESSED ? bytes : new SnappyInput(bytes, uncompressed);
  }
}
