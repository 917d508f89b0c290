package io.github.allsourceconnect.source.decision.repair;

/**
 * How often in a row snapshots could not be had, and how often because they could not be read. Not
 * thread-safe.
 */
final class Attempts {
  /** So many unreadable snapshots in a row are enough. */
  private static final int UNREADABLE_MAX = 5;

  private int failed;
  private int unreadable;

  /**
   * One more has failed.
   *
   * @param couldNotBeRead it came, and was of no use
   * @param better the next one will do without what was damaged, so attempts are counted anew
   */
  void failed(boolean couldNotBeRead, boolean better) {
    failed = better ? 1 : failed + 1;
    if (couldNotBeRead) {
      unreadable = better ? 1 : unreadable + 1;
    }
  }

  void begin() {
    failed = 0;
    unreadable = 0;
  }

  /** Failed in a row, for whatever reason. */
  int inARow() {
    return failed;
  }

  /** Of these, those that could not be read. */
  int unreadable() {
    return unreadable;
  }

  boolean areEnough() {
    return unreadable >= UNREADABLE_MAX;
  }
}
