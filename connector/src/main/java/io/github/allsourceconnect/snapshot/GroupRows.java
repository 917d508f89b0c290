package io.github.allsourceconnect.snapshot;

import java.io.IOException;
import java.util.Arrays;
import java.util.PriorityQueue;

/**
 * The rows of one row group in order of time, rows of one time in the file's order. Reads the group
 * forward and keeps only rows that must wait for an earlier one further down; when too many would
 * wait, the group is read several times, each time for a range of time. Holds 16 bytes for each
 * row, and the rows that wait.
 */
final class GroupRows implements AutoCloseable {
  private final SnapshotFileReader reader;
  private final int group;
  private final long[] times;

  /** For each row, the oldest time among it and the wanted rows after it; MAX_VALUE for none. */
  private final long[] oldestAhead;

  /** Ranges of time, each read in one go: from cuts[i] up to, without, cuts[i+1]. */
  private final long[] cuts;

  private final PriorityQueue<Waiting> waiting = new PriorityQueue<>();
  private int pass = -1;
  private int nextRow;

  private record Waiting(long micros, int row, SnapshotRow value) implements Comparable<Waiting> {
    @Override
    public int compareTo(Waiting other) {
      int byTime = Long.compare(micros, other.micros);
      return byTime != 0 ? byTime : Integer.compare(row, other.row);
    }
  }

  /**
   * @param reader of the group's file; closed with this
   * @param fromMicros older rows are left out
   * @param maxWaitingBytes about what the waiting rows may take
   */
  GroupRows(SnapshotFileReader reader, int group, long fromMicros, long maxWaitingBytes)
      throws IOException {
    this.reader = reader;
    this.group = group;
    this.times = reader.times(group);
    this.oldestAhead = new long[times.length];
    // what a footer says may be anything that is not negative
    double rowBytes = 400 + reader.bytes(group) * 2.0 / Math.max(1, times.length);
    this.cuts = plan(fromMicros, (int) Math.min(times.length, maxWaitingBytes / rowBytes + 1));
    nextPass();
  }

  /** The next row, or null at the end. */
  SnapshotRow next() throws IOException {
    while (true) {
      Waiting head = waiting.peek();
      if (head != null && (nextRow == times.length || head.micros() <= oldestAhead[nextRow])) {
        return waiting.poll().value();
      }
      if (nextRow == times.length || oldestAhead[nextRow] == Long.MAX_VALUE) {
        if (head != null) {
          return waiting.poll().value();
        }
        if (!nextPass()) {
          return null;
        }
        continue;
      }
      if (isWanted(nextRow)) {
        waiting.add(new Waiting(times[nextRow], nextRow, reader.next()));
      } else {
        reader.skip();
      }
      nextRow++;
    }
  }

  /** How many times the group is read. */
  int passes() {
    return cuts.length - 1;
  }

  private boolean isWanted(int row) {
    return times[row] >= cuts[pass] && times[row] < cuts[pass + 1];
  }

  private boolean nextPass() throws IOException {
    if (pass + 2 >= cuts.length) {
      return false;
    }
    pass++;
    fillOldestAhead(cuts[pass], cuts[pass + 1]);
    reader.select(group);
    nextRow = 0;
    return true;
  }

  private void fillOldestAhead(long from, long to) {
    long oldest = Long.MAX_VALUE;
    for (int i = times.length - 1; i >= 0; i--) {
      if (times[i] >= from && times[i] < to) {
        oldest = Math.min(oldest, times[i]);
      }
      oldestAhead[i] = oldest;
    }
  }

  /** One range if few enough rows would wait, otherwise ranges of at most that many rows each. */
  private long[] plan(long fromMicros, int maxWaiting) {
    long[] sorted = times.clone();
    Arrays.sort(sorted);
    if (mostWaiting(sorted, fromMicros) <= maxWaiting) {
      return new long[] {fromMicros, Long.MAX_VALUE};
    }
    long[] cuts = new long[times.length / maxWaiting + 3];
    int count = 0;
    cuts[count++] = fromMicros;
    int first = lowerBound(sorted, fromMicros);
    for (int i = first + maxWaiting; i < sorted.length; i += maxWaiting) {
      // rows of one time stay together: they need not wait for each other
      if (sorted[i] > cuts[count - 1]) {
        cuts[count++] = sorted[i];
      }
    }
    cuts[count++] = Long.MAX_VALUE;
    return Arrays.copyOf(cuts, count);
  }

  /** How many rows at most would have been read and still wait, if all were read in one go. */
  private int mostWaiting(long[] sorted, long fromMicros) {
    fillOldestAhead(fromMicros, Long.MAX_VALUE);
    int skipped = lowerBound(sorted, fromMicros);
    int done = skipped;
    int read = 0;
    int most = 0;
    for (int i = 0; i < times.length; i++) {
      if (times[i] >= fromMicros) {
        read++;
      }
      long ahead = i + 1 < times.length ? oldestAhead[i + 1] : Long.MAX_VALUE;
      while (done < sorted.length && sorted[done] < ahead) {
        done++;
      }
      most = Math.max(most, read - (done - skipped));
    }
    return most;
  }

  private static int lowerBound(long[] sorted, long value) {
    int low = 0;
    int high = sorted.length;
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (sorted[middle] < value) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }

  @Override
  public void close() throws IOException {
    reader.close();
  }
}
