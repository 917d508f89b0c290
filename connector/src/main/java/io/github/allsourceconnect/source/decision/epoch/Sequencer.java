package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.OutputSize;
import io.github.allsourceconnect.source.decision.position.Ledger;

/**
 * Hands on in strict offset order what a leader's log brings, and holds what can't be handed on
 * yet.
 *
 * <pre>
 *   entry o   Placing                  hold
 *             o = walOffset + 1        produce            (nothing is held)
 *             o > walOffset + 1        hold: a hole
 *             o <= walOffset           drop; produce if it had been given up
 * </pre>
 *
 * <p>Invariant, unless the stream is placing: what is produced from entries is produced in the
 * order of their offsets, each offset once. Until it is established where a connection's entries
 * stand, all of them are held ({@link LiveStream}). Not thread-safe.
 */
public class Sequencer {
  private final LiveStream stream;
  private final Ledger ledger;
  private final HeldEntries held;
  private final OffsetAccount offsets;
  private final Handover handover;

  public Sequencer(LiveStream stream) {
    this.stream = stream;
    ledger = stream.ledger;
    held = stream.held;
    offsets = stream.offsets;
    handover = stream.handover;
  }

  // ---- live entries

  /** An entry of the stream. */
  public void entry(WalEntry entry, long now) {
    Event event = entry.event();
    stream.intake.entryCame(now);
    ledger.delivered++;
    stream.connection.delivered(event);
    long offset = entry.sequence();
    offsets.came(offset);
    if (offset > ledger.highestOffset) {
      ledger.highestOffset = offset;
    } else {
      ledger.outOfOrder++;
    }
    if (!stream.awaited.isEmpty()) {
      stream.awaited.came(event, offset, handover.isProduced(event), now);
    }
    if (!stream.verified()) {
      hold(entry, now);
    } else if (offset <= offsets.walOffset()) {
      belongsBefore(entry);
    } else if (offset == offsets.walOffset() + 1 && held.currentIsEmpty()) {
      pass(entry);
    } else {
      hold(entry, now);
    }
  }

  /** An entry of an offset that is settled. */
  private void belongsBefore(WalEntry entry) {
    Event event = entry.event();
    if (handover.isProduced(event)) {
      ledger.duplicates++;
    } else if (offsets.comesAfterAll(entry.sequence())) {
      stream.arrears.cameAfterAll(entry.sequence());
      handover.entry(entry);
    } else if (!offsets.holesAreNone()
        && (stream.produced.isUnknown(event) || offsets.tellsAfterAll(entry.sequence()))) {
      // a repair that had nothing to count against has passed over it
      ledger.late++;
      handover.entry(entry);
    } else {
      ledger.duplicates++;
    }
  }

  private void hold(WalEntry entry, long now) {
    long offset = entry.sequence();
    Event event = entry.event();
    if (handover.isProduced(event)) {
      ledger.duplicates++;
      cameAgain(event);
      if (!held.hasOffset(offset)) {
        held.mark(offset, event.micros());
        if (offset > offsets.walOffset()) {
          offsets.beyondCame();
        }
      }
    } else if (held.hasOffset(offset) || !held.add(entry)) {
      ledger.duplicates++;
    } else if (!stream.verified()) {
      stream.arrears.heldWhilePlacing(entry);
    }
    stream.noteHole(now);
  }

  private void cameAgain(Event event) {
    stream.produced.cameLive(event);
    offsets.cameAgain(event, stream.produced.isLoaded(event));
  }

  /** The next entry in order. */
  private void pass(WalEntry entry) {
    Event event = entry.event();
    if (handover.isProduced(event)) {
      ledger.duplicates++;
      ledger.settled();
      cameAgain(event);
      offsets.beyondCame();
    } else {
      offsets.passed(event, stream.lateness);
      stream.connection.passed(event);
      ledger.entry();
      stream.produced.inOrder(event, stream.lateness);
      stream.shows(event.version());
      handover.entry(entry);
    }
    offsets.next();
  }

  /**
   * Bytes of the event that {@link #release} produces, 0 if none; -1 when nothing is due ({@link
   * LiveStream#isDue}).
   */
  public long dueBytes() {
    if (!stream.isDue()) {
      return -1;
    }
    WalEntry first = held.first().entry();
    return first == null || handover.isProduced(first.event()) ? 0 : OutputSize.of(first);
  }

  /** Takes the first of what is due. */
  public void release(long now) {
    long first = held.firstOffset();
    if (first > offsets.walOffset() + 1) {
      offsets.passHoles(first - 1);
    }
    HeldEntries.Held next = held.removeFirst();
    if (next.entry() != null) {
      pass(next.entry());
    } else {
      ledger.settled();
      offsets.next();
    }
    stream.noteHole(now);
  }

  // ---- rows of a leader that replays, which carry their offsets

  /**
   * The next event of the leader's log, from a row.
   *
   * @return whether it was produced now
   */
  public boolean loggedRow(SnapshotRow row) {
    if (row.walOffset() <= offsets.walOffset()) {
      return false;
    }
    offsets.passHoles(row.walOffset() - 1);
    boolean known = handover.isProduced(row.event());
    if (known) {
      ledger.duplicates++;
    } else {
      handover.row(row, row.event().tenantId());
    }
    ledger.settled();
    offsets.next();
    return !known;
  }

  /** The leader's log holds no more up to this offset. */
  public void loggedUpTo(long offset, long now) {
    if (offset > offsets.walOffset()) {
      offsets.passHolesAndAck(offset);
    }
    stream.noteHole(now);
  }
}
