package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/**
 * Leader 1 numbers anew. Its snapshot has two events more than its stream has brought, and it is
 * lost before the stream brings them: they are known to exist.
 */
class AwaitedOfALostLeaderTest extends DrivenFollower {
  private static final int NEXT = 10_000;

  /** Of the last entry of leader 1. */
  private int last;

  /** How many entries leader 2 has sent. */
  private int sent;

  private void lostWhileAwaited(GapPolicy policy) {
    start(policy, AT_10);
    caughtUp(0);
    caughtUp(0);
    for (last = 10; orders.snapshot == null; ) {
      last++;
      live(spread(last).event(), last - 10);
    }
    answer(rows(11, last + 2));
    assertEquals(numbers(11, last), orders.produced);
    assertEquals(2, follower.ledger().awaited);
    orders.produced.clear();
    leaderIsLost();
  }

  private static List<SnapshotRow> rows(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj(number -> spread(number)).toList();
  }

  private static List<String> numbers(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toList();
  }

  /** It has these of the lost leader. Entries come until nothing is awaited. */
  private void leader2(List<SnapshotRow> rows) {
    caughtUp(0);
    caughtUp(0);
    while (follower.ledger().awaited > 0) {
      assertTrue(sent < 200, follower.toString());
      if (orders.epoch.connection() != orders.seen) {
        orders.seen = orders.epoch.connection();
        follower.onLiveCaughtUp(orders.epoch, sent);
      } else if (orders.snapshot != null && !orders.snapshot.equals(answered)) {
        answer(Stream.concat(rows.stream(), rows(NEXT + 1, NEXT + sent).stream()).toList());
      } else if (follower.wantsEntries() && now % 500 == 1) {
        sent++;
        live(spread(NEXT + sent).event(), sent);
      } else {
        step();
      }
    }
    follower.onCommitted(follower.emitted());
  }

  @Test
  void whatTheNextLeaderHasComes() {
    lostWhileAwaited(GapPolicy.REPAIR);
    leader2(rows(11, last + 2));
    assertNull(orders.failure);
    assertEquals(numbers(last + 1, last + 2), orders.produced.subList(0, 2));
    assertEquals(numbers(NEXT + 1, NEXT + sent), orders.produced.subList(2, sent + 2));
    assertEquals(0, follower.ledger().unaccounted);
  }

  @Test
  void whatItLacksCountsWhereItIsToGoOn() {
    lostWhileAwaited(GapPolicy.CONTINUE);
    leader2(rows(11, last + 1));
    assertNull(orders.failure);
    assertEquals(last + 1 + "", orders.produced.get(0));
    assertEquals(1, follower.ledger().unaccounted);
    assertEquals(1, kept().losses().events());
  }

  /** Connect stores a position with a record, and with nothing else. */
  @Test
  void otherwiseTheTaskFailsAndSaysThatPerhapsNoPositionTells() {
    lostWhileAwaited(GapPolicy.REPAIR);
    leader2(rows(11, last));
    assertEquals(numbers(NEXT + 1, NEXT + sent), orders.produced);
    assertNotNull(orders.failure);
    assertTrue(orders.failure.contains("2 events of a snapshot are not there"), orders.failure);
    assertTrue(
        orders.failure.contains("perhaps no stored position tells that 2 events"), orders.failure);
  }
}
