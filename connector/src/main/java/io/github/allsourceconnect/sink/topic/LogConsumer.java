package io.github.allsourceconnect.sink.topic;

import java.io.Closeable;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads the topic, committed records only. One thread, but for {@link #wakeUp}. Offsets are
 * Kafka's.
 */
public interface LogConsumer extends Closeable {
  /** Where a partition begins and ends now; may take up to the client's time-outs. */
  Bounds bounds(int partition);

  /** The same, but takes no longer than this; for a partition that did not answer before. */
  default Bounds bounds(int partition, Duration limit) {
    return bounds(partition);
  }

  /** From now on reads these partitions, and no others, from these offsets. */
  void seek(Map<Integer, Long> positions);

  /** Where a partition that is being read stands. */
  long position(int partition);

  /**
   * Whatever there is, one stretch for each partition that moved on.
   *
   * @throws OutOfRangeException when a position is not in the log; {@link #seek} is needed then
   */
  List<Stretch> poll(Duration timeout);

  /** Whether a broker is connected. */
  default boolean isConnected() {
    return true;
  }

  /** What is read, and where, for the log. */
  default String described() {
    return "the topic";
  }

  /** Ends a poll that is under way, or the next one, at once. Any thread. */
  void wakeUp();

  @Override
  void close();

  /**
   * Where a partition begins and ends.
   *
   * @param begin the first offset that it has
   * @param end the offset that comes next (of records that are committed)
   */
  record Bounds(long begin, long end) {}

  /**
   * All committed records of a partition from one offset up to another.
   *
   * @param from inclusive
   * @param to exclusive, above {@code from}
   */
  record Stretch(int partition, long from, long to, List<ConsumerRecord<byte[], byte[]>> records) {}

  /** A position is not in the log. */
  final class OutOfRangeException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int partition;
    private final long position;
    private final boolean diverged;
    private final long divergedAt;

    /** For implementations. */
    public OutOfRangeException(int partition, long position, boolean diverged, Throwable cause) {
      this(partition, position, diverged, position, cause);
    }

    /**
     * For implementations.
     *
     * @param divergedAt from which offset on it is another log; the position if that is not known
     */
    public OutOfRangeException(
        int partition, long position, boolean diverged, long divergedAt, Throwable cause) {
      super("offset " + position + " of partition " + partition + " is not in the log", cause);
      this.partition = partition;
      this.position = position;
      this.diverged = diverged;
      this.divergedAt = divergedAt;
    }

    /** Which partition. */
    public int partition() {
      return partition;
    }

    /** The position that the log does not have. */
    public long position() {
      return position;
    }

    /**
     * Whether the log was rewritten before this position, so that what was read no longer holds.
     */
    public boolean diverged() {
      return diverged;
    }

    /**
     * From which offset on the log was rewritten, as far as that is known: it may have grown again
     * since. Not above the position.
     */
    public long divergedAt() {
      return divergedAt;
    }
  }
}
