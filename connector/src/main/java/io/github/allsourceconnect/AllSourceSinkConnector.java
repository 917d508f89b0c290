package io.github.allsourceconnect;

import io.github.allsourceconnect.config.LiveCheck;
import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.sink.AllSourceSinkTask;
import io.github.allsourceconnect.sink.SinkCheck;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.sink.SinkConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Leads AllSource followers from a Kafka topic: partition p is served on listener.port + p. */
public final class AllSourceSinkConnector extends SinkConnector {
  private static final Logger LOG = LoggerFactory.getLogger(AllSourceSinkConnector.class);

  private Map<String, String> properties = Map.of();

  @Override
  public String version() {
    return Version.plugin();
  }

  @Override
  public void start(Map<String, String> props) {
    new SinkConfig(props);
    LOG.info("AllSource sink connector {}", Version.described());
    List<String> foreign = SinkConfig.foreignKeys(props);
    if (!foreign.isEmpty()) {
      LOG.warn(
          "Nothing reads these settings of {}: {}",
          Printable.of(props.get("name")),
          Printable.message(foreign.toString()));
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

  /**
   * Offsets may be deleted, not set: what is committed follows what followers acknowledge, and each
   * follower says itself from where it is fed, so an offset that is set would change nothing, and
   * be gone with the next acknowledgement. Deleting them makes Connect hand over everything again,
   * and forgets that there was another log before.
   *
   * @throws ConnectException when one is to be set; the message says what to do instead
   */
  @Override
  public boolean alterOffsets(
      Map<String, String> connectorConfig, Map<TopicPartition, Long> offsets) {
    offsets.forEach(
        (partition, offset) -> {
          if (offset != null) {
            throw new ConnectException(
                "The offset of "
                    + partition
                    + " can't be set to "
                    + offset
                    + ": what is committed follows what followers acknowledge, and would replace it"
                    + " at once; what a follower gets follows from the offset that it subscribes"
                    + " with. To send a follower everything again, reset the follower. To pass over"
                    + " records that are not events, set errors.tolerance=all. To have Connect hand"
                    + " over everything again, and to forget an earlier log when all its followers"
                    + " are reset, delete the offsets (DELETE /connectors/NAME/offsets)");
          }
        });
    return true;
  }

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
