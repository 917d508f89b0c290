package io.github.allsourceconnect.source;

/**
 * Keeps a line that says the same again and again from filling the log: it is written when it is
 * new, and then once a minute with how often it was held back. Times are milliseconds of a clock
 * that goes forward. One thread.
 */
final class RepeatedLines {
  private static final long EVERY_MS = 60_000;

  private String last = "";
  private long writtenMs;
  private int heldBack;

  /** What to write of a line; null for nothing. */
  String take(String line, long nowMs) {
    if (line.equals(last) && nowMs - writtenMs < EVERY_MS) {
      heldBack++;
      return null;
    }
    String written =
        line.equals(last) && heldBack > 0
            ? line + " (and " + heldBack + " times more since this was last said)"
            : line;
    last = line;
    writtenMs = nowMs;
    heldBack = 0;
    return written;
  }
}
