package io.github.allsourceconnect.source;

import io.github.allsourceconnect.protocol.ProtocolException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the log says of lines that {@code corrupt.entry.policy} skips: each is counted elsewhere,
 * and the log is spared when there are many. One thread.
 */
final class SkippedLog {
  private static final Logger LOG = LoggerFactory.getLogger(SkippedLog.class);
  private static final long EVERY_MS = 10_000;

  private long skipped;
  private long nextMs;

  /** One more. */
  void skipped(String where, ProtocolException cause, long nowMs) {
    skipped++;
    if (nowMs >= nextMs) {
      nextMs = nowMs + EVERY_MS;
      LOG.error(
          "Corrupt entry from {}, skipped by corrupt.entry.policy ({} since the start): {}",
          where,
          skipped,
          cause.getMessage());
    }
  }
}
