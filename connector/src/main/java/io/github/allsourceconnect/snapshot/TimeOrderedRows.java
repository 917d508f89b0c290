package io.github.allsourceconnect.snapshot;

import io.github.allsourceconnect.protocol.Event;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * The rows of any number of snapshot files in order of event time, whatever the order of files and
 * rows is. Rows of one microsecond come in the order of the files in the list, within a file in its
 * own. A row that repeats the id of another row of the same microsecond is dropped and counted:
 * repeated rows always have the same time. (Of more than {@value #IDS_MAX} rows of one microsecond
 * the further ones are not compared.)
 *
 * <p>Row groups are opened when their range of time is reached and closed after their last row, and
 * those whose rows are all too old are not decoded. Memory depends on {@link ReadLimits}, whatever
 * the files are: open groups share three quarters of it (for each its times, 8 bytes a row, and of
 * each column a page and a dictionary), the rows that wait for an earlier one a quarter. A group
 * that is reached when the share is used up is put in order by itself and waits on disk, next to
 * the files; so do waiting rows beyond theirs. The list of groups that are not open yet is bounded,
 * too: more than {@link ReadLimits#groups} are the fault of the file that has most of them.
 *
 * <p>One thread. After an exception only {@link #close} may be called.
 */
public final class TimeOrderedRows implements SnapshotRows {
  private static final int IDS_MAX = 100_000;
  private static final int IDS_USUAL = 16;

  private final List<SnapshotFile> files;
  private final long fromMicros;
  private final boolean idsOnly;
  private final ReadLimits limits;
  private final RowSpill spill;
  private final OrderedGroup.Waiting waiting;
  private final Deque<Group> unopened;
  private final PriorityQueue<Open> open = new PriorityQueue<>();
  private Set<Id> ids = new HashSet<>();

  /** The microsecond at hand and its first row's id; {@link #ids} is empty while that is alone. */
  private long lastMicros = Long.MIN_VALUE;

  private long lastHigh;
  private long lastLow;
  private long repeated;
  private long expected;
  private int groupsSkipped;
  private int groupsOnDisk;
  private int mostOpen;

  private record Id(long high, long low) {}

  /** A row group that has not been opened yet. */
  private record Group(int file, int group, long minMicros) {}

  /** An open row group; its next row's time does not change while it stands in the queue. */
  private record Open(Group group, OrderedRows rows) implements Comparable<Open> {
    @Override
    public int compareTo(Open other) {
      int byTime = Long.compare(rows.micros(), other.rows.micros());
      if (byTime != 0) {
        return byTime;
      }
      int byFile = Integer.compare(group.file(), other.group.file());
      return byFile != 0 ? byFile : Integer.compare(group.group(), other.group.group());
    }
  }

  /** As the other constructor, with {@link ReadLimits#DEFAULT}. */
  public TimeOrderedRows(List<SnapshotFile> files, long fromMicros, boolean idsOnly)
      throws IOException {
    this(files, fromMicros, idsOnly, ReadLimits.DEFAULT);
  }

  /**
   * Looks at every file's footer.
   *
   * @param files in the snapshot's order
   * @param fromMicros rows with an older event time are left out; {@link Long#MIN_VALUE} for none
   * @param idsOnly as for {@link SnapshotFileReader#open}
   * @throws SnapshotFileException if a file can't be read
   */
  public TimeOrderedRows(
      List<SnapshotFile> files, long fromMicros, boolean idsOnly, ReadLimits limits)
      throws IOException {
    this(files, fromMicros, idsOnly, limits, limits.groups());
  }

  TimeOrderedRows(
      List<SnapshotFile> files, long fromMicros, boolean idsOnly, ReadLimits limits, int groupsMax)
      throws IOException {
    this.files = List.copyOf(files);
    this.fromMicros = fromMicros;
    this.idsOnly = idsOnly;
    this.limits = limits;
    Path folder = files.isEmpty() ? null : this.files.get(0).path().toAbsolutePath().getParent();
    this.spill = new RowSpill(folder, limits.diskBytes());
    this.waiting = new OrderedGroup.Waiting(limits.waitingBytes(), spill);
    List<Group> groups = new ArrayList<>();
    int mostGroups = 0;
    int fileOfMost = 0;
    for (int i = 0; i < this.files.size(); i++) {
      int before = groups.size();
      addGroups(i, groups);
      if (groups.size() - before > mostGroups) {
        mostGroups = groups.size() - before;
        fileOfMost = i;
      }
      if (groups.size() > groupsMax) {
        throw new SnapshotFileException(
            this.files.get(fileOfMost).name(),
            "has "
                + mostGroups
                + " row groups, and all files together have more than the "
                + groupsMax
                + " that snapshot.memory.bytes allows; raise that, or let the leader merge its"
                + " files",
            null);
      }
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
      SnapshotRow row;
      try {
        row = first.rows().take();
      } catch (IOException | RuntimeException | Error e) {
        first.rows().close();
        throw e;
      }
      putBack(first);
      if (isNew(row.event())) {
        return row;
      }
      repeated++;
    }
  }

  /** Whether its id was not seen with its time yet. Most events are alone in their microsecond. */
  private boolean isNew(Event event) {
    if (event.micros() != lastMicros) {
      lastMicros = event.micros();
      lastHigh = event.idHigh();
      lastLow = event.idLow();
      if (!ids.isEmpty()) {
        forgetIds();
      }
      return true;
    }
    if (ids.isEmpty()) {
      ids.add(new Id(lastHigh, lastLow));
    }
    return ids.size() == IDS_MAX || ids.add(new Id(event.idHigh(), event.idLow()));
  }

  private void forgetIds() {
    if (ids.size() > IDS_USUAL) {
      ids = new HashSet<>();
    } else {
      ids.clear();
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

  /** Row groups that were put in order on disk so far, because too many overlap for the memory. */
  public int groupsOnDisk() {
    return groupsOnDisk;
  }

  /** Rows that were written to disk so far. */
  public long rowsOnDisk() {
    return spill.written();
  }

  /** How many row groups were open at the same time at most, so far. */
  public int mostOpen() {
    return mostOpen;
  }

  private void addGroups(int file, List<Group> groups) throws IOException {
    SnapshotFile stored = files.get(file);
    try (SnapshotFileReader reader = SnapshotFileReader.open(stored, file, true, limits)) {
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
        long[] range = {Long.MAX_VALUE, Long.MIN_VALUE};
        reader.times(
            g,
            micros -> {
              range[0] = Math.min(range[0], micros);
              range[1] = Math.max(range[1], micros);
            });
        add(groups, new Group(file, g, range[0]), reader.rows(g), range[1]);
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
        && (open.isEmpty() || unopened.peek().minMicros() <= open.peek().rows().micros())) {
      Group group = unopened.poll();
      putBack(new Open(group, open(group)));
      mostOpen = Math.max(mostOpen, open.size());
    }
  }

  private OrderedRows open(Group group) throws IOException {
    SnapshotFileReader reader =
        SnapshotFileReader.open(files.get(group.file()), group.file(), idsOnly, limits);
    OrderedGroup rows;
    try {
      rows =
          new OrderedGroup(reader, group.group(), fromMicros, group.minMicros(), limits, waiting);
    } catch (IOException | RuntimeException | Error e) {
      reader.close();
      throw e;
    }
    long others = open.stream().mapToLong(other -> other.rows().memory()).sum();
    if (others == 0 || others + rows.memory() <= limits.openBytes()) {
      return rows;
    }
    groupsOnDisk++;
    try (rows) {
      return spill.write(() -> rows.micros() == Long.MAX_VALUE ? null : rows.take());
    }
  }

  /** Puts the row group back in line by its next row, or closes it after its last. */
  private void putBack(Open group) throws IOException {
    if (group.rows().micros() == Long.MAX_VALUE) {
      group.rows().close();
    } else {
      open.add(group);
    }
  }

  @Override
  public void close() throws IOException {
    IOException failure = null;
    for (Open group : open) {
      try {
        group.rows().close();
      } catch (IOException e) {
        failure = e;
      }
    }
    open.clear();
    unopened.clear();
    spill.close();
    if (failure != null) {
      throw failure;
    }
  }
}
