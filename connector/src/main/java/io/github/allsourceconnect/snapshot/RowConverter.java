package io.github.allsourceconnect.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.protocol.MessageCodec;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.List;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.Converter;
import org.apache.parquet.io.api.GroupConverter;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.io.api.RecordMaterializer;
import org.apache.parquet.schema.MessageType;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/**
 * Takes a row's values from Parquet's record reader as they are; {@link SnapshotFileReader} makes
 * an event of them if the row is wanted. Values of a dictionary are made once and shared.
 */
final class RowConverter extends RecordMaterializer<RowConverter> {
  private final Column[] byPosition;
  private final Column[] byField;
  private final GroupConverter root =
      new GroupConverter() {
        @Override
        public Converter getConverter(int field) {
          return byField[field];
        }

        @Override
        public void start() {
          for (Column column : byField) {
            column.present = false;
          }
        }

        @Override
        public void end() {}
      };

  /**
   * @param schema the columns read
   * @param columns their positions in the file
   */
  RowConverter(MessageType schema, List<Integer> columns) {
    byField = new Column[columns.size()];
    int most = columns.stream().mapToInt(Integer::intValue).max().orElse(0);
    byPosition = new Column[most + 1];
    MessageCodec codec = new MessageCodec();
    for (int i = 0; i < byField.length; i++) {
      byField[i] = new Column(codec, isNumber(schema, i));
      byPosition[columns.get(i)] = byField[i];
    }
  }

  private static boolean isNumber(MessageType schema, int field) {
    return schema.getType(field).asPrimitiveType().getPrimitiveTypeName()
        == PrimitiveTypeName.INT64;
  }

  @Override
  public RowConverter getCurrentRecord() {
    return this;
  }

  @Override
  public GroupConverter getRootConverter() {
    return root;
  }

  /** Whether the column was read and has a value in this row. */
  boolean has(int position) {
    return position >= 0
        && position < byPosition.length
        && byPosition[position] != null
        && byPosition[position].present;
  }

  long number(int position) {
    return byPosition[position].number;
  }

  String text(int position) throws CharacterCodingException {
    return byPosition[position].text();
  }

  /** A checked copy, or null if the value is no JSON. */
  JsonText json(int position) {
    return byPosition[position].json();
  }

  private static final class Column extends PrimitiveConverter {
    private final MessageCodec codec;
    private final boolean isNumber;
    private boolean present;
    private long number;
    private Binary binary;
    private int code;
    private Dictionary dictionary;
    private String[] texts;
    private JsonText[] jsons;

    Column(MessageCodec codec, boolean isNumber) {
      this.codec = codec;
      this.isNumber = isNumber;
    }

    @Override
    public boolean hasDictionarySupport() {
      return true;
    }

    @Override
    public void setDictionary(Dictionary dictionary) {
      this.dictionary = dictionary;
      texts = null;
      jsons = null;
    }

    @Override
    public void addValueFromDictionary(int code) {
      present = true;
      this.code = code;
      binary = null;
      if (isNumber) {
        number = dictionary.decodeToLong(code);
      }
    }

    @Override
    public void addBinary(Binary value) {
      present = true;
      binary = value;
    }

    @Override
    public void addLong(long value) {
      present = true;
      number = value;
    }

    String text() throws CharacterCodingException {
      if (binary != null) {
        return decode(binary);
      }
      if (texts == null) {
        texts = new String[dictionary.getMaxId() + 1];
      }
      if (texts[code] == null) {
        texts[code] = decode(dictionary.decodeToBinary(code));
      }
      return texts[code];
    }

    JsonText json() {
      if (binary != null) {
        return copy(binary);
      }
      if (jsons == null) {
        jsons = new JsonText[dictionary.getMaxId() + 1];
      }
      if (jsons[code] == null) {
        jsons[code] = copy(dictionary.decodeToBinary(code));
      }
      return jsons[code];
    }

    /** A slice would keep the whole page alive. */
    private JsonText copy(Binary value) {
      byte[] bytes = value.getBytes();
      JsonText text = new JsonText(bytes, 0, bytes.length);
      return codec.isJson(text) ? text : null;
    }

    private static String decode(Binary value) throws CharacterCodingException {
      byte[] bytes = value.getBytesUnsafe();
      String text = new String(bytes, UTF_8);
      // the replacement character: it may stand in the text, or be made of bytes that are no UTF-8
      return text.indexOf('\uFFFD') < 0
          ? text
          : UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    }
  }
}
