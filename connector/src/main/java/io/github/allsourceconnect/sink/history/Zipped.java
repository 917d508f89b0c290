package io.github.allsourceconnect.sink.history;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;

/** Lists of files as records, gzip; what unpacks to more than a list can be is refused. */
final class Zipped {
  /** A list of some hundred thousand files; before one is longer, no file is added to it. */
  static final int BYTES_MAX = 16 << 20;

  private Zipped() {}

  static byte[] zip(byte[] bytes) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream zip = new GZIPOutputStream(out)) {
      zip.write(bytes);
    }
    return out.toByteArray();
  }

  /**
   * Unpacks. Memory: what is really there, up to the limit.
   *
   * @throws IllegalArgumentException when it is no gzip, cut short, or too long
   */
  static byte[] unzip(byte[] bytes, int most) {
    try (GZIPInputStream in = new GZIPInputStream(new ByteArrayInputStream(bytes))) {
      byte[] unpacked = in.readNBytes(most);
      if (in.read() >= 0) {
        throw new IllegalArgumentException("it unpacks to more than " + most + " bytes");
      }
      return unpacked;
    } catch (IOException e) {
      throw new IllegalArgumentException("it is not gzip", e);
    }
  }
}
