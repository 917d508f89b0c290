package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/**
 * Entries that earlier connections left behind, in the order of their arrival. Their offsets mean
 * nothing to the connection at hand, except that entries of one numbering stand in its order.
 *
 * <pre>
 *   bytes &lt;= bytesMax       oldest() .. newest() = the range of their event times
 * </pre>
 *
 * Not thread-safe.
 */
final class LeftEntries {
  private record Left(WalEntry entry, int numbering) {}

  private final List<Left> left = new ArrayList<>();
  private final long bytesMax;
  private long bytes;
  private long oldest = Long.MAX_VALUE;
  private long newest = Long.MIN_VALUE;

  /** Rises with each connection that may number anew. */
  private int numbering;

  /**
   * @param bytesMax how much they may take in memory
   */
  LeftEntries(long bytesMax) {
    this.bytesMax = bytesMax;
  }

  /** Adds what the connection at hand leaves behind; false if there is no room. */
  boolean add(WalEntry entry) {
    long size = HeldEntries.size(entry);
    if (bytes + size > bytesMax) {
      return false;
    }
    bytes += size;
    left.add(new Left(entry, numbering));
    noteTime(entry);
    return true;
  }

  private void noteTime(WalEntry entry) {
    oldest = Math.min(oldest, entry.event().micros());
    newest = Math.max(newest, entry.event().micros());
  }

  /** Removes those for which it is so. */
  void removeIf(Predicate<WalEntry> isOver) {
    left.removeIf(
        one -> {
          boolean over = isOver.test(one.entry);
          bytes -= over ? HeldEntries.size(one.entry) : 0;
          return over;
        });
    oldest = Long.MAX_VALUE;
    newest = Long.MIN_VALUE;
    left.forEach(one -> noteTime(one.entry));
  }

  /** What comes from now on has perhaps another numbering. */
  void mayNumberAnew() {
    numbering++;
  }

  /**
   * Their order together with entries of the connection at hand: that of arrival, except that an
   * entry stands before those with higher offsets that are so near in time that the leader can't
   * have begun to number anew in between.
   *
   * @param current in the order of their offsets
   */
  List<WalEntry> inOrderWith(List<WalEntry> current) {
    List<Left> entries = new ArrayList<>(left.size() + current.size());
    left.forEach(one -> insert(entries, one));
    current.forEach(entry -> insert(entries, new Left(entry, numbering)));
    List<WalEntry> all = new ArrayList<>(entries.size());
    entries.forEach(one -> all.add(one.entry));
    return all;
  }

  private static void insert(List<Left> entries, Left entry) {
    int at = entries.size();
    while (at > 0 && overtook(entries.get(at - 1), entry)) {
      at--;
    }
    entries.add(at, entry);
  }

  /** Whether the earlier arrival is the later entry of one numbering. */
  private static boolean overtook(Left earlier, Left later) {
    WalEntry one = earlier.entry;
    WalEntry other = later.entry;
    return earlier.numbering == later.numbering
        && one.sequence() > other.sequence()
        && Math.abs(one.event().micros() - other.event().micros()) < HeldEntries.RESTART_MICROS;
  }

  List<WalEntry> entries() {
    return left.stream().map(Left::entry).toList();
  }

  List<Event> events() {
    return left.stream().map(one -> one.entry.event()).toList();
  }

  int size() {
    return left.size();
  }

  /** Event time of the oldest; {@link Long#MAX_VALUE} for none. */
  long oldest() {
    return oldest;
  }

  /** Event time of the newest; {@link Long#MIN_VALUE} for none. */
  long newest() {
    return newest;
  }
}
