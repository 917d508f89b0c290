package io.github.allsourceconnect.sink.mapping;

import io.github.allsourceconnect.protocol.Timestamps;
import java.time.DateTimeException;
import java.time.OffsetDateTime;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.connect.errors.DataException;

/** The times of an event and of its entry, as records tell them. Stateless; for any thread. */
final class EventTimes {
  private EventTimes() {}

  /** When the store wrote the event: what is told, else the record's time, else the event's own. */
  static String written(String told, String recordTime, String eventTime) {
    if (told != null) {
      return told;
    }
    return recordTime != null ? recordTime : canonical("timestamp", eventTime);
  }

  /**
   * A record's time.
   *
   * @param millis since 1970; null or negative for none
   * @return null for none
   */
  static String ofRecord(Long millis) {
    if (millis == null || millis < 0) {
      return null;
    }
    try {
      return Timestamps.of(Math.floorDiv(millis, 1000L), (int) (millis % 1000) * 1_000_000);
    } catch (IllegalArgumentException e) {
      throw new DataException("its record's time lies after the year 9999", e);
    }
  }

  /** Whether {@link #ofRecord} refuses it. */
  static boolean isTooLate(Long millis) {
    return millis != null && millis > Timestamps.MAX_MICROS / 1000;
  }

  /** Whether an event's time is taken as it is. */
  static boolean isKept(String text) {
    return Timestamps.isValid(text) && isWrittenToBeKept(text);
  }

  /** The same of a text that is known to be valid. */
  static boolean isWrittenToBeKept(String text) {
    return text.charAt(10) == 'T' && text.charAt(text.length() - 1) == 'Z';
  }

  /** RFC 3339 in any zone, as it is when it is in UTC. */
  static String kept(String part, String text) {
    return isKept(text) ? text : parsed(part, text);
  }

  /** RFC 3339 in any zone, with the fewest digits. */
  static String canonical(String part, String text) {
    return Timestamps.isCanonical(text) ? text : parsed(part, text);
  }

  private static String parsed(String part, String text) {
    try {
      OffsetDateTime time = OffsetDateTime.parse(shortFraction(text.toUpperCase(Locale.ROOT)));
      return Timestamps.of(time.toEpochSecond(), time.getNano());
    } catch (DateTimeException | IllegalArgumentException e) {
      throw new DataException(
          "its " + part + " is not an RFC 3339 time of the years 0000 to 9999 with a zone", e);
    }
  }

  /** Without the fraction digits after the ninth, and with a T where a space stands. */
  private static String shortFraction(String text) {
    int dot = text.indexOf('.');
    int end = dot + 1;
    while (dot > 0 && end < text.length() && Character.isDigit(text.charAt(end))) {
      end++;
    }
    String trimmed =
        dot > 0 && end - dot > 10 ? text.substring(0, dot + 10) + text.substring(end) : text;
    return trimmed.length() > 10 && trimmed.charAt(10) == ' '
        ? trimmed.substring(0, 10) + "T" + trimmed.substring(11)
        : trimmed;
  }

  /** The RFC 3339 text of a number of units since 1970. */
  static String ofNumber(long number, TimeUnit unit) {
    long perSecond = unit.convert(1, TimeUnit.SECONDS);
    long seconds = Math.floorDiv(number, perSecond);
    long nanos = unit.toNanos(Math.floorMod(number, perSecond));
    try {
      return Timestamps.of(seconds, (int) nanos);
    } catch (IllegalArgumentException e) {
      throw new DataException(
          "its time is a number that leads outside the years 0000 to 9999; see"
              + " event.timestamp.unit",
          e);
    }
  }
}
