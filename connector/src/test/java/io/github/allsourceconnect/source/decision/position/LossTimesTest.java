package io.github.allsourceconnect.source.decision.position;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Test;

/** Microseconds as people read them. */
class LossTimesTest {
  @Test
  void isTextAndBack() {
    assertEquals("1970-01-01T00:00:00Z", Losses.Micros.text(0));
    assertEquals("1970-01-01T00:00:01.000002Z", Losses.Micros.text(1_000_002));
    assertEquals("1969-12-31T23:59:59.999999Z", Losses.Micros.text(-1));
    assertEquals("2026-11-26T03:52:00.123456Z", Losses.Micros.text(1_795_665_120_123_456L));
    for (long micros : new long[] {0, 1, -1, 1_795_665_120_123_456L, -62_000_000_000_000_001L}) {
      assertEquals(micros, Losses.Micros.parse(Losses.Micros.text(micros)));
    }
  }
}
