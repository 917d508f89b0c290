package io.github.allsourceconnect.source.decision.position;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.allsourceconnect.source.decision.position.Losses.Loss;
import io.github.allsourceconnect.source.decision.position.Losses.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** How a position tells of events that are missing, and what is not read as such. */
class LostHoleTest {
  private static final Loss THREE = new Loss("leader-1:3910", 4, 9, 3, 0, 1, Reason.LEADER_LOST);

  @Test
  void whatIsWrittenIsReadAgain() {
    List<LostHole> holes = List.of(new LostHole(1, 0, 2, THREE), new LostHole(0, 3, 0, THREE));
    assertEquals(holes, LostHole.parse(LostHole.text(holes)));
  }

  @Test
  void withoutItsEventsItIsNone() {
    assertNoList("3 open, 0 passed over, 0 skipped");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "3 open, 0 passed over",
        "3 open",
        "3 open, 0 passed over, 0 skipped or not",
        "3 open, 0 passed over, 0 skipped skipped",
        "3 open, 0 passed over, 0 skipped, 0"
      })
  void withOtherThanThreeNumbersItIsNone(String numbers) {
    assertNoList(numbers + ": " + THREE);
  }

  private static void assertNoList(String text) {
    assertEquals("is no list of holes", thrownBy(text));
  }

  private static String thrownBy(String text) {
    return assertThrows(IllegalArgumentException.class, () -> LostHole.parse(text)).getMessage();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "3 open, 1 passed over, 0 skipped",
        "2 open, 0 passed over, 0 skipped",
        "4 open, -1 passed over, 0 skipped",
        "0 open, 4 passed over, -1 skipped"
      })
  void itsNumbersAddUp(String numbers) {
    assertEquals("has a hole whose numbers do not add up", thrownBy(numbers + ": " + THREE));
  }
}
