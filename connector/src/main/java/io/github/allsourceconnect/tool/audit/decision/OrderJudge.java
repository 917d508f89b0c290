package io.github.allsourceconnect.tool.audit.decision;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.LongPredicate;

/**
 * Judges whether each entity's events stand in a partition in the store's order. It is given the
 * events of one entity and partition after those of another, in the order of their offsets, with
 * the store's time and version.
 *
 * <p>The order is that of time. For two events that are close in time (a second) what is known
 * better decides: the WAL offset, where both are known; then the version, where the store counts
 * it. Where neither is, they may stand as in their file, and those of less than the race time
 * either way. Two that stand in the order of their times and against that of their versions raced,
 * too, for behind a crash versions begin lower; unless the later one's version fills a hole: none
 * of its entity within the second before it has that version, and one has a lower one. Before a
 * crash an entity's versions have no hole, so it was written late. That is only told where all
 * events of the entity are known here.
 *
 * <p>Of what stands the wrong way round the least number of events is blamed: those that are in no
 * longest rising sequence of times. That is worked out for {@value #WINDOW} events at a time; what
 * was moved further than that is found, too, but may be counted with its neighbours.
 *
 * <p>Not thread-safe.
 */
public final class OrderJudge {
  static final int WINDOW = 1 << 16;
  private static final long CLOSE_MICROS = 1_000_000;

  /** How many events before one are looked at for the hole that its version fills. */
  private static final int LOOK_BACK = 20_000;

  private final long raceMicros;
  private final Findings findings;
  private final LongPredicate partial;
  private final List<Fingerprint> window = new ArrayList<>();

  /** What is out of order if its entity turns out to be in one partition, and raced otherwise. */
  private final List<Fingerprint> fillers = new ArrayList<>();

  private Fingerprint keptBefore;
  private boolean begunBefore;
  private boolean anotherPartition;

  /**
   * @param raceMicros how close in time two events may stand either way
   * @param partial whether an event of an entity, of which the digest is given, is not among those
   *     that are judged
   */
  public OrderJudge(long raceMicros, Findings findings, LongPredicate partial) {
    this.raceMicros = raceMicros;
    this.findings = findings;
    this.partial = partial;
  }

  /** The next one. */
  public void next(Fingerprint event) {
    if (event.fate() == Fingerprint.REPAIRED) {
      findings.found(Kind.REPAIRED, event, event, Set.of());
      return;
    }
    if (!window.isEmpty() && !sameOrder(window.get(0), event)) {
      boolean sameEntity = window.get(0).entity() == event.entity();
      judge();
      keptBefore = null;
      begunBefore = false;
      anotherPartition |= sameEntity;
      if (!sameEntity) {
        endOfEntity();
      }
    } else if (window.size() == WINDOW) {
      judge();
      begunBefore = true;
    }
    window.add(event);
  }

  /** There are no more. */
  public void end() {
    judge();
    keptBefore = null;
    begunBefore = false;
    endOfEntity();
  }

  private void endOfEntity() {
    tellFillers();
    anotherPartition = false;
  }

  private void tellFillers() {
    Kind kind = anotherPartition ? Kind.RACED : Kind.OUT_OF_ORDER;
    fillers.forEach(event -> findings.found(kind, event, event, Set.of()));
    fillers.clear();
  }

  private static boolean sameOrder(Fingerprint one, Fingerprint other) {
    return one.entity() == other.entity() && one.source() == other.source();
  }

  private void judge() {
    int size = window.size();
    boolean[] kept = kept();
    Fingerprint[] earliestAfter = new Fingerprint[size + 1];
    for (int i = size - 1; i >= 0; i--) {
      Fingerprint after = earliestAfter[i + 1];
      boolean earlier = after == null || window.get(i).micros() <= after.micros();
      earliestAfter[i] = kept[i] && earlier ? window.get(i) : after;
    }
    Fingerprint last = keptBefore;
    for (int i = 0; i < size; i++) {
      Fingerprint event = window.get(i);
      Kind kind = pair(last, event);
      if (!kept[i]) {
        kind = worse(kind, pair(event, earliestAfter[i + 1]));
      }
      if (kind == Kind.RACED && last != null && last.micros() <= event.micros() && fillsHole(i)) {
        // the next one is held against what this one should have stood before
        fillers.add(event);
        if (fillers.size() == WINDOW) {
          tellFillers();
        }
        continue;
      }
      if (kept[i] && (last == null || event.micros() >= last.micros())) {
        last = event;
      }
      if (kind != null) {
        findings.found(kind, event, event, Set.of());
      }
    }
    keptBefore = last;
    window.clear();
  }

  /** Whether the versions before an event have a hole that its own fills. */
  private boolean fillsHole(int at) {
    Fingerprint event = window.get(at);
    if (partial.test(event.entity())) {
      return false;
    }
    boolean lower = false;
    int least = Math.max(0, at - LOOK_BACK);
    for (int i = at - 1; i >= least; i--) {
      Fingerprint before = window.get(i);
      if (before.micros() < event.micros() - CLOSE_MICROS) {
        return lower;
      }
      if (before.version() == event.version()) {
        return false;
      }
      lower |= before.version() < event.version();
    }
    // what is not looked at might have its version
    return lower && least == 0 && !begunBefore;
  }

  private static Kind worse(Kind one, Kind other) {
    return one == Kind.OUT_OF_ORDER || other == null ? one : other;
  }

  /** What is wrong with one standing before another; null for nothing. */
  private Kind pair(Fingerprint before, Fingerprint after) {
    if (before == null || after == null) {
      return null;
    }
    long ahead = before.micros() - after.micros();
    if (ahead > CLOSE_MICROS) {
      return Kind.OUT_OF_ORDER;
    }
    if (ahead >= -CLOSE_MICROS) {
      if (before.walOffset() > 0 && after.walOffset() > 0) {
        return before.walOffset() > after.walOffset() ? Kind.OUT_OF_ORDER : null;
      }
      if (before.version() != after.version()) {
        boolean falls = before.version() > after.version();
        return !falls ? null : ahead > 0 ? Kind.OUT_OF_ORDER : Kind.RACED;
      }
    }
    if (ahead <= 0) {
      return null;
    }
    boolean asInFile =
        ahead <= CLOSE_MICROS
            && before.storeFile() == after.storeFile()
            && before.storePlace() < after.storePlace();
    return asInFile || ahead <= raceMicros ? Kind.RACED : Kind.OUT_OF_ORDER;
  }

  /** Which ones are in a longest sequence of times that do not fall. */
  private boolean[] kept() {
    int size = window.size();
    boolean[] kept = new boolean[size];
    int[] ends = new int[size];
    int[] before = new int[size];
    int length = 0;
    for (int i = 0; i < size; i++) {
      int low = 0;
      int high = length;
      while (low < high) {
        int middle = (low + high) >>> 1;
        if (window.get(ends[middle]).micros() <= window.get(i).micros()) {
          low = middle + 1;
        } else {
          high = middle;
        }
      }
      before[i] = low == 0 ? -1 : ends[low - 1];
      ends[low] = i;
      length = Math.max(length, low + 1);
    }
    for (int i = length == 0 ? -1 : ends[length - 1]; i >= 0; i = before[i]) {
      kept[i] = true;
    }
    return kept;
  }
}
