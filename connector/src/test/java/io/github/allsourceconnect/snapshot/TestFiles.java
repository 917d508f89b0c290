package io.github.allsourceconnect.snapshot;

import io.github.allsourceconnect.protocol.Event;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.column.ParquetProperties.WriterVersion;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileWriter;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.LocalOutputFile;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.RecordConsumer;
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
      String schema,
      int rowsPerGroup,
      int rowsPerPage,
      boolean statistics,
      boolean dictionary,
      boolean checksums,
      boolean v2,
      CompressionCodecName codec) {
    static Layout real() {
      return new Layout(
          REAL_SCHEMA, 10_000, 100, true, true, true, false, CompressionCodecName.SNAPPY);
    }

    Layout withSchema(String other) {
      return new Layout(
          other, rowsPerGroup, rowsPerPage, statistics, dictionary, checksums, v2, codec);
    }

    Layout withGroups(int rows) {
      return new Layout(schema, rows, rowsPerPage, statistics, dictionary, checksums, v2, codec);
    }

    Layout withPages(int rows) {
      return new Layout(schema, rowsPerGroup, rows, statistics, dictionary, checksums, v2, codec);
    }

    Layout withoutStatistics() {
      return new Layout(schema, rowsPerGroup, rowsPerPage, false, dictionary, checksums, v2, codec);
    }

    Layout withoutDictionary() {
      return new Layout(schema, rowsPerGroup, rowsPerPage, statistics, false, checksums, v2, codec);
    }

    Layout withoutChecksums() {
      return new Layout(
          schema, rowsPerGroup, rowsPerPage, statistics, dictionary, false, v2, codec);
    }

    Layout withV2Pages() {
      return new Layout(
          schema, rowsPerGroup, rowsPerPage, statistics, dictionary, checksums, true, codec);
    }

    Layout withCodec(CompressionCodecName other) {
      return new Layout(
          schema, rowsPerGroup, rowsPerPage, statistics, dictionary, checksums, v2, other);
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

  /** A file with pages and a dictionary of any size, as writers make them that count rows first. */
  private static ParquetWriter<Object[]> open(Path path, Layout layout) throws IOException {
    return new Builder(path, MessageTypeParser.parseMessageType(layout.schema()))
        .withConf(new PlainParquetConfiguration())
        .withCodecFactory(new SnappyCodecs())
        .withCompressionCodec(layout.codec())
        .withWriteMode(ParquetFileWriter.Mode.OVERWRITE)
        .withWriterVersion(layout.v2() ? WriterVersion.PARQUET_2_0 : WriterVersion.PARQUET_1_0)
        .withRowGroupRowCountLimit(layout.rowsPerGroup())
        .withRowGroupSize(Long.MAX_VALUE)
        .withPageRowCountLimit(layout.rowsPerPage())
        .withPageSize(Integer.MAX_VALUE)
        .withDictionaryPageSize(layout.rowsPerPage() > 100 ? Integer.MAX_VALUE : 1 << 20)
        .withStatisticsEnabled(layout.statistics())
        .withDictionaryEncoding(layout.dictionary())
        .withPageWriteChecksumEnabled(layout.checksums())
        .build();
  }

  private static final class Builder extends ParquetWriter.Builder<Object[], Builder> {
    private final MessageType schema;

    Builder(Path path, MessageType schema) {
      super(new LocalOutputFile(path));
      this.schema = schema;
    }

    @Override
    protected Builder self() {
      return this;
    }

    @Override
    @Deprecated
    protected WriteSupport<Object[]> getWriteSupport(Configuration configuration) {
      return new AnyRows(schema);
    }

    @Override
    protected WriteSupport<Object[]> getWriteSupport(ParquetConfiguration configuration) {
      return new AnyRows(schema);
    }
  }

  private static final class AnyRows extends WriteSupport<Object[]> {
    private final MessageType schema;
    private RecordConsumer out;

    AnyRows(MessageType schema) {
      this.schema = schema;
    }

    @Override
    @Deprecated
    public WriteContext init(Configuration configuration) {
      return new WriteContext(schema, Map.of());
    }

    @Override
    public WriteContext init(ParquetConfiguration configuration) {
      return new WriteContext(schema, Map.of());
    }

    @Override
    public void prepareForWrite(RecordConsumer consumer) {
      out = consumer;
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
