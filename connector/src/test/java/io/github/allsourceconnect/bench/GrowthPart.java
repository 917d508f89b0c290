package io.github.allsourceconnect.bench;

import java.util.Map;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** How the source's cost grows with the events' size, with entities, and with events a second. */
final class GrowthPart implements Part {
  private static final Map<String, String> SETTINGS =
      Map.of("value.format", "event_json", Stage.VALUES, Stage.BYTES);
  private static final long RUN_BYTES = 60_000_000;
  private static final String CPU = "own CPU, us/event";
  private static final String OFFSETS = "connect-offsets";

  @Override
  public void run(BenchSettings settings, Stages stages, Report report) throws Exception {
    sizes(settings, report, stages.plain());
    entities(settings, report, stages.plain());
    rates(settings, report, stages.plain(), "");
    rates(settings, report, stages.exactlyOnce(), ", exactly-once");
  }

  private static void sizes(BenchSettings settings, Report report, Stage stage) throws Exception {
    SourceRuns runs = new SourceRuns(stage);
    int[] notes =
        settings.brief() ? new int[] {0, 1_000} : new int[] {0, 600, 9_500, 99_500, 900_000};
    for (int note : notes) {
      int size = note + 420;
      int count = settings.brief() ? 200 : (int) Math.max(60, Math.min(150_000, RUN_BYTES / size));
      PreparedLines lines = PreparedLines.generate(count, note, 97);
      String of = String.format("source, events of %,d bytes", size);
      Rounds<Sample.Result> all =
          new Rounds<Sample.Result>()
              .with(of, () -> runs.source(lines, SETTINGS))
              .run(1, settings.rounds(), result -> result.rate() * size / 1e6, "MB/s");
      report
          .plot("size", "Source: size of an event", "bytes of a line", "see legend")
          .add("MB/s", size, all.median(of, Sample.Result::rate) * size / 1e6)
          .add("events/s", size, all.median(of, Sample.Result::rate))
          .add(CPU, size, all.median(of, Sample.Result::workCpu));
    }
  }

  private static void entities(BenchSettings settings, Report report, Stage stage)
      throws Exception {
    SourceRuns runs = new SourceRuns(stage);
    int most = settings.sized(1_000_000, settings.records());
    for (int entities = 1; entities <= most; entities = Math.max(entities * 10, 10)) {
      int count = Math.max(settings.records(), entities);
      PreparedLines lines = PreparedLines.generate(count, 120, entities);
      String of = String.format("source, %,d entities", entities);
      Rounds<Sample.Result> all =
          new Rounds<Sample.Result>()
              .with(of, () -> runs.source(lines, SETTINGS))
              .run(1, settings.rounds(), Sample.Result::rate, "events/s");
      report
          .plot("entities", "Source: entities in turns", "entities", "see legend")
          .add("events/s", entities, all.median(of, Sample.Result::rate))
          .add(CPU, entities, all.median(of, Sample.Result::workCpu));
    }
  }

  private static void rates(BenchSettings settings, Report report, Stage stage, String suffix)
      throws Exception {
    int[] rates = settings.brief() ? new int[] {100} : new int[] {10, 100, 1_000, 10_000, 30_000};
    try (History history = new History(1)) {
      String topic = DelayPart.source(stage, history, SETTINGS);
      try (Delays delays = new Delays(stage, topic)) {
        for (int rate : rates) {
          delays.run(history::write, rate, rate);
          int events = rate * settings.seconds();
          long stored = stored(stage);
          Delays.Run run = delays.run(history::write, rate, events);
          double positions = stored(stage) - stored;
          Report.progress(
              "%,d events/s%s: p50 %.1f ms, p99 %.1f ms, %.1f us own CPU an event, %.1f offset"
                  + " records/s",
              rate, suffix, run.p50(), run.p99(), run.ownCpu(), positions / settings.seconds());
          report
              .plot("rate", "Source: events a second", "events/s", "see legend")
              .add("p50, ms" + suffix, rate, run.p50())
              .add("p99, ms" + suffix, rate, run.p99());
          report
              .plot("rate-cpu", "Source: CPU an event", "events/s", "own CPU, us/event")
              .add("us/event" + suffix, rate, run.ownCpu());
        }
      }
      stage.delete(topic);
    }
  }

  /** How many records the topic of Connect's offsets has had. */
  private static long stored(Stage stage) throws Exception {
    TopicPartition partition = new TopicPartition(OFFSETS, 0);
    try (var admin = stage.broker().admin()) {
      return admin
          .listOffsets(Map.of(partition, OffsetSpec.latest()))
          .partitionResult(partition)
          .get()
          .offset();
    }
  }
}
