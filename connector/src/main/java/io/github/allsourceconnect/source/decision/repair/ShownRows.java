package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.source.decision.epoch.HeldEntries;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;

/**
 * The rows of a snapshot that the live stream had not brought when it was looked at. An entry that
 * has come since and is none of them was written after the snapshot, so the stream has brought what
 * the snapshot has; an entry that is one of them comes over a slow link, and tells nothing.
 *
 * <p>Bound: {@link #ROWS_MAX} rows; with more, any entry tells. Not thread-safe.
 */
final class ShownRows {
  static final int ROWS_MAX = 16_384;

  private Set<HeldEntries.Id> rows = new HashSet<>();
  private Set<HeldEntries.Id> before = new HashSet<>();
  private long fromMicros;

  /**
   * A look begins.
   *
   * @param oldestMicros event time of the oldest row that the stream can still bring, about
   */
  void begin(long oldestMicros) {
    fromMicros = oldestMicros;
    rows = new HashSet<>();
  }

  /** A row that is neither produced nor held. */
  void row(Event event) {
    if (event.micros() >= fromMicros && rows.size() <= ROWS_MAX) {
      rows.add(HeldEntries.Id.of(event));
    }
  }

  /** The look is over, and there will be another. */
  void keep() {
    before = rows;
  }

  /** Whether one of those that have come since the look that was kept was written after it. */
  boolean areNotAll(Collection<HeldEntries.Held> since) {
    return before.size() > ROWS_MAX
        || since.stream()
            .anyMatch(
                one ->
                    one.entry() != null
                        && !before.contains(HeldEntries.Id.of(one.entry().event())));
  }

  void forget() {
    rows = new HashSet<>();
    before = new HashSet<>();
  }
}
