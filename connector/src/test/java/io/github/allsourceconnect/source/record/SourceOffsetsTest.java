package io.github.allsourceconnect.source.record;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.JsonText;
import io.github.allsourceconnect.source.decision.position.Chunks;
import io.github.allsourceconnect.source.decision.position.IdSum;
import io.github.allsourceconnect.source.decision.position.ListedIds;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.LostHole;
import io.github.allsourceconnect.source.decision.position.MarkTotals;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredChunk;
import io.github.allsourceconnect.source.decision.position.StoredOffsets;
import io.github.allsourceconnect.source.decision.position.StoredPositions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SourceOffsetsTest {
  private static final String NAME = "main";
  private static final long AT = 1_700_000_000_000_001L;

  private static Event event(long high, long low, long micros) {
    return new Event("e", high, low, "t", "e", null, JsonText.NULL, "", micros, null, 1);
  }

  /** As Connect does it: through the JSON of its offset topic. */
  @SuppressWarnings("unchecked")
  private static Map<String, Object> stored(Map<String, Object> offset) {
    try (JsonConverter json = new JsonConverter()) {
      json.configure(Map.of("schemas.enable", "false"), false);
      byte[] bytes = json.fromConnectData("t", null, offset);
      return (Map<String, Object>) json.toConnectData("t", bytes).value();
    }
  }

  private static SourcePosition decoded(Map<String, Object> offset) {
    return SourceOffsets.decode(NAME, Map.of(SourceOffsets.partition(NAME), stored(offset)));
  }

  private static SourcePosition some(SplittableRandom random, int losses) {
    return some(random, losses, 600, 1_000);
  }

  private static SourcePosition some(SplittableRandom random, int losses, int count) {
    return some(random, losses, count, 100);
  }

  private static SourcePosition some(
      SplittableRandom random, int losses, int count, int paceMicros) {
    ProducedEvents events =
        new ProducedEvents(1 << 14, new Chunks.Limits(64, 256, 2_000, 2_400, 1 << 20));
    long micros = AT;
    for (int i = 0; i < count; i++) {
      micros += random.nextInt(paceMicros);
      events.add(
          event(random.nextLong(), random.nextLong(), micros), null, 250_000, Long.MAX_VALUE);
    }
    List<Losses.Loss> lost = new ArrayList<>();
    for (int i = 0; i < losses; i++) {
      lost.add(
          new Losses.Loss(
              random.nextBoolean() ? "" : "host-" + i + ":3910",
              random.nextInt(3) == 0 ? 0 : 1_000_000_000L + i,
              2_000_000_000L + i,
              1 + random.nextInt(9),
              random.nextInt(3) == 0 ? Long.MIN_VALUE : AT + i,
              random.nextInt(3) == 0 ? Long.MAX_VALUE : AT + 2 * i,
              Losses.Reason.values()[random.nextInt(3)]));
    }
    SourcePosition at = StoredPositions.at(42, AT, "[::1]:3910");
    return new SourcePosition(
        at.walOffset(),
        random.nextInt(4),
        random.nextInt(3),
        new SourcePosition.Missing(5, AT + 19, 41, 9, 2, holes(random)),
        events.position(),
        random.nextInt(100),
        random.nextInt(100),
        random.nextBoolean(),
        at.leader(),
        1 + random.nextInt(1_000_000),
        losses == 0 ? Losses.NONE : new Losses(lost, 999, 7, 8),
        false);
  }

  /** As many as there can be: four, and what is held of a connection that is gone. */
  private static List<LostHole> holes(SplittableRandom random) {
    List<LostHole> holes = new ArrayList<>();
    for (int i = random.nextInt(6); i > 0; i--) {
      long open = random.nextInt(3);
      long passedOver = 1 + random.nextInt(1_000_000_000);
      long skipped = random.nextInt(3);
      holes.add(
          new LostHole(
              open,
              passedOver,
              skipped,
              new Losses.Loss(
                  random.nextBoolean() ? "" : "[2001:db8::" + i + "]:3910",
                  random.nextInt(3) == 0 ? 0 : 1_000_000_000L + i,
                  random.nextInt(3) == 0 ? 0 : 2_000_000_000L + i,
                  open + passedOver + skipped,
                  random.nextInt(3) == 0 ? Long.MIN_VALUE : AT + i,
                  random.nextInt(3) == 0 ? Long.MAX_VALUE : AT + 2 * i,
                  Losses.Reason.values()[random.nextInt(3)])));
    }
    return holes;
  }

  private static String told(SourcePosition p) {
    return p.walOffset()
        + " "
        + p.beyond()
        + " "
        + p.uncertain()
        + " "
        + p.missing()
        + " "
        + p.produced().watermarkMicros()
        + " "
        + p.produced().exactMicros()
        + " "
        + p.produced().frontMicros()
        + " "
        + p.produced().ids()
        + " "
        + p.latenessMicros()
        + " "
        + p.displacement()
        + " "
        + p.snapshotDone()
        + " "
        + p.leader()
        + " "
        + p.number()
        + " "
        + p.losses();
  }

  @Test
  void everyPositionComesBack() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 200; i++) {
      SourcePosition position = some(random, random.nextInt(11));
      Map<String, Object> offset = SourceOffsets.encode(position);
      for (Object value : offset.values()) {
        assertTrue(value instanceof Long || value instanceof String, "seed " + seed);
      }
      SourcePosition back = decoded(offset);
      assertEquals(told(position), told(back), "seed " + seed);
      assertEquals(position.produced().ids(), back.produced().ids(), "seed " + seed);
      assertTrue(bytes(offset) <= 8192, "seed " + seed);
    }
    SourcePosition start = SourcePosition.START;
    assertEquals(told(start), told(decoded(SourceOffsets.encode(start))));
  }

  /** Times are RFC 3339, counts are numbers, what is not so is left out. */
  @Test
  void itIsReadable() {
    Map<String, Object> expected = new HashMap<>();
    expected.put("format", 3L);
    expected.put("number", 1L);
    expected.put("leader", "h:3910");
    expected.put("wal_offset", 42L);
    expected.put("snapshot_done", 1L);
    expected.put("watermark", "2023-11-14T22:13:20.000001Z");
    expected.put("newest", "2023-11-14T22:13:20.000001Z");
    assertEquals(expected, SourceOffsets.encode(StoredPositions.at(42, AT, "h:3910")));
    Losses.Loss loss =
        new Losses.Loss("h:3910", 21, 60, 3, AT, AT + 1_000_000, Losses.Reason.NOT_FOUND);
    assertEquals(
        "3 of 21-60, 2023-11-14T22:13:20.000001Z/2023-11-14T22:13:21.000001Z, h:3910, not found",
        loss.toString());
    assertEquals(Map.of("leader", NAME), SourceOffsets.partition(NAME));
    assertEquals(Map.of("leader", NAME, "slot", 3L), SourceOffsets.partition(NAME, 3));
    assertEquals("[leader, slot]", SourceOffsets.partition(NAME, 3).keySet().toString());
  }

  /** As the build before stored it, word for word. */
  @Test
  void offsetsOfTheBuildBeforeAreRead() {
    Map<String, Object> former = new HashMap<>();
    former.put("format", 1L);
    former.put("wal_offset", 42L);
    former.put("beyond", 3L);
    former.put("uncertain", 2L);
    former.put("missing", 5L);
    former.put("missing_micros", 1_700_000_000_000_019L);
    former.put("missing_after", 41L);
    former.put("missing_passed", 9L);
    former.put("leader", "[::1]:3910");
    former.put("watermark_micros", 1_700_000_000_000_001L);
    former.put("newest_micros", 1_700_000_000_000_009L);
    former.put("ids", "AAAAAAAAAAH//////////gAAAAAAAAADAAAAAAAAAAQ=");
    former.put("lateness_micros", 3_600_000_000L);
    former.put("displacement", 20L);
    former.put("snapshot_done", 1L);
    former.put("number", 7L);
    SourcePosition position = decoded(former);
    assertEquals(42, position.walOffset());
    assertEquals(3, position.beyond());
    assertEquals(new SourcePosition.Missing(5, AT + 18, 41, 9), position.missing());
    assertEquals(7, position.number());
    assertFalse(position.isInexact());
    ProducedEvents events = new ProducedEvents(4096);
    events.load(position, 250_000);
    assertEquals(AT, events.watermark());
    assertTrue(events.contains(event(1, -2, AT + 3)));
    assertTrue(events.contains(event(3, 4, AT + 8)));
    assertFalse(events.contains(event(3, 5, AT + 8)));
    // what is stored next lists them, but can't tell their times, and says so
    assertEquals(0, events.position().slot());
    assertEquals(2, events.position().ids().get(0).size());
    assertTrue(events.position().exactMicros() > AT + 3);
    // without keys that builds before that one did not write
    List.of("missing", "missing_micros", "missing_after", "missing_passed", "leader")
        .forEach(former::remove);
    assertEquals(SourcePosition.Missing.NONE, decoded(former).missing());
    former.put("ids", Base64.getEncoder().encodeToString(ByteBuffer.allocate(8).array()));
    assertNames("ids", former);
  }

  private static SourcePosition with(long number, SourcePosition p, SourcePosition.Produced list) {
    return p.with(list).with(number);
  }

  private static ListedIds listed(SplittableRandom random, int count) {
    return some(random, 0, count).produced().ids().get(0);
  }

  /** A position that names chunks, and one that carries one. */
  @Test
  void chunksComeBack() {
    SplittableRandom random = new SplittableRandom(1);
    SourcePosition p = some(random, 0, 10);
    SourcePosition.Produced at = p.produced();
    Map<Map<String, Object>, Map<String, Object>> stored = new HashMap<>();
    StoredChunk third = StoredChunk.of(3, 17, listed(random, 200));
    StoredChunk ninth = StoredChunk.of(9, 29, listed(random, 100));
    for (StoredChunk own : List.of(third, ninth)) {
      SourcePosition carrier =
          with(
              own.number() + 5,
              p,
              new SourcePosition.Produced(
                  at.watermarkMicros(),
                  at.exactMicros(),
                  at.frontMicros(),
                  at.ids(),
                  own,
                  own == ninth ? List.of(third) : List.of()));
      stored.put(SourceOffsets.partition(NAME, own.slot()), stored(SourceOffsets.encode(carrier)));
    }
    SourcePosition main =
        with(
            40,
            p,
            new SourcePosition.Produced(
                at.watermarkMicros(),
                at.exactMicros(),
                at.frontMicros(),
                at.ids(),
                null,
                List.of(third, ninth)));
    Map<String, Object> offset = SourceOffsets.encode(main);
    assertEquals(
        "3=17:"
            + Long.toHexString(third.checksum())
            + " 9=29:"
            + Long.toHexString(ninth.checksum()),
        offset.get("chunks"));
    stored.put(SourceOffsets.partition(NAME), stored(offset));
    SourcePosition back = SourceOffsets.decode(NAME, stored);
    assertFalse(back.isInexact());
    assertEquals(at.ids(), back.produced().ids());
    assertEquals(List.of(third, ninth), back.produced().others());
    // that of the first slot is older: the carrier's own chunk and the one it names
    stored.put(
        SourceOffsets.partition(NAME), stored(SourceOffsets.encode(with(30, p, main.produced()))));
    back = SourceOffsets.decode(NAME, stored);
    assertEquals(34, back.number());
    assertFalse(back.isInexact());
    assertEquals(ninth, back.produced().own());
    assertEquals(List.of(third), back.produced().others());
    // a person sets the first one again, as it was stored: its chunks are whole, or it says so
    Map<String, Object> set = SourceOffsets.encode(main);
    set.remove("number");
    SourceOffsets.decodeAltered(set);
    stored.put(SourceOffsets.partition(NAME), stored(set));
    assertFalse(SourceOffsets.decode(NAME, stored).isInexact());
    stored.remove(SourceOffsets.partition(NAME, 3));
    assertTrue(SourceOffsets.decode(NAME, stored).isInexact());
  }

  /** As format 2 stored it: what is listed in a slot is what it has, and names have no checksum. */
  @Test
  void slotsOfTheBuildBeforeAreRead() {
    SplittableRandom random = new SplittableRandom(1);
    Map<Map<String, Object>, Map<String, Object>> stored = new HashMap<>();
    int[] sizes = {400, 300, 200};
    for (int slot = 0; slot < 3; slot++) {
      Map<String, Object> offset = SourceOffsets.encode(some(random, 0, sizes[slot]));
      offset.put("format", 2L);
      offset.put("number", 100L + slot);
      offset.put("slots", slot == 0 ? "1=71 2=72" : slot == 1 ? "0=100" : "0=100 1=101");
      stored.put(SourceOffsets.partition(NAME, slot), stored(offset));
    }
    SourcePosition position = SourceOffsets.decode(NAME, stored);
    assertEquals(102, position.number());
    assertFalse(position.isInexact());
    ProducedEvents events = new ProducedEvents(4096);
    events.load(position, 250_000);
    // the first slot's are listed by the next position itself, the others are chunks
    assertEquals(400, events.position().ids().get(0).size());
    assertEquals(
        List.of(101L, 102L), events.position().others().stream().map(StoredChunk::number).toList());
    // the next position names them, and they are found though nobody has stored them anew
    Map<String, Object> next = SourceOffsets.encode(position.with(events.position()).with(103));
    stored.put(SourceOffsets.partition(NAME), stored(next));
    assertFalse(SourceOffsets.decode(NAME, stored).isInexact());
    stored.get(SourceOffsets.partition(NAME, 1)).put("number", 105L);
    stored.get(SourceOffsets.partition(NAME, 1)).remove("slots");
    next.put("number", 200L);
    stored.put(SourceOffsets.partition(NAME), stored(next));
    assertTrue(SourceOffsets.decode(NAME, stored).isInexact());
  }

  /** One slot alone listed whatever it took: nothing of it is cut, and it becomes less. */
  @Test
  void aLongListOfTheBuildBeforeIsRead() {
    Map<String, Object> offset = SourceOffsets.encode(some(new SplittableRandom(1), 0, 3_000));
    offset.put("format", 2L);
    SourcePosition position = decoded(offset);
    ProducedEvents events = new ProducedEvents(1 << 20);
    events.load(position, 250_000);
    long newest = events.newest();
    for (int i = 0; i < 100; i++) {
      events.add(event(i, i, newest + i), null, 250_000, Long.MAX_VALUE);
    }
    assertEquals(0, events.listsCut());
    assertEquals(3_100, events.position().ids().get(0).size());
  }

  /** As JSON, as it is stored. */
  private static int bytes(Map<String, Object> offset) {
    try (JsonConverter json = new JsonConverter()) {
      json.configure(Map.of("schemas.enable", "false"), false);
      return json.fromConnectData("t", null, offset).length;
    }
  }

  /** Whatever the clocks: the list has a bound, and losses are named as far as there is room. */
  @Test
  void whatIsStoredIsNeverLongerThanEightKilobytes() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    MarkTotals marks =
        new MarkTotals(
            "mizazq3x",
            1 << 30,
            1L << 50,
            IdSum.ZERO,
            1L << 40,
            IdSum.ZERO,
            1L << 50,
            1L << 40,
            "0123456789abcdef");
    int longest = 0;
    for (int round = 0; round < 60; round++) {
      ProducedEvents events = new ProducedEvents(1 << 16);
      boolean together = random.nextInt(4) > 0;
      SourcePosition p = some(random, 20, 1);
      events.load(p.with(SourcePosition.Produced.before(AT)).with(1), 250_000);
      if (together) {
        events.storedTogether();
      } else {
        events.storedApart();
      }
      int reach = random.nextInt(55);
      long micros = AT;
      Map<Integer, Long> numbers = new HashMap<>();
      for (int i = 2; i < 3_000; i++) {
        long step = random.nextLong(1L << reach);
        micros = Math.floorMod(random.nextInt(3) == 0 ? micros - step : micros + step, 1L << 57);
        events.add(event(random.nextLong(), i, micros), null, 250_000, Long.MAX_VALUE);
        SourcePosition taken =
            with(1_000_000_000L + i, p, events.takePosition(1_000_000_000L + i, false)).with(marks);
        numbers.put(taken.produced().slot(), taken.number());
        if (i % 10 == 0) {
          longest = Math.max(longest, bytes(SourceOffsets.encode(taken)));
        }
        if (together && random.nextInt(100) == 0) {
          events.stored(new StoredOffsets(numbers, taken.number()));
          numbers.clear();
        }
      }
      assertTrue(longest <= 8192, "seed " + seed + ": " + longest);
    }
    assertTrue(longest > 6_000, "the clocks are too tame: " + longest);
  }

  /** A position set from outside counts, whatever is stored beside it, and only until the next. */
  @Test
  void whatIsSetCounts() {
    SplittableRandom random = new SplittableRandom(1);
    Map<Map<String, Object>, Map<String, Object>> stored = new HashMap<>();
    stored.put(
        SourceOffsets.partition(NAME, 1), SourceOffsets.encode(some(random, 0).with(5_000_000)));
    stored.put(SourceOffsets.partition(NAME), Map.of("from", "2025-11-01T00:00:00Z"));
    SourcePosition set = SourceOffsets.decode(NAME, stored);
    assertEquals(5_000_000, set.number());
    assertTrue(set.altered());
    assertEquals(Losses.Micros.parse("2025-11-01T00:00:00Z"), set.produced().watermarkMicros());
    assertEquals(0, set.walOffset());
    ProducedEvents events = new ProducedEvents(4096);
    events.load(set, 250_000);
    assertEquals(0, events.position().slot());
    assertTrue(events.position().others().isEmpty());
    // a reset of the first partition alone is a reset
    stored.remove(SourceOffsets.partition(NAME));
    assertEquals(5_000_000, SourceOffsets.decode(NAME, stored).number());
    assertEquals(SourcePosition.Produced.NOTHING, SourceOffsets.decode(NAME, stored).produced());
    assertEquals(SourcePosition.START, SourceOffsets.decode(NAME, Map.of()));
  }

  @ParameterizedTest
  @CsvSource({
    "format, 4",
    "wal_offset, -1",
    "wal_offset, x",
    "missing, -1",
    "uncertain, 2147483648",
    "displacement, -1",
    "snapshot_done, 2",
    "watermark, 1",
    "newest, tomorrow",
    "ids, *",
    "ids, AAAA",
    "chunks, 64=1:ab",
    "chunks, 1",
    "losses, all",
    "losses, '3 of 1, -/-, -, corrupt'",
    "losses, '3 of 1-2, +999999999-01-01T00:00:00Z/-, -, corrupt'",
    "watermark_without_missing, soon",
    "missing_lost, 3",
    "missing_lost, 3 open",
    "missing_lost, '3 open, 0 passed over, 0 skipped: 3'",
    "missing_lost, '2 open, 0 passed over, 0 skipped: 3 of 1-2, -/-, -, corrupt'",
    "missing_lost, '-1 open, 4 passed over, 0 skipped: 3 of 1-2, -/-, -, corrupt'",
    "missing_lost, '9223372036854775807 open, 9223372036854775807 passed over, 2 skipped: 0 of 1-2, -/-, -, corrupt'",
    "missing_lost, '3 open, 0 passed over, 0 skipped: 3 of 1-2, -/-, -, corrupt; '",
    "number, -5"
  })
  void aWrongValueIsNamed(String key, String text) {
    Map<String, Object> offset = SourceOffsets.encode(some(new SplittableRandom(1), 3));
    boolean number = text.matches("-?[0-9]+") && !key.equals("chunks");
    offset.put(key, number ? (Object) Long.valueOf(text) : text);
    assertNames(key, offset);
  }

  @ParameterizedTest
  @CsvSource({"format", "wal_offset", "snapshot_done", "leader", "newest"})
  void aMissingKeyIsNamed(String key) {
    Map<String, Object> offset = SourceOffsets.encode(some(new SplittableRandom(1), 3));
    offset.remove(key);
    assertNames(key, offset);
  }

  /** Nothing is missing but two events of a lost leader, and more is behind them than is listed. */
  private static SourcePosition behindUnlisted() {
    SourcePosition at = some(new SplittableRandom(1), 0);
    LostHole hole =
        LostHole.parse("0 open, 2 passed over, 0 skipped: 2 of 3-4, -/-, leader-1:1, leader lost")
            .get(0);
    return new SourcePosition(
        at.walOffset(),
        0,
        0,
        new SourcePosition.Missing(
            0, Long.MAX_VALUE, 0, 0, 0, List.of(hole), at.produced().frontMicros()),
        at.produced(),
        0,
        0,
        true,
        at.leader(),
        at.number(),
        Losses.NONE,
        false);
  }

  /** Who takes the number away has set another watermark, and wants what is behind that. */
  @Test
  void whatIsSetFromOutsideDoesNotSayWhereItWouldBeWithoutWhatIsMissing() {
    SourcePosition position = behindUnlisted();
    Map<String, Object> offset = SourceOffsets.encode(position);
    assertEquals(position.missing(), decoded(offset).missing());
    offset.remove("number");
    assertFalse(decoded(offset).missing().isBehindUnlisted());
  }

  @Test
  void whereItWouldBeWithoutWhatIsMissingIsBehindWhereItIs() {
    Map<String, Object> offset = SourceOffsets.encode(behindUnlisted());
    for (String bad : List.of((String) offset.get("watermark"), "2999-01-01T00:00:00Z")) {
      Map<String, Object> altered = new HashMap<>(offset);
      altered.put("watermark_without_missing", bad);
      assertNames("watermark_without_missing", altered);
    }
    offset.put("missing", 1L);
    assertNames("watermark_without_missing", offset);
  }

  private static void assertNames(String key, Map<String, Object> offset) {
    ConnectException e = assertThrows(ConnectException.class, () -> decoded(offset));
    assertTrue(e.getMessage().contains("key " + key + ":"), e.getMessage());
  }

  /** The newest position may be stored with schemas; what is set by hand counts before it. */
  @Test
  void aPositionBesideSchemasCounts() {
    SplittableRandom random = new SplittableRandom(1);
    SourcePosition older = some(random, 0, 10).with(7);
    SourcePosition newer = some(random, 0, 20).with(8);
    Map<Map<String, Object>, Map<String, Object>> all = new HashMap<>();
    all.put(SourceOffsets.partition(NAME), stored(SourceOffsets.encode(older)));
    Map<String, Object> beside = new HashMap<>(SourceOffsets.encode(newer));
    beside.put(SourceOffsets.SHAPES_OF_TYPES, "{}");
    all.put(SourceOffsets.shapePartition(NAME, 63), stored(beside));
    assertEquals(newer, SourceOffsets.decode(NAME, all));
    assertEquals(List.of("{}"), SourceOffsets.shapes(NAME, all));
    assertTrue(SourceOffsets.partitions(NAME).containsAll(all.keySet()));

    Map<String, Object> byHand = new HashMap<>(SourceOffsets.encode(older));
    byHand.remove("number");
    all.put(SourceOffsets.partition(NAME), byHand);
    SourcePosition altered = SourceOffsets.decode(NAME, all);
    assertEquals(older.walOffset(), altered.walOffset());
    assertEquals(older.produced(), altered.produced());
    assertEquals(8, altered.number(), "so that what comes counts before what is there");
    all.remove(SourceOffsets.partition(NAME));
    assertEquals(SourcePosition.START.with(8), SourceOffsets.decode(NAME, all));
  }
}
