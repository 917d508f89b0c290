package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.sink.decision.TopicRetention;
import io.github.allsourceconnect.sink.history.Histories;
import io.github.allsourceconnect.sink.history.History;
import io.github.allsourceconnect.sink.mapping.EntryMapper;
import io.github.allsourceconnect.sink.mapping.RecordEntryMapper;
import io.github.allsourceconnect.sink.topic.LogConsumer;
import io.github.allsourceconnect.sink.topic.LogIdentities;
import io.github.allsourceconnect.transport.TlsContext;
import java.util.HashMap;
import java.util.Map;
import java.util.function.LongSupplier;

/** The parts of a leader that is fed from a topic in memory. */
record MemoryParts(MemoryTopic topic, SinkConfig config, TlsContext tls) implements LeaderParts {
  MemoryParts(MemoryTopic topic, SinkConfig config) {
    this(topic, config, KafkaLeaderParts.tls(config));
  }

  /** The settings of a sink of the topic {@code orders}, to be changed at will. */
  static Map<String, String> settings(int port) {
    Map<String, String> settings = new HashMap<>();
    settings.put("name", "sink");
    settings.put("topics", "orders");
    settings.put("log.bootstrap.servers", "127.0.0.1:9092");
    settings.put("listener.port", Integer.toString(port));
    settings.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
    settings.put("value.converter", "org.apache.kafka.connect.storage.StringConverter");
    return settings;
  }

  /** A leader that serves nothing yet. */
  static Leader leader(MemoryTopic topic, Map<String, String> settings) {
    SinkConfig config = new SinkConfig(settings);
    return new Leader(config, new MemoryParts(topic, config), "sink-0", false);
  }

  /** Serves a partition, and says that Connect hands over all that comes. */
  static void open(Leader leader, int partition) {
    leader.open(partition, false);
    leader.handed(partition, 0, Long.MAX_VALUE);
  }

  @Override
  public LogConsumer consumer(String clientId) {
    return topic.consumer();
  }

  @Override
  public LogIdentities identities(String clientId) {
    return topic.identities();
  }

  @Override
  public EntryMapper mapper() {
    return new RecordEntryMapper(config.mapping());
  }

  @Override
  public History history(int partition, LongSupplier room) {
    return Histories.create(config, partition, room).orElse(null);
  }

  @Override
  public TopicRetention retention(String clientId) {
    return TopicRetention.FOREVER;
  }

  @Override
  public void close() {}
}
