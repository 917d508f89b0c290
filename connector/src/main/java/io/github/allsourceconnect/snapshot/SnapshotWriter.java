package io.github.allsourceconnect.snapshot;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;

/**
 * Writes one snapshot file in the real store's layout: under a temporary name beside the target
 * until {@link #commit} puts it there whole. The same events, the same bytes. Memory: one row
 * group. One thread.
 *
 * <p>Times are kept to the microsecond. Metadata that is absent or {@code null} is a null.
 */
public final class SnapshotWriter implements AutoCloseable {
  private static final long ROW_GROUP_BYTES = 64L << 20;

  private final Path target;
  private final Path temporary;
  private final boolean extraColumns;
  private final ParquetWriter<Row> parquet;
  private boolean closed;
  private long rows;
  private long minMicros = Long.MAX_VALUE;
  private long maxMicros = Long.MIN_VALUE;

  private record Row(Event event, long walOffset) {}

  /**
   * Begins a file.
   *
   * @param target where {@link #commit} puts it; an older file there is replaced
   * @param extraColumns whether {@code tenant_id} and {@code wal_offset} follow the seven columns
   */
  public SnapshotWriter(Path target, boolean extraColumns) throws IOException {
    this.target = target;
    this.temporary = target.resolveSibling(target.getFileName() + ".tmp");
    this.extraColumns = extraColumns;
    this.parquet =
        new EventRows(SnapshotSchema.toWrite(extraColumns))
            .to(temporary)
            .withRowGroupSize(ROW_GROUP_BYTES)
            .withPageWriteChecksumEnabled(true)
            .build();
  }

  /**
   * Adds an event, its tenant included if the file has the column.
   *
   * @param walOffset 0 when not known
   */
  public void add(Event event, long walOffset) throws IOException {
    parquet.write(new Row(event, walOffset));
    rows++;
    minMicros = Math.min(minMicros, event.micros());
    maxMicros = Math.max(maxMicros, event.micros());
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

  private static final class EventRows extends RowWriting<Row> {
    EventRows(MessageType schema) {
      super(schema);
    }

    @Override
    public void write(Row row) {
      Event event = row.event();
      out.startMessage();
      text(SnapshotSchema.ID, event.id());
      text(SnapshotSchema.EVENT_TYPE, event.eventType());
      text(SnapshotSchema.ENTITY_ID, event.entityId());
      json(SnapshotSchema.PAYLOAD, event.payload());
      number(SnapshotSchema.TIMESTAMP, event.micros());
      if (event.metadata() != null && !event.metadata().isNull()) {
        json(SnapshotSchema.METADATA, event.metadata());
      }
      number(SnapshotSchema.VERSION, event.version());
      if (schema.getFieldCount() > SnapshotSchema.REAL_COLUMNS) {
        if (event.tenantId() != null) {
          text(SnapshotSchema.REAL_COLUMNS, event.tenantId());
        }
        if (row.walOffset() > 0) {
          number(SnapshotSchema.REAL_COLUMNS + 1, row.walOffset());
        }
      }
      out.endMessage();
    }

    private void text(int column, String value) {
      bytes(column, Binary.fromString(value));
    }

    private void json(int column, JsonText value) {
      // "reused": what is kept of it is copied, so that no line stays alive for its payload
      bytes(column, Binary.fromReusedByteArray(value.array(), value.offset(), value.length()));
    }

    private void bytes(int column, Binary value) {
      String name = schema.getFieldName(column);
      out.startField(name, column);
      out.addBinary(value);
      out.endField(name, column);
    }

    private void number(int column, long value) {
      String name = schema.getFieldName(column);
      out.startField(name, column);
      out.addLong(value);
      out.endField(name, column);
    }
  }
}
