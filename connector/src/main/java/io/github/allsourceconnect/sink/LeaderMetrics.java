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
          Map.entry("newcomers", LeaderFigures::newcomers),
          Map.entry("followers-catching-up", LeaderFigures::catchingUp),
          Map.entry("followers-refused", LeaderFigures::refused),
          Map.entry("log-begin", LeaderFigures::logBegin),
          Map.entry("log-end", LeaderFigures::logEnd),
          Map.entry("memory-bytes", LeaderFigures::memoryBytes),
          Map.entry("acked-lowest", LeaderFigures::lowestAcked),
          Map.entry("acked-highest", LeaderFigures::highestAcked),
          Map.entry("committable", LeaderFigures::committable),
          Map.entry("snapshots-running", LeaderFigures::snapshots),
          Map.entry("history-after", LeaderFigures::historyAfter),
          Map.entry("history-up-to", LeaderFigures::historyUpTo));

  private LeaderMetrics() {}

  /** The figures of a partition by name. Any thread may ask for them. */
  static Map<String, Supplier<Object>> of(Leader leader, String topic, int partition) {
    Map<String, Supplier<Object>> shown = new HashMap<>();
    shown.put("topic", () -> topic);
    shown.put("address", () -> leader.address(partition));
    shown.put("port", () -> leader.port(partition));
    shown.put("bytes-sent", () -> leader.bytesSent(partition));
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
