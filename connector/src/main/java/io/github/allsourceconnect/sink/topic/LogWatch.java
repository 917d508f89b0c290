package io.github.allsourceconnect.sink.topic;

import io.github.allsourceconnect.sink.decision.CommitNote;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.decision.LogTrust;
import io.github.allsourceconnect.sink.decision.SeenLog;
import io.github.allsourceconnect.sink.decision.Stored;
import io.github.allsourceconnect.sink.topic.LogIdentities.Committed;
import java.io.Closeable;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;

/**
 * Which log the topic's name stands for, for all readers of a task. Numbers the logs in the order
 * in which they are seen; an id that was replaced never comes back, so a broker that still tells it
 * is behind. Any thread; one asks at a time.
 */
public final class LogWatch implements Closeable {
  /**
   * What was read is taken for the log of an answer that is no older. A consumer that loses its
   * topic needs longer than that to find the next one of the name.
   */
  static final Duration READ = Duration.ofMillis(100);

  private final LogIdentities identities;
  private final ReentrantLock lock = new ReentrantLock();
  private final Set<LogIdentity> replaced = new HashSet<>();
  private final Map<Integer, CommitNote> remembered = new ConcurrentHashMap<>();
  private volatile SeenLog current;
  private volatile long askedAt;

  /**
   * @param identities closed with this
   */
  public LogWatch(LogIdentities identities) {
    this.identities = identities;
  }

  /**
   * The log as it is now: Kafka is asked after the call.
   *
   * @throws org.apache.kafka.common.errors.RetriableException when Kafka does not say now
   */
  public SeenLog now() {
    return notBefore(System.nanoTime());
  }

  /**
   * The log as it was not longer ago than this.
   *
   * @throws org.apache.kafka.common.errors.RetriableException when Kafka does not say now
   */
  public SeenLog within(Duration age) {
    return notBefore(System.nanoTime() - age.toNanos());
  }

  /** The number of the log seen last; 0 before the first. Never waits. */
  public int lastSeen() {
    SeenLog known = current;
    return known == null ? 0 : known.number();
  }

  private SeenLog notBefore(long nanos) {
    SeenLog known = current;
    if (known != null && askedAt - nanos >= 0) {
      return known;
    }
    try {
      lock.lockInterruptibly();
    } catch (InterruptedException e) {
      throw new InterruptException(e);
    }
    try {
      // somebody else may have asked meanwhile
      if (current == null || askedAt - nanos < 0) {
        long begun = System.nanoTime();
        seen(identities.ask());
        askedAt = begun;
      }
      return current;
    } finally {
      lock.unlock();
    }
  }

  private void seen(LogIdentity identity) {
    if (replaced.contains(identity)) {
      throw new UnknownTopicOrPartitionException(
          "a broker still tells of " + identity + ", which was replaced");
    }
    SeenLog before = current;
    if (before == null) {
      current = new SeenLog(identity, 1);
    } else if (!before.identity().equals(identity)) {
      replaced.add(before.identity());
      current = new SeenLog(identity, before.number() + 1);
    }
  }

  /**
   * What was known of a partition when it was closed. Kafka deletes what is committed of a topic
   * together with the topic, and takes the partition away; when the topic is created again, the
   * partition comes back, and nothing else tells that it is another one.
   */
  public void remember(int partition, CommitNote last, long nowMs) {
    if (last != null) {
      remembered.put(
          partition,
          new CommitNote(last.log(), last.reached() + LogTrust.MARGIN, last.doubtfulUpTo(), nowMs));
    }
  }

  /**
   * What was committed of a partition.
   *
   * @throws org.apache.kafka.common.errors.RetriableException when Kafka does not say now
   */
  public Stored stored(int partition) {
    long offset = -1;
    CommitNote newest = remembered.get(partition);
    for (Committed committed : identities.committed(partition)) {
      if (committed.served()) {
        offset = committed.offset();
      }
      CommitNote note = CommitNote.of(committed.note()).orElse(null);
      if (note != null && (newest == null || note.atMs() > newest.atMs())) {
        newest = note;
      }
    }
    return new Stored(offset, newest);
  }

  /**
   * Whether what is committed of a partition says of the log as it is now that there was another
   * one before.
   *
   * @throws org.apache.kafka.common.errors.RetriableException when Kafka does not say now
   */
  public boolean isEarlierNoted(int partition) {
    LogIdentity served = now().identity();
    return identities.committed(partition).stream()
        .flatMap(committed -> CommitNote.of(committed.note()).stream())
        .anyMatch(note -> note.log().equals(served) && note.doubtfulUpTo() > 0);
  }

  @Override
  public void close() {
    identities.close();
  }
}
