package io.github.allsourceconnect.sink.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.sink.decision.HistoryCoverage.Hole;
import io.github.allsourceconnect.sink.decision.PartitionSettings.GapPolicy;
import io.github.allsourceconnect.sink.decision.PartitionSettings.SnapshotMode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Why followers are closed, what is said of it, when Kafka is asked, and who waits for what. */
class ClosedFollowersTest {
  private static final SeenLog LOG = new SeenLog(new LogIdentity("cluster", "topic"), 1);

  private final RecordedOrders recorded = new RecordedOrders();
  private final List<String> orders = recorded.orders;
  private final List<String> said = recorded.said;

  private LeaderLog leader(SnapshotMode mode, boolean historyKept) {
    LeaderLog leader = paused(mode, historyKept);
    leader.onHanded(0, Long.MAX_VALUE);
    return leader;
  }

  /** The history has all of the log. */
  private LeaderLog withHistory() {
    LeaderLog leader = leader(SnapshotMode.WHEN_NEEDED, true);
    leader.onHistory(LOG.identity(), new HistoryCoverage(0, 9));
    leader.onTailStart(LOG, 9);
    return leader;
  }

  /** Connect has handed nothing over yet. */
  private LeaderLog paused(SnapshotMode mode, boolean historyKept) {
    return new LeaderLog(
        new PartitionSettings(
            "t-0", 2, 5, 1000, 500, mode, historyKept, GapPolicy.REFUSE, 1, 1, 1_000, 1_000),
        recorded,
        0);
  }

  private static LogBlock block(long offset) {
    LogBlock.Builder builder = new LogBlock.Builder(offset);
    builder.add(offset, new byte[10]);
    return builder.build(offset + 1);
  }

  private static void subscribe(LeaderLog leader, int follower, long offset, long begin, long end) {
    leader.onConnected(follower, "f" + follower);
    leader.onSubscribe(follower, offset);
    leader.onBounds(LOG, begin, end);
  }

  private void assertLastSaid(String what) {
    assertTrue(!said.isEmpty() && said.get(said.size() - 1).endsWith(what), said.toString());
  }

  @Test
  void whoAcksWhatItWasNotSentIsClosed() {
    LeaderLog leader = leader(SnapshotMode.NEVER, false);
    leader.onTailStart(LOG, 5);
    subscribe(leader, 1, 5, 0, 5);
    leader.onTail(1, block(5));
    leader.onAck(1, 6);
    leader.onAck(1, 6);
    assertEquals(0, leader.figures().refused());
    assertEquals(6, leader.figures().lowestAcked());
    leader.onAck(1, 7);
    assertLastSaid("follower f1 is closed: it acked 7 but was sent nothing above 6");
    subscribe(leader, 2, 5, 0, 6);
    leader.onAck(2, 4);
    assertLastSaid("it acked 4 after 5");
    leader.onConnected(3, "f3");
    leader.onAck(3, 0);
    assertLastSaid("its first line is an ack, not subscribe");
    subscribe(leader, 4, 5, 0, 6);
    leader.onSubscribe(4, 5);
    assertLastSaid("it sent a second subscribe line");
    leader.onConnected(5, "f5");
    leader.onOffence(5, "that is nothing");
    assertLastSaid("WARN t-0: follower f5 is closed: that is nothing");
    assertEquals(5, leader.figures().refused());
    leader.onStranger("f6");
    assertLastSaid("WARN t-0: f6 is closed: its address is not in listener.allowed.cidrs");
    assertEquals(6, leader.figures().refused());
    assertEquals(0, leader.figures().followers());
    assertEquals(0, leader.figures().newcomers());
  }

  @Test
  void noMoreThanTheMostAreServed() {
    LeaderLog leader = leader(SnapshotMode.NEVER, false);
    leader.onTailStart(LOG, 5);
    subscribe(leader, 1, 5, 0, 5);
    subscribe(leader, 2, 5, 0, 5);
    subscribe(leader, 3, 5, 0, 5);
    assertLastSaid("there are 2 followers already, the most that follower.max allows");
    leader.onClosed(1, "it left");
    assertLastSaid("INFO t-0: follower f1 left (it left); it has acked 5");
    subscribe(leader, 4, 5, 0, 5);
    assertEquals(2, leader.figures().followers());
  }

  @Test
  void whoIsAheadOfTheLogIsTold() {
    LeaderLog leader = leader(SnapshotMode.NEVER, false);
    leader.onTailStart(LOG, 5);
    subscribe(leader, 1, 5, 0, 5);
    assertEquals(1, leader.figures().followers());
    subscribe(leader, 2, 6, 0, 5);
    assertLastSaid(
        "it has everything up to 6 but the log ends at 5: it followed another log, or the topic was"
            + " created again. Reset the follower, or point it to the right port");
  }

  @Test
  void whatIsGoneIsToldWithWhatWouldHelp() {
    LeaderLog without = leader(SnapshotMode.WHEN_NEEDED, false);
    without.onTailStart(LOG, 9);
    subscribe(without, 1, 3, 5, 9);
    assertLastSaid(
        "2 offsets are gone from it, and no history is kept: set snapshot.dir or snapshot.topic"
            + " before the topic's retention takes entries away; a longer retention also helps");
    LeaderLog never = leader(SnapshotMode.NEVER, true);
    never.onHistory(LOG.identity(), HistoryCoverage.NONE);
    never.onTailStart(LOG, 9);
    subscribe(never, 1, 3, 5, 9);
    assertLastSaid("and snapshot.mode is never; a longer retention also helps");
  }

  @Test
  void whyTheHistoryDoesNotHelpIsTold() {
    assertTrue(refusal(new HistoryCoverage(5, 5)).endsWith("; the history is empty"));
    assertTrue(refusal(HistoryCoverage.NONE).endsWith("; the history is empty"));
    assertTrue(
        refusal(new HistoryCoverage(0, 10))
            .endsWith(
                "the history holds 1 to 10, which is beyond the log's end: it is the history of"
                    + " another log"));
    assertTrue(
        refusal(new HistoryCoverage(0, 6))
            .endsWith(
                "the history holds 1 to 6, so nothing leads from the follower's offset to where the"
                    + " topic begins"));
    assertTrue(
        refusal(new HistoryCoverage(0, 9, List.of(new Hole(4, 5, "lost"))))
            .contains("the history holds 1 to 9, and neither it nor the topic has WAL offset"));
  }

  /** A topic from 8 to 9, a follower that has three. */
  private String refusal(HistoryCoverage coverage) {
    LeaderLog leader = leader(SnapshotMode.WHEN_NEEDED, true);
    leader.onHistory(LOG.identity(), coverage);
    leader.onTailStart(LOG, 9);
    subscribe(leader, 1, 3, 7, 9);
    assertEquals(1, leader.figures().refused());
    return said.get(said.size() - 1);
  }

  @Test
  void whoHasSomethingToAckAndSaysNothingIsClosed() {
    LeaderLog leader = leader(SnapshotMode.NEVER, false);
    leader.onTailStart(LOG, 5);
    subscribe(leader, 1, 5, 0, 5);
    leader.tick(10_000);
    assertEquals(0, leader.figures().refused(), "it has nothing to ack");
    leader.onTail(1, block(5));
    leader.tick(10_400);
    leader.onTail(1, block(6));
    leader.tick(10_499);
    assertEquals(0, leader.figures().refused());
    leader.onAck(1, 6);
    leader.tick(10_998);
    assertEquals(0, leader.figures().refused());
    leader.tick(10_999);
    assertLastSaid(
        "it has entries to ack (up to 7, acked 6) and said nothing for 500 ms"
            + " (follower.idle.timeout.ms)");
  }

  @Test
  void whoTakesNothingMoreIsCatchingUp() {
    LeaderLog leader = leader(SnapshotMode.NEVER, false);
    leader.onTailStart(LOG, 5);
    subscribe(leader, 1, 5, 0, 5);
    assertEquals(0, leader.figures().catchingUp());
    recorded.full = true;
    leader.onTail(1, block(5));
    assertEquals(1, leader.figures().catchingUp());
    leader.onTail(1, block(6));
    assertEquals(List.of("caught up 1 5", "send 1 6"), orders);
    recorded.full = false;
    leader.onWritable(1);
    assertEquals(List.of("caught up 1 5", "send 1 6", "send 1 7"), orders);
    assertEquals(0, leader.figures().catchingUp());
  }

  @Test
  void whoWaitedForTheTailToBeginIsServedWhenItDoes() {
    LeaderLog leader = leader(SnapshotMode.NEVER, false);
    subscribe(leader, 1, 3, 0, 5);
    assertEquals(List.of(), orders);
    leader.onTailStart(LOG, 5);
    assertEquals(List.of("read 1 at 3"), orders);
  }

  @Test
  void whoHasNothingDoesNotWaitForTheHistoryToOpen() {
    LeaderLog leader = leader(SnapshotMode.WHEN_NEEDED, true);
    leader.onTailStart(LOG, 5);
    subscribe(leader, 1, 0, 0, 5);
    assertEquals(List.of("read 1 at 0"), orders);
    subscribe(leader, 2, 3, 0, 5);
    assertEquals(List.of("read 1 at 0"), orders);
    leader.onHistory(LOG.identity(), HistoryCoverage.NONE);
    assertEquals(List.of("read 1 at 0", "read 2 at 3"), orders);
  }

  @Test
  void theHistorysFiguresAreThoseOfItsRange() {
    LeaderLog leader = leader(SnapshotMode.WHEN_NEEDED, true);
    assertEquals(-1, leader.figures().historyAfter());
    leader.onHistory(LOG.identity(), new HistoryCoverage(3, 9, List.of(new Hole(4, 6, "lost"))));
    assertEquals(3, leader.figures().historyAfter());
    assertEquals(9, leader.figures().historyUpTo());
    assertEquals(2, leader.figures().historyMissing());
    leader.onTailStart(LOG, 9);
    subscribe(leader, 1, 7, 8, 9);
    assertEquals(1, leader.figures().snapshots());
    assertEquals(8, leader.figures().logBegin());
    leader.onHistorySent(1, 9);
    assertEquals(0, leader.figures().snapshots());
    assertEquals(List.of("history 1 7", "caught up 1 9"), orders);
    leader.onAck(1, 9);
    assertEquals(9, leader.committable());
    assertEquals(9, leader.figures().highestAcked());
    assertEquals(9, leader.figures().committable());
  }

  @Test
  void theHistoryIsSentWhenConnectHasHandedOverWhatItHolds() {
    LeaderLog leader = paused(SnapshotMode.WHEN_NEEDED, true);
    leader.onHistory(LOG.identity(), new HistoryCoverage(0, 9));
    leader.onTailStart(LOG, 9);
    subscribe(leader, 1, 7, 8, 9);
    leader.onHanded(0, 8);
    assertEquals(List.of(), orders);
    leader.onHanded(0, 9);
    assertEquals(List.of("history 1 7"), orders);
    assertEquals(9, leader.figures().logEnd());
  }

  @Test
  void whenAllAreClosedNobodyIsGivenATurn() {
    LeaderLog leader = withHistory();
    subscribe(leader, 1, 7, 8, 9);
    subscribe(leader, 2, 7, 8, 9);
    leader.closeAll("the end");
    assertEquals(List.of("history 1 7", "close 1", "close 2"), orders);
  }

  @Test
  void aTurnThatIsFreeGoesToWhoWaits() {
    LeaderLog leader = withHistory();
    subscribe(leader, 1, 7, 8, 9);
    subscribe(leader, 2, 7, 8, 9);
    assertEquals(List.of("history 1 7"), orders);
    leader.onClosed(1, "it left");
    assertEquals(List.of("history 1 7", "history 2 7"), orders);
  }

  @Test
  void newcomersThatWereClosedAreSaidWhateverForMore() {
    LeaderLog leader = leader(SnapshotMode.NEVER, false);
    for (int newcomer = 1; newcomer <= 6; newcomer++) {
      leader.onConnected(newcomer, "f" + newcomer);
    }
    leader.tick(60_000);
    assertLastSaid(
        "5 after 1000 ms (subscribe.timeout.ms), 1 because there were more than 5"
            + " (listener.newcomers.max)");
    assertEquals(1, said.size());
  }

  @Test
  void aHistoryThatCanNotBeSentIsToldAndClosesTheFollower() {
    LeaderLog leader = withHistory();
    subscribe(leader, 1, 7, 8, 9);
    leader.onHistoryFailed(1, "a damaged file");
    assertLastSaid("its snapshot can't be sent: a damaged file");
    assertEquals(0, leader.figures().snapshots());
    leader.onHistoryFailed(1, "again");
    assertEquals(1, leader.figures().refused());
  }

  @Test
  void theLogOfBeforeIsSaidOnce() {
    LeaderLog leader = leader(SnapshotMode.WHEN_NEEDED, true);
    leader.onEarlierHistory(new LogIdentity("cluster", "before"), 200);
    leader.onTailStart(LOG, 300);
    assertEquals(List.of(), said);
    leader.onStored(Stored.NOTHING);
    assertEquals(1, said.size());
    assertTrue(
        said.get(0)
            .startsWith(
                "ERROR t-0: another log is served than before: the history was that of topic id"
                    + " before on cluster cluster"),
        said.get(0));
    assertLastSaid("anything up to WAL offset 200 are refused until they are reset");
    leader.onEarlierHistory(new LogIdentity("cluster", "before"), 200);
    assertEquals(1, said.size());
  }

  @Test
  void whatOneOfThemHasMayBeCommittedWhereOneIsEnough() {
    LeaderLog leader = leader(SnapshotMode.NEVER, false);
    leader.onTailStart(LOG, 5);
    subscribe(leader, 1, 5, 0, 5);
    subscribe(leader, 2, 4, 0, 5);
    assertEquals(5, leader.committable());
  }

  @Test
  void moreCommittedThanThereIsIsSaid() {
    LeaderLog leader = leader(SnapshotMode.NEVER, false);
    leader.onStored(new Stored(20, null));
    leader.onTailStart(LOG, 8);
    leader.onBounds(LOG, 0, 8);
    assertEquals(1, said.size());
    assertTrue(
        said.get(0).startsWith("ERROR t-0: another log is served than before: offset 20 is"),
        said.get(0));
  }

  @Test
  void theHistoryCountsAsAnsweredFromItsTurnOn() {
    LeaderLog leader = withHistory();
    leader.tick(10_000);
    subscribe(leader, 1, 7, 8, 9);
    leader.onBounds(LOG, 8, 9);
    leader.tick(10_499);
    assertEquals(List.of("history 1 7"), orders);
    leader.onHistoryProgress(1);
    leader.tick(10_998);
    assertEquals(1, leader.figures().followers());
    leader.tick(10_999);
    assertEquals(0, leader.figures().followers());
  }

  /** The number tells an answer of now from one to a question that nobody asks any more. */
  @Test
  void theAnswerToAForgottenReadIsNotTaken() {
    LeaderLog leader = leader(SnapshotMode.NEVER, false);
    leader.onTailStart(LOG, 5);
    subscribe(leader, 1, 0, 0, 5);
    leader.onClosed(1, "it left");
    subscribe(leader, 2, 0, 0, 5);
    leader.onRead(1, List.of(block(0)));
    leader.onReadGone(1, 0, 3);
    leader.onReadFailed(1, 0);
    leader.tick(1);
    assertEquals(List.of("read 1 at 0", "read 2 at 0"), orders);
    leader.onReadFailed(2, 0);
    leader.tick(2);
    leader.tick(3);
    leader.onRead(2, List.of(block(0)));
    assertEquals(
        List.of("read 1 at 0", "read 2 at 0", "read 2 at 0", "send 2 1", "read 3 at 1"), orders);
  }

  @Test
  void kafkaIsAskedWhenSomebodyWaitsAndNowAndThen() {
    LeaderLog leader = leader(SnapshotMode.NEVER, false);
    leader.tick(1);
    assertEquals(1, recorded.bounds, "nothing is known yet");
    leader.tick(10_000);
    assertEquals(1, recorded.bounds, "the answer is not there");
    leader.onBounds(LOG, 0, 5);
    assertEquals(2, recorded.bounds, "the answer was late");
    leader.onBounds(LOG, 0, 5);
    leader.tick(14_999);
    assertEquals(2, recorded.bounds);
    leader.tick(15_000);
    assertEquals(3, recorded.bounds);
    leader.onBoundsFailed();
    assertEquals(3, recorded.bounds);
    leader.onConnected(1, "f1");
    leader.onSubscribe(1, 5);
    assertEquals(3, recorded.bounds, "not before the next tick");
    leader.tick(15_100);
    assertEquals(4, recorded.bounds);
    leader.onConnected(2, "f2");
    leader.onSubscribe(2, 5);
    leader.onBounds(LOG, 0, 5);
    assertEquals(5, recorded.bounds, "its answer must not be older than it is");
    assertEquals(1, said.stream().filter(line -> line.contains("subscribed with 5")).count());
    leader.onBounds(LOG, 0, 5);
    assertLastSaid("INFO t-0: follower f2 subscribed with 5, the log is at 5");
  }
}
