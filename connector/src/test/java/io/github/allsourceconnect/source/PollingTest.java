package io.github.allsourceconnect.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class PollingTest {
  private final Polling polling = new Polling(1);

  @Test
  void aPauseIsToldWhileItLastsAndWhenItIsOver() {
    polling.polled(500);
    assertNull(polling.look(10_499, () -> false));
    Polling.Change begins = polling.look(10_500, () -> false);
    assertTrue(begins.line().contains("the connector is paused"), begins.line());
    assertEquals(0, begins.notPolledMs());
    assertNull(polling.look(20_000, () -> false), "it is told once");
    polling.polled(30_500);
    Polling.Change over = polling.look(30_501, () -> false);
    assertEquals(30_000, over.notPolledMs());
    assertTrue(over.paused());
    assertNull(polling.look(30_600, () -> false));
  }

  @Test
  void aSlowKafkaIsNoPause() {
    assertNull(polling.look(10_001, () -> true), "KafkaWatch says that");
    polling.polled(12_000);
    // what was awaited is there by then
    assertFalse(polling.look(12_000, () -> false).paused());
  }

  /** A task of a paused connector starts and is not asked for anything. */
  @Test
  void aTaskThatBeginsPausedTellsOfThat() {
    assertTrue(polling.look(60_000, () -> false).paused());
    polling.polled(61_000);
    assertEquals(60_999, polling.look(61_000, () -> false).notPolledMs());
  }
}
