package io.github.allsourceconnect.source.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class LinkTroublesTest {
  private final LinkTroubles troubles = new LinkTroubles(10_000, 60_000, 0);

  @Test
  void noAnswerForTooLong() {
    assertNull(troubles.ended(1));
    assertNull(troubles.ended(9_999));
    assertTrue(troubles.ended(10_000).contains("leader.unreachable.timeout.ms=10000"));
    assertNull(new LinkTroubles(0, 0, 0).ended(Long.MAX_VALUE));
  }

  @Test
  void anAnswerIsHeardUntilItsConnectionEnds() {
    troubles.answered(5_000);
    assertNull(troubles.ended(100_000), "it was there until now");
    assertNull(troubles.ended(109_999));
    assertNotNull(troubles.ended(110_000));
  }

  @Test
  void theSameMistakeAgainAndAgain() {
    assertNull(troubles.protocolError("TOO_LONG", 5, 0));
    assertNull(troubles.protocolError("TOO_LONG", 5, 59_999), "not long enough");
    String over = troubles.protocolError("TOO_LONG", 5, 60_000);
    assertTrue(over.contains("same.failure.timeout.ms=60000") && over.contains("3 times"), over);
    assertEquals(3, troubles.sameFailureInARow());
    assertEquals(3, troubles.protocolErrors());
  }

  @Test
  void twoMistakesLongApartAreNotEnough() {
    assertNull(troubles.protocolError("TOO_LONG", 5, 0));
    assertNull(troubles.protocolError("TOO_LONG", 5, 1_000_000));
  }

  @Test
  void aStepForwardAnotherMistakeOrAConnectionThatLivedBeginAnew() {
    long now = 0;
    for (int i = 0; i < 100; i++) {
      now += 60_000;
      assertNull(troubles.protocolError("TOO_LONG", i, now), "a step forward each time");
      assertEquals(1, troubles.sameFailureInARow());
    }
    for (int i = 0; i < 100; i++) {
      now += 60_000;
      assertNull(troubles.protocolError(i % 2 == 0 ? "MALFORMED" : "TOO_LONG", 7, now));
    }
    for (int i = 0; i < 100; i++) {
      troubles.answered(now);
      now += 60_000;
      assertNull(troubles.protocolError("TOO_LONG", 7, now), "it lived for a minute");
      troubles.ended(now);
    }
    assertEquals(300, troubles.protocolErrors());
  }

  /** A store at rest that is restarted once a day: nothing gets further, and nothing is wrong. */
  @Test
  void aConnectionThatLivedBetweenBeginsAnewHoweverItEnded() {
    long now = 0;
    for (int day = 0; day < 10; day++) {
      troubles.answered(now);
      assertNull(troubles.protocolError("CLOSED_AT_ONCE", 7, now + 500));
      troubles.ended(now + 500);
      troubles.answered(now + 1_000);
      now += 86_400_000;
      assertNull(troubles.ended(now));
    }
    assertEquals(10, troubles.protocolErrors());
  }

  /** What stands between closes connections that are idle for half a minute. */
  @Test
  void aConnectionWithoutAMistakeBetweenBeginsAnew() {
    long now = 0;
    for (int day = 0; day < 10; day++) {
      troubles.answered(now);
      assertNull(troubles.protocolError("CLOSED_AT_ONCE", 7, now + 500));
      troubles.ended(now + 500);
      for (int idle = 0; idle < 2_000; idle++) {
        troubles.answered(now + 1_000);
        now += 31_000;
        assertNull(troubles.ended(now));
      }
    }
  }

  @Test
  void anAnswerAloneIsNoStepForward() {
    String over = null;
    for (int i = 0; over == null && i < 1000; i++) {
      troubles.answered(i * 1000L);
      over = troubles.protocolError("TOO_LONG", 7, i * 1000L + 500);
      troubles.ended(i * 1000L + 500);
    }
    assertNotNull(over);
  }

  /** It lives for a minute each time, gets further, and makes another mistake each time. */
  @Test
  void whatNeverCeasesIsOverAtLastAlthoughSomethingGetsFurther() {
    String over = null;
    long now = 0;
    int times = 0;
    while (over == null && times < 100) {
      now += 59_000;
      times++;
      troubles.answered(now - 59_000);
      over = troubles.protocolError(times % 2 == 0 ? "MALFORMED" : "TOO_SLOW", times, now);
      troubles.ended(now);
      assertEquals(1, troubles.sameFailureInARow());
      assertEquals(times, troubles.recurringFailures());
    }
    assertTrue(over != null && over.contains("same.failure.timeout.ms=60000"), over);
    assertEquals(8, times, "six minutes");
    assertNull(troubles.protocolError("MALFORMED", 100, now + 60_000), "there was a pause");
    assertEquals(1, troubles.recurringFailures());
    troubles.done();
    assertEquals(0, troubles.recurringFailures());
  }

  @Test
  void progressIsJudgedByTheWindow() {
    LeastProgress progress = new LeastProgress(1000, 10_000, 0);
    assertEquals(10_000, progress.patienceMs(0));
    for (int second = 1; second < 10; second++) {
      progress.received(1);
      assertTrue(!progress.isTooSlow(second * 1000L));
    }
    assertTrue(progress.isTooSlow(10_000), "nine bytes in ten seconds");
    LeastProgress fast = new LeastProgress(1000, 10_000, 0);
    fast.received(10_000);
    assertTrue(!fast.isTooSlow(10_000));
    assertTrue(!fast.isTooSlow(19_999), "a window of its own");
    assertTrue(fast.isTooSlow(20_000));
    LeastProgress any = new LeastProgress(0, 10_000, 0);
    any.received(1);
    assertTrue(!any.isTooSlow(10_000));
    assertTrue(any.isTooSlow(20_000), "silence is too slow at any speed");
  }
}
