package io.github.allsourceconnect.tool.audit;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.source.record.shape.PayloadJson;
import java.io.IOException;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.math.BigDecimal;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Digests of texts and of JSON values, 64 bits each, never 0.
 *
 * <p>Two JSON texts have the same digest if they are the same value: objects whatever the order of
 * their members, numbers by their value (1, 1.0 and 1e0 are one), strings by their characters
 * however they are escaped, without regard to white space. What a form of payloads does not tell
 * may be left out of it. One thread.
 */
final class Digest {
  private static final VarHandle LONGS =
      MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

  /** A number of more digits, or with an exponent of more, counts as it is written. */
  private static final int NUMBER_MAX = 1_000;

  private static final int EXPONENT_MAX = 5;

  private static final Pattern NUMERIC =
      Pattern.compile("-?(0|[1-9][0-9]*+)([.][0-9]++)?([eE][-+]?[0-9]++)?");

  private static final long OBJECT = 1;
  private static final long ARRAY = 2;
  private static final long STRING = 3;
  private static final long NUMBER = 4;
  private static final long LITERAL = 5;

  private final boolean nullsTold;
  private final boolean numbersTold;
  private long[] open = new long[16];
  private long[] names = new long[16];
  private boolean[] objects = new boolean[16];

  /** Of whole values. */
  Digest() {
    this(true, true);
  }

  /**
   * @param nullsTold whether a member that is null is another thing than none
   * @param numbersTold whether a number is another thing than a text of it
   */
  Digest(boolean nullsTold, boolean numbersTold) {
    this.nullsTold = nullsTold;
    this.numbersTold = numbersTold;
  }

  /** A text's. */
  static long of(String text) {
    return of(STRING, text);
  }

  /** A JSON value's; 0 for a Java null and for the JSON null of nothing else. */
  long of(JsonText json) {
    if (json == null || json.isNull()) {
      return 0;
    }
    try (JsonParser parser = PayloadJson.parser(json)) {
      return value(parser);
    } catch (IOException e) {
      // no JSON: as it is written
      return bytes(LITERAL, json.array(), json.offset(), json.length());
    }
  }

  private long value(JsonParser parser) throws IOException {
    int depth = 0;
    long name = 0;
    while (true) {
      JsonToken token = parser.nextToken();
      if (token == null) {
        throw new IOException("it ends too early");
      }
      long value;
      switch (token) {
        case FIELD_NAME -> {
          name = of(STRING, parser.currentName());
          continue;
        }
        case START_OBJECT, START_ARRAY -> {
          if (depth == open.length) {
            grow();
          }
          open[depth] = token == JsonToken.START_OBJECT ? OBJECT : ARRAY;
          objects[depth] = token == JsonToken.START_OBJECT;
          names[depth] = name;
          depth++;
          continue;
        }
        case END_OBJECT, END_ARRAY -> {
          depth--;
          value = mix(open[depth]);
          name = names[depth];
        }
        case VALUE_STRING -> value = string(parser.getText());
        case VALUE_NULL -> {
          if (!nullsTold && depth > 0 && objects[depth - 1]) {
            continue;
          }
          value = of(LITERAL, parser.getText());
        }
        case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> value = of(NUMBER, number(parser.getText()));
        default -> value = of(LITERAL, parser.getText());
      }
      if (depth == 0) {
        return value == 0 ? 1 : value;
      }
      long around = open[depth - 1];
      // members are added up, so that their order does not matter; elements are chained
      open[depth - 1] =
          objects[depth - 1] ? around + mix(mix(name) ^ value) : mix(around ^ value) + ARRAY;
    }
  }

  private long string(String text) {
    return numbersTold || !NUMERIC.matcher(text).matches()
        ? of(STRING, text)
        : of(NUMBER, number(text));
  }

  private void grow() {
    open = Arrays.copyOf(open, 2 * open.length);
    names = Arrays.copyOf(names, open.length);
    objects = Arrays.copyOf(objects, open.length);
  }

  /** One text for each value: the digits that count, and a power of ten. */
  private static String number(String text) {
    if (!text.endsWith("0") && text.chars().allMatch(c -> (c >= '0' && c <= '9') || c == '-')) {
      return text;
    }
    int exponent = Math.max(text.indexOf('e'), text.indexOf('E'));
    if (text.length() > NUMBER_MAX || (exponent > 0 && text.length() - exponent > EXPONENT_MAX)) {
      return text;
    }
    BigDecimal number = new BigDecimal(text);
    if (number.signum() == 0) {
      return "0";
    }
    BigDecimal stripped = number.stripTrailingZeros();
    return stripped.unscaledValue() + (stripped.scale() == 0 ? "" : "E" + -stripped.scale());
  }

  private static long of(long seed, String text) {
    byte[] bytes = text.getBytes(UTF_8);
    return bytes(seed, bytes, 0, bytes.length);
  }

  private static long bytes(long seed, byte[] bytes, int offset, int length) {
    long hash = mix(seed * 0x9E3779B97F4A7C15L + length);
    int i = 0;
    for (; i + 8 <= length; i += 8) {
      hash = mix(hash ^ (long) LONGS.get(bytes, offset + i));
    }
    long rest = 0;
    for (; i < length; i++) {
      rest = (rest << 8) | (bytes[offset + i] & 0xFF);
    }
    hash = mix(hash ^ rest);
    return hash == 0 ? 1 : hash;
  }

  private static long mix(long bits) {
    long z = bits + 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}
