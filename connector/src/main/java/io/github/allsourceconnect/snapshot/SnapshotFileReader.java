package io.github.allsourceconnect.snapshot;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.EventIds;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.Timestamps;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.NoSuchFileException;
import java.util.List;
import java.util.Locale;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.column.statistics.LongStatistics;
import org.apache.parquet.column.statistics.Statistics;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.metadata.BlockMetaData;
import org.apache.parquet.hadoop.metadata.ColumnChunkMetaData;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;

/**
 * Reads one snapshot file, row group by row group, rows in the file's order. Memory: the compressed
 * bytes of the current row group and the current page of each column. Whatever is wrong with the
 * file is a {@link ProtocolException} of kind FILE that names it. One thread.
 */
public final class SnapshotFileReader implements AutoCloseable {
  private static final JsonText NOTHING = JsonText.NULL;

  private final SnapshotFile file;
  private final int index;
  private final boolean idsOnly;
  private final ParquetFileReader parquet;
  private final MessageType schema;
  private final List<Integer> columns;
  private final int tenantColumn;
  private final int walOffsetColumn;
  private int group = -1;
  private long rowsLeft;
  private long rowsBefore;
  private RecordReader<RowConverter> records;
  private RowConverter row;

  /** A step of Parquet's, which throws what it likes on bad input. */
  private interface Step<T> {
    T run() throws IOException;
  }

  private SnapshotFileReader(SnapshotFile file, int index, boolean idsOnly)
      throws ProtocolException {
    this.file = file;
    this.index = index;
    this.idsOnly = idsOnly;
    this.parquet =
        guarded(
            () ->
                ParquetFileReader.open(
                    new LocalInput(file.path()),
                    ParquetReadOptions.builder(new PlainParquetConfiguration())
                        .withCodecFactory(new SnappyCodecs())
                        .usePageChecksumVerification(true)
                        .withUseHadoopVectoredIo(false)
                        .build()));
    this.schema = guarded(() -> parquet.getFileMetaData().getSchema());
    this.columns = SnapshotSchema.columns(schema, idsOnly);
    this.tenantColumn = SnapshotSchema.extra(schema, SnapshotSchema.TENANT_ID);
    this.walOffsetColumn = SnapshotSchema.extra(schema, SnapshotSchema.WAL_OFFSET);
  }

  /**
   * Opens a file and checks its layout.
   *
   * @param index what the rows shall say of {@link SnapshotRow#file}
   * @param idsOnly whether id, entity, time, version (and tenant and WAL offset where the file has
   *     them) suffice: event type, payload and metadata are then empty
   * @throws ProtocolException of kind FILE if it is no such file
   */
  public static SnapshotFileReader open(SnapshotFile file, int index, boolean idsOnly)
      throws IOException {
    SnapshotFileReader reader = new SnapshotFileReader(file, index, idsOnly);
    try {
      SnapshotSchema.check(file.name(), reader.schema);
      reader.checkLayout();
      return reader;
    } catch (ProtocolException e) {
      reader.close();
      throw e;
    }
  }

  /** How many row groups. */
  public int groups() {
    return parquet.getRowGroups().size();
  }

  /** Rows of a row group. */
  public long rows(int group) {
    return parquet.getRowGroups().get(group).getRowCount();
  }

  /** Rows of all row groups. */
  public long rows() {
    return parquet.getRecordCount();
  }

  /** Uncompressed bytes of a row group. */
  public long bytes(int group) {
    return parquet.getRowGroups().get(group).getTotalByteSize();
  }

  /** Whether the file tells the oldest and newest time of a row group. */
  public boolean hasTimes(int group) {
    Statistics<?> statistics = timeChunk(group).getStatistics();
    return statistics instanceof LongStatistics && statistics.hasNonNullValue();
  }

  /** The oldest time, in microseconds, where {@link #hasTimes}. */
  public long minMicros(int group) {
    return ((LongStatistics) timeChunk(group).getStatistics()).getMin();
  }

  /** The newest time, in microseconds, where {@link #hasTimes}. */
  public long maxMicros(int group) {
    return ((LongStatistics) timeChunk(group).getStatistics()).getMax();
  }

  /** The times of a row group's rows, in the file's order; nothing else of it is decoded. */
  public long[] times(int group) throws IOException {
    if (rows(group) > Integer.MAX_VALUE - 16) {
      throw unusable("row group " + group + " has more rows than can be sorted", null);
    }
    select(group, List.of(SnapshotSchema.TIMESTAMP));
    long[] times = new long[(int) rows(group)];
    for (int i = 0; i < times.length; i++) {
      readRow();
      times[i] = checkedMicros();
    }
    return times;
  }

  /** Goes to the first row of a row group. */
  public void select(int group) throws IOException {
    select(group, columns);
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

  /** Goes past the next row of the selected row group, which must have one. */
  void skip() throws IOException {
    readRow();
  }

  private void select(int group, List<Integer> columns) throws ProtocolException {
    guarded(
        () -> {
          MessageType wanted = SnapshotSchema.project(schema, columns);
          parquet.setRequestedSchema(wanted);
          row = new RowConverter(wanted, columns);
          records =
              new ColumnIOFactory()
                  .getColumnIO(wanted, schema)
                  .getRecordReader(parquet.readRowGroup(group), row);
          return null;
        });
    this.group = group;
    rowsLeft = rows(group);
    rowsBefore = 0;
    for (int before = 0; before < group; before++) {
      rowsBefore += rows(before);
    }
  }

  private void readRow() throws ProtocolException {
    guarded(records::read);
    rowsLeft--;
    if (!row.has(SnapshotSchema.TIMESTAMP)) {
      throw unusable("a row has no timestamp", null);
    }
  }

  private SnapshotRow makeRow() throws ProtocolException {
    String id = text(SnapshotSchema.ID, "event_id");
    if (!EventIds.isValid(id)) {
      throw unusable("an event_id is no UUID", null);
    }
    id = id.toLowerCase(Locale.ROOT);
    long micros = checkedMicros();
    if (!row.has(SnapshotSchema.VERSION)) {
      throw unusable("event " + id + " has no version", null);
    }
    Event event =
        new Event(
            id,
            EventIds.high(id),
            EventIds.low(id),
            idsOnly ? "" : text(SnapshotSchema.EVENT_TYPE, "event_type"),
            text(SnapshotSchema.ENTITY_ID, "entity_id"),
            row.has(tenantColumn) ? text(tenantColumn, "tenant_id") : null,
            idsOnly ? NOTHING : json(SnapshotSchema.PAYLOAD, "payload", id),
            Timestamps.ofMicros(micros),
            micros,
            idsOnly || !row.has(SnapshotSchema.METADATA)
                ? NOTHING
                : json(SnapshotSchema.METADATA, "metadata", id),
            row.number(SnapshotSchema.VERSION));
    return new SnapshotRow(
        event,
        row.has(walOffsetColumn) ? row.number(walOffsetColumn) : 0,
        index,
        rowsBefore + rows(group) - rowsLeft);
  }

  private long checkedMicros() throws ProtocolException {
    long micros = row.number(SnapshotSchema.TIMESTAMP);
    if (micros < Timestamps.MIN_MICROS || micros > Timestamps.MAX_MICROS) {
      throw unusable("a timestamp is not of the years 0 to 9999", null);
    }
    return micros;
  }

  private String text(int column, String name) throws ProtocolException {
    if (!row.has(column)) {
      throw unusable("a row has no " + name, null);
    }
    try {
      return guarded(() -> row.text(column));
    } catch (ProtocolException e) {
      throw e.getCause() instanceof CharacterCodingException
          ? unusable("the " + name + " of a row is not UTF-8", null)
          : e;
    }
  }

  private JsonText json(int column, String name, String id) throws ProtocolException {
    JsonText text = row.has(column) ? guarded(() -> row.json(column)) : null;
    if (text == null) {
      throw unusable("the " + name + " of event " + id + " is no JSON", null);
    }
    return text;
  }

  private ColumnChunkMetaData timeChunk(int group) {
    return parquet.getRowGroups().get(group).getColumns().get(SnapshotSchema.TIMESTAMP);
  }

  /**
   * In an altered footer sizes and places may be anything: nothing is allocated by them unchecked.
   */
  private void checkLayout() throws IOException {
    long length = new LocalInput(file.path()).getLength();
    int fields = schema.getFieldCount();
    for (BlockMetaData block : parquet.getRowGroups()) {
      if (block.getColumns().size() != fields
          || block.getRowCount() < 0
          || block.getTotalByteSize() < 0) {
        throw unusable("its footer does not fit together", null);
      }
      for (ColumnChunkMetaData chunk : block.getColumns()) {
        long start = chunk.getStartingPos();
        long size = chunk.getTotalSize();
        if (start < 4 || size < 0 || size > length || start > length - size) {
          throw unusable("a column lies outside the file", null);
        }
        if (chunk.getValueCount() != block.getRowCount()) {
          throw unusable("a column has another number of values than the file has rows", null);
        }
      }
    }
  }

  private <T> T guarded(Step<T> step) throws ProtocolException {
    try {
      return step.run();
    } catch (ProtocolException e) {
      throw e;
    } catch (NoSuchFileException e) {
      throw unusable("it is gone from the disk", e);
    } catch (IOException | RuntimeException e) {
      throw unusable("it is truncated, altered or no Parquet file (" + reason(e) + ")", e);
    }
  }

  private static String reason(Exception e) {
    // Parquet's messages may show bytes of the file; the class says enough
    return e.getClass().getSimpleName();
  }

  private ProtocolException unusable(String why, Exception cause) {
    return new ProtocolException(
        ProtocolException.Kind.FILE,
        "snapshot file "
            + Printable.of(file.name())
            + " can't be read: "
            + why
            + "; fetch the snapshot again, and if it stays so, check the leader's own file",
        cause);
  }

  @Override
  public void close() throws IOException {
    parquet.close();
  }
}
