package io.github.allsourceconnect.bench;

/** One follower of the sink that is far behind, beside a bare consumer of the topic. */
final class CatchUpPart implements Part {
  private static final String FOLLOWER = "sink, one follower far behind";
  private static final String CONSUMER = "bare consumer of the topic";

  @Override
  public void run(BenchSettings settings, Stages stages, Report report) throws Exception {
    // more than the log's tail holds
    int records = settings.sized(Math.max(300_000, 2 * settings.records()), settings.records());
    try (SinkTopic topic =
        new SinkTopic(stages.plain(), PreparedLines.generate(settings.records()), records)) {
      Rounds<Double> all =
          new Rounds<Double>()
              .with(FOLLOWER, topic::drain)
              .with(CONSUMER, topic::consume)
              .run(settings.warmups(), settings.rounds(), rate -> rate, "entries/s");
      report.add(
          new Line(
              "sink.behind",
              FOLLOWER,
              "entries/s",
              CONSUMER,
              Goal.ratioAtLeast(0.9),
              all.of(FOLLOWER, rate -> rate),
              all.of(CONSUMER, rate -> rate)));
    }
  }
}
