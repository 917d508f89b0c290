package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;

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
 * levels. Stateless.
 */
public final class JsonScanner {
  /** Followers read 127 levels of nesting; line, entry and event are three around a payload. */
  public static final int MAX_DEPTH = 124;

  // an event, and an entry with an event, add two to what is checked again by itself, and what is
  // taken apart here is one of them
  private static final int MEMBER_DEPTH = MAX_DEPTH + 1;

  private final JsonCursor in;
  private final int start;

  private JsonScanner(byte[] bytes, int offset, int length) throws MalformedJsonException {
    this.in = new JsonCursor(bytes, offset, offset + length, true);
    this.start = offset;
    int invalid = Utf8.firstInvalid(bytes, offset, offset + length);
    if (invalid >= 0) {
      in.at = invalid;
      throw wrong("it is not UTF-8");
    }
    in.skipSpace();
  }

  /** Says what is wrong with a JSON text, never quoting it. */
  public static final class MalformedJsonException extends Exception {
    private static final long serialVersionUID = 1L;

    MalformedJsonException(String message) {
      super(message);
    }
  }

  /** The one value of a text, without the white space around it. */
  public static JsonText value(byte[] bytes, int offset, int length) throws MalformedJsonException {
    JsonScanner scanner = new JsonScanner(bytes, offset, length);
    JsonText value = scanner.slice(MAX_DEPTH);
    scanner.onlySpaceLeft();
    return value;
  }

  /**
   * The members of an object in their order; null when the value is no object. The last of equal
   * names counts.
   */
  public static Map<String, JsonText> members(byte[] bytes, int offset, int length)
      throws MalformedJsonException {
    JsonScanner scanner = new JsonScanner(bytes, offset, length);
    if (!scanner.begins('{')) {
      return null;
    }
    Map<String, JsonText> members = new LinkedHashMap<>();
    if (!scanner.isEmpty('}')) {
      do {
        String name = string(scanner.name());
        members.put(name, scanner.slice(MEMBER_DEPTH));
      } while (scanner.goesOn('}'));
    }
    scanner.onlySpaceLeft();
    return members;
  }

  /** The elements of an array; null when the value is no array. */
  public static List<JsonText> elements(byte[] bytes, int offset, int length)
      throws MalformedJsonException {
    JsonScanner scanner = new JsonScanner(bytes, offset, length);
    if (!scanner.begins('[')) {
      return null;
    }
    List<JsonText> elements = new ArrayList<>();
    if (!scanner.isEmpty(']')) {
      do {
        elements.add(scanner.slice(MEMBER_DEPTH));
      } while (scanner.goesOn(']'));
    }
    scanner.onlySpaceLeft();
    return elements;
  }

  /** The text of a JSON string that was scanned before. */
  public static String string(JsonText text) {
    int from = text.offset() + 1;
    String raw = new String(text.array(), from, text.length() - 2, UTF_8);
    if (raw.indexOf('\\') < 0) {
      return raw;
    }
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

  private boolean begins(char open) {
    boolean begins = in.at < in.end && in.buf[in.at] == open;
    if (begins) {
      in.at++;
      in.skipSpace();
    }
    return begins;
  }

  private boolean isEmpty(char close) {
    boolean empty = in.at < in.end && in.buf[in.at] == close;
    if (empty) {
      in.at++;
    }
    return empty;
  }

  private JsonText slice(int depthMax) throws MalformedJsonException {
    int from = in.at;
    if (!in.skipValue(depthMax)) {
      throw wrong(
          in.wrong().equals(JsonCursor.TOO_DEEP)
              ? "it is nested deeper than " + MAX_DEPTH + " levels, more than followers read"
              : in.wrong());
    }
    return new JsonText(in.buf, from, in.at - from);
  }

  private JsonText name() throws MalformedJsonException {
    int from = in.at;
    int behind = in.skipName();
    if (behind < 0) {
      throw wrong(in.wrong());
    }
    return new JsonText(in.buf, from, behind - from);
  }

  private boolean goesOn(char close) throws MalformedJsonException {
    boolean more = in.goesOn(close);
    if (in.wrong() != null) {
      throw wrong(in.wrong());
    }
    return more;
  }

  private void onlySpaceLeft() throws MalformedJsonException {
    in.skipSpace();
    if (in.at < in.end) {
      throw wrong("something follows the value");
    }
  }

  private MalformedJsonException wrong(String what) {
    return new MalformedJsonException("byte " + (in.at - start) + " of the JSON text: " + what);
  }
}
