package io.github.allsourceconnect.snapshot;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.charset.CharacterCodingException;
import org.apache.parquet.column.ColumnDescriptor;
import org.apache.parquet.column.ColumnReader;
import org.apache.parquet.column.Dictionary;
import org.apache.parquet.column.impl.ColumnReaderImpl;
import org.apache.parquet.column.page.PageReader;
import org.apache.parquet.io.api.Binary;
import org.apache.parquet.io.api.PrimitiveConverter;
import org.apache.parquet.schema.PrimitiveType.PrimitiveTypeName;

/**
 * What a column of numbers or of bytes has in the current row, as Parquet's reader of a column
 * hands it over. Texts of a dictionary are made once, those of no interest not at all. One thread.
 */
final class ColumnValue extends PrimitiveConverter {
  private final String name;
  private final boolean isNumber;
  private final int defined;
  private final ColumnReader reader;
  private boolean begun;
  private boolean there;
  private long number;

  /** The value itself, a part of its page; null if it is an entry of the dictionary. */
  private Binary bytes;

  private int entry;
  private Dictionary dictionary;
  private String[] texts;

  /**
   * Begins before the first row.
   *
   * @param pages what the column has
   */
  ColumnValue(ColumnDescriptor column, PageReader pages) {
    name = column.getPath()[0];
    isNumber = column.getPrimitiveType().getPrimitiveTypeName() == PrimitiveTypeName.INT64;
    defined = column.getMaxDefinitionLevel();
    reader = new ColumnReaderImpl(column, pages, this, null);
  }

  /** Goes to the next row; the caller knows that there is one. */
  void next() {
    if (begun) {
      bytes = null; // with the last value of a page, the page is let go of
      reader.consume();
    }
    begun = true;
    there = reader.getCurrentDefinitionLevel() == defined;
    if (there) {
      reader.writeCurrentValueToConverter();
    }
  }

  /** Whether the row has a value. */
  boolean isThere() {
    return there;
  }

  /** The number, where there is one. */
  long number() {
    return number;
  }

  /** The bytes, where there are some; nobody writes to them. */
  byte[] bytes() {
    return binary().getBytes();
  }

  /**
   * The text, where there is one.
   *
   * @throws BadFile if it is not UTF-8
   */
  String text() throws BadFile {
    if (bytes != null) {
      return strict(bytes);
    }
    if (texts[entry] == null) {
      texts[entry] = strict(binary());
    }
    return texts[entry];
  }

  private Binary binary() {
    return bytes != null ? bytes : dictionary.decodeToBinary(entry);
  }

  private String strict(Binary utf8) throws BadFile {
    String text = utf8.toStringUsingUTF8();
    if (text.indexOf('\uFFFD') < 0) {
      return text;
    }
    // the replacement character: it stands in the text, or was made of bytes that are no UTF-8
    try {
      return UTF_8.newDecoder().decode(utf8.toByteBuffer()).toString();
    } catch (CharacterCodingException e) {
      throw new BadFile("the " + name + " of a row is not UTF-8");
    }
  }

  // ---- called by the reader

  @Override
  public boolean hasDictionarySupport() {
    return true;
  }

  @Override
  public void setDictionary(Dictionary of) {
    dictionary = of;
    texts = new String[of.getMaxId() + 1];
  }

  @Override
  public void addValueFromDictionary(int place) {
    entry = place;
    if (isNumber) {
      number = dictionary.decodeToLong(place);
    }
  }

  @Override
  public void addBinary(Binary value) {
    bytes = value;
  }

  @Override
  public void addLong(long value) {
    number = value;
  }
}
