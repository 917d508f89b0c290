package io.github.allsourceconnect.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.List;

/**
 * Writes Parquet files of three rows byte by byte, so that each number in them can be a lie. What
 * is not changed is as it must be.
 */
public final class ForgedParquet {
  private static final byte[] LYING_LIST =
      Base64.getDecoder()
          .decode(
              "UEFSMRUAFfABFfABLBUGFQAVBhUGAAAkAAAAMDAwMDAwMDAtMDAwMC00MDAwLTgwMDAtMD"
                  + "AwMDAwMDAwMDAwJAAAADAwMDAwMDAwLTAwMDAtNDAwMC04MDAwLTAwABUGFQYsFQYVEBUG"
                  + "FQYAAAEGABUAFTAVMCwVBhUAFQYVBgAAQPNM9l5HBgBBBgAVABUwFTAsFQYVABUGFQYAAA"
                  + "QAAABuddRsBAAAAG51bGwEAAAAbnVsbBUAFTUVMCwVBhUAFQYVBgAAAQAAAAAAAAABAAAA"
                  + "AAAAAAEAAAAAFQIZjEgMYXJyb3dfc2NoZW1hFQ4AFQwlABgIZXZlbnRfaWQAFQwlABgKZX"
                  + "ZlbnRfdHlwZQAVDCUAGAllbnRpdHlfZGkAFQwlABgHcGF5bG9hZAAVBCUAGAl0aW1lc3Rh"
                  + "bXBsjBIcLAAAAAAAFQwlABgIbWV0YWRhdGEAFQQlABgHdmVyc2lvbgAWBhkcGXUmCBwVDB"
                  + "kVABkYCGV2ZW50X2lkFQAWBhaWAhaWAiYIAAAmngIcFQwZFQAZGApldmVudF90eXBlFQAW"
                  + "BhZMFkwmngIAACbqAhwVDBkVABkYCWVudGl0eV9pZBUAFgYWTBZMJuoCAAAmtgMcFQwZFQ"
                  + "AZGAdwYXlsb2FkFQAWBhZWFlYm5AMmtgMAACaMBBwVBBny/+bnCXRpbWVzdGFtcBUAFgYW"
                  + "UhZSJowEAAAm3gQcFQwZFQAZGAhtZXRhZGF0YRUAFgQWUhZSJt4EAAAmsAUcFQQZFQAZGA"
                  + "d2ZXJzaW9uFQAWBhZSFlImpwUAABaCBhYGAACCAQAAUEFSMQ==");

  static final int ROWS = 3;
  static final int PAYLOAD = 3;
  static final int TIMESTAMP = 4;
  static final int METADATA = 5;

  private static final String[] NAMES = {
    "event_id", "event_type", "entity_id", "payload", "timestamp", "metadata", "version"
  };

  /** A column of the row group. */
  public static final class Column {
    public int type;
    public int metaType;
    public int codec;
    public byte[] pages;
    public int dictionaryLength;
    public Long start;
    public Long size;
    public Long values;
    public Long uncompressed;
    public byte[] min;
    public byte[] max;
  }

  /** A struct in Thrift's compact encoding. */
  public static final class Struct {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private int last;

    private Struct field(int id, int type, byte[] body) {
      int delta = id - last;
      if (delta > 0 && delta < 16) {
        out.write(delta << 4 | type);
      } else {
        out.write(type);
        out.writeBytes(zigzag(id));
      }
      last = id;
      out.writeBytes(body);
      return this;
    }

    public Struct i32(int id, long value) {
      return field(id, 5, zigzag(value));
    }

    public Struct i64(int id, long value) {
      return field(id, 6, zigzag(value));
    }

    public Struct i8(int id, int value) {
      return field(id, 3, new byte[] {(byte) value});
    }

    public Struct bool(int id, boolean value) {
      return field(id, value ? 1 : 2, new byte[0]);
    }

    public Struct bytes(int id, byte[] value) {
      return bytes(id, value, value.length);
    }

    public Struct bytes(int id, byte[] value, long length) {
      return field(id, 8, join(varint(length), value));
    }

    public Struct struct(int id, Struct value) {
      return field(id, 12, value.end());
    }

    public Struct list(int id, int type, List<byte[]> items, long count) {
      byte[] head =
          count >= 0 && count < 15
              ? new byte[] {(byte) (count << 4 | type)}
              : join(new byte[] {(byte) (0xF0 | type)}, varint(count));
      return field(id, 9, join(head, join(items.toArray(byte[][]::new))));
    }

    public Struct list(int id, int type, List<byte[]> items) {
      return list(id, type, items, items.size());
    }

    public byte[] end() {
      return join(out.toByteArray(), new byte[1]);
    }
  }

  public final Column[] columns = new Column[NAMES.length];
  public long groupRows = ROWS;
  public long rows = ROWS;
  public int groups = 1;
  public List<byte[]> schema;
  public Long schemaCount;
  public byte[] footer;
  public Integer footerLength;
  public String magic = "PAR1";

  public ForgedParquet() {
    for (int i = 0; i < NAMES.length; i++) {
      columns[i] = new Column();
      columns[i].type = isNumber(i) ? 2 : 6;
      columns[i].metaType = columns[i].type;
      columns[i].pages = page(plain(i), ROWS, 0);
    }
  }

  /** A file whose payloads have a dictionary of 2^31 values. */
  public static byte[] withHugeDictionary() {
    ForgedParquet file = new ForgedParquet();
    byte[] entries = dictionary(text("{}"), Integer.MAX_VALUE);
    file.columns[PAYLOAD].dictionaryLength = entries.length;
    file.columns[PAYLOAD].pages = join(entries, page(run(3), 3, 8));
    return file.toBytes();
  }

  /** A file of 20 million rows, each column of which has one value. */
  public static byte[] withMillionsOfRows() {
    ForgedParquet file = new ForgedParquet();
    file.groupRows = 20_000_000;
    for (int i = 0; i < file.columns.length; i++) {
      byte[] entries = dictionary(isNumber(i) ? number(1) : text("{}"), 1);
      file.columns[i].dictionaryLength = entries.length;
      file.columns[i].pages = join(entries, page(run(file.groupRows), file.groupRows, 8));
    }
    return file.toBytes();
  }

  /** A file with a page of 2^31 bytes. */
  public static byte[] withHugePage() {
    ForgedParquet file = new ForgedParquet();
    byte[] plain = plain(PAYLOAD);
    file.columns[PAYLOAD].pages = page(plain, 3, 0, Integer.MAX_VALUE, Integer.MAX_VALUE);
    return file.toBytes();
  }

  /** A file whose schema is 20,000 levels deep. */
  public static byte[] withDeepSchema() {
    ForgedParquet file = new ForgedParquet();
    file.schema = new ArrayList<>();
    file.schema.add(root(1));
    byte[] level = new Struct().i32(3, 1).bytes(4, new byte[] {'g'}).i32(5, 1).end();
    file.schema.addAll(Collections.nCopies(20_000, level));
    file.schema.add(schemaElement(0));
    return file.toBytes();
  }

  private static boolean isNumber(int column) {
    return column == TIMESTAMP || column == 6;
  }

  /** The rows' values of a column, plain. */
  public static byte[] plain(int column) {
    byte[][] values = new byte[ROWS][];
    for (int i = 0; i < ROWS; i++) {
      values[i] =
          switch (column) {
            case 0 -> text("00000000-0000-4000-8000-00000000000" + i);
            case PAYLOAD -> text("{\"n\":" + i + "}");
            case TIMESTAMP -> number(1_767_323_045_000_000L + i);
            case METADATA -> text("null");
            case 6 -> number(1);
            default -> text("x.y");
          };
    }
    return join(values);
  }

  static byte[] text(String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return join(int32(bytes.length), bytes);
  }

  static byte[] number(long value) {
    return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
  }

  static byte[] int32(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }

  /** A data page of the first version. */
  public static byte[] page(byte[] body, long values, int encoding) {
    return page(body, values, encoding, body.length, body.length);
  }

  public static byte[] page(
      byte[] body, long values, int encoding, long uncompressed, long compressed) {
    return join(
        new Struct()
            .i32(1, 0)
            .i32(2, uncompressed)
            .i32(3, compressed)
            .struct(5, new Struct().i32(1, values).i32(2, encoding).i32(3, 3).i32(4, 3))
            .end(),
        body);
  }

  /** A data page of the second version. */
  public static byte[] page2(
      byte[] body, long values, int encoding, long definition, long repetition) {
    return join(
        new Struct()
            .i32(1, 3)
            .i32(2, body.length)
            .i32(3, body.length)
            .struct(
                8,
                new Struct()
                    .i32(1, values)
                    .i32(2, 0)
                    .i32(3, values)
                    .i32(4, encoding)
                    .i32(5, definition)
                    .i32(6, repetition)
                    .bool(7, false))
            .end(),
        body);
  }

  /** A dictionary's page. */
  public static byte[] dictionary(byte[] body, long entries) {
    return join(
        new Struct()
            .i32(1, 2)
            .i32(2, body.length)
            .i32(3, body.length)
            .struct(7, new Struct().i32(1, entries).i32(2, 0))
            .end(),
        body);
  }

  /** Places in a dictionary: one run of the first. */
  public static byte[] run(long values) {
    return join(new byte[] {1}, varint(values << 1), new byte[] {0});
  }

  static byte[] schemaElement(int column) {
    Struct element =
        new Struct()
            .i32(1, isNumber(column) ? 2 : 6)
            .i32(3, 0)
            .bytes(4, NAMES[column].getBytes(UTF_8));
    if (column == TIMESTAMP) {
      Struct unit = new Struct().struct(2, new Struct());
      element.struct(10, new Struct().struct(8, new Struct().bool(1, false).struct(2, unit)));
    }
    return element.end();
  }

  static byte[] root(long children) {
    return new Struct().bytes(4, "arrow_schema".getBytes(UTF_8)).i32(5, children).end();
  }

  public byte[] toBytes() {
    ByteArrayOutputStream file = new ByteArrayOutputStream();
    file.writeBytes(magic.getBytes(UTF_8));
    List<byte[]> metas = new ArrayList<>();
    for (int i = 0; i < columns.length; i++) {
      Column c = columns[i];
      long at = c.start != null ? c.start : file.size();
      file.writeBytes(c.pages);
      long size = c.size != null ? c.size : c.pages.length;
      Struct meta =
          new Struct()
              .i32(1, c.metaType)
              .list(2, 5, List.of(zigzag(0)))
              .list(3, 8, List.of(join(varint(NAMES[i].length()), NAMES[i].getBytes(UTF_8))))
              .i32(4, c.codec)
              .i64(5, c.values != null ? c.values : groupRows)
              .i64(6, c.uncompressed != null ? c.uncompressed : c.pages.length)
              .i64(7, size)
              .i64(9, at + c.dictionaryLength);
      if (c.dictionaryLength > 0) {
        meta.i64(11, at);
      }
      if (c.min != null) {
        meta.struct(12, new Struct().bytes(5, c.max).bytes(6, c.min));
      }
      metas.add(new Struct().i64(2, at).struct(3, meta).end());
    }
    List<byte[]> elements = schema;
    if (elements == null) {
      elements = new ArrayList<>();
      elements.add(root(columns.length));
      for (int i = 0; i < columns.length; i++) {
        elements.add(schemaElement(i));
      }
    }
    byte[] group = new Struct().list(1, 12, metas).i64(2, file.size()).i64(3, groupRows).end();
    List<byte[]> all = new ArrayList<>();
    for (int i = 0; i < groups; i++) {
      all.add(group);
    }
    byte[] foot =
        footer != null
            ? footer
            : new Struct()
                .i32(1, 1)
                .list(2, 12, elements, schemaCount != null ? schemaCount : elements.size())
                .i64(3, rows)
                .list(4, 12, all)
                .end();
    file.writeBytes(foot);
    file.writeBytes(int32(footerLength != null ? footerLength : foot.length));
    file.writeBytes(magic.getBytes(UTF_8));
    return file.toByteArray();
  }

  static byte[] varint(long value) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    while ((value & ~0x7FL) != 0) {
      out.write((int) (value & 0x7F | 0x80));
      value >>>= 7;
    }
    out.write((int) value);
    return out.toByteArray();
  }

  static byte[] zigzag(long value) {
    return varint(value << 1 ^ value >> 63);
  }

  public static byte[] join(byte[]... parts) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      out.writeBytes(part);
    }
    return out.toByteArray();
  }

  /**
   * A file of 613 bytes that fuzzing has made: a list in its footer has elements of another type
   * than its header says.
   */
  public static byte[] withLyingList() {
    return LYING_LIST.clone();
  }
}
