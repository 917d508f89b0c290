package io.github.allsourceconnect.source.decision.position;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.source.decision.position.Losses.Loss;
import io.github.allsourceconnect.source.decision.position.Losses.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What was given up: how many, which, and how it is written. */
class LossAccountTest {
  private static final String LEADER = "leader-1:3910";

  private final LossAccount account = new LossAccount();

  private static Loss loss(long first, long last, long events) {
    return new Loss(LEADER, first, last, events, 0, 1_000_000, Reason.NOT_FOUND);
  }

  private List<Long> named() {
    return account.losses().newest().stream().map(Loss::firstOffset).toList();
  }

  @Test
  void theNewestTwentyAreNamedAndAllAreCounted() {
    for (int i = 1; i <= Losses.NAMED_MAX; i++) {
      account.add(loss(10 * i, 10 * i + 5, i));
    }
    assertEquals(Losses.NAMED_MAX, named().size());
    assertEquals(10, named().get(0));
    account.add(loss(500, 501, 2));
    assertEquals(Losses.NAMED_MAX, named().size());
    assertEquals(20, named().get(0), "the oldest has gone");
    assertEquals(500, named().get(Losses.NAMED_MAX - 1));
    assertEquals(20 * 21 / 2 + 2, account.events());
    assertEquals(account.events(), account.losses().events());
  }

  @Test
  void nothingIsNoLoss() {
    account.add(loss(1, 5, 0));
    account.add(loss(1, 5, -1));
    assertEquals(Losses.NONE, account.losses());
  }

  @Test
  void whatIsFoundIsTakenOffTheNewestThatItMayBeOf() {
    account.add(loss(10, 20, 2));
    account.add(loss(15, 30, 1));
    account.found(LEADER, 9);
    assertEquals(2, account.events(), "it was of one that is not named any more");
    assertEquals(List.of(10L, 15L), named());
    account.found("another:3910", 20);
    assertEquals(1, account.events());
    assertEquals(List.of(10L, 15L), named(), "of another leader's numbering");
    account.found(LEADER, 15);
    assertEquals(List.of(10L), named(), "of that one nothing is left");
    assertEquals(2, account.losses().newest().get(0).events());
    account.found(LEADER, 20);
    assertEquals(1, account.losses().newest().get(0).events());
    assertEquals(0, account.events());
    account.found(LEADER, 10);
    assertEquals(0, account.events(), "never less than nothing");
    assertEquals(List.of(), named());
  }

  @Test
  void aRangeHasItsEnds() {
    assertFalse(loss(10, 20, 1).has(9));
    assertTrue(loss(10, 20, 1).has(10));
    assertTrue(loss(10, 20, 1).has(20));
    assertFalse(loss(10, 20, 1).has(21));
  }

  @Test
  void itGoesOnWithWhatAPositionSays() {
    account.add(loss(1, 5, 1));
    account.refused(true);
    assertEquals(List.of(1L), named());
    account.load(new Losses(List.of(loss(10, 20, 2)), 7, 3, 4));
    assertEquals(List.of(10L), named());
    account.refused(true);
    account.refused(false);
    account.refused(false);
    Losses losses = account.losses();
    assertEquals(List.of(7L, 4L, 6L), List.of(losses.events(), losses.noted(), losses.skipped()));
  }

  @Test
  void theFiguresShowWhatIsStored() {
    Ledger ledger = new Ledger();
    ledger.load(new Losses(List.of(loss(10, 20, 2)), 7, 3, 4));
    assertEquals(List.of(7L, 3L, 4L), lossFigures(ledger));
    ledger.refused(true);
    ledger.refused(false);
    ledger.refused(false);
    ledger.lost(loss(30, 31, 2));
    assertEquals(List.of(9L, 4L, 6L), lossFigures(ledger));
    ledger.found(LEADER, 30);
    assertEquals(List.of(8L, 4L, 6L), lossFigures(ledger));
    Losses stored = ledger.losses();
    assertEquals(List.of(8L, 4L, 6L), List.of(stored.events(), stored.noted(), stored.skipped()));
  }

  private static List<Long> lossFigures(Ledger ledger) {
    return List.of(ledger.unaccounted, ledger.refusedToDeadLetters, ledger.refusedAndSkipped);
  }

  /** Each offset that is passed was one thing. */
  @Test
  void theOffsetsPassedAddUp() {
    Ledger ledger = new Ledger();
    ledger.numberingStarts(10);
    assertEquals(10, ledger.walOffset);
    Runnable[] steps = {
      ledger::entry,
      () -> ledger.entries(3),
      ledger::settled,
      () -> ledger.settled(4),
      () -> ledger.repaired(5),
      () -> ledger.givenUp(6),
      () -> ledger.holes(7)
    };
    long[] after = {11, 14, 15, 19, 24, 30, 37};
    for (int i = 0; i < steps.length; i++) {
      steps[i].run();
      assertEquals(after[i], ledger.walOffset);
      assertEquals(0, ledger.balance());
    }
    ledger.walOffset++;
    assertEquals(1, ledger.balance(), "an offset of which nothing is known");
    ledger.numberingStarts(2);
    assertEquals(2, ledger.walOffset);
    assertEquals(0, ledger.balance());
  }

  // ---- as text

  @Test
  void isTextAndBack() {
    List<Loss> some =
        List.of(
            new Loss("", 0, 0, 3, Long.MIN_VALUE, Long.MAX_VALUE, Reason.LEADER_LOST),
            new Loss(LEADER, 21, 60, 3, 1_000_000, 2_000_000, Reason.CORRUPT),
            new Loss(LEADER, 21, Long.MAX_VALUE, 1, -1, 0, Reason.NOT_FOUND));
    Losses losses = new Losses(some, 70, 1, 2);
    assertEquals(
        "3 of ---, -/-, -, leader lost; "
            + "3 of 21-60, 1970-01-01T00:00:01Z/1970-01-01T00:00:02Z, leader-1:3910, corrupt; "
            + "1 of 21-9223372036854775807, 1969-12-31T23:59:59.999999Z/1970-01-01T00:00:00Z,"
            + " leader-1:3910, not found",
        losses.text());
    assertEquals(losses, Losses.parse(losses.text(), 70, 1, 2));
    assertEquals(Losses.NONE, Losses.parse("", 0, 0, 0));
  }

  @Test
  void ofATextThatHasNoRoomForAllTheNewestAreKept() {
    Losses losses = new Losses(List.of(loss(1, 2, 1), loss(3, 4, 1), loss(5, 6, 1)), 3, 0, 0);
    int each = loss(1, 2, 1).toString().length();
    String last = losses.newest().get(2).toString();
    String lastTwo = losses.newest().get(1) + "; " + last;
    assertEquals("", losses.text(each - 1));
    assertEquals(last, losses.text(each));
    assertEquals(last, losses.text(2 * each + 1));
    assertEquals(lastTwo, losses.text(2 * each + 2));
    assertEquals(losses.text(), losses.text(3 * each + 4));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "3",
        "x of 1-2, -/-, -, corrupt",
        "3 of 1, -/-, -, corrupt",
        "3 of 1-2, -, -, corrupt",
        "3 of 1-2, yesterday/-, -, corrupt",
        "3 of 1-2, -/-, -, eaten",
        "3 of 1-2, -/-, -",
        "; "
      })
  void whatIsNoListOfLossesIsSaidToBeNone(String text) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> Losses.parse(text, 0, 0, 0))
            .getMessage();
    assertEquals("is not a list of losses", message);
  }

  // ---- what marks count

  @Test
  void marksCountWhatIsBehindThem() {
    IdSum one = IdSum.ZERO.plus(1, 2);
    MarkTotals begun = MarkTotals.begun("s", "c0");
    MarkTotals three = begun.plus(one).plus(one).plusLeftOut();
    assertEquals(new MarkTotals("s", 0, 2, one.plus(one), 2, one.plus(one), 1, 1, "c0"), three);
    MarkTotals marked = three.marked();
    assertEquals(new MarkTotals("s", 1, 2, one.plus(one), 0, IdSum.ZERO, 1, 0, "c0"), marked);
    assertEquals(
        new MarkTotals("s", 1, 3, one.plus(one).plus(one), 1, one, 2, 1, "c0"),
        marked.plus(one).plusLeftOut());
    assertEquals(
        new MarkTotals("s", 0, 2, one.plus(one), 2, one.plus(one), 1, 1, "c1"), three.under("c1"));
  }
}
