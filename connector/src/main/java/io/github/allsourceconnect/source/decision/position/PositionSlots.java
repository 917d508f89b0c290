package io.github.allsourceconnect.source.decision.position;

import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Where positions are stored: in one slot, or in up to {@link #MAX} of which each position rewrites
 * one. A slot holds the events produced since it was begun; it is needed until the last of them has
 * left the list, and may then be begun anew.
 *
 * <pre>
 *   produced  ... 41 42 | 43 ... 90 | 91 ... 140 | 141 ... 163
 *                          slot 2      slot 0       slot 1: the current one
 *                       ^ the list begins here
 * </pre>
 *
 * <p>Invariant: each listed event is in the current slot, or in one that the position names. Not
 * thread-safe.
 */
public class PositionSlots {
  /** How many there may be. */
  public static final int MAX = 64;

  /** How many events of one slot are listed at most. */
  public static final int IDS_MAX = 400;

  /**
   * How many times as many where there is one slot alone: without exactly-once, and before the
   * first position is seen to be stored. What is not listed there might come twice.
   */
  private static final int ALONE = 40;

  /** From how many on another slot is begun. */
  public static final int IDS_ENOUGH = 64;

  private static final int SLOTS_USUAL = 16;

  private final int idsEnough;
  private final int idsMax;
  private final long[] end = new long[MAX];
  private final long[] stored = new long[MAX];
  private boolean several;
  private int current;
  private long from;

  /**
   * @param idsEnough from how many listed events of one slot on another one is begun
   * @param idsMax how many events of one slot are listed at most
   */
  public PositionSlots(int idsEnough, int idsMax) {
    this.idsEnough = idsEnough;
    this.idsMax = idsMax;
  }

  /**
   * Goes on behind stored ones.
   *
   * @param inUse they are needed while events before {@code next} are listed
   * @return whether there is one that is not in use
   */
  boolean load(SortedMap<Integer, Long> inUse, long next) {
    inUse.forEach(
        (slot, number) -> {
          end[slot] = next;
          stored[slot] = number;
        });
    from = next;
    current = 0;
    while (current < MAX - 1 && inUse.containsKey(current)) {
      current++;
    }
    return !inUse.containsKey(current);
  }

  /** From now on positions may be stored in several: what is stored together is seen together. */
  void useSeveral() {
    several = true;
  }

  /** The slot that the next position is for. */
  int current() {
    return current;
  }

  /** The number of the first event that the current one holds. */
  long from(long listed) {
    return Math.max(from, listed);
  }

  /** Whether the current one has no room for another event, so that the position must be taken. */
  boolean isFull(long listed, long next) {
    return several && next > end[current] && next - from(listed) >= idsMax - Front.AHEAD_MAX;
  }

  /** Whether the current one would have to hold more than it may. */
  boolean isTooFull(long listed, long next) {
    return next - from(listed) > (several ? (long) idsMax : (long) idsMax * ALONE);
  }

  /** The others that are needed, and the numbers of the positions stored in them. */
  SortedMap<Integer, Long> others(long listed) {
    SortedMap<Integer, Long> others = new TreeMap<>();
    for (int i = 0; i < MAX; i++) {
      if (i != current && isNeeded(i, listed)) {
        others.put(i, stored[i]);
      }
    }
    return others;
  }

  /** Whether an event from the number {@code listed} on is in it. */
  public boolean isNeeded(int slot, long listed) {
    return end[slot] > listed;
  }

  /**
   * A position with everything before {@code next} is stored in the current one; if that has
   * enough, another one is begun.
   *
   * @return from which event on the list must begin: later than {@code listed} only when there is
   *     no other slot left
   */
  long taken(long number, long listed, long next) {
    stored[current] = number;
    end[current] = next;
    long enough =
        Math.max(idsEnough, Math.min(idsMax - Front.AHEAD_MAX, (next - listed) / SLOTS_USUAL));
    if (!several || next - from(listed) < enough) {
      return listed;
    }
    int oldest = current == 0 ? 1 : 0;
    for (int i = 0; i < MAX; i++) {
      if (i != current && !isNeeded(i, listed)) {
        begin(i, next);
        return listed;
      }
      if (i != current && end[i] < end[oldest]) {
        oldest = i;
      }
    }
    if (next - from(listed) < idsMax - Front.AHEAD_MAX) {
      return listed;
    }
    begin(oldest, next);
    return end[oldest];
  }

  private void begin(int slot, long next) {
    current = slot;
    from = next;
  }
}
