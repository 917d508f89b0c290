package io.github.allsourceconnect.config;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.common.config.ConfigDef.Importance;
import org.apache.kafka.common.config.ConfigDef.Range;
import org.apache.kafka.common.config.ConfigDef.Width;

/**
 * What the source may take in memory and on disk.
 *
 * @param memoryBytes read-ahead of the live connection in memory
 * @param diskBytes further read-ahead on disk; 0 for none
 * @param dir where; the task makes a folder of its own in it and deletes that when it ends
 * @param snapshotDiskBytes what a snapshot may take there while it is read
 * @param snapshotMemoryBytes what a snapshot may take in memory while it is read
 * @param heldBytes what entries held behind a gap may take in memory
 */
public record BufferSettings(
    long memoryBytes,
    long diskBytes,
    Path dir,
    long snapshotDiskBytes,
    long snapshotMemoryBytes,
    long heldBytes) {

  public static final String MEMORY_BYTES = "buffer.memory.bytes";
  public static final String DISK_BYTES = "buffer.disk.bytes";
  public static final String DISK_DIR = "buffer.disk.dir";
  public static final String SNAPSHOT_DISK_BYTES = "snapshot.disk.bytes";
  public static final String SNAPSHOT_MEMORY_BYTES = "snapshot.memory.bytes";
  public static final String HELD_BYTES = "gap.memory.bytes";

  private static final String GROUP = "Buffers";

  static void define(ConfigDef def) {
    int order = 0;
    def.define(
        MEMORY_BYTES,
        ConfigDef.Type.LONG,
        64L << 20,
        Range.between(1 << 20, 64L << 30),
        Importance.MEDIUM,
        "How much of the live stream is read ahead in memory while Kafka is slow: a leader drops"
            + " entries for followers that do not read.",
        GROUP,
        ++order,
        Width.SHORT,
        "Read-ahead in memory (bytes)");
    def.define(
        DISK_BYTES,
        ConfigDef.Type.LONG,
        4L << 30,
        Range.atLeast(0),
        Importance.MEDIUM,
        "How much more is read ahead on disk. When that is full too, reading stops; what the leader"
            + " then drops is repaired afterwards. 0: no read-ahead on disk.",
        GROUP,
        ++order,
        Width.SHORT,
        "Read-ahead on disk (bytes)");
    def.define(
        DISK_DIR,
        ConfigDef.Type.STRING,
        null,
        Validators.text("a path", BufferSettings::path),
        Importance.MEDIUM,
        "Folder for the read-ahead and for snapshots while they are read. Nothing there outlives"
            + " the task. Default: the JVM's temporary folder.",
        GROUP,
        ++order,
        Width.LONG,
        "Folder");
    def.define(
        SNAPSHOT_DISK_BYTES,
        ConfigDef.Type.LONG,
        64L << 30,
        Range.atLeast(1 << 20),
        Importance.MEDIUM,
        "What a snapshot may take in buffer.disk.dir while it is read. A larger one fails the"
            + " task.",
        GROUP,
        ++order,
        Width.SHORT,
        "Snapshot on disk (bytes)");
    def.define(
        SNAPSHOT_MEMORY_BYTES,
        ConfigDef.Type.LONG,
        64L << 20,
        Range.between(8 << 20, 64L << 30),
        Importance.MEDIUM,
        "What a snapshot may take in memory while it is read, for all files that are open at the"
            + " time, whatever they hold; rows that do not fit wait in buffer.disk.dir. An event"
            + " that is larger passes all the same, up to line.max.bytes.",
        GROUP,
        ++order,
        Width.SHORT,
        "Snapshot in memory (bytes)");
    def.define(
        HELD_BYTES,
        ConfigDef.Type.LONG,
        64L << 20,
        Range.between(1 << 20, 16L << 30),
        Importance.LOW,
        "What entries that wait behind a gap may take in memory; further ones wait in the"
            + " read-ahead.",
        GROUP,
        ++order,
        Width.SHORT,
        "Held behind a gap (bytes)");
  }

  static BufferSettings from(AbstractConfig config) {
    String dir = config.getString(DISK_DIR);
    return new BufferSettings(
        config.getLong(MEMORY_BYTES),
        config.getLong(DISK_BYTES),
        path(dir == null ? System.getProperty("java.io.tmpdir") : dir),
        config.getLong(SNAPSHOT_DISK_BYTES),
        config.getLong(SNAPSHOT_MEMORY_BYTES),
        config.getLong(HELD_BYTES));
  }

  private static Path path(String text) {
    try {
      return Path.of(text.trim());
    } catch (InvalidPathException e) {
      throw new IllegalArgumentException("not a path: " + e.getReason(), e);
    }
  }
}
