package io.github.allsourceconnect.source.record;

import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.source.decision.position.IdSum;
import io.github.allsourceconnect.source.decision.position.ListedIds;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.Losses.Micros;
import io.github.allsourceconnect.source.decision.position.MarkTotals;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.SourcePosition.Missing;
import io.github.allsourceconnect.source.decision.position.SourcePosition.Produced;
import io.github.allsourceconnect.source.decision.position.StoredChunk;
import io.github.allsourceconnect.source.record.shape.Shapes;
import java.time.DateTimeException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * A {@link SourcePosition} as Connect stores it: a flat map of texts and whole numbers, times as
 * RFC 3339, under the partition {@code {"leader": name}}. One that carries a chunk of the list is
 * stored with it under {@code {"leader": name, "slot": n}}, one with schemas of payloads under
 * {@code {"leader": name, "shapes": n}}.
 *
 * <p>Read are besides those of builds before ({@code format} 1 and 2), and what a person sets
 * ({@code {"from": time}}, or a stored one without its {@code number}).
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

  private static final String FORMAT = "format";
  private static final String NUMBER = "number";
  private static final String WAL_OFFSET = "wal_offset";
  private static final String BEYOND = "beyond";
  private static final String UNCERTAIN = "uncertain";
  private static final String WATERMARK = "watermark";
  private static final String EXACT_FROM = "exact_from";
  private static final String FRONT = "newest";
  private static final String IDS = "ids";
  private static final String CHUNK = "chunk";
  private static final String CHUNK_IDS = "chunk_ids";
  private static final String CHUNKS = "chunks";

  /** Format 2 named the slots it needed, and a chunk was all that was listed in a slot. */
  private static final String SLOTS = "slots";

  private static final String MISSING = "missing";
  private static final String MISSING_NEWEST = "missing_newest";
  private static final String MISSING_AFTER = "missing_after";
  private static final String MISSING_PASSED = "missing_passed";
  private static final String UNACCOUNTED = "unaccounted";
  private static final String LOSSES = "losses";
  private static final String REFUSED_NOTED = "refused_noted";
  private static final String REFUSED_SKIPPED = "refused_skipped";
  private static final String LATENESS = "lateness_micros";
  private static final String DISPLACEMENT = "displacement";
  private static final String SNAPSHOT_DONE = "snapshot_done";
  private static final String MARK_SERIES = "ledger_series";
  private static final String MARK = "ledger_mark";
  private static final String MARK_EVENTS = "ledger_events";
  private static final String MARK_DIGEST = "ledger_digest";
  private static final String MARK_SINCE_EVENTS = "ledger_since_mark_events";
  private static final String MARK_SINCE_DIGEST = "ledger_since_mark_digest";
  private static final String MARK_LEFT_OUT = "ledger_left_out";
  private static final String MARK_SINCE_LEFT_OUT = "ledger_since_mark_left_out";
  private static final String MARK_CONFIGURATION = "ledger_configuration";
  private static final long THIS_FORMAT = 3;
  private static final long FORMER_FORMAT = 2;

  /** How long an offset is at most, but for quotes, as far as it can be shortened. */
  private static final int BYTES_MAX = 7_900;

  /** The watermark of a position that lists all that was produced. */
  private static final long NOTHING_LEFT_OUT = Long.MIN_VALUE + 1;

  private static final Set<String> KEYS =
      Set.of(
          FORMAT,
          NUMBER,
          LEADER,
          WAL_OFFSET,
          BEYOND,
          UNCERTAIN,
          WATERMARK,
          EXACT_FROM,
          FRONT,
          IDS,
          CHUNK,
          CHUNK_IDS,
          CHUNKS,
          SLOTS,
          MISSING,
          MISSING_NEWEST,
          MISSING_AFTER,
          MISSING_PASSED,
          UNACCOUNTED,
          LOSSES,
          REFUSED_NOTED,
          REFUSED_SKIPPED,
          LATENESS,
          DISPLACEMENT,
          SNAPSHOT_DONE,
          MARK_SERIES,
          MARK,
          MARK_EVENTS,
          MARK_DIGEST,
          MARK_SINCE_EVENTS,
          MARK_SINCE_DIGEST,
          MARK_LEFT_OUT,
          MARK_SINCE_LEFT_OUT,
          MARK_CONFIGURATION);

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
    Map<String, Object> map = new LinkedHashMap<>();
    Produced produced = position.produced();
    map.put(FORMAT, THIS_FORMAT);
    map.put(NUMBER, position.number());
    map.put(LEADER, position.leader());
    map.put(WAL_OFFSET, position.walOffset());
    map.put(SNAPSHOT_DONE, position.snapshotDone() ? 1L : 0L);
    putCount(map, BEYOND, position.beyond());
    putCount(map, UNCERTAIN, position.uncertain());
    if (produced.watermarkMicros() > NOTHING_LEFT_OUT) {
      map.put(WATERMARK, Micros.text(produced.watermarkMicros()));
    }
    if (produced.watermarkMicros() != Long.MIN_VALUE) {
      map.put(FRONT, Micros.text(produced.frontMicros()));
    }
    if (position.isInexact()) {
      map.put(EXACT_FROM, Micros.text(produced.exactMicros()));
    }
    if (!produced.ids().isEmpty()) {
      map.put(IDS, ListedIds.joined(produced.ids()).text());
    }
    if (produced.own() != null) {
      map.put(CHUNK, produced.own().number());
      map.put(CHUNK_IDS, produced.own().ids().text());
    }
    if (!produced.others().isEmpty()) {
      map.put(
          CHUNKS,
          produced.others().stream().map(StoredChunk::name).collect(Collectors.joining(" ")));
    }
    Missing missing = position.missing();
    putCount(map, MISSING, missing.events());
    putCount(map, MISSING_AFTER, missing.after());
    putCount(map, MISSING_PASSED, missing.passedOver());
    if (missing.events() + missing.passedOver() == 0) {
      map.remove(MISSING_AFTER);
    } else if (missing.newestMicros() != Long.MAX_VALUE) {
      map.put(MISSING_NEWEST, Micros.text(missing.newestMicros()));
    }
    putCount(map, UNACCOUNTED, position.losses().events());
    putCount(map, REFUSED_NOTED, position.losses().noted());
    putCount(map, REFUSED_SKIPPED, position.losses().skipped());
    putCount(map, LATENESS, position.latenessMicros());
    putCount(map, DISPLACEMENT, position.displacement());
    putMarks(map, position.marks());
    if (!position.losses().newest().isEmpty()) {
      int quotes = 6 * (map.size() + 1);
      map.put(LOSSES, position.losses().text(BYTES_MAX - String.valueOf(map).length() - quotes));
    }
    return map;
  }

  private static void putMarks(Map<String, Object> map, MarkTotals marks) {
    if (!marks.series().isEmpty()) {
      map.put(MARK_SERIES, marks.series());
      map.put(MARK, marks.mark());
      map.put(MARK_EVENTS, marks.events());
      map.put(MARK_DIGEST, marks.digest().text());
      map.put(MARK_SINCE_EVENTS, marks.sinceEvents());
      map.put(MARK_SINCE_DIGEST, marks.sinceDigest().text());
      putCount(map, MARK_LEFT_OUT, marks.leftOut());
      putCount(map, MARK_SINCE_LEFT_OUT, marks.sinceLeftOut());
      map.put(MARK_CONFIGURATION, marks.configuration());
    }
  }

  private static void putCount(Map<String, Object> map, String key, long count) {
    if (count != 0) {
      map.put(key, count);
    }
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
        slots.put(slot, decode(one, slot));
      }
    }
    for (int part = 0; part < Shapes.PARTS; part++) {
      Map<String, Object> one = stored.get(shapePartition(leaderName, part));
      if (one != null && one.containsKey(NUMBER)) {
        slots.put(StoredChunk.SLOTS + part, decode(one, SourcePosition.FIRST_SLOT));
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
      if (map.containsKey(FROM) ? !key.equals(FROM) : !before && !KEYS.contains(key)) {
        throw new ConnectException(
            "Offset, key "
                + Printable.of(key)
                + (KEYS.contains(key) ? ": can't be combined with " + FROM : ": is unknown")
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
    return decode(map, SourcePosition.FIRST_SLOT);
  }

  /** The position in one stored map. */
  static SourcePosition decode(Map<String, ?> map, int slot) {
    if (map.containsKey(FROM)) {
      return from(time(map.get(FROM), FROM));
    }
    long format = number(map, FORMAT);
    if (format == 1) {
      return FormerOffsets.decode(map);
    }
    if (format != THIS_FORMAT && format != FORMER_FORMAT) {
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
        count(map, BEYOND),
        small(map, UNCERTAIN),
        missing(map),
        produced(map, slot),
        count(map, LATENESS),
        small(map, DISPLACEMENT),
        flag(map, SNAPSHOT_DONE),
        text(map, LEADER),
        count(map, NUMBER),
        losses(map),
        !map.containsKey(NUMBER),
        marks(map));
  }

  private static SourcePosition from(long micros) {
    SourcePosition start = SourcePosition.START;
    return new SourcePosition(
        0,
        0,
        0,
        Missing.NONE,
        Produced.before(micros),
        0,
        0,
        true,
        start.leader(),
        0,
        Losses.NONE,
        true);
  }

  private static Produced produced(Map<String, ?> map, int slot) {
    if (!map.containsKey(FRONT) && !map.containsKey(WATERMARK)) {
      return Produced.NOTHING;
    }
    long watermark =
        map.containsKey(WATERMARK) ? time(map.get(WATERMARK), WATERMARK) : NOTHING_LEFT_OUT;
    long exact = map.containsKey(EXACT_FROM) ? time(map.get(EXACT_FROM), EXACT_FROM) : watermark;
    List<ListedIds> ids = new ArrayList<>(List.of(ids(map, IDS)));
    StoredChunk own = null;
    if (slot != SourcePosition.FIRST_SLOT) {
      boolean former = !map.containsKey(CHUNK);
      own =
          StoredChunk.of(
              slot,
              former ? atLeastZero(map, NUMBER) : atLeastZero(map, CHUNK),
              former ? ids.remove(0) : ids(map, CHUNK_IDS));
    } else if (map.containsKey(CHUNK_IDS)) {
      ids.add(ids(map, CHUNK_IDS));
    }
    List<StoredChunk> chunks = chunks(map, map.containsKey(CHUNKS) ? CHUNKS : SLOTS);
    return new Produced(watermark, exact, time(map.get(FRONT), FRONT), ids, own, chunks);
  }

  private static ListedIds ids(Map<String, ?> map, String key) {
    try {
      return ListedIds.parse(map.containsKey(key) ? text(map, key) : "");
    } catch (IllegalArgumentException e) {
      throw bad(key, e.getMessage());
    }
  }

  private static List<StoredChunk> chunks(Map<String, ?> map, String key) {
    List<StoredChunk> chunks = new ArrayList<>();
    if (map.containsKey(key)) {
      try {
        for (String one : text(map, key).split(" ", -1)) {
          chunks.add(StoredChunk.named(one));
        }
      } catch (IllegalArgumentException e) {
        throw bad(key, e.getMessage());
      }
    }
    return chunks;
  }

  private static Missing missing(Map<String, ?> map) {
    return new Missing(
        count(map, MISSING),
        map.containsKey(MISSING_NEWEST)
            ? time(map.get(MISSING_NEWEST), MISSING_NEWEST)
            : Long.MAX_VALUE,
        count(map, MISSING_AFTER),
        count(map, MISSING_PASSED));
  }

  private static MarkTotals marks(Map<String, ?> map) {
    if (!map.containsKey(MARK_SERIES)) {
      return MarkTotals.NONE;
    }
    return new MarkTotals(
        text(map, MARK_SERIES),
        count(map, MARK),
        count(map, MARK_EVENTS),
        digest(map, MARK_DIGEST),
        count(map, MARK_SINCE_EVENTS),
        digest(map, MARK_SINCE_DIGEST),
        count(map, MARK_LEFT_OUT),
        count(map, MARK_SINCE_LEFT_OUT),
        text(map, MARK_CONFIGURATION));
  }

  private static IdSum digest(Map<String, ?> map, String key) {
    try {
      return IdSum.parse(text(map, key));
    } catch (IllegalArgumentException e) {
      throw bad(key, e.getMessage());
    }
  }

  private static Losses losses(Map<String, ?> map) {
    try {
      return Losses.parse(
          map.containsKey(LOSSES) ? text(map, LOSSES) : "",
          count(map, UNACCOUNTED),
          count(map, REFUSED_NOTED),
          count(map, REFUSED_SKIPPED));
    } catch (IllegalArgumentException e) {
      throw bad(LOSSES, e.getMessage());
    }
  }

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

  private static long time(Object value, String key) {
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
