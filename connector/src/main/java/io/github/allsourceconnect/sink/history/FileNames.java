package io.github.allsourceconnect.sink.history;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;

/**
 * Names in the real leader's pattern, {@code events-<yyyymmdd>-<HHMMSSmmm>-<32 hex>.parquet}: the
 * time is when the file was closed, but at least a millisecond after the one before, so that the
 * names' order is the order of the log also when the clock steps back. The 32 digits are the WAL
 * offset that the file ends with, and a random number. Stateless.
 */
final class FileNames {
  private static final DateTimeFormatter FORM =
      new DateTimeFormatterBuilder()
          .appendPattern("uuuuMMdd-HHmmss")
          .appendValue(ChronoField.MILLI_OF_SECOND, 3)
          .toFormatter(Locale.ROOT)
          .withZone(ZoneOffset.UTC);
  private static final String PREFIX = "events-";
  private static final int TIME_LENGTH = 18;
  private static final int OFFSET_LENGTH = 16;

  private FileNames() {}

  /**
   * The name of a new last file.
   *
   * @param last name of the file before; null for none
   */
  static String next(String last, long nowMs, long upTo, long random) {
    long time = last == null ? nowMs : Math.max(nowMs, timeOf(last) + 1);
    return name(FORM.format(Instant.ofEpochMilli(time)), upTo, random);
  }

  /**
   * The name of a file that takes the place of a run, or of a part, that ends with {@code last}.
   */
  static String inPlaceOf(String last, long upTo, long random) {
    return name(last.substring(PREFIX.length(), PREFIX.length() + TIME_LENGTH), upTo, random);
  }

  private static String name(String time, long upTo, long random) {
    return String.format(Locale.ROOT, "%s%s-%016x%016x.parquet", PREFIX, time, upTo, random);
  }

  /**
   * When a file was closed, in milliseconds.
   *
   * @throws IllegalArgumentException when that is not the name of a file that was written here
   */
  static long timeOf(String name) {
    try {
      String time = name.substring(PREFIX.length(), PREFIX.length() + TIME_LENGTH);
      return Instant.from(FORM.parse(time)).toEpochMilli();
    } catch (DateTimeException | IndexOutOfBoundsException e) {
      throw new IllegalArgumentException("not the name of a file of a history", e);
    }
  }

  /** The WAL offset that a file ends with; -1 when its name does not say. */
  static long upTo(String name) {
    int from = PREFIX.length() + TIME_LENGTH + 1;
    if (!name.startsWith(PREFIX) || name.length() < from + OFFSET_LENGTH) {
      return -1;
    }
    try {
      return Long.parseUnsignedLong(name, from, from + OFFSET_LENGTH, 16);
    } catch (NumberFormatException e) {
      return -1;
    }
  }
}
