package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A lost leader's hole, of which the next leader lacks the event, and more behind it than a
 * position can list: what the task does that follows the one that failed.
 */
class PassedOverForGoodTest extends DrivenFollower {
  private static final int ROWS = 3_000;
  private static final int LAST = 1_000 + ROWS;

  private SourcePosition kept;

  /** 11 and 13 came from leader 1, 12 from nowhere; leader 2 has what was written seconds later. */
  @BeforeEach
  void failed() {
    aHoleIsLost(13);
    live(spread(LAST + 1).event(), ROWS + 1);
    awaitSnapshot();
    answer(rows());
    kept = kept();
    follower.onCommitted(follower.emitted());
    assertNotNull(orders.failure);
    assertEquals(ROWS + 3, orders.produced.size());
    assertTrue(kept.isInexact(), "a position that lists so many: " + kept);
    orders.produced.clear();
  }

  private static List<SnapshotRow> rows() {
    return IntStream.rangeClosed(1_001, LAST).mapToObj(number -> spread(number)).toList();
  }

  private void goOn() {
    caughtUp(ROWS + 1);
    live(spread(LAST + 3).event(), ROWS + 3);
    awaitSnapshot();
    List<SnapshotRow> rows = new ArrayList<>(rows());
    rows.add(spread(LAST + 1));
    rows.add(spread(LAST + 2));
    answer(rows);
    follower.onCommitted(follower.emitted());
  }

  @Test
  void theTaskThatGoesOnWithoutItRepeatsNothing() {
    start(GapPolicy.CONTINUE, kept);
    assertEquals(1, follower.ledger().unaccounted);
    assertTrue(orders.hasLogged("1 events are counted as unaccounted"), orders.logged.toString());
    goOn();
    assertNull(orders.failure);
    assertEquals(List.of(LAST + 2 + "", LAST + 3 + ""), orders.produced);
    assertEquals(1, follower.ledger().unaccounted);
    assertEquals(0, follower.ledger().inexactRepairs);
    assertEquals(0, follower.ledger().open);
    SourcePosition after = kept();
    assertEquals(1, after.losses().events());
    assertEquals(SourcePosition.Missing.NONE, after.missing());
  }

  @Test
  void soDoesTheOneThatTakesTheWholeSnapshotWhenNeeded() {
    start(SnapshotMode.WHEN_NEEDED, GapPolicy.REPAIR, kept, 1 << 20, LEADERS);
    assertEquals(1, follower.ledger().unaccounted);
    goOn();
    assertEquals(List.of(LAST + 2 + "", LAST + 3 + ""), orders.produced);
  }

  @Test
  void theTaskThatMayNotGoOnWithoutItFailsBeforeItRepeatsAnything() {
    for (GapPolicy policy : List.of(GapPolicy.REPAIR, GapPolicy.FAIL)) {
      start(policy, kept);
      assertNotNull(orders.failure);
      assertTrue(orders.failure.contains("restart the task with a single address"));
      assertEquals(List.of(), orders.produced);
      assertEquals(0, orders.epoch.connection(), "it does not connect");
    }
  }

  /** It looks whatever that repeats, for it was told to. */
  @Test
  void theLeaderThatHadItIsAskedWhereItIsTheOnlyOne() {
    start(GapPolicy.REPAIR, kept, 1 << 20, LEADERS.subList(0, 1));
    assertNull(orders.failure);
    caughtUp(13);
    caughtUp(13);
    live(spread(LAST + 3).event(), 14);
    awaitSnapshot();
    List<SnapshotRow> rows = new ArrayList<>(List.of(spread(11), spread(12)));
    rows.add(spread(13));
    answer(rows);
    assertNull(orders.failure);
    assertTrue(orders.produced.contains("12"), orders.produced.toString());
    assertEquals(new HashSet<>(orders.produced).size(), orders.produced.size());
    follower.onCommitted(follower.emitted());
    assertNull(orders.failure, "it is found");
    assertEquals(0, follower.ledger().unaccounted);
    assertEquals(0, follower.ledger().open);
    assertEquals(1, follower.ledger().late);
  }

  @Test
  void theLeaderThatHadItMustHaveAsMuchAsIsMissing() {
    start(GapPolicy.REPAIR, kept, 1 << 20, LEADERS.subList(0, 1));
    caughtUp(13);
    caughtUp(13);
    live(spread(LAST + 3).event(), 14);
    awaitSnapshot();
    answer(List.of());
    follower.onCommitted(follower.emitted());
    assertNotNull(orders.failure);
    assertEquals(1, follower.ledger().open);
  }

  /** Its files may have lacked it only then: a follower that was just promoted may have none. */
  @Test
  void theNextLeaderIsAskedAgainWhereItIsTheOnlyOne() {
    start(GapPolicy.REPAIR, kept, 1 << 20, LEADERS.subList(1, 2));
    assertNull(orders.failure);
    caughtUp(ROWS + 1);
    live(spread(LAST + 3).event(), ROWS + 3);
    awaitSnapshot();
    List<SnapshotRow> rows = new ArrayList<>(List.of(spread(12)));
    rows.addAll(rows());
    rows.add(spread(LAST + 1));
    rows.add(spread(LAST + 2));
    answer(rows);
    assertTrue(orders.produced.contains("12"), orders.produced.size() + " produced");
    follower.onCommitted(follower.emitted());
    assertNotNull(orders.failure, "nothing tells that it is the one");
    assertEquals(1, follower.ledger().open);
  }

  /**
   * Of the next leader it is not known what it wrote before its first entry that came: its files
   * could not be had. What is passed over for good then may be more than is known to be missing.
   */
  @Test
  void whatTheNextLeaderWroteBeforeItsFirstEntryIsNotPassedOverUnseen() {
    aHoleIsLost(13);
    orders.produced.clear();
    for (int i = 1; i <= ROWS; i++) {
      live(spread(1_000 + i).event(), 100 + i); // 901 to 1000 were dropped on the way
    }
    for (int looks = 0; looks < 12 && orders.produced.size() < ROWS; looks++) {
      awaitSnapshot();
      answered = orders.snapshot;
      follower.onSnapshotNone(answered, 100 + ROWS);
      for (int i = 0; i < 20; i++) {
        step();
      }
    }
    kept = kept();
    follower.onCommitted(follower.emitted());
    assertNotNull(orders.failure);
    assertFalse(kept.missing().isBehindUnlisted(), kept.toString());
    orders.produced.clear();
    start(GapPolicy.CONTINUE, kept);
    caughtUp(100 + ROWS);
    live(spread(LAST + 2).event(), 102 + ROWS);
    awaitSnapshot();
    answer(IntStream.rangeClosed(901, LAST + 1).mapToObj(number -> spread(number)).toList());
    assertTrue(orders.produced.contains("950"), orders.produced.size() + " produced");
    assertEquals(1, follower.ledger().unaccounted);
  }
}
