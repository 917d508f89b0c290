package io.github.allsourceconnect.source;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class UnconfirmedTest {
  @Test
  void itLastsWhileSomethingWaitsAndNothingIsConfirmed() {
    Unconfirmed unconfirmed = new Unconfirmed(5_000);
    assertEquals(0, unconfirmed.look(false, 0, 1_000));
    assertEquals(0, unconfirmed.look(false, 0, 9_000), "nothing waits");
    assertEquals(500, unconfirmed.look(true, 0, 9_500));
    assertEquals(4_999, unconfirmed.look(true, 0, 13_999));
    assertFalse(unconfirmed.isTooLong(13_999));
    assertEquals(0, unconfirmed.look(true, 1, 14_000), "one was");
    assertEquals(5_000, unconfirmed.look(true, 1, 19_000));
    assertTrue(unconfirmed.isTooLong(19_000));
    assertEquals(0, unconfirmed.look(false, 1, 20_000));
    assertFalse(unconfirmed.isTooLong(20_000));
  }

  @Test
  void itIsSaidOnceAMinute() {
    Unconfirmed unconfirmed = new Unconfirmed(0);
    int said = 0;
    for (long now = 0; now < 300_000; now += 500) {
      unconfirmed.look(true, 0, now);
      said += unconfirmed.isToBeSaid(now) ? 1 : 0;
      assertFalse(unconfirmed.isTooLong(now), "it may last for ever");
    }
    assertEquals(4, said);
  }
}
