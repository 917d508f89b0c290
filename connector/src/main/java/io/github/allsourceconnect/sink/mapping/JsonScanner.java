package io.github.allsourceconnect.sink.mapping;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.protocol.JsonText;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A strict reader of JSON text that keeps values as slices of it.
 *
 * <p>It takes what a real follower's parser takes, and nothing else, because a follower drops the
 * connection on a line that it can't parse, and would meet that line again for ever: well-formed
 * UTF-8, no half surrogate pairs, no number beyond a double, no more than {@link #MAX_DEPTH}
 * levels. Single-threaded; one use an object.
 */
final class JsonScanner {
  /** Followers read 127 levels of nesting; line, entry and event are three around a payload. */
  static final int MAX_DEPTH = 124;

  // an event, and an entry with an event, add two to what is checked again by itself
  private static final int WRAPPED_DEPTH = MAX_DEPTH + 2;

  private final byte[] bytes;
  private final int limit;
  private final int end;
  private final int start;
  private int at;

  private JsonScanner(byte[] bytes, int offset, int length, int limit) {
    this.bytes = bytes;
    this.limit = limit;
    this.start = offset;
    this.at = offset;
    this.end = offset + length;
  }

  /** Says what is wrong with a JSON text, never quoting it. */
  static final class MalformedJsonException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedJsonException(String message) {
      super(message);
    }
  }

  /** The one value of a text, without the white space around it. */
  static JsonText value(byte[] bytes, int offset, int length) throws MalformedJsonException {
    JsonScanner scanner = new JsonScanner(bytes, offset, length, MAX_DEPTH);
    scanner.space();
    JsonText value = scanner.slice(0);
    scanner.onlySpaceLeft();
    return value;
  }

  /**
   * The members of an object in their order; null when the value is no object. The last of equal
   * names counts.
   */
  static Map<String, JsonText> members(byte[] bytes, int offset, int length)
      throws MalformedJsonException {
    JsonScanner scanner = new JsonScanner(bytes, offset, length, WRAPPED_DEPTH);
    scanner.space();
    if (scanner.peek() != '{') {
      return null;
    }
    scanner.at++;
    Map<String, JsonText> members = new LinkedHashMap<>();
    scanner.space();
    if (scanner.peek() == '}') {
      scanner.at++;
    } else {
      do {
        scanner.space();
        String name = string(scanner.name());
        scanner.space();
        members.put(name, scanner.slice(1));
        scanner.space();
      } while (scanner.goesOn('}'));
    }
    scanner.onlySpaceLeft();
    return members;
  }

  /** The elements of an array; null when the value is no array. */
  static List<JsonText> elements(byte[] bytes, int offset, int length)
      throws MalformedJsonException {
    JsonScanner scanner = new JsonScanner(bytes, offset, length, WRAPPED_DEPTH);
    scanner.space();
    if (scanner.peek() != '[') {
      return null;
    }
    scanner.at++;
    List<JsonText> elements = new ArrayList<>();
    scanner.space();
    if (scanner.peek() == ']') {
      scanner.at++;
    } else {
      do {
        scanner.space();
        elements.add(scanner.slice(1));
        scanner.space();
      } while (scanner.goesOn(']'));
    }
    scanner.onlySpaceLeft();
    return elements;
  }

  /** The text of a JSON string that was scanned before. */
  static String string(JsonText text) {
    byte[] array = text.array();
    int from = text.offset() + 1;
    int to = text.offset() + text.length() - 1;
    int escape = from;
    while (escape < to && array[escape] != '\\') {
      escape++;
    }
    if (escape == to) {
      return new String(array, from, to - from, UTF_8);
    }
    String raw = new String(array, from, to - from, UTF_8);
    StringBuilder out = new StringBuilder(raw.length());
    for (int i = 0; i < raw.length(); i++) {
      char c = raw.charAt(i);
      if (c != '\\') {
        out.append(c);
        continue;
      }
      char kind = raw.charAt(++i);
      switch (kind) {
        case 'b' -> out.append('\b');
        case 'f' -> out.append('\f');
        case 'n' -> out.append('\n');
        case 'r' -> out.append('\r');
        case 't' -> out.append('\t');
        case 'u' -> {
          out.append((char) Integer.parseInt(raw, i + 1, i + 5, 16));
          i += 4;
        }
        default -> out.append(kind);
      }
    }
    return out.toString();
  }

  private JsonText slice(int depth) throws MalformedJsonException {
    int from = at;
    skip(depth);
    return new JsonText(bytes, from, at - from);
  }

  private JsonText name() throws MalformedJsonException {
    if (peek() != '"') {
      throw wrong("a name in quotes is missing");
    }
    int from = at;
    skipString();
    JsonText name = new JsonText(bytes, from, at - from);
    space();
    if (peek() != ':') {
      throw wrong("a colon is missing");
    }
    at++;
    return name;
  }

  private void skip(int depth) throws MalformedJsonException {
    switch (peek()) {
      case '{' -> {
        deeper(depth);
        space();
        if (peek() == '}') {
          at++;
          return;
        }
        do {
          space();
          JsonText unused = name();
          space();
          skip(depth + 1);
          space();
        } while (goesOn('}'));
      }
      case '[' -> {
        deeper(depth);
        space();
        if (peek() == ']') {
          at++;
          return;
        }
        do {
          space();
          skip(depth + 1);
          space();
        } while (goesOn(']'));
      }
      case '"' -> skipString();
      case 't' -> literal("true");
      case 'f' -> literal("false");
      case 'n' -> literal("null");
      case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9' -> skipNumber();
      case -1 -> throw wrong("it ends too early");
      default -> throw wrong("a value is missing");
    }
  }

  private void deeper(int depth) throws MalformedJsonException {
    if (depth >= limit) {
      throw wrong("it is nested deeper than " + MAX_DEPTH + " levels, more than followers read");
    }
    at++;
  }

  private boolean goesOn(char close) throws MalformedJsonException {
    int next = peek();
    if (next == ',') {
      at++;
      return true;
    }
    if (next == close) {
      at++;
      return false;
    }
    throw wrong(next == -1 ? "it ends too early" : "a comma or '" + close + "' is missing");
  }

  private void literal(String word) throws MalformedJsonException {
    for (int i = 0; i < word.length(); i++) {
      if (peek() != word.charAt(i)) {
        throw wrong("a value is missing");
      }
      at++;
    }
  }

  private void skipNumber() throws MalformedJsonException {
    int from = at;
    if (peek() == '-') {
      at++;
    }
    if (peek() == '0') {
      at++;
    } else {
      digits();
    }
    boolean exponent = false;
    if (peek() == '.') {
      at++;
      digits();
    }
    if (peek() == 'e' || peek() == 'E') {
      exponent = true;
      at++;
      if (peek() == '+' || peek() == '-') {
        at++;
      }
      digits();
    }
    if (exponent || at - from > 300) {
      if (Double.isInfinite(Double.parseDouble(new String(bytes, from, at - from, UTF_8)))) {
        throw wrong("a number is beyond a double, more than followers read");
      }
    }
  }

  private void digits() throws MalformedJsonException {
    int from = at;
    while (at < end && bytes[at] >= '0' && bytes[at] <= '9') {
      at++;
    }
    if (at == from) {
      throw wrong("a digit is missing");
    }
  }

  private void skipString() throws MalformedJsonException {
    at++;
    while (at < end) {
      int b = bytes[at];
      if (b == '"') {
        at++;
        return;
      }
      if (b == '\\') {
        skipEscape();
      } else if (b >= 0x20) {
        at++;
      } else if (b >= 0) {
        throw wrong("a control character in a string is not escaped");
      } else {
        int length = Utf8Check.sequence(bytes, at, end);
        if (length < 0) {
          throw wrong("it is not UTF-8");
        }
        at += length;
      }
    }
    throw wrong("it ends too early");
  }

  private void skipEscape() throws MalformedJsonException {
    at++;
    int kind = peek();
    at++;
    switch (kind) {
      case '"', '\\', '/', 'b', 'f', 'n', 'r', 't' -> {}
      case 'u' -> {
        char first = hex();
        if (Character.isLowSurrogate(first)) {
          throw wrong("half of a surrogate pair is alone");
        }
        if (Character.isHighSurrogate(first)) {
          if (peek() != '\\' || at + 1 >= end || bytes[at + 1] != 'u') {
            throw wrong("half of a surrogate pair is alone");
          }
          at += 2;
          if (!Character.isLowSurrogate(hex())) {
            throw wrong("half of a surrogate pair is alone");
          }
        }
      }
      default -> throw wrong("an unknown escape");
    }
  }

  private char hex() throws MalformedJsonException {
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = peek() < 0 ? -1 : Character.digit((char) peek(), 16);
      if (digit < 0) {
        throw wrong("four hexadecimal digits are missing");
      }
      value = value << 4 | digit;
      at++;
    }
    return (char) value;
  }

  private void space() {
    while (at < end
        && (bytes[at] == ' ' || bytes[at] == '\n' || bytes[at] == '\r' || bytes[at] == '\t')) {
      at++;
    }
  }

  /** The next byte as a number, -1 at the end, -2 for a byte that no value begins with. */
  private int peek() {
    if (at >= end) {
      return -1;
    }
    return bytes[at] >= 0 ? bytes[at] : -2;
  }

  private void onlySpaceLeft() throws MalformedJsonException {
    space();
    if (at < end) {
      throw wrong("something follows the value");
    }
  }

  private MalformedJsonException wrong(String what) {
    return new MalformedJsonException("byte " + (at - start) + " of the JSON text: " + what);
  }
}
