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

  /** Closes what is open; the files remain. */
  @Override
  void close() throws IOException;
}
