package io.github.allsourceconnect.config;

import java.util.OptionalLong;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Width;

/**
 * What becomes of what the history lacks, and of what it has had for long.
 *
 * @param gapPolicy what new followers get when something of the history is gone
 * @param retentionMs files whose entries have been kept for so long are deleted; empty for never
 * @param retentionBytes the oldest files are deleted while the others take at least so much; empty
 *     for never
 */
public record HistorySettings(
    HistoryGapPolicy gapPolicy, OptionalLong retentionMs, OptionalLong retentionBytes) {

  /** What becomes of a new follower when something of the history is gone. */
  public enum HistoryGapPolicy {
    /** It is refused, with the range. */
    REFUSE,
    /** It gets what there is; what it lacks is said and counted. */
    CONTINUE
  }

  public static final String GAP_POLICY = "history.gap.policy";
  public static final String RETENTION_MS = "history.retention.ms";
  public static final String RETENTION_BYTES = "history.retention.bytes";

  private static final String GROUP = "History";
  private static final long NEVER = -1;

  static void define(ConfigDef def) {
    int order = 0;
    def.define(
        GAP_POLICY,
        ConfigDef.Type.STRING,
        "refuse",
        Validators.oneOf(HistoryGapPolicy.class),
        Importance.MEDIUM,
        "What a new follower gets when something that it lacks is neither in the topic nor in the"
            + " history: refuse (nothing; the log names the offsets), continue (what there is; the"
            + " log names the offsets that it is served without, and historyMissing and"
            + " followersIncomplete count). A follower that has something already is refused in"
            + " both cases.",
        GROUP,
        ++order,
        Width.SHORT,
        "Gap policy");
    def.define(
        RETENTION_MS,
        ConfigDef.Type.LONG,
        NEVER,
        Validators.neverOrAtLeast(60_000),
        Importance.MEDIUM,
        "Files that were closed longer ago than that are deleted, the oldest first; -1: never."
            + " Nothing else deletes what the history keeps. The history then begins later, and new"
            + " followers are served by history.gap.policy.",
        GROUP,
        ++order,
        Width.SHORT,
        "Retention (ms)");
    def.define(
        RETENTION_BYTES,
        ConfigDef.Type.LONG,
        NEVER,
        Validators.neverOrAtLeast(1 << 20),
        Importance.MEDIUM,
        "The oldest files of a partition are deleted while the others take at least so much; -1:"
            + " never.",
        GROUP,
        ++order,
        Width.SHORT,
        "Retention (bytes)");
  }

  static HistorySettings from(AbstractConfig config) {
    return new HistorySettings(
        Validators.parse(HistoryGapPolicy.class, config.getString(GAP_POLICY)),
        limit(config.getLong(RETENTION_MS)),
        limit(config.getLong(RETENTION_BYTES)));
  }

  private static OptionalLong limit(long value) {
    return value == NEVER ? OptionalLong.empty() : OptionalLong.of(value);
  }
}
