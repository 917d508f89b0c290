package io.github.allsourceconnect.config;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Width;

/**
 * How followers that are behind are fed from the topic itself.
 *
 * @param bootstrapServers brokers of the topic
 * @param consumerOverrides the {@code log.consumer.} settings without that prefix, security
 *     included; none of those that the sink sets itself
 * @param consumersMax how many followers' places are read at the same time in a task; the others
 *     wait their turn
 * @param pollTimeout how long such a read may bring nothing before it is given up and ordered again
 * @param tailBytes how much of the newest entries, encoded, a partition keeps in memory
 * @param keyConverter reads the keys, as Connect's own converter does
 * @param valueConverter reads the values
 * @param headerConverter reads the headers
 */
public record LogSettings(
    List<String> bootstrapServers,
    Map<String, Object> consumerOverrides,
    int consumersMax,
    Duration pollTimeout,
    long tailBytes,
    ConverterSettings keyConverter,
    ConverterSettings valueConverter,
    ConverterSettings headerConverter) {

  /**
   * A converter and its settings.
   *
   * @param className null when neither {@code log.…converter} nor the connector's own {@code
   *     …converter} names one: the worker's default is meant, which a connector can't see
   * @param config its settings without the prefix
   */
  public record ConverterSettings(String className, Map<String, String> config) {}

  public static final String BOOTSTRAP_SERVERS = "log.bootstrap.servers";
  public static final String CONSUMER_PREFIX = "log.consumer.";
  public static final String CONSUMERS_MAX = "log.consumers.max";
  public static final String POLL_TIMEOUT_MS = "log.poll.timeout.ms";
  public static final String TAIL_BYTES = "log.tail.bytes";
  public static final String KEY_CONVERTER = "log.key.converter";
  public static final String VALUE_CONVERTER = "log.value.converter";
  public static final String HEADER_CONVERTER = "log.header.converter";

  /** What the sink sets itself, for the order, the isolation and the offsets are its own affair. */
  static final Set<String> RESERVED =
      Set.of(
          "bootstrap.servers",
          "group.id",
          "group.instance.id",
          "group.protocol",
          "enable.auto.commit",
          "isolation.level",
          "key.deserializer",
          "value.deserializer",
          "auto.offset.reset",
          "interceptor.classes");

  private static final String GROUP = "Log";

  static void define(ConfigDef def) {
    int order = 0;
    def.define(
        BOOTSTRAP_SERVERS,
        ConfigDef.Type.LIST,
        ConfigDef.NO_DEFAULT_VALUE,
        Validators.each("list of host:port", LogSettings::checkServer),
        Importance.HIGH,
        "Brokers of the cluster that holds the topic: followers that are behind are fed from it by"
            + " consumers of their own. Settings for these (security, say) go under log.consumer.",
        GROUP,
        ++order,
        Width.LONG,
        "Bootstrap servers");
    def.define(
        CONSUMERS_MAX,
        ConfigDef.Type.INT,
        4,
        Range.between(1, 256),
        Importance.LOW,
        "How many such consumers a task may have at the same time; followers that need one take"
            + " turns.",
        GROUP,
        ++order,
        Width.SHORT,
        "Consumers at most");
    def.define(
        POLL_TIMEOUT_MS,
        ConfigDef.Type.LONG,
        30_000L,
        Range.between(100, 3_600_000),
        Importance.LOW,
        "How long a read for a follower that is behind may bring nothing before it is given up and"
            + " ordered again, so that another follower has its turn.",
        GROUP,
        ++order,
        Width.SHORT,
        "Poll timeout (ms)");
    def.define(
        TAIL_BYTES,
        ConfigDef.Type.LONG,
        64L << 20,
        Range.between(1 << 20, 64L << 30),
        Importance.MEDIUM,
        "How much of the newest entries a partition keeps in memory, encoded once for all"
            + " followers. All partitions of a task together keep no more than an eighth of the"
            + " heap, divided by tasks.max, but each may keep 1 MiB.",
        GROUP,
        ++order,
        Width.SHORT,
        "Tail in memory (bytes)");
    define(def, KEY_CONVERTER, "keys", ++order);
    define(def, VALUE_CONVERTER, "values", ++order);
    define(def, HEADER_CONVERTER, "headers", ++order);
  }

  private static void define(ConfigDef def, String key, String what, int order) {
    def.define(
        key,
        ConfigDef.Type.STRING,
        null,
        Validators.notBlank(),
        Importance.MEDIUM,
        "The converter class that reads the "
            + what
            + " when a follower is fed from the topic; its settings follow as "
            + key
            + ".…. Default: the connector's own "
            + key.substring("log.".length())
            + ". Needed when only the worker names one, for a connector can't see the worker's.",
        GROUP,
        order,
        Width.LONG,
        "Converter of " + what);
  }

  static LogSettings from(AbstractConfig config) {
    Map<String, String> originals = config.originalsStrings();
    return new LogSettings(
        config.getList(BOOTSTRAP_SERVERS),
        withPrefix(originals, CONSUMER_PREFIX),
        config.getInt(CONSUMERS_MAX),
        Duration.ofMillis(config.getLong(POLL_TIMEOUT_MS)),
        config.getLong(TAIL_BYTES),
        converter(originals, KEY_CONVERTER),
        converter(originals, VALUE_CONVERTER),
        converter(originals, HEADER_CONVERTER));
  }

  private static ConverterSettings converter(Map<String, String> originals, String key) {
    String used = originals.get(key) != null ? key : key.substring("log.".length());
    Map<String, String> settings = new HashMap<>();
    withPrefix(originals, used + ".").forEach((name, value) -> settings.put(name, (String) value));
    return new ConverterSettings(originals.get(used), Map.copyOf(settings));
  }

  static Map<String, Object> withPrefix(Map<String, String> originals, String prefix) {
    Map<String, Object> result = new HashMap<>();
    originals.forEach(
        (key, value) -> {
          if (key.startsWith(prefix) && key.length() > prefix.length() && value != null) {
            result.put(key.substring(prefix.length()), value);
          }
        });
    return Map.copyOf(result);
  }

  static void checkServer(String server) {
    if (!server.trim().matches("(\\[[0-9a-fA-F:.%]+]|[^\\[\\]\\s/]+):[0-9]{1,5}")) {
      throw new IllegalArgumentException("host:port is expected, not " + server);
    }
  }
}
