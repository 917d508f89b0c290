package io.github.allsourceconnect.bench;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import javax.management.JMException;
import javax.management.ObjectName;

/** The repair of one entry that the leader lost, in histories of different lengths. */
final class RepairPart implements Part {
  /**
   * Of one repair.
   *
   * @param seconds from the leader's write of the lost entry to its record
   * @param cpuMs own CPU time meanwhile
   * @param bytes that the leader sent
   * @param drainSeconds what somebody takes for as much who looks at nothing
   */
  private record Repaired(double seconds, double cpuMs, double bytes, double drainSeconds) {}

  @Override
  public void run(BenchSettings settings, Stages stages, Report report) throws Exception {
    int[] histories =
        settings.brief() ? new int[] {500, 1_000} : new int[] {10_000, 100_000, 1_000_000};
    List<List<Repaired>> found = new ArrayList<>();
    for (int events : histories) {
      try (History history = new History(events)) {
        found.add(repairs(stages.plain(), history, settings));
      }
      List<Repaired> last = found.get(found.size() - 1);
      Report.progress(
          "repair in %,d: %s s, %s ms CPU, %s bytes",
          events,
          Line.number(Line.median(last.stream().map(Repaired::seconds).toList())),
          Line.number(Line.median(last.stream().map(Repaired::cpuMs).toList())),
          Line.number(Line.median(last.stream().map(Repaired::bytes).toList())));
    }
    List<Repaired> least = found.get(0);
    for (int i = 0; i < histories.length; i++) {
      List<Repaired> one = found.get(i);
      String of = String.format("repair of one entry, history %,d", histories[i]);
      String beside = String.format("history %,d", histories[0]);
      String key = "repair." + histories[i];
      report.add(
          new Line(
              key + ".time",
              of,
              "s",
              beside,
              i == 0 ? Goal.NONE : Goal.ratioAtMost(1.25),
              one.stream().map(Repaired::seconds).toList(),
              least.stream().map(Repaired::seconds).toList()));
      report.add(
          new Line(
              key + ".cpu",
              of + ", own CPU",
              "ms",
              beside,
              i == 0 ? Goal.NONE : Goal.ratioAtMost(1.25),
              one.stream().map(Repaired::cpuMs).toList(),
              least.stream().map(Repaired::cpuMs).toList()));
      report.add(
          new Line(
              key + ".bytes",
              of + ", bytes sent",
              "bytes",
              beside,
              Goal.NONE,
              one.stream().map(Repaired::bytes).toList(),
              least.stream().map(Repaired::bytes).toList()));
      List<Double> waited = least.stream().map(Repaired::seconds).toList();
      List<Double> drained = new ArrayList<>();
      for (int round = 0; round < one.size(); round++) {
        drained.add(waited.get(round) + one.get(round).drainSeconds());
      }
      report.add(
          new Line(
              key + ".drained",
              beside + ", and draining " + String.format("%,d", histories[i]),
              "s",
              beside,
              Goal.NONE,
              drained,
              waited));
      Plot plot =
          report.plot(
              "history",
              "Repair of one lost entry",
              "events in the leader's history",
              "see legend");
      plot.add("seconds", histories[i], median(one, 0));
      plot.add("own CPU, ms", histories[i], median(one, 1));
      plot.add("bytes sent, KB", histories[i], median(one, 2) / 1e3);
    }
  }

  private static double median(List<Repaired> of, int which) {
    return Line.median(
        of.stream()
            .map(one -> which == 0 ? one.seconds() : which == 1 ? one.cpuMs() : one.bytes())
            .toList());
  }

  private static List<Repaired> repairs(Stage stage, History history, BenchSettings settings)
      throws Exception {
    List<Repaired> found = new ArrayList<>();
    for (int round = 1 - settings.warmups(); round <= settings.rounds(); round++) {
      Repaired one = repair(stage, history);
      if (round >= 1) {
        found.add(one);
      }
    }
    return found;
  }

  /** By a connector of its own: repairs that follow one another wait longer and longer. */
  private static Repaired repair(Stage stage, History history) throws Exception {
    String name = DelayPart.source(stage, history, Map.of());
    quiet(stage, history, name);
    long before = stage.end(name);
    Sample from = Sample.now(before);
    history.leader().overrun(1);
    history.write();
    history.write();
    history.write();
    Sample to = Sample.now(stage.await(name, there -> there >= before + 3));
    double bytes = settledBytes(name);
    Repaired repaired =
        new Repaired(
            (to.nanos() - from.nanos()) / 1e9,
            to.workNanosSince(from) / 1e6,
            bytes,
            drainSeconds(history));
    stage.delete(name);
    stage.deleteTopic(name);
    return repaired;
  }

  /** Writes for a while at a steady rate, until all of it is in Kafka and a repair may begin. */
  private static void quiet(Stage stage, History history, String name) throws Exception {
    for (int n = 0; n < 100; n++) {
      history.write();
      Thread.sleep(10);
    }
    long last = -1;
    for (long end = stage.end(name); end != last; end = stage.end(name)) {
      last = end;
      Thread.sleep(300);
    }
  }

  private static double drainSeconds(History history) throws IOException {
    long from = System.nanoTime();
    try (Drain drain = new Drain(history.leader().port())) {
      drain.takeSnapshot();
    }
    return (System.nanoTime() - from) / 1e9;
  }

  /** What was told is behind what has come, and more may come than the repair needed. */
  private static double settledBytes(String connector) throws Exception {
    double told = 0;
    for (double now = snapshotBytes(connector);
        now == 0 || now != told;
        now = snapshotBytes(connector)) {
      told = now;
      Thread.sleep(1000);
    }
    return told;
  }

  private static double snapshotBytes(String connector) throws JMException {
    ObjectName pattern =
        new ObjectName(
            "io.github.allsourceconnect:type=source-metrics,connector=" + connector + ",*");
    Set<ObjectName> names = ManagementFactory.getPlatformMBeanServer().queryNames(pattern, null);
    Object bytes =
        ManagementFactory.getPlatformMBeanServer()
            .getAttribute(names.iterator().next(), "snapshotBytes");
    return ((Number) bytes).doubleValue();
  }
}
