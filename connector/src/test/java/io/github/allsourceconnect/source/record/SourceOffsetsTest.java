package io.github.allsourceconnect.source.record;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.json.JsonConverter;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SourceOffsetsTest {
  private static final List<String> MISSING =
      List.of("missing", "missing_micros", "missing_after", "missing_passed");
  private static final SourcePosition SOME =
      new SourcePosition(
          42,
          3,
          2,
          new SourcePosition.Missing(5, 1_700_000_000_000_019L, 41, 9),
          1_700_000_000_000_001L,
          1_700_000_000_000_009L,
          new long[] {1, -2, 3, 4},
          10,
          20,
          true,
          "[::1]:3910",
          7);

  private static void assertSamePosition(SourcePosition expected, SourcePosition actual) {
    assertArrayEquals(expected.ids(), actual.ids());
    assertEquals(without(expected), without(actual));
  }

  private static String without(SourcePosition p) {
    return p.walOffset()
        + " "
        + p.beyond()
        + " "
        + p.uncertain()
        + " "
        + p.missing()
        + " "
        + p.watermarkMicros()
        + " "
        + p.newestMicros()
        + " "
        + p.latenessMicros()
        + " "
        + p.displacement()
        + " "
        + p.snapshotDone()
        + " "
        + p.leader()
        + " "
        + p.number();
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

  @Test
  void everyPositionComesBack() {
    long seed = System.nanoTime();
    SplittableRandom random = new SplittableRandom(seed);
    for (int i = 0; i < 500; i++) {
      long[] ids = random.longs(2L * random.nextInt(40)).toArray();
      SourcePosition position =
          new SourcePosition(
              random.nextLong() >>> (1 + random.nextInt(60)),
              random.nextLong() >>> (1 + random.nextInt(60)),
              random.nextInt() >>> 1,
              new SourcePosition.Missing(
                  random.nextLong() >>> (1 + random.nextInt(60)),
                  random.nextLong(),
                  random.nextLong() >>> (1 + random.nextInt(60)),
                  random.nextLong() >>> (1 + random.nextInt(60))),
              random.nextLong(),
              random.nextLong(),
              ids,
              random.nextLong() >>> 1,
              random.nextInt() >>> 1,
              random.nextBoolean(),
              random.nextBoolean() ? "" : "leader-" + random.nextInt(9) + ":3910",
              random.nextLong() >>> 1);
      Map<String, Object> offset = SourceOffsets.encode(position);
      for (Object value : offset.values()) {
        assertTrue(value instanceof Long || value instanceof String, "seed " + seed);
      }
      assertSamePosition(position, SourceOffsets.decode(offset));
      assertSamePosition(position, SourceOffsets.decode(stored(offset)));
    }
    assertSamePosition(
        SourcePosition.START,
        SourceOffsets.decode(stored(SourceOffsets.encode(SourcePosition.START))));
  }

  @Test
  void numbersOfTheRestInterfaceMayBeIntegers() {
    Map<String, Object> offset = SourceOffsets.encode(SOME);
    offset.put("wal_offset", 42);
    offset.put("format", 1);
    assertSamePosition(SOME, SourceOffsets.decode(offset));
  }

  @Test
  void nothingStoredIsTheStart() {
    assertSame(SourcePosition.START, SourceOffsets.decode(null));
    assertSame(SourcePosition.START, SourceOffsets.decode(Map.of()));
  }

  @Test
  void theFormIsFixed() {
    Map<String, Object> expected = new HashMap<>();
    expected.put("format", 1L);
    expected.put("wal_offset", 42L);
    expected.put("beyond", 3L);
    expected.put("uncertain", 2L);
    expected.put("missing", 5L);
    expected.put("missing_micros", 1_700_000_000_000_019L);
    expected.put("missing_after", 41L);
    expected.put("missing_passed", 9L);
    expected.put("leader", "[::1]:3910");
    expected.put("watermark_micros", 1_700_000_000_000_001L);
    expected.put("newest_micros", 1_700_000_000_000_009L);
    expected.put("ids", "AAAAAAAAAAH//////////gAAAAAAAAADAAAAAAAAAAQ=");
    expected.put("lateness_micros", 10L);
    expected.put("displacement", 20L);
    expected.put("snapshot_done", 1L);
    expected.put("number", 7L);
    assertEquals(expected, SourceOffsets.encode(SOME));
    assertEquals(Map.of("leader", "x"), SourceOffsets.partition("x"));
  }

  @Test
  void theLongestListFitsIntoARecord() {
    SourcePosition longest =
        new SourcePosition(
            1, 0, 0, SourcePosition.Missing.NONE, 1, 1, new long[48_000], 0, 0, true, "", 1);
    String ids = (String) SourceOffsets.encode(longest).get("ids");
    assertTrue(ids.getBytes(UTF_8).length < 600_000);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "format",
        "wal_offset",
        "beyond",
        "uncertain",
        "watermark_micros",
        "newest_micros",
        "ids",
        "lateness_micros",
        "displacement",
        "snapshot_done",
        "number"
      })
  void aMissingOrWrongKeyIsNamed(String key) {
    Map<String, Object> offset = SourceOffsets.encode(SOME);
    offset.remove(key);
    assertNames(key, offset);
    offset.put(key, 1.5);
    assertNames(key, offset);
    offset.put(key, null);
    assertNames(key, offset);
  }

  /** As builds before these keys wrote it, and as later ones may. */
  @Test
  void keysOfOtherBuildsDoNotMatter() {
    Map<String, Object> offset = SourceOffsets.encode(SOME);
    MISSING.forEach(offset::remove);
    offset.put("a_later_key", 5L);
    SourcePosition position = SourceOffsets.decode(stored(offset));
    assertEquals(SourcePosition.Missing.NONE, position.missing());
    Map<String, Object> whole = SourceOffsets.encode(SOME);
    MISSING.forEach(key -> offset.put(key, whole.get(key)));
    assertSamePosition(SOME, SourceOffsets.decode(stored(offset)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"missing", "missing_micros", "missing_after", "missing_passed"})
  void aWrongOptionalKeyIsNamed(String key) {
    Map<String, Object> offset = SourceOffsets.encode(SOME);
    offset.put(key, 1.5);
    assertNames(key, offset);
    offset.put(key, "1");
    assertNames(key, offset);
  }

  @ParameterizedTest
  @CsvSource({
    "format, 2",
    "wal_offset, -1",
    "missing, -1",
    "missing_after, -1",
    "missing_passed, -1",
    "uncertain, 2147483648",
    "displacement, -1",
    "snapshot_done, 2",
    "number, -5"
  })
  void aNumberOutOfRangeIsNamed(String key, long value) {
    Map<String, Object> offset = SourceOffsets.encode(SOME);
    offset.put(key, value);
    assertNames(key, offset);
  }

  @ParameterizedTest
  @CsvSource({"ids, AAAA", "ids, *", "snapshot_done, true", "wal_offset, 1"})
  void aWrongTextIsNamed(String key, String value) {
    Map<String, Object> offset = SourceOffsets.encode(SOME);
    offset.put(key, value);
    assertNames(key, offset);
  }

  @Test
  void aWalOffsetAloneIsRefused() {
    assertNames("format", Map.of("wal_offset", 5));
  }

  private static void assertNames(String key, Map<String, ?> offset) {
    ConnectException e = assertThrows(ConnectException.class, () -> SourceOffsets.decode(offset));
    assertTrue(e.getMessage().contains("key " + key + ":"), e.getMessage());
  }
}
