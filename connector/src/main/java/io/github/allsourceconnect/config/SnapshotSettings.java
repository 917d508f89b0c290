package io.github.allsourceconnect.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Width;

/**
 * Whether, where and in what pieces the sink keeps the history of a partition.
 *
 * @param mode when a follower gets it
 * @param dir the folder of the Parquet files, if they are kept in one
 * @param topic the Kafka topic of the Parquet files, if they are kept in one; never set with dir
 * @param fileMaxRows a file is closed with so many rows
 * @param fileMaxBytes a file is closed when its rows take so much
 * @param fileMaxAge a file is closed when its first row waited so long
 * @param mergeMinFiles so many neighbouring files of one size class are merged into one
 * @param mergeMaxBytes files that would together be larger are not merged
 * @param tempDir where files are built, or read from the topic; nothing there outlives the task
 * @param topicReplication replication factor of the topic when the sink creates it; -1: the
 *     brokers' default
 * @param timeout how long a write to, or a read of, the topic may take
 * @param clientOverrides settings of the clients of that topic: brokers, security
 */
public record SnapshotSettings(
    SnapshotPolicy mode,
    Optional<Path> dir,
    Optional<String> topic,
    int fileMaxRows,
    long fileMaxBytes,
    Duration fileMaxAge,
    int mergeMinFiles,
    long mergeMaxBytes,
    Path tempDir,
    short topicReplication,
    Duration timeout,
    Map<String, Object> clientOverrides) {

  /** When a follower gets the kept history. */
  public enum SnapshotPolicy {
    /** It is refused when its offset is no longer in the topic. */
    NEVER,
    /** When its offset is no longer in the topic. */
    WHEN_NEEDED,
    /** Then, and also when it is new, for that is faster than the topic. */
    INITIAL
  }

  public static final String MODE = "snapshot.mode";
  public static final String DIR = "snapshot.dir";
  public static final String TOPIC = "snapshot.topic";
  public static final String FILE_MAX_ROWS = "snapshot.file.max.rows";
  public static final String FILE_MAX_BYTES = "snapshot.file.max.bytes";
  public static final String FILE_MAX_AGE_MS = "snapshot.file.max.age.ms";
  public static final String MERGE_MIN_FILES = "snapshot.merge.min.files";
  public static final String MERGE_MAX_BYTES = "snapshot.merge.max.bytes";
  public static final String TEMP_DIR = "snapshot.temp.dir";
  public static final String TOPIC_REPLICATION = "snapshot.topic.replication.factor";
  public static final String TIMEOUT_MS = "snapshot.timeout.ms";
  public static final String CLIENT_PREFIX = "snapshot.client.";

  /** What the sink sets itself: what is written, and read, is its own affair. */
  static final Set<String> RESERVED =
      Set.of(
          "group.id",
          "group.instance.id",
          "enable.auto.commit",
          "isolation.level",
          "transactional.id",
          "enable.idempotence",
          "acks",
          "key.serializer",
          "value.serializer",
          "key.deserializer",
          "value.deserializer",
          "auto.offset.reset");

  private static final String GROUP = "Snapshot";

  static void define(ConfigDef def) {
    int order = 0;
    def.define(
        MODE,
        ConfigDef.Type.STRING,
        "when_needed",
        Validators.oneOf(SnapshotPolicy.class),
        Importance.HIGH,
        "When a follower gets a snapshot: never (it is refused when its offset is no longer in the"
            + " topic), when_needed (then), initial (then, and when it is new).",
        GROUP,
        ++order,
        Width.SHORT,
        "Mode");
    def.define(
        DIR,
        ConfigDef.Type.STRING,
        null,
        Validators.text("a path", SnapshotSettings::path),
        Importance.HIGH,
        "Folder where the history is kept as Parquet files, for one worker or a volume that all"
            + " workers share.",
        GROUP,
        ++order,
        Width.LONG,
        "Folder");
    def.define(
        TOPIC,
        ConfigDef.Type.STRING,
        null,
        Validators.text("a topic's name", SnapshotSettings::checkTopic),
        Importance.HIGH,
        "Kafka topic (compacted; created if it is missing) where the history is kept instead, so"
            + " that a task finds it on any worker.",
        GROUP,
        ++order,
        Width.MEDIUM,
        "Topic");
    def.define(
        FILE_MAX_ROWS,
        ConfigDef.Type.INT,
        10_000,
        Range.between(1, 10_000_000),
        Importance.LOW,
        "A file is closed when it has so many rows.",
        GROUP,
        ++order,
        Width.SHORT,
        "Rows of a file");
    def.define(
        FILE_MAX_BYTES,
        ConfigDef.Type.LONG,
        16L << 20,
        Range.between(64 << 10, 1L << 30),
        Importance.LOW,
        "A file is closed when its rows take so many bytes uncompressed. The history takes as much"
            + " in memory for each partition; for all partitions of a task together it is no more"
            + " than a sixteenth of the heap, divided by tasks.max, and files are smaller then, but not"
            + " below 1 MiB.",
        GROUP,
        ++order,
        Width.SHORT,
        "Bytes of a file");
    def.define(
        FILE_MAX_AGE_MS,
        ConfigDef.Type.LONG,
        60_000L,
        Range.between(100, 86_400_000),
        Importance.MEDIUM,
        "A file is closed when its first row has waited so long. Keep it well below the topic's"
            + " retention.",
        GROUP,
        ++order,
        Width.SHORT,
        "Age of a file (ms)");
    def.define(
        MERGE_MIN_FILES,
        ConfigDef.Type.INT,
        10,
        Range.between(2, 1000),
        Importance.LOW,
        "How many neighbouring files of about the same size are merged into one, in the"
            + " background.",
        GROUP,
        ++order,
        Width.SHORT,
        "Files of a merge");
    def.define(
        MERGE_MAX_BYTES,
        ConfigDef.Type.LONG,
        256L << 20,
        Range.between(64 << 10, 16L << 30),
        Importance.LOW,
        "Files that would together be larger are not merged.",
        GROUP,
        ++order,
        Width.SHORT,
        "Bytes of a merge");
    def.define(
        TEMP_DIR,
        ConfigDef.Type.STRING,
        null,
        Validators.text("a path", SnapshotSettings::path),
        Importance.LOW,
        "Where files are built, and where those from snapshot.topic are put. Nothing there"
            + " outlives the task. Default: the JVM's temporary folder.",
        GROUP,
        ++order,
        Width.LONG,
        "Temporary folder");
    def.define(
        TOPIC_REPLICATION,
        ConfigDef.Type.SHORT,
        (short) -1,
        Validators.replication(),
        Importance.LOW,
        "Replication factor of snapshot.topic when the sink creates it; -1 is the brokers'"
            + " default.",
        GROUP,
        ++order,
        Width.SHORT,
        "Replication factor");
    def.define(
        TIMEOUT_MS,
        ConfigDef.Type.LONG,
        60_000L,
        Range.between(1000, 3_600_000),
        Importance.LOW,
        "How long one write to snapshot.topic, or one step of reading it, may take before the task"
            + " fails. Settings for its clients (bootstrap.servers, security, say) go under"
            + " snapshot.client.; the default of each is the one under log.",
        GROUP,
        ++order,
        Width.SHORT,
        "Timeout (ms)");
  }

  static SnapshotSettings from(AbstractConfig config) {
    String temp = config.getString(TEMP_DIR);
    return new SnapshotSettings(
        Validators.parse(SnapshotPolicy.class, config.getString(MODE)),
        Optional.ofNullable(config.getString(DIR)).map(SnapshotSettings::path),
        Optional.ofNullable(config.getString(TOPIC)).map(String::trim),
        config.getInt(FILE_MAX_ROWS),
        config.getLong(FILE_MAX_BYTES),
        Duration.ofMillis(config.getLong(FILE_MAX_AGE_MS)),
        config.getInt(MERGE_MIN_FILES),
        config.getLong(MERGE_MAX_BYTES),
        Path.of(temp == null ? System.getProperty("java.io.tmpdir") : temp.trim()),
        config.getShort(TOPIC_REPLICATION),
        Duration.ofMillis(config.getLong(TIMEOUT_MS)),
        clientOverrides(config));
  }

  /** The log's brokers and security, overridden by what is set for the topic itself. */
  private static Map<String, Object> clientOverrides(AbstractConfig config) {
    Map<String, Object> result = new HashMap<>();
    LogSettings.withPrefix(config.originalsStrings(), LogSettings.CONSUMER_PREFIX)
        .forEach(
            (key, value) -> {
              if (key.startsWith("ssl.")
                  || key.startsWith("sasl.")
                  || key.equals("security.protocol")
                  || key.equals("client.dns.lookup")) {
                result.put(key, value);
              }
            });
    result.put(
        "bootstrap.servers", String.join(",", config.getList(LogSettings.BOOTSTRAP_SERVERS)));
    result.putAll(LogSettings.withPrefix(config.originalsStrings(), CLIENT_PREFIX));
    return Map.copyOf(result);
  }

  static void check(Map<String, Object> parsed, String logTopic, BiConsumer<String, String> error) {
    Object dir = parsed.get(DIR);
    Object topic = parsed.get(TOPIC);
    if (dir != null && topic != null) {
      error.accept(DIR, "the history is kept in " + DIR + " or in " + TOPIC + ", not in both");
      error.accept(TOPIC, "the history is kept in " + DIR + " or in " + TOPIC + ", not in both");
    }
    if (parsed.get(MODE) instanceof String mode && dir == null && topic == null) {
      if (mode.trim().equalsIgnoreCase(Validators.name(SnapshotPolicy.INITIAL))) {
        error.accept(MODE, "initial needs " + DIR + " or " + TOPIC + ", where the history is kept");
      }
    }
    if (topic instanceof String name && name.trim().equals(logTopic)) {
      error.accept(TOPIC, "must be another topic than the one that is served");
    }
    if (parsed.get(FILE_MAX_BYTES) instanceof Long file
        && parsed.get(MERGE_MAX_BYTES) instanceof Long merged
        && merged < file) {
      error.accept(MERGE_MAX_BYTES, "must be at least " + FILE_MAX_BYTES + " (" + file + ")");
    }
  }

  private static Path path(String text) {
    try {
      return Path.of(text.trim());
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("not a path: " + e.getReason(), e);
    }
  }

  private static void checkTopic(String text) {
    String name = text.trim();
    if (!name.matches("[a-zA-Z0-9._-]{1,249}") || name.equals(".") || name.equals("..")) {
      throw new IllegalArgumentException(
          "not a topic's name: letters, digits, '.', '_' and '-', at most 249");
    }
  }
}
