package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.harness.Folders;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * The source on live entries: with key and headers, beside Kafka's file source on the same lines,
 * with the producer's batches as they are and larger; and with values as bytes and one header,
 * beside a source that has the same records ready. What Connect itself makes of key and headers is
 * shown by such a source with all of them, beside the file source.
 */
final class SourcePart implements Part {
  private static final String SOURCE = "source, key and all headers";
  private static final String FILE = "FileStreamSource";
  private static final String BYTES = "source, bytes, header event_id";
  private static final String LARGE = ", batches of 256 KiB";
  private static final String READY_ALL = "ready records, key and all headers";
  private static final String READY = "ready records to Connect";
  private static final String BARE = "bare producer, same records";

  private static final Map<String, String> ALL =
      Map.of("value.format", "wal_entry", Stage.VALUES, Stage.STRINGS);
  private static final Map<String, String> CHOSEN =
      Map.of("value.format", "wal_entry", "record.headers", "event_id", Stage.VALUES, Stage.BYTES);

  @Override
  public void run(BenchSettings settings, Stages stages, Report report) throws Exception {
    PreparedLines lines = PreparedLines.generate(settings.records());
    Path folder = Folders.temporary("allsource-bench-");
    Path file = folder.resolve("lines");
    lines.write(file);
    Stage stage = stages.plain();
    try {
      SourceRuns runs = new SourceRuns(stage);
      BareProducer producer = new BareProducer(stage);
      List<ConsumerRecord<byte[], byte[]>> records = runs.records(lines, CHOSEN);
      List<ConsumerRecord<byte[], byte[]>> whole = runs.records(lines, ALL);
      Map<String, String> large = new HashMap<>(ALL);
      large.putAll(SourceRuns.LARGE_BATCHES);
      Rounds<Sample.Result> all =
          new Rounds<Sample.Result>()
              .with(SOURCE, () -> runs.source(lines, ALL))
              .with(FILE, () -> runs.fileSource(file, lines.count(), Map.of()))
              .with(SOURCE + LARGE, () -> runs.source(lines, large))
              .with(
                  FILE + LARGE,
                  () -> runs.fileSource(file, lines.count(), SourceRuns.LARGE_BATCHES))
              .with(READY_ALL, () -> runs.ready(whole))
              .with(BYTES, () -> runs.source(lines, CHOSEN))
              .with(READY, () -> runs.ready(records))
              .with(BARE, () -> producer.write(records))
              .run(settings.warmups(), settings.rounds(), Sample.Result::rate, "events/s");
      rate(report, all, "source.live", SOURCE, FILE, Goal.ratioAtLeast(1.1));
      cpu(report, all, "source.live.cpu", SOURCE, FILE, Goal.NONE);
      rate(report, all, "source.large", SOURCE + LARGE, FILE + LARGE, Goal.NONE);
      cpu(report, all, "source.large.cpu", SOURCE + LARGE, FILE + LARGE, Goal.NONE);
      rate(report, all, "source.ready", READY_ALL, FILE, Goal.NONE);
      cpu(report, all, "source.ready.cpu", READY_ALL, FILE, Goal.NONE);
      rate(report, all, "source.bytes", BYTES, READY, Goal.ratioAtLeast(1.3));
      cpu(report, all, "source.bytes.cpu", BYTES, READY, Goal.ratioAtMost(0.5));
      rate(report, all, "source.bytes.bare", BYTES, BARE, Goal.NONE);
    } finally {
      Folders.delete(folder);
    }
  }

  static void rate(
      Report report, Rounds<Sample.Result> all, String key, String one, String other, Goal goal) {
    line(report, all, key, one, other, goal, true);
  }

  static void cpu(
      Report report, Rounds<Sample.Result> all, String key, String one, String other, Goal goal) {
    line(report, all, key, one, other, goal, false);
  }

  private static void line(
      Report report,
      Rounds<Sample.Result> all,
      String key,
      String one,
      String other,
      Goal goal,
      boolean rate) {
    report.add(
        new Line(
            key,
            one + (rate ? "" : ", own CPU"),
            rate ? "events/s" : "us/event",
            other,
            goal,
            all.of(one, rate ? Sample.Result::rate : Sample.Result::workCpu),
            all.of(other, rate ? Sample.Result::rate : Sample.Result::workCpu)));
  }
}
