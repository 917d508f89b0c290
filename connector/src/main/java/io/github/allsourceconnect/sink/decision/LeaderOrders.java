package io.github.allsourceconnect.sink.decision;

/**
 * What {@link LeaderLog} orders from its surroundings. Every method returns at once and never calls
 * back into the leader; results come later as inputs. Called on the partition's own thread.
 */
public interface LeaderOrders {
  /**
   * Send the lines of a block, from an entry to the block's end.
   *
   * @return whether the follower can take more now; if not, {@link LeaderLog#onWritable} follows
   */
  boolean send(int follower, LogBlock block, int fromIndex);

  /**
   * Send {@code caught_up}.
   *
   * @return like {@link #send}
   */
  boolean caughtUp(int follower, long walOffset);

  /**
   * Send the kept history above a WAL offset: {@code snapshot_start}, the chunks, {@code
   * snapshot_end}; then report {@link LeaderLog#onHistorySent}.
   *
   * @param acrossHoles whether what is left is to be sent when some of it is gone
   */
  void sendHistory(int follower, long after, boolean acrossHoles);

  /** Close the connection (and stop sending the history on it). No further order for it follows. */
  void disconnect(int follower);

  /**
   * Ask Kafka which log it is and where it begins and ends now; the answer is {@link
   * LeaderLog#onBounds}.
   */
  void queryBounds();

  /**
   * Read some of the log from this Kafka offset; the answer is {@link LeaderLog#onRead}, {@link
   * LeaderLog#onReadGone} or {@link LeaderLog#onReadFailed}.
   *
   * @param number to be given back with the answer
   */
  void read(int number, long position);

  /** Nobody waits any more for what was ordered under this number; it may be left undone. */
  default void forgetRead(int number) {}

  /** Something that the log should tell. */
  void say(Level level, String message);

  /** How urgent a log line is. */
  enum Level {
    INFO,
    WARN,
    ERROR
  }
}
