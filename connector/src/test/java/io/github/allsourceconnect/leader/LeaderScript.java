package io.github.allsourceconnect.leader;

/**
 * How a scripted leader behaves.
 *
 * @param release whose habits it has
 * @param ringEntries how many entries it keeps for a follower that does not take them; the oldest
 *     are overwritten without a word
 * @param chunkBytes how much of a file a chunk carries
 * @param latePercent how many of a hundred entries are published late, and so out of order
 * @param latenessMs how late at most; also how far an event's time may lie back
 * @param seed decides what is left to chance
 * @param faults what goes wrong on connections
 */
public record LeaderScript(
    Release release,
    int ringEntries,
    int chunkBytes,
    int latePercent,
    int latenessMs,
    long seed,
    Faults faults) {

  /** The releases whose habits differ. */
  public enum Release {
    /** One sequence of files, versions always 1, a clean restart keeps the numbering. */
    V0_19_1,
    /** Files by tenant, versions count an entity's events, every restart numbers anew. */
    V0_27_0
  }

  /** As 0.19.1 was observed. */
  public static LeaderScript observed(long seed) {
    return new LeaderScript(Release.V0_19_1, 4096, 512 << 10, 20, 5, seed, Faults.NONE);
  }

  /** The same with the habits of another release. */
  public LeaderScript with(Release other) {
    return new LeaderScript(other, ringEntries, chunkBytes, latePercent, latenessMs, seed, faults);
  }

  /** The same with another ring. */
  public LeaderScript withRing(int entries) {
    return new LeaderScript(release, entries, chunkBytes, latePercent, latenessMs, seed, faults);
  }

  /** The same with entries published late so often. */
  public LeaderScript withLate(int percent) {
    return new LeaderScript(release, ringEntries, chunkBytes, percent, latenessMs, seed, faults);
  }

  /** The same with entries in order, and so their times. */
  public LeaderScript inOrder() {
    return new LeaderScript(release, ringEntries, chunkBytes, 0, 0, seed, faults);
  }

  /** The same with faults. */
  public LeaderScript withFaults(Faults injected) {
    return new LeaderScript(
        release, ringEntries, chunkBytes, latePercent, latenessMs, seed, injected);
  }
}
