package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.decision.HistoryCoverage.Hole;
import io.github.allsourceconnect.sink.decision.HistoryPlace;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.decision.LogTrust;
import io.github.allsourceconnect.sink.history.EarlierLog;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeMap;

/**
 * The kept history, as the real decisions place it. It remembers what was ever written to it, so
 * that whatever vanishes without damage is seen.
 */
public final class HistoryModel {
  private final TreeMap<Long, Long> rows = new TreeMap<>();
  private final TreeMap<Long, Long> undamaged = new TreeMap<>();
  private final List<Hole> holes = new ArrayList<>();
  private long after = -1;
  private long upTo = -1;
  private boolean broken;

  /** Which log it is the history of; null while it has not begun. */
  private LogIdentity of;

  private EarlierLog earlier;

  /** What it covers. */
  public HistoryCoverage coverage() {
    return new HistoryCoverage(after, upTo, holes);
  }

  /** Which log it is the history of; null while it has not begun. */
  LogIdentity of() {
    return of;
  }

  boolean isBroken() {
    return broken;
  }

  /** Its task has failed, saying so, until somebody removes it. */
  void breakDown() {
    broken = true;
  }

  boolean isOf(LogIdentity log) {
    return of == null || of.equals(log);
  }

  /**
   * A task opens it to write the history of a log. If it is that of another one, it is set aside.
   *
   * @return the log of before, while nothing else tells of it; null for none
   */
  EarlierLog belongTo(LogIdentity log) {
    if (!isOf(log) && !broken) {
      EarlierLog before = new EarlierLog(of, upTo + LogTrust.MARGIN);
      remove();
      earlier = before;
    }
    return earlier;
  }

  EarlierLog earlier() {
    return earlier;
  }

  /** What is committed tells of it. */
  void forgetEarlier() {
    earlier = null;
  }

  /** The writer goes on there, in the history of that log. */
  void go(HistoryPlace place, LogIdentity log) {
    of = log;
    if (place instanceof HistoryPlace.Begin begin) {
      rows.clear();
      holes.clear();
      after = begin.after();
      upTo = begin.after();
    } else if (place instanceof HistoryPlace.GoOn on) {
      holes.removeIf(hole -> hole.after() >= on.above());
      upTo = on.above();
    } else if (place instanceof HistoryPlace.Lost lost) {
      holes.add(lost.hole());
      upTo = lost.hole().upTo();
    } else {
      broken = true;
    }
  }

  void add(long walOffset, long content) {
    rows.put(walOffset, content);
    undamaged.put(walOffset, content);
  }

  void reach(long walOffset) {
    upTo = walOffset;
  }

  /** A file is damaged, from a WAL offset on. */
  void damage(long from, int offsets) {
    if (from < after || from >= upTo) {
      return;
    }
    long end = Math.min(upTo, from + offsets);
    for (Hole hole : holes) {
      if (hole.after() <= from && from < hole.upTo()) {
        return;
      }
      if (hole.after() > from) {
        end = Math.min(end, hole.after());
      }
    }
    holes.add(new Hole(from, end, "damaged"));
    holes.sort(Comparator.comparingLong(Hole::after));
    rows.subMap(from, false, end, true).clear();
    undamaged.subMap(from, false, end, true).clear();
  }

  /** A row that is gone although nothing damaged it; -1 when there is none. */
  long vanished() {
    if (rows.size() >= undamaged.size()) {
      return -1;
    }
    return undamaged.keySet().stream().filter(row -> !rows.containsKey(row)).findFirst().get();
  }

  /** Somebody removes it. */
  void remove() {
    rows.clear();
    undamaged.clear();
    holes.clear();
    broken = false;
    of = null;
    earlier = null;
    after = -1;
    upTo = -1;
  }

  /** The rows above a WAL offset, up to another. */
  TreeMap<Long, Long> rows(long above, long end) {
    return end <= above ? new TreeMap<>() : new TreeMap<>(rows.subMap(above, false, end, true));
  }

  /** How many of the offsets above one, up to another, are known to be gone. */
  static long lacked(HistoryCoverage coverage, long above, long end) {
    return coverage.lackedAbove(above).stream()
        .mapToLong(hole -> Math.max(0, Math.min(end, hole.upTo()) - hole.after()))
        .sum();
  }
}
