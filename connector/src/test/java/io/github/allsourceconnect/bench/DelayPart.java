package io.github.allsourceconnect.bench;

import io.github.allsourceconnect.AllSourceSourceConnector;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import org.apache.kafka.clients.producer.KafkaProducer;

/**
 * The delay that the source adds at a steady rate, from the leader's write to a consumer of
 * committed records, beside that of a bare producer; with and without exactly-once.
 */
final class DelayPart implements Part {
  private static final int RATE = 1_000;
  private static final String BARE = "bare producer and consumer";

  @Override
  public void run(BenchSettings settings, Stages stages, Report report) throws Exception {
    Map<String, Map<String, String>> atLeastOnce = new LinkedHashMap<>();
    atLeastOnce.put("added delay at 1,000/s", Map.of());
    atLeastOnce.put("... producer's linger.ms=0", Map.of("producer.override.linger.ms", "0"));
    run(settings, report, stages.plain(), false, atLeastOnce);
    Map<String, Map<String, String>> exactlyOnce = new LinkedHashMap<>();
    exactlyOnce.put("... exactly-once", Map.of());
    exactlyOnce.put("... exactly-once, batch.linger.ms=0", Map.of("batch.linger.ms", "0"));
    run(settings, report, stages.exactlyOnce(), true, exactlyOnce);
  }

  private static void run(
      BenchSettings settings,
      Report report,
      Stage stage,
      boolean exactlyOnce,
      Map<String, Map<String, String>> contenders)
      throws Exception {
    int events = settings.seconds() * RATE;
    try (Closing closing = new Closing()) {
      Rounds<Delays.Run> all = new Rounds<>();
      for (Map.Entry<String, Map<String, String>> one : contenders.entrySet()) {
        History history = closing.later(new History(1));
        String topic = source(stage, history, one.getValue());
        closing.later(() -> stage.delete(topic));
        Delays delays = closing.later(new Delays(stage, topic));
        all.with(one.getKey(), () -> delays.run(history::write, RATE, events));
      }
      String bare = stage.newTopic();
      KafkaProducer<byte[], byte[]> producer =
          closing.later(BareProducer.open(stage.broker().bootstrap(), bare, Map.of()));
      Delays delays = closing.later(new Delays(stage, bare));
      all.with(BARE, () -> delays.run(Delays.bare(producer, bare), RATE, events));
      all.run(settings.warmups(), settings.rounds(), Delays.Run::p50, "ms p50");
      for (Map.Entry<String, Map<String, String>> one : contenders.entrySet()) {
        boolean waits = exactlyOnce && one.getValue().isEmpty();
        report.add(
            new Line(
                "delay.p50" + (exactlyOnce ? ".once" : "") + one.getValue().keySet(),
                one.getKey() + ", p50",
                "ms",
                BARE,
                Goal.addedAtMost(waits ? 52 : 2),
                all.of(one.getKey(), Delays.Run::p50),
                all.of(BARE, Delays.Run::p50)));
        report.add(
            new Line(
                "delay.p99" + (exactlyOnce ? ".once" : "") + one.getValue().keySet(),
                one.getKey() + ", p99",
                "ms",
                BARE,
                Goal.addedAtMost(waits ? 110 : 10),
                all.of(one.getKey(), Delays.Run::p99),
                all.of(BARE, Delays.Run::p99)));
      }
    }
  }

  /** A source of live entries; returns when the first is in its topic. */
  static String source(Stage stage, History history, Map<String, String> settings)
      throws InterruptedException {
    String name = stage.newTopic();
    Map<String, String> config = new HashMap<>();
    config.put(Stage.CLASS, AllSourceSourceConnector.class.getName());
    config.put("leader.addresses", history.leader().address());
    config.put("topic", name);
    config.put("value.format", "event_json");
    config.put("snapshot.mode", "no_data");
    config.put(Stage.VALUES, Stage.STRINGS);
    config.putAll(settings);
    stage.rest().create(name, config);
    // what is written before it has subscribed is none of its events
    long end = 0;
    for (long seen = -1; end == 0 || seen != end; ) {
      seen = end;
      if (end == 0) {
        history.write();
      }
      Thread.sleep(200);
      end = stage.end(name);
    }
    return name;
  }
}
