package io.github.allsourceconnect.sink.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class LeaderLogTest {
  private final List<String> orders = new ArrayList<>();
  private final LeaderLog leader =
      new LeaderLog(
          new LeaderSettings(
              "t-0",
              10,
              1000,
              0,
              LeaderSettings.SnapshotMode.WHEN_NEEDED,
              false,
              LeaderSettings.GapPolicy.REFUSE,
              1,
              1,
              1,
              1),
          new Recorder(),
          0);

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
    public void sendSnapshot(int follower, long after, boolean acrossHoles) {
      orders.add("snapshot " + after);
    }

    @Override
    public void close(int follower) {
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
    public void log(Level level, String message) {}
  }

  private static LogBlock block(long offset) {
    LogBlock.Builder builder = new LogBlock.Builder(offset);
    builder.add(offset, new byte[100]);
    return builder.build(offset + 1);
  }

  private void subscribe(long lastOffset, long begin, long end) {
    leader.onConnected(1, "peer");
    leader.onSubscribe(1, lastOffset);
    leader.onBounds(begin, end);
  }

  /** Blocks that are larger than what older ones may take were read again and again, never sent. */
  @Test
  void blocksLargerThanTheirShareAreSent() {
    leader.onTailStart(2);
    subscribe(0, 0, 2);
    leader.onRead(1, List.of(block(0), block(1)));
    leader.onRead(2, List.of(block(1)));
    assertEquals(
        List.of("bounds", "read 1 at 0", "send 1", "read 2 at 1", "send 2", "caught up 2"), orders);
  }

  /** A follower at the tail's end waited for ever for what was deleted before the tail read it. */
  @Test
  void whatWasDeletedUnreadIsNotWaitedFor() {
    leader.onTailStart(5);
    subscribe(5, 0, 7);
    leader.onTailGone(7);
    assertEquals(List.of("bounds", "close"), orders);
  }
}
