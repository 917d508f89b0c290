package io.github.allsourceconnect.source.decision.position;

/**
 * How far the live stream strays from time order: measured while entries are produced in WAL order,
 * and what follows from it for how far a repair looks back. Not thread-safe.
 */
public final class Lateness {
  /** Several times what was seen. */
  private static final int SAFETY = 4;

  /** A store's thread may be held up while others write; the stream need not have shown it. */
  private static final long ALLOWED_FLOOR_MICROS = 250_000;

  private static final long RACE_FLOOR_MICROS = 50_000;
  private static final long CLEAN_FLOOR_MICROS = ALLOWED_FLOOR_MICROS;
  private static final int RUN_FLOOR = 32;

  private final long slackMicros;
  private long micros;
  private int places;

  public Lateness(long slackMicros, long seenMicros, int seenPlaces) {
    this.slackMicros = slackMicros;
    this.micros = seenMicros;
    this.places = seenPlaces;
  }

  /** An entry was {@code late} microseconds older than one before it, and so many places off. */
  public void saw(long late, int displaced) {
    micros = Math.max(micros, late);
    places = Math.max(places, displaced);
  }

  /** The greatest seen, in microseconds. */
  public long micros() {
    return micros;
  }

  /** The greatest displacement seen, in places. */
  public int places() {
    return places;
  }

  /** What the position allows for: no event not yet produced is older than the newest less this. */
  public long allowedMicros() {
    return Math.max(Math.max(SAFETY * micros, ALLOWED_FLOOR_MICROS), slackMicros);
  }

  /** How close two events of an entity must be for their versions to settle their order. */
  public long raceMicros() {
    return Math.min(Math.max(SAFETY * micros, RACE_FLOOR_MICROS), 2_000_000);
  }

  /** How much time without a hole separates what is before it from what is after. */
  public long cleanMicros() {
    return Math.max(SAFETY * micros, CLEAN_FLOOR_MICROS);
  }

  /** How many entries without a hole separate what is before them from what is after, by time. */
  public int cleanRun() {
    return Math.max(RUN_FLOOR, SAFETY * places);
  }
}
