package io.github.allsourceconnect.source.decision;

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
 * @param missing how many events above {@code walOffset} are known to exist and have not been
 *     produced: a leader with another numbering must have them
 * @param watermarkMicros event time in microseconds; {@link Long#MIN_VALUE} when nothing was
 *     produced
 * @param newestMicros event time of the newest event produced; no listed one is newer
 * @param ids pairs (high, low) of UUID halves; not to be written to
 * @param latenessMicros the greatest lateness that the live stream has shown
 * @param displacement the greatest displacement (places) that it has shown
 * @param snapshotDone whether the first snapshot is complete (or was not wanted)
 * @param number rises with each position taken; of several stored ones the highest wins
 */
@SuppressWarnings("ArrayRecordComponent")
public record SourcePosition(
    long walOffset,
    long beyond,
    int uncertain,
    long missing,
    long watermarkMicros,
    long newestMicros,
    long[] ids,
    long latenessMicros,
    int displacement,
    boolean snapshotDone,
    long number) {

  /** Nothing produced yet. */
  public static final SourcePosition START =
      new SourcePosition(0, 0, 0, 0, Long.MIN_VALUE, Long.MIN_VALUE, new long[0], 0, 0, false, 0);
}
