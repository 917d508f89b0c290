package io.github.allsourceconnect.sink.history;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.CRC32C;

/** CRC-32C of files. */
final class Checksums {
  private Checksums() {}

  static long of(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        crc.update(buffer, 0, n);
      }
    }
    return crc.getValue();
  }

  /** Does nothing when the copy is the file that was stored. */
  static void verify(Path copy, HistoryFile file, String storage) throws IOException {
    long bytes = Files.size(copy);
    if (bytes != file.bytes() || of(copy) != file.crc()) {
      throw new DamagedFileException(
          file, "damaged (" + bytes + " of " + file.bytes() + " bytes, or altered)", storage, null);
    }
  }
}
