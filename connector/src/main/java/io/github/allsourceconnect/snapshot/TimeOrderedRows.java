package io.github.allsourceconnect.snapshot;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.OptionalLong;
import java.util.PriorityQueue;

/**
 * The rows of any number of snapshot files in order of event time, whatever the order of files and
 * rows is. Rows of one microsecond come in the order of the files in the list, within a file in its
 * own. A row that repeats the id of another row of the same microsecond is dropped and counted:
 * repeated rows always have the same time.
 *
 * <p>Files (rather: row groups) are opened when their range of time is reached and closed after
 * their last row, so that memory depends on those that overlap, not on the history: for each open
 * one its compressed bytes, a page of each column, 16 bytes for each row, and the rows that wait
 * for an earlier one. Row groups whose rows are all too old are not decoded.
 *
 * <p>One thread. After an exception only {@link #close} may be called.
 */
public final class TimeOrderedRows implements SnapshotRows {
  /** About what the waiting rows of one open row group may take. */
  public static final long DEFAULT_MAX_WAITING_BYTES = 32L << 20;

  private final List<SnapshotFile> files;
  private final long fromMicros;
  private final boolean idsOnly;
  private final long maxWaitingBytes;
  private final Deque<Group> unopened;
  private final PriorityQueue<Open> open = new PriorityQueue<>();
  private final SameTimeIds ids = new SameTimeIds();
  private long lastMicros = Long.MIN_VALUE;
  private long repeated;
  private long expected;
  private int groupsSkipped;
  private int mostOpen;

  /** A row group that has not been opened yet. */
  private record Group(int file, int group, long minMicros) {}

  /** An open row group and its next row. */
  private static final class Open implements Comparable<Open> {
    private final Group group;
    private final GroupRows rows;
    private SnapshotRow head;

    Open(Group group, GroupRows rows) {
      this.group = group;
      this.rows = rows;
    }

    @Override
    public int compareTo(Open other) {
      int byTime = Long.compare(head.event().micros(), other.head.event().micros());
      if (byTime != 0) {
        return byTime;
      }
      int byFile = Integer.compare(group.file(), other.group.file());
      return byFile != 0 ? byFile : Integer.compare(group.group(), other.group.group());
    }
  }

  /**
   * Looks at every file's footer.
   *
   * @param files in the snapshot's order
   * @param fromMicros rows with an older event time are left out; {@link Long#MIN_VALUE} for none
   * @param idsOnly as for {@link SnapshotFileReader#open}
   * @throws io.github.allsourceconnect.protocol.ProtocolException of kind FILE if a file can't be
   *     read
   */
  public TimeOrderedRows(List<SnapshotFile> files, long fromMicros, boolean idsOnly)
      throws IOException {
    this(files, fromMicros, idsOnly, DEFAULT_MAX_WAITING_BYTES);
  }

  /**
   * As the other constructor.
   *
   * @param maxWaitingBytes about what the waiting rows of one open row group may take; a group that
   *     would need more is read several times
   */
  public TimeOrderedRows(
      List<SnapshotFile> files, long fromMicros, boolean idsOnly, long maxWaitingBytes)
      throws IOException {
    this.files = List.copyOf(files);
    this.fromMicros = fromMicros;
    this.idsOnly = idsOnly;
    this.maxWaitingBytes = maxWaitingBytes;
    List<Group> groups = new ArrayList<>();
    for (int i = 0; i < this.files.size(); i++) {
      addGroups(i, groups);
    }
    groups.sort(Comparator.comparingLong(Group::minMicros));
    this.unopened = new ArrayDeque<>(groups);
  }

  @Override
  public SnapshotRow next() throws IOException {
    while (true) {
      openWhatIsReached();
      Open first = open.poll();
      if (first == null) {
        return null;
      }
      SnapshotRow row = first.head;
      advance(first);
      if (row.event().micros() != lastMicros) {
        lastMicros = row.event().micros();
        ids.clear();
      }
      if (ids.add(row.event().idHigh(), row.event().idLow())) {
        return row;
      }
      repeated++;
    }
  }

  @Override
  public long expected() {
    return expected;
  }

  /** Rows dropped so far because they repeat another. */
  public long repeated() {
    return repeated;
  }

  /** Row groups that were not decoded because all their rows are too old. */
  public int groupsSkipped() {
    return groupsSkipped;
  }

  /** How many row groups were open at the same time at most, so far. */
  public int mostOpen() {
    return mostOpen;
  }

  private void addGroups(int file, List<Group> groups) throws IOException {
    SnapshotFile stored = files.get(file);
    try (SnapshotFileReader reader = SnapshotFileReader.open(stored, file, true)) {
      for (int g = 0; g < reader.groups(); g++) {
        if (reader.rows(g) == 0) {
          continue;
        }
        if (reader.hasTimes(g)) {
          add(groups, new Group(file, g, reader.minMicros(g)), reader.rows(g), reader.maxMicros(g));
          continue;
        }
        // the name is only asked where the file itself does not tell: clocks jump
        OptionalLong flushed = SnapshotFiles.flushMicros(stored.name());
        if (flushed.isPresent() && flushed.getAsLong() < fromMicros) {
          groupsSkipped++;
          continue;
        }
        long min = Long.MAX_VALUE;
        long max = Long.MIN_VALUE;
        for (long micros : reader.times(g)) {
          min = Math.min(min, micros);
          max = Math.max(max, micros);
        }
        add(groups, new Group(file, g, min), reader.rows(g), max);
      }
    }
  }

  private void add(List<Group> groups, Group group, long rows, long maxMicros) {
    if (maxMicros < fromMicros) {
      groupsSkipped++;
    } else {
      expected += rows;
      groups.add(group);
    }
  }

  private void openWhatIsReached() throws IOException {
    while (!unopened.isEmpty()
        && (open.isEmpty() || unopened.peek().minMicros() <= open.peek().head.event().micros())) {
      Group group = unopened.poll();
      SnapshotFileReader reader =
          SnapshotFileReader.open(files.get(group.file()), group.file(), idsOnly);
      Open opened;
      try {
        opened = new Open(group, new GroupRows(reader, group.group(), fromMicros, maxWaitingBytes));
      } catch (IOException | RuntimeException e) {
        reader.close();
        throw e;
      }
      advance(opened);
      mostOpen = Math.max(mostOpen, open.size());
    }
  }

  /** Puts the row group back in line by its next row, or closes it after its last. */
  private void advance(Open group) throws IOException {
    try {
      group.head = group.rows.next();
    } catch (IOException | RuntimeException e) {
      group.rows.close();
      throw e;
    }
    if (group.head == null) {
      group.rows.close();
    } else {
      open.add(group);
    }
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (Open group : open) {
      try {
        group.rows.close();
      } catch (IOException e) {
        failure = e;
      }
    }
    open.clear();
    unopened.clear();
    if (failure != null) {
      throw failure;
    }
  }
}
