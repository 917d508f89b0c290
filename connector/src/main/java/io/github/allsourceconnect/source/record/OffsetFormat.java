package io.github.allsourceconnect.source.record;

import static io.github.allsourceconnect.source.record.OffsetFields.atLeastZero;
import static io.github.allsourceconnect.source.record.OffsetFields.bad;
import static io.github.allsourceconnect.source.record.OffsetFields.count;
import static io.github.allsourceconnect.source.record.OffsetFields.flag;
import static io.github.allsourceconnect.source.record.OffsetFields.number;
import static io.github.allsourceconnect.source.record.OffsetFields.small;
import static io.github.allsourceconnect.source.record.OffsetFields.text;
import static io.github.allsourceconnect.source.record.OffsetFields.time;
import static io.github.allsourceconnect.source.record.SourceOffsets.FROM;
import static io.github.allsourceconnect.source.record.SourceOffsets.LEADER;

import io.github.allsourceconnect.source.decision.position.IdSum;
import io.github.allsourceconnect.source.decision.position.ListedIds;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.Losses.Micros;
import io.github.allsourceconnect.source.decision.position.LostHole;
import io.github.allsourceconnect.source.decision.position.MarkTotals;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.SourcePosition.Missing;
import io.github.allsourceconnect.source.decision.position.SourcePosition.Produced;
import io.github.allsourceconnect.source.decision.position.StoredChunk;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.apache.kafka.connect.errors.ConnectException;

/**
 * A position as one flat map of texts and whole numbers, times as RFC 3339: written, and read with
 * what builds before have written ({@code format} 1 and 2) and with {@code {"from": time}}, which a
 * person sets. The keys are both ways' own; therefore both ways are in one class.
 */
final class OffsetFormat {
  static final String FORMAT = "format";
  static final String NUMBER = "number";
  private static final String WAL_OFFSET = "wal_offset";
  private static final String BEYOND = "beyond";
  private static final String UNCERTAIN = "uncertain";
  private static final String WATERMARK = "watermark";
  private static final String EXACT_FROM = "exact_from";
  private static final String BEGINNING_UNTIL = "beginning_until";
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
  private static final String MISSING_SKIPPED = "missing_skipped";
  private static final String MISSING_LOST = "missing_lost";
  private static final String WATERMARK_WITHOUT = "watermark_without_missing";
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

  /** How long an offset is at most, but for quotes, as far as it can be shortened. */
  private static final int BYTES_MAX = 7_900;

  /** The watermark of a position that lists all that was produced. */
  private static final long NOTHING_LEFT_OUT = Long.MIN_VALUE + 1;

  private static final long FORMER_FORMAT = 2;

  /** All keys. */
  static final Set<String> KEYS =
      Set.of(
          FORMAT,
          NUMBER,
          LEADER,
          WAL_OFFSET,
          BEYOND,
          UNCERTAIN,
          WATERMARK,
          EXACT_FROM,
          BEGINNING_UNTIL,
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
          MISSING_SKIPPED,
          MISSING_LOST,
          WATERMARK_WITHOUT,
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

  private OffsetFormat() {}

  /** What Connect stores. */
  static Map<String, Object> write(SourcePosition position) {
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
    if (produced.mixedUpToMicros() != Long.MIN_VALUE) {
      map.put(BEGINNING_UNTIL, Micros.text(produced.mixedUpToMicros()));
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
    putCount(map, MISSING_SKIPPED, missing.skipped());
    if (missing.events() + missing.passedOver() == 0) {
      map.remove(MISSING_AFTER);
    } else if (missing.newestMicros() != Long.MAX_VALUE) {
      map.put(MISSING_NEWEST, Micros.text(missing.newestMicros()));
    }
    if (!missing.lost().isEmpty()) {
      map.put(MISSING_LOST, LostHole.text(missing.lost()));
    }
    if (missing.isBehindUnlisted()) {
      map.put(WATERMARK_WITHOUT, Micros.text(missing.watermarkWithout()));
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

  /** The position in one stored map. */
  static SourcePosition read(Map<String, ?> map, int slot) {
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
    Missing missing = missing(map);
    Produced produced = produced(map, slot);
    check(missing, produced);
    return new SourcePosition(
        atLeastZero(map, WAL_OFFSET),
        count(map, BEYOND),
        small(map, UNCERTAIN),
        missing,
        produced,
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
    long mixedUpTo =
        map.containsKey(BEGINNING_UNTIL)
            ? time(map.get(BEGINNING_UNTIL), BEGINNING_UNTIL)
            : Long.MIN_VALUE;
    return new Produced(watermark, exact, time(map.get(FRONT), FRONT), ids, own, chunks, mixedUpTo);
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
        count(map, MISSING_PASSED),
        count(map, MISSING_SKIPPED),
        lost(map),
        // who sets another watermark wants what is behind it
        map.containsKey(WATERMARK_WITHOUT) && map.containsKey(NUMBER)
            ? time(map.get(WATERMARK_WITHOUT), WATERMARK_WITHOUT)
            : Long.MIN_VALUE);
  }

  private static void check(Missing missing, Produced produced) {
    long without = missing.watermarkWithout();
    boolean isRight =
        missing.onlyPassedOver()
            && without > produced.watermarkMicros()
            && without <= produced.frontMicros();
    if (missing.isBehindUnlisted() && !isRight) {
      throw bad(
          WATERMARK_WITHOUT,
          "it must be later than "
              + WATERMARK
              + ", not later than "
              + FRONT
              + ", and nothing may be missing but what is passed over in "
              + MISSING_LOST);
    }
  }

  private static List<LostHole> lost(Map<String, ?> map) {
    try {
      return map.containsKey(MISSING_LOST) ? LostHole.parse(text(map, MISSING_LOST)) : List.of();
    } catch (IllegalArgumentException e) {
      throw bad(MISSING_LOST, e.getMessage());
    }
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
}
