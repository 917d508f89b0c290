package io.github.allsourceconnect.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.source.Standing.Moment;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class StandingTest {
  private static final long START = 1_000_000;
  private static final Moment LEVEL = new Moment(true, 7, 0, 0, 0, false, 0);

  private final Standing standing = new Standing(START);

  private Map<String, Number> at(Moment moment, long nowMs) {
    Map<String, Number> figures = new HashMap<>();
    standing.addTo(figures, moment, nowMs);
    return figures;
  }

  private long behind(Moment moment, long nowMs) {
    return at(moment, nowMs).get("MilliSecondsBehindSource").longValue();
  }

  @Test
  void nothingWaitsAndTheLeaderIsThere() {
    standing.produced(500_000_000);
    assertEquals(0, behind(LEVEL, START + 60_000));
    assertEquals(1L, at(LEVEL, START).get("connected"));
    assertEquals(500_000L, at(LEVEL, START).get("newestEventTime"));
    assertEquals(7L, at(LEVEL, START).get("MilliSecondsSinceLastEvent"));
  }

  @Test
  void aslongAsSomethingWaitsItIsAsOldAsTheNewestProducedEvent() {
    standing.produced((START + 1_000) * 1000);
    long now = START + 4_000;
    assertEquals(3_000, behind(new Moment(true, 0, 1, 0, 0, false, 0), now));
    assertEquals(3_000, behind(new Moment(true, 0, 0, 1, 0, false, 0), now));
    assertEquals(3_000, behind(new Moment(true, 0, 0, 0, 1, false, 0), now));
    assertEquals(3_000, behind(new Moment(true, 0, 0, 0, 0, true, 5), now));
    assertEquals(3_000, behind(new Moment(false, 0, 1, 0, 0, false, 0), now));
  }

  @Test
  void withNothingProducedYetItGrowsFromTheStart() {
    assertEquals(9_000, behind(new Moment(true, 0, 5, 0, 0, true, 5), START + 9_000));
  }

  @Test
  void withoutALeaderItGrowsFromItsLastWord() {
    standing.produced((START - 900_000) * 1000);
    Moment gone = new Moment(false, 20_000, 0, 0, 0, false, 0);
    assertEquals(20_000, behind(gone, START + 30_000));
    assertEquals(0L, at(gone, START).get("connected"));
  }

  @Test
  void aWrongClockIsForgottenWithTheNextEvent() {
    standing.produced((START + 86_400_000L) * 1000);
    Moment busy = new Moment(true, 0, 1, 0, 0, false, 0);
    assertEquals(0, behind(busy, START));
    standing.produced(START * 1000);
    assertEquals(2_000, behind(busy, START + 2_000));
  }

  @Test
  void aLineThatRepeatsItselfIsWrittenOnceAMinute() {
    RepeatedLines lines = new RepeatedLines();
    assertEquals("a", lines.take("a", 1_000));
    assertNull(lines.take("a", 2_000));
    assertNull(lines.take("a", 60_999));
    assertEquals("a (and 2 times more since this was last said)", lines.take("a", 61_000));
    assertEquals("b", lines.take("b", 61_001));
    assertEquals("a", lines.take("a", 61_002));
  }

  @Test
  void progressIsSaidEachTenSecondsAndNotOfWhatIsQuick() {
    SnapshotProgress progress = new SnapshotProgress();
    assertNull(progress.due(false, 0, 50_000));
    progress.asked(3, 1_000);
    assertNull(progress.due(true, 5_000_000, 10_900));
    String fetching = progress.due(true, 26_000_000, 11_000);
    assertTrue(fetching.contains("Snapshot 3: 26.0 MB in 10 s fetched"), fetching);
    progress.reading(30, 300_000, 11_000);
    for (int i = 0; i < 100_000; i++) {
      progress.row();
    }
    assertNull(progress.due(true, 26_000_000, 20_900));
    String reading = progress.due(true, 26_000_000, 21_000);
    assertEquals(
        "Snapshot 3: 100,000 of 300,000 rows of 30 files read (26.0 MB), 10,000 rows a second,"
            + " about 20 s left",
        reading);
    assertEquals(200_000, progress.remaining());
    assertNull(progress.due(false, 26_000_000, 99_000));
  }
}
