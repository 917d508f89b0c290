package io.github.allsourceconnect.snapshot;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;

/**
 * The rows of one row group, put in order while they are read once, forward: a row that must wait
 * for an earlier one further down is kept, in memory or, when all that wait are too many, in a
 * sorted run on disk. Which ones must wait is known from a first pass over the times alone. One
 * thread.
 */
final class OrderedGroup implements OrderedRows {
  private static final int ROW_BYTES = 400;

  /** What the waiting rows of all open row groups take together. One thread. */
  static final class Waiting {
    private final long most;
    private final RowSpill spill;
    private final List<OrderedGroup> groups = new ArrayList<>();
    private long bytes;

    /**
     * @param most bytes in memory
     * @param spill takes what is more
     */
    Waiting(long most, RowSpill spill) {
      this.most = most;
      this.spill = spill;
    }

    private void add(long more) throws IOException {
      bytes += more;
      while (bytes > most) {
        OrderedGroup largest =
            groups.stream().max(Comparator.comparingLong(group -> group.bytes)).orElseThrow();
        largest.toDisk();
      }
    }
  }

  private final SnapshotFileReader reader;
  private final long rows;
  private final long fromMicros;
  private final Waiting all;

  /** The oldest wanted time from the first row of each stretch on; MAX_VALUE for none. */
  private final long[] ahead;

  private final long stretch;
  private final PriorityQueue<SnapshotRow> held = new PriorityQueue<>(OrderedGroup::order);
  private final PriorityQueue<RowSpill.Run> runs =
      new PriorityQueue<>(
          Comparator.comparingLong(RowSpill.Run::micros).thenComparingLong(RowSpill.Run::row));
  private long bytes;
  private long nextRow;

  /**
   * Reads the times, and on to the first row.
   *
   * @param reader of the group's file; closed with this
   * @param fromMicros older rows are left out
   * @param minMicros no row of the group may be older
   */
  OrderedGroup(
      SnapshotFileReader reader,
      int group,
      long fromMicros,
      long minMicros,
      ReadLimits limits,
      Waiting all)
      throws IOException {
    this.reader = reader;
    this.rows = reader.rows(group);
    this.fromMicros = fromMicros;
    this.all = all;
    stretch = 1 + (rows - 1) / limits.indexEntries();
    ahead = new long[(int) (1 + (rows - 1) / stretch)];
    Arrays.fill(ahead, Long.MAX_VALUE);
    long[] row = new long[1];
    long[] oldest = {Long.MAX_VALUE};
    reader.times(
        group,
        micros -> {
          int at = (int) (row[0]++ / stretch);
          if (micros >= fromMicros) {
            ahead[at] = Math.min(ahead[at], micros);
          }
          oldest[0] = Math.min(oldest[0], micros);
        });
    if (oldest[0] < minMicros) {
      throw reader.unusable("a row is older than its footer says");
    }
    for (int i = ahead.length - 2; i >= 0; i--) {
      ahead[i] = Math.min(ahead[i], ahead[i + 1]);
    }
    reader.select(group);
    all.groups.add(this);
    advance();
  }

  @Override
  public long micros() {
    long inMemory = held.isEmpty() ? Long.MAX_VALUE : held.peek().event().micros();
    return runs.isEmpty() ? inMemory : Math.min(inMemory, runs.peek().micros());
  }

  @Override
  public SnapshotRow take() throws IOException {
    SnapshotRow row;
    RowSpill.Run run = runs.peek();
    if (run != null && (held.isEmpty() || isBefore(run, held.peek()))) {
      runs.remove();
      row = run.take();
      if (run.micros() != Long.MAX_VALUE) {
        runs.add(run);
      }
    } else {
      row = held.remove();
      bytes -= size(row);
      all.bytes -= size(row);
    }
    advance();
    return row;
  }

  /** Written out, for each row of a snapshot is compared several times. */
  private static int order(SnapshotRow one, SnapshotRow other) {
    int byTime = Long.compare(one.event().micros(), other.event().micros());
    return byTime != 0 ? byTime : Long.compare(one.row(), other.row());
  }

  private static boolean isBefore(RowSpill.Run run, SnapshotRow row) {
    return run.micros() != row.event().micros()
        ? run.micros() < row.event().micros()
        : run.row() < row.row();
  }

  /** Reads until no row that is still to be read belongs before the next one. */
  private void advance() throws IOException {
    while (nextRow < rows
        && ahead[(int) (nextRow / stretch)] != Long.MAX_VALUE
        && micros() > ahead[(int) (nextRow / stretch)]) {
      nextRow++;
      SnapshotRow row = reader.next(fromMicros);
      if (row != null) {
        held.add(row);
        bytes += size(row);
        all.add(size(row));
      }
    }
  }

  private void toDisk() throws IOException {
    runs.add(all.spill.write(held::poll));
    all.bytes -= bytes;
    bytes = 0;
  }

  /** How many runs are on disk. */
  int runs() {
    return runs.size();
  }

  private static long size(SnapshotRow row) {
    return ROW_BYTES
        + row.event().payload().length()
        + row.event().metadata().length()
        + 2L * (row.event().eventType().length() + row.event().entityId().length());
  }

  @Override
  public long memory() {
    return 8L * ahead.length + reader.memory();
  }

  @Override
  public void close() throws IOException {
    all.groups.remove(this);
    all.bytes -= bytes;
    bytes = 0;
    held.clear();
    runs.forEach(RowSpill.Run::close);
    runs.clear();
    reader.close();
  }
}
