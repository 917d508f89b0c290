package io.github.allsourceconnect.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.DoubleSupplier;

/** What a run has found: lines of the table, and plots. One thread. */
final class Report {
  private final List<Line> lines = new ArrayList<>();
  private final Map<String, Plot> plots = new LinkedHashMap<>();
  private final DoubleSupplier load =
      ManagementFactory.getOperatingSystemMXBean()::getSystemLoadAverage;
  private final double loadAtStart = load.getAsDouble();

  /** Adds a line, and shows it as what the part has found. */
  void add(Line line) {
    lines.add(line);
    System.out.println("          " + line.text());
  }

  /** A plot, made when it is asked for first. */
  Plot plot(String name, String title, String across, String up) {
    return plots.computeIfAbsent(name, unknown -> new Plot(title, across, up));
  }

  /** Says what is being done. */
  static void progress(String what, Object... arguments) {
    System.out.printf("%8.0f  %s%n", seconds(), String.format(what, arguments));
  }

  private static double seconds() {
    return ManagementFactory.getRuntimeMXBean().getUptime() / 1e3;
  }

  List<Line> lines() {
    return List.copyOf(lines);
  }

  /** Prints the table. */
  void print() {
    if (lines.isEmpty()) {
      return;
    }
    System.out.println("\n" + Line.HEAD);
    lines.forEach(line -> System.out.println(line.text()));
    System.out.printf(
        """

        Ratios are of medians; behind them the least and the most of one round. The rounds of a line and its
        peer alternate. "own CPU" is that of the task's, the connector's and the producer's threads, without
        broker, leader, collector and compiler. %d processors, load %.1f at the start and %.1f at the end, JDK %s.
        """,
        Runtime.getRuntime().availableProcessors(),
        loadAtStart,
        load.getAsDouble(),
        Runtime.version());
  }

  /** Writes {@code bench.json}, {@code ratios.svg} and an SVG for each plot. */
  void write(Path folder) throws IOException {
    Files.createDirectories(folder);
    new ObjectMapper()
        .writerWithDefaultPrettyPrinter()
        .writeValue(folder.resolve("bench.json").toFile(), json());
    List<Line> rates =
        lines.stream().filter(line -> line.goal().kind() == Goal.Kind.RATIO_AT_LEAST).toList();
    if (!rates.isEmpty()) {
      Files.writeString(folder.resolve("ratios.svg"), Bars.svg(rates));
    }
    for (Map.Entry<String, Plot> plot : plots.entrySet()) {
      Files.writeString(folder.resolve(plot.getKey() + ".svg"), plot.getValue().svg());
    }
  }

  private Map<String, Object> json() {
    Map<String, Object> all = new LinkedHashMap<>();
    all.put("processors", Runtime.getRuntime().availableProcessors());
    all.put("loadAtStart", loadAtStart);
    all.put("loadAtEnd", load.getAsDouble());
    all.put("jdk", Runtime.version().toString());
    List<Map<String, Object>> told = new ArrayList<>();
    for (Line line : lines) {
      Map<String, Object> one = new LinkedHashMap<>();
      one.put("key", line.key());
      one.put("figure", line.what());
      one.put("unit", line.unit());
      one.put("peer", line.peer());
      one.put("median", line.median());
      one.put("peerMedian", line.peerMedian());
      one.put("ratio", line.ratio());
      one.put("leastRatio", line.spread()[0]);
      one.put("mostRatio", line.spread()[1]);
      one.put("goal", line.goal().text());
      one.put("met", line.isMet());
      one.put("rounds", line.mine());
      one.put("peerRounds", line.theirs());
      told.add(one);
    }
    all.put("lines", told);
    Map<String, Object> drawn = new LinkedHashMap<>();
    plots.forEach(
        (name, plot) -> drawn.put(name, Map.of("title", plot.title(), "series", plot.series())));
    all.put("plots", drawn);
    return all;
  }
}
