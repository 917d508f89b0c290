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

  private static final long DAY_MS = 86_400_000;

  private final TreeSet<Long> placed = new TreeSet<>();

  /** How many came when {@code unplacedFrom} was the next offset, or before. */
  private long unplaced;

  private long unplacedFrom;

  /** And none of them is behind this one. */
  private long unplacedUpTo;

  private int places;

  /** Of those, how many came before the first entry, and since the last one. */
  private long leading;

  private long trailing;
  private boolean entriesCame;

  /**
   * Between these, in milliseconds of the follower's clock, have come those that are not settled.
   */
  private long firstAt;

  private long lastAt;

  /** A line has come that could not be used. */
  void cameAt(long now) {
    firstAt = all() == 0 ? now : firstAt;
    lastAt = now;
  }

  /** By how much the last one came later than that, in microseconds; 0 if it did not. */
  long behind(long ms) {
    return all() == 0 ? 0 : Math.min(DAY_MS, Math.max(0, lastAt - ms)) * 1_000;
  }

  /** And by how much the first one came before. */
  long before(long ms) {
    return all() == 0 ? 0 : Math.min(DAY_MS, Math.max(0, ms - firstAt)) * 1_000;
  }

  /** The line of this offset. */
  void add(long offset) {
    if (placed.size() < PLACED_MAX) {
      placed.add(offset);
    }
  }

  /**
   * A line of an offset that is not known.
   *
   * @param from it is of this one, the next, or of a later one; so are those that came earlier, for
   *     all before this one are there
   * @param highest the highest that has come; 0 for none
   * @param placesOff so far from its place it may be
   */
  void addSomewhere(long from, long highest, int placesOff) {
    unplaced++;
    unplacedFrom = from;
    places = placesOff;
    unplacedUpTo = highest == 0 ? Long.MAX_VALUE : highest + unplaced + places;
    leading += entriesCame ? 0 : 1;
    trailing += entriesCame ? 1 : 0;
  }

  /** All up to this offset has come: what would have been further off was no entry. */
  void passed(long offset) {
    if (unplacedUpTo <= offset) {
      unplaced = 0;
      leading = 0;
      trailing = 0;
    }
  }

  /** An offset, or the last one that may be that of a line, if it is before that. */
  long notBehind(long offset) {
    return placed.isEmpty() ? Math.min(offset, unplacedUpTo) : offset;
  }

  /** How many of the offsets up to this one may have been theirs. */
  long upTo(long offset) {
    return between(Long.MIN_VALUE, offset);
  }

  /**
   * How many are behind this offset, which is that of the last entry: of those whose offsets are
   * not known as many as came since.
   */
  long behindLast(long offset) {
    int placedBehind = placed.isEmpty() ? 0 : placed.tailSet(offset, false).size();
    return placedBehind + (unplacedFrom > offset ? unplaced : trailing);
  }

  /**
   * How many, of those whose offsets are not known, came before the first entry, or since the last.
   */
  long outside() {
    return leading + trailing;
  }

  /** The entry of this offset has come; if it was that of a line, in another form. */
  void came(long offset) {
    if (!entriesCame) {
      unplacedUpTo = offset + unplaced + places;
    }
    entriesCame = true;
    trailing = 0;
    placed.remove(offset);
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
   * @param left so many are left at most of those whose offsets are not known
   */
  void settled(long offset, long behind, long left) {
    placed.headSet(offset, true).clear();
    if (unplacedFrom <= offset) {
      long between = Math.max(0, behind - placed.size());
      unplaced = Math.min(Math.min(unplaced, left), between + trailing);
      trailing = Math.min(trailing, unplaced);
      leading = 0;
    }
  }

  /** Another connection. */
  void clear() {
    placed.clear();
    unplaced = 0;
    leading = 0;
    trailing = 0;
    entriesCame = false;
  }
}
