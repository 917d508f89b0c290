package io.github.allsourceconnect.source.decision.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.source.decision.position.Lateness;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Rows next to a seam are uncertain until they come live, or the stream is past them. */
class UncertainRowsTest {
  private final UncertainRows rows = new UncertainRows();
  private final Lateness lateness = new Lateness(0, 0);

  @Test
  void whatComesLiveIsCertain() {
    rows.set(List.of(Events.event(1, "{}"), Events.event(2, "{}")));
    assertEquals(2, rows.count());
    rows.came(Events.event(3, "{}"), false);
    assertEquals(2, rows.count());
    rows.came(Events.event(2, "{}"), false);
    assertEquals(1, rows.count());
    rows.set(List.of());
    assertEquals(0, rows.count());
  }

  @Test
  void ofThoseThatAPositionCountsOneIsCertainWithEachThatComes() {
    rows.load(1);
    rows.came(Events.event(3, "{}"), false);
    assertEquals(1, rows.count(), "this task has produced it");
    rows.came(Events.event(1, "{}"), true);
    assertEquals(0, rows.count());
    rows.came(Events.event(2, "{}"), true);
    assertEquals(0, rows.count());
  }

  @Test
  void theStreamIsPastThemWhenItIsLaterThanEntriesAreLate() {
    rows.set(List.of(Events.event(2, "{}"), Events.event(1, "{}")));
    long newest = Events.event(2, "{}").micros();
    rows.passed(newest + lateness.allowedMicros(), lateness);
    assertEquals(2, rows.count());
    rows.passed(newest + lateness.allowedMicros() + 1, lateness);
    assertEquals(0, rows.count());
    rows.load(3);
    rows.passed(newest, lateness);
    assertEquals(0, rows.count(), "of a position's no time is known: any later entry is past them");
  }

  @Test
  void thoseOfAPositionAndThoseOfASeamAreCountedTogether() {
    rows.load(2);
    assertEquals(2, rows.count());
    rows.set(List.of(Events.event(1, "{}")));
    assertEquals(1, rows.count(), "another numbering has begun");
    rows.load(2);
    assertEquals(3, rows.count());
    rows.clear();
    assertEquals(0, rows.count());
  }

  @Test
  void othersAreCountedBesideThoseOfASeam() {
    rows.set(List.of(Events.event(1, "{}"), Events.event(2, "{}")), 1, Long.MAX_VALUE);
    rows.add(List.of(Events.event(2, "{}"), Events.event(3, "{}")), Long.MAX_VALUE);
    assertEquals(2, rows.count(), "one of those at the seam, and one that was not among them");
    rows.came(Events.event(3, "{}"), false);
    assertEquals(1, rows.count());
    rows.clear();
    rows.add(List.of(Events.event(4, "{}")), Long.MAX_VALUE);
    assertEquals(1, rows.count(), "those before are forgotten");
    rows.passed(Events.event(4, "{}").micros() + lateness.allowedMicros(), lateness);
    assertEquals(1, rows.count());
    rows.passed(Events.event(4, "{}").micros() + lateness.allowedMicros() + 1, lateness);
    assertEquals(0, rows.count());
  }
}
