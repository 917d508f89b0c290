package io.github.allsourceconnect.snapshot;

import java.io.IOException;

/** Rows of one row group in order of time, rows of one time in the file's order. One thread. */
interface OrderedRows extends AutoCloseable {
  /** The time of the next row; {@link Long#MAX_VALUE} after the last. */
  long micros();

  /** The next row, which there must be. */
  SnapshotRow take() throws IOException;

  /** What it takes in memory at most, apart from waiting rows. */
  long memory();

  @Override
  void close() throws IOException;
}
