package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import java.util.random.RandomGenerator;

/**
 * All decisions of the source: where to connect, what a message means now, what is a gap, when to
 * repair, what to produce, what to ack, when to give up. Single-threaded; knows no socket, file,
 * clock, thread or Kafka. Time is what the last {@link #tick} said.
 */
public class Follower {
  public Follower(
      FollowerSettings settings,
      SourcePosition position,
      FollowerOrders orders,
      RandomGenerator jitter) {}

  /** Begins; orders the first connection. */
  public void start(long nowMs) {}

  /**
   * Time passes. Call it at least at {@link #wakeAtMs()} and before any other input.
   *
   * @param liveBufferEmpty whether everything that the live connection has received was delivered
   */
  public void tick(long nowMs, boolean liveBufferEmpty) {}

  /** When {@link #tick} is due at the latest, in the same clock; Long.MAX_VALUE for never. */
  public long wakeAtMs() {
    return Long.MAX_VALUE;
  }

  // live connection, out of band (as soon as it happens, not behind the buffer)

  /**
   * The live connection's first line is {@code caught_up}, or that line came after a snapshot that
   * was drained.
   */
  public void onLiveCaughtUp(int generation, long currentOffset) {}

  /**
   * The live connection begins with a snapshot. Unless it is closed now, its chunks are skipped
   * unread.
   */
  public void onLiveSnapshotStart(int generation) {}

  /**
   * The live connection's first line is an entry: the leader replays. The entry itself comes by
   * {@link #onEntry}.
   */
  public void onLiveReplays(int generation) {}

  /** The connection could not be made, was closed, or broke the protocol. */
  public void onLiveClosed(int generation, String why) {}

  // live connection, in band (through the buffer)

  /** Whether entries may be handed in now; if not, they stay in the buffer. */
  public boolean wantsEntries() {
    return false;
  }

  /** An entry with a right checksum. */
  public void onEntry(int generation, WalEntry entry) {}

  /**
   * A line that is no good entry and that the corrupt-entry policy skips (or sent to the
   * dead-letter topic).
   *
   * @param offset its WAL offset where it could be read, otherwise 0
   */
  public void onCorruptSkipped(int generation, long offset) {}

  // snapshot connection

  /** It answers with entries instead of a snapshot: this leader replays its log. */
  public void onSnapshotReplays(int snapshot) {}

  /** It has no snapshot: {@code caught_up} came first. */
  public void onSnapshotNone(int snapshot, long currentOffset) {}

  /** All files are stored. */
  public void onSnapshotComplete(int snapshot, int files, long bytes) {}

  /** It could not be fetched; worth another try after a while. */
  public void onSnapshotFailed(int snapshot, String why) {}

  /** Whether rows of the open snapshot may be handed in now. */
  public boolean wantsRows() {
    return false;
  }

  public void onRow(int snapshot, SnapshotRow row) {}

  public void onRowsEnd(int snapshot) {}

  // Kafka

  /**
   * How many events have been ordered to be produced since the start; the number of the last one.
   */
  public long emitted() {
    return 0;
  }

  /** Kafka has every event up to this number ({@link #emitted()}). */
  public void onProduced(long emission) {}

  /** The position after all that was ordered to be produced so far. */
  public SourcePosition position() {
    return SourcePosition.START;
  }

  /** The figures; same thread. */
  public Ledger ledger() {
    return new Ledger();
  }
}
