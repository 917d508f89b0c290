package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.AllSourceSourceConnector;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/** The rows of a first snapshot, beside a bare producer of the same records. */
final class SnapshotPart implements Part {
  private static final String ROWS = "source, rows of a first snapshot";
  private static final String BARE = "bare producer, same records";
  private static final Map<String, String> SETTINGS =
      Map.of("value.format", "event_json", Stage.VALUES, Stage.STRINGS);

  @Override
  public void run(BenchSettings settings, Stages stages, Report report) throws Exception {
    Stage stage = stages.plain();
    try (History history = new History(settings.records())) {
      String first = stage.newTopic();
      snapshot(stage, history, first, settings.records(), SETTINGS);
      List<ConsumerRecord<byte[], byte[]>> records = stage.topics().read(first);
      stage.deleteTopic(first);
      BareProducer producer = new BareProducer(stage);
      Rounds<Sample.Result> all =
          new Rounds<Sample.Result>()
              .with(ROWS, () -> snapshot(stage, history, settings.records(), SETTINGS))
              .with(BARE, () -> producer.write(records))
              .run(settings.warmups(), settings.rounds(), Sample.Result::rate, "events/s");
      SourcePart.rate(report, all, "snapshot.rows", ROWS, BARE, Goal.ratioAtLeast(0.9));
      SourcePart.cpu(report, all, "snapshot.cpu", ROWS, BARE, Goal.atMost(12));
    }
  }

  /** A first snapshot into a topic that is deleted again. */
  static Sample.Result snapshot(
      Stage stage, History history, int rows, Map<String, String> settings) {
    String name = stage.newTopic();
    try {
      return snapshot(stage, history, name, rows, settings);
    } finally {
      stage.deleteTopic(name);
    }
  }

  /** The rate from the first record on; the CPU time from before the connector was there. */
  private static Sample.Result snapshot(
      Stage stage, History history, String name, int rows, Map<String, String> settings) {
    Map<String, String> config = new HashMap<>();
    config.put(Stage.CLASS, AllSourceSourceConnector.class.getName());
    config.put("leader.addresses", history.leader().address());
    config.put("topic", name);
    config.putAll(settings);
    Sample before = Sample.now(0);
    stage.rest().create(name, config);
    try {
      Sample.Result growth = stage.growth(name, rows);
      Sample.Result whole = Sample.between(before, Sample.now(rows));
      return new Sample.Result(growth.rate(), whole.processCpu(), whole.workCpu());
    } finally {
      stage.delete(name);
    }
  }
}
