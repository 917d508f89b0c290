package io.github.allsourceconnect.config;

import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.transport.HostPort;
import java.util.Map;
import java.util.function.BiConsumer;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Width;

/** The settings of {@link FollowerSettings}: when snapshots are taken, what becomes of gaps. */
final class FollowSettings {
  static final String SNAPSHOT_MODE = "snapshot.mode";
  static final String GAP_POLICY = "gap.policy";
  static final String GAP_TIMEOUT_MS = "gap.timeout.ms";
  static final String REPAIR_MIN_INTERVAL_MS = "repair.min.interval.ms";
  static final String REPAIR_MAX_INTERVAL_MS = "repair.max.interval.ms";
  static final String REPAIR_CLOCK_SLACK_MS = "repair.clock.slack.ms";

  private static final String GROUP = "Gaps and snapshots";

  private FollowSettings() {}

  static void define(ConfigDef def) {
    int order = 0;
    def.define(
        SNAPSHOT_MODE,
        ConfigDef.Type.STRING,
        "initial",
        Validators.oneOf(SnapshotMode.class),
        Importance.HIGH,
        "When the leader's history is taken: initial (at the beginning), initial_only (and nothing"
            + " else; the task then stays idle), no_data (never; from now on), when_needed (at the"
            + " beginning, and again as a whole when the stored position can't be continued),"
            + " always (at each start).",
        GROUP,
        ++order,
        Width.SHORT,
        "Snapshot");
    def.define(
        GAP_POLICY,
        ConfigDef.Type.STRING,
        "repair",
        Validators.oneOf(GapPolicy.class),
        Importance.HIGH,
        "What happens when offsets are missing from the live stream: repair (the events are fetched"
            + " in a snapshot; fail if they are not there), fail, continue (repair; what can't be"
            + " repaired is counted and logged). A task that fails because a leader was lost with"
            + " events that the next one lacks fails again when it is restarted, unless this is"
            + " continue.",
        GROUP,
        ++order,
        Width.SHORT,
        "Gaps");
    def.define(
        GAP_TIMEOUT_MS,
        ConfigDef.Type.LONG,
        500L,
        Range.between(1, 600_000),
        Importance.MEDIUM,
        "How long a missing offset may still arrive out of order before it is a gap.",
        GROUP,
        ++order,
        Width.SHORT,
        "Gap timeout (ms)");
    def.define(
        REPAIR_MIN_INTERVAL_MS,
        ConfigDef.Type.LONG,
        5000L,
        Range.between(0, 3_600_000),
        Importance.LOW,
        "The least time between two repair snapshots. Each leaves small files at the leader for"
            + " good.",
        GROUP,
        ++order,
        Width.SHORT,
        "Repair interval (ms)");
    def.define(
        REPAIR_MAX_INTERVAL_MS,
        ConfigDef.Type.LONG,
        300_000L,
        Range.between(0, 86_400_000),
        Importance.LOW,
        "How long the time between two repair snapshots may become while gaps keep coming, or the"
            + " link lags.",
        GROUP,
        ++order,
        Width.SHORT,
        "Longest repair interval (ms)");
    def.define(
        REPAIR_CLOCK_SLACK_MS,
        ConfigDef.Type.LONG,
        0L,
        Range.between(0, 86_400_000),
        Importance.LOW,
        "How much further back than the known events a repair looks, for leaders whose clock"
            + " jumps.",
        GROUP,
        ++order,
        Width.SHORT,
        "Clock slack (ms)");
  }

  static FollowerSettings from(
      AbstractConfig config, LeaderSettings leader, BufferSettings buffers) {
    return new FollowerSettings(
        leader.addresses().stream().map(HostPort::toString).toList(),
        leader.deadTimeout().toMillis(),
        Validators.parse(SnapshotMode.class, config.getString(SNAPSHOT_MODE)),
        Validators.parse(GapPolicy.class, config.getString(GAP_POLICY)),
        config.getLong(GAP_TIMEOUT_MS),
        config.getLong(REPAIR_MIN_INTERVAL_MS),
        config.getLong(REPAIR_MAX_INTERVAL_MS),
        config.getLong(REPAIR_CLOCK_SLACK_MS),
        leader.backoff().toMillis(),
        leader.backoffMax().toMillis(),
        buffers.heldBytes());
  }

  static void check(Map<String, Object> parsed, BiConsumer<String, String> error) {
    if (parsed.get(REPAIR_MIN_INTERVAL_MS) instanceof Long least
        && parsed.get(REPAIR_MAX_INTERVAL_MS) instanceof Long most
        && most < least) {
      error.accept(
          REPAIR_MAX_INTERVAL_MS,
          "must be at least " + REPAIR_MIN_INTERVAL_MS + " (" + least + ")");
    }
  }
}
