package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/**
 * Brings the rows of a snapshot and the entries held behind a gap into one order: by time, and for
 * events of one entity that are close in time by what is known better: entries among each other as
 * they came, by {@code version} where the store counts it, and otherwise as they stand in their
 * file.
 *
 * <p>A window of the race time: when the oldest place leaves it, the event to be produced is the
 * first of that place's entity. Not thread-safe.
 */
final class EntityOrder {
  /** Either an entry or a row. */
  record Item(Event event, int arrival, WalEntry entry, SnapshotRow row) {}

  private static final int PLACES_MAX = 20_000;

  private final long raceMicros;
  private final Consumer<Item> out;
  private final ArrayDeque<Item> entries = new ArrayDeque<>();
  private final ArrayDeque<Item> places = new ArrayDeque<>();
  private final Map<String, List<Item>> byEntity = new HashMap<>();
  private boolean versionsCount;

  EntityOrder(List<WalEntry> held, long raceMicros, boolean versionsCount, Consumer<Item> out) {
    this.raceMicros = raceMicros;
    this.versionsCount = versionsCount;
    this.out = out;
    List<Item> items = new ArrayList<>(held.size());
    for (WalEntry entry : held) {
      items.add(new Item(entry.event(), items.size(), entry, null));
    }
    items.sort(Comparator.comparingLong(item -> item.event.micros()));
    entries.addAll(items);
  }

  /** There will be no rows: the entries come as they came. */
  void byArrival() {
    List<Item> all = new ArrayList<>(entries);
    all.sort(Comparator.comparingInt(Item::arrival));
    entries.clear();
    all.forEach(out);
  }

  /** The next row; rows come in time order. */
  void add(SnapshotRow row) {
    entriesUntil(row.event().micros());
    place(new Item(row.event(), -1, null, row));
  }

  /** No more rows. */
  void end() {
    entriesUntil(Long.MAX_VALUE);
    while (!places.isEmpty()) {
      leave();
    }
  }

  private void entriesUntil(long micros) {
    while (!entries.isEmpty() && entries.peek().event.micros() <= micros) {
      place(entries.poll());
    }
  }

  private void place(Item item) {
    versionsCount |= item.event.version() > 1;
    places.add(item);
    List<Item> same = byEntity.computeIfAbsent(item.event.entityId(), id -> new ArrayList<>(2));
    int at = same.size();
    while (at > 0 && precedes(item, same.get(at - 1))) {
      at--;
    }
    same.add(at, item);
    while (places.size() > PLACES_MAX
        || item.event.micros() - places.peek().event.micros() > raceMicros) {
      leave();
    }
  }

  private void leave() {
    String entity = places.poll().event.entityId();
    List<Item> same = byEntity.get(entity);
    Item first = same.remove(0);
    if (same.isEmpty()) {
      byEntity.remove(entity);
    }
    out.accept(first);
  }

  /** A leader that does not count versions writes its files nearly in the order of its log. */
  private static boolean haveFileOrder(SnapshotRow a, SnapshotRow b) {
    return a != null && b != null && a.file() == b.file() && a.row() > 0 && b.row() > 0;
  }

  private boolean precedes(Item a, Item b) {
    if (a.entry != null && b.entry != null) {
      return a.arrival < b.arrival;
    }
    long apart = Math.abs(a.event.micros() - b.event.micros());
    if (versionsCount && apart <= raceMicros && a.event.version() != b.event.version()) {
      return a.event.version() < b.event.version();
    }
    if (!versionsCount && apart <= raceMicros && haveFileOrder(a.row, b.row)) {
      return a.row.row() < b.row.row();
    }
    return a.event.micros() < b.event.micros();
  }
}
