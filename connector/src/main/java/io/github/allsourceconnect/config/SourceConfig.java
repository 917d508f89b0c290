package io.github.allsourceconnect.config;

import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.BiConsumer;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.config.ConfigValue;

/**
 * All settings of the source connector, checked, one group a record: {@link #leader()}, {@link
 * #records()}, {@link #batches()}, {@link #follower()}, {@link #buffers()}, {@link #security()}.
 * Immutable.
 */
public final class SourceConfig extends AbstractConfig {
  private final String connectorName;
  private final LeaderSettings leader;
  private final RecordSettings records;
  private final BatchSettings batches;
  private final BufferSettings buffers;
  private final FollowerSettings follower;
  private final SecuritySettings security;
  private final RefusalSettings refusals;
  private final LedgerSettings ledger;
  private final ChooseSettings choose;
  private final ShapeSettings shape;
  private final CloudEventSettings cloudEvents;

  /**
   * Reads and checks the settings of a connector or a task.
   *
   * @throws ConfigException naming the first guilty key
   */
  public SourceConfig(Map<String, String> properties) {
    super(configDef(), properties, false);
    crossCheck(
        values(),
        properties,
        (key, message) -> {
          throw new ConfigException(key, properties.get(key), message);
        });
    String name = properties.get("name");
    connectorName = name == null ? "allsource-source" : name;
    leader = LeaderSettings.from(this, connectorName);
    records = RecordSettings.from(this);
    batches = BatchSettings.from(this);
    buffers = BufferSettings.from(this);
    follower = FollowSettings.from(this, leader, buffers);
    security = SecuritySettings.from(this);
    refusals = RefusalSettings.from(this);
    ledger = LedgerSettings.from(this, configDef());
    choose = ChooseSettings.from(this);
    shape = ShapeSettings.from(this);
    cloudEvents = CloudEventSettings.from(this, leader.name());
  }

  /** All keys with their defaults, validators and texts; a new one on each call. */
  public static ConfigDef configDef() {
    ConfigDef def = new ConfigDef();
    LeaderSettings.define(def);
    RecordSettings.define(def);
    BatchSettings.define(def);
    ShapeSettings.define(def);
    CloudEventSettings.define(def);
    ChooseSettings.define(def);
    RefusalSettings.define(def);
    LedgerSettings.define(def);
    FollowSettings.define(def);
    BufferSettings.define(def);
    SecuritySettings.define(def);
    LiveCheck.define(
        def,
        "Whether each address is asked, before the configuration is accepted, if a leader is"
            + " there. One that answers is enough.");
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
          Spelling.check(configDef(), true, properties, error);
          ConverterCheck.exists(
              properties, Set.of("key.converter", "value.converter", "header.converter"), error);
          String format = lower(parsed.get(RecordSettings.VALUE_FORMAT));
          String payload = lower(parsed.get(ShapeSettings.PAYLOAD_FORMAT));
          ConverterCheck.carries(properties, format, payload, error);
          if (format != null) {
            ConverterCheck.carriesHeaders(
                properties,
                format,
                "none".equals(lower(parsed.get(RecordSettings.RECORD_HEADERS)))
                    && !format.equals("cloudevents"),
                error);
            TransformCheck.check(properties, format, ConverterCheck.isText(format, payload), error);
          }
          if (LiveCheck.isOn(properties) && SecuritySettings.encrypted(parsed)) {
            SecuritySettings.checkStores(parsed, error);
          }
        });
  }

  /** Keys that nobody reads, and that resemble none that somebody does. */
  public static List<String> foreignKeys(Map<String, String> properties) {
    return Spelling.check(configDef(), true, properties, (key, message) -> {});
  }

  /** What is to be said of keys that nobody reads, a text each. */
  public static List<String> unknownKeys(Map<String, String> properties) {
    List<String> said = new ArrayList<>();
    Spelling.check(configDef(), true, properties, (key, what) -> said.add(key + " " + what))
        .forEach(key -> said.add(key + " is not known"));
    return said;
  }

  private static String lower(Object text) {
    return text == null ? null : text.toString().trim().toLowerCase(Locale.ROOT);
  }

  private static void crossCheck(
      Map<String, ?> values, Map<String, String> given, BiConsumer<String, String> error) {
    Map<String, Object> parsed = new HashMap<>(values);
    LeaderSettings.check(parsed, error);
    RecordSettings.check(parsed, error);
    ShapeSettings.check(parsed, error);
    CloudEventSettings.check(parsed, given, error);
    RefusalSettings.check(parsed, given, error);
    ProducerCheck.check(given, error);
    LedgerSettings.check(parsed, given, error);
    FollowSettings.check(parsed, error);
    SecuritySettings.check(parsed, error);
  }

  /** The connector's name. */
  public String connectorName() {
    return connectorName;
  }

  /** How records are handed to Connect. */
  public BatchSettings batches() {
    return batches;
  }

  /** Where the leader is. */
  public LeaderSettings leader() {
    return leader;
  }

  /** What records look like and where they go. */
  public RecordSettings records() {
    return records;
  }

  /** What events look like as CloudEvents. */
  public CloudEventSettings cloudEvents() {
    return cloudEvents;
  }

  /** Which events get no record, and what becomes of them. */
  public RefusalSettings refusals() {
    return refusals;
  }

  /** Whether and how often the ledger topic is written. */
  public LedgerSettings ledger() {
    return ledger;
  }

  /** Which events are produced at all. */
  public ChooseSettings choose() {
    return choose;
  }

  /** Whether values that are texts are to be bytes, because their converter takes nothing else. */
  public boolean valuesAreBytes() {
    return ConverterCheck.takesBytes(originalsStrings());
  }

  /** What payloads are in values. */
  public ShapeSettings shape() {
    return shape;
  }

  /** What decisions depend on. */
  public FollowerSettings follower() {
    return follower;
  }

  /** What may be taken in memory and on disk. */
  public BufferSettings buffers() {
    return buffers;
  }

  /** How connections are secured. */
  public SecuritySettings security() {
    return security;
  }
}
