package io.github.allsourceconnect.source;

import java.util.ArrayDeque;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * The way of batches from the follower's thread to Connect's, bounded, and of a failure. What was
 * offered before a failure is handed over before it is thrown.
 */
final class HandOver implements AutoCloseable {
  private final int batchesMax;
  private final long bytesMax;
  private final Acknowledger acknowledger;
  private final Runnable onRoom;
  private final ArrayDeque<Batch> queue = new ArrayDeque<>();
  private long bytes;
  private Throwable failure;
  private boolean closed;

  /**
   * @param onRoom called by the taking thread after it has taken a batch
   */
  HandOver(int batchesMax, long bytesMax, Acknowledger acknowledger, Runnable onRoom) {
    this.batchesMax = batchesMax;
    this.bytesMax = bytesMax;
    this.acknowledger = acknowledger;
    this.onRoom = onRoom;
  }

  /** Whether a batch may be offered. */
  synchronized boolean hasRoom() {
    return queue.isEmpty() || queue.size() < batchesMax && bytes < bytesMax;
  }

  synchronized boolean isEmpty() {
    return queue.isEmpty();
  }

  /** Offers a batch; never waits. */
  synchronized void offer(Batch batch) {
    queue.addLast(batch);
    bytes += batch.bytes();
    notifyAll();
  }

  /** Nothing more will come: the first failure counts. Any thread. */
  synchronized void fail(Throwable cause) {
    if (failure == null) {
      failure = cause;
      notifyAll();
    }
  }

  synchronized boolean hasFailed() {
    return failure != null;
  }

  /**
   * The next batch's records, or null when none came in time or the task is being closed.
   *
   * @throws ConnectException when a thread behind it has failed, with the cause
   */
  List<SourceRecord> take(long timeoutMs) throws InterruptedException {
    Batch batch;
    synchronized (this) {
      long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMs);
      while (queue.isEmpty() && failure == null && !closed) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
        if (left <= 0) {
          return null;
        }
        wait(left);
      }
      batch = queue.pollFirst();
      if (batch == null) {
        if (failure != null && !closed) {
          throw asConnectException(failure);
        }
        return null;
      }
      bytes -= batch.bytes();
    }
    acknowledger.handedOver(batch);
    onRoom.run();
    return batch.records();
  }

  private static ConnectException asConnectException(Throwable cause) {
    return cause instanceof ConnectException known
        ? new ConnectException(known.getMessage(), known)
        : new ConnectException("The source has failed: " + cause, cause);
  }

  @Override
  public synchronized void close() {
    closed = true;
    queue.clear();
    bytes = 0;
    notifyAll();
  }
}
