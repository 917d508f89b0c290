package io.github.allsourceconnect;

import io.github.allsourceconnect.config.LiveCheck;
import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.sink.AllSourceSinkTask;
import io.github.allsourceconnect.sink.SinkCheck;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.sink.SinkConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Leads AllSource followers from a Kafka topic: partition p is served on listener.port + p. */
public final class AllSourceSinkConnector extends SinkConnector {
  private static final Logger LOG = LoggerFactory.getLogger(AllSourceSinkConnector.class);

  private Map<String, String> properties = Map.of();

  @Override
  public String version() {
    return Version.number();
  }

  @Override
  public void start(Map<String, String> props) {
    new SinkConfig(props);
    LOG.info("AllSource sink connector {}", Version.described());
    List<String> foreign = SinkConfig.foreignKeys(props);
    if (!foreign.isEmpty()) {
      LOG.warn("Nothing reads these settings of {}: {}", props.get("name"), foreign);
    }
    properties = Map.copyOf(props);
  }

  @Override
  public Class<? extends Task> taskClass() {
    return AllSourceSinkTask.class;
  }

  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    List<Map<String, String>> configs = new ArrayList<>();
    for (int task = 0; task < maxTasks; task++) {
      Map<String, String> config = new HashMap<>(properties);
      config.put(AllSourceSinkTask.TASK_ID, Integer.toString(task));
      configs.add(config);
    }
    return configs;
  }

  @Override
  public void stop() {}

  @Override
  public ConfigDef config() {
    return SinkConfig.configDef();
  }

  @Override
  public Config validate(Map<String, String> connectorConfigs) {
    List<ConfigValue> found = SinkConfig.validate(connectorConfigs);
    if (LiveCheck.wanted(connectorConfigs, found)) {
      SinkCheck.ask(new SinkConfig(connectorConfigs), LiveCheck.LIMIT_MS, LiveCheck.into(found));
    }
    return new Config(found);
  }
}
