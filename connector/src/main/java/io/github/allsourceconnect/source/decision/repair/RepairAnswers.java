package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders.Level;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Account;
import java.util.List;

/**
 * What follows when a snapshot was asked for and the leader has answered: its rows are counted,
 * another one is asked for after a while, the entries held are produced without it, or the task
 * fails.
 *
 * <p>Invariant: when an answer is acted upon, no entry is due. Not thread-safe.
 */
final class RepairAnswers {
  private static final String NO_FILES =
      "the leader has no snapshot (a promoted follower has none)";

  private final FollowerOrders orders;
  private final LiveStream stream;
  private final LiveLink live;
  private final RepairRun run;
  private final RepairNeed need;
  private final RepairCut cut;
  private final AbsentSnapshot absent;
  private final Shortfall shortfall;
  private final SnapshotPasses passes;

  RepairAnswers(
      FollowerOrders orders,
      LiveStream stream,
      LiveLink live,
      RepairRun run,
      RepairNeed need,
      RepairCut cut,
      AbsentSnapshot absent,
      Shortfall shortfall,
      SnapshotPasses passes) {
    this.orders = orders;
    this.stream = stream;
    this.live = live;
    this.run = run;
    this.need = need;
    this.cut = cut;
    this.absent = absent;
    this.shortfall = shortfall;
    this.passes = passes;
  }

  /** There is none; the leader says that it has come so far. */
  void none(long currentOffset, long now) {
    if (cut.isOvertaken()) {
      passes.end(now);
      return;
    }
    if (cut.offset() == 0) {
      // its sequence is 0, or it has no files: the first entry will ask again
      run.drop();
      need.withdraw();
      return;
    }
    Epoch asked = run.phase().request().epoch();
    switch (absent.judge(asked, currentOffset, need.isBeginning(), now)) {
      case NOT_SURE -> {
        run.drop();
        need.again(now + AbsentSnapshot.AGAIN_MS);
        if (live.isOpen()) {
          orders.ack(live.epoch(), 0); // if the peer is gone, this makes it known
        }
      }
      case NOTHING_BEFORE -> passes.nothingBefore(now);
      case COMPLETE -> {
        if (!stream.verified()) {
          stream.ledger.unverifiedRepairs++;
        }
        passes.withoutRows(Account.COUNTED, now);
      }
      case OWED_LACKING -> {
        if (!live.isSameLeader(asked, stream.epoch())) {
          passes.neverPlaced();
        }
        shortfall.noteOwed(0);
        passes.withoutRows(Account.ANEW, now);
      }
      case SHORT -> {
        shortfall.passOver(NO_FILES, Math.max(absent.missing(), 0), 0);
        passes.withoutRows(absent.mayContinue() ? Account.SHORT : Account.ANEW, now);
      }
    }
  }

  /** Nobody knows what is missing before what is held, which has to make room. */
  void nobodyCanTell(long now) {
    if (stream.verified()) {
      shortfall.passOver(
          "the leader with this numbering is no longer followed", absent.missing(), 0);
    } else {
      passes.neverPlaced();
      shortfall.noteOwed(0);
    }
    orders.log(Level.WARN, shortfall.lacking());
    passes.withoutRows(stream.verified() ? Account.UNASKED : Account.ANEW, now);
  }

  /**
   * It could not be fetched or read.
   *
   * @param whatToDo if it is damaged: what can be done when it is so again and again; else null
   * @param unreadable it came, and was of no use
   * @param better the next one will do without what was damaged, so attempts are counted anew
   */
  void failed(String why, String whatToDo, boolean unreadable, boolean better, long now) {
    int number = run.phase().request().number();
    stream.ledger.snapshotFailures++;
    Attempts attempts = need.failed(unreadable, better);
    passes.abandon();
    orders.log(
        Level.WARN,
        "Snapshot " + number + " failed (" + why + "), attempt " + attempts.inARow() + " in a row");
    if (cut.isOvertaken()) {
      passes.end(now);
    } else if (!unreadable || !attempts.areEnough()) {
      need.pauseAfterFailure(now);
    } else if (onlySkippedLinesAreMissing()) {
      orders.log(
          Level.ERROR,
          "Going on without the snapshot, for all that is missing are lines that could not be read: "
              + "Offsets "
              + (stream.walOffset() + 1)
              + " to "
              + cut.offset()
              + ": "
              + stream.offsets.missingUpTo(cut.offset())
              + " events did not come. They are counted as unaccounted. "
              + why);
      passes.withoutRows(Account.SHORT, now);
    } else if (shortfall.mayContinue() && cut.offset() > 0) {
      orders.log(Level.ERROR, "Going on without the snapshot: " + why);
      boolean anew =
          !stream.verified()
              && (stream.offsets.missingUpTo(cut.offset()) < 0
                  || stream.held.firstOffset() <= stream.walOffset());
      if (anew) {
        passes.neverPlaced();
      }
      passes.withoutRows(anew ? Account.ANEW : Account.SHORT, now);
    } else {
      shortfall.failUnreadable(attempts.unreadable(), why, whatToDo);
    }
  }

  /** Whether all that is missing may be lines that could not be read, and that may be skipped. */
  private boolean onlySkippedLinesAreMissing() {
    return stream.verified()
        && stream.offsets.missingUpTo(cut.offset()) <= stream.offsets.corruptUpTo(cut.offset());
  }

  /** All its files are stored: their rows are counted. */
  void complete(List<String> names, long now) {
    if (cut.isOvertaken()) {
      passes.end(now);
      return;
    }
    if (cut.offset() == 0 && (!stream.held.currentIsEmpty() || !stream.intake.bufferEmpty())) {
      run.drop();
      need.again(now);
      return;
    }
    absent.forget();
    passes.begin(names);
  }
}
