package io.github.allsourceconnect.source.decision.repair;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.repair.Repair.Reason;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Each pause between repairs, to the millisecond. */
class PausesTest {
  private static final long MIN_MS = 1_000;
  private static final long MAX_MS = 6_000;
  private static final long BACKOFF_MS = 100;
  private static final long BACKOFF_MAX_MS = 1_000;

  private static final FollowerSettings SETTINGS =
      new FollowerSettings(
          List.of("leader-1:3910"),
          20_000,
          SnapshotMode.INITIAL,
          GapPolicy.REPAIR,
          500,
          MIN_MS,
          MAX_MS,
          0,
          BACKOFF_MS,
          BACKOFF_MAX_MS,
          1 << 20);

  private final RepairPause pause = new RepairPause(SETTINGS);

  @Test
  void failuresPauseTwiceAsLongEachTimeUpToTheLongest() {
    long[] pauses = {100, 200, 400, 800, 1_000, 1_000};
    for (int attempt = 1; attempt <= pauses.length; attempt++) {
      pause.failed(attempt, 7);
      assertEquals(7 + pauses[attempt - 1], pause.notBefore(), "attempt " + attempt);
    }
    pause.failed(200, 7);
    assertEquals(7 + BACKOFF_MAX_MS, pause.notBefore());
  }

  @Test
  void gapsThatComeSoonPauseTwiceAsLongEachTimeUpToTheLongest() {
    long[] pauses = {1_000, 2_000, 4_000, 6_000, 6_000};
    long now = 100_000;
    for (long expected : pauses) {
      pause.needed(Reason.GAP, now);
      pause.requested(now);
      assertEquals(now + expected, pause.notBefore());
      pause.ended(now);
      now += 1;
    }
  }

  @Test
  void twiceThePauseWithoutAGapKeepsItAndEightTimesEndsIt() {
    pause.ended(0);
    pause.needed(Reason.GAP, 2 * MIN_MS - 1);
    pause.requested(2 * MIN_MS - 1);
    assertEquals(4 * MIN_MS - 1, pause.notBefore(), "2,000 ms by now");
    pause.ended(10_000);
    pause.needed(Reason.GAP, 10_000 + 2 * 2_000);
    pause.requested(14_000);
    assertEquals(16_000, pause.notBefore(), "no gap came soon");
    pause.ended(20_000);
    pause.needed(Reason.RECONNECT, 20_001);
    pause.requested(20_001);
    assertEquals(22_001, pause.notBefore(), "a reconnect is no gap");
    pause.ended(30_000);
    pause.needed(Reason.GAP, 30_000 + 8 * 2_000);
    pause.requested(46_000);
    assertEquals(48_000, pause.notBefore(), "not yet over");
    pause.ended(50_000);
    pause.needed(Reason.GAP, 50_000 + 8 * 2_000 + 1);
    pause.requested(66_001);
    assertEquals(66_001 + MIN_MS, pause.notBefore(), "over");
  }

  @Test
  void whatTheWholeStreamWaitsForIsNotPausedLongerThanTheShortest() {
    pause.requested(5_000);
    pause.again(100_000);
    pause.urgent();
    assertEquals(6_000, pause.notBefore());
    pause.again(5_500);
    pause.urgent();
    assertEquals(5_500, pause.notBefore());
  }

  /** One snapshot may not be enough to tell where a connection's entries belong. */
  @Test
  void theNextLookThatTheStreamWaitsForIsNotPausedLongerEither() {
    RepairNeed need = new RepairNeed(SETTINGS);
    long now = 100_000;
    for (int gap = 0; gap < 4; gap++) {
      need.want(Reason.GAP, true, ++now);
      need.requested(now);
      need.ended(now);
    }
    assertEquals(now + MAX_MS, need.notBefore());
    need.want(Reason.RECONNECT, true, ++now);
    need.requested(now);
    assertEquals(now + MIN_MS, need.notBefore());
    need.requested(now += MIN_MS);
    assertEquals(now + MIN_MS, need.notBefore());
    need.failed(false, false);
    need.requested(now += MIN_MS);
    assertEquals(now + MAX_MS, need.notBefore(), "one that fails is not asked so often");
  }
}
