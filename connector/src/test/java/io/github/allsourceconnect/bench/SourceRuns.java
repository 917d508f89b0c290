package io.github.allsourceconnect.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.allsourceconnect.AllSourceSourceConnector;
import io.github.allsourceconnect.harness.Await;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.source.SourceRecord;

/** Runs of connectors that hand the same events to Connect, each into a topic of its own. */
final class SourceRuns {
  /** Producer's batches of 256 KiB. */
  static final Map<String, String> LARGE_BATCHES = Map.of("producer.override.batch.size", "262144");

  private final Stage stage;

  SourceRuns(Stage stage) {
    this.stage = stage;
  }

  /** The source, from a leader that sends the lines without a pause. */
  Sample.Result source(PreparedLines lines, Map<String, String> settings) {
    String name = stage.newTopic();
    try {
      return source(name, lines, settings);
    } finally {
      stage.deleteTopic(name);
    }
  }

  /** What the source makes of the lines. */
  List<ConsumerRecord<byte[], byte[]>> records(PreparedLines lines, Map<String, String> settings) {
    String name = stage.newTopic();
    try {
      source(name, lines, settings);
      return stage.topics().read(name);
    } finally {
      stage.deleteTopic(name);
    }
  }

  private Sample.Result source(String name, PreparedLines lines, Map<String, String> settings) {
    try (BlastLeader leader = new BlastLeader(lines)) {
      Map<String, String> config = new HashMap<>();
      config.put(Stage.CLASS, AllSourceSourceConnector.class.getName());
      config.put("leader.addresses", leader.address());
      config.put("topic", name);
      config.putAll(settings);
      stage.rest().create(name, config);
      try {
        Sample.Result result = stage.growth(name, lines.count());
        Await.until(
            "the last offset is acked",
            Duration.ofMinutes(5),
            () -> leader.acked() == lines.count(),
            () -> "but only " + leader.acked());
        return result;
      } finally {
        stage.delete(name);
      }
    }
  }

  /** Kafka's file source. */
  Sample.Result fileSource(Path file, int count, Map<String, String> settings) {
    String name = stage.newTopic();
    Map<String, String> config = new HashMap<>(settings);
    config.put(Stage.CLASS, "org.apache.kafka.connect.file.FileStreamSourceConnector");
    config.put("file", file.toString());
    config.put("topic", name);
    config.put(Stage.VALUES, Stage.STRINGS);
    return connector(name, config, count);
  }

  /** The source that has its records ready; keys and headers are texts, values bytes. */
  Sample.Result ready(List<ConsumerRecord<byte[], byte[]>> records) {
    String name = stage.newTopic();
    List<SourceRecord> ready = new ArrayList<>(records.size());
    for (ConsumerRecord<byte[], byte[]> record : records) {
      ConnectHeaders headers = new ConnectHeaders();
      for (Header header : record.headers()) {
        headers.addString(header.key(), new String(header.value(), UTF_8));
      }
      ready.add(
          new SourceRecord(
              Map.of("source", name),
              Map.of("position", record.offset()),
              name,
              null,
              Schema.STRING_SCHEMA,
              new String(record.key(), UTF_8),
              Schema.BYTES_SCHEMA,
              record.value(),
              record.timestamp(),
              headers));
    }
    ReadySource.READY.put(name, ready);
    try {
      return connector(
          name,
          Map.of(
              Stage.CLASS,
              ReadySource.class.getName(),
              ReadySource.RECORDS,
              name,
              Stage.VALUES,
              Stage.BYTES),
          records.size());
    } finally {
      ReadySource.READY.remove(name);
    }
  }

  private Sample.Result connector(String name, Map<String, String> config, int count) {
    try {
      stage.rest().create(name, config);
      try {
        return stage.growth(name, count);
      } finally {
        stage.delete(name);
      }
    } finally {
      stage.deleteTopic(name);
    }
  }
}
