package io.github.allsourceconnect.snapshot;

import java.io.IOException;
import java.util.List;

/**
 * The rows of snapshot files as they stand: file after file in the snapshot's order, row after row.
 * One file is open at a time. One thread.
 */
public final class ListedRows implements SnapshotRows {
  private final List<SnapshotFile> files;
  private final ReadLimits limits;
  private int opened;
  private SnapshotFileReader reader;

  /**
   * Opens nothing yet.
   *
   * @param files in the snapshot's order
   */
  public ListedRows(List<SnapshotFile> files, ReadLimits limits) {
    this.files = List.copyOf(files);
    this.limits = limits;
  }

  @Override
  public SnapshotRow next() throws IOException {
    while (true) {
      if (reader == null) {
        if (opened == files.size()) {
          return null;
        }
        reader = SnapshotFileReader.open(files.get(opened), opened, false, limits);
        opened++;
      }
      SnapshotRow row = reader.next();
      if (row != null) {
        return row;
      }
      close();
    }
  }

  @Override
  public void close() throws IOException {
    if (reader != null) {
      SnapshotFileReader done = reader;
      reader = null;
      done.close();
    }
  }
}
