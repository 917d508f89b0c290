package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.sink.decision.CommitTracker;
import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.sink.decision.LeaderOrders;
import io.github.allsourceconnect.sink.decision.LogBlock;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.decision.PartitionSettings;
import io.github.allsourceconnect.sink.decision.SeenLog;

/** What an ack costs the sink's decisions, and what may be committed after it, in nanoseconds. */
final class AckCost {
  private static final int ENTRIES = 400;
  private static final SeenLog LOG = new SeenLog(new LogIdentity("cluster", "topic"), 1);

  private AckCost() {}

  /** Says it for more and more followers, for one that has to ack and for all. */
  public static void main(String[] arguments) {
    for (int acks : new int[] {1, CommitTracker.ALL}) {
      nanos(1_000, acks);
      double one = nanos(1, acks);
      for (int followers : new int[] {1, 10, 100, 1_000}) {
        double each = nanos(followers, acks);
        System.out.printf(
            "commit.acks=%s, %,d followers: %.0f ns an ack, %.2f of that with one%n",
            acks == CommitTracker.ALL ? "all" : acks, followers, each, each / one);
      }
    }
  }

  private static final class Nothing implements LeaderOrders {
    @Override
    public boolean send(int follower, LogBlock block, int fromIndex) {
      return true;
    }

    @Override
    public boolean caughtUp(int follower, long walOffset) {
      return true;
    }

    @Override
    public void sendHistory(int follower, long after, boolean acrossHoles) {}

    @Override
    public void disconnect(int follower) {}

    @Override
    public void queryBounds() {}

    @Override
    public void read(int number, long position) {}

    @Override
    public void say(Level level, String message) {}
  }

  /** The mean, of the best of a few rounds, with so many followers that all ack each entry. */
  static double nanos(int followers) {
    return nanos(followers, 1);
  }

  private static double nanos(int followers, int commitAcks) {
    double best = Double.MAX_VALUE;
    for (int round = 0; round < 5; round++) {
      best =
          Math.min(best, round(followers, commitAcks, Math.max(2, 400_000 / followers / ENTRIES)));
    }
    return best;
  }

  private static double round(int followers, int commitAcks, int times) {
    LeaderLog log =
        new LeaderLog(
            new PartitionSettings(
                "bench-0",
                followers,
                followers,
                60_000,
                0,
                PartitionSettings.SnapshotMode.NEVER,
                false,
                PartitionSettings.GapPolicy.REFUSE,
                1,
                commitAcks,
                1 << 20,
                1 << 20),
            new Nothing(),
            0);
    log.onTailStart(LOG, 0);
    log.onHanded(0, Long.MAX_VALUE);
    for (int follower = 1; follower <= followers; follower++) {
      log.onConnected(follower, "bench");
      log.onSubscribe(follower, 0);
    }
    log.onBounds(LOG, 0, 0);
    log.onBounds(LOG, 0, 0);
    long offset = 0;
    long spent = 0;
    long acks = 0;
    for (int time = 0; time < times; time++) {
      for (int entry = 0; entry < ENTRIES; entry++) {
        LogBlock.Builder block = new LogBlock.Builder(offset);
        block.add(offset, new byte[1]);
        log.onTail(1, block.build(++offset));
        long began = System.nanoTime();
        for (int follower = 1; follower <= followers; follower++) {
          log.onAck(follower, offset);
          boolean due = commitAcks == 1 || follower == followers;
          if (log.commitPoint().offset() != (due ? offset : offset - 1) && (due || offset > 1)) {
            throw new IllegalStateException("not committed: " + offset);
          }
        }
        spent += System.nanoTime() - began;
        acks += followers;
      }
    }
    return (double) spent / acks;
  }
}
