package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.source.decision.position.Losses.Micros;
import java.time.DateTimeException;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * The values of a stored map, each checked: a person may have set it.
 *
 * <p>Each method throws a {@link ConnectException} that names the key which is missing or wrong.
 */
final class OffsetFields {
  private OffsetFields() {}

  static long number(Map<String, ?> map, String key) {
    return number(map.get(key), key);
  }

  private static long number(Object value, String key) {
    if (value instanceof Long || value instanceof Integer) {
      return ((Number) value).longValue();
    }
    throw bad(key, value == null ? "is missing" : "is not a whole number");
  }

  static long atLeastZero(Map<String, ?> map, String key) {
    long value = number(map, key);
    if (value < 0) {
      throw bad(key, "is negative: " + value);
    }
    return value;
  }

  /** What is not there is 0. */
  static long count(Map<String, ?> map, String key) {
    return map.containsKey(key) ? atLeastZero(map, key) : 0;
  }

  static int small(Map<String, ?> map, String key) {
    long value = count(map, key);
    if (value > Integer.MAX_VALUE) {
      throw bad(key, "is too large: " + value);
    }
    return (int) value;
  }

  static boolean flag(Map<String, ?> map, String key) {
    long value = number(map, key);
    if (value != 0 && value != 1) {
      throw bad(key, "is neither 0 nor 1: " + value);
    }
    return value == 1;
  }

  static String text(Map<String, ?> map, String key) {
    if (map.get(key) instanceof String text) {
      return text;
    }
    throw bad(key, map.get(key) == null ? "is missing" : "is not text");
  }

  static long time(Object value, String key) {
    try {
      if (value instanceof String text) {
        return Micros.parse(text);
      }
    } catch (DateTimeException | ArithmeticException e) {
      throw bad(key, "is not a time such as 2026-11-01T00:00:00Z: " + Printable.of((String) value));
    }
    throw bad(key, value == null ? "is missing" : "is not text");
  }

  static ConnectException bad(String key, String why) {
    return new ConnectException(
        "Offset, key "
            + key
            + ": "
            + why
            + ". Offsets may be reset (null), set to {\"from\": time}, or set to what this"
            + " connector stored.");
  }
}
