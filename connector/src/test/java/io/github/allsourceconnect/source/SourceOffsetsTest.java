package io.github.allsourceconnect.source;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.source.decision.SourcePosition;
import java.util.HashMap;
import java.util.Map;
import org.apache.kafka.connect.errors.ConnectException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceOffsetsTest {
  private static final SourcePosition POSITION =
      new SourcePosition(
          Long.MAX_VALUE, 7, 3, -5, 9, new long[] {1, -2, Long.MIN_VALUE, 0}, 11, 12, true, 13);

  private static void assertSamePosition(SourcePosition expected, SourcePosition actual) {
    assertArrayEquals(expected.ids(), actual.ids());
    assertEquals(SourceOffsets.encode(expected), SourceOffsets.encode(actual));
    assertEquals(expected.snapshotDone(), actual.snapshotDone());
    assertEquals(expected.watermarkMicros(), actual.watermarkMicros());
    assertEquals(expected.number(), actual.number());
  }

  @Test
  void whatIsStoredComesBack() {
    assertSamePosition(POSITION, SourceOffsets.decode(SourceOffsets.encode(POSITION)));
    assertSamePosition(
        SourcePosition.START, SourceOffsets.decode(SourceOffsets.encode(SourcePosition.START)));
  }

  @Test
  void smallNumbersMayComeBackAsInts() {
    Map<String, Object> stored = new HashMap<>(SourceOffsets.encode(POSITION));
    stored.replaceAll(
        (key, value) ->
            value instanceof Long number && number == number.intValue()
                ? (Object) number.intValue()
                : value);
    assertSamePosition(POSITION, SourceOffsets.decode(stored));
  }

  @Test
  void nothingStoredIsTheStart() {
    assertSame(SourcePosition.START, SourceOffsets.decode(null));
    assertSame(SourcePosition.START, SourceOffsets.decode(Map.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "format", "wal_offset", "beyond", "uncertain", "watermark_micros", "newest_micros", "ids",
        "lateness_micros", "displacement", "snapshot_done", "number"
      })
  void theBadKeyIsNamed(String key) {
    Map<String, Object> stored = new HashMap<>(SourceOffsets.encode(POSITION));
    assertTrue(stored.containsKey(key));
    stored.put(key, "!");
    assertNames(key, stored);
    stored.remove(key);
    assertNames(key, stored);
  }

  private static void assertNames(String key, Map<String, Object> stored) {
    ConnectException thrown =
        assertThrows(ConnectException.class, () -> SourceOffsets.decode(stored));
    assertTrue(thrown.getMessage().contains(key), thrown.getMessage());
  }
}
