package io.github.allsourceconnect.snapshot;

import io.github.allsourceconnect.protocol.Event;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.MessageTypeParser;

/** Writes Parquet files as other writers might: several row groups, no statistics, any schema. */
final class TestFiles {
  static final String REAL_SCHEMA =
      """
      message m {
        required binary event_id (STRING);
        required binary event_type (STRING);
        required binary entity_id (STRING);
        required binary payload (STRING);
        required int64 timestamp (TIMESTAMP(MICROS,false));
        optional binary metadata (STRING);
        required int64 version (INTEGER(64,false));
      }
      """;

  /** How to write. */
  record Layout(
      String schema, int rowsPerGroup, boolean statistics, boolean dictionary, boolean checksums) {
    static Layout real() {
      return new Layout(REAL_SCHEMA, 10_000, true, true, true);
    }

    Layout withGroups(int rows) {
      return new Layout(schema, rows, statistics, dictionary, checksums);
    }

    Layout withoutStatistics() {
      return new Layout(schema, rowsPerGroup, false, dictionary, checksums);
    }

    Layout withoutDictionary() {
      return new Layout(schema, rowsPerGroup, statistics, false, checksums);
    }

    Layout withoutChecksums() {
      return new Layout(schema, rowsPerGroup, statistics, dictionary, false);
    }
  }

  private TestFiles() {}

  /** Writes the events' seven values into the first seven columns, whatever these are called. */
  static SnapshotFile write(Path path, Layout layout, List<Event> events) throws IOException {
    try (ParquetWriter<Object[]> writer = open(path, layout)) {
      for (Event e : events) {
        writer.write(
            new Object[] {
              e.id(),
              e.eventType(),
              e.entityId(),
              e.payload().toString(),
              e.micros(),
              e.metadata() == null || e.metadata().isNull() ? null : e.metadata().toString(),
              e.version()
            });
      }
    }
    return new SnapshotFile(path.getFileName().toString(), path);
  }

  /** Writes rows of strings, byte arrays, longs and nulls. */
  static SnapshotFile writeRows(Path path, Layout layout, List<Object[]> rows) throws IOException {
    try (ParquetWriter<Object[]> writer = open(path, layout)) {
      for (Object[] row : rows) {
        writer.write(row);
      }
    }
    return new SnapshotFile(path.getFileName().toString(), path);
  }

  private static ParquetWriter<Object[]> open(Path path, Layout layout) throws IOException {
    return new AnyRows(MessageTypeParser.parseMessageType(layout.schema()))
        .to(path)
        .withRowGroupRowCountLimit(layout.rowsPerGroup())
        .withPageRowCountLimit(100)
        .withStatisticsEnabled(layout.statistics())
        .withDictionaryEncoding(layout.dictionary())
        .withPageWriteChecksumEnabled(layout.checksums())
        .build();
  }

  private static final class AnyRows extends RowWriting<Object[]> {
    AnyRows(MessageType schema) {
      super(schema);
    }

    @Override
    public void write(Object[] row) {
      out.startMessage();
      for (int i = 0; i < schema.getFieldCount(); i++) {
        if (row[i] == null) {
          continue;
        }
        out.startField(schema.getFieldName(i), i);
        if (row[i] instanceof Long number) {
          out.addLong(number);
        } else if (row[i] instanceof Integer number) {
          out.addInteger(number);
        } else if (row[i] instanceof byte[] bytes) {
          out.addBinary(Binary.fromConstantByteArray(bytes));
        } else {
          out.addBinary(
              Binary.fromConstantByteArray(row[i].toString().getBytes(StandardCharsets.UTF_8)));
        }
        out.endField(schema.getFieldName(i), i);
      }
      out.endMessage();
    }
  }
}
