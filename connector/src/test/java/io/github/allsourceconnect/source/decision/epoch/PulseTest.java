package io.github.allsourceconnect.source.decision.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.github.allsourceconnect.source.decision.RecordedOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.Request;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PulseTest {
  private static final long DEAD_MS = 10_000;

  private final Recorder orders = new Recorder();
  private final FollowerSettings settings =
      new FollowerSettings(
          List.of("leader-1:3910"),
          DEAD_MS,
          SnapshotMode.INITIAL,
          GapPolicy.REPAIR,
          500,
          1_000,
          300_000,
          0,
          1_000,
          30_000,
          1 << 20);
  private final LiveLink live = new LiveLink(settings, orders, "", new SplittableRandom(1));
  private final Pulse pulse = new Pulse(settings, orders);

  private void goLive(long now) {
    live.tick(now, 7, 7, 0);
    live.caughtUp(7, now);
  }

  @Test
  void asksAfterHalfTheTimeoutOfSilenceAndAgainAfterEachFurtherOne() {
    goLive(1);
    pulse.tick(live, 1, 7, DEAD_MS / 2);
    assertEquals(List.of(), orders.probes);
    assertEquals(1 + DEAD_MS / 2, pulse.wakeAt(live, 1));
    pulse.tick(live, 1, 7, 1 + DEAD_MS / 2);
    assertEquals(List.of(7L), orders.probes);
    pulse.tick(live, 1, 7, 3 * DEAD_MS);
    assertEquals(List.of(7L), orders.probes);
    pulse.answered();
    pulse.tick(live, 1, 7, 3 * DEAD_MS);
    assertEquals(List.of(7L, 7L), orders.probes);
  }

  @Test
  void whatComesIsNoSilence() {
    goLive(1);
    pulse.tick(live, DEAD_MS, 7, DEAD_MS + 1);
    assertEquals(List.of(), orders.probes);
  }

  @Test
  void claimsNoAckThatWasNotGiven() {
    goLive(1);
    pulse.tick(live, 1, 0, DEAD_MS);
    assertEquals(List.of(1L), orders.probes);
    List<Integer> doubts = new ArrayList<>();
    for (int i = 1; i <= 30; i++) {
      if (pulse.judge(true, -1, false, 7, 7, 0) != null) {
        doubts.add(i);
      }
    }
    assertEquals(List.of(4, 12, 28), doubts, "a newcomer may always have got more");
  }

  @Test
  void doubtsAddUpUntilSomethingIsHeard() {
    goLive(1);
    long heard = 100;
    List<Integer> doubts = new ArrayList<>();
    for (int i = 1; i <= 20; i++) {
      if (i == 10) {
        heard = i * DEAD_MS - 1; // after the ninth question
      }
      pulse.tick(live, heard, 0, i * DEAD_MS + DEAD_MS / 2);
      assertEquals(i, orders.probes.size());
      pulse.answered();
      if (pulse.judge(true, -1, false, 7, 7, 0) != null) {
        doubts.add(i);
      }
    }
    assertEquals(List.of(4, 13), doubts);
  }

  @Test
  void anotherConnectionIsAskedAboutAnew() {
    goLive(1);
    pulse.tick(live, 1, 7, DEAD_MS);
    live.giveUp("test", DEAD_MS);
    goLive(3 * DEAD_MS);
    pulse.tick(live, 1, 7, 4 * DEAD_MS);
    assertEquals(2, orders.probes.size());
  }

  @Test
  void judgesTheAnswer() {
    goLive(1);
    pulse.tick(live, 1, 7, DEAD_MS);
    assertNull(pulse.judge(false, 7, false, 7, 7, 0));
    assertNull(pulse.judge(false, 5, false, 7, 7, 0), "it may step back a little");
    assertNull(pulse.judge(false, 0, false, 7, 0, 0), "nothing was written since it started");
    assertNotNull(pulse.judge(false, 8, false, 7, 7, 0));
    assertNotNull(pulse.judge(false, 0, false, 7, 7, 0), "it was restarted");
    assertNotNull(pulse.judge(false, 10, false, 90, 90, 0), "it was restarted");
    assertNull(
        pulse.judge(false, 10, false, 90, 90, 20), "it steps back as far as entries overtake");
    assertNotNull(pulse.judge(true, -1, false, 7, 7, 0));
    assertNotNull(pulse.judge(true, -1, true, 7, 7, 0));
    assertNull(pulse.judge(false, 9, true, 7, 7, 0), "offsets of a replaying leader have holes");
  }

  private static final class Recorder extends RecordedOrders {
    private final List<Long> probes = new ArrayList<>();

    @Override
    public void probe(Request request, long lastOffset) {
      probes.add(lastOffset);
    }
  }
}
