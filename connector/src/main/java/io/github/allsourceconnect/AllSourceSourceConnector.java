package io.github.allsourceconnect;

import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.config.LiveCheck;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.source.AllSourceSourceTask;
import io.github.allsourceconnect.source.link.LeaderCheck;
import io.github.allsourceconnect.source.record.SourceOffsets;
import java.time.Instant;
import java.time.OffsetDateTime;
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
    return Version.plugin();
  }

  @Override
  public void start(Map<String, String> props) {
    new SourceConfig(props);
    LOG.info("AllSource source connector {}", Version.described());
    List<String> foreign = SourceConfig.foreignKeys(props);
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
   * Offsets may be reset (null), set to a time, or to what this connector stored itself, without
   * its {@code number}, under its {@code leader.name}. A WAL offset alone is refused: the leader
   * begins its numbering anew after restarts, so the number does not say which events Kafka has.
   *
   * @throws ConnectException naming the key that is wrong
   */
  @Override
  public boolean alterOffsets(
      Map<String, String> connectorConfig, Map<Map<String, ?>, Map<String, ?>> offsets) {
    String own = new SourceConfig(connectorConfig).leader().name();
    offsets.forEach((partition, offset) -> check(partition, offset, own));
    offsets.forEach((partition, offset) -> tell(partition, offset, own));
    return true;
  }

  private static void check(Map<String, ?> partition, Map<String, ?> offset, String own) {
    if (offset == null) {
      return; // what a former leader.name or another connector left there may be cleared away
    }
    if (partition == null
        || !partition.keySet().equals(Set.of(SourceOffsets.LEADER))
        || !(partition.get(SourceOffsets.LEADER) instanceof String leader)) {
      throw new ConnectException(
          "To set an offset, name its partition by the one key "
              + SourceOffsets.LEADER
              + ", whose value is a text, not by "
              + (partition == null ? "null" : Printable.of(partition.keySet().toString()))
              + (partition != null && partition.containsKey(SourceOffsets.SLOT)
                  ? ". Set the leader's own offset: what is stored in slots counts only as far as that"
                      + " names it"
                  : ""));
    }
    if (!leader.equals(own)) {
      throw new ConnectException(
          "The offset is for the leader "
              + Printable.of(leader)
              + ", but "
              + LEADER_NAME
              + " is "
              + Printable.of(own)
              + ", so that it would never be read. File it under that name, or change "
              + LEADER_NAME
              + " first.");
    }
    SourceOffsets.decodeAltered(offset);
    if (offset.get(SourceOffsets.FROM) instanceof String from
        && OffsetDateTime.parse(from).toInstant().isAfter(Instant.now())) {
      throw new ConnectException(
          "The offset's "
              + SourceOffsets.FROM
              + " is "
              + Printable.of(from)
              + ", which is still to come: what is written until then would count as produced."
              + " Set a time that has passed.");
    }
  }

  /** Says what the next task will do. */
  private static void tell(Map<String, ?> partition, Map<String, ?> offset, String own) {
    if (!SourceOffsets.partition(own).equals(partition)) {
      return;
    }
    if (offset == null) {
      LOG.warn(
          "The position of leader {} is reset: with snapshot.mode=no_data the next task begins with"
              + " what comes then, otherwise with a first snapshot, and events that are in Kafka come"
              + " again",
          Printable.of(own));
    } else {
      LOG.warn(
          "The position of leader {} is set: {}",
          Printable.of(own),
          SourceOffsets.decodeAltered(offset).summary());
    }
  }
}
