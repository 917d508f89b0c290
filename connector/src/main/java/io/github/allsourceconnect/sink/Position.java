package io.github.allsourceconnect.sink;

import io.github.allsourceconnect.sink.decision.CommitNote;
import io.github.allsourceconnect.sink.decision.CommitPoint;
import io.github.allsourceconnect.sink.decision.LogTrust;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;

/**
 * How far Connect has read a partition, and what is committed of it. Used by the task's thread.
 *
 * <p>Invariant: nothing is committed that Connect has not handed over, that the served log does not
 * have, or that is of another log than the one that Connect reads.
 */
public final class Position {
  private static final long PATIENCE_MS = 2_000;
  private static final long PATIENCE_MAX_MS = 64_000;

  private int epoch;

  /** The number of the log that Connect reads; 0 as long as it is not known. */
  private int log;

  private long handed = -1;
  private boolean handedSome;
  private long beganAt = -1;
  private boolean rewinding;
  private long reachedBefore;
  private long quietSinceMs;
  private long patienceMs = PATIENCE_MS;

  /**
   * @param nowMs when the partition was opened, in milliseconds of any clock
   */
  public Position(long nowMs) {
    this.quietSinceMs = nowMs;
  }

  /** Connect reads, or read, from this Kafka offset on; only the first time counts. */
  public void begins(long offset) {
    if (beganAt < 0 && !rewinding) {
      beganAt = offset;
    }
  }

  /**
   * From where Connect is to hand over again so that a record comes (once more): from the record,
   * or from where Connect began if it lies behind that. What was not handed over is never skipped
   * so, and Connect, which commits what it was sent to, commits nothing that was not committed
   * before.
   *
   * @return -1 when it comes by itself
   */
  public long placeFor(long record) {
    return record < 0 || record >= handed ? -1 : Math.min(record, beganAt);
  }

  /** Connect is to hand over again what it has: from this Kafka offset on. */
  public long goesBack() {
    rewinding = true;
    return beganAt;
  }

  /** Connect has handed over what lies before this Kafka offset. Whether that is news. */
  public boolean handed(long offset) {
    if (rewinding || offset <= handed) {
      return false;
    }
    handed = offset;
    return true;
  }

  /** A record was handed over, so it must be found in the log before anything is committed. */
  public void sawRecord() {
    handedSome = true;
  }

  /**
   * Whether nothing has come for so long that a record may be asked for once more: 2 s, and twice
   * as long after each time that it was, up to 64 s.
   */
  public boolean isQuiet(long nowMs) {
    return !rewinding && nowMs - quietSinceMs >= patienceMs;
  }

  /** A record was asked for once more. */
  public void askedAgain(long nowMs) {
    quietSinceMs = nowMs;
    patienceMs = Math.min(2 * patienceMs, PATIENCE_MAX_MS);
  }

  /** Whether a record was handed over. */
  public boolean sawRecords() {
    return handedSome;
  }

  /** Whether Connect has not begun anew yet: what it says is still of the log of before. */
  public boolean isRewinding() {
    return rewinding;
  }

  /** Connect has begun anew. */
  public void hasRewound() {
    rewinding = false;
  }

  /** How often Connect has begun anew. */
  public int epoch() {
    return epoch;
  }

  /** The number of the log that Connect reads; 0 as long as it is not known. */
  public int log() {
    return log;
  }

  /** This log is served, and Connect need not begin anew. */
  public void reads(CommitPoint point) {
    log = Math.max(log, point.log());
  }

  /** Whether Connect still reads another log than the one that is served. */
  public boolean mustBeginAnew(CommitPoint point) {
    return point.epoch() > epoch;
  }

  /**
   * Connect begins anew.
   *
   * @return the Kafka offset to which it is sent. Where the log was cut, that is its end, but for a
   *     Connect that has not come so far: what it jumped over would never be looked at
   */
  public long beginsAnew(CommitPoint point) {
    long reached = handed < 0 ? beganAt : handed;
    boolean mayBeSame = log == 0 || log == point.log();
    boolean isBefore = mayBeSame && reached >= 0 && reached < point.anewFrom();
    long from = isBefore ? reached : point.anewFrom();
    epoch = point.epoch();
    log = point.log();
    rewinding = true;
    handed = -1;
    beganAt = from;
    handedSome = false;
    reachedBefore = 0;
    return from;
  }

  /**
   * The place where Connect began, with the note. Connect commits it by itself, without one, as
   * soon as anything of another partition is committed.
   *
   * @return null when there is nothing to be noted
   */
  public OffsetAndMetadata unmoved(CommitPoint point, long nowMs) {
    if (point.note() == null || mustBeginAnew(point) || beganAt < 0) {
      return null;
    }
    return new OffsetAndMetadata(beganAt, noted(point.note(), nowMs));
  }

  private String noted(CommitNote note, long nowMs) {
    long grown = Math.max(0, note.reached() - reachedBefore);
    reachedBefore = note.reached();
    long reached = note.reached() + Math.max(LogTrust.MARGIN, 2 * grown);
    return new CommitNote(note.log(), reached, note.doubtfulUpTo(), nowMs).text();
  }

  /**
   * What is committed now.
   *
   * @return null for nothing
   */
  public OffsetAndMetadata commit(CommitPoint point, long nowMs) {
    if (point.note() == null || mustBeginAnew(point)) {
      return null;
    }
    CommitNote note = point.note();
    long offset = Math.min(point.offset(), handed);
    if (offset < 0 && note.doubtfulUpTo() > 0) {
      // nothing is done with yet, but whom not to believe must outlive this task
      offset = Math.min(point.anewFrom(), handed);
    }
    if (offset < 0) {
      return null;
    }
    return new OffsetAndMetadata(offset, noted(note, nowMs));
  }
}
