package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.source.decision.position.Lateness;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Rows that were produced next to the seam where a numbering began, so near in time to the offset
 * up to which it was established that they may have offsets below or above it. The next gap may
 * lack events that were produced already as such rows. They are forgotten as soon as the live
 * stream has passed them.
 *
 * <pre>
 *   ... below | walOffset | rows of this time? | above ...
 *   count() = rows noted, as many as may be meant, + those that a position told of,
 *             less those that came live
 * </pre>
 *
 * Not thread-safe.
 */
final class UncertainRows {
  private final Set<HeldEntries.Id> rows = new HashSet<>();
  private long newest = Long.MIN_VALUE;
  private int loaded;
  private long atMost;

  void load(int count) {
    loaded = count;
  }

  void set(List<Event> events) {
    set(events, events.size(), Long.MAX_VALUE);
  }

  /**
   * @param many so many of them at most may have offsets above
   * @param front the stream is at this event time, so that a clock that is ahead keeps none longer
   */
  void set(List<Event> events, long many, long front) {
    clear();
    note(events, front);
    atMost = many;
  }

  /**
   * These too, of which nobody can tell.
   *
   * @param front see {@link #set(List, long, long)}
   */
  void add(List<Event> events, long front) {
    int before = rows.size();
    note(events, front);
    atMost += rows.size() - before;
  }

  private void note(List<Event> events, long front) {
    for (Event event : events) {
      if (rows.add(HeldEntries.Id.of(event))) {
        newest = Math.max(newest, Math.min(event.micros(), front));
      }
    }
  }

  /**
   * The live stream brings it: its offset is known now.
   *
   * @param isLoaded whether a position told of it: this task has not produced it
   */
  void came(Event event, boolean isLoaded) {
    if (loaded > 0 && isLoaded) {
      loaded--;
    } else if (!rows.isEmpty() && rows.remove(HeldEntries.Id.of(event))) {
      atMost = Math.max(0, atMost - 1);
    }
  }

  /** The live stream, in order, is at this event time. */
  void passed(long micros, Lateness lateness) {
    if ((loaded > 0 || !rows.isEmpty()) && micros > newest + lateness.allowedMicros()) {
      clear();
    }
  }

  int count() {
    return (int) Math.min(atMost, rows.size()) + loaded;
  }

  void clear() {
    rows.clear();
    loaded = 0;
    atMost = 0;
    newest = Long.MIN_VALUE;
  }
}
