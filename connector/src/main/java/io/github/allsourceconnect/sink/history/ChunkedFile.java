package io.github.allsourceconnect.sink.history;

import java.io.IOException;
import java.io.OutputStream;

/**
 * Puts a file together from its records: one for each chunk, in order, among whatever else the
 * partition holds. Nothing is believed but what is there. One thread.
 */
final class ChunkedFile {
  private final HistoryFile file;
  private final String prefix;
  private final String place;
  private final OutputStream out;
  private int next;

  /**
   * @param prefix what a chunk's number stands behind in its key
   * @param place what messages call the history
   */
  ChunkedFile(HistoryFile file, String prefix, String place, OutputStream out) {
    this.file = file;
    this.prefix = prefix;
    this.place = place;
    this.out = out;
  }

  /** How many chunks a file has. */
  static int chunks(HistoryFile file) {
    return Math.toIntExact(
        (file.bytes() + HistoryReader.CHUNK_BYTES - 1) / HistoryReader.CHUNK_BYTES);
  }

  /**
   * The next record of the partition.
   *
   * @throws DamagedFileException when it is the next chunk, but not as long as that must be
   */
  void take(String key, byte[] value) throws IOException {
    if (value == null || isComplete() || !key.equals(prefix + next)) {
      return;
    }
    long expected =
        Math.min(HistoryReader.CHUNK_BYTES, file.bytes() - (long) next * HistoryReader.CHUNK_BYTES);
    if (value.length != expected) {
      throw new DamagedFileException(
          file,
          "damaged (record " + key + " has " + value.length + " bytes instead of " + expected + ")",
          place,
          null);
    }
    out.write(value);
    next++;
  }

  boolean isComplete() {
    return next == chunks(file);
  }

  void checkComplete() throws DamagedFileException {
    if (!isComplete()) {
      throw new DamagedFileException(
          file, "lost (chunk " + next + " of " + chunks(file) + ")", place, null);
    }
  }
}
