package io.github.allsourceconnect.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * JSON's grammar: goes over values in bytes that are known to be UTF-8. Knows no errors but says
 * where and why it could not go on; nothing is allocated. One object a text, one thread.
 */
class JsonCursor {
  static final String TOO_EARLY = "it ends too early";
  static final String TOO_DEEP = "it is nested too deeply";

  private static final int PLAIN_DEPTH_MAX = 60;

  static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
  private static final long ONES = 0x0101010101010101L;
  private static final long HIGH_BITS = 0x8080808080808080L;

  final byte[] buf;
  final int end;

  /** The byte that comes next; after a method that returned false, about where it is wrong. */
  int at;

  private final boolean finite;
  private boolean lineEnd;
  private String wrong;

  /**
   * @param from the first byte
   * @param end behind the last one
   * @param finite whether numbers beyond a double are wrong
   */
  JsonCursor(byte[] buf, int from, int end, boolean finite) {
    this.buf = buf;
    this.at = from;
    this.end = end;
    this.finite = finite;
  }

  /**
   * The bytes, if they are one JSON value and nothing else, as most are. What this takes the parser
   * takes; of the rest, for which it gives null, it says nothing.
   */
  static JsonText plainOrNull(byte[] buf, int off, int len) {
    if (Utf8.firstInvalid(buf, off, off + len) >= 0) {
      return null;
    }
    JsonCursor in = new JsonCursor(buf, off, off + len, false);
    if (!in.skipValue(PLAIN_DEPTH_MAX) || in.at != in.end) {
      return null;
    }
    return in.sawLineEnd() ? new JsonText(buf, off, len) : JsonText.ofLine(buf, off, len);
  }

  /** Why the last method returned false. */
  final String wrong() {
    return wrong;
  }

  final boolean fail(String why) {
    wrong = why;
    return false;
  }

  /**
   * Goes over a value of any kind.
   *
   * @param depthMax how many levels it may have, 127 at most
   */
  final boolean skipValue(int depthMax) {
    // one bit for each level that is open: 1 for an object
    long objects = 0;
    long outer = 0;
    int depth = 0;
    while (true) {
      if (at >= end) {
        return fail(TOO_EARLY);
      }
      byte b = buf[at];
      if (b == '{' || b == '[') {
        if (depth == depthMax) {
          return fail(TOO_DEEP);
        }
        at++;
        skipSpace();
        if (at < end && buf[at] == (b == '{' ? '}' : ']')) {
          at++;
        } else {
          depth++;
          outer = outer << 1 | objects >>> 63;
          objects = objects << 1 | (b == '{' ? 1 : 0);
          if (b == '{' && skipName() < 0) {
            return false;
          }
          continue;
        }
      } else if (!skipScalar(b)) {
        return false;
      }
      // a value has ended: so may what it stands in
      while (depth > 0) {
        skipSpace();
        boolean inObject = (objects & 1) != 0;
        if (at < end && buf[at] == ',') {
          at++;
          skipSpace();
          if (inObject && skipName() < 0) {
            return false;
          }
          break;
        }
        if (!closes(inObject ? '}' : ']')) {
          return false;
        }
        depth--;
        objects = objects >>> 1 | outer << 63;
        outer >>>= 1;
      }
      if (depth == 0) {
        return true;
      }
    }
  }

  private boolean closes(char close) {
    if (at >= end) {
      return fail(TOO_EARLY);
    }
    if (buf[at] != close) {
      return fail("a comma or '" + close + "' is missing");
    }
    at++;
    return true;
  }

  /**
   * Behind a member or an element: whether another one follows. {@link #wrong} is null when that is
   * well; false as well at the end of what {@code close} closes.
   */
  final boolean goesOn(char close) {
    wrong = null;
    skipSpace();
    if (at < end && buf[at] == ',') {
      at++;
      skipSpace();
      return true;
    }
    boolean unused = closes(close);
    return false;
  }

  /**
   * A member's name, its colon and the space round it.
   *
   * @return the place behind the name's closing quote; -1 when it is wrong
   */
  final int skipName() {
    if (at >= end || buf[at] != '"') {
      wrong = "a name in quotes is missing";
      return -1;
    }
    if (!skipString()) {
      return -1;
    }
    int behind = at;
    skipSpace();
    if (at >= end || buf[at] != ':') {
      wrong = "a colon is missing";
      return -1;
    }
    at++;
    skipSpace();
    return behind;
  }

  private boolean skipScalar(byte first) {
    return switch (first) {
      case '"' -> skipString();
      case 't' -> skipLiteral('r', 'u', 'e');
      case 'n' -> skipLiteral('u', 'l', 'l');
      case 'f' -> skipFalse();
      default -> skipNumber();
    };
  }

  private boolean skipFalse() {
    if (at + 5 > end || buf[at + 1] != 'a') {
      return fail("a value is missing");
    }
    at++;
    return skipLiteral('l', 's', 'e');
  }

  private boolean skipLiteral(char second, char third, char fourth) {
    boolean right =
        at + 4 <= end && buf[at + 1] == second && buf[at + 2] == third && buf[at + 3] == fourth;
    if (!right) {
      return fail("a value is missing");
    }
    at += 4;
    return true;
  }

  private boolean skipNumber() {
    int from = at;
    if (buf[at] == '-') {
      at++;
    }
    int start = at;
    if (!skipDigits()) {
      return fail(at == from ? "a value is missing" : "a digit is missing");
    }
    if (buf[start] == '0' && at > start + 1) {
      return fail("a number begins with a zero");
    }
    if (at < end && buf[at] == '.') {
      at++;
      if (!skipDigits()) {
        return fail("a digit is missing");
      }
    }
    boolean exponent = at < end && (buf[at] | 0x20) == 'e';
    if (exponent) {
      at++;
      if (at < end && (buf[at] == '+' || buf[at] == '-')) {
        at++;
      }
      if (!skipDigits()) {
        return fail("a digit is missing");
      }
    }
    return !finite || isFinite(from, exponent);
  }

  private boolean isFinite(int from, boolean exponent) {
    if ((exponent || at - from > 300)
        && Double.isInfinite(Double.parseDouble(new String(buf, from, at - from, ISO_8859_1)))) {
      return fail("a number is beyond a double, more than followers read");
    }
    return true;
  }

  private boolean skipDigits() {
    int start = at;
    while (at < end && isDigit(buf[at])) {
      at++;
    }
    return at > start;
  }

  /** From the opening quote to behind the closing one. */
  private boolean skipString() {
    at = plain(at + 1);
    while (at < end && buf[at] == '\\') {
      if (!skipEscape()) {
        return false;
      }
      at = plain(at);
    }
    if (at >= end) {
      return fail(TOO_EARLY);
    }
    if (buf[at] != '"') {
      return fail("a control character in a string is not escaped");
    }
    at++;
    return true;
  }

  private boolean skipEscape() {
    if (at + 1 >= end) {
      return fail(TOO_EARLY);
    }
    byte kind = buf[at + 1];
    at += 2;
    if (kind != 'u') {
      return "\"\\/bfnrt".indexOf(kind) >= 0 || fail("an unknown escape");
    }
    int unit = hex();
    if (unit >= Character.MIN_HIGH_SURROGATE && unit <= Character.MAX_LOW_SURROGATE) {
      // the halves of a pair must belong together
      boolean first = unit <= Character.MAX_HIGH_SURROGATE;
      if (!first || at + 1 >= end || buf[at] != '\\' || buf[at + 1] != 'u') {
        return fail("half of a surrogate pair is alone");
      }
      at += 2;
      int second = hex();
      return (second >= Character.MIN_LOW_SURROGATE && second <= Character.MAX_LOW_SURROGATE)
          || fail("half of a surrogate pair is alone");
    }
    return unit >= 0 || fail("four hexadecimal digits are missing");
  }

  /** Four hexadecimal digits; -1 when they are none. */
  private int hex() {
    if (at + 4 > end) {
      return -1;
    }
    int value = 0;
    for (int i = 0; i < 4; i++) {
      int digit = buf[at] < 0 ? -1 : Character.digit((char) buf[at], 16);
      if (digit < 0) {
        return -1;
      }
      value = value << 4 | digit;
      at++;
    }
    return value;
  }

  /** The first place from {@code from} on with a quote, a backslash or a control character. */
  final int plain(int from) {
    return plain(buf, from, end);
  }

  /** The same of any bytes; {@code end} if there is none. */
  static int plain(byte[] buf, int from, int end) {
    int i = from;
    for (; i + 8 <= end; i += 8) {
      long word = (long) LONGS.get(buf, i);
      long quotes = word ^ (ONES * '"');
      long slashes = word ^ (ONES * '\\');
      long found =
          ((quotes - ONES) & ~quotes)
              | ((slashes - ONES) & ~slashes)
              | ((word - ONES * 0x20) & ~word);
      if ((found & HIGH_BITS) != 0) {
        return i + (Long.numberOfTrailingZeros(found & HIGH_BITS) >>> 3);
      }
    }
    while (i < end && buf[i] != '"' && buf[i] != '\\' && (buf[i] & 0xFF) >= 0x20) {
      i++;
    }
    return i;
  }

  final void skipSpace() {
    while (at < end && buf[at] <= ' ' && isSpace(buf[at])) {
      lineEnd |= buf[at] == '\n';
      at++;
    }
  }

  /** Whether a line ended between the tokens so far; within them no line can end. */
  final boolean sawLineEnd() {
    return lineEnd;
  }

  private static boolean isSpace(byte b) {
    return b == ' ' || b == '\n' || b == '\r' || b == '\t';
  }

  static boolean isDigit(byte b) {
    return b >= '0' && b <= '9';
  }
}
