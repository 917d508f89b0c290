package io.github.allsourceconnect.source;

import java.util.ArrayDeque;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * Up to which emission Kafka has everything. Batches may be finished in any order; what counts is
 * the unbroken row of finished ones from the beginning. Any thread; a lock for each batch, none for
 * a record.
 */
final class Acknowledger {
  private final Runnable onProgress;
  private final ArrayDeque<Batch> handedOver = new ArrayDeque<>();
  private volatile long produced;

  /**
   * @param onProgress called when {@link #produced} has grown
   */
  Acknowledger(Runnable onProgress) {
    this.onProgress = onProgress;
  }

  /** A batch goes to Connect; in the order of emission. */
  synchronized void handedOver(Batch batch) {
    handedOver.addLast(batch);
  }

  /** Kafka has the record, or a transformation has dropped it. */
  void committed(SourceRecord record) {
    if (record instanceof Batch.Member member && member.batch().acked() && advance()) {
      onProgress.run();
    }
  }

  private synchronized boolean advance() {
    long before = produced;
    while (!handedOver.isEmpty() && handedOver.peekFirst().isAcked()) {
      produced = handedOver.removeFirst().upTo();
    }
    return produced > before;
  }

  /** The last emission up to which Kafka has everything. */
  long produced() {
    return produced;
  }

  /** How many batches are with Connect. */
  synchronized int underWay() {
    return handedOver.size();
  }
}
