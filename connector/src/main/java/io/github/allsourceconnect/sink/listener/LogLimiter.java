package io.github.allsourceconnect.sink.listener;

import io.github.allsourceconnect.sink.decision.LeaderOrders.Level;
import org.slf4j.Logger;

/**
 * Keeps a storm of connections from flooding the log: so many lines in ten seconds, then one that
 * says how many more there were. Errors are always written. One thread.
 */
final class LogLimiter {
  private static final int LINES = 200;
  private static final long PERIOD_MS = 10_000;

  private long periodBegan = Long.MIN_VALUE / 2;
  private int written;
  private int heldBack;

  void log(Level level, String message, long nowMs, Logger log) {
    tick(nowMs, log);
    if (level == Level.ERROR) {
      log.error(message);
    } else if (written >= LINES) {
      heldBack++;
    } else {
      written++;
      if (level == Level.WARN) {
        log.warn(message);
      } else {
        log.info(message);
      }
    }
  }

  void tick(long nowMs, Logger log) {
    if (nowMs - periodBegan >= PERIOD_MS) {
      if (heldBack > 0) {
        log.warn("{} further lines about followers were held back in the last 10 s", heldBack);
      }
      periodBegan = nowMs;
      written = 0;
      heldBack = 0;
    }
  }
}
