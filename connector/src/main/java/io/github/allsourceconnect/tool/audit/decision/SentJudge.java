package io.github.allsourceconnect.tool.audit.decision;

import java.util.Iterator;
import java.util.Set;

/**
 * Judges what a sink has sent to a new follower against the topic: the history and the log behind
 * it are to be the topic's records, each at its offset, without a gap or a repetition. Not
 * thread-safe.
 */
public final class SentJudge {
  /**
   * What can be judged of a partition, in Kafka offsets.
   *
   * @param begin the topic's first one
   * @param to behind the last one that was read of the topic
   * @param sentTo behind the last one that the sink has sent, or said to have come to
   */
  public record Range(long begin, long to, long sentTo) {}

  private final Range[] ranges;
  private final Findings findings;
  private long sent;
  private long records;
  private long matched;

  /**
   * @param ranges for each partition
   */
  public SentJudge(Range[] ranges, Findings findings) {
    this.ranges = ranges.clone();
    this.findings = findings;
  }

  /** Goes over both, each sorted by partition and offset. */
  public void judge(Iterator<Fingerprint> ofSink, Iterator<Fingerprint> ofTopic) {
    Fingerprint entry = next(ofSink);
    Fingerprint record = next(ofTopic);
    while (entry != null || record != null) {
      int side = entry == null ? 1 : record == null ? -1 : compare(entry, record);
      if (side > 0) {
        records++;
        findings.found(unsent(record), record, record, Set.of());
        record = next(ofTopic);
        continue;
      }
      if (side == 0) {
        records++;
        both(entry, record);
        record = next(ofTopic);
      } else {
        extra(entry);
      }
      sent++;
      Fingerprint last = entry;
      for (entry = next(ofSink); entry != null && compare(entry, last) == 0; sent++) {
        findings.found(Kind.TWICE, entry, entry, Set.of());
        entry = next(ofSink);
      }
    }
  }

  private Kind unsent(Fingerprint record) {
    return record.place() >= ranges[record.source()].sentTo() ? Kind.TOO_NEW : Kind.MISSING;
  }

  private void both(Fingerprint entry, Fingerprint record) {
    Set<Part> parts = Part.differing(record, entry);
    if (parts.isEmpty()) {
      matched++;
    } else {
      findings.found(Kind.ALTERED, record, record, parts);
    }
  }

  private void extra(Fingerprint entry) {
    Range range = ranges[entry.source()];
    Kind kind =
        entry.place() < range.begin()
            ? Kind.HISTORY
            : entry.place() >= range.to() ? Kind.AFTER_SNAPSHOT : Kind.FOREIGN;
    findings.found(kind, entry, entry, Set.of());
  }

  private static int compare(Fingerprint one, Fingerprint other) {
    int byPartition = Integer.compare(one.source(), other.source());
    return byPartition != 0 ? byPartition : Long.compare(one.place(), other.place());
  }

  private static Fingerprint next(Iterator<Fingerprint> of) {
    return of.hasNext() ? of.next() : null;
  }

  /** How many entries the sink has sent. */
  public long sent() {
    return sent;
  }

  /** How many events the topic has. */
  public long records() {
    return records;
  }

  /** How many are the same on both sides. */
  public long matched() {
    return matched;
  }
}
