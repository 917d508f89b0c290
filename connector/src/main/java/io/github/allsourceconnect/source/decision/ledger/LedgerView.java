package io.github.allsourceconnect.source.decision.ledger;

import io.github.allsourceconnect.source.decision.position.Ledger;

/**
 * What the ledger topic looks at.
 *
 * @param nowMs milliseconds of a clock that only goes forward
 * @param wallMs milliseconds since 1970
 * @param counts the follower's figures
 * @param snapshotDone whether the first snapshot is complete, or was not wanted
 * @param snapshotRunning whether a snapshot is being fetched or read
 * @param remainingRows how many rows of it were not read yet; 0 when that is not known
 * @param left what Connect has told of the records that were handed over
 */
public record LedgerView(
    long nowMs,
    long wallMs,
    Ledger counts,
    boolean snapshotDone,
    boolean snapshotRunning,
    long remainingRows,
    Left left) {

  /**
   * What became of records since the task's start, as far as Connect has told.
   *
   * @param confirmed Kafka has them
   * @param filtered a transformation left them out
   * @param dropped they were refused, and the worker went on without them
   */
  public record Left(long confirmed, long filtered, long dropped) {}
}
