package io.github.allsourceconnect.source.record;

import static io.github.allsourceconnect.source.record.OffsetFields.bad;
import static io.github.allsourceconnect.source.record.OffsetFormat.FORMAT;
import static io.github.allsourceconnect.source.record.OffsetFormat.NUMBER;

import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredChunk;
import io.github.allsourceconnect.source.record.shape.Shapes;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * A {@link SourcePosition} as Connect stores it ({@link OffsetFormat}), under the partition {@code
 * {"leader": name}}. One that carries a chunk of the list is stored with it under {@code {"leader":
 * name, "slot": n}}, one with schemas of payloads under {@code {"leader": name, "shapes": n}}. A
 * person may set {@code {"from": time}}, or a stored one without its {@code number}.
 */
public final class SourceOffsets {
  /** Key of the partition, and of the leader's address in an offset. */
  public static final String LEADER = "leader";

  /** Key of the partition of all slots but the first. */
  public static final String SLOT = "slot";

  /** Key of the partition of a part of the schemas of payloads. */
  public static final String SHAPES = "shapes";

  /** Key of what that part is, beside a position. */
  static final String SHAPES_OF_TYPES = "shapes_of_types";

  /** Key of an offset set by a person: everything from this time on is produced again. */
  public static final String FROM = "from";

  private SourceOffsets() {}

  /** The partition that a leader's offsets are filed under, first of all. */
  public static Map<String, Object> partition(String leaderName) {
    return partition(leaderName, SourcePosition.FIRST_SLOT);
  }

  /** The partition of a slot. */
  public static Map<String, Object> partition(String leaderName, int slot) {
    // found again by its bytes, so the keys have an order
    Map<String, Object> partition = new LinkedHashMap<>();
    partition.put(LEADER, leaderName);
    if (slot != SourcePosition.FIRST_SLOT) {
      partition.put(SLOT, (long) slot);
    }
    return partition;
  }

  /** All partitions that a leader's offsets may be filed under. */
  public static Collection<Map<String, Object>> partitions(String leaderName) {
    List<Map<String, Object>> all = new ArrayList<>();
    for (int slot = 0; slot < StoredChunk.SLOTS; slot++) {
      all.add(partition(leaderName, slot));
    }
    for (int part = 0; part < Shapes.PARTS; part++) {
      all.add(shapePartition(leaderName, part));
    }
    return all;
  }

  /** The partition of a part of the schemas of payloads. */
  static Map<String, Object> shapePartition(String leaderName, int part) {
    Map<String, Object> partition = new LinkedHashMap<>();
    partition.put(LEADER, leaderName);
    partition.put(SHAPES, (long) part);
    return partition;
  }

  /** The schemas of payloads that are stored, in parts. */
  public static List<String> shapes(String leaderName, Map<?, Map<String, Object>> stored) {
    List<String> parts = new ArrayList<>();
    for (int part = 0; part < Shapes.PARTS; part++) {
      Map<String, Object> one = stored.get(shapePartition(leaderName, part));
      if (one != null && one.get(SHAPES_OF_TYPES) instanceof String text) {
        parts.add(text);
      }
    }
    return parts;
  }

  /** What Connect stores. */
  public static Map<String, Object> encode(SourcePosition position) {
    return OffsetFormat.write(position);
  }

  /**
   * The position that stored maps tell together; {@link SourcePosition#START} for none.
   *
   * @param stored by partition, as Connect returns them: null or absent where nothing is stored
   * @throws ConnectException naming the partition's key that is missing or wrong
   */
  public static SourcePosition decode(String leaderName, Map<?, Map<String, Object>> stored) {
    Map<Integer, SourcePosition> slots = new HashMap<>();
    for (int slot = 0; slot < StoredChunk.SLOTS; slot++) {
      Map<String, Object> one = stored.get(partition(leaderName, slot));
      if (one != null && !one.isEmpty()) {
        slots.put(slot, OffsetFormat.read(one, slot));
      }
    }
    for (int part = 0; part < Shapes.PARTS; part++) {
      Map<String, Object> one = stored.get(shapePartition(leaderName, part));
      if (one != null && one.containsKey(NUMBER)) {
        slots.put(StoredChunk.SLOTS + part, OffsetFormat.read(one, SourcePosition.FIRST_SLOT));
      }
    }
    return SourcePosition.of(slots);
  }

  /**
   * What a person may set as the offset of {@code {"leader": name}}.
   *
   * @throws ConnectException naming the key that is unknown, missing or wrong
   */
  public static SourcePosition decodeAltered(Map<String, ?> map) {
    if (map.isEmpty()) {
      throw new ConnectException(
          "An offset without keys says nothing. Set {\"from\": \"2026-11-01T00:00:00Z\"} to have"
              + " everything from that time on produced again, or null to begin anew.");
    }
    boolean before =
        !map.containsKey(FROM) && map.get(FORMAT) instanceof Number n && n.intValue() == 1;
    for (String key : map.keySet()) {
      if (map.containsKey(FROM) ? !key.equals(FROM) : !before && !OffsetFormat.KEYS.contains(key)) {
        throw new ConnectException(
            "Offset, key "
                + Printable.of(key)
                + (OffsetFormat.KEYS.contains(key)
                    ? ": can't be combined with " + FROM
                    : ": is unknown")
                + ". An offset has the one key "
                + FROM
                + ", or the keys of a stored one without "
                + NUMBER
                + ".");
      }
    }
    if (map.containsKey(NUMBER) && !before) {
      throw bad(
          NUMBER,
          "must be left out of an offset that is set by hand, so that it counts instead of the"
              + " newer ones that are stored");
    }
    return OffsetFormat.read(map, SourcePosition.FIRST_SLOT);
  }
}
