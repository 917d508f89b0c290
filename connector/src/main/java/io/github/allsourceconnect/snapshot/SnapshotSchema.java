package io.github.allsourceconnect.snapshot;

import io.github.allsourceconnect.snapshot.FileFooter.Column;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.SchemaBuilder.FieldAssembler;
import org.apache.parquet.format.Type;
import org.apache.parquet.schema.LogicalTypeAnnotation;
import org.apache.parquet.schema.LogicalTypeAnnotation.TimeUnit;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;
import org.apache.parquet.schema.Type.Repetition;
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

  /** Where the two that are known by name stand in what is read and written. */
  static final int TENANT_ID = 7;

  static final int WAL_OFFSET = 8;

  /** What is not read where ids suffice. */
  private static final Set<Integer> NOT_IDS = Set.of(EVENT_TYPE, ENTITY_ID, PAYLOAD, METADATA);

  private static final String[] NAMES = {
    "event_id",
    "event_type",
    "entity_id",
    "payload",
    "timestamp",
    "metadata",
    "version",
    "tenant_id",
    "wal_offset"
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
      schema.optional(PrimitiveTypeName.BINARY).as(utf8).named(NAMES[TENANT_ID]);
      schema.optional(PrimitiveTypeName.INT64).as(unsigned).named(NAMES[WAL_OFFSET]);
    }
    return schema.named("arrow_schema");
  }

  /** The records that {@link #toWrite} is written from; JSON is given as slices of bytes. */
  static Schema recordToWrite(boolean extraColumns) {
    FieldAssembler<Schema> fields = SchemaBuilder.record("arrow_schema").fields();
    for (int i = 0; i < (extraColumns ? NAMES.length : REAL_COLUMNS); i++) {
      fields =
          switch (i) {
            case PAYLOAD -> fields.requiredBytes(NAMES[i]);
            case METADATA -> fields.optionalBytes(NAMES[i]);
            case TIMESTAMP, VERSION -> fields.requiredLong(NAMES[i]);
            case WAL_OFFSET -> fields.optionalLong(NAMES[i]);
            case TENANT_ID -> fields.optionalString(NAMES[i]);
            default -> fields.requiredString(NAMES[i]);
          };
    }
    return fields.endRecord();
  }

  /**
   * Checks a file's layout.
   *
   * @throws BadFile that names the column that is not as it should be
   */
  static void check(List<Column> columns) throws BadFile {
    if (columns.size() < REAL_COLUMNS) {
      throw wrong("it has " + columns.size() + " columns instead of at least " + REAL_COLUMNS);
    }
    for (int i = 0; i < NAMES.length; i++) {
      int at = place(columns, i);
      if (at >= 0 && columns.get(at).type() != (isNumber(i) ? Type.INT64 : Type.BYTE_ARRAY)) {
        throw wrong(
            "its column for "
                + NAMES[i]
                + " is not a plain "
                + (isNumber(i) ? "INT64" : "BINARY")
                + " column");
      }
    }
    if (!columns.get(TIMESTAMP).micros()) {
      throw wrong("its column 5, timestamp, is not in microseconds");
    }
  }

  /** Where one of the nine columns stands in a file, or -1. */
  static int place(List<Column> columns, int column) {
    if (column < REAL_COLUMNS) {
      return column;
    }
    for (int i = REAL_COLUMNS; i < columns.size(); i++) {
      if (columns.get(i).name().equals(NAMES[column])) {
        return i;
      }
    }
    return -1;
  }

  /** Which of the nine columns to read from a file: all that it has, or for ids only. */
  static List<Integer> toRead(List<Column> columns, boolean idsOnly) {
    List<Integer> wanted = new ArrayList<>();
    for (int i = 0; i < NAMES.length; i++) {
      boolean unused = idsOnly && NOT_IDS.contains(i);
      if (!unused && place(columns, i) >= 0) {
        wanted.add(i);
      }
    }
    return wanted;
  }

  /**
   * What is read, under our own names, whatever the file's columns are called.
   *
   * @param wanted of the nine columns
   */
  static MessageType project(List<Column> columns, List<Integer> wanted) {
    Types.MessageTypeBuilder schema = Types.buildMessage();
    for (int i : wanted) {
      Repetition repetition =
          columns.get(place(columns, i)).optional() ? Repetition.OPTIONAL : Repetition.REQUIRED;
      PrimitiveTypeName type = isNumber(i) ? PrimitiveTypeName.INT64 : PrimitiveTypeName.BINARY;
      schema.primitive(type, repetition).named(NAMES[i]);
    }
    return schema.named("row");
  }

  static String name(int column) {
    return NAMES[column];
  }

  private static boolean isNumber(int column) {
    return column == TIMESTAMP || column == VERSION || column == WAL_OFFSET;
  }

  private static BadFile wrong(String why) {
    return new BadFile(
        "it has another layout than AllSource's: "
            + why
            + "; see which release of the store wrote it");
  }
}
