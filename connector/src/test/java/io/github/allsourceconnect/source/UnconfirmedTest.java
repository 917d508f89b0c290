package io.github.allsourceconnect.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class UnconfirmedTest {
  @Test
  void itLastsWhileSomethingWaitsAndNothingIsConfirmed() {
    Unconfirmed unconfirmed = new Unconfirmed(5_000, 0);
    assertEquals(0, unconfirmed.look(false, 0, 1_000));
    assertEquals(0, unconfirmed.look(false, 0, 9_000), "nothing waits");
    assertEquals(500, unconfirmed.look(true, 0, 9_500));
    assertEquals(4_999, unconfirmed.look(true, 0, 13_999));
    assertFalse(unconfirmed.isTooLong());
    assertEquals(0, unconfirmed.look(true, 1, 14_000), "one was");
    assertEquals(5_000, unconfirmed.look(true, 1, 19_000));
    assertTrue(unconfirmed.isTooLong());
    assertEquals(0, unconfirmed.look(false, 1, 20_000));
    assertFalse(unconfirmed.isTooLong());
  }

  @Test
  void itIsSaidOnceAMinute() {
    Unconfirmed unconfirmed = new Unconfirmed(0, 0);
    int said = 0;
    for (long now = 0; now < 300_000; now += 500) {
      unconfirmed.look(true, 0, now);
      said += unconfirmed.isToBeSaid() ? 1 : 0;
      assertFalse(unconfirmed.isTooLong(), "it may last for ever");
    }
    assertEquals(4, said);
  }

  /** By interval, Kafka confirms nothing in between, and all is well. */
  @Test
  void whatATransactionLastsComesOnTop() {
    Unconfirmed unconfirmed = new Unconfirmed(5_000, 60_000);
    for (long now = 0; now < 1_000_000; now += 500) {
      unconfirmed.look(true, now / 60_500, now);
      assertFalse(unconfirmed.isToBeSaid());
      assertFalse(unconfirmed.isTooLong());
    }
    long end = 1_000_000 + 66_000;
    for (long now = 1_000_000; now < end; now += 500) {
      unconfirmed.look(true, 1_000, now);
    }
    assertTrue(unconfirmed.isTooLong());
  }

  /** A machine that slept, a process that was stopped: Kafka could not confirm anything. */
  @Test
  void aProcessThatStoodStillHasNotWaited() {
    Unconfirmed unconfirmed = new Unconfirmed(60_000, 0);
    unconfirmed.look(true, 0, 0);
    unconfirmed.look(true, 0, 3_600_000);
    assertFalse(unconfirmed.isTooLong());
    assertFalse(unconfirmed.isToBeSaid());
    assertEquals(5_500, unconfirmed.look(true, 0, 3_600_500));
  }
}
