package io.github.allsourceconnect.protocol;

import java.util.List;

/** What a leader sends to a follower. Offsets are WAL offsets, 0 to 2^63-1. */
public sealed interface LeaderMessage {
  /** A live (or replayed) entry; {@code offset} equals {@code data.sequence}. */
  record Entry(long offset, WalEntry data) implements LeaderMessage {}

  /**
   * The end of what the leader had to bring; from now on live entries.
   *
   * @param currentOffset the WAL offset reached
   * @param replays whether the leader sends, on every subscription, all entries above the offset
   *     subscribed with: offsets that it leaves out hold no entry. An extension of this project;
   *     other leaders do not say it, and other followers ignore it
   */
  record CaughtUp(long currentOffset, boolean replays) implements LeaderMessage {
    /** From a leader that does not say that it replays. */
    public CaughtUp(long currentOffset) {
      this(currentOffset, false);
    }
  }

  /**
   * A snapshot begins.
   *
   * @param parquetFiles bare file names, in the order in which the chunks follow
   * @param replays whether the leader is one that replays (see {@link CaughtUp}): the snapshot then
   *     holds what its log has no longer, above the offset subscribed with and nothing else, each
   *     row with its WAL offset, in the log's order. An extension likewise
   */
  record SnapshotStart(List<String> parquetFiles, boolean replays) implements LeaderMessage {
    public SnapshotStart {
      parquetFiles = List.copyOf(parquetFiles);
    }

    /** From a leader that does not say that it replays. */
    public SnapshotStart(List<String> parquetFiles) {
      this(parquetFiles, false);
    }
  }

  /** A piece of a file; {@code chunkOffset} is the byte offset in the file. */
  @SuppressWarnings("ArrayRecordComponent")
  record SnapshotChunk(String filename, byte[] data, long chunkOffset, boolean last)
      implements LeaderMessage {}

  /** The snapshot is complete. */
  record SnapshotEnd(long walOffsetAfterSnapshot) implements LeaderMessage {}
}
