package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders.Level;
import io.github.allsourceconnect.source.decision.position.Ledger;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Account;
import io.github.allsourceconnect.source.decision.repair.RepairPhase.Producing;
import java.util.ArrayList;
import java.util.List;

/**
 * Enters in the account what a repair has produced, whether it was finished or not. Not
 * thread-safe.
 *
 * <pre>
 *   unfinished ............ beyond += rows                    walOffset stays
 *   without a cut ......... beyond += rows                    walOffset stays: no entry tells it
 *   gap ................... found + given up = missing        walOffset = cut
 *   numbering anew ........ nothing to count against          walOffset = cut, of the new numbering
 * </pre>
 */
final class Settlement {
  private final FollowerOrders orders;
  private final LiveStream stream;
  private final RepairCut cut;
  private final Shortfall shortfall;
  private final Ledger ledger;

  /** A repair that broke off has produced entries of connections before. */
  private boolean hadLeftBehind;

  Settlement(FollowerOrders orders, LiveStream stream, RepairCut cut, Shortfall shortfall) {
    this.orders = orders;
    this.stream = stream;
    this.cut = cut;
    this.shortfall = shortfall;
    ledger = stream.ledger;
  }

  /** What has been produced stays on the books; the rest may come with another repair. */
  void abandoned(RepairProduction production) {
    production.end();
    hadLeftBehind |= production.hadLeftBehind();
    stream.held.settle(stream.produced::contains);
    stream.arrears.cameLate(production.beforeAnEarlierCut());
    stream.offsets.moreUncertainRows(production.toldBySilence());
    stream.offsets.rowsBeyond(production.beyond());
    stream.arrears.paidInPart(production.owedFound());
  }

  /**
   * All is produced.
   *
   * @param isFirst whether it was the first snapshot
   */
  void finished(Producing phase, RepairProduction production, boolean isFirst, long now) {
    production.end();
    if (cut.offset() == 0) {
      stream.offsets.rowsBeyond(production.beyond());
      stream.arrears.paid(production.owedFound());
      stream.arrears.passOver();
      stream.held.removeUpTo(0);
      stream.offsets.moreUncertainRows(production.toldBySilence());
    } else if (phase.account() == Account.ANEW || stream.walOffset() == 0) {
      establishAnew(phase.account(), production, isFirst, now);
      stream.offsets.moreUncertainRows(production.toldBySilence());
    } else {
      if (phase.account() == Account.CREDITED || cut.isForced()) {
        ledger.unverifiedRepairs++;
      } else if (phase.account() == Account.COUNTED) {
        ledger.repairs++;
      }
      long above = mayLieAbove(production);
      stream.closeGap(cut.offset(), phase.found(), phase.account() != Account.UNASKED);
      stream.establish(cut.offset(), false, now);
      if (phase.account() != Account.UNASKED) {
        List<Event> either = new ArrayList<>(production.leftRows().atSeam());
        either.addAll(production.toldBySilence());
        stream.offsets.uncertainRows(either, above);
      }
    }
    if (production.isWhole()) {
      stream.arrears.allIsShown();
    }
    stream.arrears.cameLate(production.beforeAnEarlierCut());
    long lacking = stream.arrears.awaitedAreSettled(production.hasRows());
    if (lacking > 0) {
      shortfall.noteAwaited(lacking);
    }
    leaveToStream(production);
    stream.handover.settled();
    hadLeftBehind = false;
    if (production.rows() > 0 || !isFirst) {
      orders.log(
          Level.INFO,
          (isFirst ? "First snapshot: " : "Repair: ")
              + production.rows()
              + " events from "
              + phase.files()
              + " files, up to offset "
              + stream.walOffset());
    }
  }

  /** Of what is older than a part of what is held some may still be on its way. */
  void partIsForced() {
    ledger.unverifiedRepairs++;
    orders.log(
        Level.WARN,
        "The entries that waited took all of gap.memory.bytes, and were written in less time than"
            + " entries may be late. A part of them is produced: one that is still on its way may come"
            + " after a later one of its entity. Counted in unverifiedRepairs; with more"
            + " gap.memory.bytes it does not happen.");
  }

  /** Rows are about to be told from what lies behind the cut, where they can't be. */
  void cutIsForced() {
    orders.log(
        Level.WARN,
        "The entries that waited took all of gap.memory.bytes before there were enough in a row"
            + " without one missing, so the repair reaches to offset "
            + cut.offset()
            + ", though events were missing next to it. By their time those before it can't be told"
            + " from those behind: one of them may come after a later one of its entity, and may be"
            + " acked before it is there. Counted in unverifiedRepairs; with more gap.memory.bytes"
            + " it does not happen.");
  }

  /**
   * How many rows may have been taken for events up to the cut, because rows next to the seam
   * before, or told by silence, may be those.
   */
  private long mayLieAbove(RepairProduction production) {
    long missing = stream.offsets.missingUpTo(cut.offset());
    long rows = production.beyond() + production.toldBySilence().size();
    return Math.max(0, rows + stream.offsets.uncertain() - missing);
  }

  /** Whether the live stream brings them tells where they belong. */
  private void leaveToStream(RepairProduction production) {
    if (!production.leftRows().toStream().isEmpty()) {
      stream.arrears.leaveToStream(production.leftRows().toStream(), cut.isForced());
    }
    if (production.leftRows().untold() > 0) {
      orders.log(
          Level.WARN,
          production.leftRows().untold()
              + " events of the snapshot that are newer than the first entries can't be remembered,"
              + " because there are too many. Usually the live stream brings them. If the leader's"
              + " clock went back after they were written, they are missed: begin anew with another"
              + " leader.name. Counted in unverifiedRepairs.");
    }
  }

  private void establishAnew(
      Account account, RepairProduction production, boolean isFirst, long now) {
    hadLeftBehind |= production.hadLeftBehind();
    if (!isFirst || hadLeftBehind || production.leftRows().untold() > 0 || cut.isForced()) {
      ledger.unverifiedRepairs++;
    }
    stream.arrears.paid(production.owedFound());
    stream.arrears.passOverForGood();
    if (account == Account.ANEW && stream.walOffset() > 0) {
      orders.log(
          Level.WARN,
          "The leader's numbering began anew (restart, crash or failover). Everything up to offset "
              + stream.walOffset()
              + " of the old numbering is there; the new one is at "
              + cut.offset()
              + ". Whether more was written under the old one can't be counted; "
              + production.rows()
              + " events that were not there were found in its snapshot. Counted in"
              + " unverifiedRepairs.");
    }
    stream.establish(cut.offset(), true, now);
    stream.offsets.uncertainRows(production.leftRows().atSeam());
  }

  /** The leader has no snapshot, and nothing was written before the first entry held. */
  void nothingBeforeFirstHeld(long now) {
    long first = stream.held.firstOffset();
    orders.log(
        Level.WARN,
        "The leader has no snapshot and no events before offset "
            + first
            + " (a promoted follower has none): the first snapshot is empty");
    ledger.unverifiedRepairs++;
    stream.establish(first - 1, true, now);
  }
}
