package io.github.allsourceconnect.sink.decision;

/**
 * One partition at one moment, for the metrics. Offsets are WAL offsets unless said otherwise.
 *
 * @param followers connections that have subscribed
 * @param newcomers connections that have not
 * @param catchingUp of these, how many have not got everything yet
 * @param refused how many were closed for a reason since the start
 * @param logBegin the Kafka offset at which the topic was last known to begin
 * @param logEnd the Kafka offset up to which the log was read; -1 before
 * @param memoryBytes what tail and older blocks take
 * @param lowestAcked the lowest offset acked by a connected follower; -1 without one
 * @param highestAcked the highest such
 * @param committable what may be committed; -1 for nothing
 * @param snapshots how many followers are being sent a snapshot
 * @param historyAfter the history holds what is above this; -1 without one
 * @param historyUpTo and up to this
 * @param historyMissing but for so many offsets, which are gone for good
 * @param incomplete how many new followers were served without something that is gone, so far
 */
public record LeaderFigures(
    int followers,
    int newcomers,
    int catchingUp,
    long refused,
    long logBegin,
    long logEnd,
    long memoryBytes,
    long lowestAcked,
    long highestAcked,
    long committable,
    int snapshots,
    long historyAfter,
    long historyUpTo,
    long historyMissing,
    long incomplete) {
  /**
   * How many offsets of the log the slowest follower has not acked; without a follower, how many
   * are not committed.
   */
  public long lag() {
    long done = followers > 0 ? lowestAcked : committable;
    return Math.max(0, logEnd - Math.max(done, logBegin));
  }
}
