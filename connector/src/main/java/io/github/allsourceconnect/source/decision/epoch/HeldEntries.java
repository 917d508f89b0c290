package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * Live entries that can't be produced yet because something before them is missing: those of the
 * current connection by offset, and those that earlier connections left behind, in the order of
 * their arrival. An offset whose event was already produced from a snapshot is held as a mark
 * without an entry.
 *
 * <pre>
 *   left                           current
 *   in order of arrival            offset -> entry, or a mark
 *   size()  = entries left + entries current   = ids, each event once
 *   marks() = offsets current - entries current
 *   bytes left <= bytesMax; bytes current >= bytesMax: isFull(), and whoever adds waits
 * </pre>
 *
 * Not thread-safe.
 */
public final class HeldEntries {
  /** The two halves of an event's UUID. */
  public record Id(long high, long low) {
    public static Id of(Event event) {
      return new Id(event.idHigh(), event.idLow());
    }
  }

  /** {@code entry} is null where the offset's event was already produced. */
  public record Held(long offset, long micros, WalEntry entry) {}

  /** No store is back after a crash, and numbers anew, in so short a time. */
  public static final long RESTART_MICROS = 25_000;

  private static final int OVERHEAD_BYTES = 400;

  /** What an offset takes whose event has been produced. */
  private static final int MARK_BYTES = 120;

  private final TreeMap<Long, Held> current = new TreeMap<>();
  private final LeftEntries left;
  private final Set<Id> ids = new HashSet<>();
  private final long bytesMax;
  private long currentBytes;
  private int marks;

  /**
   * @param bytesMax how much the entries of the current connection, and those that earlier ones
   *     left behind, may take each
   */
  HeldEntries(long bytesMax) {
    this.bytesMax = bytesMax;
    left = new LeftEntries(bytesMax);
  }

  /** Whether it was new. */
  boolean add(WalEntry entry) {
    if (!ids.add(Id.of(entry.event()))) {
      return false;
    }
    current.put(entry.sequence(), new Held(entry.sequence(), entry.event().micros(), entry));
    currentBytes += size(entry);
    return true;
  }

  public void mark(long offset, long micros) {
    if (current.putIfAbsent(offset, new Held(offset, micros, null)) == null) {
      currentBytes += MARK_BYTES;
      marks++;
    }
  }

  /** How many offsets are held as marks. */
  public int marks() {
    return marks;
  }

  /** How many of them are up to an offset. */
  int marksUpTo(long offset) {
    return (int) upTo(offset).stream().filter(one -> one.entry == null).count();
  }

  public boolean has(Event event) {
    return ids.contains(Id.of(event));
  }

  /** The entry of an event that is held, or null: built on demand for the tenants of rows. */
  public Map<Id, String> tenants() {
    Map<Id, String> tenants = new HashMap<>();
    for (Held held : current.values()) {
      if (held.entry != null) {
        tenants.put(Id.of(held.entry.event()), held.entry.event().tenantId());
      }
    }
    left.events().forEach(event -> tenants.put(Id.of(event), event.tenantId()));
    return tenants;
  }

  boolean hasOffset(long offset) {
    return current.containsKey(offset);
  }

  boolean isEmpty() {
    return current.isEmpty() && left.size() == 0;
  }

  public boolean currentIsEmpty() {
    return current.isEmpty();
  }

  public long firstOffset() {
    return current.firstKey();
  }

  public long lastOffset() {
    return current.lastKey();
  }

  /** Whether the current connection has brought an event for an offset up to this one. */
  boolean hasEntryUpTo(long offset) {
    return upTo(offset).stream().anyMatch(one -> one.entry != null);
  }

  /** The first of the current connection's. */
  Held first() {
    return current.firstEntry().getValue();
  }

  public Held removeFirst() {
    Held held = current.pollFirstEntry().getValue();
    forget(held);
    return held;
  }

  private void forget(Held held) {
    if (held.entry == null) {
      currentBytes -= MARK_BYTES;
      marks--;
    } else {
      currentBytes -= size(held.entry);
      ids.remove(Id.of(held.entry.event()));
    }
  }

  /**
   * The connection has ended: what is held stays, but its offsets mean nothing to the next. What
   * would make it too much is forgotten; its events are in the next snapshot.
   *
   * @return the events that were forgotten
   */
  List<Event> leaveBehind() {
    List<Event> forgotten = new ArrayList<>();
    for (Held held : current.values()) {
      if (held.entry != null && !left.add(held.entry)) {
        ids.remove(Id.of(held.entry.event()));
        forgotten.add(held.entry.event());
      }
    }
    current.clear();
    currentBytes = 0;
    marks = 0;
    return forgotten;
  }

  /** What of it is produced needs to be held no longer; its offsets stay, as marks. */
  public void settle(Predicate<Event> isProduced) {
    for (Map.Entry<Long, Held> one : current.entrySet()) {
      Held held = one.getValue();
      if (held.entry != null && isProduced.test(held.entry.event())) {
        forget(held);
        one.setValue(new Held(held.offset, held.micros, null));
        currentBytes += MARK_BYTES;
        marks++;
      }
    }
    left.removeIf(
        entry -> {
          boolean produced = isProduced.test(entry.event());
          if (produced) {
            ids.remove(Id.of(entry.event()));
          }
          return produced;
        });
  }

  /** Those of the current connection, by offset. */
  public Collection<Held> current() {
    return current.values();
  }

  /** Event time of the oldest of the current connection's; {@link Long#MAX_VALUE} for none. */
  public long oldestOfCurrent() {
    long oldest = Long.MAX_VALUE;
    for (Held one : current.values()) {
      oldest = Math.min(oldest, one.micros());
    }
    return oldest;
  }

  /**
   * Event time of those of the current connection that come next behind an offset, whatever a
   * single clock says, the older of two; {@link Long#MIN_VALUE} for none.
   */
  public long middleBehind(long offset) {
    return middle(current.tailMap(offset, false).values());
  }

  /** The same of the last ones up to an offset. */
  public long middleUpTo(long offset) {
    return middle(current.headMap(offset, true).descendingMap().values());
  }

  private static long middle(Collection<Held> entries) {
    long[] next =
        entries.stream().limit(Neighbours.NEXT).mapToLong(Held::micros).sorted().toArray();
    return next.length == 0 ? Long.MIN_VALUE : next[(next.length - 1) / 2];
  }

  /**
   * Event time of the newest of the current connection's up to an offset, but for single ones whose
   * clock is ahead; {@link Long#MIN_VALUE} for none.
   *
   * @param allowed how much older than one before it an entry may be
   */
  public long newestUpTo(long offset, long allowed) {
    int upTo = countBetween(Long.MIN_VALUE, offset);
    long[] micros = new long[Math.min(current.size(), upTo + Neighbours.NEXT)];
    int count = 0;
    for (Held one : current.values()) {
      if (count == micros.length) {
        break;
      }
      micros[count++] = one.micros();
    }
    return Neighbours.newest(micros, upTo, allowed);
  }

  /** Those of the current connection behind an offset. */
  public Collection<Held> behind(long offset) {
    return Collections.unmodifiableCollection(current.tailMap(offset, false).values());
  }

  /** How many offsets of the current connection are above one and up to another. */
  public int countBetween(long above, long upTo) {
    if (current.isEmpty() || above >= upTo) {
      return 0;
    }
    if (current.firstKey() > above && current.lastKey() <= upTo) {
      return current.size();
    }
    return current.subMap(above, false, upTo, true).size();
  }

  /** How many offsets are not held between the first of the current connection's and this one. */
  public long holesUpTo(long offset) {
    return current.isEmpty() || offset < current.firstKey()
        ? 0
        : offset - current.firstKey() + 1 - countBetween(Long.MIN_VALUE, offset);
  }

  /** How many offsets above one and up to another no connection has brought. */
  public long unseenBetween(long above, long upTo) {
    if (current.isEmpty() || above >= upTo) {
      return 0;
    }
    long before =
        left.entries().stream()
            .mapToLong(WalEntry::sequence)
            .filter(offset -> offset > above && offset <= upTo && !current.containsKey(offset))
            .distinct()
            .count();
    return upTo - above - countBetween(above, upTo) - before;
  }

  /** Those of the current connection up to an offset. */
  public Collection<Held> upTo(long offset) {
    return current.headMap(offset, true).values();
  }

  /**
   * All that a repair up to {@code offset} produces, in the order of the leader's log as far as it
   * is known ({@link LeftEntries#inOrderWith}); nothing is removed.
   */
  public List<WalEntry> entriesUpTo(long offset) {
    List<WalEntry> entries = new ArrayList<>();
    for (Held held : upTo(offset)) {
      if (held.entry != null) {
        entries.add(held.entry);
      }
    }
    return left.inOrderWith(entries);
  }

  /** All that is held and not newer than that, in the same order. */
  public List<WalEntry> entriesNotAfter(long micros) {
    List<WalEntry> entries = entriesUpTo(Long.MAX_VALUE);
    entries.removeIf(entry -> entry.event().micros() > micros);
    return entries;
  }

  /**
   * Whether a good part of what the current connection's entries take is freed when half of them
   * are produced; most of the rest are offsets of events that have been.
   */
  public boolean hasMuchToProduce() {
    return currentBytes - (long) marks * MARK_BYTES >= bytesMax / 4;
  }

  /** What comes from now on has perhaps another numbering than what earlier connections left. */
  public void mayNumberAnew() {
    left.mayNumberAnew();
  }

  /** Forgets what earlier connections left behind and the current one's up to {@code offset}. */
  public void removeUpTo(long offset) {
    left.events().forEach(event -> ids.remove(Id.of(event)));
    left.removeIf(entry -> true);
    if (!current.isEmpty() && current.lastKey() <= offset) {
      // all of it, which may be a hundred thousand, in one step
      current.clear();
      ids.clear();
      currentBytes = 0;
      marks = 0;
      return;
    }
    while (!current.isEmpty() && current.firstKey() <= offset) {
      removeFirst();
    }
  }

  /**
   * The leader replays behind an offset, so that what earlier connections left behind has its place
   * among what the current one brings.
   *
   * @param broughtUpTo what is beyond that comes again, and is forgotten
   */
  void leftIsReplayed(long above, long broughtUpTo) {
    left.removeIf(
        entry -> {
          long offset = entry.sequence();
          if (offset <= above || current.containsKey(offset)) {
            return false;
          }
          if (offset > broughtUpTo) {
            ids.remove(Id.of(entry.event()));
          } else {
            current.put(offset, new Held(offset, entry.event().micros(), entry));
            currentBytes += size(entry);
          }
          return true;
        });
  }

  /** How many entries earlier connections left behind. */
  int leftSize() {
    return left.size();
  }

  /** Event time of the oldest of these; {@link Long#MAX_VALUE} for none. */
  long oldestLeft() {
    return left.oldest();
  }

  /** Event time of the newest of these; {@link Long#MIN_VALUE} for none. */
  long newestLeft() {
    return left.newest();
  }

  /** What earlier connections left behind. */
  public List<WalEntry> leftBehind() {
    return left.entries();
  }

  /** Entries held, marks not counted. */
  public int size() {
    return ids.size();
  }

  /** Those of the current connection. */
  int currentSize() {
    return ids.size() - left.size();
  }

  /** Whether the current connection's entries take all that they may. */
  public boolean isFull() {
    return currentBytes >= bytesMax;
  }

  /** What they take in memory. */
  long currentBytes() {
    return currentBytes;
  }

  public static long size(WalEntry entry) {
    return (long) OVERHEAD_BYTES + (entry.entryText() == null ? 0 : entry.entryText().length());
  }
}
