package io.github.allsourceconnect.snapshot;

import java.nio.file.Path;
import java.util.Map;
import org.apache.hadoop.conf.Configuration;
import org.apache.parquet.conf.ParquetConfiguration;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetWriter;
import org.apache.parquet.hadoop.api.WriteSupport;
import org.apache.parquet.hadoop.metadata.CompressionCodecName;
import org.apache.parquet.io.api.RecordConsumer;
import org.apache.parquet.schema.MessageType;

/**
 * How rows of some kind become the columns of a schema; subclasses say what a row's columns are.
 * Without Hadoop: no configuration of it is read, and files are plain ones. One thread.
 */
abstract class RowWriting<T> extends WriteSupport<T> {
  /** What is written. */
  protected final MessageType schema;

  /** Takes the columns of one row after another. */
  protected RecordConsumer out;

  RowWriting(MessageType schema) {
    this.schema = schema;
  }

  /** The beginning of a writer of such rows, compressed with Snappy. */
  Builder<T> to(Path path) {
    return new Builder<>(path, this)
        .withConf(new PlainParquetConfiguration())
        .withCodecFactory(new SnappyCodecs())
        .withCompressionCodec(CompressionCodecName.SNAPPY);
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
  public void prepareForWrite(RecordConsumer out) {
    this.out = out;
  }

  /** What else may be chosen about a file. */
  static final class Builder<T> extends ParquetWriter.Builder<T, Builder<T>> {
    private final RowWriting<T> rows;

    private Builder(Path path, RowWriting<T> rows) {
      super(new LocalOutput(path));
      this.rows = rows;
    }

    @Override
    protected Builder<T> self() {
      return this;
    }

    @Override
    @Deprecated
    protected WriteSupport<T> getWriteSupport(Configuration configuration) {
      return rows;
    }

    @Override
    protected WriteSupport<T> getWriteSupport(ParquetConfiguration configuration) {
      return rows;
    }
  }
}
