package io.github.allsourceconnect.snapshot;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.EventIds;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.Timestamps;
import io.github.allsourceconnect.snapshot.FileFooter.Group;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.FileChannel;
import java.nio.file.NoSuchFileException;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Reads one snapshot file, row group by row group, rows in the file's order, page by page: what it
 * takes in memory depends on {@link ReadLimits} and not on the row groups ({@link #memory}), apart
 * from one row. Whatever is wrong with the file, an {@link OutOfMemoryError} or a {@link
 * StackOverflowError} of a decoder included, is a {@link SnapshotFileException} that names it; a
 * {@link ScratchException} says that the disk does not take what belongs there. One thread.
 */
public final class SnapshotFileReader implements AutoCloseable {
  private static final JsonText NOTHING = JsonText.NULL;
  private static final MessageCodec CODEC = new MessageCodec();

  private final SnapshotFile file;
  private final int index;
  private final boolean idsOnly;
  private final ReadLimits limits;
  private final FileChannel channel;
  private final FileFooter footer;
  private int group = -1;
  private long rowsLeft;
  private long rowsBefore;
  private GroupColumns columns;

  /** A step of reading, which throws what it likes on bad input. */
  private interface Step<T> {
    T run() throws IOException;
  }

  private SnapshotFileReader(
      SnapshotFile file, int index, boolean idsOnly, ReadLimits limits, FileChannel channel)
      throws IOException {
    this.file = file;
    this.index = index;
    this.idsOnly = idsOnly;
    this.limits = limits;
    this.channel = channel;
    this.footer =
        guarded(
            file,
            () -> {
              FileFooter read = FileFooter.read(channel, limits);
              SnapshotSchema.check(read.columns());
              return read;
            });
  }

  /** As the other, with {@link ReadLimits#DEFAULT}. */
  public static SnapshotFileReader open(SnapshotFile file, int index, boolean idsOnly)
      throws IOException {
    return open(file, index, idsOnly, ReadLimits.DEFAULT);
  }

  /**
   * Opens a file and checks its layout.
   *
   * @param index what the rows shall say of {@link SnapshotRow#file}
   * @param idsOnly whether id, time in microseconds, version (and tenant and WAL offset where the
   *     file has them) suffice: entity, event type, payload, metadata and the time's text are then
   *     empty, and what is of other columns is not read
   * @throws SnapshotFileException if it is no such file
   */
  public static SnapshotFileReader open(
      SnapshotFile file, int index, boolean idsOnly, ReadLimits limits) throws IOException {
    FileChannel channel =
        guarded(file, () -> FileChannel.open(file.path(), StandardOpenOption.READ));
    try {
      return new SnapshotFileReader(file, index, idsOnly, limits, channel);
    } catch (IOException | RuntimeException | Error e) {
      channel.close();
      throw e;
    }
  }

  /** How many row groups. */
  public int groups() {
    return footer.groups().size();
  }

  /** Rows of a row group. */
  public long rows(int group) {
    return footer.groups().get(group).rows();
  }

  /** Rows of all row groups. */
  public long rows() {
    return footer.groups().stream().mapToLong(Group::rows).sum();
  }

  /** Uncompressed bytes of a row group. */
  public long bytes(int group) {
    return footer.groups().get(group).bytes();
  }

  /** Whether the file tells the oldest and newest time of a row group. */
  public boolean hasTimes(int group) {
    return footer.groups().get(group).minMicros() != null;
  }

  /** The oldest time, in microseconds, where {@link #hasTimes}. */
  public long minMicros(int group) {
    return footer.groups().get(group).minMicros();
  }

  /** The newest time, in microseconds, where {@link #hasTimes}. */
  public long maxMicros(int group) {
    return footer.groups().get(group).maxMicros();
  }

  /** What the selected row group takes in memory at most, apart from the current row. */
  long memory() {
    return columns == null ? 0 : columns.memory();
  }

  /** Tells the times of a row group's rows, in the file's order; nothing else of it is decoded. */
  void times(int group, LongConsumer to) throws IOException {
    select(group, List.of(SnapshotSchema.TIMESTAMP));
    for (long left = rowsLeft; left > 0; left--) {
      readRow();
      to.accept(checkedMicros());
    }
  }

  /** Goes to the first row of a row group. */
  public void select(int group) throws IOException {
    select(group, SnapshotSchema.toRead(footer.columns(), idsOnly));
  }

  /**
   * The next row, or null after the last one of the file; begins with the first row group, or with
   * the one that was selected.
   */
  public SnapshotRow next() throws IOException {
    while (rowsLeft == 0) {
      if (group + 1 >= groups()) {
        return null;
      }
      select(group + 1);
    }
    readRow();
    return makeRow();
  }

  /**
   * The next row of the selected row group, which must have one, or null if it is older.
   *
   * @param fromMicros how old it may be
   */
  SnapshotRow next(long fromMicros) throws IOException {
    readRow();
    return checkedMicros() < fromMicros ? null : makeRow();
  }

  private void select(int group, List<Integer> wanted) throws IOException {
    closeColumns();
    this.group = group;
    rowsLeft = rows(group);
    rowsBefore = 0;
    for (int before = 0; before < group; before++) {
      rowsBefore += rows(before);
    }
    if (rowsLeft > 0) {
      columns =
          guarded(
              file,
              () ->
                  new GroupColumns(
                      channel,
                      footer,
                      group,
                      wanted,
                      limits,
                      file.path().toAbsolutePath().getParent()));
    }
  }

  private void readRow() throws IOException {
    guarded(
        file,
        () -> {
          columns.next();
          return null;
        });
    rowsLeft--;
    if (!columns.has(SnapshotSchema.TIMESTAMP)) {
      throw unusable("a row has no timestamp");
    }
  }

  private SnapshotRow makeRow() throws IOException {
    String id = text(SnapshotSchema.ID);
    long[] halves = EventIds.halves(id);
    if (halves == null) {
      throw unusable("an event_id is not a UUID");
    }
    id = EventIds.lowerCase(id);
    long micros = checkedMicros();
    if (!columns.has(SnapshotSchema.VERSION)) {
      throw unusable("event " + id + " has no version");
    }
    Event event =
        new Event(
            id,
            halves[0],
            halves[1],
            idsOnly ? "" : text(SnapshotSchema.EVENT_TYPE),
            idsOnly ? "" : text(SnapshotSchema.ENTITY_ID),
            columns.has(SnapshotSchema.TENANT_ID) ? text(SnapshotSchema.TENANT_ID) : null,
            idsOnly ? NOTHING : json(SnapshotSchema.PAYLOAD, id),
            idsOnly ? "" : Timestamps.ofMicros(micros),
            micros,
            columns.has(SnapshotSchema.METADATA) ? json(SnapshotSchema.METADATA, id) : NOTHING,
            columns.column(SnapshotSchema.VERSION).number());
    return new SnapshotRow(
        event,
        columns.has(SnapshotSchema.WAL_OFFSET)
            ? columns.column(SnapshotSchema.WAL_OFFSET).number()
            : 0,
        index,
        rowsBefore + rows(group) - rowsLeft);
  }

  private long checkedMicros() throws ProtocolException {
    long micros = columns.column(SnapshotSchema.TIMESTAMP).number();
    if (micros < Timestamps.MIN_MICROS || micros > Timestamps.MAX_MICROS) {
      throw unusable("a timestamp is not of the years 0 to 9999");
    }
    return micros;
  }

  private String text(int column) throws IOException {
    if (!columns.has(column)) {
      throw unusable("a row has no " + SnapshotSchema.name(column));
    }
    return guarded(file, columns.column(column)::text);
  }

  private JsonText json(int column, String id) throws IOException {
    if (columns.has(column)) {
      JsonText text =
          guarded(
              file,
              () -> {
                byte[] bytes = columns.column(column).bytes();
                return CODEC.jsonOrNull(bytes, 0, bytes.length);
              });
      if (text != null) {
        return text;
      }
    }
    throw unusable("the " + SnapshotSchema.name(column) + " of event " + id + " is not JSON");
  }

  private static <T> T guarded(SnapshotFile file, Step<T> step) throws IOException {
    try {
      return step.run();
    } catch (ProtocolException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw unusable(file, "it is gone from the disk", e);
    } catch (OutOfMemoryError e) {
      throw unusable(file, "it takes more memory than there is", e);
    } catch (StackOverflowError e) {
      throw unusable(file, "it is nested too deeply", e);
    } catch (IOException | RuntimeException e) {
      throw toldBy(file, e);
    }
  }

  /** Parquet wraps what it is given, and its own messages may show bytes of the file. */
  private static IOException toldBy(SnapshotFile file, Exception e) {
    for (Throwable cause = e; cause != null; cause = cause.getCause()) {
      if (cause instanceof BadFile) {
        return unusable(file, cause.getMessage(), e);
      }
      if (cause instanceof ScratchException || cause instanceof ClosedChannelException) {
        return (IOException) cause;
      }
    }
    Throwable told = e instanceof UncheckedIOException ? e.getCause() : e;
    return unusable(
        file,
        "it is truncated, altered or no Parquet file (" + told.getClass().getSimpleName() + ")",
        e);
  }

  /** The exception that says so of this file. */
  SnapshotFileException unusable(String why) {
    return unusable(file, why, null);
  }

  private static SnapshotFileException unusable(SnapshotFile file, String why, Throwable cause) {
    return new SnapshotFileException(
        file.name(),
        "can't be read: "
            + why
            + "; fetch the snapshot again, and if it stays so, check the leader's own file",
        cause);
  }

  private void closeColumns() throws IOException {
    if (columns != null) {
      GroupColumns done = columns;
      columns = null;
      done.close();
    }
  }

  @Override
  public void close() throws IOException {
    try {
      closeColumns();
    } finally {
      channel.close();
    }
  }
}
