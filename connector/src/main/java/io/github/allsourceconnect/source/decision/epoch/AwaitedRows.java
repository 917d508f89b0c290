package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Rows that a repair has left for the live stream where nothing could be counted: they are newer
 * than the cut, so the stream will bring them, or their clock was ahead and they lie before it.
 * They are <em>awaited</em> until the stream tells.
 *
 * <pre>
 *   left by a repair ............ awaited += rows
 *   the stream brings it ........ awaited -= 1
 *   the stream is past it ....... before the cut += 1, awaited -= 1
 *   produced .................... either -= 1
 *   in no snapshot .............. given up, before the cut = 0
 * </pre>
 *
 * <p>The stream is past a row by time, when all that is older than the front less the allowed
 * lateness has been produced; and past all rows of a snapshot by number. A snapshot has every event
 * that was written before it, so an event that is new to the task when it comes live was written
 * later, but for a few that were being stored just then. When {@link #NEW_EVENTS} have come, or one
 * after {@link #AFTER_MS}, and all offsets up to there are settled, so are those of the snapshot.
 * The same is true when there is no more to bring ({@link #isSilent}); where only the silence says
 * so, they are told <em>by silence</em>, and may have later offsets after all.
 *
 * <p>Until none is left the position does not get past the oldest of them, has no offset, and
 * nothing is acked unless {@link #await} has said so: a task that begins with it looks again.
 * Bound: {@link #ROWS_MAX} rows. Not thread-safe.
 */
public final class AwaitedRows {
  /** Of more rows than these it is not found out where they belong. */
  public static final int ROWS_MAX = 16_384;

  /** So many new events are more than a store has under way between its log and its files. */
  static final int NEW_EVENTS = 64;

  /** Nothing takes so long between a store's log and its files. */
  static final long AFTER_MS = 5_000;

  private static final long NOT_SEEN = Long.MIN_VALUE;
  private static final int SNAPSHOTS_MAX = 8;

  /** So many repairs may have had no snapshot. */
  private static final int WITHOUT_ROWS_MAX = 3;

  /** What the stream has brought since a snapshot. */
  private static final class Since {
    private long firstMs = NOT_SEEN;
    private int newEvents;
    private long pastAt = Long.MAX_VALUE;

    void begin() {
      firstMs = NOT_SEEN;
      newEvents = 0;
      pastAt = Long.MAX_VALUE;
    }

    void newEvent(long highest, long now) {
      firstMs = firstMs == NOT_SEEN ? now : firstMs;
      newEvents++;
      if (pastAt == Long.MAX_VALUE && (newEvents >= NEW_EVENTS || now - firstMs >= AFTER_MS)) {
        pastAt = highest;
      }
    }
  }

  private record Row(long micros, Since since, boolean mayBeAcked, boolean isToldBySilence) {
    Row of(Since other) {
      return new Row(micros, other, mayBeAcked, isToldBySilence);
    }

    Row toldBySilence() {
      return new Row(micros, since, mayBeAcked, true);
    }
  }

  private enum Silence {
    NONE,
    UNEXPLAINED,
    THERE_IS_NO_MORE
  }

  private final Map<HeldEntries.Id, Row> awaited = new HashMap<>();
  private final Map<HeldEntries.Id, Row> beforeTheCut = new HashMap<>();

  /** How many of either are of an event time. */
  private final TreeMap<Long, Integer> times = new TreeMap<>();

  private final Deque<Since> snapshots = new ArrayDeque<>();

  /** How many of either must not be acked before they are there. */
  private int holding;

  private long highest;
  private Silence silence = Silence.NONE;
  private long lastProduced;
  private int withoutRows;

  /**
   * A repair leaves these for the stream, which goes on now.
   *
   * @param mayBeAcked whether what follows is acked before they are there: next to a cut that is
   *     forced others may be, too, and where one cut after the other is, some are always left
   */
  public void await(List<Event> rows, boolean mayBeAcked) {
    silence = Silence.NONE;
    if (snapshots.size() == SNAPSHOTS_MAX) {
      mergeTheOldest();
    }
    Since since = new Since();
    snapshots.addLast(since);
    for (Event row : rows) {
      HeldEntries.Id id = HeldEntries.Id.of(row);
      if (!beforeTheCut.containsKey(id)
          && awaited.putIfAbsent(id, new Row(row.micros(), since, mayBeAcked, false)) == null) {
        times.merge(row.micros(), 1, Integer::sum);
        holding += mayBeAcked ? 0 : 1;
      }
    }
    forgetIfEmpty();
  }

  private void mergeTheOldest() {
    Since oldest = snapshots.removeFirst();
    Since next = snapshots.getFirst();
    awaited.replaceAll((id, row) -> row.since == oldest ? row.of(next) : row);
  }

  /** Entries of another connection follow. */
  void streamBegins() {
    snapshots.forEach(Since::begin);
    highest = 0;
    silence = Silence.NONE;
  }

  /** Whether nothing is left to be told or produced. */
  public boolean isEmpty() {
    return awaited.isEmpty() && beforeTheCut.isEmpty();
  }

  private void forgetIfEmpty() {
    if (isEmpty()) {
      times.clear();
      holding = 0;
      snapshots.clear();
    }
  }

  /**
   * The live stream brings an event.
   *
   * @param isKnown whether it has been produced
   */
  void came(Event event, long offset, boolean isKnown, long now) {
    highest = Math.max(highest, offset);
    if (!remove(event) && !isKnown) {
      snapshots.forEach(since -> since.newEvent(highest, now));
    }
  }

  /** An event is produced, as the one with this number. */
  void produced(Event event, long emission) {
    int before = holding;
    if (!isEmpty() && remove(event) && holding < before) {
      lastProduced = emission;
    }
  }

  private boolean remove(Event event) {
    return remove(HeldEntries.Id.of(event));
  }

  private boolean remove(HeldEntries.Id id) {
    Row row = awaited.remove(id);
    row = row == null ? beforeTheCut.remove(id) : row;
    if (row != null) {
      times.computeIfPresent(row.micros, (micros, rows) -> rows == 1 ? null : rows - 1);
      holding -= row.mayBeAcked ? 0 : 1;
    }
    forgetIfEmpty();
    return row != null;
  }

  /**
   * The stream brings nothing.
   *
   * @param thereIsNoMore whether a second connection says so, too; otherwise it does not tell
   */
  public void isSilent(boolean thereIsNoMore) {
    silence = thereIsNoMore ? Silence.THERE_IS_NO_MORE : Silence.UNEXPLAINED;
  }

  /**
   * The stream is in order up to an offset: what it tells of the rows.
   *
   * @param walOffset all offsets up to this one are settled
   * @param floorMicros all events before this time have been produced, if their clock was right
   * @return whether some lie before the cut
   */
  public boolean tells(long walOffset, long floorMicros) {
    for (Iterator<Map.Entry<HeldEntries.Id, Row>> it = awaited.entrySet().iterator();
        it.hasNext(); ) {
      Map.Entry<HeldEntries.Id, Row> one = it.next();
      Row row = one.getValue();
      boolean isPast =
          silence == Silence.THERE_IS_NO_MORE
              || walOffset >= row.since.pastAt
              || row.micros < floorMicros;
      if (isPast || silence == Silence.UNEXPLAINED) {
        beforeTheCut.put(one.getKey(), isPast ? row : row.toldBySilence());
        it.remove();
      }
    }
    return !beforeTheCut.isEmpty();
  }

  /**
   * Whether the row is awaited, and later events have been produced: so it will be late, wherever
   * it belongs.
   *
   * @param floorMicros all events before this time have been produced, if their clock was right
   */
  public boolean isLate(Event row, long floorMicros) {
    return row.micros() < floorMicros && awaited.containsKey(HeldEntries.Id.of(row));
  }

  /** Whether the row lies before the cut of the repair that left it. */
  public boolean isBeforeTheCut(Event row) {
    return !beforeTheCut.isEmpty() && beforeTheCut.containsKey(HeldEntries.Id.of(row));
  }

  /** Whether nothing but the silence of the stream says that. */
  public boolean isToldBySilence(Event row) {
    Row told = beforeTheCut.get(HeldEntries.Id.of(row));
    return told != null && told.isToldBySilence;
  }

  /** How many are left. */
  public int size() {
    return awaited.size() + beforeTheCut.size();
  }

  /** How many lie before the cut and have not been produced. */
  public int beforeTheCut() {
    return beforeTheCut.size();
  }

  /**
   * A repair has ended that should have brought those before the cut.
   *
   * @param hadRows whether there was a snapshot; without one they may be in the next
   * @return how many are given up
   */
  int givenUp(boolean hadRows) {
    if (beforeTheCut.isEmpty() || (!hadRows && ++withoutRows < WITHOUT_ROWS_MAX)) {
      return 0;
    }
    int lacking = beforeTheCut.size();
    for (HeldEntries.Id id : List.copyOf(beforeTheCut.keySet())) {
      remove(id);
    }
    withoutRows = 0;
    return lacking;
  }

  /** Whether one is left that must be there first, or was produced and Kafka does not have it. */
  boolean holdsAcksBack(long storedUpTo) {
    return holding > 0 || storedUpTo < lastProduced;
  }

  /**
   * The position must not get past this event time, none of them is older; {@link Long#MAX_VALUE}
   * for none.
   */
  public long notBehind() {
    return times.isEmpty() ? Long.MAX_VALUE : times.firstKey();
  }

  /** Nothing of all that matters any more. */
  void clear() {
    awaited.clear();
    beforeTheCut.clear();
    forgetIfEmpty();
  }
}
