package io.github.allsourceconnect.protocol;

import java.util.List;

/** What a leader sends to a follower. Offsets are WAL offsets, 0 to 2^63-1. */
public sealed interface LeaderMessage {
  /** A live (or replayed) entry; {@code offset} equals {@code data.sequence}. */
  record Entry(long offset, WalEntry data) implements LeaderMessage {}

  /** The end of what the leader had to bring; from now on live entries. */
  record CaughtUp(long currentOffset) implements LeaderMessage {}

  /** A snapshot begins; bare file names, in the order in which the chunks follow. */
  record SnapshotStart(List<String> parquetFiles) implements LeaderMessage {
    public SnapshotStart {
      parquetFiles = List.copyOf(parquetFiles);
    }
  }

  /** A piece of a file; {@code chunkOffset} is the byte offset in the file. */
  @SuppressWarnings("ArrayRecordComponent")
  record SnapshotChunk(String filename, byte[] data, long chunkOffset, boolean last)
      implements LeaderMessage {}

  /** The snapshot is complete. */
  record SnapshotEnd(long walOffsetAfterSnapshot) implements LeaderMessage {}
}
