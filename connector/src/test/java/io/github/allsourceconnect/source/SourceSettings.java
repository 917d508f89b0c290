package io.github.allsourceconnect.source;

import io.github.allsourceconnect.leader.ScriptedLeader;
import java.util.HashMap;
import java.util.Map;

/** The settings of a source connector in a worker. */
final class SourceSettings {
  static final String STRING = "org.apache.kafka.connect.storage.StringConverter";

  private SourceSettings() {}

  /** It follows the leader into a topic of one partition, payloads only. To be changed at will. */
  static Map<String, String> following(ScriptedLeader leader, String topic) {
    Map<String, String> settings = new HashMap<>();
    settings.put("connector.class", "io.github.allsourceconnect.AllSourceSourceConnector");
    settings.put("tasks.max", "1");
    settings.put("leader.addresses", leader.address());
    settings.put("topic", topic);
    settings.put("value.format", "payload");
    settings.put("key.converter", STRING);
    settings.put("value.converter", STRING);
    settings.put("topic.creation.default.partitions", "1");
    settings.put("topic.creation.default.replication.factor", "1");
    return settings;
  }
}
