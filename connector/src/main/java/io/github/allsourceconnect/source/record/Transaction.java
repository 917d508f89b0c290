package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredOffsets;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.source.SourceRecord;

/**
 * What is known of the positions of all that was polled once Connect commits. Under exactly-once
 * that is on the thread that polls; this belongs to that thread.
 *
 * <p>A commit settles everything that was polled before it, and Connect stores the positions of the
 * records that Kafka has by then. Of those that a transformation dropped it tells with the next
 * record that it sends, which may never come: there is no waiting for that word.
 */
public final class Transaction {
  private final Map<Integer, Long> numbers = new HashMap<>();
  private long upTo;

  /** Connect has these. */
  public void polled(Batch batch) {
    if (!batch.records().isEmpty()) {
      SourceRecord last = batch.records().get(batch.records().size() - 1);
      polled(((Batch.Offset) last.sourceOffset()).position());
    }
  }

  /** Connect has everything up to this position. */
  public void polled(SourcePosition last) {
    upTo = Math.max(upTo, last.number());
  }

  /** Kafka has the record with this position. */
  public void had(SourcePosition position) {
    numbers.merge(position.produced().slot(), position.number(), Math::max);
  }

  /** Connect has committed: what it stored since this was asked before. */
  public StoredOffsets take() {
    StoredOffsets stored = new StoredOffsets(numbers, upTo);
    numbers.clear();
    return stored;
  }
}
