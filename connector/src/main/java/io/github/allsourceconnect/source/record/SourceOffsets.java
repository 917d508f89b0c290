package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * A {@link SourcePosition} as Connect stores it: a flat map of strings and longs under the
 * partition {@code {"leader": name}}. The ids are base64 of 16 bytes each.
 */
public final class SourceOffsets {
  /** Key of the partition, and of the leader's address in an offset. */
  public static final String LEADER = "leader";

  private static final String FORMAT = "format";
  private static final String WAL_OFFSET = "wal_offset";
  private static final String BEYOND = "beyond";
  private static final String UNCERTAIN = "uncertain";
  private static final String MISSING = "missing";
  private static final String MISSING_NEWEST = "missing_micros";
  private static final String MISSING_AFTER = "missing_after";
  private static final String MISSING_PASSED = "missing_passed";
  private static final String WATERMARK = "watermark_micros";
  private static final String NEWEST = "newest_micros";
  private static final String IDS = "ids";
  private static final String LATENESS = "lateness_micros";
  private static final String DISPLACEMENT = "displacement";
  private static final String SNAPSHOT_DONE = "snapshot_done";
  private static final String NUMBER = "number";
  private static final long THIS_FORMAT = 1;

  private SourceOffsets() {}

  /** The partition that a leader's offsets are filed under. */
  public static Map<String, String> partition(String leaderName) {
    return Map.of(LEADER, leaderName);
  }

  /** What Connect stores. */
  public static Map<String, Object> encode(SourcePosition position) {
    Map<String, Object> map = new HashMap<>();
    map.put(FORMAT, THIS_FORMAT);
    map.put(WAL_OFFSET, position.walOffset());
    map.put(BEYOND, position.beyond());
    map.put(UNCERTAIN, (long) position.uncertain());
    map.put(MISSING, position.missing().events());
    map.put(MISSING_NEWEST, position.missing().newestMicros());
    map.put(MISSING_AFTER, position.missing().after());
    map.put(MISSING_PASSED, position.missing().passedOver());
    map.put(WATERMARK, position.watermarkMicros());
    map.put(NEWEST, position.newestMicros());
    ByteBuffer ids = ByteBuffer.allocate(position.ids().length * Long.BYTES);
    for (long half : position.ids()) {
      ids.putLong(half);
    }
    map.put(IDS, Base64.getEncoder().encodeToString(ids.array()));
    map.put(LATENESS, position.latenessMicros());
    map.put(DISPLACEMENT, (long) position.displacement());
    map.put(SNAPSHOT_DONE, position.snapshotDone() ? 1L : 0L);
    map.put(LEADER, position.leader());
    map.put(NUMBER, position.number());
    return map;
  }

  /**
   * The position in a stored map; {@link SourcePosition#START} for null or an empty one. Keys that
   * earlier builds did not write may be missing, keys that only later ones write are passed over.
   *
   * @throws ConnectException naming the key that is missing or wrong
   */
  public static SourcePosition decode(Map<String, ?> map) {
    if (map == null || map.isEmpty()) {
      return SourcePosition.START;
    }
    long format = number(map, FORMAT);
    if (format != THIS_FORMAT) {
      throw new ConnectException(
          "Stored offset, key "
              + FORMAT
              + ": "
              + format
              + " is not known to this version, which writes "
              + THIS_FORMAT
              + ". Use the connector's version that wrote it, or delete the offset.");
    }
    return new SourcePosition(
        atLeastZero(map, WAL_OFFSET),
        atLeastZero(map, BEYOND),
        small(map, UNCERTAIN),
        missing(map),
        number(map, WATERMARK),
        number(map, NEWEST),
        ids(map),
        atLeastZero(map, LATENESS),
        small(map, DISPLACEMENT),
        flag(map, SNAPSHOT_DONE),
        text(optional(map, LEADER, ""), LEADER),
        atLeastZero(map, NUMBER));
  }

  private static SourcePosition.Missing missing(Map<String, ?> map) {
    return new SourcePosition.Missing(
        atLeastZero(optional(map, MISSING, 0L), MISSING),
        number(optional(map, MISSING_NEWEST, Long.MAX_VALUE), MISSING_NEWEST),
        atLeastZero(optional(map, MISSING_AFTER, 0L), MISSING_AFTER),
        atLeastZero(optional(map, MISSING_PASSED, 0L), MISSING_PASSED));
  }

  /** The value of a key that earlier builds did not write. */
  private static Object optional(Map<String, ?> map, String key, Object otherwise) {
    Object value = map.get(key);
    return value == null ? otherwise : value;
  }

  private static long number(Map<String, ?> map, String key) {
    return number(map.get(key), key);
  }

  private static long number(Object value, String key) {
    if (value instanceof Long || value instanceof Integer) {
      return ((Number) value).longValue();
    }
    throw bad(key, value == null ? "is missing" : "is no whole number");
  }

  private static long atLeastZero(Map<String, ?> map, String key) {
    return atLeastZero(map.get(key), key);
  }

  private static long atLeastZero(Object stored, String key) {
    long value = number(stored, key);
    if (value < 0) {
      throw bad(key, "is negative: " + value);
    }
    return value;
  }

  private static int small(Map<String, ?> map, String key) {
    long value = atLeastZero(map, key);
    if (value > Integer.MAX_VALUE) {
      throw bad(key, "is too large: " + value);
    }
    return (int) value;
  }

  private static boolean flag(Map<String, ?> map, String key) {
    long value = number(map, key);
    if (value != 0 && value != 1) {
      throw bad(key, "is neither 0 nor 1: " + value);
    }
    return value == 1;
  }

  private static String text(Object value, String key) {
    if (value instanceof String text) {
      return text;
    }
    throw bad(key, "is no text");
  }

  private static long[] ids(Map<String, ?> map) {
    if (!(map.get(IDS) instanceof String text)) {
      throw bad(IDS, "is missing or no text");
    }
    byte[] bytes;
    try {
      bytes = Base64.getDecoder().decode(text);
    } catch (IllegalArgumentException e) {
      throw bad(IDS, "is no base64");
    }
    if (bytes.length % 16 != 0) {
      throw bad(IDS, "has " + bytes.length + " bytes, not a multiple of 16");
    }
    long[] ids = new long[bytes.length / Long.BYTES];
    ByteBuffer.wrap(bytes).asLongBuffer().get(ids);
    return ids;
  }

  private static ConnectException bad(String key, String why) {
    return new ConnectException(
        "Stored offset, key "
            + key
            + ": "
            + why
            + ". Offsets of this connector can be reset (deleted), not written by hand.");
  }
}
