package io.github.allsourceconnect.config;

import java.util.Arrays;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The {@code allsource.} headers that a record of an event may have; see {@code record.headers}.
 */
public enum RecordHeader {
  EVENT_ID,
  EVENT_TYPE,
  TENANT_ID,
  WAL_OFFSET,
  SNAPSHOT,
  ENTITY_ID,
  MARK,
  TENANT_UNKNOWN,
  REPAIRED,
  TIMESTAMP,
  VERSION,
  METADATA,
  WAL_TIMESTAMP,
  PAYLOAD_TEXTS,
  METADATA_TEXTS;

  private final String key = "allsource." + Validators.name(this);

  /** The header's name. */
  public String key() {
    return key;
  }

  /** All their names without the prefix, separated by commas. */
  static String names() {
    return Arrays.stream(values()).map(Validators::name).collect(Collectors.joining(", "));
  }

  /**
   * The headers that a list names.
   *
   * @param text {@code all}, {@code none}, or names separated by commas, with or without the prefix
   * @throws IllegalArgumentException saying what is wrong with it
   */
  static Set<RecordHeader> parse(String text) {
    String list = text.trim().toLowerCase(Locale.ROOT);
    if (list.equals("all")) {
      return Collections.unmodifiableSet(EnumSet.allOf(RecordHeader.class));
    }
    Set<RecordHeader> headers = EnumSet.noneOf(RecordHeader.class);
    if (!list.equals("none")) {
      for (String one : list.split(",", -1)) {
        headers.add(named(one.trim()));
      }
    }
    return Collections.unmodifiableSet(headers);
  }

  private static RecordHeader named(String name) {
    for (RecordHeader header : values()) {
      if (name.equals(Validators.name(header)) || name.equals(header.key())) {
        return header;
      }
    }
    throw new IllegalArgumentException(
        "has \"" + name + "\". It is all, none, or a list of " + names());
  }
}
