package io.github.allsourceconnect.sink.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.sink.decision.HistoryCoverage.Hole;
import io.github.allsourceconnect.sink.decision.PartitionSettings.GapPolicy;
import io.github.allsourceconnect.sink.decision.PartitionSettings.SnapshotMode;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** What a partition shows and says of itself, and who gets the history. */
class LeaderLogFiguresTest {
  private static final SeenLog LOG = new SeenLog(new LogIdentity("cluster", "topic"), 1);

  private final RecordedOrders recorded =
      new RecordedOrders() {
        @Override
        public void forgetRead(int number) {
          orders.add("forget " + number);
        }
      };
  private final List<String> orders = recorded.orders;
  private final List<String> said = recorded.said;

  private LeaderLog leader(SnapshotMode mode, GapPolicy policy) {
    LeaderLog leader =
        new LeaderLog(
            new PartitionSettings("t-0", 3, 2, 1000, 0, mode, true, policy, 1, 1, 1_000, 1_000),
            recorded,
            0);
    leader.onHanded(0, Long.MAX_VALUE);
    return leader;
  }

  /** The log ends there. */
  private LeaderLog leader(SnapshotMode mode, GapPolicy policy, HistoryCoverage kept, long end) {
    LeaderLog leader = leader(mode, policy);
    leader.onHistory(LOG.identity(), kept);
    leader.onTailStart(LOG, end);
    return leader;
  }

  private static void subscribe(LeaderLog leader, int follower, long offset, long begin, long end) {
    leader.onConnected(follower, "f" + follower);
    leader.onSubscribe(follower, offset);
    leader.onBounds(LOG, begin, end);
  }

  private boolean isSaid(String what) {
    return said.stream().anyMatch(message -> message.contains(what));
  }

  @Test
  void whoHasEverythingIsNotCatchingUp() {
    LeaderLog leader = leader(SnapshotMode.WHEN_NEEDED, GapPolicy.REFUSE, HistoryCoverage.NONE, 5);
    subscribe(leader, 1, 5, 0, 5);
    assertEquals(0, leader.figures().catchingUp());
    subscribe(leader, 2, 2, 0, 5);
    assertEquals(1, leader.figures().catchingUp());
    leader.onConnected(3, "f3");
    assertEquals(2, leader.figures().followers());
    assertEquals(1, leader.figures().newcomers());
    leader.closeAll("the end");
    assertEquals(0, leader.figures().followers());
    assertEquals(0, leader.figures().newcomers());
    assertEquals(0, leader.figures().refused());
  }

  @Test
  void theLagIsThatOfTheSlowestOrOfWhatIsCommitted() {
    LeaderLog leader = leader(SnapshotMode.WHEN_NEEDED, GapPolicy.REFUSE, HistoryCoverage.NONE, 9);
    subscribe(leader, 1, 4, 2, 9);
    assertEquals(5, leader.figures().lag());
    subscribe(leader, 2, 7, 2, 9);
    assertEquals(5, leader.figures().lag(), "the slowest counts");
    leader.onClosed(1, "it left");
    assertEquals(2, leader.figures().lag());
  }

  @Test
  void theOldestNewcomerGoesWhenThereAreTooMany() {
    LeaderLog leader = leader(SnapshotMode.WHEN_NEEDED, GapPolicy.REFUSE);
    for (int follower = 1; follower <= 3; follower++) {
      leader.onConnected(follower, "f" + follower);
    }
    assertEquals(List.of("close 1"), orders);
    assertEquals(1, leader.figures().refused());
    assertEquals(2, leader.figures().newcomers());
  }

  @Test
  void whatNewcomersCameToIsSaidOnceAMinute() {
    LeaderLog leader = leader(SnapshotMode.WHEN_NEEDED, GapPolicy.REFUSE);
    for (int follower = 1; follower <= 4; follower++) {
      leader.onConnected(follower, "f" + follower);
    }
    leader.onClosed(4, "it left");
    leader.tick(999);
    assertEquals(List.of("close 1", "close 2"), orders);
    leader.tick(1_000);
    assertEquals(List.of("close 1", "close 2", "close 3"), orders);
    leader.tick(59_999);
    assertEquals(List.of(), said);
    leader.tick(60_000);
    assertTrue(isSaid("INFO t-0: 1 connections went in the last minute"), said.toString());
    assertTrue(isSaid("1 after 1000 ms (subscribe.timeout.ms), 2 because"), said.toString());
    said.clear();
    leader.tick(120_000);
    assertEquals(List.of(), said, "nothing new");
  }

  @Test
  void whereTheTopicBeginsIsSaidToWhomItNoLongerServes() {
    LeaderLog leader = leader(SnapshotMode.NEVER, GapPolicy.REFUSE, HistoryCoverage.NONE, 9);
    subscribe(leader, 1, 3, 5, 9);
    assertTrue(
        isSaid("it needs offset 4 but the topic begins at 6: 2 offsets are gone from it"),
        said.toString());
  }

  @Test
  void aNewFollowerGetsTheHistoryFirstIfTheModeSaysSo() {
    for (SnapshotMode mode : SnapshotMode.values()) {
      orders.clear();
      LeaderLog leader = leader(mode, GapPolicy.REFUSE, new HistoryCoverage(0, 5), 9);
      subscribe(leader, 1, 0, 0, 9);
      assertEquals(
          List.of(mode == SnapshotMode.INITIAL ? "history 1 0" : "read 1 at 0"), orders, "" + mode);
      orders.clear();
      subscribe(leader, 2, 3, 0, 9);
      assertEquals(List.of("read " + (mode == SnapshotMode.INITIAL ? 1 : 2) + " at 3"), orders);
    }
  }

  @Test
  void ofAHistoryThatHasNothingLeftNothingIsSent() {
    LeaderLog leader =
        leader(
            SnapshotMode.WHEN_NEEDED,
            GapPolicy.CONTINUE,
            new HistoryCoverage(0, 5, List.of(new Hole(0, 5, "damaged"))),
            9);
    subscribe(leader, 1, 0, 5, 9);
    assertEquals(List.of("read 1 at 5"), orders);
    assertEquals(1, leader.figures().incomplete());
    assertTrue(isSaid("served without WAL offsets 1 to 5 (damaged)"), said.toString());
  }

  @Test
  void ofAnotherLogTheBoundsAreAskedAtOnceAndWhatWasReadIsForgotten() {
    LeaderLog leader = leader(SnapshotMode.WHEN_NEEDED, GapPolicy.REFUSE, HistoryCoverage.NONE, 9);
    subscribe(leader, 1, 3, 0, 9);
    assertEquals(List.of("read 1 at 3"), orders);
    int before = recorded.bounds;
    leader.onLog(new SeenLog(new LogIdentity("cluster", "another"), 2));
    assertEquals(List.of("read 1 at 3", "forget 1", "close 1"), orders);
    assertEquals(before + 1, recorded.bounds);
  }

  @Test
  void aLogThatIsCutForgetsWhatWasBeingRead() {
    LeaderLog leader = leader(SnapshotMode.WHEN_NEEDED, GapPolicy.REFUSE, HistoryCoverage.NONE, 9);
    subscribe(leader, 1, 3, 0, 9);
    subscribe(leader, 2, 3, 0, 9);
    leader.onClosed(2, "it left");
    assertEquals(List.of("read 1 at 3"), orders, "one read for both, and one still waits");
    leader.onTruncated(1, 5);
    assertEquals(List.of("read 1 at 3", "forget 1", "close 1"), orders);
    assertEquals(0, leader.figures().memoryBytes());
  }

  /** What happens and what may be committed is the same, however often somebody wants to know. */
  @Test
  void questionsChangeNothing() {
    for (long seed = 1; seed <= 200; seed++) {
      List<String> unasked = story(seed, false);
      assertEquals(unasked, story(seed, true), "seed " + seed);
    }
  }

  /** Followers that come, ack, lag behind and go; ends with what may be committed. */
  private static List<String> story(long seed, boolean asked) {
    SplittableRandom random = new SplittableRandom(seed);
    RecordedOrders told = new RecordedOrders();
    LeaderLog leader =
        new LeaderLog(
            new PartitionSettings(
                "t-0",
                9,
                9,
                1000,
                0,
                SnapshotMode.NEVER,
                false,
                GapPolicy.REFUSE,
                1,
                random.nextInt(3),
                1_000,
                1_000),
            told,
            0);
    leader.onHanded(0, Long.MAX_VALUE);
    leader.onTailStart(LOG, 0);
    long[] acked = new long[40];
    long end = 0;
    int last = 0;
    for (int step = 0; step < 40; step++) {
      int follower = last == 0 ? 0 : 1 + random.nextInt(last);
      switch (random.nextInt(6)) {
        case 0 -> {
          subscribe(leader, ++last, end, 0, end);
          acked[last] = end;
        }
        case 1, 2 -> {
          LogBlock.Builder block = new LogBlock.Builder(end);
          block.add(end, new byte[] {'\n'});
          leader.onTail(1, block.build(++end));
        }
        case 3, 4 -> {
          if (follower > 0 && acked[follower] < end) {
            leader.onAck(follower, ++acked[follower]);
          }
        }
        default -> leader.onClosed(follower, "it left");
      }
      if (random.nextInt(9) == 0) {
        leader.tick(step);
      }
      if (asked) {
        assertEquals(leader.figures().committable(), leader.committable());
        assertEquals(leader.commitPoint(), leader.commitPoint());
      }
    }
    told.orders.add("committable " + leader.committable() + ", " + leader.commitPoint());
    told.orders.add(leader.figures().toString());
    return told.orders;
  }
}
