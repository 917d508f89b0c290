package io.github.allsourceconnect.snapshot;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.IndexedRecord;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.avro.AvroWriteSupport;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;

/**
 * Writes one snapshot file in the real store's layout: under a temporary name beside the target
 * until {@link #commit} puts it there whole. The same events, the same bytes. Memory: one row
 * group. One thread.
 *
 * <p>Times are kept to the microsecond. Metadata that is absent or {@code null} is a null.
 */
public final class SnapshotWriter implements AutoCloseable {
  /** What it keeps in memory, if nothing else is said. */
  public static final long ROW_GROUP_BYTES = 64L << 20;

  private final Path target;
  private final Path temporary;
  private final boolean extraColumns;
  private final Schema schema;
  private final ParquetWriter<IndexedRecord> parquet;
  private boolean closed;
  private long rows;
  private long minMicros = Long.MAX_VALUE;
  private long maxMicros = Long.MIN_VALUE;

  /**
   * Begins a file.
   *
   * @param target where {@link #commit} puts it; an older file there is replaced
   * @param extraColumns whether {@code tenant_id} and {@code wal_offset} follow the seven columns
   */
  public SnapshotWriter(Path target, boolean extraColumns) throws IOException {
    this(target, extraColumns, Map.of(), ROW_GROUP_BYTES);
  }

  /** As the other constructors, with row groups of another size. */
  SnapshotWriter(Path target, boolean extraColumns, long rowGroupBytes) throws IOException {
    this(target, extraColumns, Map.of(), rowGroupBytes);
  }

  /**
   * As above.
   *
   * @param notes for the file's own key-value metadata, which readers need not know
   * @param rowGroupBytes what is kept in memory
   */
  public SnapshotWriter(
      Path target, boolean extraColumns, Map<String, String> notes, long rowGroupBytes)
      throws IOException {
    this.target = target;
    this.temporary = target.resolveSibling(target.getFileName() + ".tmp");
    this.extraColumns = extraColumns;
    this.schema = SnapshotSchema.recordToWrite(extraColumns);
    this.parquet =
        new Builder(temporary, extraColumns)
            .withConf(new PlainParquetConfiguration())
            .withCodecFactory(new SnappyCodecs())
            .withCompressionCodec(CompressionCodecName.SNAPPY)
            .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
            .withExtraMetaData(notes)
            .withRowGroupSize(rowGroupBytes)
            // otherwise sizes are not looked at before a hundred rows, however large they are
            .withMinRowCountForPageSizeCheck(1)
            .withPageWriteChecksumEnabled(true)
            .build();
  }

  /**
   * Adds an event, its tenant included if the file has the column.
   *
   * @param walOffset 0 when not known
   */
  public void add(Event event, long walOffset) throws IOException {
    GenericData.Record row = new GenericData.Record(schema);
    row.put(SnapshotSchema.ID, event.id());
    row.put(SnapshotSchema.EVENT_TYPE, event.eventType());
    row.put(SnapshotSchema.ENTITY_ID, event.entityId());
    row.put(SnapshotSchema.PAYLOAD, bytes(event.payload()));
    row.put(SnapshotSchema.TIMESTAMP, event.micros());
    if (event.metadata() != null && !event.metadata().isNull()) {
      row.put(SnapshotSchema.METADATA, bytes(event.metadata()));
    }
    row.put(SnapshotSchema.VERSION, event.version());
    if (extraColumns) {
      row.put(SnapshotSchema.TENANT_ID, event.tenantId());
      row.put(SnapshotSchema.WAL_OFFSET, walOffset > 0 ? walOffset : null);
    }
    parquet.write(row);
    rows++;
    minMicros = Math.min(minMicros, event.micros());
    maxMicros = Math.max(maxMicros, event.micros());
  }

  private static ByteBuffer bytes(JsonText json) {
    return ByteBuffer.wrap(json.array(), json.offset(), json.length());
  }

  /** Rows so far. */
  public long rows() {
    return rows;
  }

  /** About how many bytes the file has so far. */
  public long bytes() {
    return parquet.getDataSize();
  }

  /** The oldest time so far, in microseconds; {@link Long#MAX_VALUE} without rows. */
  public long minMicros() {
    return minMicros;
  }

  /** The newest time so far, in microseconds; {@link Long#MIN_VALUE} without rows. */
  public long maxMicros() {
    return maxMicros;
  }

  /** Whether the file has the tenant and the WAL offset. */
  public boolean extraColumns() {
    return extraColumns;
  }

  /** Finishes the file, forces it to the disk, and gives it its name in one step. */
  public void commit() throws IOException {
    if (closed) {
      throw new IllegalStateException("the writer is closed");
    }
    parquet.close();
    closed = true;
    try (FileChannel written = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      written.force(true);
    }
    Files.move(
        temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  /** Without a {@link #commit} before: nothing remains of the file. */
  @Override
  public void close() throws IOException {
    if (!closed) {
      closed = true;
      try {
        parquet.close();
      } finally {
        Files.deleteIfExists(temporary);
      }
    }
  }

  /** Without Hadoop: no configuration of it is read, and files are plain ones. */
  private static final class Builder extends ParquetWriter.Builder<IndexedRecord, Builder> {
    private final WriteSupport<IndexedRecord> avro;

    Builder(Path path, boolean extraColumns) {
      super(new LocalOutputFile(path));
      avro =
          new AvroWriteSupport<>(
              SnapshotSchema.toWrite(extraColumns),
              SnapshotSchema.recordToWrite(extraColumns),
              GenericData.get());
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    @SuppressWarnings("deprecation") // Parquet demands it
    protected WriteSupport<IndexedRecord> getWriteSupport(Configuration configuration) {
      return avro;
    }

    @Override
    protected WriteSupport<IndexedRecord> getWriteSupport(ParquetConfiguration configuration) {
      return avro;
    }
  }
}
