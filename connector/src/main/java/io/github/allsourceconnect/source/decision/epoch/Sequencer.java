package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.epoch.StreamPhase.Hole;
import io.github.allsourceconnect.source.decision.epoch.StreamPhase.InOrder;
import io.github.allsourceconnect.source.decision.epoch.StreamPhase.Placing;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.OutputSize;
import io.github.allsourceconnect.source.decision.phase.Current;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.Ledger;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.repair.Repair;
import java.util.List;

/**
 * Hands live entries on in strict offset order, and holds what can't be handed on yet.
 *
 * <pre>
 *   entry o   Placing                  hold
 *             o = walOffset + 1        produce            (nothing is held)
 *             o > walOffset + 1        hold: a hole
 *             o <= walOffset           drop; produce if it had been given up
 * </pre>
 *
 * <p>Invariant, unless it is placing: what is produced from entries is produced in the order of
 * their offsets, each offset once; {@link OffsetAccount} has what is missing, {@link OwedEvents}
 * what was missing when a leader was lost. Until a {@link Repair} has established where a
 * connection's entries stand, all of them are held. Not thread-safe.
 */
public class Sequencer {
  private static final StreamPhase IN_ORDER = new InOrder();

  private final FollowerOrders orders;
  public final Ledger ledger = new Ledger();
  public final ProducedEvents produced;
  public final Lateness lateness;
  public final Intake intake = new Intake();
  public final HeldEntries held;
  public final OffsetAccount offsets;
  public final AwaitedRows awaited = new AwaitedRows();
  private final Handover handover;
  private final Current<StreamPhase> phase = new Current<>("the live stream", new Placing());

  /** Whose numbering the account is of; empty when not known. */
  private String leader;

  /** Of an earlier numbering, neither produced nor held. */
  private final OwedEvents owed = new OwedEvents();

  private long newestDelivered = Long.MIN_VALUE;
  private boolean holesNormal;
  private Epoch epoch = Epoch.NONE;
  private boolean versionsCount;

  public Sequencer(
      FollowerOrders orders,
      SourcePosition position,
      ProducedEvents produced,
      Lateness lateness,
      long heldBytesMax) {
    held = new HeldEntries(heldBytesMax);
    this.orders = orders;
    this.produced = produced;
    this.lateness = lateness;
    leader = position.leader();
    ledger.load(position.losses());
    owed.load(position.missing(), position.produced().watermarkMicros(), leader);
    handover = new Handover(orders, produced, lateness, ledger, owed::notBehind, awaited);
    offsets = new OffsetAccount(held, ledger, handover, () -> !verified());
    offsets.load(position.walOffset(), position.beyond(), position.uncertain());
  }

  // ---- live entries

  public void entry(WalEntry entry, long now) {
    intake.entryCame(now);
    ledger.delivered++;
    newestDelivered = Math.max(newestDelivered, entry.event().micros());
    long offset = entry.sequence();
    if (offset > ledger.highestOffset) {
      ledger.highestOffset = offset;
    } else {
      ledger.outOfOrder++;
    }
    if (!awaited.isEmpty()) {
      awaited.came(entry.event(), offset, handover.isProduced(entry.event()), now);
    }
    if (verified() && offset == walOffset() + 1 && held.currentIsEmpty()) {
      pass(entry);
      return;
    }
    hold(entry, now);
  }

  private void hold(WalEntry entry, long now) {
    long offset = entry.sequence();
    Event event = entry.event();
    boolean known = handover.isProduced(event);
    if (verified() && offset <= walOffset()) {
      if (!known && offsets.comesAfterAll(offset)) {
        ledger.late++;
        if (owed.paid(1) == 0) {
          ledger.found(leader, offset);
        }
        handover.entry(entry);
      } else if (!known && !holesNormal && produced.isUnknown(event)) {
        // a repair that had nothing to count against has passed over it
        ledger.late++;
        handover.entry(entry);
      } else {
        ledger.duplicates++;
      }
      return;
    }
    if (known) {
      ledger.duplicates++;
      cameAgain(event);
      if (!held.hasOffset(offset)) {
        held.mark(offset, event.micros());
        if (offset > walOffset()) {
          offsets.beyondCame();
        }
      }
    } else if (held.hasOffset(offset) || !held.add(entry)) {
      ledger.duplicates++;
    }
    noteHole(now);
  }

  private void cameAgain(Event event) {
    produced.cameLive(event);
    offsets.cameAgain(event);
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
      offsets.passed(event, lateness);
      ledger.entry();
      produced.inOrder(event, lateness);
      versionsCount |= event.version() > 1;
      handover.entry(entry);
    }
    offsets.next();
  }

  /**
   * Whether entries that are held are in order now. They are released one by one, so that whoever
   * produces can pause between any two; until all are, no other entry may be taken in.
   */
  public boolean isDue() {
    return verified()
        && !held.currentIsEmpty()
        && (holesNormal || held.firstOffset() <= walOffset() + 1);
  }

  /** Bytes of the event that {@link #release} produces, 0 if none; -1 when nothing is due. */
  public long dueBytes() {
    if (!isDue()) {
      return -1;
    }
    WalEntry first = held.first().entry();
    return first == null || handover.isProduced(first.event()) ? 0 : OutputSize.of(first);
  }

  /** Takes the first of what {@link #isDue}. */
  public void release(long now) {
    long first = held.firstOffset();
    if (first > walOffset() + 1) {
      offsets.passHoles(first - 1);
    }
    HeldEntries.Held next = held.removeFirst();
    if (next.entry() != null) {
      pass(next.entry());
    } else {
      ledger.settled();
      offsets.next();
    }
    noteHole(now);
  }

  /** Starts the clock of the first hole. */
  private void noteHole(long now) {
    if (!verified()) {
      return;
    }
    if (held.currentIsEmpty() || isDue()) {
      phase.to(IN_ORDER);
    } else if (!(phase.get() instanceof Hole hole) || hole.after() != walOffset()) {
      phase.to(new Hole(now, walOffset()));
    }
  }

  /** Produces an entry in the course of a repair, out of the offset order. */
  public void produceHeld(WalEntry entry) {
    handover.entry(entry);
  }

  /** Produces a row. */
  public void produceRow(SnapshotRow row, String tenant) {
    handover.row(row, tenant);
  }

  /**
   * A repair produces out of time order, and events of this time wait for their turn: until they
   * are produced, the position does not get past them. {@link Long#MAX_VALUE} for none.
   */
  public void waiting(long oldestMicros) {
    handover.waiting(oldestMicros);
  }

  // ---- where the stream stands

  /**
   * Entries of another connection follow.
   *
   * @param continues the leader replays from {@code walOffset} on, so nothing can be missing
   * @param holesAreNone offsets that it leaves out hold nothing
   */
  public void switchTo(Epoch of, boolean continues, boolean holesAreNone) {
    epoch = of;
    ledger.connections++;
    ledger.highestOffset = 0;
    awaited.streamBegins();
    holesNormal = holesAreNone;
    offsets.connectionChanged(continues);
    if (continues) {
      followsOn();
      return;
    }
    if (verified()) {
      owed.are(
          holes(),
          newestDelivered(),
          walOffset(),
          held.currentIsEmpty() ? 0 : held.lastOffset(),
          leader,
          produced.front() - lateness.allowedMicros());
    }
    long forgotten = held.leaveBehind();
    owed.more(forgotten);
    owed.unjudged();
    ledger.heldForgotten += forgotten;
    phase.to(new Placing());
  }

  /**
   * An entry of an earlier connection that was left in the buffer, because what is held had no room
   * for it.
   */
  public void leftInBuffer(WalEntry entry) {
    ledger.delivered++;
    Event event = entry.event();
    if (verified() || held.has(event) || handover.isProduced(event)) {
      ledger.duplicates++;
    } else {
      newestDelivered = Math.max(newestDelivered, event.micros());
      owed.more(1);
      ledger.heldForgotten++;
    }
  }

  /** There is a sign that the connection that was switched to numbers anew. */
  public void mayNumberAnew() {
    held.mayNumberAnew();
  }

  /** Offsets of the verified numbering that are known to exist and have not come. */
  private long holes() {
    return holesNormal ? 0 : offsets.holes();
  }

  /** Event time of the newest that is known to exist; {@link Long#MAX_VALUE} for none. */
  long newestDelivered() {
    return newestDelivered == Long.MIN_VALUE ? owed.newestMicros() : newestDelivered;
  }

  /**
   * Events that are known to exist and have not been produced.
   *
   * @param heldUnderWay how many of those held have been produced by a repair that is not finished
   * @param foundUnderWay how many of the others
   */
  public SourcePosition.Missing missing(long heldUnderWay, long foundUnderWay) {
    return new SourcePosition.Missing(
        held.size()
            - heldUnderWay
            + Math.max(0, (verified() ? holes() : owed.open()) - foundUnderWay),
        held.isEmpty() && (!verified() || owed.passedOver() > 0)
            ? owed.newestMicros()
            : newestDelivered(),
        verified() && owed.passedOver() == 0 ? walOffset() : owed.after(),
        owed.passedOver());
  }

  /** Whether an event of this time or later has been neither produced nor received. */
  public boolean lacks(Event event, long fromMicros) {
    return event.micros() >= fromMicros && !held.has(event) && !produced.contains(event);
  }

  /** How many entries of earlier connections, which the current one has not brought, wait. */
  public long leftToProduce() {
    return held.leftBehind().stream().filter(entry -> !produced.contains(entry.event())).count();
  }

  /** How many events are missing now, waited for or passed over. */
  public long openOffsets() {
    long here = held.currentIsEmpty() ? 0 : offsets.missingUpTo(held.lastOffset());
    return (verified() ? here : owed.open()) + owed.passedOver();
  }

  /** Of these, those of an earlier numbering that are not held: a snapshot must have them. */
  public long owed() {
    return verified() ? 0 : owed.open() + owed.passedOver();
  }

  /** The same, and where they were missed. */
  public OwedEvents owedEvents() {
    return owed;
  }

  /** Whether a row may be one of them. */
  public boolean mayBeOwed(Event event) {
    return event.micros() >= produced.knownWatermark() && owed.mayBe(event, lateness.micros());
  }

  /** So many of them have been produced. */
  public void paid(long events) {
    long late = owed.paid(events);
    if (late > 0) {
      ledger.late += late;
      orders.log(
          FollowerOrders.Level.WARN,
          late
              + " events that were missing when a leader was lost have been found. They come after"
              + " events that were written later; counted as late.");
    }
  }

  /** Rows that a repair has left: the stream brings them, or they lie before its cut. */
  public void leaveToStream(List<Event> rows) {
    awaited.await(rows);
  }

  /** So many of {@link #awaited} have been produced by a repair. */
  public void cameLate(long found) {
    if (found > 0) {
      ledger.late += found;
      orders.log(
          FollowerOrders.Level.WARN,
          found
              + " events whose clock was ahead lay before the first entries that came, and have been"
              + " found. They come after events that were written later; counted as late.");
    }
  }

  /**
   * What the stream, in order, tells of {@link #awaited}.
   *
   * @return whether some are to be fetched
   */
  public boolean awaitedAreTold() {
    return !awaited.isEmpty() && awaited.tells(walOffset(), produced.floor());
  }

  /**
   * A repair is finished that had to have those before the cut.
   *
   * @param hadRows whether there was a snapshot
   * @return how many are missing
   */
  public long awaitedAreSettled(boolean hadRows) {
    int lacking = awaited.givenUp(hadRows);
    if (lacking > 0) {
      owed.passOver(lacking, newestDelivered(), 0, walOffset(), leader);
    }
    return lacking;
  }

  /** The numbering is this leader's. */
  public void numberedBy(String address) {
    leader = address;
  }

  /** They are nowhere, and what came behind them has not waited for them. */
  public void passOver() {
    if (!verified()) {
      owed.passOver();
    }
  }

  /** Of the events owed so many have been found; those that are left are given up. */
  public void giveUpOwed(long found) {
    paid(found);
    owed.passOver();
    giveUpPassedOver();
  }

  /**
   * Goes on without those that are passed over.
   *
   * @return how many they are
   */
  public long giveUpPassedOver() {
    Losses.Loss loss = owed.giveUp();
    ledger.lost(loss);
    return loss.events();
  }

  /** The leader's log is followed: what comes next is what it holds behind {@code walOffset}. */
  public void followsOn() {
    held.removeUpTo(Long.MAX_VALUE);
    if (!verified()) {
      handover.producedBefore(walOffset() == 0 ? produced.watermark() : Long.MIN_VALUE);
      offsets.beginsAsLog(walOffset());
    }
    phase.to(IN_ORDER);
    owed.settled();
    offsets.forgetBeyond();
    awaitedAreSettled(false);
  }

  /**
   * The next event of the leader's log, from a row that carries its offset.
   *
   * @return whether it was produced now
   */
  public boolean loggedRow(SnapshotRow row) {
    if (row.walOffset() <= walOffset()) {
      return false;
    }
    offsets.passHoles(row.walOffset() - 1);
    boolean known = handover.isProduced(row.event());
    if (known) {
      ledger.duplicates++;
    } else {
      produceRow(row, row.event().tenantId());
    }
    ledger.settled();
    offsets.next();
    return !known;
  }

  /** The leader's log holds no more up to this offset. */
  public void loggedUpTo(long offset, long now) {
    if (offset > walOffset()) {
      offsets.passHolesAndAck(offset);
    }
    noteHole(now);
  }

  /** The leader turned out to replay its log: holes in its numbers are no losses. */
  public void holesAreNormal(long now) {
    holesNormal = true;
    if (!verified()) {
      long from = walOffset();
      if (!held.currentIsEmpty() && held.firstOffset() <= from) {
        ledger.regressions++;
        from = held.firstOffset() - 1;
      }
      offsets.beginsAsLog(from);
      offsets.forgetBeyond();
      phase.to(IN_ORDER);
    }
    noteHole(now);
  }

  /**
   * The numbering is established: everything up to {@code offset} has been produced (or is counted
   * as given up), and the current connection goes on from there.
   *
   * @param startsAnew it does not continue the one that was known
   */
  public void establish(long offset, boolean startsAnew, long now) {
    if (startsAnew) {
      if (walOffset() > 0) {
        ledger.regressions++;
      }
      offsets.begins(offset);
    }
    phase.to(IN_ORDER);
    owed.settled();
    held.removeUpTo(offset);
    offsets.settled(offset);
    noteHole(now);
  }

  /** Whether the first entry held follows exactly on what rows have brought. */
  public boolean firstHeldFollows() {
    long rowsEnd = walOffset() + offsets.beyond();
    return walOffset() > 0 && !held.currentIsEmpty() && held.firstOffset() == rowsEnd + 1;
  }

  /** Settles what rows brought ahead of the first entry held. */
  public void establishAtFirstHeld(long now) {
    long rows = offsets.beyond();
    ledger.repaired(rows);
    ledger.repaired += rows;
    establish(walOffset() + rows, false, now);
  }

  /** A repair was given up half-way: what it has produced of what is held is held no longer. */
  public void settleHeld() {
    held.settle(produced::contains);
  }

  /** Enters a gap into the account whose repair reaches to {@code offset}. */
  public void closeGap(long offset, long found) {
    long lacking = offsets.closeGap(offset, found);
    if (lacking > 0) {
      long unusable = Math.min(lacking, offsets.corruptUpTo(offset));
      ledger.lost(
          new Losses.Loss(
              leader,
              walOffset() + 1,
              offset,
              unusable,
              produced.front(),
              newestDelivered(),
              Losses.Reason.CORRUPT));
      owed.passOver(lacking - unusable, newestDelivered(), walOffset(), offset, leader);
    }
  }

  /** Nothing before the first entry held is wanted ({@code no_data}). */
  public void beginAtFirstHeld(long now) {
    long oldest = Long.MAX_VALUE;
    for (HeldEntries.Held one : held.current()) {
      oldest = Math.min(oldest, one.micros());
    }
    produced.startAt(oldest);
    establish(held.firstOffset() - 1, true, now);
  }

  /** Whether it is known where the connection's entries stand. */
  public boolean verified() {
    return !(phase.get() instanceof Placing);
  }

  public boolean holesNormal() {
    return holesNormal;
  }

  public boolean versionsCount() {
    return versionsCount;
  }

  /** Of the connection whose entries are taken. */
  public Epoch epoch() {
    return epoch;
  }

  /** Rises each time that a numbering begins. */
  public int numbering() {
    return offsets.numbering();
  }

  /** The contiguous offset: everything up to it has been produced, or is given up. */
  public long walOffset() {
    return offsets.walOffset();
  }

  public long emitted() {
    return handover.emitted();
  }

  /** Since when the first hole is open, -1 for none. */
  public long holeSince() {
    return phase.get() instanceof Hole hole ? hole.sinceMs() : -1;
  }

  /** What may be acked once Kafka has every event up to this number; 0 for nothing. */
  public long ackable(long storedUpTo) {
    return awaited.holdsAcksBack(storedUpTo) ? 0 : offsets.ackable(storedUpTo);
  }

  public void restartFromNothing() {
    produced.forgetAll();
    owed.clear();
    awaited.clear();
    phase.to(new Placing());
    offsets.forget();
  }
}
