package io.github.allsourceconnect.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.simulation.clock.Scheduler;
import io.github.allsourceconnect.simulation.clock.Trace;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.position.Ledger;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the judge must not find fault with, and what it must still. */
class SourceJudgeTest {
  private static final int TWENTY_S = 20_000;

  private final Trace trace = new Trace(new Scheduler(), true);
  private final Ledger ledger = new Ledger();
  private final Link link = new Link();
  private SourceJudge judge = judge(SnapshotMode.INITIAL);

  /** Its offsets are its events. */
  private static final class Link implements Upstream.Link {
    @Override
    public void subscribe(long lastOffset) {}

    @Override
    public boolean isOpen() {
      return true;
    }

    @Override
    public void pump() {}

    @Override
    public void ack(long offset) {}

    @Override
    public long ackable(KafkaModel kafka) {
      return 0;
    }

    @Override
    public void abandon() {}

    @Override
    public boolean isHonest() {
      return true;
    }

    @Override
    public int eventAt(long offset) {
      return offset > 10 ? -1 : (int) offset;
    }

    @Override
    public long offsetOf(int event) {
      return event;
    }
  }

  private SourceJudge judge(SnapshotMode mode) {
    return new SourceJudge(
        new FollowerSettings(
            List.of("leader-1:3910"),
            TWENTY_S,
            mode,
            GapPolicy.REPAIR,
            500,
            1_000,
            60_000,
            0,
            1_000,
            30_000,
            1 << 20),
        trace,
        0);
  }

  private void live(int connection, long at) {
    judge.connects(connection, at);
    judge.connected(link);
    judge.live(connection, at);
  }

  private void entries(int connection, int from, int to, long at) {
    for (int offset = from; offset <= to; offset++) {
      judge.arrives(connection, offset, offset, at);
    }
  }

  /** 1 is acked, 3 came, and a repair has produced 2 from a row. */
  private void repairFindsOne() {
    live(1, 0);
    entries(1, 1, 1, 10);
    judge.acks(1);
    entries(1, 3, 3, 20);
    judge.asksSnapshot(1, 10_000);
    judge.snapshotEnds(false, 10_000);
    judge.produces(2, true, true, 10_001);
    ledger.snapshotRows = 1;
  }

  private void assertFound(String... violations) {
    assertEquals(List.of(violations), trace.violations());
  }

  @Test
  void aRepairThatIsGivenUpWithItsConnectionNeedNotCount() {
    repairFindsOne();
    judge.lost(1, 10_002);
    judge.connects(2, 11_002);
    judge.check(ledger);
    assertFound();
  }

  @Test
  void aRepairThatIsAckedCounts() {
    repairFindsOne();
    judge.acks(3);
    judge.check(ledger);
    judge.lost(1, 10_002);
    judge.connects(2, 11_002);
    judge.check(ledger);
    String uncounted = "1 events of holes were found, 0 count as repaired";
    assertFound(uncounted, uncounted);
  }

  @Test
  void anEntryTakenAfterTheLossMakesTheConnectionASuccess() {
    live(1, 0);
    entries(1, 1, 1, 10);
    judge.lost(1, 20);
    judge.delivers(1, 1);
    live(2, 1_020);
    judge.lost(2, 1_030);
    judge.connects(3, 1_800);
    assertFound();
  }

  @Test
  void withoutOnePausesGrow() {
    live(1, 0);
    entries(1, 1, 1, 10);
    judge.lost(1, 20);
    live(2, 1_020);
    judge.lost(2, 1_030);
    judge.connects(3, 1_800);
    assertFound("attempt 3 comes after 770 ms, 2000 are promised");
  }

  @Test
  void aRowOfTheSeamWhoseLineCanNotBeReadLeavesARepairUnverified() {
    live(1, 0);
    entries(1, 1, 1, 10);
    judge.produces(2, true, true, 20);
    ledger.snapshotRows = 1;
    judge.acks(1);
    entries(1, 3, 3, 30);
    judge.snapshotEnds(false, 10_000);
    ledger.unverifiedRepairs = 2; // where the numbering began, and the credit for the row
    judge.check(ledger);
    assertFound();
    ledger.unverifiedRepairs = 3;
    judge.check(ledger);
    assertFound("3 repairs count as unverified, 2 can't be verified");
  }

  @Test
  void aTaskThatIsDoneClosesAnHonestConnection() {
    judge = judge(SnapshotMode.INITIAL_ONLY);
    live(1, 0);
    entries(1, 1, 10, 10);
    judge.acks(10);
    judge.closes(1, "snapshot.mode=initial_only: the snapshot is complete", 20);
    assertFound();
  }

  @Test
  void anotherTaskDoesNot() {
    live(1, 0);
    entries(1, 1, 10, 10);
    judge.acks(10);
    judge.closes(1, "snapshot.mode=initial_only: the snapshot is complete", 20);
    assertFound(
        "an honest connection is closed: snapshot.mode=initial_only: the snapshot is complete");
  }
}
