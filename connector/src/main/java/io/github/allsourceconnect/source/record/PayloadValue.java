package io.github.allsourceconnect.source.record;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.core.JsonToken;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.source.record.shape.PayloadJson;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;

/**
 * One value of a payload, found without a tree of the rest. Of several members of one name the last
 * counts, as with most readers.
 *
 * @param kind what it is; {@code null} if there is none
 * @param text a text's characters, a number's, {@code true}, {@code false} or {@code null} as they
 *     stand there; null for objects and arrays, and if there is none
 */
record PayloadValue(JsonToken kind, String text) {
  private static final PayloadValue NONE = new PayloadValue(null, null);

  /** Numbers of more digits, or an exponent of more, are compared by their text. */
  private static final int NUMBER_MAX = 1_000;

  static PayloadValue of(JsonText payload, JsonPointer pointer) {
    try (JsonParser parser = PayloadJson.parser(payload)) {
      return parser.nextToken() == null ? NONE : find(parser, pointer);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The parser stands on the first token of the value that the pointer begins at. */
  private static PayloadValue find(JsonParser parser, JsonPointer pointer) throws IOException {
    JsonToken token = parser.currentToken();
    if (pointer.matches()) {
      PayloadValue found = new PayloadValue(token, token.isStructStart() ? null : parser.getText());
      parser.skipChildren();
      return found;
    }
    return token.isStructStart() ? inside(parser, pointer, token == JsonToken.START_ARRAY) : NONE;
  }

  private static PayloadValue inside(JsonParser parser, JsonPointer pointer, boolean array)
      throws IOException {
    PayloadValue found = NONE;
    int index = 0;
    while (true) {
      JsonToken token = parser.nextToken();
      if (token == JsonToken.END_OBJECT || token == JsonToken.END_ARRAY) {
        return found;
      }
      boolean here;
      if (array) {
        here = pointer.getMatchingIndex() == index++;
      } else {
        here = parser.currentName().equals(pointer.getMatchingProperty());
        parser.nextToken();
      }
      if (here) {
        found = find(parser, pointer.tail());
      } else {
        parser.skipChildren();
      }
    }
  }

  /** A text, a number, {@code true} or {@code false}; null for anything else. */
  String scalar() {
    return kind == JsonToken.VALUE_NULL ? null : text;
  }

  boolean isThere() {
    return kind != null;
  }

  /** Whether it is this text, number, {@code true}, {@code false} or {@code null}. */
  boolean equal(String expected) {
    if (text == null) {
      return false;
    }
    if (text.equals(expected)) {
      return true;
    }
    BigDecimal number = kind.isNumeric() ? number(text) : null;
    BigDecimal other = number == null ? null : number(expected);
    return other != null && number.compareTo(other) == 0;
  }

  /** The number that a text is; null if it is none, or one that is not worked out. */
  private static BigDecimal number(String text) {
    if (text.length() > NUMBER_MAX) {
      return null;
    }
    try {
      return new BigDecimal(text);
    } catch (NumberFormatException e) {
      return null;
    }
  }
}
