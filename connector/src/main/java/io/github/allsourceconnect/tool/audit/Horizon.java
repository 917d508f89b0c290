package io.github.allsourceconnect.tool.audit;

import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.tool.audit.decision.Bearings;

/** Of which times a topic is to have events. One thread. */
final class Horizon {
  private static final long SECOND = 1_000_000;

  private final TopicScope scope;
  private final TopicEvents topic;
  private final Bearings bearings;
  private final SnapshotMode mode;

  /**
   * @param topic has been read
   * @param bearings have been taken
   * @param mode the connector's, as far as it is known
   */
  Horizon(TopicScope scope, TopicEvents topic, Bearings bearings, SnapshotMode mode) {
    this.scope = scope;
    this.topic = topic;
    this.bearings = bearings;
    this.mode = mode;
  }

  /** The time from which on the topic is to have everything. */
  long fromMicros() {
    long from = Long.MIN_VALUE;
    long[] begin = scope.begin();
    long newest = Math.max(bearings.newest(), Long.MIN_VALUE + SECOND);
    for (int i = 0; i < begin.length; i++) {
      if (begin[i] > 0) {
        from = Math.max(from, topic.firstMicros(i, newest - SECOND) + SECOND);
      }
    }
    if (mode == SnapshotMode.NO_DATA) {
      from = Math.max(from, bearings.oldest());
    }
    return from;
  }

  /**
   * The time before which Kafka may have removed everything: no later than where every partition
   * begins, or as long ago as it keeps events at least.
   */
  long goneMicros(long nowMicros) {
    long[] begin = scope.begin();
    long everywhere = Long.MAX_VALUE;
    long longAgo = Long.MIN_VALUE;
    for (int i = 0; i < begin.length; i++) {
      long first = topic.firstMicros(i, Long.MIN_VALUE);
      boolean known = begin[i] > 0 && first != Long.MIN_VALUE;
      everywhere = Math.min(everywhere, known ? first + SECOND : Long.MIN_VALUE);
      if (begin[i] > 0) {
        long keptMs = Math.min(scope.retentionMs(i), nowMicros / 1000);
        longAgo = Math.max(longAgo, nowMicros - keptMs * 1000);
      }
    }
    long from = Math.max(everywhere, longAgo);
    return mode == SnapshotMode.NO_DATA ? Math.max(from, bearings.oldest()) : from;
  }

  /**
   * The time from which on events need not be in the topic (yet).
   *
   * @param patientMicros for the source's own delay
   */
  long newMicros(long patientMicros) {
    return mode == SnapshotMode.INITIAL_ONLY && bearings.newest() != Long.MIN_VALUE
        ? Math.min(patientMicros, bearings.newest() + 1)
        : patientMicros;
  }
}
