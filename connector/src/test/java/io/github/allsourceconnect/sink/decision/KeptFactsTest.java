package io.github.allsourceconnect.sink.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.sink.decision.HistoryCoverage.Hole;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** What is kept of a log and its history: as text, and what it can't be. */
class KeptFactsTest {
  private static final LogIdentity LOG = new LogIdentity("a/b", "t");

  @Test
  void aNoteComesBackFromItsText() {
    CommitNote note = new CommitNote(LOG, 17, 3, 99);
    assertEquals("allsource-log=a/b/t reached=17 doubtful=3 at=99", note.text());
    assertEquals(Optional.of(note), CommitNote.of(note.text()));
    assertEquals(
        Optional.of(new CommitNote(LOG, 0, 0, 0)), CommitNote.of("allsource-log=a/b/t more"));
    assertEquals(Optional.empty(), CommitNote.of(null));
    assertEquals(Optional.empty(), CommitNote.of(""));
    assertEquals(Optional.empty(), CommitNote.of("somebody else's"));
    assertEquals(Optional.empty(), CommitNote.of("allsource-log=none"));
    assertEquals(Optional.empty(), CommitNote.of("allsource-log=a/t reached=many"));
  }

  @Test
  void anIdentityHasBothParts() {
    assertEquals(LOG, LogIdentity.of(LOG.text()));
    assertThrows(IllegalArgumentException.class, () -> new LogIdentity("", "t"));
    assertThrows(IllegalArgumentException.class, () -> new LogIdentity("c", ""));
    assertThrows(IllegalArgumentException.class, () -> new LogIdentity("c", "/t"));
    assertThrows(IllegalArgumentException.class, () -> LogIdentity.of("t"));
    assertThrows(IllegalArgumentException.class, () -> LogIdentity.of("/t"));
  }

  @Test
  void aHistoryCanNotBeWhatItCanNot() {
    assertFalse(HistoryCoverage.NONE.begun());
    assertTrue(new HistoryCoverage(0, 0).begun());
    assertThrows(IllegalArgumentException.class, () -> new HistoryCoverage(-2, -1));
    assertThrows(IllegalArgumentException.class, () -> new HistoryCoverage(-1, 0));
    assertThrows(IllegalArgumentException.class, () -> new HistoryCoverage(3, 2));
    assertThrows(IllegalArgumentException.class, () -> new Hole(-1, 2, "x"));
    assertThrows(IllegalArgumentException.class, () -> new Hole(2, 2, "x"));
    Hole hole = new Hole(2, 4, "x");
    for (HistoryCoverage fits :
        List.of(
            new HistoryCoverage(2, 4, List.of(hole)),
            new HistoryCoverage(0, 9, List.of(hole, new Hole(4, 5, "y"))))) {
      assertTrue(fits.begun());
    }
    assertThrows(IllegalArgumentException.class, () -> new HistoryCoverage(3, 9, List.of(hole)));
    assertThrows(IllegalArgumentException.class, () -> new HistoryCoverage(0, 3, List.of(hole)));
    assertThrows(
        IllegalArgumentException.class,
        () -> new HistoryCoverage(0, 9, List.of(hole, new Hole(3, 5, "y"))));
  }

  @Test
  void whatAHistoryLacksIsToldFromAnOffsetOn() {
    HistoryCoverage coverage =
        new HistoryCoverage(3, 20, List.of(new Hole(5, 7, "one"), new Hole(10, 11, "two")));
    assertEquals(3, coverage.missing());
    assertFalse(coverage.isEmpty());
    assertEquals(List.of("one", "two"), why(coverage.lackedAbove(3)));
    assertEquals(List.of("one", "two"), why(coverage.lackedAbove(6)));
    assertEquals(List.of("two"), why(coverage.lackedAbove(7)));
    assertEquals(List.of("two"), why(coverage.lackedAbove(10)));
    assertEquals(List.of(), why(coverage.lackedAbove(11)));
    assertEquals(3, coverage.lackedAbove(2).size(), "and what lies before it begins");
    assertTrue(coverage.lackedInWords(0).contains("1 to 3"), coverage.lackedInWords(0));
    assertTrue(new HistoryCoverage(5, 5).isEmpty());
    assertTrue(new HistoryCoverage(0, 5, List.of(new Hole(0, 5, "all"))).isEmpty());
    assertFalse(new HistoryCoverage(0, 6, List.of(new Hole(0, 5, "most"))).isEmpty());
  }

  private static List<String> why(List<Hole> holes) {
    return holes.stream().map(Hole::why).toList();
  }

  @Test
  void whereTheHistoryGoesOn() {
    assertEquals(new HistoryPlace.Begin(4), HistoryPlace.of(HistoryCoverage.NONE, 4, 9));
    HistoryCoverage kept = new HistoryCoverage(0, 6);
    assertEquals(new HistoryPlace.GoOn(6), HistoryPlace.of(kept, 0, 6));
    assertEquals(new HistoryPlace.GoOn(6), HistoryPlace.of(kept, 6, 9));
    assertTrue(HistoryPlace.of(kept, 0, 5) instanceof HistoryPlace.AnotherLog);
    assertTrue(
        HistoryPlace.of(kept, 7, 9) instanceof HistoryPlace.Lost lost
            && lost.hole().after() == 6
            && lost.hole().upTo() == 7);
  }

  @Test
  void filesAtTheEndThatAreLostAreReadAgainWhileTheLogHasThem() {
    HistoryCoverage kept =
        new HistoryCoverage(
            0, 9, List.of(new Hole(1, 2, "a"), new Hole(4, 6, "b"), new Hole(6, 9, "c")));
    assertEquals(new HistoryPlace.GoOn(4), HistoryPlace.of(kept, 0, 20));
    assertEquals(new HistoryPlace.GoOn(4), HistoryPlace.of(kept, 4, 20));
    assertEquals(new HistoryPlace.GoOn(6), HistoryPlace.of(kept, 5, 20));
    assertEquals(new HistoryPlace.GoOn(9), HistoryPlace.of(kept, 7, 20));
  }

  @Test
  void filesAreClosedInAQuarterOfWhatTheTopicKeeps() {
    TopicRetention both = new TopicRetention(OptionalLong.of(4_000), OptionalLong.of(4 << 20));
    assertEquals(1_000, both.openMs(1_001));
    assertEquals(999, both.openMs(999));
    assertEquals(1 << 20, both.openBytes(2 << 20));
    assertEquals(5, both.openBytes(5));
    TopicRetention little = new TopicRetention(OptionalLong.of(8), OptionalLong.of(8));
    assertEquals(100, little.openMs(1_000));
    assertEquals(64 << 10, little.openBytes(1 << 20));
    assertEquals(1_000, TopicRetention.FOREVER.openMs(1_000));
    assertEquals(1_000, TopicRetention.FOREVER.openBytes(1_000));
    assertFalse(both.takesSoon(0, 1_999));
    assertTrue(both.takesSoon(0, 2_000));
    assertTrue(both.takesSoon(1, 2_001));
    assertEquals(List.of(), both.warnings(1_000, 1 << 20));
    assertEquals(1, both.warnings(1_001, 1 << 20).size());
    assertTrue(both.warnings(1_000, (1 << 20) + 1).get(0).contains("retention.bytes is 4194304"));
  }
}
