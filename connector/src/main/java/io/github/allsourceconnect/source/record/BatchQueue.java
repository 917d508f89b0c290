package io.github.allsourceconnect.source.record;

import java.util.ArrayDeque;
import java.util.List;
import java.util.stream.Stream;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Complete batches on their way to {@code poll}, and those polled whose records Kafka does not all
 * have yet. One thread puts, one takes, any may report commits.
 *
 * <p>A batch waits while much of the ones before it is unconfirmed: Connect keeps some sixty
 * objects for each record until it is, and copying those from generation to generation can take the
 * collector more time than all else together, and while Kafka does not answer they fill the heap.
 * It waits a tenth of a second at most where Connect's transactions end by time: such a transaction
 * confirms nothing, and may end only with the next batch.
 */
public final class BatchQueue {
  private static final int WAITING_MAX = 2;
  private static final long CONFIRMATION_WAIT_NANOS = 100_000_000;

  private final long inFlightMax;
  private final boolean endsByTime;
  private final ArrayDeque<Batch> waiting = new ArrayDeque<>();
  private final ArrayDeque<Batch> uncommitted = new ArrayDeque<>();
  private long inFlight;
  private long done;
  private Throwable failure;

  /**
   * @param inFlightMax bytes of batches polled and unconfirmed from which on the next one waits
   * @param endsByTime whether Connect's transactions end by time
   */
  public BatchQueue(long inFlightMax, boolean endsByTime) {
    this.inFlightMax = inFlightMax;
    this.endsByTime = endsByTime;
  }

  /** Whether another batch may be put. */
  public synchronized boolean hasRoom() {
    return waiting.size() < WAITING_MAX;
  }

  public synchronized boolean isEmpty() {
    return waiting.isEmpty();
  }

  public synchronized void put(Batch batch) {
    waiting.add(batch);
    uncommitted.add(batch);
    notifyAll();
  }

  /** After the batches that are waiting, {@link #poll} throws this. */
  public synchronized void fail(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
    notifyAll();
  }

  public synchronized Throwable failure() {
    return failure;
  }

  /** The next batch, or null if none comes in time or all is over. */
  public synchronized Batch poll(long timeoutMs) throws InterruptedException {
    long start = System.nanoTime();
    long end = start + timeoutMs * 1_000_000;
    long enough = endsByTime ? Math.min(end, start + CONFIRMATION_WAIT_NANOS) : end;
    while (failure == null) {
      long now = System.nanoTime();
      boolean waitedEnough = endsByTime && now - start >= CONFIRMATION_WAIT_NANOS;
      if (!waiting.isEmpty() && (inFlight < inFlightMax || waitedEnough)) {
        break;
      }
      long left = (waiting.isEmpty() ? end : enough) - now;
      if (left <= 0) {
        return null;
      }
      wait(left / 1_000_000, (int) (left % 1_000_000));
    }
    Batch batch = waiting.poll();
    if (batch != null) {
      inFlight += batch.bytes();
    }
    return batch;
  }

  /** Kafka has the whole batch. */
  public synchronized void committed(Batch batch) {
    inFlight -= batch.bytes();
    notifyAll();
  }

  /**
   * Whatever has been polled so far is in Kafka, or was left out for good.
   *
   * @return how many records were left out without a word: Connect reports them with the next
   *     transaction only
   */
  public synchronized long polledCommitted() {
    long leftOut = 0;
    int polled = uncommitted.size() - waiting.size();
    for (Batch batch : uncommitted) {
      if (polled-- <= 0) {
        break;
      }
      int left = batch.committedAll();
      if (left > 0) {
        inFlight -= batch.bytes();
        leftOut += left;
      }
    }
    notifyAll();
    return leftOut;
  }

  /** Whether Kafka has not confirmed all that was polled. */
  public synchronized boolean awaitsConfirmation() {
    int polled = uncommitted.size() - waiting.size();
    return uncommitted.stream().limit(polled).anyMatch(each -> !each.isCommitted());
  }

  /** Bytes of the batches that Kafka has not confirmed. */
  public synchronized long unconfirmedBytes() {
    return uncommitted.stream().filter(each -> !each.isCommitted()).mapToLong(Batch::bytes).sum();
  }

  /** Whether records were polled that Kafka has not confirmed. */
  public synchronized boolean isUnconfirmed() {
    return polled().anyMatch(batch -> !batch.isCommitted());
  }

  /** The topics of the oldest of them, not more than so many. */
  public synchronized List<String> unconfirmedTopics(int most) {
    return polled()
        .filter(batch -> !batch.isCommitted())
        .flatMap(batch -> batch.records().stream())
        .map(SourceRecord::topic)
        .distinct()
        .limit(most)
        .toList();
  }

  private Stream<Batch> polled() {
    return uncommitted.stream().limit(uncommitted.size() - waiting.size());
  }

  /** How many batches Kafka has, with all before them, as far as was taken note of. */
  public synchronized long done() {
    return done;
  }

  /** Whether Kafka has, or has been spared, all that was put. */
  public synchronized boolean isDrained() {
    return uncommitted.stream().allMatch(Batch::isCommitted);
  }

  /** The number of the event up to which Kafka has everything, as far as it grew; otherwise -1. */
  public synchronized long takeCommitted() {
    long upTo = -1;
    while (!uncommitted.isEmpty() && uncommitted.peek().isCommitted()) {
      upTo = uncommitted.poll().lastEmission();
      done++;
    }
    return upTo;
  }
}
