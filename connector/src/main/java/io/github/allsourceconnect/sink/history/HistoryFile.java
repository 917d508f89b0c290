package io.github.allsourceconnect.sink.history;

/**
 * A file of the history.
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
  /** Larger than any that is ever written ({@code snapshot.merge.max.bytes} ends at 16 GiB). */
  static final long BYTES_MAX = 64L << 30;

  HistoryFile {
    if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,199}")) {
      throw new IllegalArgumentException("a file's name is not a bare one");
    }
    if (after < 0 || upTo <= after || rows < 1 || rows > upTo - after || first < 0) {
      throw new IllegalArgumentException("the figures of file " + name + " don't fit together");
    }
    if (bytes < 1 || bytes > BYTES_MAX || crc < 0 || crc > 0xffff_ffffL) {
      throw new IllegalArgumentException("the size or checksum of file " + name + " can't be");
    }
  }

  HistoryFile at(long newFirst) {
    return new HistoryFile(name, after, upTo, rows, bytes, crc, newFirst);
  }
}
