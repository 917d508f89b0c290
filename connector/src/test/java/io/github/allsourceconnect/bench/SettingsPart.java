package io.github.allsourceconnect.bench;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * What settings that are made for throughput or for small records cost or save, beside defaults.
 */
final class SettingsPart implements Part {
  private static final String DEFAULTS = "defaults (event_json, all headers)";
  private static final String ONCE = "exactly-once, defaults";
  private static final Map<String, String> COMPRESSED =
      Map.of("producer.override.compression.type", "lz4");
  private static final Map<String, String> HEADERS = Map.of("header.converter", Stage.STRINGS);
  private static final Map<String, String> LARGE_AND_COMPRESSED = largeAndCompressed();

  @Override
  public void run(BenchSettings settings, Stages stages, Report report) throws Exception {
    PreparedLines lines = PreparedLines.generate(settings.records());
    compare(settings, report, new SourceRuns(stages.plain()), lines, DEFAULTS, contenders());
    compare(settings, report, new SourceRuns(stages.exactlyOnce()), lines, ONCE, transactions());
  }

  private static void compare(
      BenchSettings settings,
      Report report,
      SourceRuns runs,
      PreparedLines lines,
      String peer,
      Map<String, Map<String, String>> contenders)
      throws Exception {
    Rounds<Sample.Result> all = new Rounds<>();
    for (Map.Entry<String, Map<String, String>> one : contenders.entrySet()) {
      Map<String, String> config = new TreeMap<>(one.getValue());
      config.put("value.format", "event_json");
      config.putIfAbsent(Stage.VALUES, Stage.STRINGS);
      all.with(one.getKey(), () -> runs.source(lines, config));
    }
    all.run(settings.warmups(), settings.rounds(), Sample.Result::rate, "events/s");
    for (String one : contenders.keySet()) {
      if (!one.equals(peer)) {
        SourcePart.rate(report, all, "settings." + one, one, peer, Goal.NONE);
        SourcePart.cpu(report, all, "settings." + one + ".cpu", one, peer, Goal.NONE);
      }
    }
  }

  private static Map<String, String> largeAndCompressed() {
    Map<String, String> both = new TreeMap<>(SourceRuns.LARGE_BATCHES);
    both.putAll(COMPRESSED);
    return both;
  }

  private static Map<String, Map<String, String>> contenders() {
    Map<String, Map<String, String>> all = new LinkedHashMap<>();
    all.put(DEFAULTS, Map.of());
    all.put("batch.size=256 KiB", SourceRuns.LARGE_BATCHES);
    all.put("compression.type=lz4", COMPRESSED);
    all.put("both", LARGE_AND_COMPRESSED);
    all.put("header.converter=StringConverter", HEADERS);
    Map<String, String> three = new TreeMap<>(LARGE_AND_COMPRESSED);
    three.putAll(HEADERS);
    all.put("all three", three);
    all.put("record.headers=none", Map.of("record.headers", "none"));
    all.put("batch.max.records=200", Map.of("batch.max.records", "200"));
    all.put("ByteArrayConverter", Map.of(Stage.VALUES, Stage.BYTES));
    all.put("little memory", MemoryPart.SMALL);
    return all;
  }

  private static Map<String, Map<String, String>> transactions() {
    Map<String, Map<String, String>> all = new LinkedHashMap<>();
    all.put(ONCE, Map.of());
    all.put("once: both", LARGE_AND_COMPRESSED);
    all.put("once: batch.max.records=200", Map.of("batch.max.records", "200"));
    Map<String, String> large = new TreeMap<>(LARGE_AND_COMPRESSED);
    large.put("batch.max.records", "20000");
    large.put("batch.max.bytes", "16777216");
    large.put("in.flight.max.bytes", "33554432");
    all.put("once: both, batches of 20,000", large);
    Map<String, String> interval = new TreeMap<>(LARGE_AND_COMPRESSED);
    interval.put("transaction.boundary", "interval");
    interval.put("transaction.boundary.interval.ms", "1000");
    all.put("once: both, boundary=interval, 1 s", interval);
    Map<String, String> room = new TreeMap<>(interval);
    room.put("in.flight.max.bytes", "268435456");
    all.put("once: the same, 256 MiB in flight", room);
    return all;
  }
}
