package io.github.allsourceconnect.source.decision;

import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.repair.Repair;

/**
 * Where a new connection's entries belong: which of them continue what has been produced, and what
 * has to be fetched before that can be told. Not thread-safe.
 */
final class Placement {
  private final FollowerSettings settings;
  private final LiveStream stream;
  private final LiveLink live;
  private final Repair repair;

  /** Whether the first snapshot is complete, or was not wanted. */
  private boolean snapshotDone;

  /** Nothing before the first live entries is wanted, and none has been placed yet. */
  private boolean skipsToLive;

  private Epoch established = Epoch.NONE;

  /** Of this connection all is there that its leader's log held when it was made. */
  private Epoch logEndsIn = Epoch.NONE;

  Placement(
      FollowerSettings settings,
      boolean snapshotDone,
      LiveStream stream,
      LiveLink live,
      Repair repair) {
    this.settings = settings;
    this.snapshotDone = snapshotDone;
    this.stream = stream;
    this.live = live;
    this.repair = repair;
    skipsToLive = settings.snapshotMode() == SnapshotMode.NO_DATA && !snapshotDone;
  }

  boolean snapshotDone() {
    return snapshotDone;
  }

  boolean skipsToLive() {
    return skipsToLive;
  }

  /** The first snapshot, or what stood for it, is complete. */
  void snapshotIsDone() {
    snapshotDone = true;
  }

  /**
   * Time passes while no rows are read: when all that was received before has been taken in, the
   * stream goes on over the connection at hand.
   */
  void followNewest(long now) {
    if (live.isLive()
        && live.epoch().isAfter(stream.epoch())
        && !stream.isDue()
        && stream.intake.bufferEmpty()) {
      switchTo(live.epoch(), now);
    }
  }

  /**
   * What that connection has brought comes now: nothing of earlier ones does any more.
   *
   * @throws IllegalStateException if the stream has come further, to a later one
   */
  void comesTo(Epoch of, long now) {
    if (stream.epoch().isAfter(of)) {
      throw new IllegalStateException(of + " is over, the stream is at " + stream.epoch());
    }
    if (of.isAfter(stream.epoch())) {
      switchTo(of, now);
    }
  }

  private void switchTo(Epoch epoch, long now) {
    repair.streamChanged();
    boolean isLast = live.epoch().equals(epoch);
    boolean continues =
        live.replays()
            && isLast
            && live.subscribed() <= stream.walOffset()
            && (stream.walOffset() > 0 || live.subscribed() == 0);
    boolean asBefore = goesOnAsBefore(epoch);
    stream.switchTo(epoch, continues, live.holesNormal());
    if (isLast && live.isLive()) {
      stream.offsets.bringsAllBehind(live.caughtUpAt());
    }
    if (!asBefore && (!isLast || live.numbersDoubtful())) {
      stream.held.mayNumberAnew();
    }
    stream.arrears.connectionChanged(live.isAnotherLeader(epoch));
    if (continues) {
      repair.cancel();
    } else if (!skipsToLive) {
      repair.want(reason(), now);
    }
  }

  /**
   * Whether the leader had come as far as over the connection before, but for a few whose writers
   * were still at it: then it goes on with that.
   */
  private boolean goesOnAsBefore(Epoch of) {
    long highest = stream.ledger.highestOffset;
    long least = Math.max(highest - stream.lateness.cleanRun(), (highest + 1) / 2);
    return highest > 0 && live.isSameLeader(of, stream.epoch()) && live.caughtUpAt(of) >= least;
  }

  private Repair.Reason reason() {
    return snapshotDone ? Repair.Reason.RECONNECT : Repair.Reason.BEGINNING;
  }

  /** An entry of the current connection comes. */
  void entryComes(Epoch of) {
    if (!stream.intake.hasBegun()) {
      live.proven(of);
    }
  }

  /** The leader says that it goes on with what is written from now on. */
  void caughtUp(Epoch of) {
    logEndsIn = of;
  }

  /** The connection's entries have no place in the order yet. */
  void find(long now) {
    if (stream.held.currentIsEmpty()) {
      return;
    }
    if (skipsToLive) {
      if (now - stream.intake.firstEntryAt() >= settings.gapTimeoutMs()) {
        skipsToLive = false;
        snapshotDone = true;
        repair.cancel();
        stream.beginAtFirstHeld(now);
      }
    } else if (repair.quietlyEnded()
        && settings.snapshotMode() != SnapshotMode.NO_DATA // rows may lie before its beginning
        && stream.firstHeldFollows(live.caughtUpAt())
        && !live.numbersDoubtful(stream.epoch())
        && repair.notYetRequested()) {
      repair.cancel();
      stream.establishAtFirstHeld(now);
    } else if (repair.idle()) {
      repair.want(reason(), now);
    }
  }

  /** When {@link #find} is due at the latest. */
  long wakeAt() {
    return skipsToLive && stream.intake.hasBegun()
        ? stream.intake.firstEntryAt() + settings.gapTimeoutMs()
        : Long.MAX_VALUE;
  }

  /** Where {@code initial_only} has no snapshot to take but a log, it is all that the log holds. */
  private boolean isLogToBeTaken() {
    return settings.snapshotMode() == SnapshotMode.INITIAL_ONLY
        && stream.offsets.holesAreNone()
        && !logEndsIn.equals(stream.epoch());
  }

  /** The numbering may have been established since the last call: whose it is, is noted. */
  void settle() {
    if (stream.verified()) {
      snapshotDone |= !isLogToBeTaken();
      if (!established.equals(stream.epoch())) {
        established = stream.epoch();
        live.numbersEstablished(established);
        stream.arrears.numberedBy(live.established());
      }
    }
  }
}
