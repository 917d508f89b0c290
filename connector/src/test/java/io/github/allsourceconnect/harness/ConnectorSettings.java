package io.github.allsourceconnect.harness;

import java.util.HashMap;
import java.util.Map;

/** The settings of connectors in a worker, to be changed at will. */
public final class ConnectorSettings {
  public static final String STRING = "org.apache.kafka.connect.storage.StringConverter";

  private ConnectorSettings() {}

  /**
   * A source that follows leaders into a topic of one partition, payloads only.
   *
   * @param more what is added, or different: keys and values in turn
   */
  public static Map<String, String> source(String addresses, String topic, String... more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("connector.class", "io.github.allsourceconnect.AllSourceSourceConnector");
    settings.put("tasks.max", "1");
    settings.put("leader.addresses", addresses);
    settings.put("topic", topic);
    settings.put("value.format", "payload");
    settings.put("key.converter", STRING);
    settings.put("value.converter", STRING);
    settings.put("topic.creation.default.partitions", "1");
    settings.put("topic.creation.default.replication.factor", "1");
    return with(settings, more);
  }

  /**
   * A sink whose one task serves a topic; keys are read as the worker reads them.
   *
   * @param more what is added, or different: keys and values in turn
   */
  public static Map<String, String> sink(Broker broker, String topic, int port, String... more) {
    Map<String, String> settings = new HashMap<>();
    settings.put("connector.class", "io.github.allsourceconnect.AllSourceSinkConnector");
    settings.put("tasks.max", "1");
    settings.put("topics", topic);
    settings.put("listener.port", Integer.toString(port));
    settings.put("log.bootstrap.servers", broker.bootstrap());
    settings.put("value.converter", STRING);
    return with(settings, more);
  }

  private static Map<String, String> with(Map<String, String> settings, String... more) {
    for (int i = 0; i < more.length; i += 2) {
      settings.put(more[i], more[i + 1]);
    }
    return settings;
  }
}
