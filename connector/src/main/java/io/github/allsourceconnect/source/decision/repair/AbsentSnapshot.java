package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import java.util.Set;

/**
 * What it means that a leader answers without a snapshot: a promoted follower has no files; one
 * that was just restarted says the same as long as nothing was written. Not thread-safe.
 */
final class AbsentSnapshot {
  /** What is to be done. */
  enum Verdict {
    /** Ask again after {@value #AGAIN_MS} ms. */
    NOT_SURE,
    /** Nothing was written before the first entry held. */
    NOTHING_BEFORE,
    /** Nothing is missing. */
    COMPLETE,
    /** What is known to be missing of an earlier numbering is nowhere. */
    OWED_LACKING,
    /** Offsets are missing, and their events are nowhere. */
    SHORT
  }

  static final long AGAIN_MS = 1_000;
  private static final long CERTAIN_MS = 35_000;

  private final LiveStream stream;
  private final LiveLink live;
  private final RepairCut cut;

  private long since = -1;
  private Epoch epoch = Epoch.NONE;

  AbsentSnapshot(LiveStream stream, LiveLink live, RepairCut cut) {
    this.stream = stream;
    this.live = live;
    this.cut = cut;
  }

  /** Whether it has been told, and is not certain yet. */
  boolean isTold() {
    return since >= 0;
  }

  /** There is one after all, or nobody has been asked yet. */
  void forget() {
    since = -1;
  }

  /** How many offsets up to the cut have brought nothing, less those that waiting entries fill. */
  long missing() {
    return stream.offsets.missingUpTo(cut.offset()) - stream.arrears.leftToProduce();
  }

  /** Whether the first entry held may continue the known offsets. */
  boolean mayContinue() {
    return stream.held.currentIsEmpty() || stream.walOffset() < stream.held.firstOffset();
  }

  /**
   * The leader has told so.
   *
   * @param asked over which connection it is followed; of another leader than that of the entries
   *     held nothing is counted
   * @param currentOffset how far it says it has come
   * @param beginning whether nothing has been produced yet
   */
  Verdict judge(Epoch asked, long currentOffset, boolean beginning, long now) {
    if (!live.isSameLeader(asked, stream.epoch())) {
      return isCertain(asked, currentOffset, false, now)
          ? told(Verdict.OWED_LACKING)
          : Verdict.NOT_SURE;
    }
    long missing = missing();
    boolean owes =
        stream.arrears.owed() > 0
            && (stream.walOffset() == 0
                || !mayContinue()
                || missing < 0
                || live.numbersDoubtful(stream.epoch())
                || stream.owed.areApart(Set.of()));
    boolean complete =
        mayContinue()
            && missing <= stream.offsets.corruptUpTo(cut.offset())
            && missing >= 0
            && !owes
            && !stream.arrears.sumsAreByChance();
    boolean nothingBefore =
        beginning
            && stream.walOffset() == 0
            && stream.held.leftBehind().isEmpty()
            && !stream.held.currentIsEmpty();
    if (!isCertain(asked, currentOffset, complete || nothingBefore, now)) {
      return Verdict.NOT_SURE;
    }
    if (complete) {
      return told(Verdict.COMPLETE);
    }
    if (nothingBefore) {
      return told(Verdict.NOTHING_BEFORE);
    }
    return told(owes ? Verdict.OWED_LACKING : Verdict.SHORT);
  }

  private Verdict told(Verdict verdict) {
    since = -1;
    return verdict;
  }

  /**
   * A leader that was just restarted has shipped nothing, and the live connection to the one before
   * is dead.
   */
  private boolean isCertain(Epoch asked, long currentOffset, boolean harmless, long now) {
    // with no room for what the buffer has, the stream can't come to the connection that is live
    boolean isStuck = stream.held.isFull() && live.isLeaderOf(asked) && currentOffset > 0;
    boolean isTold = live.epoch().equals(asked) || isStuck;
    if (!isTold || !live.isLive()) {
      since = -1;
      return false;
    }
    if (currentOffset > 0) {
      return true;
    }
    if (since < 0 || !epoch.equals(live.epoch())) {
      since = now;
      epoch = live.epoch();
    }
    return now - since >= (harmless ? AGAIN_MS : CERTAIN_MS);
  }
}
