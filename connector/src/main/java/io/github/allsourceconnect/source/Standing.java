package io.github.allsourceconnect.source;

import java.util.Map;

/**
 * Where the source stands compared with its leader, in figures. What was produced is noted by one
 * thread, which asks as well. Times are milliseconds since 1970.
 */
final class Standing {
  private final long startedMs;
  private long newestMs;

  /**
   * What there is at a moment.
   *
   * @param live whether the leader's live stream is there
   * @param heardAgoMs how long ago the leader sent something, or the task started
   * @param waitingRecords events that were received and that Kafka has not confirmed
   * @param waitingBytes bytes of what waits, in the read-ahead and for Kafka
   * @param open events known to be missing
   * @param snapshot whether a snapshot is being fetched or read
   * @param remainingRows of it
   */
  record Moment(
      boolean live,
      long heardAgoMs,
      long waitingRecords,
      long waitingBytes,
      long open,
      boolean snapshot,
      long remainingRows) {
    boolean nothingWaits() {
      return waitingRecords <= 0 && waitingBytes <= 0 && open <= 0 && !snapshot;
    }
  }

  Standing(long startedMs) {
    this.startedMs = startedMs;
  }

  /** An event of this time was handed on to Kafka. */
  void produced(long micros) {
    // not the greatest time seen: one wrong clock would set that for good
    newestMs = Math.floorDiv(micros, 1000);
  }

  void addTo(Map<String, Number> figures, Moment now, long nowMs) {
    figures.put("connected", now.live() ? 1L : 0L);
    figures.put("MilliSecondsBehindSource", behind(now, nowMs));
    figures.put("MilliSecondsSinceLastEvent", Math.max(0, now.heardAgoMs()));
    figures.put("newestEventTime", newestMs);
    figures.put("waitingRecords", Math.max(0, now.waitingRecords()));
    figures.put("waitingBytes", Math.max(0, now.waitingBytes()));
    figures.put("SnapshotRunning", now.snapshot() ? 1L : 0L);
    figures.put("RemainingRowCount", now.snapshot() ? Math.max(0, now.remainingRows()) : 0L);
  }

  private long behind(Moment now, long nowMs) {
    if (now.live() && now.nothingWaits()) {
      return 0;
    }
    long since = now.nothingWaits() ? nowMs - now.heardAgoMs() : newestMs;
    return Math.max(0, nowMs - (since == 0 ? startedMs : since));
  }
}
