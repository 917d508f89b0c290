package io.github.allsourceconnect.snapshot;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.PrimitiveIterator;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.IndexedRecord;
import org.apache.parquet.avro.AvroReadSupport;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.page.PageReadStore;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.api.ReadSupport.ReadContext;
import org.apache.parquet.io.ColumnIOFactory;
import org.apache.parquet.io.RecordReader;
import org.apache.parquet.schema.MessageType;

/**
 * Some columns of a row group as Avro records, made by parquet-avro of pages that are read as they
 * are needed. Parquet's own file reader holds a whole row group. One thread.
 */
final class GroupRecords implements AutoCloseable {
  private static final int NO_COLUMN = -1;

  private final List<ColumnPages> pages = new ArrayList<>();
  private final int[] places = new int[SnapshotSchema.WAL_OFFSET + 1];
  private final RecordReader<IndexedRecord> records;

  /**
   * Begins before the first row.
   *
   * @param wanted of the nine columns
   * @param folder where a dictionary that is too large goes for a while
   */
  GroupRecords(
      FileChannel file,
      FileFooter footer,
      int group,
      List<Integer> wanted,
      ReadLimits limits,
      Path folder)
      throws IOException {
    Arrays.fill(places, NO_COLUMN);
    FileFooter.Group rows = footer.groups().get(group);
    for (int i = 0; i < wanted.size(); i++) {
      places[wanted.get(i)] = i;
      int at = SnapshotSchema.place(footer.columns(), wanted.get(i));
      boolean optional = footer.columns().get(at).optional();
      pages.add(new ColumnPages(file, rows.chunks().get(at), optional, limits, folder));
    }
    MessageType schema = SnapshotSchema.project(footer.columns(), wanted);
    PlainParquetConfiguration plain = new PlainParquetConfiguration();
    plain.setBoolean(AvroReadSupport.AVRO_COMPATIBILITY, false);
    AvroReadSupport<IndexedRecord> avro = new AvroReadSupport<>(GenericData.get());
    ReadContext context = avro.init(plain, Map.of(), schema);
    try {
      records =
          new ColumnIOFactory()
              .getColumnIO(schema)
              .getRecordReader(
                  new Pages(schema, rows.rows()),
                  avro.prepareForRead(plain, Map.of(), schema, context));
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /** The next row; the caller knows that there is one. */
  IndexedRecord next() {
    return records.read();
  }

  /** A row's value of one of the nine columns; null where it has none, or where it is not read. */
  Object value(IndexedRecord row, int column) {
    return places[column] == NO_COLUMN ? null : row.get(places[column]);
  }

  /** What this takes in memory at most, apart from the current row. */
  long memory() {
    return pages.stream().mapToLong(ColumnPages::memory).sum();
  }

  @Override
  public void close() throws IOException {
    for (ColumnPages column : pages) {
      column.close();
    }
  }

  private final class Pages implements PageReadStore {
    private final MessageType schema;
    private final long rows;

    Pages(MessageType schema, long rows) {
      this.schema = schema;
      this.rows = rows;
    }

    @Override
    public PageReader getPageReader(ColumnDescriptor column) {
      return pages.get(schema.getFieldIndex(column.getPath()[0]));
    }

    @Override
    public long getRowCount() {
      return rows;
    }

    @Override
    public Optional<PrimitiveIterator.OfLong> getRowIndexes() {
      return Optional.empty();
    }
  }
}
