package io.github.allsourceconnect.sink.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaderLogTest {
  private static final SeenLog LOG = new SeenLog(new LogIdentity("cluster", "topic"), 1);

  private final List<String> orders = new ArrayList<>();
  private final LeaderLog leader = leader(false);

  private LeaderLog leader(boolean historyKept) {
    return new LeaderLog(
        new PartitionSettings(
            "t-0",
            10,
            10,
            1000,
            0,
            PartitionSettings.SnapshotMode.WHEN_NEEDED,
            historyKept,
            PartitionSettings.GapPolicy.REFUSE,
            1,
            1,
            1,
            1),
        new Recorder(),
        0);
  }

  private final class Recorder implements LeaderOrders {
    @Override
    public boolean send(int follower, LogBlock block, int fromIndex) {
      orders.add("send " + (block.offset(fromIndex) + 1));
      return true;
    }

    @Override
    public boolean caughtUp(int follower, long walOffset) {
      orders.add("caught up " + walOffset);
      return true;
    }

    @Override
    public void sendHistory(int follower, long after, boolean acrossHoles) {
      orders.add("snapshot " + after);
    }

    @Override
    public void disconnect(int follower) {
      orders.add("close");
    }

    @Override
    public void queryBounds() {
      orders.add("bounds");
    }

    @Override
    public void read(int number, long position) {
      orders.add("read " + number + " at " + position);
    }

    @Override
    public void say(Level level, String message) {}
  }

  private static LogBlock block(long offset) {
    LogBlock.Builder builder = new LogBlock.Builder(offset);
    builder.add(offset, new byte[100]);
    return builder.build(offset + 1);
  }

  private void subscribe(long lastOffset, long begin, long end) {
    leader.onHanded(0, Long.MAX_VALUE);
    leader.onConnected(1, "peer");
    leader.onSubscribe(1, lastOffset);
    leader.onBounds(LOG, begin, end);
  }

  /** Blocks that are larger than what older ones may take were read again and again, never sent. */
  @Test
  void blocksLargerThanTheirShareAreSent() {
    leader.onTailStart(LOG, 2);
    subscribe(0, 0, 2);
    leader.onRead(1, List.of(block(0), block(1)));
    leader.onRead(2, List.of(block(1)));
    assertEquals(
        List.of("bounds", "read 1 at 0", "send 1", "read 2 at 1", "send 2", "caught up 2"), orders);
  }

  /** A follower at the tail's end waited for ever for what was deleted before the tail read it. */
  @Test
  void whatWasDeletedUnreadIsNotWaitedFor() {
    leader.onTailStart(LOG, 5);
    subscribe(5, 0, 7);
    leader.onTailGone(1, 7);
    assertEquals(List.of("bounds", "close"), orders);
  }

  /** A read may bring what the tail has not seen: who was sent it has it, should the log be cut. */
  @Test
  void whatAReadBroughtIsDoubtfulWhenTheLogIsCut() {
    leader.onTailStart(LOG, 2);
    subscribe(0, 0, 2);
    LogBlock.Builder read = new LogBlock.Builder(0);
    for (int offset = 0; offset < 5; offset++) {
      read.add(offset, new byte[10]);
    }
    leader.onRead(1, List.of(read.build(5)));
    leader.onTruncated(1, 2);
    leader.onHanded(1, Long.MAX_VALUE);
    orders.clear();
    leader.onConnected(2, "peer");
    leader.onSubscribe(2, 5);
    leader.onBounds(LOG, 0, 6);
    assertEquals(List.of("bounds", "close"), orders);
  }

  private static SeenLog log(int number) {
    return new SeenLog(new LogIdentity("cluster", "topic-" + number), number);
  }

  private void serve(SeenLog log, long end) {
    leader.onTailStart(log, end);
    leader.onBounds(log, 0, end);
  }

  private void subscribes(int follower, long lastOffset, SeenLog log, long end) {
    orders.clear();
    leader.onConnected(follower, "peer");
    leader.onSubscribe(follower, lastOffset);
    // one question may have been under way
    leader.onBounds(log, 0, end);
    leader.onBounds(log, 0, end);
    orders.removeIf("bounds"::equals);
  }

  /** No more than Connect has handed over; what it hands over later follows. */
  @Test
  void nobodyIsAheadOfWhatConnectHandedOver() {
    leader.onTailStart(LOG, 0);
    leader.onHanded(0, 2);
    leader.onConnected(1, "peer");
    leader.onSubscribe(1, 0);
    leader.onBounds(LOG, 0, 3);
    leader.onTail(1, block(0));
    leader.onTail(1, block(1));
    leader.onTail(1, block(2));
    assertEquals(List.of("bounds", "send 1", "send 2"), orders);
    leader.onAck(1, 2);
    assertEquals(2, leader.committable());
    leader.onHanded(0, 3);
    assertEquals(List.of("bounds", "send 1", "send 2", "send 3", "caught up 3"), orders);
  }

  /** A follower at 100 got 101 to 200 of a topic that was created again, and caught_up. */
  @Test
  void aFollowerOfATopicThatWasCreatedAgainIsRefused() {
    serve(log(1), 100);
    leader.onHanded(0, 100);
    subscribes(1, 100, log(1), 100);
    assertEquals(List.of("caught up 100"), orders);
    leader.onAck(1, 100);
    assertEquals(100, leader.commitPoint().offset());
    orders.clear();
    leader.onBounds(log(2), 0, 200);
    assertEquals("close", orders.get(0));
    CommitPoint point = leader.commitPoint();
    assertEquals(-1, point.offset());
    assertEquals(1, point.epoch());
    assertEquals(0, point.anewFrom());
    subscribes(2, 100, log(2), 200);
    assertEquals(List.of("close"), orders);
    // what is still under way of the old log is not taken for the new one's
    leader.onTail(1, block(100));
    leader.onHanded(0, 150);
    leader.onTailStart(log(2), 199);
    subscribes(3, 0, log(2), 200);
    assertEquals(List.of("read 1 at 0"), orders);
    leader.onRead(1, List.of(block(0)));
    assertEquals(List.of("read 1 at 0"), orders, "nothing of the new log was handed over");
    leader.onHanded(1, 1);
    assertEquals("send 1", orders.get(1));
  }

  /** The same when no task was there to see it: the note beside the committed offset tells. */
  @Test
  void aTopicThatWasCreatedAgainMeanwhileIsNoticed() {
    leader.onStored(new Stored(60, new CommitNote(log(1).identity(), 100, 0, 0)));
    serve(log(2), 300);
    assertEquals(1, leader.commitPoint().epoch());
    assertEquals(-1, leader.commitPoint().offset());
    subscribes(1, 100, log(2), 300);
    assertEquals(List.of("close"), orders);
    leader.onHanded(1, 300);
    subscribes(2, 101, log(2), 300);
    assertEquals("read 1 at 101", orders.get(0));
  }

  @Test
  void moreCommittedThanTheLogHasIsNoticed() {
    leader.onStored(new Stored(20, null));
    serve(log(1), 8);
    assertEquals(-1, leader.commitPoint().offset());
    assertEquals(1, leader.commitPoint().epoch());
  }

  @Test
  void whatWasCommittedBeforeIsNotTakenBack() {
    leader.onStored(new Stored(60, new CommitNote(log(1).identity(), 100, 7, 0)));
    serve(log(1), 80);
    assertEquals(0, leader.commitPoint().epoch());
    assertEquals(60, leader.commitPoint().offset());
    assertEquals(7, leader.commitPoint().note().doubtfulUpTo());
  }

  /** Connections that say nothing have a share of their own, the oldest goes first. */
  @Test
  void newcomersTakeNoFollowersPlace() {
    serve(LOG, 5);
    leader.onHanded(0, 5);
    subscribes(1, 5, LOG, 5);
    orders.clear();
    for (int newcomer = 100; newcomer < 111; newcomer++) {
      leader.onConnected(newcomer, "peer");
    }
    assertEquals(List.of("close"), orders, "the eleventh is one too many");
    leader.onSubscribe(100, 0);
    assertEquals(List.of("close"), orders, "it was the oldest that went");
    assertEquals(1, leader.figures().followers());
    assertEquals(10, leader.figures().newcomers());
    leader.tick(1000);
    assertEquals(1, leader.figures().followers());
    assertEquals(0, leader.figures().newcomers());
  }

  /**
   * Blocks that were read for another follower, and are gone from the topic by now, were sent to
   * one that came later, and then nothing led on: it was closed half-way, each time that it came.
   */
  @Test
  void nobodyBeginsWithWhatDoesNotLeadOn() {
    serve(LOG, 10);
    leader.onHanded(0, 10);
    subscribes(1, 0, LOG, 10);
    leader.onRead(1, List.of(block(0)));
    assertEquals(List.of("read 1 at 0", "send 1", "read 2 at 1"), orders);
    orders.clear();
    leader.onConnected(2, "peer");
    leader.onSubscribe(2, 0);
    leader.onBounds(LOG, 5, 10);
    leader.onBounds(LOG, 5, 10);
    orders.removeIf("bounds"::equals);
    assertEquals(List.of("close"), orders);
  }

  /**
   * Kafka deletes what is committed of a topic with the topic. A topic that was created again while
   * no task ran was taken for the one before, although the history said of which log it is.
   */
  @Test
  void theHistoryTellsOfALogThatNothingElseTellsOf() {
    LeaderLog kept = leader(true);
    kept.onStored(Stored.NOTHING);
    kept.onTailStart(LOG, 300);
    kept.onHanded(0, 300);
    kept.onConnected(1, "has what the old log had");
    kept.onSubscribe(1, 100);
    kept.onConnected(2, "has more than that");
    kept.onSubscribe(2, 250);
    kept.onBounds(LOG, 0, 300);
    kept.onBounds(LOG, 0, 300);
    orders.removeIf("bounds"::equals);
    assertEquals(List.of(), orders, "it is not known yet whose the history is");
    assertNull(kept.commitPoint().note(), "nor is anything noted");
    kept.onEarlierHistory(new LogIdentity("cluster", "topic before"), 200);
    kept.onHistory(LOG.identity(), new HistoryCoverage(0, 0));
    assertEquals(List.of("close", "read 1 at 250"), orders);
    assertEquals(200, kept.commitPoint().note().doubtfulUpTo());
  }

  /** It names its log: what is kept of the new one counts, of the old one no longer. */
  @Test
  void theHistoryOfTheNewLogIsBelieved() {
    LeaderLog kept = leader(true);
    kept.onStored(Stored.NOTHING);
    kept.onHistory(log(1).identity(), new HistoryCoverage(0, 300));
    kept.onTailStart(log(1), 300);
    kept.onBounds(log(1), 0, 300);
    kept.onTailStart(log(2), 50);
    kept.onBounds(log(2), 40, 50);
    kept.onHanded(1, 50);
    kept.onConnected(1, "new");
    kept.onSubscribe(1, 0);
    kept.onBounds(log(2), 40, 50);
    kept.onBounds(log(2), 40, 50);
    orders.removeIf("bounds"::equals);
    assertEquals(List.of("close"), orders, "what is kept is the old one's");
    orders.clear();
    kept.onHistory(log(2).identity(), new HistoryCoverage(0, 45));
    kept.onConnected(2, "new");
    kept.onSubscribe(2, 0);
    kept.onBounds(log(2), 40, 50);
    kept.onBounds(log(2), 40, 50);
    orders.removeIf("bounds"::equals);
    assertEquals(List.of("snapshot 0"), orders);
    assertEquals(45, kept.figures().historyUpTo());
  }

  /** Where the note says that the log is the same, the history of another one changes nothing. */
  @Test
  void aHistoryOfAnotherLogIsNotBelievedBeforeANote() {
    leader.onEarlierHistory(new LogIdentity("cluster", "topic before"), 200);
    leader.onStored(new Stored(60, new CommitNote(LOG.identity(), 80, 0, 0)));
    serve(LOG, 100);
    assertEquals(0, leader.commitPoint().note().doubtfulUpTo());
  }
}
