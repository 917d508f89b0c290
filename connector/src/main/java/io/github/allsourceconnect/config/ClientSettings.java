package io.github.allsourceconnect.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigValue;

/**
 * Settings of Kafka's own clients, under a prefix of the sink's.
 *
 * @param prefix what their names stand behind
 * @param reserved names that the sink sets itself
 * @param clients what the clients take
 */
record ClientSettings(String prefix, Set<String> reserved, List<ConfigDef> clients) {
  /** All that there are. */
  static final List<ClientSettings> ALL =
      List.of(
          new ClientSettings(
              LogSettings.CONSUMER_PREFIX,
              LogSettings.RESERVED,
              List.of(ConsumerConfig.configDef())),
          new ClientSettings(
              SnapshotSettings.CLIENT_PREFIX,
              SnapshotSettings.RESERVED,
              List.of(
                  ConsumerConfig.configDef(),
                  ProducerConfig.configDef(),
                  AdminClientConfig.configDef())));

  /** The names that a client knows. */
  Set<String> names() {
    Set<String> names = new TreeSet<>();
    clients.forEach(client -> names.addAll(client.names()));
    return names;
  }

  /** Whether something is set that the sink sets itself. */
  void checkReserved(Map<String, String> originals, BiConsumer<String, String> error) {
    for (String name : new TreeSet<>(LogSettings.withPrefix(originals, prefix).keySet())) {
      if (reserved.contains(name)) {
        error.accept(prefix + name, "is set by the sink itself; remove it");
      }
    }
  }

  /** Whether the clients take what is set for them; the whole key is blamed. */
  void checkValues(Map<String, String> originals, BiConsumer<String, String> error) {
    Map<String, String> settings = new HashMap<>();
    LogSettings.withPrefix(originals, prefix)
        .forEach((name, value) -> settings.put(name, (String) value));
    Map<String, String> problems = new TreeMap<>();
    for (ConfigDef client : clients) {
      for (ConfigValue value : client.validate(settings)) {
        if (settings.containsKey(value.name()) && !value.errorMessages().isEmpty()) {
          problems.putIfAbsent(value.name(), "is refused: " + value.errorMessages().get(0));
        }
      }
    }
    problems.forEach((name, problem) -> error.accept(prefix + name, problem));
  }
}
