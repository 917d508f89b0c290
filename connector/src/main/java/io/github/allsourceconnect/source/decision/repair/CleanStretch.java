package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.source.decision.epoch.HeldEntries;
import io.github.allsourceconnect.source.decision.position.Lateness;
import java.util.Arrays;

/**
 * How long a stretch of entries without a hole is, on one side of a cut. It is long enough once it
 * has the places and the time that entries have been off, as {@link Lateness} measures both; or
 * many times that time, for places were perhaps measured in a burst, and mean little where few
 * events are written.
 *
 * <pre>
 *   entries     1 ........ 32                  1 ........ 32
 *   time        |   first   |  LONG x clean    |   beyond   |  long enough, whatever the places
 * </pre>
 *
 * Of either end so many entries count that single clocks that are off change nothing. Not
 * thread-safe.
 */
final class CleanStretch {
  /** So many times the time that separates what is before a stretch from what is after. */
  private static final int LONG = 8;

  private static final int ENTRIES = 32;

  /** And so many of the first may be ahead. */
  private static final int AHEAD = 2;

  private final int places;
  private final long micros;

  private long from;
  private long oldest;
  private final long[] times = new long[ENTRIES];
  private int first;
  private long newestOfFirst;
  private int beyond;

  CleanStretch(Lateness lateness) {
    places = lateness.cleanRun();
    micros = lateness.cleanMicros();
  }

  /** It begins with this one. */
  void begin(HeldEntries.Held one) {
    from = one.offset();
    oldest = one.micros();
    times[0] = one.micros();
    first = 1;
    beyond = 0;
  }

  /** Whether it is long enough up to this one, which follows. */
  boolean isEnoughWith(HeldEntries.Held one) {
    oldest = Math.min(oldest, one.micros());
    if (first < ENTRIES) {
      times[first++] = one.micros();
      if (first == ENTRIES) {
        Arrays.sort(times);
        newestOfFirst = times[ENTRIES - 1 - AHEAD];
      }
    } else if (one.micros() - newestOfFirst >= LONG * micros) {
      beyond++;
    }
    return beyond >= ENTRIES || (one.offset() - from >= places && one.micros() - oldest >= micros);
  }
}
