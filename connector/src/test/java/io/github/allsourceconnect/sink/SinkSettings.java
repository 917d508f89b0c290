package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.harness.Broker;
import java.util.HashMap;
import java.util.Map;

/** The settings of a sink connector in a worker. */
final class SinkSettings {
  static final String STRING = "org.apache.kafka.connect.storage.StringConverter";

  private SinkSettings() {}

  /** One task serves the topic; keys are read as the worker reads them. To be changed at will. */
  static Map<String, String> serving(Broker broker, String topic, int port) {
    Map<String, String> settings = new HashMap<>();
    settings.put("connector.class", "io.github.allsourceconnect.AllSourceSinkConnector");
    settings.put("tasks.max", "1");
    settings.put("topics", topic);
    settings.put("listener.port", Integer.toString(port));
    settings.put("log.bootstrap.servers", broker.bootstrap());
    settings.put("value.converter", STRING);
    return settings;
  }
}
