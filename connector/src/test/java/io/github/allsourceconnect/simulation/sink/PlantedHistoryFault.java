package io.github.allsourceconnect.simulation.sink;

import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.decision.HistoryPlace;
import io.github.allsourceconnect.sink.decision.LeaderLog;
import io.github.allsourceconnect.sink.decision.LeaderOrders;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.decision.PartitionSettings;
import io.github.allsourceconnect.sink.decision.PartitionSettings.GapPolicy;

/** Deliberate mistakes with what the history lacks; the simulation must find each. */
public enum PlantedHistoryFault implements SinkSimulation.LeaderFactory {
  /** What is kept is given up because the log has lost what comes next. */
  THE_ONLY_COPY_IS_DESTROYED(LeaderLog::new) {
    @Override
    public HistoryPlace place(HistoryCoverage kept, long begin, long end) {
      HistoryPlace place = super.place(kept, begin, end);
      return place instanceof HistoryPlace.Lost ? new HistoryPlace.Begin(begin) : place;
    }
  },
  /** The writer goes on behind what the log has lost, and nobody knows. */
  THE_HOLE_IS_NOT_KEPT(LeaderLog::new) {
    @Override
    public HistoryPlace place(HistoryCoverage kept, long begin, long end) {
      HistoryPlace place = super.place(kept, begin, end);
      return place instanceof HistoryPlace.Lost ? new HistoryPlace.GoOn(begin) : place;
    }
  },
  /** The hole ends one offset too late. */
  THE_HOLE_IS_TOO_LARGE(LeaderLog::new) {
    @Override
    public HistoryPlace place(HistoryCoverage kept, long begin, long end) {
      HistoryPlace place = super.place(kept, begin, end);
      return place instanceof HistoryPlace.Lost lost && begin < end
          ? new HistoryPlace.Lost(
              new HistoryCoverage.Hole(lost.hole().after(), begin + 1, "too large"))
          : place;
    }
  },
  /** Followers are given what lies around a hole as if there was none. */
  THE_HOLE_IS_NOT_SEEN(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onHistory(LogIdentity log, HistoryCoverage coverage) {
              super.onHistory(log, new HistoryCoverage(coverage.after(), coverage.upTo()));
            }
          }),
  /** Because of a hole those behind it are refused, too. */
  THE_HOLE_COUNTS_FOR_ALL(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onHistory(LogIdentity log, HistoryCoverage coverage) {
              super.onHistory(log, coverage.holes().isEmpty() ? coverage : HistoryCoverage.NONE);
            }
          }),
  /** What is kept of a log that took another one's place is not believed. */
  THE_NEW_HISTORY_IS_NOT_TRUSTED(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            private LogIdentity first;

            @Override
            public void onHistory(LogIdentity log, HistoryCoverage coverage) {
              first = first == null ? log : first;
              super.onHistory(first, coverage);
            }
          }),
  /** New followers are given what there is although the policy is to refuse them. */
  THE_POLICY_IS_NOT_ASKED(
      (settings, orders, now) -> new LeaderLog(with(settings, GapPolicy.CONTINUE), orders, now)),
  /** New followers are refused although the policy is to give them what there is. */
  THE_POLICY_IS_NOT_KEPT(
      (settings, orders, now) -> new LeaderLog(with(settings, GapPolicy.REFUSE), orders, now)),
  /** A history of another log that was found tells nothing. */
  THE_EARLIER_LOG_IS_FORGOTTEN(
      (settings, orders, now) ->
          new LeaderLog(settings, orders, now) {
            @Override
            public void onEarlierHistory(LogIdentity log, long mayHave) {
              // nothing
            }
          }),
  /** They are given what there is without a word. */
  THE_HOLE_IS_NOT_SAID(
      (settings, orders, now) ->
          new LeaderLog(
              settings,
              new PassingOrders(orders) {
                @Override
                public void say(Level level, String message) {
                  if (!message.contains("history.gap.policy=continue)")) {
                    super.say(level, message);
                  }
                }
              },
              now));

  private final SinkSimulation.LeaderFactory leaders;

  PlantedHistoryFault(SinkSimulation.LeaderFactory leaders) {
    this.leaders = leaders;
  }

  @Override
  public LeaderLog make(PartitionSettings settings, LeaderOrders orders, long now) {
    return leaders.make(settings, orders, now);
  }

  private static PartitionSettings with(PartitionSettings all, GapPolicy policy) {
    return PlantedSinkPaceFault.with(all, all.snapshotMode(), policy);
  }
}
