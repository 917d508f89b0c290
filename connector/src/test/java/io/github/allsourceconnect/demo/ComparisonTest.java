package io.github.allsourceconnect.demo;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.demo.Comparison.Station;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import org.junit.jupiter.api.Test;

/** That the demo's comparison finds what it is there to find. */
class ComparisonTest {
  private final Comparison comparison = new Comparison(false, 100);

  private final Event first = Events.event(1, "{\"n\":1.0}", "t", "e");
  private final Event second = Events.event(2, "{\"n\":2}", "t", "e");

  @Test
  void eachOnceAndInOrderIsNoFault() {
    comparison.written(first);
    comparison.written(second);
    for (Station station : Station.values()) {
      comparison.arrived(station, first);
      comparison.arrived(station, second);
      assertEquals(2, comparison.tally(station).arrived);
      assertEquals(0, comparison.tally(station).faults());
    }
    assertTrue(comparison.has(Station.KAFKA, first.id()));
    assertEquals(2, comparison.written());
  }

  @Test
  void missingTwiceForeignAndOutOfOrderAreFound() {
    comparison.written(first);
    comparison.written(second);
    comparison.arrived(Station.KAFKA, second);
    assertFalse(comparison.has(Station.KAFKA, first.id()));
    comparison.arrived(Station.KAFKA, second);
    assertEquals(1, comparison.tally(Station.KAFKA).twice);
    comparison.arrived(Station.KAFKA, first);
    assertEquals(1, comparison.tally(Station.KAFKA).outOfOrder);
    comparison.arrived(Station.KAFKA, Events.event(3, "{}", "t", "e"));
    assertEquals(1, comparison.tally(Station.KAFKA).foreign);
    assertEquals(0, comparison.tally(Station.FOLLOWER).arrived);
  }

  @Test
  void anAlteredPayloadIsFound() {
    comparison.written(first);
    comparison.arrived(Station.KAFKA, Events.event(1, "{\"n\":1}", "t", "e"));
    assertEquals(1, comparison.tally(Station.KAFKA).altered);
    assertTrue(comparison.tally(Station.KAFKA).firstFault.contains("payload"));
  }

  @Test
  void whatIsDoneWithIsForgotten() {
    Comparison small = new Comparison(false, 1);
    small.written(first);
    for (Station station : Station.values()) {
      small.arrived(station, first);
    }
    small.written(second);
    assertFalse(small.has(Station.KAFKA, first.id()));
    assertEquals(2, small.written());
  }

  @Test
  void stationsAreComparedWithEachOtherWhereTheTruthIsNotKnown() {
    Comparison open = new Comparison(true, 100);
    open.arrived(Station.FOLLOWER, first);
    open.arrived(Station.KAFKA, first);
    open.arrived(Station.KAFKA, second);
    assertEquals(0, open.tally(Station.FOLLOWER).faults());
    assertEquals(2, open.written());
    assertEquals(1, open.tally(Station.FOLLOWER).arrived);
    open.arrived(Station.FOLLOWER, Events.event(2, "{\"n\":3}", "t", "e"));
    assertEquals(1, open.tally(Station.FOLLOWER).altered);
  }
}
