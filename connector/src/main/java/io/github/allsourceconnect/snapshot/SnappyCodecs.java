package io.github.allsourceconnect.snapshot;

import java.io.IOException;
import java.nio.ByteBuffer;
import org.apache.parquet.bytes.BytesInput;
import org.apache.parquet.compression.CompressionCodecFactory;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.xerial.snappy.Snappy;

/** Snappy and no compression at all, without a Hadoop distribution. Stateless. */
@SuppressWarnings("deprecation") // BytesInput.toByteArray has no equal that gives an array
final class SnappyCodecs implements CompressionCodecFactory {
  @Override
  public BytesInputCompressor getCompressor(CompressionCodecName name) {
    boolean snappy = isSnappy(name);
    return new BytesInputCompressor() {
      @Override
      public BytesInput compress(BytesInput bytes) throws IOException {
        return snappy ? BytesInput.from(Snappy.compress(bytes.toByteArray())) : bytes;
      }

      @Override
      public CompressionCodecName getCodecName() {
        return name;
      }

      @Override
      public void release() {}
    };
  }

  @Override
  public BytesInputDecompressor getDecompressor(CompressionCodecName name) {
    boolean snappy = isSnappy(name);
    return new BytesInputDecompressor() {
      @Override
      public BytesInput decompress(BytesInput bytes, int uncompressedSize) throws IOException {
        return snappy ? BytesInput.from(uncompress(bytes.toByteArray(), uncompressedSize)) : bytes;
      }

      @Override
      public void decompress(
          ByteBuffer input, int compressedSize, ByteBuffer output, int uncompressedSize)
          throws IOException {
        byte[] bytes = new byte[compressedSize];
        input.get(bytes);
        output.put(snappy ? uncompress(bytes, uncompressedSize) : bytes);
      }

      @Override
      public void release() {}
    };
  }

  @Override
  public void release() {}

  /** The size is checked before anything is allocated: in an altered file it may be anything. */
  private static byte[] uncompress(byte[] bytes, int expected) throws IOException {
    if (Snappy.uncompressedLength(bytes) != expected) {
      throw new IOException("a page's size differs from what its header says");
    }
    return Snappy.uncompress(bytes);
  }

  private static boolean isSnappy(CompressionCodecName name) {
    if (name != CompressionCodecName.SNAPPY && name != CompressionCodecName.UNCOMPRESSED) {
      throw new IllegalArgumentException(
          "compressed with " + name + "; only Snappy and uncompressed files are read");
    }
    return name == CompressionCodecName.SNAPPY;
  }
}
