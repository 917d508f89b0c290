package io.github.allsourceconnect.source.decision.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.phase.Successions;
import io.github.allsourceconnect.source.decision.repair.LogPhase.Fetching;
import io.github.allsourceconnect.source.decision.repair.LogPhase.Idle;
import io.github.allsourceconnect.source.decision.repair.LogPhase.Reading;
import io.github.allsourceconnect.source.decision.repair.LogPhase.Wanted;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which phase of a log's snapshot may come after which, and which of its rows come next. */
class LogPhaseTest {
  private static final Request REQUEST = new Request(new Epoch(0, 1, 0), 1);

  @Test
  void itIsWantedThenFetchedThenRead() {
    List<LogPhase> all =
        List.of(new Idle(), new Wanted(), new Fetching(REQUEST), new Reading(REQUEST, 5));
    String[] legal = {"1100", "1010", "1001", "1000"};
    Successions.assertThese(all, legal);
  }

  @Test
  void offsetsRiseUpToTheEnd() {
    Reading reading = new Reading(REQUEST, 5);
    assertEquals(REQUEST, reading.request());
    assertEquals(5, reading.end());
    assertFalse(reading.follows(0));
    assertTrue(reading.follows(1));
    reading.took(3, true);
    reading.took(4, false);
    assertEquals(4, reading.last());
    assertEquals(1, reading.produced());
    assertFalse(reading.follows(4));
    assertTrue(reading.follows(5));
    assertFalse(reading.follows(6));
  }
}
