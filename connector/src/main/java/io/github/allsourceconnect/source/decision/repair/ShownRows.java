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
 * <pre>
 *   event time   ....... from |---- all rows are noted ----| to .......
 *                an entry here tells nothing, for its row may be there
 * </pre>
 *
 * <p>Bound: {@link #ROWS_MAX} rows, the oldest ones. Not thread-safe.
 */
final class ShownRows {
  static final int ROWS_MAX = 16_384;

  /** The rows of one look between two event times, both included. */
  private static final class Look {
    private final Set<HeldEntries.Id> rows = new HashSet<>();
    private final long from;
    private long to = Long.MAX_VALUE;

    Look(long from) {
      this.from = from;
    }

    void row(Event event) {
      if (event.micros() < from || event.micros() > to) {
        return;
      }
      if (rows.size() < ROWS_MAX) {
        rows.add(HeldEntries.Id.of(event));
      } else {
        to = event.micros() - 1;
      }
    }

    boolean lacks(Event event) {
      return event.micros() >= from
          && event.micros() <= to
          && !rows.contains(HeldEntries.Id.of(event));
    }
  }

  private Look look = new Look(Long.MAX_VALUE);
  private Look kept = look;

  /**
   * A look begins.
   *
   * @param fromMicros event time at which the rows begin, and no older than those that the stream
   *     can still bring, about
   */
  void begin(long fromMicros) {
    look = new Look(fromMicros);
  }

  /** A row that is neither produced nor held; rows come in time order. */
  void row(Event event) {
    look.row(event);
  }

  /** The look is over, and there will be another. */
  void keep() {
    kept = look;
  }

  /** Whether one of those that have come since the look that was kept was written after it. */
  boolean areNotAll(Collection<HeldEntries.Held> since) {
    return since.stream().anyMatch(one -> one.entry() != null && kept.lacks(one.entry().event()));
  }

  void forget() {
    look = new Look(Long.MAX_VALUE);
    kept = look;
  }
}
