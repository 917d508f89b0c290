package io.github.allsourceconnect.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
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
 * Where the sink listens and what a follower may take.
 *
 * @param host the address to bind
 * @param port partition p is served on port + p; 0: any free port for each partition
 * @param advertisedHost what the log tells followers to connect to; the bound host unless set
 * @param allowed who may connect; never empty
 * @param threads how many threads serve all followers of a task, 1 or more
 * @param newcomersMax how many connections that have not subscribed a partition has at once
 * @param followerMax how many followers a partition serves at once
 * @param followerBufferBytes how much may wait, encoded, for one follower
 * @param followerIdleTimeout how long a follower may send nothing; zero: for ever
 * @param subscribeTimeout how long a connection may take to send its {@code subscribe}
 * @param followerLineMaxBytes a longer line from a follower closes its connection
 * @param portRetry pause between two attempts to bind a port that is in use
 * @param portRetryTimeout how long a port may stay in use before the task fails; zero: for ever
 */
public record ListenerSettings(
    String host,
    int port,
    String advertisedHost,
    List<Cidr> allowed,
    int threads,
    int newcomersMax,
    int followerMax,
    long followerBufferBytes,
    Duration followerIdleTimeout,
    Duration subscribeTimeout,
    int followerLineMaxBytes,
    Duration portRetry,
    Duration portRetryTimeout) {

  public static final String HOST = "listener.host";
  public static final String PORT = "listener.port";
  public static final String ADVERTISED_HOST = "listener.advertised.host";
  public static final String ALLOWED_CIDRS = "listener.allowed.cidrs";
  public static final String THREADS = "listener.threads";
  public static final String NEWCOMERS_MAX = "listener.newcomers.max";
  public static final String FOLLOWER_MAX = "follower.max";
  public static final String FOLLOWER_BUFFER_BYTES = "follower.buffer.bytes";
  public static final String FOLLOWER_IDLE_TIMEOUT_MS = "follower.idle.timeout.ms";
  public static final String SUBSCRIBE_TIMEOUT_MS = "subscribe.timeout.ms";
  public static final String FOLLOWER_LINE_MAX_BYTES = "follower.line.max.bytes";
  public static final String PORT_RETRY_MS = "port.retry.ms";
  public static final String PORT_RETRY_TIMEOUT_MS = "port.retry.timeout.ms";

  private static final String GROUP = "Listener";

  static void define(ConfigDef def) {
    int order = 0;
    def.define(
        HOST,
        ConfigDef.Type.STRING,
        "127.0.0.1",
        Validators.notBlank(),
        Importance.HIGH,
        "The address to listen on. Beyond loopback, set security.protocol=SSL with client"
            + " certificates, or narrow listener.allowed.cidrs: the protocol has no password.",
        GROUP,
        ++order,
        Width.MEDIUM,
        "Listen on");
    def.define(
        PORT,
        ConfigDef.Type.INT,
        3910,
        Range.between(0, 65535),
        Importance.HIGH,
        "Partition p of the topic is served on this port + p. 0 takes any free port for each"
            + " partition; the log tells which.",
        GROUP,
        ++order,
        Width.SHORT,
        "Port");
    def.define(
        ADVERTISED_HOST,
        ConfigDef.Type.STRING,
        null,
        Validators.notBlank(),
        Importance.LOW,
        "The host name that the log, the metrics and error messages tell followers to connect to."
            + " Default: the address that is listened on.",
        GROUP,
        ++order,
        Width.MEDIUM,
        "Advertised host");
    def.define(
        ALLOWED_CIDRS,
        ConfigDef.Type.LIST,
        "127.0.0.0/8,::1/128",
        Validators.each("list of IP addresses or blocks, as 10.0.0.0/8", Cidr::parse),
        Importance.HIGH,
        "Who may connect: IP addresses or blocks. Everybody else is closed at once.",
        GROUP,
        ++order,
        Width.LONG,
        "Allowed addresses");
    def.define(
        THREADS,
        ConfigDef.Type.INT,
        2,
        Range.between(1, 64),
        Importance.LOW,
        "How many threads serve all followers of a task.",
        GROUP,
        ++order,
        Width.SHORT,
        "Threads");
    def.define(
        PORT_RETRY_MS,
        ConfigDef.Type.LONG,
        1000L,
        Range.between(10, 600_000),
        Importance.LOW,
        "Pause before a port that is in use (by a task that is still leaving, say) is tried again.",
        GROUP,
        ++order,
        Width.SHORT,
        "Port retry (ms)");
    def.define(
        PORT_RETRY_TIMEOUT_MS,
        ConfigDef.Type.LONG,
        0L,
        Range.atLeast(0),
        Importance.LOW,
        "How long a port may stay in use before the task fails. 0: it is tried for ever.",
        GROUP,
        ++order,
        Width.SHORT,
        "Port retry timeout (ms)");
    def.define(
        SUBSCRIBE_TIMEOUT_MS,
        ConfigDef.Type.LONG,
        10_000L,
        Range.between(100, 3_600_000),
        Importance.LOW,
        "How long a connection may take to send its subscribe line, TLS handshake included, before"
            + " it is closed.",
        GROUP,
        ++order,
        Width.SHORT,
        "Subscribe timeout (ms)");
    def.define(
        NEWCOMERS_MAX,
        ConfigDef.Type.INT,
        200,
        Range.between(1, 1_000_000),
        Importance.LOW,
        "How many connections of a partition may be there that have not subscribed yet. With a"
            + " further one the oldest of them is closed; followers are never closed for it.",
        GROUP,
        ++order,
        Width.SHORT,
        "Newcomers at most");
    def.define(
        FOLLOWER_MAX,
        ConfigDef.Type.INT,
        1000,
        Range.between(1, 1_000_000),
        Importance.MEDIUM,
        "How many followers a partition serves at once; a further one is closed.",
        GROUP,
        ++order,
        Width.SHORT,
        "Followers at most");
    def.define(
        FOLLOWER_BUFFER_BYTES,
        ConfigDef.Type.LONG,
        4L << 20,
        Range.between(64 << 10, 1L << 30),
        Importance.LOW,
        "How much may wait in memory for one follower; what a slow one lacks beyond that is read"
            + " from the topic when it is ready for it. For all followers of a task together it is"
            + " no more than an eighth of the heap, divided by tasks.max, but 64 KiB for each.",
        GROUP,
        ++order,
        Width.SHORT,
        "Buffer of a follower (bytes)");
    def.define(
        FOLLOWER_IDLE_TIMEOUT_MS,
        ConfigDef.Type.LONG,
        0L,
        Range.atLeast(0),
        Importance.LOW,
        "A follower that has unacknowledged entries and sends nothing for so long is closed. 0:"
            + " never.",
        GROUP,
        ++order,
        Width.SHORT,
        "Idle timeout (ms)");
    def.define(
        FOLLOWER_LINE_MAX_BYTES,
        ConfigDef.Type.INT,
        64 << 10,
        Range.between(256, 16 << 20),
        Importance.LOW,
        "A longer line from a follower closes its connection.",
        GROUP,
        ++order,
        Width.SHORT,
        "Line of a follower (bytes)");
  }

  static ListenerSettings from(AbstractConfig config) {
    String host = config.getString(HOST).trim();
    String advertised = config.getString(ADVERTISED_HOST);
    return new ListenerSettings(
        host,
        config.getInt(PORT),
        advertised == null ? host : advertised.trim(),
        config.getList(ALLOWED_CIDRS).stream().map(Cidr::parse).toList(),
        config.getInt(THREADS),
        config.getInt(NEWCOMERS_MAX),
        config.getInt(FOLLOWER_MAX),
        config.getLong(FOLLOWER_BUFFER_BYTES),
        Duration.ofMillis(config.getLong(FOLLOWER_IDLE_TIMEOUT_MS)),
        Duration.ofMillis(config.getLong(SUBSCRIBE_TIMEOUT_MS)),
        config.getInt(FOLLOWER_LINE_MAX_BYTES),
        Duration.ofMillis(config.getLong(PORT_RETRY_MS)),
        Duration.ofMillis(config.getLong(PORT_RETRY_TIMEOUT_MS)));
  }

  static void check(Map<String, Object> parsed, BiConsumer<String, String> error) {
    if (parsed.get(ALLOWED_CIDRS) instanceof List<?> blocks && blocks.isEmpty()) {
      error.accept(
          ALLOWED_CIDRS,
          "must not be empty, or nobody could connect; 0.0.0.0/0,::/0 lets everybody in");
    }
  }

  /** Whether the sink listens on loopback only. A name that can't be resolved counts as beyond. */
  public boolean loopbackOnly() {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }
}
