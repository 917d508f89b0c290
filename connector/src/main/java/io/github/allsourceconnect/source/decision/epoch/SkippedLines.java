package io.github.allsourceconnect.source.decision.epoch;

import java.util.TreeSet;

/**
 * Lines of the current connection that could not be used: each is an offset that is missing and may
 * stay so. Those of earlier ones are with {@link OwedEvents}. Where the offset could be read, one
 * that comes twice is still one; where it could not, each line counts, and is somewhere behind the
 * offset at which it came. Memory: of the first {@value #PLACED_MAX} offsets that can be read;
 * those of more count like any that are missing. Not thread-safe.
 */
final class SkippedLines {
  static final int PLACED_MAX = 100_000;

  private final TreeSet<Long> placed = new TreeSet<>();

  /** How many came when {@code unplacedFrom} was the next offset, or before. */
  private long unplaced;

  private long unplacedFrom;

  /** The line of this offset. */
  void add(long offset) {
    if (placed.size() < PLACED_MAX) {
      placed.add(offset);
    }
  }

  /**
   * A line of an offset that is not known: of this one, the next, or of a later one. So are those
   * that came earlier, for all before this one are there.
   */
  void addSomewhereFrom(long offset) {
    unplaced++;
    unplacedFrom = offset;
  }

  /** How many of the offsets up to this one may have been theirs. */
  long upTo(long offset) {
    return placed.headSet(offset, true).size() + (unplacedFrom <= offset ? unplaced : 0);
  }

  /** The line of this offset has come in another form, or its event has. */
  void came(long offset) {
    if (!placed.isEmpty()) {
      placed.remove(offset);
    }
  }

  /** How many of those between two offsets may have been theirs. */
  long between(long above, long upTo) {
    return (above >= upTo ? 0 : placed.subSet(above, false, upTo, true).size())
        + (unplacedFrom <= upTo ? unplaced : 0);
  }

  /** How many are not settled. */
  long all() {
    return placed.size() + unplaced;
  }

  /**
   * Everything up to this offset is settled.
   *
   * @param behind how many offsets behind it have brought nothing, and may be those of lines
   */
  void settled(long offset, long behind) {
    placed.headSet(offset, true).clear();
    if (unplacedFrom <= offset) {
      unplaced = Math.min(unplaced, Math.max(0, behind - placed.size()));
    }
  }

  /** Another connection. */
  void clear() {
    placed.clear();
    unplaced = 0;
  }
}
