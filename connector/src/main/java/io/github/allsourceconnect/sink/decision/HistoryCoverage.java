package io.github.allsourceconnect.sink.decision;

import java.util.ArrayList;
import java.util.List;

/**
 * Which entries of the log the history holds: those with {@code after < WAL offset <= upTo}, but
 * for those in holes. Immutable.
 *
 * @param after exclusive; -1 when the history has not begun
 * @param upTo inclusive; equal to {@code after} when nothing is kept
 * @param holes what the log had in between and the history has not, in the order of the log
 */
public record HistoryCoverage(long after, long upTo, List<Hole> holes) {
  /** Nothing is kept and it is not said where the history begins. */
  public static final HistoryCoverage NONE = new HistoryCoverage(-1, -1);

  /**
   * Entries that are gone: those with {@code after < WAL offset <= upTo}.
   *
   * @param why in words, for whoever looks for them
   */
  public record Hole(long after, long upTo, String why) {
    public Hole {
      if (after < 0 || upTo <= after) {
        throw new IllegalArgumentException("a hole from " + after + " to " + upTo);
      }
    }

    /** How many offsets. */
    public long offsets() {
      return upTo - after;
    }

    @Override
    public String toString() {
      return "WAL offsets " + (after + 1) + " to " + upTo + " (" + why + ")";
    }
  }

  public HistoryCoverage {
    holes = List.copyOf(holes);
    if (after < -1 || upTo < after || (after < 0 && upTo >= 0)) {
      throw new IllegalArgumentException("a history from " + after + " to " + upTo);
    }
    long reached = after;
    for (Hole hole : holes) {
      if (hole.after() < reached || hole.upTo() > upTo) {
        throw new IllegalArgumentException(hole + " is not where it could be");
      }
      reached = hole.upTo();
    }
  }

  /** A history without holes. */
  public HistoryCoverage(long after, long upTo) {
    this(after, upTo, List.of());
  }

  /** Whether it is known where it begins. */
  public boolean begun() {
    return after >= 0;
  }

  /** Whether there is nothing in it. */
  public boolean isEmpty() {
    return upTo - Math.max(0, after) <= missing();
  }

  /** How many offsets are in holes. */
  public long missing() {
    return holes.stream().mapToLong(Hole::offsets).sum();
  }

  /**
   * What a follower that has everything up to a WAL offset lacks and is not given by the history up
   * to its end, in the order of the log: what lay before it began, and holes.
   */
  public List<Hole> lackedAbove(long offset) {
    List<Hole> lacked = new ArrayList<>();
    if (offset < after) {
      lacked.add(new Hole(offset, after, "before the history begins"));
    }
    for (Hole hole : holes) {
      if (hole.upTo() > offset) {
        lacked.add(new Hole(Math.max(offset, hole.after()), hole.upTo(), hole.why()));
      }
    }
    return lacked;
  }

  /** {@link #lackedAbove} in words, with no more than a few ranges named; empty for nothing. */
  public String lackedInWords(long offset) {
    List<Hole> lacked = lackedAbove(offset);
    StringBuilder words = new StringBuilder();
    for (Hole hole : lacked.subList(0, Math.min(3, lacked.size()))) {
      words.append(words.isEmpty() ? "" : ", ").append(hole);
    }
    if (lacked.size() > 3) {
      words
          .append(" and ")
          .append(lacked.size() - 3)
          .append(" more ranges, the last of them up to ");
      words.append(lacked.get(lacked.size() - 1).upTo());
    }
    return words.toString();
  }
}
