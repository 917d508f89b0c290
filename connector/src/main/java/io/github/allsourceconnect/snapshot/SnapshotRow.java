package io.github.allsourceconnect.snapshot;

import io.github.allsourceconnect.protocol.Event;

/**
 * One row of a Parquet snapshot file.
 *
 * @param event the event; its tenant is null unless the file has a {@code tenant_id} column
 * @param walOffset the WAL offset where the file has a {@code wal_offset} column, otherwise 0
 * @param file index of the file in the snapshot's list, from 0
 * @param row its place in the file, from 1; 0 when that is not known
 */
public record SnapshotRow(Event event, long walOffset, int file, long row) {
  /** A row whose place in its file is not known. */
  public SnapshotRow(Event event, long walOffset, int file) {
    this(event, walOffset, file, 0);
  }
}
