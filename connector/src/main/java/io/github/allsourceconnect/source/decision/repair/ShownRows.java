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
 * <p>If more than a few entries in a row are older, the clock has gone back behind what was read of
 * the snapshot: the next one is read from there on.
 *
 * <p>Bound: {@link #ROWS_MAX} rows, the oldest ones. Not thread-safe.
 */
final class ShownRows {
  static final int ROWS_MAX = 16_384;

  /** So many entries in a row may be older than the rows. */
  static final int BEHIND_MAX = 32;

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

  private Look look;

  /** Null before the first. */
  private Look kept;

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

  /**
   * Whether one of the entries that have come since the look that was kept was written after it.
   */
  boolean areNotAll(Collection<HeldEntries.Held> since) {
    return kept != null
        && since.stream().anyMatch(one -> one.entry() != null && kept.lacks(one.entry().event()));
  }

  /**
   * Whether the clock has gone back behind the rows of the look that was kept.
   *
   * @param all entries of the connection at hand, in the order of their offsets
   */
  boolean clockWentBack(Collection<HeldEntries.Held> all) {
    return kept != null && oldestInARow(all, kept.from) < kept.from;
  }

  /**
   * Event time of the oldest of the last entries if more than a few in a row are older than that;
   * else that.
   *
   * @param all of the connection at hand, in the order of their offsets
   */
  static long oldestInARow(Collection<HeldEntries.Held> all, long fromMicros) {
    int inARow = 0;
    long oldest = fromMicros;
    for (HeldEntries.Held one : all) {
      boolean isOlder = one.micros() < fromMicros;
      inARow = isOlder ? inARow + 1 : 0;
      oldest = isOlder ? Math.min(oldest, one.micros()) : fromMicros;
    }
    return inARow > BEHIND_MAX ? oldest : fromMicros;
  }

  void forget() {
    look = null;
    kept = null;
  }
}
