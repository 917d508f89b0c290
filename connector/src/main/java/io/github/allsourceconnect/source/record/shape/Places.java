package io.github.allsourceconnect.source.record.shape;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Values by where they are, as long as saying where does not take much more than the values: a name
 * may be long, and be on the way to many of them.
 */
final class Places {
  private static final int CHARACTERS_MAX = 16_384;

  private final Map<String, Object> values = new LinkedHashMap<>();
  private long characters;
  private long bytesLeft;

  /**
   * @param bytesMax how many bytes may be spent on what is there beside them
   */
  Places(long bytesMax) {
    bytesLeft = bytesMax;
  }

  /** So many bytes are needed. */
  void spend(long bytes) {
    bytesLeft -= bytes;
  }

  void put(Pointer pointer, Object value) {
    characters += pointer.length();
    if (!areTooMany()) {
      values.put(pointer.toString(), value);
    }
  }

  /** Whether not all are there, or more was spent than there may be. */
  boolean areTooMany() {
    return characters > CHARACTERS_MAX || bytesLeft < 0;
  }

  Map<String, Object> values() {
    return values;
  }
}
