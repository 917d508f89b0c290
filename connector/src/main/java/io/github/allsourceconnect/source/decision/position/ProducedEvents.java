package io.github.allsourceconnect.source.decision.position;

import io.github.allsourceconnect.protocol.WalEntry;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The events produced most recently, in the order of production: what the position is made of.
 *
 * <p>Two horizons. The <em>listed</em> events go into the position; everything of the leader older
 * than {@link #watermark()} has been produced, and of what is at or after it exactly the listed
 * ones. The <em>known</em> events, many more, are only in memory; the same holds for {@link
 * #knownWatermark()} and them. An event leaves the list when the list is longer than its floor and
 * the event is older than the newest by more than the allowed lateness. Not thread-safe.
 */
public class ProducedEvents {
  /** How many ids the list keeps at least, if so many were produced. */
  public static final int LIST_FLOOR = 1024;

  /** How many ids the list may have: 16 bytes each, in an offset that Kafka must accept. */
  public static final int LIST_MAX = 24_000;

  /** How many events are known in memory. */
  public static final int KNOWN_MAX = 1 << 20;

  private static final int FIRST_CAPACITY = 4096;
  private static final short NO_TENANT = -1;

  private final int listFloor;
  private final int listMax;
  private final int knownMax;
  private long[] high = new long[FIRST_CAPACITY];
  private long[] low = new long[FIRST_CAPACITY];
  private long[] micros = new long[FIRST_CAPACITY];
  private short[] tenant = new short[FIRST_CAPACITY];
  private boolean[] onlyRow = new boolean[FIRST_CAPACITY];
  private int[] table = new int[FIRST_CAPACITY * 2];

  /** Running numbers of events: known is [first, next), listed is [listed, next). */
  private long first;

  private long listed;
  private long next;

  private long newest = Long.MIN_VALUE;
  private long unlistedNewest = Long.MIN_VALUE;
  private long unknownNewest = Long.MIN_VALUE;
  private boolean begun;
  private long listsCut;

  private final List<String> tenants = new ArrayList<>();
  private final Map<String, Short> tenantIndex = new HashMap<>();

  public ProducedEvents(int listFloor, int listMax, int knownMax) {
    this.listFloor = listFloor;
    this.listMax = listMax;
    this.knownMax = Integer.highestOneBit(Math.max(knownMax, FIRST_CAPACITY));
  }

  /**
   * Begins with what a position lists. The times of the single events are not stored; each counts
   * as being as new as the newest, so that none leaves the list too early.
   */
  public void load(long watermarkMicros, long newestMicros, long[] ids) {
    if (watermarkMicros == Long.MIN_VALUE) {
      return;
    }
    startAt(watermarkMicros);
    for (int i = 0; i < ids.length; i += 2) {
      append(ids[i], ids[i + 1], newestMicros, NO_TENANT);
    }
  }

  /** Everything older than {@code watermarkMicros} counts as produced. */
  public void startAt(long watermarkMicros) {
    unlistedNewest = watermarkMicros - 1;
    unknownNewest = watermarkMicros - 1;
    newest = Math.max(newest, watermarkMicros);
    begun = true;
  }

  /** As if nothing had ever been produced. */
  public void forgetAll() {
    first = next;
    listed = next;
    Arrays.fill(table, 0);
    newest = Long.MIN_VALUE;
    unlistedNewest = Long.MIN_VALUE;
    unknownNewest = Long.MIN_VALUE;
    begun = false;
  }

  /** An event has been produced. */
  public void add(
      long idHigh, long idLow, long eventMicros, String tenantId, long allowedLateness) {
    append(idHigh, idLow, eventMicros, tenantId == null ? NO_TENANT : index(tenantId));
    begun = true;
    long old = newest - allowedLateness;
    while (next - listed > listFloor && (micros[slot(listed)] < old || next - listed > listMax)) {
      long leaving = micros[slot(listed)];
      if (leaving >= old) {
        listsCut++;
      }
      unlistedNewest = Math.max(unlistedNewest, leaving);
      listed++;
    }
  }

  private void append(long idHigh, long idLow, long eventMicros, short tenantOrNone) {
    if (next - first == high.length) {
      if (high.length < knownMax) {
        grow();
      } else {
        forgetOldest();
      }
    }
    int slot = slot(next);
    high[slot] = idHigh;
    low[slot] = idLow;
    micros[slot] = eventMicros;
    tenant[slot] = tenantOrNone;
    onlyRow[slot] = false;
    next++;
    enter(slot);
    newest = Math.max(newest, eventMicros);
  }

  /** Whether the event is one of the known. */
  public boolean contains(long idHigh, long idLow) {
    return find(idHigh, idLow) >= 0;
  }

  public boolean contains(WalEntry entry) {
    return contains(entry.event().idHigh(), entry.event().idLow());
  }

  /** The event just added came from a row. */
  public void lastIsOnlyRow() {
    onlyRow[slot(next - 1)] = true;
  }

  /** The live stream has brought an event that is known. */
  public void cameLive(long idHigh, long idLow) {
    int slot = find(idHigh, idLow);
    if (slot >= 0) {
      onlyRow[slot] = false;
    }
  }

  /** Whether the event was produced from a row and no live entry has brought it. */
  public boolean isOnlyRow(long idHigh, long idLow) {
    int slot = find(idHigh, idLow);
    return slot >= 0 && onlyRow[slot];
  }

  /** The tenant of a known event, or null. */
  public String tenantOf(long idHigh, long idLow) {
    int slot = find(idHigh, idLow);
    return slot < 0 || tenant[slot] == NO_TENANT ? null : tenants.get(tenant[slot]);
  }

  /** Of the events at or after this time exactly the listed ones have been produced. */
  public long watermark() {
    return begun ? unlistedNewest + 1 : Long.MIN_VALUE;
  }

  /** Of the events at or after this time exactly the known ones have been produced. */
  public long knownWatermark() {
    return begun ? unknownNewest + 1 : Long.MIN_VALUE;
  }

  /** Event time of the newest. */
  public long newest() {
    return newest;
  }

  /** How often an event had to leave the list too early because the list was full. */
  public long listsCut() {
    return listsCut;
  }

  /** The listed ids, pairs of halves. */
  public long[] listedIds() {
    long[] ids = new long[(int) (next - listed) * 2];
    int i = 0;
    for (long n = listed; n < next; n++) {
      ids[i++] = high[slot(n)];
      ids[i++] = low[slot(n)];
    }
    return ids;
  }

  /** How many of the last events are newer than {@code eventMicros}: looks back 4,096 places. */
  public int newerThan(long eventMicros) {
    int places = 0;
    long last = Math.max(first, next - 4096);
    for (long n = next - 1; n >= last; n--) {
      if (micros[slot(n)] > eventMicros) {
        places = (int) (next - n);
      } else if (next - n > places + 256L) {
        break;
      }
    }
    return places;
  }

  private int slot(long n) {
    return (int) (n & (high.length - 1));
  }

  private short index(String tenantId) {
    Short known = tenantIndex.get(tenantId);
    if (known != null) {
      return known;
    }
    if (tenants.size() == Short.MAX_VALUE) {
      return NO_TENANT;
    }
    short index = (short) tenants.size();
    tenants.add(tenantId);
    tenantIndex.put(tenantId, index);
    return index;
  }

  private void grow() {
    int capacity = high.length * 2;
    long[] newHigh = new long[capacity];
    long[] newLow = new long[capacity];
    long[] newMicros = new long[capacity];
    short[] newTenant = new short[capacity];
    boolean[] newOnlyRow = new boolean[capacity];
    for (long n = first; n < next; n++) {
      int from = slot(n);
      int to = (int) (n & (capacity - 1));
      newHigh[to] = high[from];
      newLow[to] = low[from];
      newMicros[to] = micros[from];
      newTenant[to] = tenant[from];
      newOnlyRow[to] = onlyRow[from];
    }
    high = newHigh;
    low = newLow;
    micros = newMicros;
    tenant = newTenant;
    onlyRow = newOnlyRow;
    table = new int[capacity * 2];
    for (long n = first; n < next; n++) {
      enter(slot(n));
    }
  }

  private void forgetOldest() {
    int slot = slot(first);
    remove(slot);
    unknownNewest = Math.max(unknownNewest, micros[slot]);
    first++;
    listed = Math.max(listed, first);
  }

  // an open-addressing table of slots; an id that was produced twice stands in it twice

  private int home(long idHigh, long idLow) {
    long mixed = (idHigh ^ Long.rotateLeft(idLow, 29)) * 0x9E3779B97F4A7C15L;
    return (int) (mixed >>> 33) & (table.length - 1);
  }

  private int find(long idHigh, long idLow) {
    int at = home(idHigh, idLow);
    while (table[at] != 0) {
      int slot = table[at] - 1;
      if (high[slot] == idHigh && low[slot] == idLow) {
        return slot;
      }
      at = (at + 1) & (table.length - 1);
    }
    return -1;
  }

  private void enter(int slot) {
    int at = home(high[slot], low[slot]);
    while (table[at] != 0) {
      at = (at + 1) & (table.length - 1);
    }
    table[at] = slot + 1;
  }

  private void remove(int slot) {
    int mask = table.length - 1;
    int at = home(high[slot], low[slot]);
    while (table[at] != slot + 1) {
      at = (at + 1) & mask;
    }
    int hole = at;
    int look = (at + 1) & mask;
    while (table[look] != 0) {
      int other = table[look] - 1;
      int home = home(high[other], low[other]);
      // may the entry move into the hole without leaving its probe sequence?
      if (((look - home) & mask) >= ((look - hole) & mask)) {
        table[hole] = table[look];
        hole = look;
      }
      look = (look + 1) & mask;
    }
    table[hole] = 0;
  }
}
