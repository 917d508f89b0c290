package io.github.allsourceconnect.sink.history;

/**
 * A kept file.
 *
 * @param name bare name; the names' order is the order of the log
 * @param after its entries lie above this WAL offset
 * @param upTo and not above this one; the log has no other entries in between
 * @param rows how many entries
 * @param bytes size of the file
 * @param crc CRC-32C of the file
 * @param first where the storage begins to look for it: the Kafka offset of its first chunk, 0 in a
 *     folder
 */
record HistoryFile(
    String name, long after, long upTo, long rows, long bytes, long crc, long first) {
  HistoryFile {
    if (!name.matches("[A-Za-z0-9._-]+") || name.startsWith(".")) {
      throw new IllegalArgumentException("not a bare file name");
    }
    if (after < 0 || upTo <= after || rows < 1 || rows > upTo - after || bytes < 1 || first < 0) {
      throw new IllegalArgumentException("a file's figures don't fit together");
    }
  }

  HistoryFile at(long newFirst) {
    return new HistoryFile(name, after, upTo, rows, bytes, crc, newFirst);
  }
}
