package io.github.allsourceconnect.bench;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The benchmark: one table whose lines are figures of the connectors beside their peers or limits,
 * all in one process with one broker and one worker, in turns.
 *
 * <p>System properties, see {@link BenchSettings}: {@code records} (200,000), {@code rounds} (5),
 * {@code warmups} (2), {@code seconds} (6, of each run at a steady rate), {@code only} (parts, with
 * commas between them), {@code short} (all as small as can be: it only shows that it works).
 *
 * <p>Parts: see {@link #PARTS}. Some run only when they are named: {@code settings} ({@link
 * SettingsPart}), and those with tables of their own, {@code costs} (what positions cost, {@link
 * CostsBench}), {@code records} (what a record costs before the producer gets it, {@link
 * RecordsBench}) and {@code jmh} ({@link JmhPart}).
 */
public final class Bench {
  static final Map<String, Part> PARTS = parts();
  static final Set<String> ONLY_NAMED = Set.of("settings", "costs", "records", "jmh");

  private Bench() {}

  private static Map<String, Part> parts() {
    Map<String, Part> parts = new LinkedHashMap<>();
    parts.put("source", new SourcePart());
    parts.put("snapshot", new SnapshotPart());
    parts.put("repair", new RepairPart());
    parts.put("sink-behind", new CatchUpPart());
    parts.put("sink-live", new LivePart());
    parts.put("sink-delay", new SinkDelayPart());
    parts.put("memory", new MemoryPart());
    parts.put("delay", new DelayPart());
    parts.put("growth", new GrowthPart());
    parts.put("settings", new SettingsPart());
    parts.put("costs", (settings, stages, report) -> CostsBench.run(settings.sized(20, 2)));
    parts.put(
        "records",
        (settings, stages, report) ->
            RecordsBench.run(settings.records() / 2, settings.rounds(), settings.warmups() + 1));
    parts.put("jmh", new JmhPart());
    return parts;
  }

  /** Prints the table, and writes the files. */
  public static void main(String[] args) {
    int status = 1;
    try {
      run(BenchSettings.ofSystem());
      status = 0;
    } catch (Exception | Error e) {
      e.printStackTrace();
    } finally {
      // whatever thread of broker or worker is left
      System.exit(status);
    }
  }

  /** Runs the parts that are wanted. */
  static Report run(BenchSettings settings) throws Exception {
    Set<String> unknown = new TreeSet<>(settings.only());
    unknown.removeAll(PARTS.keySet());
    if (!unknown.isEmpty()) {
      throw new IllegalArgumentException(
          "-Donly names " + unknown + "; the parts are " + List.copyOf(PARTS.keySet()));
    }
    Report report = new Report();
    try (Stages stages = new Stages()) {
      run(settings, stages, report);
    }
    report.print();
    Report.progress("written: %s", settings.out());
    return report;
  }

  private static void run(BenchSettings settings, Stages stages, Report report) throws Exception {
    for (Map.Entry<String, Part> part : PARTS.entrySet()) {
      boolean wanted =
          settings.only().isEmpty()
              ? !ONLY_NAMED.contains(part.getKey())
              : settings.only().contains(part.getKey());
      if (wanted) {
        Report.progress("%s: begins", part.getKey());
        part.getValue().run(settings, stages, report);
        report.write(settings.out());
      }
    }
  }
}
