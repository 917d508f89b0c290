package io.github.allsourceconnect.source.decision.epoch;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Events;
import org.junit.jupiter.api.Test;

/** Which offsets were given up: those that nothing was held of, each once. */
class GivenUpOffsetsTest {
  @Test
  void whatIsHeldIsNotGivenUp() {
    HeldEntries held = new HeldEntries(Long.MAX_VALUE);
    held.add(Events.entry(12, "{}"));
    held.mark(14, 1);
    GivenUpOffsets givenUp = new GivenUpOffsets();
    assertFalse(givenUp.remove(11));
    givenUp.add(10, 15, held);
    assertFalse(givenUp.remove(10), "up to there all is there");
    assertTrue(givenUp.remove(11));
    assertFalse(givenUp.remove(11), "it has come");
    assertFalse(givenUp.remove(12), "held");
    assertTrue(givenUp.remove(13));
    assertFalse(givenUp.remove(14), "a mark");
    assertTrue(givenUp.remove(15));
    assertFalse(givenUp.remove(16), "behind the end");
    givenUp.add(20, 21, held);
    givenUp.clear();
    assertFalse(givenUp.remove(21));
  }

  @Test
  void noMoreThanAHundredThousandAreKept() {
    GivenUpOffsets givenUp = new GivenUpOffsets();
    givenUp.add(0, 200_000, new HeldEntries(Long.MAX_VALUE));
    assertTrue(givenUp.remove(100_000));
    assertFalse(givenUp.remove(100_001));
  }
}
