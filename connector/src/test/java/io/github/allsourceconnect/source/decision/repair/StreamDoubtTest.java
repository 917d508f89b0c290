package io.github.allsourceconnect.source.decision.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** When a snapshot that has more than the stream makes another connection worth while. */
class StreamDoubtTest {
  private final StreamDoubt doubt = new StreamDoubt();

  /** How many times the doubt was raised when another connection was asked for. */
  private String raised(int times) {
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < times; i++) {
      text.append(doubt.raised() ? "another " : "- ");
    }
    return text.toString().trim();
  }

  @Test
  void threeTimesInARowAreWorthAnotherConnectionButOnlyOne() {
    assertEquals("- - another - - - - -", raised(8));
  }

  @Test
  void theStreamIsWholeWhenTheOtherConnectionBringsNoMoreEither() {
    raised(2);
    assertFalse(doubt.isSettled());
    raised(1);
    assertFalse(doubt.isSettled(), "another one is tried first");
    raised(2);
    assertFalse(doubt.isSettled());
    raised(1);
    assertTrue(doubt.isSettled());
    raised(1);
    assertTrue(doubt.isSettled());
  }

  @Test
  void anotherRepairDoubtsAnew() {
    raised(6);
    doubt.forget();
    assertFalse(doubt.isSettled());
    assertEquals("- - another", raised(3));
    doubt.forget();
    assertEquals("- -", raised(2));
    doubt.forget();
    assertEquals("- - another", raised(3));
  }
}
