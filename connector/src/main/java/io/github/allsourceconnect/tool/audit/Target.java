package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.config.LeaderSettings;
import io.github.allsourceconnect.config.RecordHeader;
import io.github.allsourceconnect.config.RecordSettings;
import io.github.allsourceconnect.config.RecordSettings.ValueFormat;
import io.github.allsourceconnect.config.RefusalSettings;
import io.github.allsourceconnect.config.ShapeSettings.PayloadFormat;
import io.github.allsourceconnect.config.SinkConfig;
import io.github.allsourceconnect.config.SourceConfig;
import io.github.allsourceconnect.config.Template;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.tool.audit.Options.Option;
import io.github.allsourceconnect.tool.audit.decision.Part;
import io.github.allsourceconnect.tool.input.ConnectorSettings;
import io.github.allsourceconnect.tool.input.UsageException;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.regex.Pattern;
import org.apache.kafka.common.config.ConfigException;

/**
 * What is audited.
 *
 * @param known whether the connector's own settings are known
 * @param narrowed whether other topics were named than these settings have
 * @param settings the connector's settings as they were read; few, if they are not known
 * @param config the same, checked
 * @param topics each pattern is one topic's name or several's
 * @param brokers the topic's
 */
record Target(
    boolean known,
    boolean narrowed,
    Map<String, String> settings,
    SourceConfig config,
    List<Pattern> topics,
    Brokers brokers) {
  private static final String VARIABLE = "\\$\\{[^}]*}";

  /**
   * What the options say.
   *
   * @throws UsageException saying what is missing
   * @throws Unjudgeable saying what is wrong
   */
  static Target of(Options options) throws Unjudgeable, UsageException {
    Map<String, String> settings = new HashMap<>();
    boolean ofSink = options.get(Option.SINK) != null || options.get(Option.STORE) != null;
    String connector = options.get(Option.CONNECTOR);
    if (connector != null) {
      settings.putAll(
          connector.matches("https?://.*")
              ? ConnectorSettings.ofWorker(connector)
              : ConnectorSettings.ofFile(Path.of(connector)));
    }
    Map<String, String> set = ConnectorSettings.ofPairs(options.all(Option.SET));
    List<String> unknown = ofSink ? List.of() : SourceConfig.unknownKeys(set);
    if (!unknown.isEmpty()) {
      throw new UsageException("--set " + String.join("; ", unknown));
    }
    settings.putAll(set);
    settings.values().removeIf(String::isEmpty);
    checkClass(settings.getOrDefault("connector.class", ""), ofSink);
    String topic = options.get(Option.TOPIC);
    if (topic == null) {
      topic = ofSink ? settings.get(SinkConfig.TOPICS) : null;
      if (topic == null && (ofSink || connector == null)) {
        options.need(Option.TOPIC);
      }
    }
    if (options.get(Option.LEADER) != null) {
      settings.put(LeaderSettings.ADDRESSES, options.get(Option.LEADER));
    } else if (connector == null && options.get(Option.LEDGER) == null && !ofSink) {
      options.need(Option.LEADER);
    }
    // a sink's settings are not what connects to it
    Map<String, String> own = ofSink ? set : settings;
    ConnectorSettings.checkLookedUp(own);
    checkStores(own);
    SourceConfig config = config(own);
    return new Target(
        connector != null,
        !ofSink
            && connector != null
            && topic != null
            && !topic.trim().equals(config.getString(RecordSettings.TOPIC).trim()),
        Map.copyOf(settings),
        config,
        topic == null ? List.of(pattern(config)) : patterns(topic),
        Brokers.of(options, kafka(options)));
  }

  private static void checkClass(String name, boolean ofSink) throws UsageException {
    if (name.contains(ofSink ? "AllSourceSource" : "AllSourceSink")) {
      throw new UsageException(
          "--connector has connector.class="
              + name
              + (ofSink
                  ? ": with --sink and --store it is the sink's name that is wanted"
                  : ": a leader and a ledger are audited by the source's settings; --sink HOST:PORT"
                      + " audits what a sink sends"));
    }
  }

  /** The connector's paths are the worker's. */
  private static void checkStores(Map<String, String> settings) throws UsageException {
    for (String key : List.of("ssl.keystore.location", "ssl.truststore.location")) {
      String path = settings.get(key);
      if (path != null && !Files.isReadable(Path.of(path.trim()))) {
        throw new UsageException(
            key
                + "="
                + path
                + " can't be read on this machine; give a path here: --set "
                + key
                + "=...");
      }
    }
  }

  private static SourceConfig config(Map<String, String> settings) throws Unjudgeable {
    try {
      return new SourceConfig(settings);
    } catch (ConfigException e) {
      throw new Unjudgeable(
          "the connector's settings are refused: " + Printable.message(e.getMessage()), e);
    }
  }

  private static List<Pattern> patterns(String topics) {
    List<Pattern> patterns = new ArrayList<>();
    for (String topic : topics.split(",", -1)) {
      if (!topic.isBlank()) {
        StringBuilder pattern = new StringBuilder();
        for (String literal : topic.trim().split(VARIABLE, -1)) {
          pattern.append(pattern.length() == 0 ? "" : ".+").append(Pattern.quote(literal));
        }
        patterns.add(Pattern.compile(pattern.toString()));
      }
    }
    return patterns;
  }

  private static Pattern pattern(SourceConfig config) {
    Template template = config.records().topic().withLeader(config.leader().name());
    StringBuilder pattern = new StringBuilder();
    for (String literal : template.literals()) {
      pattern.append(pattern.length() == 0 ? "" : ".+").append(Pattern.quote(literal));
    }
    return Pattern.compile(pattern.toString());
  }

  private static Map<String, Object> kafka(Options options) throws Unjudgeable {
    Map<String, Object> kafka = new HashMap<>();
    String file = options.get(Option.KAFKA_CONFIG);
    if (file != null) {
      Properties properties = new Properties();
      try (Reader in = Files.newBufferedReader(Path.of(file))) {
        properties.load(in);
      } catch (IOException | IllegalArgumentException e) {
        throw new Unjudgeable(
            "--kafka-config " + file + " can't be read: " + Printable.of(e.toString()), e);
      }
      properties.forEach((key, value) -> kafka.put(key.toString(), value));
    }
    return kafka;
  }

  /** Whether a topic is audited. */
  boolean has(String topic) {
    return !topic.equals(config.records().deadLetterTopic())
        && !topic.equals(config.ledger().topic())
        && topics.stream().anyMatch(pattern -> pattern.matcher(topic).matches());
  }

  /** A setting of the connector; null if it has none. */
  String setting(String key) {
    return settings.get(key);
  }

  /** Whether rows must be told by tenants, which they do not have. */
  boolean choosesTenants() {
    return !config.choose().tenants().isEmpty()
        || (config.records().topic().has(Template.Kind.TENANT_ID)
            && config.refusals().topicInvalid() == RefusalSettings.Policy.DLQ);
  }

  /** What the source takes a snapshot for. */
  SnapshotMode mode() {
    return config.follower().snapshotMode();
  }

  /** Whether values are known to be structures, and not texts. */
  boolean writesStructures() {
    return (known || settings.containsKey(RecordSettings.VALUE_FORMAT))
        && (config.records().format() == ValueFormat.EVENT
            || config.shape().format() != PayloadFormat.TEXT);
  }

  /** Of payloads and metadata, as far as records tell them. */
  Digest digest() {
    PayloadFormat payloads = config.shape().format();
    boolean textsTold =
        config
            .records()
            .headers()
            .containsAll(Set.of(RecordHeader.PAYLOAD_TEXTS, RecordHeader.METADATA_TEXTS));
    return new Digest(
        payloads != PayloadFormat.STRUCT,
        payloads == PayloadFormat.TEXT || (payloads == PayloadFormat.MAP && textsTold));
  }

  /** The parts of events that records tell. */
  EnumSet<Part> told() {
    EnumSet<Part> told = EnumSet.allOf(Part.class);
    if (config.records().format() != ValueFormat.PAYLOAD) {
      return told;
    }
    Set<RecordHeader> headers = config.records().headers();
    Map.of(
            RecordHeader.TIMESTAMP, Part.TIME,
            RecordHeader.VERSION, Part.VERSION,
            RecordHeader.METADATA, Part.METADATA)
        .forEach(
            (header, part) -> {
              if (!headers.contains(header)) {
                told.remove(part);
              }
            });
    if (!config.records().isKeyEntityId() && !headers.contains(RecordHeader.ENTITY_ID)) {
      told.remove(Part.ENTITY);
    }
    return told;
  }
}
