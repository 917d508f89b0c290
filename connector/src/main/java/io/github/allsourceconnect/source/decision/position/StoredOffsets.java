package io.github.allsourceconnect.source.decision.position;

import java.util.Map;

/**
 * What Connect has said when a transaction was over. Immutable.
 *
 * @param numbers by slot, the number of the newest position that is stored there now; only slots of
 *     which this transaction told
 * @param upTo of every position up to this number it is known whether it was stored
 */
public record StoredOffsets(Map<Integer, Long> numbers, long upTo) {
  public StoredOffsets {
    numbers = Map.copyOf(numbers);
  }
}
