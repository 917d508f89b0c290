package io.github.allsourceconnect.snapshot;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import org.apache.parquet.format.ColumnChunk;
import org.apache.parquet.format.ColumnMetaData;
import org.apache.parquet.format.CompressionCodec;
import org.apache.parquet.format.ConvertedType;
import org.apache.parquet.format.FieldRepetitionType;
import org.apache.parquet.format.FileMetaData;
import org.apache.parquet.format.RowGroup;
import org.apache.parquet.format.SchemaElement;
import org.apache.parquet.format.Statistics;
import org.apache.parquet.format.Type;
import org.apache.parquet.format.Util;

/**
 * What the footer of a Parquet file says, checked: a flat schema, and row groups whose columns lie
 * in the file, beside each other and not on each other. Immutable.
 *
 * <p>A row of the store has an id, so that a file with more rows than bytes is none of its files;
 * that bounds the work that a small file can cause.
 */
final class FileFooter {
  private static final byte[] MAGIC = {'P', 'A', 'R', '1'};
  private static final int TAIL = 8;
  private static final int COLUMNS_MAX = 1000;

  /** A column of the schema; type null for one that is no plain column. */
  record Column(String name, Type type, boolean optional, boolean micros) {}

  /** A column's part of a row group: bytes of the file from start to end. */
  record Chunk(
      long start, long end, long values, CompressionCodec codec, long uncompressed, Type type) {}

  /** A row group; the times are of the timestamp column, null where the file does not tell. */
  record Group(long rows, long bytes, List<Chunk> chunks, Long minMicros, Long maxMicros) {}

  private final List<Column> columns;
  private final List<Group> groups;

  private FileFooter(List<Column> columns, List<Group> groups) {
    this.columns = columns;
    this.groups = groups;
  }

  List<Column> columns() {
    return columns;
  }

  List<Group> groups() {
    return groups;
  }

  /**
   * Reads the footer.
   *
   * @throws IOException if it is none, or not as it must be
   */
  static FileFooter read(FileChannel file, ReadLimits limits) throws IOException {
    long length = file.size();
    if (length < MAGIC.length + TAIL) {
      throw new BadFile("it is too short");
    }
    byte[] tail = new ChunkInput(file, length - TAIL, length).bytes(TAIL);
    byte[] head = new ChunkInput(file, 0, MAGIC.length).bytes(MAGIC.length);
    if (!Arrays.equals(MAGIC, 0, 4, tail, 4, TAIL) || !Arrays.equals(MAGIC, head)) {
      throw new BadFile("it does not begin and end as a Parquet file does");
    }
    int size = ByteBuffer.wrap(tail).order(ByteOrder.LITTLE_ENDIAN).getInt();
    if (size < 0 || size > length - TAIL - MAGIC.length) {
      throw new BadFile("its footer would be longer than the file");
    }
    if (size > limits.headerBytes()) {
      throw new BadFile(
          "its footer of "
              + size
              + " bytes is more than snapshot.memory.bytes allows; raise it to "
              + 4L * size);
    }
    long start = length - TAIL - size;
    ThriftBounds.check(new ChunkInput(file, start, length - TAIL), size, limits.headerNodes());
    // what a list's elements are is not what its header says: Thrift must hold its counts, too
    FileMetaData footer = Util.readFileMetaData(new ChunkInput(file, start, length - TAIL), size);
    List<Column> columns = columns(footer.getSchema());
    List<Group> groups = new ArrayList<>();
    long rows = 0;
    for (RowGroup group : footer.getRow_groups()) {
      groups.add(group(group, columns, start));
      rows += groups.get(groups.size() - 1).rows();
      if (rows > length) {
        throw new BadFile("it claims more rows than it has bytes");
      }
    }
    checkApart(groups);
    return new FileFooter(columns, groups);
  }

  private static List<Column> columns(List<SchemaElement> schema) throws IOException {
    if (schema.isEmpty() || schema.get(0).getNum_children() != schema.size() - 1) {
      throw new BadFile("its schema is nested, or does not fit together");
    }
    if (schema.size() - 1 > COLUMNS_MAX) {
      throw new BadFile("it has more than " + COLUMNS_MAX + " columns");
    }
    List<Column> columns = new ArrayList<>();
    for (SchemaElement element : schema.subList(1, schema.size())) {
      if (element.getNum_children() > 0) {
        throw new BadFile("its schema is nested, or does not fit together");
      }
      boolean plain =
          element.getType() != null
              && element.getRepetition_type() != null
              && element.getRepetition_type() != FieldRepetitionType.REPEATED;
      columns.add(
          new Column(
              element.getName(),
              plain ? element.getType() : null,
              element.getRepetition_type() == FieldRepetitionType.OPTIONAL,
              isMicros(element)));
    }
    return columns;
  }

  private static boolean isMicros(SchemaElement element) {
    if (element.isSetLogicalType()) {
      return element.getLogicalType().isSetTIMESTAMP()
          && element.getLogicalType().getTIMESTAMP().getUnit().isSetMICROS();
    }
    return element.getConverted_type() == ConvertedType.TIMESTAMP_MICROS;
  }

  private static Group group(RowGroup group, List<Column> columns, long dataEnd)
      throws IOException {
    long rows = group.getNum_rows();
    if (rows < 0 || group.getColumns().size() != columns.size()) {
      throw new BadFile("its footer does not fit together");
    }
    List<Chunk> chunks = new ArrayList<>();
    Long min = null;
    Long max = null;
    long bytes = 0;
    for (int i = 0; i < columns.size(); i++) {
      ColumnChunk chunk = group.getColumns().get(i);
      ColumnMetaData meta = chunk.getMeta_data();
      if (meta == null || chunk.isSetFile_path()) {
        throw new BadFile("its footer does not fit together");
      }
      chunks.add(chunk(meta, rows, columns.get(i), dataEnd));
      bytes += chunks.get(i).uncompressed();
      if (i == SnapshotSchema.TIMESTAMP && meta.isSetStatistics()) {
        Statistics statistics = meta.getStatistics();
        min = number(statistics.isSetMin_value() ? statistics.getMin_value() : statistics.getMin());
        max = number(statistics.isSetMax_value() ? statistics.getMax_value() : statistics.getMax());
      }
    }
    boolean told = min != null && max != null && min <= max;
    return new Group(rows, bytes, chunks, told ? min : null, told ? max : null);
  }

  private static Chunk chunk(ColumnMetaData meta, long rows, Column column, long dataEnd)
      throws IOException {
    long start = meta.getData_page_offset();
    if (meta.isSetDictionary_page_offset()
        && meta.getDictionary_page_offset() > 0
        && meta.getDictionary_page_offset() < start) {
      start = meta.getDictionary_page_offset();
    }
    long size = meta.getTotal_compressed_size();
    if (rows > 0
        && (start < MAGIC.length || size < 0 || start > dataEnd || size > dataEnd - start)) {
      throw new BadFile("a column lies outside the file");
    }
    if (meta.getNum_values() != rows && column.type() != null) {
      throw new BadFile("a column has another number of values than the file has rows");
    }
    if (column.type() != null && meta.getType() != column.type()) {
      throw new BadFile("a column has another type than the schema says");
    }
    long uncompressed = meta.getTotal_uncompressed_size();
    if (uncompressed < 0 || uncompressed > Long.MAX_VALUE / (COLUMNS_MAX + 1)) {
      throw new BadFile("a column has an impossible size");
    }
    return new Chunk(
        start, start + size, meta.getNum_values(), meta.getCodec(), uncompressed, meta.getType());
  }

  /** The same bytes are no two columns, and no two row groups. */
  private static void checkApart(List<Group> groups) throws IOException {
    List<Chunk> all = new ArrayList<>();
    for (Group group : groups) {
      if (group.rows() > 0) {
        all.addAll(group.chunks());
      }
    }
    all.sort(Comparator.comparingLong(Chunk::start));
    for (int i = 1; i < all.size(); i++) {
      if (all.get(i).start() < all.get(i - 1).end()) {
        throw new BadFile("two of its columns overlap");
      }
    }
  }

  private static Long number(byte[] littleEndian) {
    return littleEndian == null || littleEndian.length != Long.BYTES
        ? null
        : ByteBuffer.wrap(littleEndian).order(ByteOrder.LITTLE_ENDIAN).getLong();
  }
}
