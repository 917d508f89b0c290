package io.github.allsourceconnect.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.ConfigKey;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Width;

/**
 * Whether and how often the ledger topic is written.
 *
 * @param topic null for none
 * @param intervalMs milliseconds between two marks at most
 * @param configuration tells one configuration from another; says nothing of secrets
 */
public record LedgerSettings(String topic, long intervalMs, String configuration) {
  public static final String TOPIC = "ledger.topic";
  public static final String INTERVAL_MS = "ledger.interval.ms";

  private static final String GROUP = "Ledger";

  static void define(ConfigDef def) {
    int order = 0;
    def.define(
        TOPIC,
        ConfigDef.Type.STRING,
        null,
        Validators.text("a topic's name", RecordSettings::checkTopic),
        Importance.LOW,
        "Topic of marks and notices, by which a consumer can prove that it has everything: how many"
            + " events since the last mark, a digest over their ids, up to where the topic is whole,"
            + " what is missing. One partition is enough, and keeps them in order. Default: none.",
        GROUP,
        ++order,
        Width.MEDIUM,
        "Ledger topic");
    def.define(
        INTERVAL_MS,
        ConfigDef.Type.LONG,
        10_000L,
        Range.between(100, 86_400_000L),
        Importance.LOW,
        "How long after a mark the next one is due at the latest, also when nothing happens. Each"
            + " notice brings one of its own.",
        GROUP,
        ++order,
        Width.SHORT,
        "Ledger interval (ms)");
  }

  static LedgerSettings from(AbstractConfig config, ConfigDef def) {
    String topic = config.getString(TOPIC);
    return new LedgerSettings(
        topic == null ? null : topic.trim(),
        config.getLong(INTERVAL_MS),
        topic == null ? "" : fingerprint(config, def));
  }

  static void check(
      Map<String, Object> parsed, Map<String, String> given, BiConsumer<String, String> error) {
    if (!(parsed.get(TOPIC) instanceof String text)) {
      if (given.containsKey(INTERVAL_MS) && parsed.containsKey(TOPIC)) {
        error.accept(
            INTERVAL_MS, "does nothing without " + TOPIC + ": no mark is written anywhere");
      }
      return;
    }
    String topic = text.trim();
    if (topic.startsWith("__")) {
      error.accept(TOPIC, "must not begin with __, as internal topics do");
    }
    if (parsed.get(RecordSettings.DLQ_TOPIC) instanceof String dlq && same(dlq.trim(), topic)) {
      error.accept(TOPIC, "must be another topic than " + RecordSettings.DLQ_TOPIC);
    }
    String leader =
        parsed.get(LeaderSettings.NAME) instanceof String name
            ? name.trim()
            : given.getOrDefault("name", "x");
    if (parsed.get(RecordSettings.TOPIC) instanceof String events
        && same(events.trim().replace("${leader}", leader), topic)) {
      error.accept(TOPIC, "must be another topic than " + RecordSettings.TOPIC);
    }
  }

  /** Kafka has no two topics whose names differ in '.' and '_' only. */
  private static boolean same(String one, String other) {
    return one.replace('.', '_').equals(other.replace('.', '_'));
  }

  /** Eight hexadecimal digits over the settings that are no secrets. */
  private static String fingerprint(AbstractConfig config, ConfigDef def) {
    StringBuilder all = new StringBuilder();
    for (Map.Entry<String, ConfigKey> key : new TreeMap<>(def.configKeys()).entrySet()) {
      if (key.getValue().type != ConfigDef.Type.PASSWORD) {
        all.append(key.getKey()).append('=').append(config.values().get(key.getKey())).append('\n');
      }
    }
    try {
      byte[] hash = MessageDigest.getInstance("SHA-256").digest(all.toString().getBytes(UTF_8));
      return String.format("%08x", ByteBuffer.wrap(hash).getInt());
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java has SHA-256", e);
    }
  }
}
