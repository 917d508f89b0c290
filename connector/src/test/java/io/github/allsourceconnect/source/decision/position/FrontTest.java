package io.github.allsourceconnect.source.decision.position;

import static io.github.allsourceconnect.source.decision.position.Front.AHEAD_MAX;
import static io.github.allsourceconnect.source.decision.position.Front.BEHIND_MAX;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

/** How far event time has come, whatever single clocks say. */
class FrontTest {
  private static final long ALLOWED = 100;

  private final Front front = new Front();

  private void saw(long... micros) {
    for (long one : micros) {
      front.saw(one, ALLOWED);
    }
  }

  /** So many entries in a row; whether the last one was one too many. */
  private boolean back(long micros, int times) {
    boolean isBack = false;
    for (int i = 0; i < times; i++) {
      isBack = front.isBack(micros, ALLOWED);
    }
    return isBack;
  }

  @Test
  void itFollowsWhatIsNoFurtherAheadThanEntriesAreLate() {
    assertEquals(Long.MIN_VALUE, front.newest());
    saw(1_000);
    assertEquals(1_000, front.newest());
    saw(1_100);
    assertEquals(1_100, front.newest());
    saw(1_050);
    assertEquals(1_100, front.newest(), "it does not go back");
    saw(1_201);
    assertEquals(1_100, front.newest(), "that one is apart");
    assertTrue(front.isAhead(1_201));
    assertFalse(front.isAhead(1_100));
    saw(1_101);
    assertEquals(1_201, front.newest(), "until the others have come as far");
  }

  @Test
  void thoseApartAreTakenInOrderAsFarAsTheyFollowOneAnother() {
    saw(1_000, 1_400, 1_300, 1_210, 1_500);
    assertEquals(1_000, front.newest());
    saw(1_100);
    assertEquals(1_100, front.newest(), "1,210 is further than allowed");
    saw(1_110);
    assertEquals(1_500, front.newest(), "each is near enough to the one before");
    saw(1_601);
    assertEquals(1_500, front.newest());
    saw(1_501);
    assertEquals(1_601, front.newest());
  }

  @Test
  void whenMoreAreAheadThanMayBeTheClockHasJumped() {
    saw(1_000);
    for (int i = 0; i < AHEAD_MAX; i++) {
      saw(50_000 + 10 * i);
    }
    assertEquals(1_000, front.newest());
    assertEquals(900, front.floor(ALLOWED));
    saw(90_000);
    assertEquals(50_000 + 10 * (AHEAD_MAX - 1), front.newest());
    assertTrue(front.isAhead(90_000), "that one is further");
    long jumped = front.newest();
    assertEquals(jumped - ALLOWED, front.floor(ALLOWED), "time has gone on by as much");
    saw(jumped + 5);
    assertEquals(jumped + 5 - ALLOWED, front.floor(ALLOWED));
  }

  /** What is older may still come for as long as entries are late. */
  @Test
  void directlyBehindAJumpThePositionStaysWhereItWas() {
    saw(1_000);
    for (int i = 0; i <= AHEAD_MAX; i++) {
      saw(50_000 + i);
    }
    assertEquals(50_000 + AHEAD_MAX, front.newest());
    assertEquals(900, front.floor(ALLOWED));
    saw(50_099);
    assertEquals(900, front.floor(ALLOWED));
    saw(50_100);
    assertEquals(50_000, front.floor(ALLOWED));
  }

  @Test
  void aStoredPositionsListStaysUntilTimeHasGoneOn() {
    front.load(5_000, 2_000, ALLOWED);
    assertEquals(5_000, front.newest());
    assertEquals(2_000, front.floor(ALLOWED));
    saw(5_099);
    assertEquals(2_000, front.floor(ALLOWED));
    saw(5_100);
    assertEquals(5_000, front.floor(ALLOWED));
    Front later = new Front();
    later.load(5_000, 4_950, ALLOWED);
    assertEquals(4_900, later.floor(ALLOWED), "it may be less than was stored");
    later.clear();
    assertEquals(Long.MIN_VALUE, later.newest());
    assertEquals(Long.MIN_VALUE, later.floor(ALLOWED));
  }

  @Test
  void theClockHasGoneBackWhenOneTooManyInARowIsBehind() {
    assertFalse(front.isBack(5, ALLOWED), "there is no front");
    saw(10_000);
    assertFalse(back(9_900, 3 * BEHIND_MAX), "they are late by no more than is allowed");
    assertEquals(0, front.behind());
    assertFalse(back(9_899, BEHIND_MAX));
    assertEquals(BEHIND_MAX, front.behind());
    assertTrue(back(9_899, 1));
  }

  @Test
  void oneThatIsNotBehindEndsTheRow() {
    saw(10_000);
    back(5_000, BEHIND_MAX);
    assertFalse(back(9_950, 1));
    assertEquals(0, front.behind());
    assertFalse(back(4_000, BEHIND_MAX));
    assertEquals(4_000, front.behindNewest(), "5,000 was of another row");
    front.isBack(4_500, ALLOWED);
    front.isBack(4_200, ALLOWED);
    assertEquals(4_500, front.behindNewest());
    front.fallBack();
    assertEquals(4_500, front.newest());
    assertEquals(0, front.behind());
    assertEquals(4_400, front.floor(ALLOWED));
  }

  @Test
  void aClockThatWasNeverThereHasNothingApart() {
    saw(10_000, 20_000);
    back(5_000, BEHIND_MAX + 1);
    front.wasNeverThere(front.behindNewest());
    assertEquals(5_000, front.newest());
    for (int i = 0; i < AHEAD_MAX; i++) {
      saw(30_000 + i);
    }
    assertEquals(5_000, front.newest(), "20,000 is forgotten, so there is one more place");
    saw(40_000);
    assertEquals(30_000 + AHEAD_MAX - 1, front.newest());
  }

  @Test
  void aJumpThatFallsBackDoesNotHoldThePositionBack() {
    saw(1_000);
    for (int i = 0; i <= AHEAD_MAX; i++) {
      saw(50_000 + i);
    }
    back(2_000, BEHIND_MAX + 1);
    front.fallBack();
    assertEquals(1_900, front.floor(ALLOWED));
  }

  /** What is older than what came before the first jump may still come. */
  @Test
  void aSecondJumpBeforeTimeHasGoneOnHoldsThePositionWhereItWas() {
    assertEquals(900, floorAfterASecondJumpTo(50_099));
    assertEquals(50_032 - 10, floorAfterASecondJumpTo(50_100), "by then it has gone on");
  }

  /** Entries are less late by then than they were before the first. */
  private static long floorAfterASecondJumpTo(long micros) {
    Front front = new Front();
    front.saw(1_000, ALLOWED);
    for (int i = 0; i <= AHEAD_MAX; i++) {
      front.saw(50_000 + i, ALLOWED);
    }
    for (int i = 0; i <= AHEAD_MAX; i++) {
      front.saw(micros, 10);
    }
    assertEquals(micros, front.newest());
    return front.floor(10);
  }

  @Test
  void timesNearTheEndsOfTheNumbersDoNotTurnRound() {
    assertEquals(Long.MIN_VALUE, Front.minus(Long.MIN_VALUE, 1));
    assertEquals(Long.MAX_VALUE, Front.minus(Long.MAX_VALUE, -1));
    assertEquals(Long.MAX_VALUE, Front.minus(0, Long.MIN_VALUE));
    assertEquals(-3, Front.minus(-1, 2));
    assertEquals(Long.MAX_VALUE, Front.plus(Long.MAX_VALUE, 1));
    assertEquals(Long.MIN_VALUE, Front.plus(Long.MIN_VALUE, -1));
    assertEquals(-1, Front.plus(Long.MAX_VALUE, Long.MIN_VALUE));
    assertEquals(5, Front.plus(2, 3));
  }
}
