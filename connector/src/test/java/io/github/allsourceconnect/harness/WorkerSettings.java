package io.github.allsourceconnect.harness;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/**
 * The settings of a distributed Connect worker. Workers with the same group share their connectors.
 *
 * @param restPort the port of the REST interface
 * @param properties the worker's own properties, complete
 */
public record WorkerSettings(int restPort, Map<String, String> properties) {
  public WorkerSettings {
    properties = Map.copyOf(properties);
  }

  /** A worker on a free port in the group {@code connect}. */
  public static WorkerSettings of(Broker broker, Path pluginPath) {
    return of(broker, pluginPath, Ports.free());
  }

  /** A worker in the group {@code connect}. */
  public static WorkerSettings of(Broker broker, Path pluginPath, int restPort) {
    return of(broker.bootstrap(), pluginPath, restPort);
  }

  /** A worker in the group {@code connect}. */
  public static WorkerSettings of(String bootstrap, Path pluginPath, int restPort) {
    Map<String, String> properties = new HashMap<>();
    properties.put("bootstrap.servers", bootstrap);
    properties.put("group.id", "connect");
    properties.put("listeners", "http://127.0.0.1:" + restPort);
    properties.put("rest.advertised.host.name", "127.0.0.1");
    properties.put("plugin.path", pluginPath.toString());
    properties.put("plugin.discovery", "service_load");
    properties.put("key.converter", "org.apache.kafka.connect.storage.StringConverter");
    properties.put("value.converter", "org.apache.kafka.connect.json.JsonConverter");
    properties.put("config.storage.topic", "connect-configs");
    properties.put("offset.storage.topic", "connect-offsets");
    properties.put("status.storage.topic", "connect-status");
    properties.put("config.storage.replication.factor", "1");
    properties.put("offset.storage.replication.factor", "1");
    properties.put("status.storage.replication.factor", "1");
    properties.put("offset.storage.partitions", "1");
    properties.put("status.storage.partitions", "1");
    properties.put("topic.creation.enable", "true");
    properties.put("offset.flush.interval.ms", "1000");
    properties.put("scheduled.rebalance.max.delay.ms", "0");
    properties.put("task.shutdown.graceful.timeout.ms", "10000");
    return new WorkerSettings(restPort, properties);
  }

  /** The same with another property. */
  public WorkerSettings with(String key, String value) {
    Map<String, String> changed = new HashMap<>(properties);
    changed.put(key, value);
    return new WorkerSettings(restPort, changed);
  }

  /** The same with exactly-once support for sources. */
  public WorkerSettings exactlyOnce() {
    return with("exactly.once.source.support", "enabled");
  }

  /** The same for another worker of the group, on a free port. */
  public WorkerSettings another() {
    int port = Ports.free();
    return new WorkerSettings(port, properties).with("listeners", "http://127.0.0.1:" + port);
  }
}
