package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Of each entity the highest version among the entries up to a cut that are about as new as the
 * cut. A store that counts versions has written a row with a lower one before, whatever its time
 * says. Not thread-safe.
 */
final class VersionsUpToCut {
  private final Map<String, Event> highest = new HashMap<>();
  private long nearMicros;

  /**
   * Begins.
   *
   * @param entries up to the cut
   * @param newestMicros event time of the newest of them
   * @param raceMicros how close in time two events must be for their versions to count
   */
  void begin(List<WalEntry> entries, long newestMicros, long raceMicros) {
    highest.clear();
    nearMicros = raceMicros;
    for (WalEntry entry : entries) {
      Event event = entry.event();
      if (event.micros() >= newestMicros - raceMicros) {
        highest.merge(event.entityId(), event, (a, b) -> a.version() >= b.version() ? a : b);
      }
    }
  }

  /** There are none that count. */
  void none() {
    highest.clear();
  }

  /** Whether a row was written before one of the entries. */
  boolean tellThatIsBefore(Event row) {
    Event later = highest.get(row.entityId());
    return later != null
        && row.version() < later.version()
        && Math.abs(row.micros() - later.micros()) <= nearMicros;
  }
}
