package io.github.allsourceconnect.snapshot;

import java.util.Arrays;

/**
 * The ids of the rows of one microsecond: mostly one or two, at most a million; beyond that
 * repeated ones are no longer noticed. A hash table of pairs; (0, 0) marks a free place and is kept
 * apart.
 */
final class SameTimeIds {
  private static final int MAX_IDS = 1 << 20;
  private static final int SMALL = 16;

  private long[] table = new long[2 * SMALL];
  private int size;
  private boolean hasZero;

  void clear() {
    if (size == 0 && !hasZero) {
      return;
    }
    if (table.length > 2 * SMALL) {
      table = new long[2 * SMALL];
    } else {
      Arrays.fill(table, 0);
    }
    size = 0;
    hasZero = false;
  }

  /** False if it is there already. */
  boolean add(long high, long low) {
    if (high == 0 && low == 0) {
      boolean added = !hasZero;
      hasZero = true;
      return added;
    }
    int at = place(table, high, low);
    if (table[at] != 0 || table[at + 1] != 0) {
      return false;
    }
    if (size == MAX_IDS) {
      return true;
    }
    table[at] = high;
    table[at + 1] = low;
    size++;
    if (4 * size > table.length) {
      grow();
    }
    return true;
  }

  private void grow() {
    long[] larger = new long[2 * table.length];
    for (int i = 0; i < table.length; i += 2) {
      if (table[i] != 0 || table[i + 1] != 0) {
        int at = place(larger, table[i], table[i + 1]);
        larger[at] = table[i];
        larger[at + 1] = table[i + 1];
      }
    }
    table = larger;
  }

  /** Where the id stands, or the free place where it belongs. */
  private static int place(long[] table, long high, long low) {
    int mask = table.length / 2 - 1;
    long hash = (high ^ (low * 0x9E3779B97F4A7C15L)) * 0xC2B2AE3D27D4EB4FL;
    int at = (int) (hash >>> 32) & mask;
    while (true) {
      long h = table[2 * at];
      long l = table[2 * at + 1];
      if ((h == high && l == low) || (h == 0 && l == 0)) {
        return 2 * at;
      }
      at = (at + 1) & mask;
    }
  }
}
