package io.github.allsourceconnect.source;

import java.util.ArrayDeque;

/**
 * Complete batches on their way to {@code poll}, and those polled whose records Kafka does not all
 * have yet. One thread puts, one takes, any may report commits.
 */
final class BatchQueue {
  private static final int WAITING_MAX = 2;

  private final ArrayDeque<Batch> waiting = new ArrayDeque<>();
  private final ArrayDeque<Batch> uncommitted = new ArrayDeque<>();
  private Throwable failure;

  /** Whether another batch may be put. */
  synchronized boolean hasRoom() {
    return waiting.size() < WAITING_MAX;
  }

  synchronized boolean isEmpty() {
    return waiting.isEmpty();
  }

  synchronized void put(Batch batch) {
    waiting.add(batch);
    uncommitted.add(batch);
    notifyAll();
  }

  /** After the batches that are waiting, {@link #poll} throws this. */
  synchronized void fail(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
    notifyAll();
  }

  synchronized Throwable failure() {
    return failure;
  }

  /** The next batch, or null if none comes in time or all is over. */
  synchronized Batch poll(long timeoutMs) throws InterruptedException {
    long end = System.nanoTime() + timeoutMs * 1_000_000;
    while (waiting.isEmpty() && failure == null) {
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        return null;
      }
      wait(left);
    }
    return waiting.poll();
  }

  /** The number of the event up to which Kafka has everything, as far as it grew; otherwise -1. */
  synchronized long takeCommitted() {
    long upTo = -1;
    while (!uncommitted.isEmpty() && uncommitted.peek().isCommitted()) {
      upTo = uncommitted.poll().lastEmission();
    }
    return upTo;
  }
}
