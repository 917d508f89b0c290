package io.github.allsourceconnect.source.decision.repair;

import static io.github.allsourceconnect.source.decision.repair.Surroundings.micros;
import static io.github.allsourceconnect.source.decision.repair.Surroundings.row;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.position.StoredPositions;
import io.github.allsourceconnect.source.decision.repair.Repair.Reason;
import org.junit.jupiter.api.Test;

/** Every third entry is missing, and what is held leaves no room: a part of it is produced. */
class RepairPartsTest {
  /** In order up to here. */
  private static final long LAST = 30;

  /** Older than the position looks back, and never produced. */
  private static final SnapshotRow OLD =
      new SnapshotRow(Events.event(900, dense(10) + 1, "{}", "type", "another"), 0, 0);

  private static final SnapshotRow MISSING = row(LAST + 1);

  private final Surroundings around =
      new Surroundings(
          SnapshotMode.INITIAL,
          GapPolicy.REPAIR,
          StoredPositions.at(3, micros(3), "leader-1:3910"));

  private long next = LAST + 2;

  /** Event times a tenth of a second apart, which the position follows. */
  private static long dense(long number) {
    return micros(3) + (number - 3) * 100_000;
  }

  private void inOrder() {
    around.connected().establishedAt(3);
  }

  private void full() {
    for (; !around.stream.held.isFull(); next++) {
      if (next % 3 != 1) {
        around.came(next);
      }
    }
    around.stream.tick(around.now, false);
  }

  private void producesAPart() {
    for (long number = 4; number <= LAST; number++) {
      around.cameAt(number, dense(number));
    }
    around.orders.produced.clear();
    full();
    around.asked(Reason.GAP).answered(OLD, MISSING);
    assertTrue(around.numbers().contains(LAST + 1));
    assertFalse(around.stream.held.isFull());
    assertEquals(LAST, around.stream.walOffset(), "no cut is settled");
  }

  @Test
  void itHasAllThatIsKnownNotToHaveBeenProduced() {
    inOrder();
    producesAPart();
    assertEquals(900, around.numbers().get(0));
    assertTrue(around.orders.said.contains("rows"));
  }

  /** Of the time up to 10 it is not known what is wanted. */
  @Test
  void whereThatIsNotKnownItLooksNoFurtherBackThanThePosition() {
    inOrder();
    around.stream.produced.startAmong(micros(3), dense(10));
    producesAPart();
    assertFalse(around.numbers().contains(900L));
    assertFalse(around.stream.offsets.isBeyondInexact());
  }

  @Test
  void itsRowsMayStandForOthersWhereThePositionCanNotTell() {
    inOrder();
    around.stream.produced.startAmong(micros(3), dense(LAST));
    producesAPart();
    assertTrue(around.stream.offsets.isBeyondInexact());
  }

  /** Rows of a part may be of any offset up to the last that it has. */
  @Test
  void theNextCutIsBehindAllOfIt() {
    inOrder();
    producesAPart();
    full();
    around.askedAgain();
    long last = around.stream.held.lastOffset();
    assertTrue(around.repair.toString().endsWith("cut " + last), around.repair.toString());
  }
}
