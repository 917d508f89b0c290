package io.github.allsourceconnect.sink.decision;

import io.github.allsourceconnect.sink.decision.HistoryCoverage.Hole;

/**
 * Where the writer of a history goes on, given what is kept and what the log still has. Nothing
 * that is kept is ever given up for it: what neither has is a hole. Pure.
 */
public sealed interface HistoryPlace {
  /** Nothing was kept yet: it begins above this WAL offset. */
  record Begin(long after) implements HistoryPlace {}

  /**
   * It goes on above this WAL offset. That may be below what is kept: files at the end can't be
   * read, and the log still has what they held.
   */
  record GoOn(long above) implements HistoryPlace {}

  /** The log no longer has what comes next; it goes on where the hole ends. */
  record Lost(Hole hole) implements HistoryPlace {}

  /** What is kept is not of this log. */
  record AnotherLog(String why) implements HistoryPlace {}

  /**
   * Decides.
   *
   * @param logBegin the first Kafka offset that the log has
   * @param logEnd the one that comes next
   */
  static HistoryPlace of(HistoryCoverage kept, long logBegin, long logEnd) {
    if (!kept.begun()) {
      return new Begin(logBegin);
    }
    if (kept.upTo() > logEnd) {
      return new AnotherLog(
          "it reaches to WAL offset " + kept.upTo() + " but the log ends at " + logEnd);
    }
    if (kept.upTo() < logBegin) {
      return new Lost(
          new Hole(
              kept.upTo(), logBegin, "the log lost them before they were written to the history"));
    }
    long above = kept.upTo();
    for (int i = kept.holes().size() - 1; i >= 0; i--) {
      Hole hole = kept.holes().get(i);
      if (hole.upTo() != above || hole.after() < logBegin) {
        break;
      }
      above = hole.after();
    }
    return new GoOn(above);
  }
}
