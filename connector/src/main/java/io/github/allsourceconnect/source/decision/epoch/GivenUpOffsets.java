package io.github.allsourceconnect.source.decision.epoch;

import java.util.HashSet;
import java.util.Set;

/**
 * Offsets that were passed although their events had not come, so that one that comes after all is
 * still produced. Keeps up to 100,000. Not thread-safe.
 */
final class GivenUpOffsets {
  private static final int MAX = 100_000;

  private final Set<Long> offsets = new HashSet<>();

  void add(long after, long upTo, HeldEntries held) {
    for (long offset = after; offset < upTo && offsets.size() < MAX; offset++) {
      if (!held.hasOffset(offset + 1)) {
        offsets.add(offset + 1);
      }
    }
  }

  boolean remove(long offset) {
    return !offsets.isEmpty() && offsets.remove(offset);
  }

  void clear() {
    offsets.clear();
  }
}
