package io.github.allsourceconnect.simulation;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import java.util.List;

/** Whom a worker's task follows: a store's leader, or a sink. */
interface Upstream {
  /** What a follower's side of a connection takes. */
  interface Client {
    /**
     * A snapshot begins.
     *
     * @param replays whether the leader says that it replays
     */
    void snapshotStart(boolean replays);

    /**
     * A store's snapshot is complete.
     *
     * @param endOffset the last offset that it has sent to anybody
     */
    void files(List<SnapshotFile> files, long endOffset);

    /** The snapshot of a leader that replays is complete: rows with their offsets. */
    void snapshot(List<SnapshotRow> rows, long endOffset);

    /** The leader replays its log. */
    void replays();

    void caughtUp(long currentOffset);

    void entry(WalEntry entry);

    /**
     * A line that can't be read.
     *
     * @param offset its WAL offset where that can be told, otherwise 0
     */
    default void corrupt(long offset) {}

    void closed(String why);

    /** Whether the socket takes more now. */
    boolean reads();
  }

  /** A file with its rows in file order. */
  record SnapshotFile(String name, List<StoredEvent> rows) {}

  /** A connection. */
  interface Link {
    void subscribe(long lastOffset);

    boolean isOpen();

    /** The client reads again. */
    void pump();

    /** The client says that Kafka has everything up to this offset. */
    void ack(long offset);

    /** The highest offset that may be acked, given what Kafka has. */
    long ackable(KafkaModel kafka);

    /** The client's side closes. */
    void abandon();

    /** Whether what is written reaches the client soon. */
    default boolean flows() {
      return false;
    }

    /** Whether it has always brought everything, and soon. */
    default boolean isHonest() {
      return false;
    }

    /** The event of an offset of its numbering; negative where that is not known. */
    default int eventAt(long offset) {
      return -1;
    }

    /** Under what it numbers; another object is another numbering. */
    default Object numbering() {
      return this;
    }

    /** The offset of an event in its numbering; 0 where that is not known. */
    default long offsetOf(int event) {
      return 0;
    }
  }

  /** A new connection, or null when it is refused. */
  Link connect(int address, Client client);

  /** An event that is known by its place in the truth. */
  StoredEvent event(int index);
}
