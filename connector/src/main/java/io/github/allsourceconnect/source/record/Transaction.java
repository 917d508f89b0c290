package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredOffsets;
import java.util.HashMap;
import java.util.Map;

/**
 * What Connect says of the records of a transaction once it is over. Under exactly-once that is on
 * the thread that polls, and before {@code commit}; this belongs to that thread.
 */
public final class Transaction {
  private final Map<Integer, Long> numbers = new HashMap<>();
  private long upTo;

  /**
   * A record was in it.
   *
   * @param position the record's
   * @param sent whether Kafka has the record; Connect stores the positions of those alone
   */
  public void had(SourcePosition position, boolean sent) {
    upTo = Math.max(upTo, position.number());
    if (sent) {
      numbers.merge(position.produced().slot(), position.number(), Math::max);
    }
  }

  /** Everything since this was asked before. */
  public StoredOffsets take() {
    StoredOffsets stored = new StoredOffsets(numbers, upTo);
    numbers.clear();
    return stored;
  }
}
