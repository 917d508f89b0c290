package io.github.allsourceconnect.sink.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.protocol.Printable;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.Charset;
import java.nio.charset.IllegalCharsetNameException;
import java.nio.charset.UnsupportedCharsetException;
import java.util.Locale;
import org.apache.kafka.connect.errors.DataException;

/**
 * What a {@code content-type} says.
 *
 * @param name type and subtype, in lower case; empty if none is told
 * @param charset null if none is told
 */
record MediaType(String name, String charset) {
  private static final String CLOUD_EVENT = "application/cloudevents";
  private static final String CHARSET = "charset=";

  /** Of a header's text, which may have parameters; null for none. */
  static MediaType of(String text) {
    if (text == null) {
      return new MediaType("", null);
    }
    String[] parts = text.split(";", -1);
    String charset = null;
    for (int i = 1; i < parts.length; i++) {
      String parameter = parts[i].trim();
      if (parameter.regionMatches(true, 0, CHARSET, 0, CHARSET.length())) {
        charset = parameter.substring(CHARSET.length()).trim().replace("\"", "");
      }
    }
    return new MediaType(parts[0].trim().toLowerCase(Locale.ROOT), charset);
  }

  /**
   * Whether the value is a whole CloudEvent.
   *
   * @throws DataException if it is one in a format that is not read
   */
  boolean isStructured() {
    if (!name.startsWith(CLOUD_EVENT)) {
      return false;
    }
    if (name.equals(CLOUD_EVENT) || name.equals(CLOUD_EVENT + "+json")) {
      return true;
    }
    throw new DataException(
        "its content-type is "
            + Printable.of(name)
            + ": of CloudEvents in one value those in JSON are read, application/cloudevents+json,"
            + " each a record of its own");
  }

  /** Whether data of this type are JSON, which they are if nothing is told. */
  boolean isJson() {
    return name.isEmpty() || name.endsWith("/json") || name.endsWith("+json");
  }

  /**
   * Bytes in another character set than UTF-8 as a text; anything else as it is: a text has been
   * decoded by its converter.
   *
   * @throws DataException if they are no text in that character set, or there is no such
   */
  Located decoded(Located value) {
    if (charset == null || value.raw() == null || value.value() instanceof CharSequence) {
      return value;
    }
    try {
      Charset set = Charset.forName(charset);
      return set.equals(UTF_8)
          ? value
          : new Located(null, set.newDecoder().decode(ByteBuffer.wrap(value.raw())).toString());
    } catch (IllegalCharsetNameException | UnsupportedCharsetException e) {
      throw new DataException(
          "its content-type has the charset "
              + Printable.of(charset)
              + ", which Java does not know",
          e);
    } catch (CharacterCodingException e) {
      throw new DataException(
          "its value is not text in the charset of its content-type, " + Printable.of(charset), e);
    }
  }
}
