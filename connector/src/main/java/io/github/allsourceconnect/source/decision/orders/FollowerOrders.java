package io.github.allsourceconnect.source.decision.orders;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.Follower;

/**
 * What {@link Follower} orders from its surroundings. Every method returns at once and never calls
 * back into the follower; results come later as inputs. Called on the follower's own thread.
 */
public interface FollowerOrders {
  /**
   * Open the live connection: connect to the epoch's leader, send {@code subscribe} with {@code
   * lastOffset}, report what comes. What is reported, and the entries, carry the epoch.
   */
  void connectLive(Epoch epoch, long lastOffset);

  /** Close the live connection; what it has already received and buffered is still delivered. */
  void closeLive(Epoch epoch, String why);

  /** Send an ack for {@code offset} on the live connection, if it is still open. */
  void ack(Epoch epoch, long offset);

  /**
   * Ask the leader over a second connection how far it has come, because the live one is silent:
   * connect, {@code subscribe} with {@code lastOffset}, read the first line, close. The answer is
   * reported a moment later, with whether the live connection has brought anything since.
   */
  void probe(Request request, long lastOffset);

  /**
   * Fetch a snapshot from the epoch's leader over a connection of its own: connect, send {@code
   * subscribe} with {@code lastOffset}, store the files.
   *
   * @param lastOffset 0 for the whole; a leader that replays sends what is above it
   */
  void requestSnapshot(Request request, long lastOffset);

  /**
   * Read the rows of a stored snapshot in time order, those older than {@code fromMicros} left out;
   * they are handed to {@link Follower#onRow} while {@link Follower#wantsRows}.
   *
   * @param idsOnly only id, entity, time, version and file are needed (the counting pass)
   */
  void openRows(Request request, long fromMicros, boolean idsOnly);

  /**
   * Read the rows of a stored snapshot as they stand, file after file; they are handed to {@link
   * Follower#onRow} while {@link Follower#wantsRows}.
   */
  void openLogRows(Request request);

  /**
   * Close the rows, if open, and delete the snapshot's files; abandon it if still being fetched.
   */
  void discardSnapshot(Request request);

  /** Produce an event from a WAL entry. */
  void emitEntry(WalEntry entry);

  /**
   * Produce an event from a snapshot's row.
   *
   * @param tenant the tenant if it is known exactly, otherwise null
   */
  void emitRow(SnapshotRow row, String tenant);

  /** The work is done ({@code initial_only}); stay idle. */
  void finished();

  /** Nothing can go on: fail the task with this message. No further order follows. */
  void fail(String message);

  /** Something that the log should tell. */
  void log(Level level, String message);

  /** How urgent a log line is. */
  enum Level {
    INFO,
    WARN,
    ERROR
  }
}
