package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.sink.decision.LeaderFigures;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.function.ToLongFunction;

/** The names under which the figures of a partition are shown. */
final class LeaderMetrics {
  private static final Map<String, ToLongFunction<LeaderFigures>> FIGURES =
      Map.ofEntries(
          Map.entry("followers", LeaderFigures::followers),
          Map.entry("followersCatchingUp", LeaderFigures::catchingUp),
          Map.entry("followersRefused", LeaderFigures::refused),
          Map.entry("followersIncomplete", LeaderFigures::incomplete),
          Map.entry("newcomers", LeaderFigures::newcomers),
          Map.entry("lag", LeaderFigures::lag),
          Map.entry("logBegin", LeaderFigures::logBegin),
          Map.entry("logEnd", LeaderFigures::logEnd),
          Map.entry("memoryBytes", LeaderFigures::memoryBytes),
          Map.entry("ackedLowest", LeaderFigures::lowestAcked),
          Map.entry("ackedHighest", LeaderFigures::highestAcked),
          Map.entry("committable", LeaderFigures::committable),
          Map.entry("snapshotsRunning", LeaderFigures::snapshots),
          Map.entry("historyAfter", LeaderFigures::historyAfter),
          Map.entry("historyUpTo", LeaderFigures::historyUpTo),
          Map.entry("historyMissing", LeaderFigures::historyMissing));

  private LeaderMetrics() {}

  /** The figures of a partition by name. Any thread may ask for them. */
  static Map<String, Supplier<Object>> of(Leader leader, String topic, int partition) {
    Map<String, Supplier<Object>> shown = new HashMap<>();
    shown.put("topic", () -> topic);
    shown.put("address", () -> leader.address(partition));
    shown.put("port", () -> leader.port(partition));
    shown.put("listening", () -> leader.port(partition) > 0 ? 1L : 0L);
    shown.put("bytesSent", () -> leader.bytesSent(partition));
    FIGURES.forEach(
        (name, figure) ->
            shown.put(
                name,
                () -> {
                  LeaderFigures figures = leader.figures(partition);
                  return figures == null ? -1L : figure.applyAsLong(figures);
                }));
    return shown;
  }
}
