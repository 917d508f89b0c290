package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.LeaderFigures;
import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.sink.decision.LeaderOrders;
import io.github.allsourceconnect.sink.decision.PartitionSettings;
import io.github.allsourceconnect.sink.decision.PartitionSettings.SnapshotMode;

/**
 * Mistakes of the sink that give nobody anything wrong: they let followers wait, close honest ones,
 * send what nobody needs, or make the figures wrong.
 */
public enum PlantedSinkPaceFault implements SinkSimulation.LeaderFactory {
  /** What Connect has handed over last waits for what comes after it. */
  THE_LAST_ONE_WAITS {
    @Override
    public LeaderLog make(PartitionSettings settings, LeaderOrders orders, long now) {
      return new LeaderLog(settings, orders, now) {
        @Override
        public void onHanded(int epoch, long position) {
          super.onHanded(epoch, Math.max(0, position - 1));
        }
      };
    }
  },
  /** Kafka is asked once where the log begins and ends. */
  BOUNDS_ASKED_ONCE {
    @Override
    public LeaderLog make(PartitionSettings settings, LeaderOrders orders, long now) {
      return new LeaderLog(settings, orders, now) {
        @Override
        public void onBoundsFailed() {
          // nothing
        }
      };
    }
  },
  /** A follower that does all that it must is closed now and then. */
  HONEST_FOLLOWER_CLOSED {
    @Override
    public LeaderLog make(PartitionSettings settings, LeaderOrders orders, long now) {
      return new LeaderLog(settings, orders, now) {
        private int acks;

        @Override
        public void onAck(int follower, long walOffset) {
          super.onAck(follower, walOffset);
          if (++acks % 200 == 0) {
            onOffence(follower, "it is old");
          }
        }
      };
    }
  },
  /** Every follower that is new is sent the history, whatever the mode. */
  HISTORY_FOR_EVERYBODY {
    @Override
    public LeaderLog make(PartitionSettings settings, LeaderOrders orders, long now) {
      return new LeaderLog(with(settings, SnapshotMode.INITIAL), orders, now);
    }
  },
  /** Who has not subscribed counts as a follower. */
  NEWCOMERS_COUNT_AS_FOLLOWERS {
    @Override
    public LeaderLog make(PartitionSettings settings, LeaderOrders orders, long now) {
      return new LeaderLog(settings, orders, now) {
        @Override
        public LeaderFigures figures() {
          LeaderFigures all = super.figures();
          return with(all, all.followers() + all.newcomers(), all.catchingUp(), all.refused());
        }
      };
    }
  },
  /** Who is closed for a reason is not counted. */
  REFUSALS_FORGOTTEN {
    @Override
    public LeaderLog make(PartitionSettings settings, LeaderOrders orders, long now) {
      return new LeaderLog(settings, orders, now) {
        @Override
        public LeaderFigures figures() {
          LeaderFigures all = super.figures();
          return with(all, all.followers(), all.catchingUp(), 0);
        }
      };
    }
  },
  /** Nobody is said to be catching up. */
  CATCHING_UP_FORGOTTEN {
    @Override
    public LeaderLog make(PartitionSettings settings, LeaderOrders orders, long now) {
      return new LeaderLog(settings, orders, now) {
        @Override
        public LeaderFigures figures() {
          LeaderFigures all = super.figures();
          return with(all, all.followers(), 0, all.refused());
        }
      };
    }
  };

  private static LeaderFigures with(
      LeaderFigures all, int followers, int catchingUp, long refused) {
    return new LeaderFigures(
        followers,
        all.newcomers(),
        catchingUp,
        refused,
        all.logBegin(),
        all.logEnd(),
        all.memoryBytes(),
        all.lowestAcked(),
        all.highestAcked(),
        all.committable(),
        all.snapshots(),
        all.historyAfter(),
        all.historyUpTo(),
        all.historyMissing(),
        all.incomplete());
  }

  private static PartitionSettings with(PartitionSettings all, SnapshotMode mode) {
    return new PartitionSettings(
        all.name(),
        all.followerMax(),
        all.newcomersMax(),
        all.subscribeTimeoutMs(),
        all.idleTimeoutMs(),
        mode,
        all.historyKept(),
        all.gapPolicy(),
        all.sendingAtOnce(),
        all.commitAcks(),
        all.tailBytes(),
        all.olderBytes());
  }
}
