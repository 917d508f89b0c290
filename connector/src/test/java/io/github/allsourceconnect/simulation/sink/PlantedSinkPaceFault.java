package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.LeaderFigures;
import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.sink.decision.LeaderOrders;
import io.github.allsourceconnect.sink.decision.PartitionSettings;
import io.github.allsourceconnect.sink.decision.PartitionSettings.GapPolicy;
import io.github.allsourceconnect.sink.decision.PartitionSettings.SnapshotMode;
import java.util.function.UnaryOperator;

/**
 * Mistakes of the sink that give nobody anything wrong: they let followers wait, close honest ones,
 * send what nobody needs, or make the figures wrong.
 */
public enum PlantedSinkPaceFault implements SinkSimulation.LeaderFactory {
  /** What Connect has handed over last waits for what comes after it. */
  THE_LAST_ONE_WAITS(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onHanded(int epoch, long position) {
              super.onHanded(epoch, Math.max(0, position - 1));
            }
          }),
  /** Kafka is asked once where the log begins and ends. */
  BOUNDS_ASKED_ONCE(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onBoundsFailed() {
              // nothing
            }
          }),
  /** A Connect that does not know from where it reads is not told. */
  LOST_CONNECT_LEFT_ALONE(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onConnectLost() {
              // nothing
            }
          }),
  /** A follower that does all that it must is closed now and then. */
  HONEST_FOLLOWER_CLOSED(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            private int acks;

            @Override
            public void onAck(int follower, long walOffset) {
              super.onAck(follower, walOffset);
              if (++acks % 200 == 0) {
                onOffence(follower, "it is old");
              }
            }
          }),
  /** Every follower that is new is sent the history, whatever the mode. */
  HISTORY_FOR_EVERYBODY(
      (settings, orders, now) ->
          new LeaderLog(with(settings, SnapshotMode.INITIAL, settings.gapPolicy()), orders, now)),
  /** Who has not subscribed counts as a follower. */
  NEWCOMERS_COUNT_AS_FOLLOWERS(
      saying(all -> with(all, all.followers() + all.newcomers(), all.catchingUp(), all.refused()))),
  /** Who is closed for a reason is not counted. */
  REFUSALS_FORGOTTEN(saying(all -> with(all, all.followers(), all.catchingUp(), 0))),
  /** Nobody is said to be catching up. */
  CATCHING_UP_FORGOTTEN(saying(all -> with(all, all.followers(), 0, all.refused())));

  private final SinkSimulation.LeaderFactory leaders;

  PlantedSinkPaceFault(SinkSimulation.LeaderFactory leaders) {
    this.leaders = leaders;
  }

  @Override
  public LeaderLog make(PartitionSettings settings, LeaderOrders orders, long now) {
    return leaders.make(settings, orders, now);
  }

  private static SinkSimulation.LeaderFactory saying(UnaryOperator<LeaderFigures> other) {
    return (settings, orders, now) ->
        new LeaderLog(settings, orders, now) {
          @Override
          public LeaderFigures figures() {
            return other.apply(super.figures());
          }
        };
  }

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

  static PartitionSettings with(PartitionSettings all, SnapshotMode mode, GapPolicy policy) {
    return new PartitionSettings(
        all.name(),
        all.followerMax(),
        all.newcomersMax(),
        all.subscribeTimeoutMs(),
        all.idleTimeoutMs(),
        mode,
        all.historyKept(),
        policy,
        all.sendingAtOnce(),
        all.commitAcks(),
        all.tailBytes(),
        all.olderBytes());
  }
}
