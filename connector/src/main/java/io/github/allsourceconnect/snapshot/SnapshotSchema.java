package io.github.allsourceconnect.snapshot;

import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.protocol.ProtocolException;
import java.util.ArrayList;
import java.util.List;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimestampLogicalTypeAnnotation;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type;
import org.apache.parquet.schema.Types;

/**
 * The layout of a snapshot file: seven columns by position, as the real peers read them; then any
 * others, of which {@code tenant_id} and {@code wal_offset} are known by name.
 */
final class SnapshotSchema {
  static final int ID = 0;
  static final int EVENT_TYPE = 1;
  static final int ENTITY_ID = 2;
  static final int PAYLOAD = 3;
  static final int TIMESTAMP = 4;
  static final int METADATA = 5;
  static final int VERSION = 6;
  static final int REAL_COLUMNS = 7;
  static final String TENANT_ID = "tenant_id";
  static final String WAL_OFFSET = "wal_offset";

  private static final String[] NAMES = {
    "event_id", "event_type", "entity_id", "payload", "timestamp", "metadata", "version"
  };

  private SnapshotSchema() {}

  /** What is written. */
  static MessageType toWrite(boolean extraColumns) {
    LogicalTypeAnnotation utf8 = LogicalTypeAnnotation.stringType();
    LogicalTypeAnnotation micros = LogicalTypeAnnotation.timestampType(false, TimeUnit.MICROS);
    LogicalTypeAnnotation unsigned = LogicalTypeAnnotation.intType(64, false);
    Types.MessageTypeBuilder schema = Types.buildMessage();
    for (int i = ID; i <= PAYLOAD; i++) {
      schema.required(PrimitiveTypeName.BINARY).as(utf8).named(NAMES[i]);
    }
    schema.required(PrimitiveTypeName.INT64).as(micros).named(NAMES[TIMESTAMP]);
    schema.optional(PrimitiveTypeName.BINARY).as(utf8).named(NAMES[METADATA]);
    schema.required(PrimitiveTypeName.INT64).as(unsigned).named(NAMES[VERSION]);
    if (extraColumns) {
      schema.optional(PrimitiveTypeName.BINARY).as(utf8).named(TENANT_ID);
      schema.optional(PrimitiveTypeName.INT64).as(unsigned).named(WAL_OFFSET);
    }
    return schema.named("arrow_schema");
  }

  /**
   * Checks a file's layout.
   *
   * @throws ProtocolException of kind FILE that names the column that is not as it should be
   */
  static void check(String file, MessageType schema) throws ProtocolException {
    if (schema.getFieldCount() < REAL_COLUMNS) {
      throw wrong(
          file,
          "it has " + schema.getFieldCount() + " columns instead of at least " + REAL_COLUMNS);
    }
    for (int i = 0; i < REAL_COLUMNS; i++) {
      PrimitiveTypeName type =
          i == TIMESTAMP || i == VERSION ? PrimitiveTypeName.INT64 : PrimitiveTypeName.BINARY;
      checkColumn(file, schema.getType(i), NAMES[i], type);
    }
    LogicalTypeAnnotation time = schema.getType(TIMESTAMP).getLogicalTypeAnnotation();
    if (!(time instanceof TimestampLogicalTypeAnnotation t && t.getUnit() == TimeUnit.MICROS)) {
      throw wrong(file, "its column 5, timestamp, is not in microseconds");
    }
    int tenant = extra(schema, TENANT_ID);
    if (tenant >= 0) {
      checkColumn(file, schema.getType(tenant), TENANT_ID, PrimitiveTypeName.BINARY);
    }
    int walOffset = extra(schema, WAL_OFFSET);
    if (walOffset >= 0) {
      checkColumn(file, schema.getType(walOffset), WAL_OFFSET, PrimitiveTypeName.INT64);
    }
  }

  /**
   * The columns to read, at their positions in the file: of all that are known, or for ids only.
   */
  static List<Integer> columns(MessageType schema, boolean idsOnly) {
    List<Integer> columns = new ArrayList<>();
    for (int i = 0; i < REAL_COLUMNS; i++) {
      if (!idsOnly || (i != EVENT_TYPE && i != PAYLOAD && i != METADATA)) {
        columns.add(i);
      }
    }
    for (String name : List.of(TENANT_ID, WAL_OFFSET)) {
      if (extra(schema, name) >= 0) {
        columns.add(extra(schema, name));
      }
    }
    return columns;
  }

  /** A schema of these columns alone. */
  static MessageType project(MessageType schema, List<Integer> columns) {
    return new MessageType(schema.getName(), columns.stream().map(schema::getType).toList());
  }

  /** The position of a column beyond the seven, or -1. */
  static int extra(MessageType schema, String name) {
    for (int i = REAL_COLUMNS; i < schema.getFieldCount(); i++) {
      if (schema.getType(i).getName().equals(name)) {
        return i;
      }
    }
    return -1;
  }

  private static void checkColumn(
      String file, Type column, String meaning, PrimitiveTypeName expected)
      throws ProtocolException {
    if (!column.isPrimitive()
        || column.isRepetition(Type.Repetition.REPEATED)
        || column.asPrimitiveType().getPrimitiveTypeName() != expected) {
      throw wrong(file, "its column for " + meaning + " is not a plain " + expected + " column");
    }
  }

  private static ProtocolException wrong(String file, String why) {
    return new ProtocolException(
        ProtocolException.Kind.FILE,
        "snapshot file "
            + Printable.of(file)
            + " has another layout than AllSource's: "
            + why
            + "; see which release of the store wrote it",
        0,
        0);
  }
}
