package io.github.allsourceconnect.source.decision.epoch;

import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Lines of the current connection that could not be used: each is an offset that is missing and may
 * stay so. Where the offset could be read, one that comes twice is still one; where it could not,
 * each line counts, and is somewhere behind the offset at which it came. Not thread-safe.
 */
final class SkippedLines {
  private final TreeSet<Long> placed = new TreeSet<>();

  /** How many came when this was the next offset. */
  private final TreeMap<Long, Integer> unplaced = new TreeMap<>();

  /** The line of this offset. */
  void add(long offset) {
    placed.add(offset);
  }

  /** A line of an offset that is not known: this one or a later one. */
  void addSomewhereFrom(long offset) {
    unplaced.merge(offset, 1, Integer::sum);
  }

  /** How many of the offsets up to this one may have been theirs. */
  long upTo(long offset) {
    long lines = placed.headSet(offset, true).size();
    for (int count : unplaced.headMap(offset, true).values()) {
      lines += count;
    }
    return lines;
  }

  /** Everything up to this offset is settled. */
  void settled(long offset) {
    placed.headSet(offset, true).clear();
    unplaced.headMap(offset, true).clear();
  }

  /** Another connection. */
  void clear() {
    placed.clear();
    unplaced.clear();
  }
}
