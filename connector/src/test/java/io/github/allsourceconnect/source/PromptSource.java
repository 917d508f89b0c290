package io.github.allsourceconnect.source;

import static org.junit.jupiter.api.Assertions.assertThrows;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.harness.Await;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.record.SourceOffsets;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.management.ObjectName;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.SourceRecord;

/** A whole source that follows a {@link Peer} and waits for nothing long; Connect is the test. */
final class PromptSource {

  /** What Connect says of a record that Kafka has. */
  static final RecordMetadata IN_KAFKA =
      new RecordMetadata(new TopicPartition("events", 0), 0, 0, 0, 0, 0);

  private PromptSource() {}

  /**
   * Settings with short pauses.
   *
   * @param usual what a test's sources have in common
   * @param own what this one has beside it, or instead: keys and values in turn
   */
  static SourceConfig config(
      String name, Peer peer, Path folder, Map<String, String> usual, String... own) {
    Map<String, String> settings = new HashMap<>();
    settings.put("name", name);
    settings.put("leader.addresses", peer.address().toString());
    settings.put("buffer.disk.dir", folder.toString());
    settings.put("gap.timeout.ms", "200");
    settings.put("reconnect.backoff.ms", "20");
    settings.put("reconnect.backoff.max.ms", "100");
    settings.putAll(usual);
    for (int i = 0; i < own.length; i += 2) {
      settings.put(own[i], own[i + 1]);
    }
    return new SourceConfig(settings);
  }

  /** So many records at least, all of them committed, each batch in a transaction. */
  static List<SourceRecord> take(SourcePipeline source, int count) throws Exception {
    List<SourceRecord> all = new ArrayList<>();
    while (all.size() < count) {
      List<SourceRecord> some = source.poll();
      if (some != null) {
        all.addAll(some);
        some.forEach(record -> source.committed(record, IN_KAFKA));
        source.committed();
      }
    }
    return all;
  }

  static SourcePosition positionAfter(List<SourceRecord> records) {
    return positionAfter(records, new HashMap<>());
  }

  /** The same, with what was stored before; what is stored now is put there. */
  @SuppressWarnings("unchecked")
  static SourcePosition positionAfter(
      List<SourceRecord> records, Map<Map<String, ?>, Map<String, Object>> stored) {
    for (SourceRecord record : records) {
      stored.put(
          (Map<String, ?>) record.sourcePartition(), (Map<String, Object>) record.sourceOffset());
    }
    return SourceOffsets.decode(
        (String) records.get(0).sourcePartition().get(SourceOffsets.LEADER), stored);
  }

  /** Nothing comes but the source's failure; its text. */
  static String failure(SourcePipeline source) {
    return assertThrows(
            ConnectException.class,
            () -> {
              while (source.poll() == null) {
                continue;
              }
            })
        .getMessage();
  }

  /** A metric of a source in this process. */
  static Object figure(String source, String figure) throws Exception {
    return ManagementFactory.getPlatformMBeanServer()
        .getAttribute(
            new ObjectName(
                "io.github.allsourceconnect:type=source-metrics,connector=" + source + ",task=0"),
            figure);
  }

  /** Waits until a metric of the source has this value, as a whole number of any size or a text. */
  static void awaitFigure(String source, String figure, Object value) {
    Object[] seen = new Object[1];
    Await.until(
        figure + " of " + source + " is " + value,
        Await.LIMIT,
        () -> {
          seen[0] = figure(source, figure);
          return seen[0].toString().equals(value.toString());
        },
        () -> "but was " + seen[0]);
  }
}
