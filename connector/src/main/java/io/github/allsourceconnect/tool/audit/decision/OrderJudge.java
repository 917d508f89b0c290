package io.github.allsourceconnect.tool.audit.decision;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Judges whether each entity's events stand in a partition in the store's order. It is given the
 * events of one entity and partition after those of another, in the order of their offsets, with
 * the store's time and version.
 *
 * <p>The order is that of time. For two events that are close in time (a second) what is known
 * better decides: the WAL offset, where both are known; then the version, where the store counts
 * it. Where neither is, they may stand as in their file, and those of less than the race time
 * either way. Two that stand in the order of their times and against that of their versions raced,
 * too: behind a pause versions may begin lower, so that the source goes by time there.
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

  private final long raceMicros;
  private final Findings findings;
  private final List<Fingerprint> window = new ArrayList<>();
  private Fingerprint keptBefore;

  /**
   * @param raceMicros how close in time two events may stand either way
   */
  public OrderJudge(long raceMicros, Findings findings) {
    this.raceMicros = raceMicros;
    this.findings = findings;
  }

  /** The next one. */
  public void next(Fingerprint event) {
    if (event.fate() == Fingerprint.REPAIRED) {
      findings.found(Kind.REPAIRED, event, event, Set.of());
      return;
    }
    if (!window.isEmpty() && !sameOrder(window.get(0), event)) {
      judge();
      keptBefore = null;
    } else if (window.size() == WINDOW) {
      judge();
    }
    window.add(event);
  }

  /** There are no more. */
  public void end() {
    judge();
    keptBefore = null;
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
      } else if (last == null || event.micros() >= last.micros()) {
        last = event;
      }
      if (kind != null) {
        findings.found(kind, event, event, Set.of());
      }
    }
    keptBefore = last;
    window.clear();
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
