package io.github.allsourceconnect.sink.decision;

import java.util.ArrayDeque;
import java.util.Map;
import java.util.TreeMap;

/**
 * What of a partition's log is in memory: the recent tail without a hole, and some older blocks
 * that were read for followers that are behind, so that several of them at about the same place
 * share what is read. Both are bounded in bytes; the last block alone may be larger.
 *
 * <p>Invariant: a block that is found for a position holds every entry of the log from that
 * position up to its end. Single-threaded.
 */
public final class WalLog {
  private long tailBytesMax;
  private long olderBytesMax;
  private final TreeMap<Long, LogBlock> tail = new TreeMap<>();
  private final TreeMap<Long, LogBlock> older = new TreeMap<>();
  private final ArrayDeque<LogBlock> olderByAge = new ArrayDeque<>();
  private long tailBytes;
  private long olderBytes;
  private long tailFrom;
  private long tailTo = -1;

  /**
   * @param tailBytesMax what the tail may take
   * @param olderBytesMax what the older blocks may take
   */
  public WalLog(long tailBytesMax, long olderBytesMax) {
    this.tailBytesMax = tailBytesMax;
    this.olderBytesMax = olderBytesMax;
  }

  /** From now on they may take so much. */
  public void limit(long tail, long older) {
    tailBytesMax = tail;
    olderBytesMax = older;
    trimTail();
    trimOlder();
  }

  /** Whether it is known where the tail begins. */
  public boolean started() {
    return tailTo >= 0;
  }

  /** The first Kafka offset that the tail covers. */
  public long tailFrom() {
    return tailFrom;
  }

  /** The Kafka offset that the tail will bring next; -1 before it starts. */
  public long tailTo() {
    return tailTo;
  }

  /** Bytes in memory. */
  public long bytes() {
    return tailBytes + olderBytes;
  }

  /** The tail begins, empty, at this Kafka offset; what was known is dropped. */
  public void start(long position) {
    tail.clear();
    tailBytes = 0;
    older.clear();
    olderByAge.clear();
    olderBytes = 0;
    tailFrom = position;
    tailTo = position;
  }

  /** Nothing is known any more, until the tail begins. */
  public void stop() {
    start(-1);
  }

  /** The tail goes on at a later Kafka offset; what lies between will not come. */
  public void jump(long position) {
    if (position > tailTo) {
      tail.clear();
      tailBytes = 0;
      tailFrom = position;
      tailTo = position;
    }
  }

  /**
   * The next block of the tail. One that was already taken is ignored; one that begins further on
   * makes the tail begin there, for what lies between is not known.
   *
   * @return whether the tail has grown
   */
  public boolean append(LogBlock block) {
    if (!started()) {
      throw new IllegalStateException("the tail has not begun: " + block);
    }
    if (block.to() <= tailTo) {
      return false;
    }
    if (block.from() > tailTo) {
      tail.clear();
      tailBytes = 0;
      tailFrom = block.from();
    }
    // an overlap is kept whole: whoever stands in it starts within the block
    tail.put(Math.max(block.from(), tailTo), block);
    tailBytes += block.bytes();
    tailTo = block.to();
    trimTail();
    return true;
  }

  private void trimTail() {
    while (tailBytes > tailBytesMax && tail.size() > 1) {
      tailBytes -= tail.pollFirstEntry().getValue().bytes();
      tailFrom = tail.firstKey();
    }
  }

  /**
   * Keeps an older block that was read for a follower, until there is no room for it any more. The
   * one kept last stays in any case, so that whoever it was read for finds it.
   */
  public void keep(LogBlock block) {
    LogBlock before = older.put(block.from(), block);
    if (before != null) {
      olderByAge.remove(before);
      olderBytes -= before.bytes();
    }
    olderByAge.add(block);
    olderBytes += block.bytes();
    trimOlder();
  }

  private void trimOlder() {
    while (olderBytes > olderBytesMax && olderByAge.size() > 1) {
      LogBlock dropped = olderByAge.poll();
      older.remove(dropped.from(), dropped);
      olderBytes -= dropped.bytes();
    }
  }

  /** Whether the tail in memory has everything from a Kafka offset on. */
  public boolean tailHas(long position) {
    return position >= tailFrom && position < tailTo;
  }

  /** A block that covers the Kafka offset, or null when it is not in memory. */
  public LogBlock find(long position) {
    if (tailHas(position)) {
      return covering(tail.floorEntry(position), position);
    }
    return covering(older.floorEntry(position), position);
  }

  private static LogBlock covering(Map.Entry<Long, LogBlock> entry, long position) {
    return entry != null && position < entry.getValue().to() ? entry.getValue() : null;
  }
}
