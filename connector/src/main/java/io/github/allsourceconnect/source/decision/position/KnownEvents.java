package io.github.allsourceconnect.source.decision.position;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The events produced most recently, by running number: a ring of their hashes and times, and a
 * table to find them. An event is known by the hash of its id and its time (rows have microseconds,
 * so a difference of one is none). The oldest are forgotten when the ring is full. Not thread-safe.
 */
final class KnownEvents {
  private static final int FIRST_CAPACITY = 4096;
  private static final short NO_TENANT = -1;
  private static final byte ONLY_ROW = 1;
  private static final byte SHORT_HASH = 2;
  private static final byte NO_TIME = 4;
  private static final int LOST_BITS = Long.SIZE - EventHash.STORED_BITS;

  /**
   * What the names of tenants may have together; of an event with a further one it is not known.
   */
  private static final int TENANT_CHARS_MAX = 4 << 20;

  private final int max;
  private long[] hashes = new long[FIRST_CAPACITY];
  private long[] micros = new long[FIRST_CAPACITY];
  private short[] tenant = new short[FIRST_CAPACITY];
  private byte[] flags = new byte[FIRST_CAPACITY];
  private int[] table = new int[FIRST_CAPACITY * 2];
  private long first;
  private long next;
  private long forgottenNewest = Long.MIN_VALUE;

  private final List<String> tenants = new ArrayList<>();
  private int tenantChars;
  private final Map<String, Short> tenantIndex = new HashMap<>();

  KnownEvents(int max) {
    this.max = Integer.highestOneBit(Math.max(max, FIRST_CAPACITY));
  }

  /** The number of the oldest one known. */
  long first() {
    return first;
  }

  /** The number that the next one will have. */
  long next() {
    return next;
  }

  long micros(long number) {
    return micros[slot(number)];
  }

  long hash(long number) {
    return hashes[slot(number)];
  }

  /** Event time of the newest one forgotten; {@link Long#MIN_VALUE} for none. */
  long forgottenNewest() {
    return forgottenNewest;
  }

  void append(long hash, long eventMicros, String tenantId) {
    append(hash, eventMicros, tenantId == null ? NO_TENANT : index(tenantId), (byte) 0);
  }

  /** One that a stored position lists. */
  void append(long hash, long eventMicros, ListedIds.Kind kind) {
    byte flag =
        switch (kind) {
          case TIMED -> SHORT_HASH;
          case TIMELESS -> NO_TIME;
        };
    append(hash, eventMicros, NO_TENANT, flag);
  }

  /** The event gets a new number. */
  void again(long number) {
    int slot = slot(number);
    append(hashes[slot], micros[slot], tenant[slot], flags[slot]);
  }

  private void append(long hash, long eventMicros, short tenantOrNone, byte flag) {
    if (next - first == hashes.length) {
      if (hashes.length < max) {
        grow();
      } else {
        forgetOldest();
      }
    }
    int slot = slot(next);
    hashes[slot] = hash;
    micros[slot] = eventMicros;
    tenant[slot] = tenantOrNone;
    flags[slot] = flag;
    next++;
    enter(slot);
  }

  /** Nothing is known any more; everything before {@code micros} counts as forgotten. */
  void forgetAll(long newestForgotten) {
    first = next;
    Arrays.fill(table, 0);
    forgottenNewest = newestForgotten;
  }

  boolean contains(long hash, long eventMicros) {
    return find(hash, eventMicros) >= 0;
  }

  /** The event added last came from a row. */
  void lastIsOnlyRow() {
    flags[slot(next - 1)] |= ONLY_ROW;
  }

  void cameLive(long hash, long eventMicros) {
    int slot = find(hash, eventMicros);
    if (slot >= 0) {
      flags[slot] &= ~ONLY_ROW;
    }
  }

  boolean isOnlyRow(long hash, long eventMicros) {
    int slot = find(hash, eventMicros);
    return slot >= 0 && (flags[slot] & ONLY_ROW) != 0;
  }

  /** Whether a stored position lists it. */
  boolean isLoaded(long hash, long eventMicros) {
    int slot = find(hash, eventMicros);
    return slot >= 0 && (flags[slot] & (SHORT_HASH | NO_TIME)) != 0;
  }

  String tenantOf(long hash, long eventMicros) {
    int slot = find(hash, eventMicros);
    return slot < 0 || tenant[slot] == NO_TENANT ? null : tenants.get(tenant[slot]);
  }

  /** How many of the last events are newer than {@code eventMicros}: looks back 4,096 places. */
  int newerThan(long eventMicros) {
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
    return (int) (n & (hashes.length - 1));
  }

  private short index(String tenantId) {
    Short known = tenantIndex.get(tenantId);
    if (known != null) {
      return known;
    }
    if (tenants.size() == Short.MAX_VALUE || tenantId.length() > TENANT_CHARS_MAX - tenantChars) {
      return NO_TENANT;
    }
    tenantChars += tenantId.length();
    short index = (short) tenants.size();
    tenants.add(tenantId);
    tenantIndex.put(tenantId, index);
    return index;
  }

  private void grow() {
    int capacity = hashes.length * 2;
    long[] newHashes = new long[capacity];
    long[] newMicros = new long[capacity];
    short[] newTenant = new short[capacity];
    byte[] newFlags = new byte[capacity];
    for (long n = first; n < next; n++) {
      int from = slot(n);
      int to = (int) (n & (capacity - 1));
      newHashes[to] = hashes[from];
      newMicros[to] = micros[from];
      newTenant[to] = tenant[from];
      newFlags[to] = flags[from];
    }
    hashes = newHashes;
    micros = newMicros;
    tenant = newTenant;
    flags = newFlags;
    table = new int[capacity * 2];
    for (long n = first; n < next; n++) {
      enter(slot(n));
    }
  }

  private void forgetOldest() {
    removeOldest();
    forgottenNewest = Math.max(forgottenNewest, micros[slot(first)]);
    first++;
  }

  // an open-addressing table of slots; an event that was produced twice stands in it twice

  /** By those bits that a stored position keeps, so that what it lists is found, too. */
  private int home(long hash) {
    return (int) (((hash >>> LOST_BITS) * 0x9E3779B97F4A7C15L) >>> 33) & (table.length - 1);
  }

  private int find(long hash, long eventMicros) {
    int at = home(hash);
    while (table[at] != 0) {
      int slot = table[at] - 1;
      if (is(slot, hash, eventMicros)) {
        return slot;
      }
      at = (at + 1) & (table.length - 1);
    }
    return -1;
  }

  private boolean is(int slot, long hash, long eventMicros) {
    long difference = hashes[slot] ^ hash;
    if ((flags[slot] & SHORT_HASH) != 0) {
      difference >>>= LOST_BITS;
    }
    if (difference != 0) {
      return false;
    }
    long apart = micros[slot] - eventMicros;
    return (apart >= -1 && apart <= 1) || (flags[slot] & NO_TIME) != 0;
  }

  private void enter(int slot) {
    int at = home(hashes[slot]);
    while (table[at] != 0) {
      at = (at + 1) & (table.length - 1);
    }
    table[at] = slot + 1;
  }

  /** It stands at its home: whoever found that taken came later. */
  private void removeOldest() {
    int mask = table.length - 1;
    int hole = home(hashes[slot(first)]);
    int look = (hole + 1) & mask;
    while (table[look] != 0) {
      int home = home(hashes[table[look] - 1]);
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
