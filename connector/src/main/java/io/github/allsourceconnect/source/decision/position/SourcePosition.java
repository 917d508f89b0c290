package io.github.allsourceconnect.source.decision.position;

/**
 * Where the source stands: every event of the leader older than {@code watermarkMicros} has been
 * produced, and of those at or after it exactly the ones whose ids are listed.
 *
 * @param walOffset the contiguous WAL offset that has been produced, 0 when the leader's numbering
 *     is not known
 * @param beyond how many events with an unknown offset above {@code walOffset} have been produced
 *     (rows of a repair that was not finished)
 * @param uncertain of how many produced rows it is not known whether they are below or above {@code
 *     walOffset}: those next to the seam where a numbering began
 * @param missing the events that are known to exist and have not been produced: a leader with
 *     another numbering must have them
 * @param watermarkMicros event time in microseconds; {@link Long#MIN_VALUE} when nothing was
 *     produced
 * @param newestMicros event time of the newest event produced; no listed one is newer
 * @param ids pairs (high, low) of UUID halves; not to be written to
 * @param latenessMicros the greatest lateness that the live stream has shown
 * @param displacement the greatest displacement (places) that it has shown
 * @param snapshotDone whether the first snapshot is complete (or was not wanted)
 * @param leader the address of the leader whose numbering {@code walOffset} is of; empty when not
 *     known
 * @param number rises with each position taken; of several stored ones the highest wins
 */
@SuppressWarnings("ArrayRecordComponent")
public record SourcePosition(
    long walOffset,
    long beyond,
    int uncertain,
    Missing missing,
    long watermarkMicros,
    long newestMicros,
    long[] ids,
    long latenessMicros,
    int displacement,
    boolean snapshotDone,
    String leader,
    long number) {

  /**
   * Events that are known to exist and have not been produced.
   *
   * @param events how many may still be had; nothing that came behind them has been produced
   * @param newestMicros event time of the newest event that has come, so that none of them is much
   *     newer; {@link Long#MAX_VALUE} when not known
   * @param after they are above this offset of the numbering in which they were missed; 0 when it
   *     is not known
   * @param passedOver how many more a leader lacked, so that what came behind them has been
   *     produced without them
   */
  public record Missing(long events, long newestMicros, long after, long passedOver) {
    /** None. */
    public static final Missing NONE = new Missing(0, Long.MAX_VALUE, 0, 0);
  }

  /** Nothing produced yet. */
  public static final SourcePosition START =
      new SourcePosition(
          0, 0, 0, Missing.NONE, Long.MIN_VALUE, Long.MIN_VALUE, new long[0], 0, 0, false, "", 0);
}
