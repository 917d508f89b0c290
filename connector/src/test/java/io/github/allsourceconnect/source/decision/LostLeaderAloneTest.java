package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredPositions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * The lost leader is asked alone for what its hole lacked, behind which more came than a position
 * lists; and the worker is killed, or the leader lost again, before all of its rows are produced.
 */
class LostLeaderAloneTest extends DrivenFollower {
  private static final int LAST = 4_000;

  private SourcePosition kept;
  private int lives;

  /** 11 and 14 came from leader 1, 12 and 13 from nowhere. */
  @BeforeEach
  void failed() {
    aHoleIsLost(14);
    live(spread(LAST + 1).event(), LAST);
    awaitSnapshot();
    answer(rows(1_001, LAST));
    kept = kept();
    follower.onCommitted(follower.emitted());
    assertNotNull(orders.failure);
    orders.produced.clear();
  }

  private static List<SnapshotRow> rows(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj(number -> spread(number)).toList();
  }

  private void lostLeaderAlone() {
    start(GapPolicy.REPAIR, kept, 1 << 20, LEADERS.subList(0, 1));
    awaitConnection();
    for (int i = 0; i < 4; i++) {
      follower.onLiveCaughtUp(orders.epoch, 20);
      step();
      orders.seen = orders.epoch.connection();
    }
    live(spread(LAST + 5 + lives).event(), 21 + lives);
    lives++;
    awaitSnapshot();
  }

  /** Only the first of its rows have been produced. */
  private void produceFirst(int many) {
    answered = orders.snapshot;
    follower.onSnapshotComplete(answered, List.of("events.parquet"), 1, 0);
    while (orders.produced.size() < many) {
      for (int n = 11; n <= 400 && orders.produced.size() < many && follower.wantsRows(); n++) {
        follower.onRow(answered, spread(n <= 20 ? n : n + 500));
        while (follower.dueBytes() >= 0 && orders.produced.size() < many) {
          follower.produceNext();
        }
      }
      if (orders.produced.size() < many) {
        follower.onRowsEnd(answered);
      }
    }
  }

  @Test
  void theFirstRowsDoNotSettleItsHole() {
    lostLeaderAlone();
    produceFirst(2);
    assertEquals(List.of("11", "12"), orders.produced);
    assertEquals(2, StoredPositions.passedOver(kept().missing()));
    follower.onSnapshotFailed(answered, "the leader is lost again");
    assertEquals(2, StoredPositions.passedOver(kept().missing()));
  }

  /** What it had produced before is known then, and may be what was there: that counts nothing. */
  @Test
  void aTaskThatFollowsOneThatWasKilledCountsRatherTooMuch() {
    for (int many : new int[] {1, 4}) {
      orders.produced.clear();
      lostLeaderAlone();
      produceFirst(many);
      kept = kept();
    }
    lostLeaderAlone();
    List<SnapshotRow> rows = new ArrayList<>(rows(11, 20));
    rows.addAll(rows(LAST + 5, LAST + 3 + lives));
    answer(rows);
    follower.onCommitted(follower.emitted());
    step();
    assertNotNull(orders.failure);
    assertTrue(follower.ledger().open > 0);
  }
}
