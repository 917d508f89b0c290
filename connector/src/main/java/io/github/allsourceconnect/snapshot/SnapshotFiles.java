package io.github.allsourceconnect.snapshot;

import io.github.allsourceconnect.protocol.Timestamps;
import java.util.OptionalLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the names of snapshot files tell. Stateless.
 *
 * <ul>
 *   <li>0.19.1: {@code events-<yyyymmdd>-<HHMMSSmmm>-<32 hex>.parquet}
 *   <li>0.27.0: {@code events-<yyyymmdd>-<HHMMSSmmm>-<32 hex>.<32 hex>.part-<n>.parquet}, and after
 *       a compaction {@code snapshot.<tenant>.<from>-<to>.<number>.<32 hex>.part-<n>.parquet}
 * </ul>
 */
public final class SnapshotFiles {
  private static final String HEX32 = "[0-9a-f]{32}";
  private static final Pattern FLUSHED =
      Pattern.compile(
          "events-(\\d{4})(\\d\\d)(\\d\\d)-(\\d\\d)(\\d\\d)(\\d\\d)(\\d{3})-"
              + HEX32
              + "(\\."
              + HEX32
              + "\\.part-\\d+)?\\.parquet");
  private static final Pattern COMPACTED =
      Pattern.compile("snapshot\\.(.+)\\.[^.]+-[^.]+\\.\\d+\\." + HEX32 + "\\.part-\\d+\\.parquet");
  private static final Pattern PART = Pattern.compile(".*\\.part-\\d+\\.parquet");

  private SnapshotFiles() {}

  /**
   * The last microsecond (since 1970) of the millisecond in which the file was flushed: no event in
   * it is newer, as long as the leader's clock does not jump. Empty when the name does not tell.
   */
  public static OptionalLong flushMicros(String name) {
    Matcher m = FLUSHED.matcher(name);
    if (!m.matches()) {
      return OptionalLong.empty();
    }
    String timestamp =
        m.group(1)
            + "-"
            + m.group(2)
            + "-"
            + m.group(3)
            + "T"
            + m.group(4)
            + ":"
            + m.group(5)
            + ":"
            + m.group(6)
            + "."
            + m.group(7)
            + "Z";
    return Timestamps.isValid(timestamp)
        ? OptionalLong.of(Timestamps.micros(timestamp) + 999)
        : OptionalLong.empty();
  }

  /** Whether the file holds the rows of one tenant only: the layout of 0.27.0. */
  public static boolean singleTenant(String name) {
    return PART.matcher(name).matches();
  }

  /** The tenant as the name of a compacted file of 0.27.0 tells it, otherwise null. */
  public static String tenantOf(String name) {
    Matcher m = COMPACTED.matcher(name);
    return m.matches() ? m.group(1) : null;
  }
}
