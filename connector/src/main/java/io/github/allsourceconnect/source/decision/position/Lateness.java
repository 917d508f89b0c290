package io.github.allsourceconnect.source.decision.position;

import java.util.Arrays;

/**
 * How far the live stream strays from time order: measured while entries are produced in WAL order,
 * over the last minute, and what follows from it for how far a repair looks back.
 *
 * <p>A few entries that stray further than the others do not count: of each 64 entries of the
 * minute the worst one, eight at most. Entries that are further behind than allowed wait for a
 * verdict: either the stream goes on as before and they were late ({@link #wereLate}), or the clock
 * has gone back and they are not late at all ({@link #clockWentBack}). Not thread-safe.
 */
public class Lateness {
  /** Several times what was seen. */
  private static final int SAFETY = 4;

  /** A store's thread may be held up while others write; the stream need not have shown it. */
  private static final long ALLOWED_FLOOR_MICROS = 250_000;

  /** What is later than this has another clock. */
  private static final long LATE_MAX_MICROS = 15_000_000;

  private static final long RACE_FLOOR_MICROS = 50_000;
  private static final long RACE_MAX_MICROS = 2_000_000;
  private static final int RUN_FLOOR = 32;

  private static final int BLOCKS = 6;
  private static final long BLOCK_MS = 10_000;
  private static final int IGNORED_MAX = 8;
  private static final int ENTRIES_FOR_ONE_IGNORED = 64;
  private static final int WAITING_MAX = Front.BEHIND_MAX + 1;

  private final Worst late = new Worst();
  private final Worst displaced = new Worst();
  private final long[] entries = new long[BLOCKS];
  private int block;
  private long blockEnds = Long.MAX_VALUE;
  private boolean begun;
  private final long[] waitingLate = new long[WAITING_MAX];
  private final int[] waitingPlaces = new int[WAITING_MAX];
  private int waiting;
  private long storedMicros;
  private int storedPlaces;
  private long storedUntil = Long.MAX_VALUE;
  private long micros;
  private int places;

  /** The greatest ever, single ones included: in a race that is what counts, and costs nothing. */
  private long worstMicros;

  /** The greatest values of each block, the greatest first. */
  private static final class Worst {
    private final long[][] values = new long[BLOCKS][IGNORED_MAX + 1];

    boolean saw(int block, long value) {
      long[] top = values[block];
      if (value <= top[IGNORED_MAX]) {
        return false;
      }
      int at = IGNORED_MAX;
      while (at > 0 && top[at - 1] < value) {
        top[at] = top[at - 1];
        at--;
      }
      top[at] = value;
      return true;
    }

    long withoutWorst(int ignored) {
      long[] all = new long[BLOCKS * (IGNORED_MAX + 1)];
      for (int i = 0; i < BLOCKS; i++) {
        System.arraycopy(values[i], 0, all, i * (IGNORED_MAX + 1), IGNORED_MAX + 1);
      }
      Arrays.sort(all);
      return all[all.length - 1 - ignored];
    }
  }

  /**
   * @param storedMicros what a stored position says of {@link #micros()}; it counts for a minute
   * @param storedPlaces and of {@link #places()}
   */
  public Lateness(long storedMicros, int storedPlaces) {
    this.storedMicros = Math.min(storedMicros, LATE_MAX_MICROS);
    this.storedPlaces = storedPlaces;
    worstMicros = Math.min(storedMicros, RACE_MAX_MICROS);
    judge();
  }

  /** Time passes: milliseconds of a clock that only goes forward. */
  public void at(long nowMs) {
    if (!begun) {
      begun = true;
      blockEnds = nowMs + BLOCK_MS;
      storedUntil = nowMs + BLOCKS * BLOCK_MS;
    }
    if (nowMs < blockEnds) {
      return;
    }
    while (nowMs >= blockEnds) {
      block = (block + 1) % BLOCKS;
      entries[block] = 0;
      Arrays.fill(late.values[block], 0);
      Arrays.fill(displaced.values[block], 0);
      blockEnds += BLOCK_MS;
    }
    if (nowMs >= storedUntil) {
      storedMicros = 0;
      storedPlaces = 0;
    }
    judge();
  }

  /** An entry came in the leader's order. */
  void entry() {
    if (++entries[block] % ENTRIES_FOR_ONE_IGNORED == 0) {
      judge();
    }
  }

  /** It was {@code lateMicros} older than the front, and so many places off. */
  void saw(long lateMicros, int placesOff) {
    worstMicros = Math.max(worstMicros, Math.min(lateMicros, RACE_MAX_MICROS));
    boolean worse = late.saw(block, Math.min(lateMicros, LATE_MAX_MICROS));
    if (displaced.saw(block, placesOff) || worse) {
      judge();
    }
  }

  /** It was further behind than allowed, and is late or has another clock. */
  void sawBehind(long lateMicros, int placesOff) {
    if (waiting < WAITING_MAX) {
      waitingLate[waiting] = lateMicros;
      waitingPlaces[waiting++] = placesOff;
    }
  }

  /** The stream goes on as before: those further behind than allowed were late. */
  void wereLate() {
    for (int i = 0; i < waiting; i++) {
      saw(waitingLate[i], waitingPlaces[i]);
    }
    waiting = 0;
  }

  /** They were the first ones of a clock that has gone back. */
  void clockWentBack() {
    waiting = 0;
  }

  private void judge() {
    long seen = 0;
    for (long count : entries) {
      seen += count;
    }
    int ignored = (int) Math.min(IGNORED_MAX, seen / ENTRIES_FOR_ONE_IGNORED);
    micros = Math.max(storedMicros, late.withoutWorst(ignored));
    places = (int) Math.max(storedPlaces, displaced.withoutWorst(ignored));
  }

  /** How late entries have been, in microseconds; 15 s at most. */
  public long micros() {
    return micros;
  }

  /** How far off, in places. */
  public int places() {
    return places;
  }

  /** What the position allows for: no event not yet produced is older than the front less this. */
  public long allowedMicros() {
    return Math.max(SAFETY * micros, ALLOWED_FLOOR_MICROS);
  }

  /** How close two events of an entity must be for their versions to settle their order. */
  public long raceMicros() {
    return Math.min(Math.max(SAFETY * worstMicros, RACE_FLOOR_MICROS), RACE_MAX_MICROS);
  }

  /** How much time without a hole separates what is before it from what is after. */
  public long cleanMicros() {
    return allowedMicros();
  }

  /** The same by what has been seen alone, without a reserve for what has not. */
  public long seenMicros() {
    return Math.max(SAFETY * micros, RACE_FLOOR_MICROS);
  }

  /** How many entries without a hole separate what is before them from what is after, by time. */
  public int cleanRun() {
    return Math.max(RUN_FLOOR, SAFETY * places);
  }
}
