package io.github.allsourceconnect.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.BiConsumer;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Width;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;
import org.apache.kafka.common.config.SslConfigs;

/**
 * All settings of the sink connector, checked, one group a record: {@link #listener()}, {@link
 * #log()}, {@link #snapshot()}, {@link #history()}, {@link #mapping()}. Immutable.
 */
public final class SinkConfig extends AbstractConfig {
  public static final String TOPICS = "topics";
  public static final String TOPICS_REGEX = "topics.regex";
  public static final String TRANSFORMS = "transforms";
  public static final String COMMIT_ACKS = "commit.acks";
  public static final String SECURITY_PROTOCOL = "security.protocol";

  private static final String ERRORS_TOLERANCE = "errors.tolerance";
  private static final String TASKS_MAX = "tasks.max";
  private static final String CONSUMER_GROUP = "consumer.override.group.id";

  public static final String CLIENT_AUTH = "ssl.client.auth";

  /** Encryption of the listener. */
  public enum ListenerSecurity {
    PLAINTEXT,
    SSL
  }

  /** Whether a follower must show a certificate. */
  public enum ClientAuth {
    REQUIRED,
    REQUESTED,
    NONE
  }

  private static final String ALL = "all";
  private static final int LAST_PORT = 65_535;

  private final String connectorName;
  private final ListenerSettings listener;
  private final LogSettings log;
  private final SnapshotSettings snapshot;
  private final HistorySettings history;
  private final MappingSettings mapping;

  /**
   * Reads and checks the settings of a connector or a task.
   *
   * @throws ConfigException naming the first guilty key
   */
  public SinkConfig(Map<String, String> properties) {
    super(configDef(), properties, false);
    crossCheck(
        values(),
        properties,
        (key, message) -> {
          throw new ConfigException(key, properties.get(key), message);
        });
    String name = properties.get("name");
    this.connectorName = name == null ? "allsource-sink" : name;
    this.listener = ListenerSettings.from(this);
    this.log = LogSettings.from(this);
    this.snapshot = SnapshotSettings.from(this);
    this.history = HistorySettings.from(this);
    this.mapping = MappingSettings.from(this);
  }

  /** All keys with their defaults, validators and texts; a new one on each call. */
  public static ConfigDef configDef() {
    ConfigDef def = new ConfigDef();
    def.define(
        TOPICS,
        ConfigDef.Type.LIST,
        List.of(),
        Validators.each("one topic", topic -> {}),
        Importance.HIGH,
        "The topic that is served: exactly one, for partition p is served on listener.port + p."
            + " topics.regex can't be used.",
        "Log",
        0,
        Width.MEDIUM,
        "Topic");
    ListenerSettings.define(def);
    LogSettings.define(def);
    def.define(
        COMMIT_ACKS,
        ConfigDef.Type.STRING,
        "1",
        Validators.text("a number from 1, or all", SinkConfig::acks),
        Importance.HIGH,
        "How many followers must have acknowledged an entry before the consumer group's offset"
            + " passes it: a number, or all that are connected. With none connected nothing is"
            + " committed.",
        "Commit",
        1,
        Width.SHORT,
        "Acks to commit");
    SnapshotSettings.define(def);
    HistorySettings.define(def);
    MappingSettings.define(def);
    def.define(
        SECURITY_PROTOCOL,
        ConfigDef.Type.STRING,
        "PLAINTEXT",
        Validators.oneOf(ListenerSecurity.class),
        Importance.MEDIUM,
        "PLAINTEXT or SSL, between followers and the sink. With SSL, ssl.keystore.… is the"
            + " listener's certificate, and ssl.truststore.… says whose followers may connect.",
        "Security",
        1,
        Width.SHORT,
        "Security protocol");
    def.define(
        CLIENT_AUTH,
        ConfigDef.Type.STRING,
        null,
        Validators.text(
            "one of required, requested, none", c -> Validators.parse(ClientAuth.class, c)),
        Importance.MEDIUM,
        "Whether a follower must show a certificate. Default: required when a trust store is set"
            + " (ssl.truststore.…), none otherwise.",
        "Security",
        2,
        Width.SHORT,
        "Client certificates");
    Validators.defineSsl(def, "Security");
    LiveCheck.define(
        def,
        "Whether the brokers are asked for the topic, and the ports are bound on this worker for a"
            + " moment, before the configuration is accepted.");
    return def;
  }

  /**
   * Checks everything at once: each error lands on the key that is to blame.
   *
   * @return one value for each key of {@link #configDef()}
   */
  public static List<ConfigValue> validate(Map<String, String> properties) {
    return Validators.validate(
        configDef(),
        properties,
        (parsed, error) -> {
          crossCheck(parsed, properties, error);
          Spelling.check(configDef(), false, properties, error);
          ConverterCheck.exists(
              properties,
              Set.of(
                  "key.converter",
                  "value.converter",
                  "header.converter",
                  LogSettings.KEY_CONVERTER,
                  LogSettings.VALUE_CONVERTER,
                  LogSettings.HEADER_CONVERTER),
              error);
          ClientSettings.ALL.forEach(clients -> clients.checkValues(properties, error));
          if (LiveCheck.isOn(properties) && SecuritySettings.encrypted(parsed)) {
            SecuritySettings.checkStores(parsed, error);
          }
        });
  }

  /** Keys that nobody reads, and that resemble none that somebody does. */
  public static List<String> foreignKeys(Map<String, String> properties) {
    return Spelling.check(configDef(), false, properties, (key, message) -> {});
  }

  private static void crossCheck(
      Map<String, ?> values, Map<String, String> originals, BiConsumer<String, String> error) {
    Map<String, Object> parsed = new HashMap<>(values);
    List<?> topics = parsed.get(TOPICS) instanceof List<?> list ? list : List.of();
    String regex = originals.get(TOPICS_REGEX);
    if (regex != null && !regex.isBlank()) {
      error.accept(TOPICS, "name the one topic here; " + TOPICS_REGEX + " can't be used");
    } else if (parsed.containsKey(TOPICS) && topics.size() != 1) {
      error.accept(
          TOPICS,
          "must be exactly one topic, for partition p is served on "
              + ListenerSettings.PORT
              + " + p; use a connector for each topic");
    }
    String transforms = originals.get(TRANSFORMS);
    if (transforms != null && !transforms.isBlank()) {
      error.accept(
          TRANSFORMS,
          "can't be used: followers are fed from the topic itself, past Connect's transformations,"
              + " so that the same record is the same line on every replay. Let event.mapping and"
              + " its settings pick what is needed, or transform the records on their way into the"
              + " topic; remove "
              + TRANSFORMS);
    }
    if (parsed.get(COMMIT_ACKS) instanceof String acks
        && parsed.get(ListenerSettings.FOLLOWER_MAX) instanceof Integer max
        && acks(acks).orElse(0) > max) {
      error.accept(
          COMMIT_ACKS,
          "is more than "
              + ListenerSettings.FOLLOWER_MAX
              + " ("
              + max
              + "): nothing would ever be committed");
    }
    if (parsed.get(SECURITY_PROTOCOL) instanceof String security
        && security.trim().equalsIgnoreCase(Validators.name(ListenerSecurity.SSL))
        && parsed.containsKey(SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG)
        && parsed.get(SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG) == null
        && parsed.get(SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG) == null
        && originals.get(SslConfigs.SSL_ENGINE_FACTORY_CLASS_CONFIG) == null) {
      error.accept(
          SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG,
          SECURITY_PROTOCOL
              + "=SSL needs the listener's certificate: "
              + SslConfigs.SSL_KEYSTORE_LOCATION_CONFIG
              + " or "
              + SslConfigs.SSL_KEYSTORE_CERTIFICATE_CHAIN_CONFIG);
    }
    ListenerSettings.check(parsed, error);
    ClientSettings.ALL.forEach(clients -> clients.checkReserved(originals, error));
    String topic = topics.size() == 1 ? String.valueOf(topics.get(0)) : null;
    SnapshotSettings.check(parsed, topic, error);
    MappingSettings.check(parsed, error);
  }

  private static OptionalInt acks(String text) {
    if (text.trim().equalsIgnoreCase(ALL)) {
      return OptionalInt.empty();
    }
    try {
      int number = Integer.parseInt(text.trim());
      if (number >= 1) {
        return OptionalInt.of(number);
      }
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException("must be a number from 1, or " + ALL, e);
    }
    throw new IllegalArgumentException("must be a number from 1, or " + ALL);
  }

  /** The connector's name. */
  public String connectorName() {
    return connectorName;
  }

  /** The consumer group in which Connect reads the topic. */
  public String consumerGroup() {
    Object own = originals().get(CONSUMER_GROUP);
    return own == null ? "connect-" + connectorName : own.toString();
  }

  /** Whether Connect is told to pass over records that can't be used ({@code errors.tolerance}). */
  public boolean passesOverBad() {
    return "all".equalsIgnoreCase(String.valueOf(originals().get(ERRORS_TOLERANCE)));
  }

  /** How many tasks may be in this worker, 1 at least. */
  public int tasksMax() {
    try {
      return Math.max(1, Integer.parseInt(originals().getOrDefault(TASKS_MAX, 1).toString()));
    } catch (NumberFormatException e) {
      return 1; // Connect has its own word for that
    }
  }

  /** The topic that is served. */
  public String topic() {
    return getList(TOPICS).get(0);
  }

  /**
   * The port of a partition; 0 for any free port.
   *
   * @throws ConfigException when there is no such port
   */
  public int port(int partition) {
    int port = listener.port() == 0 ? 0 : listener.port() + partition;
    if (port > LAST_PORT) {
      throw new ConfigException(
          ListenerSettings.PORT,
          listener.port(),
          "partition " + partition + " would be served on " + port + ", but ports end at 65535");
    }
    return port;
  }

  /** How many followers must have acked before an offset is committed; empty for all. */
  public OptionalInt commitAcks() {
    return acks(getString(COMMIT_ACKS));
  }

  /** Whether the listener is encrypted; {@code ssl.} settings are among {@link #values()}. */
  public ListenerSecurity security() {
    return Validators.parse(ListenerSecurity.class, getString(SECURITY_PROTOCOL));
  }

  /** Whether a follower must show a certificate. */
  public ClientAuth clientAuth() {
    String text = getString(CLIENT_AUTH);
    if (text != null) {
      return Validators.parse(ClientAuth.class, text);
    }
    boolean trust =
        getString(SslConfigs.SSL_TRUSTSTORE_LOCATION_CONFIG) != null
            || getPassword(SslConfigs.SSL_TRUSTSTORE_CERTIFICATES_CONFIG) != null;
    return trust ? ClientAuth.REQUIRED : ClientAuth.NONE;
  }

  /** Where the sink listens and what a follower may take. */
  public ListenerSettings listener() {
    return listener;
  }

  /** How followers that are behind are fed. */
  public LogSettings log() {
    return log;
  }

  /** How the history is kept. */
  public SnapshotSettings snapshot() {
    return snapshot;
  }

  /** What becomes of what the history lacks, and of what it has had for long. */
  public HistorySettings history() {
    return history;
  }

  /** How a record becomes an event. */
  public MappingSettings mapping() {
    return mapping;
  }
}
