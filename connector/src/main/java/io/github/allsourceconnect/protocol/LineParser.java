package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.InputCoercionException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Base64;

/**
 * Reads one line's JSON forward, token by token, and cuts values out of it as slices. All that it
 * throws for bad input is a {@link ProtocolException} that names field and place, and no content.
 */
final class LineParser implements AutoCloseable {
  private final JsonParser json;
  private final byte[] buf;
  private final int off;
  private final int end;
  private final long lineNumber;
  private long walOffset;

  LineParser(JsonFactory factory, byte[] buf, int off, int len, long lineNumber)
      throws ProtocolException {
    this.buf = buf;
    this.off = off;
    this.end = off + len;
    this.lineNumber = lineNumber;
    checkStart();
    int invalid = Utf8.firstInvalid(buf, off, end);
    if (invalid >= 0) {
      throw malformed("it is not UTF-8 at byte " + (invalid - off));
    }
    try {
      json = factory.createParser(buf, off, len);
    } catch (IOException e) {
      throw notJson(e);
    }
  }

  /** Jackson guesses at UTF-16, UTF-32 and byte order marks by the first four bytes: not here. */
  private void checkStart() throws ProtocolException {
    if (off == end) {
      throw malformed("it is empty");
    }
    for (int i = off; i < Math.min(end, off + 4); i++) {
      if (buf[i] == 0) {
        throw malformed("it has a NUL byte");
      }
    }
    if (buf[off] == (byte) 0xEF) {
      throw malformed("it does not begin with an object");
    }
  }

  /** Known as soon as the offset was read; exceptions carry it. */
  void walOffset(long offset) {
    walOffset = offset;
  }

  JsonToken token() {
    return json.currentToken();
  }

  /** Goes into an object: the current token, or the first of the line. */
  void beginObject(String what) throws ProtocolException {
    JsonToken token = json.currentToken() == null ? next() : json.currentToken();
    if (token != JsonToken.START_OBJECT) {
      throw malformed(what + " is not an object");
    }
  }

  /**
   * The next field's name, its value being the current token then; null at the end of the object.
   */
  String nextField() throws ProtocolException {
    try {
      String name = json.nextFieldName();
      if (name == null) {
        if (json.currentToken() != JsonToken.END_OBJECT) {
          throw malformed("it ends within an object");
        }
        return null;
      }
      if (json.nextToken() == null) {
        throw malformed("it ends within an object");
      }
      return name;
    } catch (ProtocolException e) {
      throw e;
    } catch (IOException e) {
      throw notJson(e);
    }
  }

  /** Goes over the line's one value, of whatever kind. */
  void anyValue() throws ProtocolException {
    if (next() == null) {
      throw malformed("it is empty");
    }
    skipValue();
  }

  void skipValue() throws ProtocolException {
    try {
      json.skipChildren();
    } catch (IOException e) {
      throw notJson(e);
    }
  }

  /** After the outermost object: nothing but white space may follow. */
  void endLine() throws ProtocolException {
    if (next() != null) {
      throw malformed("something follows the message on the same line");
    }
  }

  private JsonToken next() throws ProtocolException {
    try {
      return json.nextToken();
    } catch (IOException e) {
      throw notJson(e);
    }
  }

  /** First byte of the current value, in the array. */
  int valueStart() {
    return off + (int) json.currentTokenLocation().getByteOffset();
  }

  /** The value as a slice, from its first byte to what the parser has read. */
  JsonText sliceFrom(int start) {
    int stop = off + (int) json.currentLocation().getByteOffset();
    return new JsonText(buf, start, stop - start);
  }

  /** The current value of any kind as a slice; goes past it. */
  JsonText slice() throws ProtocolException {
    return switch (json.currentToken()) {
      case VALUE_NULL -> JsonText.NULL;
      case VALUE_STRING -> {
        int quote = valueStart();
        yield new JsonText(buf, quote, stringEnd(quote) - quote);
      }
      case START_OBJECT, START_ARRAY -> {
        int start = valueStart();
        skipValue();
        yield sliceFrom(start);
      }
      default -> sliceFrom(valueStart());
    };
  }

  /** The position after the closing quote; the parser itself checks the string when it goes on. */
  private int stringEnd(int quote) throws ProtocolException {
    for (int i = JsonCursor.plain(buf, quote + 1, end);
        i < end;
        i = JsonCursor.plain(buf, i + 1, end)) {
      if (buf[i] == '"') {
        return i + 1;
      }
      if (buf[i] == '\\') {
        i++;
      }
    }
    throw malformed("it ends within a string");
  }

  String text(String field) throws ProtocolException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw wrong(field, "is not a string");
    }
    try {
      String text = json.getText();
      if (Utf8.hasLoneSurrogate(text)) {
        throw wrong(field, "has half of a surrogate pair");
      }
      return text;
    } catch (ProtocolException e) {
      throw e;
    } catch (IOException e) {
      throw notJson(e);
    }
  }

  /** A whole number from 0 to {@code max}. */
  long unsigned(String field, long max) throws ProtocolException {
    long value = signed(field);
    if (value < 0 || value > max) {
      throw outOfRange(field, "0", max);
    }
    return value;
  }

  long signed(String field) throws ProtocolException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT) {
      throw wrong(field, "is not a whole number");
    }
    try {
      return json.getLongValue();
    } catch (InputCoercionException e) {
      throw outOfRange(field, String.valueOf(Long.MIN_VALUE), Long.MAX_VALUE);
    } catch (IOException e) {
      throw notJson(e);
    }
  }

  boolean bool(String field) throws ProtocolException {
    return switch (json.currentToken()) {
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> throw wrong(field, "is neither true nor false");
    };
  }

  /** A step with each text of a list. */
  interface Texts {
    void text(String text) throws ProtocolException;
  }

  /**
   * The texts of a list, one after the other: what of them is kept is the caller's affair.
   *
   * @param maxBytes of one of them, as it stands in the line
   */
  void texts(String field, int maxBytes, Texts to) throws ProtocolException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw wrong(field, "is not a list");
    }
    for (JsonToken token = next(); token != JsonToken.END_ARRAY; token = next()) {
      if (token == null) {
        throw malformed("it ends within a list");
      }
      to.text(text(field, maxBytes));
    }
  }

  /** A text of so many bytes at most as it stands in the line; nothing is made of a longer one. */
  String text(String field, int maxBytes) throws ProtocolException {
    if (json.currentToken() == JsonToken.VALUE_STRING) {
      int quote = valueStart();
      if (stringEnd(quote) - quote - 2 > maxBytes) {
        throw wrong(field, "has a text of more than " + maxBytes + " bytes");
      }
    }
    return text(field);
  }

  byte[] base64(String field) throws ProtocolException {
    if (json.currentToken() != JsonToken.VALUE_STRING) {
      throw wrong(field, "is not a string");
    }
    int from = valueStart() + 1;
    int to = stringEnd(from - 1) - 1;
    byte[] decoded = base64OrNull(buf, from, to - from);
    if (decoded == null) {
      // it may be well if it has escapes, but nobody writes it so
      byte[] text = text(field).getBytes(UTF_8);
      decoded = base64OrNull(text, 0, text.length);
    }
    if (decoded == null) {
      throw wrong(field, "is not base64 of the standard alphabet with padding");
    }
    return decoded;
  }

  /** What base64 of the standard alphabet with padding stands for; null if it is none. */
  static byte[] base64OrNull(byte[] buf, int off, int len) {
    if (len % 4 != 0) {
      return null;
    }
    try {
      ByteBuffer bytes = Base64.getDecoder().decode(ByteBuffer.wrap(buf, off, len));
      int from = bytes.arrayOffset();
      return from == 0 && bytes.remaining() == bytes.array().length
          ? bytes.array()
          : Arrays.copyOfRange(bytes.array(), from, from + bytes.remaining());
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  ProtocolException wrong(String field, String why) {
    return malformed("its field " + field + " " + why);
  }

  ProtocolException missing(String field) {
    return malformed("its field " + field + " is missing");
  }

  void once(boolean seen, String field) throws ProtocolException {
    if (seen) {
      throw wrong(field, "occurs twice");
    }
  }

  ProtocolException malformed(String why) {
    return new ProtocolException(
        ProtocolException.Kind.MALFORMED,
        "line "
            + lineNumber
            + (walOffset > 0 ? " (WAL offset " + walOffset + ")" : "")
            + ": "
            + why
            + "; check that the peer speaks AllSource's replication protocol and that nothing"
            + " between alters what it sends",
        lineNumber,
        walOffset);
  }

  private ProtocolException outOfRange(String field, String min, long max) {
    return wrong(field, "is not from " + min + " to " + max);
  }

  private ProtocolException notJson(IOException e) {
    // Jackson's own message repeats what it found there: it must not reach a log
    long at = json == null ? 0 : json.currentLocation().getByteOffset();
    return malformed(
        "it is not JSON, or nested too deeply, at byte "
            + at
            + " ("
            + e.getClass().getSimpleName()
            + ")");
  }

  @Override
  public void close() {
    try {
      json.close();
    } catch (IOException e) {
      throw new IllegalStateException("closing a parser over an array does no I/O", e);
    }
  }
}
