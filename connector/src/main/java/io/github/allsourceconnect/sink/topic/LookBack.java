package io.github.allsourceconnect.sink.topic;

/**
 * Where the last record of a partition that has a value may be: looked for from the end backwards,
 * in stretches, each twice as long as the one behind it. So however many offsets at the end hold
 * none, what is read is little more than twice what lies behind the record. Keeps its place between
 * two looks. One thread.
 */
final class LookBack {
  private static final long FIRST = 100;

  private long length = FIRST;
  private long from;
  private long upTo;
  private long position;
  private long found = -1;

  /**
   * @param end the offset that comes next in the partition
   */
  LookBack(long end) {
    from = end;
    upTo = end;
    position = end;
  }

  /**
   * Where to read on, each stretch forwards.
   *
   * @param begin the first offset that the partition has now
   * @return -1 when all is said
   */
  long next(long begin) {
    if (position >= upTo && found < 0) {
      upTo = from;
      from = Math.max(begin, upTo - length);
      position = from;
      length *= 2;
    }
    position = Math.max(position, begin);
    return position < upTo ? position : -1;
  }

  /** A record that has a value, in the order in which they are read. */
  void has(long offset) {
    if (offset < upTo) {
      found = offset;
    }
  }

  /** What lies before this offset was read, and all of it told. */
  void read(long offset) {
    position = offset;
  }

  /** The record's offset; -1 when there is none. */
  long found() {
    return found;
  }
}
