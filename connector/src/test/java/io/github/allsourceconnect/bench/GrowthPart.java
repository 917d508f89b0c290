package io.github.allsourceconnect.bench;

import java.util.Map;

/**
 * How CPU, bytes and delay grow with the events' size, with entities, with events a second and with
 * followers; with the leader's history: {@link RepairPart}, followers' rates: {@link LivePart}.
 */
final class GrowthPart implements Part {
  private static final Map<String, String> SETTINGS =
      Map.of("value.format", "event_json", Stage.VALUES, Stage.BYTES);
  private static final long RUN_BYTES = 60_000_000;
  private static final String CPU = "own CPU, us/event";
  private static final String BYTES = "bytes in the topic";
  private static final String OFFSETS = "connect-offsets";
  private static final long PAUSE_NANOS = 10_000_000;

  @Override
  public void run(BenchSettings settings, Stages stages, Report report) throws Exception {
    sizes(settings, report, stages.plain());
    entities(settings, report, stages.plain());
    rates(settings, report, stages.plain(), "");
    followers(settings, report, stages.plain());
    rates(settings, report, stages.exactlyOnce(), ", exactly-once");
  }

  private static void sizes(BenchSettings settings, Report report, Stage stage) throws Exception {
    SourceRuns runs = new SourceRuns(stage);
    int[] notes =
        settings.brief() ? new int[] {0, 1_000} : new int[] {0, 600, 9_500, 99_500, 900_000};
    for (int note : notes) {
      int count =
          settings.brief() ? 200 : (int) Math.max(60, Math.min(150_000, RUN_BYTES / (note + 390)));
      PreparedLines lines = PreparedLines.generate(count, note, 97);
      int size = lines.bytes().length / count;
      String of = String.format("source, events of %,d bytes", size);
      Rounds<Sample.Result> all =
          new Rounds<Sample.Result>()
              .with(of, () -> runs.source(lines, SETTINGS))
              .run(1, settings.rounds(), result -> result.rate() * size / 1e6, "MB/s");
      Plot plot =
          report
              .plot("size", "Source: size of an event", "bytes of a line", "see legend")
              .add("events/s", size, all.median(of, Sample.Result::rate))
              .add(CPU, size, all.median(of, Sample.Result::workCpu));
      int rate = settings.brief() ? 20 : Math.max(20, Math.min(1_000, 4_000_000 / size));
      steady(settings, stage, plot, size, new History(1, 97, note), rate, 0);
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
      Plot plot =
          report
              .plot("entities", "Source: entities in turns", "entities", "see legend")
              .add("events/s", entities, all.median(of, Sample.Result::rate))
              .add(CPU, entities, all.median(of, Sample.Result::workCpu));
      int rate = settings.brief() ? 20 : 1_000;
      steady(settings, stage, plot, entities, new History(1, entities, 120), rate, entities);
    }
  }

  /**
   * Delay and bytes at a steady rate.
   *
   * @param history closed at the end
   * @param first so many events are written before, twenty times as fast
   */
  private static void steady(
      BenchSettings settings,
      Stage stage,
      Plot plot,
      double x,
      History history,
      int rate,
      int first)
      throws Exception {
    try (history) {
      String topic = DelayPart.source(stage, history, SETTINGS);
      try (Delays delays = new Delays(stage, topic)) {
        if (first > rate) {
          delays.run(history::write, 20 * rate, first);
        }
        delays.run(history::write, rate, rate);
        long bytes = stage.broker().bytes(topic);
        int events = rate * settings.seconds();
        Delays.Run run = delays.run(history::write, rate, events);
        double each = (double) (stage.broker().bytes(topic) - bytes) / events;
        Report.progress(
            "%,.0f: at %,d events/s p50 %.1f ms, p99 %.1f ms, %,.0f bytes in the topic an event",
            x, rate, run.p50(), run.p99(), each);
        plot.add("p50, ms", x, run.p50()).add("p99, ms", x, run.p99()).add(BYTES, x, each);
      }
      stage.delete(topic);
      stage.deleteTopic(topic);
    }
  }

  /** How long a live entry takes to one of so many followers. */
  private static void followers(BenchSettings settings, Report report, Stage stage)
      throws Exception {
    int live = settings.sized(400, 20);
    int most = settings.sized(1_000, 10);
    try (SinkTopic topic =
        new SinkTopic(stage, PreparedLines.generate(settings.records()), settings.records())) {
      for (int followers = 1; followers <= most; followers *= 10) {
        try (Audience others = new Audience(topic.port(), followers - 1, topic.end())) {
          SinkDelayPart.live(stage, topic, live / 4, PAUSE_NANOS);
          SinkDelayPart.Ways ways = SinkDelayPart.live(stage, topic, live, PAUSE_NANOS);
          double p50 = SinkDelayPart.at(ways.follower(), 0.5);
          double p99 = SinkDelayPart.at(ways.follower(), 0.99);
          Report.progress("%,d followers: p50 %.1f ms, p99 %.1f ms", followers, p50, p99);
          report
              .plot("followers-delay", "Live followers: delay", "followers", "see legend")
              .add("p50, ms", followers, p50)
              .add("p99, ms", followers, p99);
        }
      }
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
          long stored = stage.end(OFFSETS);
          long bytes = stage.broker().bytes(topic) + stage.broker().bytes(OFFSETS);
          Delays.Run run = delays.run(history::write, rate, events);
          double positions = stage.end(OFFSETS) - stored;
          double each =
              (double) (stage.broker().bytes(topic) + stage.broker().bytes(OFFSETS) - bytes)
                  / events;
          Report.progress(
              "%,d events/s%s: p50 %.1f ms, p99 %.1f ms, %.1f us own CPU an event, %.1f offset"
                  + " records/s, %,.0f bytes stored an event",
              rate,
              suffix,
              run.p50(),
              run.p99(),
              run.ownCpu(),
              positions / settings.seconds(),
              each);
          report
              .plot("rate", "Source: events a second", "events/s", "see legend")
              .add("p50, ms" + suffix, rate, run.p50())
              .add("p99, ms" + suffix, rate, run.p99());
          report
              .plot("rate-cpu", "Source: cost of an event", "events/s", "see legend")
              .add(CPU + suffix, rate, run.ownCpu())
              .add("bytes stored" + suffix, rate, each);
        }
      }
      stage.delete(topic);
    }
  }
}
