package io.github.allsourceconnect;

import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.config.LiveCheck;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.source.AllSourceSourceTask;
import io.github.allsourceconnect.source.link.LeaderCheck;
import io.github.allsourceconnect.source.record.SourceOffsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.errors.ConnectException;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows an AllSource leader into Kafka: one task, one leader. */
public final class AllSourceSourceConnector extends SourceConnector {
  private static final Logger LOG = LoggerFactory.getLogger(AllSourceSourceConnector.class);
  private static final String LEADER_NAME = "leader.name";

  private Map<String, String> properties = Map.of();

  @Override
  public String version() {
    return Version.number();
  }

  @Override
  public void start(Map<String, String> props) {
    new SourceConfig(props);
    LOG.info("AllSource source connector {}", Version.described());
    List<String> foreign = SourceConfig.foreignKeys(props);
    if (!foreign.isEmpty()) {
      LOG.warn("Nothing reads these settings of {}: {}", props.get("name"), foreign);
    }
    properties = Map.copyOf(props);
  }

  @Override
  public Class<? extends Task> taskClass() {
    return AllSourceSourceTask.class;
  }

  /** One task: a leader's log has one order. */
  @Override
  public List<Map<String, String>> taskConfigs(int maxTasks) {
    return List.of(properties);
  }

  @Override
  public void stop() {}

  @Override
  public ConfigDef config() {
    return SourceConfig.configDef();
  }

  @Override
  public Config validate(Map<String, String> connectorConfigs) {
    List<ConfigValue> found = SourceConfig.validate(connectorConfigs);
    if (LiveCheck.wanted(connectorConfigs, found)) {
      SourceConfig config = new SourceConfig(connectorConfigs);
      LeaderCheck.ask(config.leader(), config.security(), LiveCheck.LIMIT_MS)
          .forEach(problem -> LiveCheck.into(found).accept(LeaderSettings.ADDRESSES, problem));
    }
    return new Config(found);
  }

  /** A batch and the position after it are one transaction's. */
  @Override
  public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> connectorConfig) {
    return ExactlyOnceSupport.SUPPORTED;
  }

  /**
   * Offsets may be reset (null, under any partition) or set to what this connector stored itself,
   * whole and under its {@code leader.name}. A WAL offset alone is refused: the leader begins its
   * numbering anew after restarts, so the number does not say which events Kafka has.
   *
   * @throws ConnectException naming the key that is wrong
   */
  @Override
  public boolean alterOffsets(
      Map<String, String> connectorConfig, Map<Map<String, ?>, Map<String, ?>> offsets) {
    offsets.forEach(
        (partition, offset) -> {
          if (offset == null) {
            return;
          }
          if (partition == null
              || !partition.keySet().equals(Set.of(SourceOffsets.LEADER))
              || !(partition.get(SourceOffsets.LEADER) instanceof String leader)) {
            throw new ConnectException(
                "A partition of this connector has the one key "
                    + SourceOffsets.LEADER
                    + ", a text, not "
                    + (partition == null ? "null" : partition.keySet()));
          }
          String own = new SourceConfig(connectorConfig).leader().name();
          if (!leader.equals(own)) {
            throw new ConnectException(
                "The offset is for the leader "
                    + leader
                    + ", but "
                    + LEADER_NAME
                    + " is "
                    + own
                    + ", so that it would never be read. File it under that name, or change "
                    + LEADER_NAME
                    + " first.");
          }
          SourceOffsets.decode(offset);
        });
    return true;
  }
}
