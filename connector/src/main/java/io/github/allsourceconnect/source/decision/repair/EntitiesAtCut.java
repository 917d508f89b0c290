package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.source.decision.epoch.HeldEntries;
import java.util.HashMap;
import java.util.Map;

/**
 * What the entries next to a cut tell of the rows of their entities, where nothing is counted. A
 * store that counts versions has written a row before an entry of a higher version, whatever its
 * time says. And a row that is newer than an entry behind the cut comes behind that.
 *
 * <pre>
 *   entries      v4 . v6 | v8           v: versions of one entity
 *   rows           v5    |    v9        | the cut
 *              before     behind
 * </pre>
 *
 * Not thread-safe.
 */
final class EntitiesAtCut {
  private final Map<String, Event> newestUpTo = new HashMap<>();
  private final Map<String, Event> oldestBehind = new HashMap<>();
  private long raceMicros;

  /** What is older is not next to the cut, or has another clock. */
  private long nearMicros;

  /** What is older than all entries next to the cut may be of before a crash. */
  private long oldestUpTo;

  /**
   * Begins.
   *
   * @param upTo entries up to the cut, of the connection at hand: behind a crash versions begin
   *     lower
   * @param newestMicros event time of the newest of them
   * @param behind and those behind it
   * @param race how close in time two events must be for their versions to count
   */
  void begin(
      Iterable<HeldEntries.Held> upTo,
      long newestMicros,
      Iterable<HeldEntries.Held> behind,
      long race) {
    none();
    raceMicros = race;
    nearMicros = newestMicros - race;
    for (HeldEntries.Held one : upTo) {
      if (one.entry() != null && one.micros() >= nearMicros) {
        Event event = one.entry().event();
        oldestUpTo = Math.min(oldestUpTo, event.micros());
        newestUpTo.merge(event.entityId(), event, (a, b) -> a.version() >= b.version() ? a : b);
      }
    }
    for (HeldEntries.Held one : behind) {
      if (one.entry() != null && one.micros() >= nearMicros) {
        Event event = one.entry().event();
        oldestBehind.merge(event.entityId(), event, (a, b) -> a.micros() <= b.micros() ? a : b);
      }
    }
  }

  /** They tell nothing. */
  void none() {
    newestUpTo.clear();
    oldestBehind.clear();
    oldestUpTo = Long.MAX_VALUE;
  }

  /** Whether a row was written before one of the entries up to the cut. */
  boolean tellThatIsBefore(Event row) {
    if (row.micros() < nearMicros - raceMicros) {
      return false; // most rows are
    }
    Event entry = newestUpTo.get(row.entityId());
    return entry != null && row.version() < entry.version() && isRace(row, entry);
  }

  /** Whether it was written behind one of those behind the cut. */
  boolean tellThatIsBehind(Event row) {
    Event entry = row.micros() < nearMicros ? null : oldestBehind.get(row.entityId());
    if (entry == null) {
      return false;
    }
    boolean versionsTell =
        isRace(row, entry) && row.version() != entry.version() && row.micros() >= oldestUpTo;
    return versionsTell ? row.version() > entry.version() : row.micros() > entry.micros();
  }

  private boolean isRace(Event row, Event entry) {
    return Math.abs(row.micros() - entry.micros()) <= raceMicros;
  }
}
