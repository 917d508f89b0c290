package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.HeldEntries;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Brings the rows of a snapshot and the entries held behind a gap into one order: by time, and for
 * events of one entity that are close in time by what is known better: entries among each other as
 * they came, by {@code version} where the store counts it, and otherwise as they stand in their
 * file.
 *
 * <p>Close in time are events within the race time, which the live stream has shown. But the stream
 * may lack just the worst stragglers, so events within {@value #WIDE_MICROS} microseconds count as
 * close, too, while the store was busy all the time between them: the versions that a store counts
 * start lower after a crash, and a crash leaves a silence. Across a silence a version tells where
 * it fills a hole: before a crash an entity's versions have none, so what fills one was written
 * late.
 *
 * <pre>
 *   time      ---------- silence ---------
 *   a pause   97 98 100             99 101      99 fills the hole: 97 98 99 100 101
 *   a crash   97 98 99              98 99       nothing to fill: by time
 * </pre>
 *
 * <p>A window of that time: when the oldest place leaves it, the event to be produced is the first
 * of that place's entity. The window holds so many places and bytes at most; beyond that the oldest
 * leaves before its time, which is counted ({@link #hurried}).
 *
 * <p>It is asked for one event after the other ({@link #peek}, {@link #poll}), so that whoever
 * produces them can pause between any two; the next row is given when there is none. Not
 * thread-safe.
 */
final class EntityOrder {
  /** Either an entry or a row. */
  record Item(Event event, int arrival, WalEntry entry, SnapshotRow row) {}

  /** What a row is that is given. */
  private enum Given {
    WANTED,
    PRODUCED,
    /** Its entry is among those that wait. */
    HELD
  }

  /** An item in the window, and between which silences it stands. */
  private record Place(Item item, int busy) {
    long micros() {
      return item.event.micros();
    }
  }

  static final long WIDE_MICROS = 1_000_000;

  static final long SILENCE_MICROS = HeldEntries.RESTART_MICROS;

  private static final int PLACES_MAX = 20_000;

  static final long BYTES_MAX = 8L << 20;

  private static final int OVERHEAD_BYTES = 400;

  private final long raceMicros;
  private final ArrayDeque<Item> entries = new ArrayDeque<>();
  private final ArrayDeque<Place> places = new ArrayDeque<>();
  private final Map<String, List<Place>> byEntity = new HashMap<>();

  /** Whose place has left the window before they did, and the other way round. */
  private final Set<Place> postponed = Collections.newSetFromMap(new IdentityHashMap<>());

  private final Set<Place> early = Collections.newSetFromMap(new IdentityHashMap<>());
  private final long wideMicros;
  private boolean versionsCount;
  private long bytes;
  private long raced;
  private long hurried;
  private int busy;
  private long lastMicros = Long.MIN_VALUE;

  /** When the last row of an entity was passed, and the highest version of those. */
  private record Passed(long micros, long version) {}

  /** By entity, the one passed last comes last. */
  private final Map<String, Passed> passed = new LinkedHashMap<>();

  /** Event time of the last row that was passed, and whose version is not known here any more. */
  private long forgottenMicros = Long.MIN_VALUE;

  private Item next;
  private SnapshotRow given;
  private Given kind;
  private boolean ended;
  private boolean byArrival;
  private long[] oldestFrom = {};

  /**
   * @param held entries, in the order of their arrival
   * @param raceMicros how close in time events race in any case; 0: time alone counts
   * @param versionsCount whether the store is known to count versions
   */
  EntityOrder(List<WalEntry> held, long raceMicros, boolean versionsCount) {
    this.raceMicros = raceMicros;
    wideMicros = raceMicros == 0 ? 0 : Math.max(raceMicros, WIDE_MICROS);
    this.versionsCount = versionsCount;
    List<Item> items = new ArrayList<>(held.size());
    for (WalEntry entry : held) {
      items.add(new Item(entry.event(), items.size(), entry, null));
    }
    items.sort(Comparator.comparingLong(item -> item.event.micros()));
    entries.addAll(items);
  }

  /** There are no rows: the entries come as they came. */
  void byArrival() {
    List<Item> all = new ArrayList<>(entries);
    all.sort(Comparator.comparingInt(Item::arrival));
    entries.clear();
    entries.addAll(all);
    oldestFrom = new long[all.size() + 1];
    oldestFrom[all.size()] = Long.MAX_VALUE;
    for (int i = all.size() - 1; i >= 0; i--) {
      oldestFrom[i] = Math.min(oldestFrom[i + 1], all.get(i).event.micros());
    }
    byArrival = true;
    ended = true;
  }

  /** The next row; rows come in time order. */
  void add(SnapshotRow row) {
    give(row, Given.WANTED);
  }

  /**
   * A row, in time order among those added, that is not to be produced: the store was busy.
   *
   * @param isProduced whether it has been, so that its version tells; else it is held, too
   */
  void pass(SnapshotRow row, boolean isProduced) {
    give(row, isProduced ? Given.PRODUCED : Given.HELD);
  }

  private void give(SnapshotRow row, Given what) {
    if (given != null || ended) {
      throw new IllegalStateException(ended ? "a row behind the last" : "a row too early");
    }
    given = row;
    kind = what;
  }

  /** No more rows. */
  void end() {
    ended = true;
  }

  /** The event that {@link #poll} takes; null when none is ready before another row is given. */
  Item peek() {
    while (next == null && step()) {
      // on to the next
    }
    return next;
  }

  /** Takes the next event; null when none is ready. */
  Item poll() {
    Item item = peek();
    next = null;
    return item;
  }

  /** Whether all has been taken and nothing more can come. */
  boolean isFinished() {
    return ended && peek() == null;
  }

  /** One step further; false when there is nothing to do before another row is given. */
  private boolean step() {
    if (byArrival) {
      next = entries.poll();
      return next != null;
    }
    if (!places.isEmpty() && isSettled(places.peek())) {
      next = leave();
    } else if (places.size() > 1 && (places.size() > PLACES_MAX || bytes > BYTES_MAX)) {
      // one that is alone has nothing to wait for that could be spared by letting it go
      hurried++;
      next = leave();
    } else if (!entries.isEmpty() && isDue(entries.peek())) {
      place(entries.poll());
    } else if (given != null) {
      SnapshotRow row = given;
      given = null;
      switch (kind) {
        case PRODUCED -> passed(row.event());
        case HELD -> busyAt(row.event().micros());
        default -> place(new Item(row.event(), -1, null, row));
      }
    } else if (ended && !places.isEmpty()) {
      next = leave();
    } else {
      return false;
    }
    return true;
  }

  private boolean isDue(Item entry) {
    return given != null ? entry.event.micros() <= given.event().micros() : ended;
  }

  /** Rows that go by their place in the file although the times say otherwise. */
  long raced() {
    return raced;
  }

  /**
   * Events that went on before their race time was over, because too much waited: one of their
   * entity that comes later may belong before them.
   */
  long hurried() {
    return hurried;
  }

  /** About how many bytes wait here. */
  long waitingBytes() {
    return bytes;
  }

  /** Event time of the oldest that is waiting here; {@link Long#MAX_VALUE} for none. */
  long oldestWaiting() {
    if (byArrival) {
      return oldestFrom[oldestFrom.length - 1 - entries.size()];
    }
    long oldest = places.isEmpty() ? Long.MAX_VALUE : places.peek().micros();
    for (Place place : postponed) {
      oldest = Math.min(oldest, place.micros());
    }
    return oldest;
  }

  /** Whether an event, newer than all that was given, was written before one that waits here. */
  boolean isBeforeOneThatWaits(Event event) {
    List<Place> same = versionsCount ? byEntity.get(event.entityId()) : null;
    if (same == null || isBehindASilence(event.micros())) {
      return false;
    }
    for (Place place : same) {
      if (place.busy == busy
          && event.micros() - place.micros() <= wideMicros
          && event.version() < place.item.event.version()) {
        return true;
      }
    }
    return false;
  }

  private boolean isBehindASilence(long micros) {
    return micros - SILENCE_MICROS > lastMicros;
  }

  private void busyAt(long micros) {
    if (isBehindASilence(micros)) {
      busy++;
    }
    lastMicros = micros;
  }

  private void passed(Event event) {
    busyAt(event.micros());
    Passed before = passed.remove(event.entityId());
    long highest = before == null ? event.version() : Math.max(before.version, event.version());
    passed.put(event.entityId(), new Passed(event.micros(), highest));
    if (passed.size() > PLACES_MAX) {
      Iterator<Passed> eldest = passed.values().iterator();
      forgottenMicros = eldest.next().micros;
      eldest.remove();
    }
  }

  private void place(Item item) {
    versionsCount |= item.event.version() > 1;
    busyAt(item.event.micros());
    Place place = new Place(item, busy);
    places.add(place);
    bytes += size(item);
    List<Place> same = byEntity.computeIfAbsent(item.event.entityId(), id -> new ArrayList<>(2));
    int at = same.size();
    boolean late =
        versionsCount && at > 0 && same.get(at - 1).busy != busy && fillsHole(item, same);
    while (at > 0 && precedes(place, same.get(at - 1), late)) {
      at--;
    }
    if (!versionsCount && item.row != null && at < same.size()) {
      raced++;
    }
    same.add(at, place);
  }

  /**
   * Whether the versions of an entity's events, of which none is unknown, have a hole where this
   * one's fits.
   */
  private boolean fillsHole(Item item, List<Place> same) {
    long from = item.event.micros() - wideMicros;
    long version = item.event.version();
    Passed last = passed.get(item.event.entityId());
    boolean lower = last != null && last.micros >= from;
    long knownFrom = from;
    for (Place place : same) {
      long other = place.item.event.version();
      if (other == version) {
        return false;
      }
      if (other < version) {
        lower = true;
        knownFrom = Math.min(knownFrom, place.micros());
      }
    }
    boolean mayBeFilled = last != null && last.micros >= knownFrom && last.version >= version;
    return lower && !mayBeFilled && forgottenMicros < knownFrom;
  }

  /** Nothing that may still come belongs before it. */
  private boolean isSettled(Place oldest) {
    long apart = lastMicros - oldest.micros();
    boolean silence = oldest.busy != busy && !versionsCount;
    return apart > raceMicros && (apart > wideMicros || silence || bytes > BYTES_MAX);
  }

  @SuppressWarnings("ReferenceEquality") // equal places are still two places
  private Item leave() {
    Place oldest = places.poll();
    bytes -= size(oldest.item);
    String entity = oldest.item.event.entityId();
    List<Place> same = byEntity.get(entity);
    Place first = same.remove(0);
    if (same.isEmpty()) {
      byEntity.remove(entity);
    }
    if (first != oldest) {
      if (!early.remove(oldest)) {
        postponed.add(oldest);
      }
      if (!postponed.remove(first)) {
        early.add(first);
      }
    }
    return first.item;
  }

  private static long size(Item item) {
    if (item.entry != null) {
      return HeldEntries.size(item.entry);
    }
    Event event = item.event;
    return OVERHEAD_BYTES
        + event.payload().length()
        + (event.metadata() == null ? 0 : event.metadata().length())
        + 2L * (event.eventType().length() + event.entityId().length());
  }

  /** A leader that does not count versions writes its files nearly in the order of its log. */
  private static boolean haveFileOrder(SnapshotRow a, SnapshotRow b) {
    return a != null && b != null && a.file() == b.file() && a.row() > 0 && b.row() > 0;
  }

  private boolean precedes(Place one, Place other, boolean late) {
    Item a = one.item;
    Item b = other.item;
    if (a.entry != null && b.entry != null) {
      return a.arrival < b.arrival;
    }
    long apart = Math.abs(a.event.micros() - b.event.micros());
    boolean race = apart <= wideMicros && (late || one.busy == other.busy);
    // a silence may have been a crash, behind which versions begin lower, however short it was
    if (versionsCount && race && a.event.version() != b.event.version()) {
      return a.event.version() < b.event.version();
    }
    if (!versionsCount && (race || apart <= raceMicros) && haveFileOrder(a.row, b.row)) {
      return a.row.row() < b.row.row();
    }
    return a.event.micros() < b.event.micros();
  }
}
