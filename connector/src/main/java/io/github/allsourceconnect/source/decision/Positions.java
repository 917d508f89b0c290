package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.repair.Repair;

/**
 * What a position says: from where another task goes on. Their numbers only go up. Not thread-safe.
 */
class Positions {
  private final FollowerSettings settings;
  private final LiveStream stream;
  private final LiveLink live;
  private final Repair repair;
  private final Placement placement;

  private long number;

  /**
   * @param number of the position that the task has begun with
   */
  Positions(
      FollowerSettings settings,
      long number,
      LiveStream stream,
      LiveLink live,
      Repair repair,
      Placement placement) {
    this.settings = settings;
    this.number = number;
    this.stream = stream;
    this.live = live;
    this.repair = repair;
    this.placement = placement;
  }

  /** The one after all that was ordered to be produced so far. */
  final SourcePosition now() {
    return with(stream.produced.position());
  }

  /**
   * That of the record that was ordered last.
   *
   * @param last whether the record is the last of a batch
   */
  final SourcePosition take(boolean last) {
    SourcePosition taken = with(stream.produced.takePosition(number + 1, last));
    number = taken.number();
    return taken;
  }

  /** The one with this list of events. */
  protected SourcePosition with(SourcePosition.Produced produced) {
    boolean awaits = !stream.awaited.isEmpty();
    // an offset of a numbering that may be gone must not be counted from after a restart
    // and with rows awaited another task has to look anew where they belong
    // nor with rows counted that may have been produced before
    boolean countable =
        (stream.verified() || !(live.numbersDoubtful() || stream.arrears.isFromElsewhere()))
            && !awaits
            && !stream.offsets.isBeyondInexact();
    boolean onlyForAwaited = awaits && settings.snapshotMode() == SnapshotMode.INITIAL_ONLY;
    return new SourcePosition(
        countable ? stream.walOffset() : 0,
        countable ? stream.offsets.beyond() + stream.held.marks() + repair.producedBeyond() : 0,
        stream.offsets.uncertain() + repair.toldBySilence(),
        repair.missing(),
        produced,
        stream.lateness.micros(),
        stream.lateness.places(),
        placement.snapshotDone() && !onlyForAwaited,
        live.established(),
        number + 1,
        stream.ledger.losses(),
        false);
  }
}
