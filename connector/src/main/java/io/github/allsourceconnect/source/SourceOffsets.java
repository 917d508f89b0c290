package io.github.allsourceconnect.source;

import io.github.allsourceconnect.protocol.Timestamps;
import io.github.allsourceconnect.source.decision.SourcePosition;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * The position as Connect keeps it: one source partition {@code {"leader": name}}, an offset of
 * strings and numbers with a format number.
 *
 * <p>Two short forms may be written by hand through Connect's REST API: {@code {"timestamp":
 * "2026-01-31T12:00:00Z"}} (everything older counts as produced, everything from then on comes) and
 * {@code {"wal_offset": n}} (the log up to n counts as produced; if the leader does not replay its
 * log, what has been written since comes from a snapshot, with all that is older). Stateless.
 */
public final class SourceOffsets {
  static final String LEADER = "leader";

  private static final String FORMAT = "format";
  private static final String WAL_OFFSET = "wal_offset";
  private static final String BEYOND = "beyond";
  private static final String UNCERTAIN = "uncertain";
  private static final String WATERMARK = "watermark_micros";
  private static final String NEWEST = "newest_micros";
  private static final String IDS = "ids";
  private static final String LATENESS = "lateness_micros";
  private static final String DISPLACEMENT = "displacement";
  private static final String SNAPSHOT_DONE = "snapshot_done";
  private static final String NUMBER = "number";
  private static final String TIMESTAMP = "timestamp";
  private static final Set<String> KEYS =
      Set.of(
          FORMAT,
          WAL_OFFSET,
          BEYOND,
          UNCERTAIN,
          WATERMARK,
          NEWEST,
          IDS,
          LATENESS,
          DISPLACEMENT,
          SNAPSHOT_DONE,
          NUMBER);
  private static final long CURRENT_FORMAT = 1;
  private static final int ID_BYTES = 16;

  private SourceOffsets() {}

  /** The source partition. */
  public static Map<String, String> partition(String leader) {
    return Map.of(LEADER, leader);
  }

  /** The offset of a position. */
  public static Map<String, Object> encode(SourcePosition position) {
    Map<String, Object> offset = new LinkedHashMap<>();
    offset.put(FORMAT, CURRENT_FORMAT);
    offset.put(WAL_OFFSET, position.walOffset());
    offset.put(BEYOND, position.beyond());
    offset.put(UNCERTAIN, (long) position.uncertain());
    offset.put(WATERMARK, position.watermarkMicros());
    offset.put(NEWEST, position.newestMicros());
    ByteBuffer ids = ByteBuffer.allocate(position.ids().length * Long.BYTES);
    ids.asLongBuffer().put(position.ids());
    offset.put(IDS, Base64.getEncoder().encodeToString(ids.array()));
    offset.put(LATENESS, position.latenessMicros());
    offset.put(DISPLACEMENT, (long) position.displacement());
    offset.put(SNAPSHOT_DONE, position.snapshotDone());
    offset.put(NUMBER, position.number());
    return offset;
  }

  /**
   * The position of an offset, also of a short form.
   *
   * @param offset null or empty for none
   * @throws ConnectException naming the key that is wrong, and what to do
   */
  public static SourcePosition decode(Map<String, ?> offset) {
    if (offset == null || offset.isEmpty()) {
      return SourcePosition.START;
    }
    if (!offset.containsKey(FORMAT)) {
      return shortForm(offset);
    }
    long format = integer(offset, FORMAT, 0, Long.MAX_VALUE);
    if (format != CURRENT_FORMAT) {
      throw wrong(
          FORMAT, format, "this version of the connector knows format " + CURRENT_FORMAT + " only");
    }
    for (String key : new TreeSet<>(offset.keySet())) {
      if (!KEYS.contains(key)) {
        throw wrong(key, offset.get(key), "there is no such key");
      }
    }
    long watermark = integer(offset, WATERMARK, Long.MIN_VALUE, Long.MAX_VALUE);
    return new SourcePosition(
        integer(offset, WAL_OFFSET, 0, Long.MAX_VALUE),
        integer(offset, BEYOND, 0, Long.MAX_VALUE),
        (int) integer(offset, UNCERTAIN, 0, Integer.MAX_VALUE),
        watermark,
        integer(offset, NEWEST, Long.MIN_VALUE, Long.MAX_VALUE),
        ids(offset.get(IDS)),
        integer(offset, LATENESS, 0, Long.MAX_VALUE),
        (int) integer(offset, DISPLACEMENT, 0, Integer.MAX_VALUE),
        bool(offset, SNAPSHOT_DONE),
        integer(offset, NUMBER, 0, Long.MAX_VALUE));
  }

  private static SourcePosition shortForm(Map<String, ?> offset) {
    SourcePosition start = SourcePosition.START;
    if (offset.keySet().equals(Set.of(WAL_OFFSET))) {
      return new SourcePosition(
          integer(offset, WAL_OFFSET, 0, Long.MAX_VALUE),
          0,
          0,
          start.watermarkMicros(),
          start.newestMicros(),
          start.ids(),
          0,
          0,
          true,
          0);
    }
    if (offset.keySet().equals(Set.of(TIMESTAMP))) {
      long micros = micros(offset.get(TIMESTAMP));
      return new SourcePosition(0, 0, 0, micros, micros, start.ids(), 0, 0, true, 0);
    }
    throw new ConnectException(
        "The offset must be one that this connector has stored (with "
            + FORMAT
            + "), or {\""
            + TIMESTAMP
            + "\": \"2026-01-31T12:00:00Z\"}, or {\""
            + WAL_OFFSET
            + "\": n}; its keys are "
            + new TreeSet<>(offset.keySet()));
  }

  private static long micros(Object value) {
    try {
      if (value instanceof String text) {
        return Timestamps.micros(text);
      }
    } catch (IllegalArgumentException e) {
      throw wrong(TIMESTAMP, value, "must be RFC 3339 in UTC, as 2026-01-31T12:00:00Z", e);
    }
    throw wrong(TIMESTAMP, value, "must be RFC 3339 in UTC, as 2026-01-31T12:00:00Z");
  }

  private static long integer(Map<String, ?> offset, String key, long least, long most) {
    Object value = offset.get(key);
    if (!(value instanceof Long || value instanceof Integer || value instanceof Short)) {
      throw wrong(key, value, "must be a whole number");
    }
    long number = ((Number) value).longValue();
    if (number < least || number > most) {
      throw wrong(key, value, "must be " + least + " to " + most);
    }
    return number;
  }

  private static boolean bool(Map<String, ?> offset, String key) {
    if (offset.get(key) instanceof Boolean value) {
      return value;
    }
    throw wrong(key, offset.get(key), "must be true or false");
  }

  private static long[] ids(Object value) {
    byte[] bytes;
    try {
      bytes = value instanceof String text ? Base64.getDecoder().decode(text) : null;
    } catch (IllegalArgumentException e) {
      throw wrong(IDS, "(text)", "must be ids of 16 bytes each in base64", e);
    }
    if (bytes == null || bytes.length % ID_BYTES != 0) {
      throw wrong(
          IDS, value == null ? null : "(not shown)", "must be ids of 16 bytes each in base64");
    }
    long[] ids = new long[bytes.length / Long.BYTES];
    ByteBuffer.wrap(bytes).asLongBuffer().get(ids);
    return ids;
  }

  /**
   * Checks what is to replace stored offsets.
   *
   * @param leader the leader's name in the connector's settings
   * @param offsets a null offset deletes the stored one
   * @throws ConnectException naming the key that is wrong, and what to do
   */
  public static void checkAltered(String leader, Map<Map<String, ?>, Map<String, ?>> offsets) {
    offsets.forEach(
        (partition, offset) -> {
          if (offset == null) {
            return; // whatever is stored may go
          }
          if (partition == null || !partition.keySet().equals(Set.of(LEADER))) {
            throw new ConnectException(
                "The partition must be {\"" + LEADER + "\": \"" + leader + "\"}, not " + partition);
          }
          if (!leader.equals(partition.get(LEADER))) {
            throw wrong(
                LEADER,
                partition.get(LEADER),
                "the connector's leader.name is \"" + leader + "\"; others are never read");
          }
          decode(offset);
        });
  }

  private static ConnectException wrong(String key, Object value, String why) {
    return wrong(key, value, why, null);
  }

  private static ConnectException wrong(
      String key, Object value, String why, IllegalArgumentException cause) {
    return new ConnectException(
        "Source offset, key \""
            + key
            + "\": "
            + (value == null ? "is missing; it " : "is " + value + "; ")
            + why
            + ". Set it right, or reset it, through Connect's offsets API.",
        cause);
  }
}
