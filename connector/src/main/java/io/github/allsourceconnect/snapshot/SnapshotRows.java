package io.github.allsourceconnect.snapshot;

import java.io.IOException;

/** The rows of a snapshot, one after another. One thread. */
public interface SnapshotRows extends AutoCloseable {
  /**
   * The next row, or null at the end.
   *
   * @throws io.github.allsourceconnect.protocol.ProtocolException of kind FILE if a file can't be
   *     read
   */
  SnapshotRow next() throws IOException;

  /** How many rows there are to read about, from the files' footers; -1 when that is not known. */
  default long expected() {
    return -1;
  }

  /** Closes what is open; the files remain. */
  @Override
  void close() throws IOException;
}
