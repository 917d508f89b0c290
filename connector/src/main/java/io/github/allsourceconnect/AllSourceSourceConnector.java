package io.github.allsourceconnect;

import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.source.AllSourceSourceTask;
import io.github.allsourceconnect.source.SourceOffsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.common.config.Config;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.connector.Task;
import org.apache.kafka.connect.source.ExactlyOnceSupport;
import org.apache.kafka.connect.source.SourceConnector;

/** Follows an AllSource leader into Kafka, with one task: a leader has one log. */
public final class AllSourceSourceConnector extends SourceConnector {
  private Map<String, String> properties = Map.of();

  @Override
  public String version() {
    String version = getClass().getPackage().getImplementationVersion();
    return version == null ? "unknown" : version;
  }

  @Override
  public void start(Map<String, String> props) {
    new SourceConfig(props);
    properties = Map.copyOf(props);
  }

  @Override
  public Class<? extends Task> taskClass() {
    return AllSourceSourceTask.class;
  }

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
    return new Config(SourceConfig.validate(connectorConfigs));
  }

  /** Each batch is one transaction's work and is never split. */
  @Override
  public ExactlyOnceSupport exactlyOnceSupport(Map<String, String> connectorConfig) {
    return ExactlyOnceSupport.SUPPORTED;
  }

  /** Takes what {@link SourceOffsets} describes; the task reads it at its next start. */
  @Override
  public boolean alterOffsets(
      Map<String, String> connectorConfig, Map<Map<String, ?>, Map<String, ?>> offsets) {
    SourceOffsets.checkAltered(new SourceConfig(connectorConfig).leader().name(), offsets);
    return true;
  }
}
