package io.github.allsourceconnect.config;

import io.github.allsourceconnect.transport.HostPort;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Width;

/**
 * Where the leader is, and how a connection to it is made and watched.
 *
 * @param addresses tried one after the other; never empty
 * @param name what the offsets are filed under
 * @param connectTimeout for connecting, the TLS handshake, and the leader's first line together
 * @param deadTimeout within which a connection whose peer is gone without a word is noticed
 * @param backoff pause before the first attempt to reconnect
 * @param backoffMax longest such pause
 * @param lineMaxBytes a longer line is a protocol error
 * @param snapshotBytesPerSecond a snapshot that comes slower is given up; 0: none is
 * @param snapshotTimeout how long a snapshot may take in all; 0: any time
 * @param unreachableTimeout how long no leader may answer; 0: for ever
 * @param sameFailureTimeout how long a leader may break the protocol in the same way; 0: for ever
 */
public record LeaderSettings(
    List<HostPort> addresses,
    String name,
    Duration connectTimeout,
    Duration deadTimeout,
    Duration backoff,
    Duration backoffMax,
    int lineMaxBytes,
    int snapshotBytesPerSecond,
    Duration snapshotTimeout,
    Duration unreachableTimeout,
    Duration sameFailureTimeout) {

  public static final String ADDRESSES = "leader.addresses";
  public static final String NAME = "leader.name";
  public static final String CONNECT_TIMEOUT_MS = "connect.timeout.ms";
  public static final String DEAD_TIMEOUT_MS = "connection.dead.timeout.ms";
  public static final String BACKOFF_MS = "reconnect.backoff.ms";
  public static final String BACKOFF_MAX_MS = "reconnect.backoff.max.ms";
  public static final String LINE_MAX_BYTES = "line.max.bytes";
  public static final String SNAPSHOT_BYTES_PER_SECOND = "snapshot.min.bytes.per.second";
  public static final String SNAPSHOT_TIMEOUT_MS = "snapshot.transfer.timeout.ms";
  public static final String UNREACHABLE_TIMEOUT_MS = "leader.unreachable.timeout.ms";
  public static final String SAME_FAILURE_TIMEOUT_MS = "same.failure.timeout.ms";

  private static final String GROUP = "Leader";
  private static final int LINE_MAX_LIMIT = 1 << 30;

  static void define(ConfigDef def) {
    int order = 0;
    def.define(
        ADDRESSES,
        ConfigDef.Type.LIST,
        "localhost:3910",
        Validators.each("list of host:port", HostPort::parse),
        Importance.HIGH,
        "Where the leader listens, host:port. Further ones are tried in turn when one fails. A"
            + " restarted task begins with the one whose numbering its position has. Another"
            + " address is another leader, whose offsets are not counted from.",
        GROUP,
        ++order,
        Width.LONG,
        "Addresses");
    def.define(
        NAME,
        ConfigDef.Type.STRING,
        null,
        Validators.notBlank(),
        Importance.MEDIUM,
        "What the offsets are filed under, and ${leader} in a topic template. Keep it when the"
            + " leader moves. Default: the connector's name.",
        GROUP,
        ++order,
        Width.MEDIUM,
        "Name");
    def.define(
        CONNECT_TIMEOUT_MS,
        ConfigDef.Type.INT,
        10_000,
        Range.between(100, 600_000),
        Importance.LOW,
        "How long connecting, the TLS handshake and the leader's first line may take together. The"
            + " next address is tried then.",
        GROUP,
        ++order,
        Width.SHORT,
        "Connect timeout (ms)");
    def.define(
        DEAD_TIMEOUT_MS,
        ConfigDef.Type.INT,
        30_000,
        Range.between(3_000, 3_600_000),
        Importance.LOW,
        "How soon it is noticed that the leader's machine or the network is gone without a word."
            + " After half of it without anything from the leader, it is asked over a second"
            + " connection how far it has come; TCP keep-alive is used as well.",
        GROUP,
        ++order,
        Width.SHORT,
        "Dead connection timeout (ms)");
    def.define(
        BACKOFF_MS,
        ConfigDef.Type.LONG,
        1000L,
        Range.between(10, 3_600_000),
        Importance.LOW,
        "Pause before the first attempt to reconnect; doubled with each failure, with jitter, and"
            + " back to this after a success.",
        GROUP,
        ++order,
        Width.SHORT,
        "Reconnect backoff (ms)");
    def.define(
        BACKOFF_MAX_MS,
        ConfigDef.Type.LONG,
        30_000L,
        Range.between(10, 3_600_000),
        Importance.LOW,
        "The longest pause between two attempts to reconnect.",
        GROUP,
        ++order,
        Width.SHORT,
        "Longest backoff (ms)");
    def.define(
        LINE_MAX_BYTES,
        ConfigDef.Type.INT,
        64 << 20,
        Range.between(1024, LINE_MAX_LIMIT),
        Importance.LOW,
        "A longer line from the leader can't be used: corrupt.entry.policy says what becomes of it;"
            + " its text is not kept. Lines of a snapshot may have 1 MiB even if this is less.",
        GROUP,
        ++order,
        Width.SHORT,
        "Longest line (bytes)");
    def.define(
        SNAPSHOT_BYTES_PER_SECOND,
        ConfigDef.Type.INT,
        1000,
        Range.between(0, 1 << 30),
        Importance.LOW,
        "A snapshot, or a line that has begun, that comes slower than this, over"
            + " connection.dead.timeout.ms, is given up and another address is tried. 0: any speed"
            + " will do.",
        GROUP,
        ++order,
        Width.SHORT,
        "Slowest snapshot (bytes/s)");
    def.define(
        SNAPSHOT_TIMEOUT_MS,
        ConfigDef.Type.LONG,
        3_600_000L,
        Range.between(0, 604_800_000),
        Importance.LOW,
        "How long a snapshot may take to come in all, however fast it comes, also one that is"
            + " passed over at the beginning of a live connection; it is then given up and another"
            + " address is tried. 0: any time will do.",
        GROUP,
        ++order,
        Width.SHORT,
        "Snapshot timeout (ms)");
    def.define(
        UNREACHABLE_TIMEOUT_MS,
        ConfigDef.Type.LONG,
        0L,
        Range.between(0, 604_800_000),
        Importance.MEDIUM,
        "After how long without an answer of any leader the task fails. 0: it tries for ever.",
        GROUP,
        ++order,
        Width.SHORT,
        "Unreachable timeout (ms)");
    def.define(
        SAME_FAILURE_TIMEOUT_MS,
        ConfigDef.Type.LONG,
        600_000L,
        Range.between(0, 604_800_000),
        Importance.LOW,
        "After how long the task fails when the leader breaks the protocol, stalls within a snapshot"
            + " or a line, or closes each connection as soon as it is live, in the same way again"
            + " and again, and nothing gets further. If something gets further in between, the task"
            + " fails after six times as long, unless the failure stays away for this long. 0: it"
            + " tries for ever.",
        GROUP,
        ++order,
        Width.SHORT,
        "Same failure timeout (ms)");
  }

  static LeaderSettings from(AbstractConfig config, String connectorName) {
    String name = config.getString(NAME);
    return new LeaderSettings(
        config.getList(ADDRESSES).stream().map(HostPort::parse).toList(),
        name == null ? connectorName : name.trim(),
        Duration.ofMillis(config.getInt(CONNECT_TIMEOUT_MS)),
        Duration.ofMillis(config.getInt(DEAD_TIMEOUT_MS)),
        Duration.ofMillis(config.getLong(BACKOFF_MS)),
        Duration.ofMillis(config.getLong(BACKOFF_MAX_MS)),
        config.getInt(LINE_MAX_BYTES),
        config.getInt(SNAPSHOT_BYTES_PER_SECOND),
        Duration.ofMillis(config.getLong(SNAPSHOT_TIMEOUT_MS)),
        Duration.ofMillis(config.getLong(UNREACHABLE_TIMEOUT_MS)),
        Duration.ofMillis(config.getLong(SAME_FAILURE_TIMEOUT_MS)));
  }

  static void check(Map<String, Object> parsed, BiConsumer<String, String> error) {
    if (parsed.get(ADDRESSES) instanceof List<?> list && list.isEmpty()) {
      error.accept(ADDRESSES, "must name at least one address, as host:3910");
    }
    if (parsed.get(BACKOFF_MS) instanceof Long first
        && parsed.get(BACKOFF_MAX_MS) instanceof Long most
        && most < first) {
      error.accept(BACKOFF_MAX_MS, "must be at least " + BACKOFF_MS + " (" + first + ")");
    }
  }
}
