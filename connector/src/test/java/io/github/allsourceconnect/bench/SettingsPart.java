package io.github.allsourceconnect.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What settings that are made for throughput or for small records cost or save, beside defaults.
 */
final class SettingsPart implements Part {
  private static final String DEFAULTS = "defaults (event_json, all headers)";
  private static final Map<String, String> COMPRESSED =
      Map.of("producer.override.compression.type", "lz4");

  @Override
  public void run(BenchSettings settings, Stages stages, Report report) throws Exception {
    PreparedLines lines = PreparedLines.generate(settings.records());
    SourceRuns runs = new SourceRuns(stages.plain());
    Rounds<Sample.Result> all = new Rounds<>();
    for (Map.Entry<String, Map<String, String>> one : contenders().entrySet()) {
      Map<String, String> config = new TreeMap<>(one.getValue());
      config.put("value.format", "event_json");
      config.putIfAbsent(Stage.VALUES, Stage.STRINGS);
      all.with(one.getKey(), () -> runs.source(lines, config));
    }
    all.run(settings.warmups(), settings.rounds(), Sample.Result::rate, "events/s");
    for (String one : contenders().keySet()) {
      if (!one.equals(DEFAULTS)) {
        SourcePart.rate(report, all, "settings." + one, one, DEFAULTS, Goal.NONE);
        SourcePart.cpu(report, all, "settings." + one + ".cpu", one, DEFAULTS, Goal.NONE);
      }
    }
  }

  private static Map<String, Map<String, String>> contenders() {
    Map<String, Map<String, String>> all = new LinkedHashMap<>();
    all.put(DEFAULTS, Map.of());
    all.put("batch.size=256 KiB", SourceRuns.LARGE_BATCHES);
    all.put("compression.type=lz4", COMPRESSED);
    Map<String, String> both = new TreeMap<>(SourceRuns.LARGE_BATCHES);
    both.putAll(COMPRESSED);
    all.put("both", both);
    all.put("record.headers=none", Map.of("record.headers", "none"));
    all.put("batch.max.records=200", Map.of("batch.max.records", "200"));
    all.put("ByteArrayConverter", Map.of(Stage.VALUES, Stage.BYTES));
    return all;
  }
}
