package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.Request;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Which answers count, and which orders are none. */
class InFlightTest {
  private static final Epoch FIRST = new Epoch(0, 1, 0);
  private static final Epoch SECOND = new Epoch(1, 2, 0);
  private static final Request SNAPSHOT = new Request(FIRST, 1);
  private static final Request NEXT_SNAPSHOT = new Request(FIRST, 2);

  private final RecordedOrders given = new RecordedOrders();
  private final InFlight orders = new InFlight(given);

  @Test
  void reportsCountOfTheOpenConnectionOnly() {
    assertFalse(orders.isWanted(Epoch.NONE));
    orders.connectLive(FIRST, 5);
    assertTrue(orders.isWanted(FIRST));
    assertFalse(orders.isWanted(SECOND));
    orders.closeLive(FIRST, "the test");
    assertFalse(orders.isWanted(FIRST));
    orders.connectLive(SECOND, 5);
    assertFalse(orders.isWanted(FIRST));
    assertFalse(orders.isWanted(new Epoch(0, 2, 0)), "another leader");
    assertFalse(orders.isWanted(new Epoch(1, 2, 1)), "another numbering");
    orders.ended(FIRST);
    assertTrue(orders.isWanted(SECOND));
    orders.ended(SECOND);
    assertFalse(orders.isWanted(SECOND));
  }

  @Test
  void answersCountOfTheLastSnapshotOnlyAndUntilItIsDiscarded() {
    orders.requestSnapshot(SNAPSHOT, 0);
    assertTrue(orders.isWanted(SNAPSHOT));
    assertFalse(orders.isWanted(NEXT_SNAPSHOT));
    orders.openRows(SNAPSHOT, 0, true);
    orders.discardSnapshot(SNAPSHOT);
    assertFalse(orders.isWanted(SNAPSHOT));
    orders.requestSnapshot(NEXT_SNAPSHOT, 0);
    assertFalse(orders.isWanted(SNAPSHOT), "the one before has failed late");
    assertFalse(orders.isWanted(new Request(SECOND, 2)), "of another leader");
  }

  @Test
  void aProbeIsAnsweredOnceAndWhileItsConnectionLasts() {
    orders.connectLive(FIRST, 5);
    Request probe = new Request(FIRST, 3);
    orders.probe(probe, 1);
    assertFalse(orders.takesAnswer(new Request(FIRST, 2)));
    assertTrue(orders.takesAnswer(probe));
    assertFalse(orders.takesAnswer(probe));
    Request later = new Request(FIRST, 4);
    orders.probe(later, 1);
    orders.closeLive(FIRST, "the test");
    assertFalse(orders.takesAnswer(later));
  }

  @Test
  void ordersOfAnotherEpochAreMistakes() {
    assertThrows(IllegalStateException.class, () -> orders.closeLive(FIRST, "the test"));
    assertThrows(IllegalStateException.class, () -> orders.ack(FIRST, 1));
    orders.connectLive(FIRST, 5);
    assertThrows(IllegalStateException.class, () -> orders.connectLive(SECOND, 5));
    assertThrows(IllegalStateException.class, () -> orders.ack(SECOND, 1));
    assertThrows(IllegalStateException.class, () -> orders.closeLive(SECOND, "the test"));
    assertThrows(IllegalStateException.class, () -> orders.probe(new Request(SECOND, 1), 1));
    assertThrows(IllegalStateException.class, () -> orders.openRows(SNAPSHOT, 0, false));
    assertThrows(IllegalStateException.class, () -> orders.openLogRows(SNAPSHOT));
    assertThrows(IllegalStateException.class, () -> orders.discardSnapshot(SNAPSHOT));
    orders.requestSnapshot(SNAPSHOT, 0);
    assertThrows(IllegalStateException.class, () -> orders.requestSnapshot(NEXT_SNAPSHOT, 0));
    assertThrows(IllegalStateException.class, () -> orders.openRows(NEXT_SNAPSHOT, 0, false));
    assertThrows(IllegalStateException.class, () -> orders.discardSnapshot(NEXT_SNAPSHOT));
    assertEquals(List.of("connect 1 to 0 with 5", "snapshot 1"), given.said);
  }

  @Test
  void nothingIsOrderedBehindTheFailure() {
    orders.fail("enough");
    assertTrue(orders.hasFailed());
    assertThrows(IllegalStateException.class, () -> orders.connectLive(FIRST, 5));
    assertThrows(IllegalStateException.class, () -> orders.requestSnapshot(SNAPSHOT, 0));
    assertThrows(IllegalStateException.class, orders::finished);
    assertEquals(List.of("fail enough"), given.said);
  }
}
