package io.github.allsourceconnect.source;

import java.util.Locale;

/**
 * What the log says of a snapshot on its way: a line each ten seconds, nothing of one that takes
 * less. Times are milliseconds of any clock that goes forward. One thread.
 */
final class SnapshotProgress {
  private static final long EVERY_MS = 10_000;

  private int snapshot = -1;
  private long beganMs;
  private long saidMs;
  private long readingSinceMs;
  private long files;
  private long rows;
  private long expected;

  /** A snapshot was asked for. */
  void asked(int number, long nowMs) {
    snapshot = number;
    beganMs = nowMs;
    saidMs = nowMs;
    expected = -1;
    rows = 0;
  }

  /**
   * Its rows are read from the beginning now.
   *
   * @param expectedRows how many there are; -1 when that is not known
   */
  void reading(long ofFiles, long expectedRows, long nowMs) {
    files = ofFiles;
    expected = expectedRows;
    rows = 0;
    readingSinceMs = nowMs;
  }

  void row() {
    rows++;
  }

  /** How many rows were not read yet. */
  long remaining() {
    return Math.max(0, expected - rows);
  }

  /**
   * The line that is due, or null.
   *
   * @param running whether a snapshot is on its way
   * @param bytes received of it
   */
  String due(boolean running, long bytes, long nowMs) {
    if (!running || snapshot < 0 || nowMs - saidMs < EVERY_MS) {
      return null;
    }
    saidMs = nowMs;
    String fetched = mb(bytes) + " in " + seconds(nowMs - beganMs);
    if (rows == 0 || expected <= 0) {
      return "Snapshot " + snapshot + ": " + fetched + " fetched so far";
    }
    long perSecond = Math.max(1, rows * 1000 / Math.max(1, nowMs - readingSinceMs));
    return String.format(
        Locale.ROOT,
        "Snapshot %d: %,d of %,d rows of %,d files read (%s), %,d rows a second, about %s left",
        snapshot,
        rows,
        expected,
        files,
        mb(bytes),
        perSecond,
        seconds(remaining() * 1000 / perSecond));
  }

  private static String mb(long bytes) {
    return String.format(Locale.ROOT, "%,.1f MB", bytes / 1e6);
  }

  private static String seconds(long ms) {
    long s = ms / 1000;
    return s < 120 ? s + " s" : s / 60 + " min";
  }
}
