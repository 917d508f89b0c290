package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.OutputSize;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.Ledger;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.repair.Repair;
import java.util.List;

/**
 * Hands live entries on in strict offset order and keeps the account of what has been produced.
 *
 * <p>{@code walOffset} is the contiguous offset. The numbering is <em>verified</em> while the
 * offsets of the current connection are known to continue it; otherwise (after a reconnect, or at
 * the beginning) everything is held until a {@link Repair} has established where the connection's
 * entries stand. {@code beyond} counts events that were produced from rows and whose offsets,
 * somewhere above {@code walOffset}, are not known yet. Not thread-safe.
 */
public class Sequencer {
  private final FollowerOrders orders;
  private final long leftBytesMax;
  public final Ledger ledger = new Ledger();
  public final ProducedEvents produced;
  public final Lateness lateness;
  public final HeldEntries held = new HeldEntries();
  private final AckTrail trail = new AckTrail();
  private final GivenUpOffsets givenUp = new GivenUpOffsets();
  private final UncertainRows uncertain = new UncertainRows();
  private final SkippedLines skipped = new SkippedLines();

  private long walOffset;
  private long beyond;
  private boolean verified;

  /** Whose numbering {@link #walOffset} is of; empty when not known. */
  private String leader;

  /** Of an earlier numbering, neither produced nor held. */
  private final OwedEvents owed = new OwedEvents();

  private long newestDelivered = Long.MIN_VALUE;
  private boolean holesNormal;
  private Epoch epoch = Epoch.NONE;
  private int numbering;
  private long emitted;
  private long holeSince = -1;
  private long holeAfter;
  private boolean versionsCount;
  private long producedBefore = Long.MIN_VALUE;
  private long oldestWaiting = Long.MAX_VALUE;

  public Sequencer(
      FollowerOrders orders,
      SourcePosition position,
      ProducedEvents produced,
      Lateness lateness,
      long leftBytesMax) {
    this.leftBytesMax = leftBytesMax;
    this.orders = orders;
    this.produced = produced;
    this.lateness = lateness;
    walOffset = position.walOffset();
    beyond = position.beyond();
    leader = position.leader();
    ledger.load(position.losses());
    uncertain.load(position.uncertain());
    owed.load(position.missing(), position.produced().watermarkMicros(), leader);
    numberingStarts(walOffset);
  }

  // ---- live entries

  public void entry(WalEntry entry, long now) {
    ledger.delivered++;
    newestDelivered = Math.max(newestDelivered, entry.event().micros());
    long offset = entry.sequence();
    if (offset > ledger.highestOffset) {
      ledger.highestOffset = offset;
    } else {
      ledger.outOfOrder++;
    }
    if (verified && offset == walOffset + 1 && held.currentIsEmpty()) {
      pass(entry);
      return;
    }
    hold(entry, now);
  }

  private void hold(WalEntry entry, long now) {
    long offset = entry.sequence();
    Event event = entry.event();
    boolean known = isProduced(event);
    if (verified && offset <= walOffset) {
      if (!known && givenUp.remove(offset)) {
        ledger.late++;
        if (owed.paid(1) == 0) {
          ledger.found(leader, offset);
        }
        produce(entry);
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
        if (offset > walOffset && beyond > 0) {
          beyond--;
        }
      }
    } else if (held.hasOffset(offset) || !held.add(entry)) {
      ledger.duplicates++;
    }
    noteHole(now);
  }

  private boolean isProduced(Event event) {
    // in an orderly stream most are newer than all before them, and need not be looked up
    return event.micros() <= produced.newest()
        && (produced.contains(event) || event.micros() < producedBefore);
  }

  private void cameAgain(Event event) {
    produced.cameLive(event);
    uncertain.came(event);
  }

  /** The next entry in order. */
  private void pass(WalEntry entry) {
    if (isProduced(entry.event())) {
      ledger.duplicates++;
      ledger.settled();
      cameAgain(entry.event());
      if (beyond > 0) {
        beyond--;
      }
    } else {
      uncertain.passed(entry.event().micros(), lateness);
      ledger.entry();
      measure(entry.event());
      produce(entry);
    }
    walOffset++;
    trail.reached(emitted, walOffset);
  }

  /**
   * Whether entries that are held are in order now. They are released one by one, so that whoever
   * produces can pause between any two; until all are, no other entry may be taken in.
   */
  public boolean isDue() {
    return verified
        && !held.currentIsEmpty()
        && (holesNormal || held.firstOffset() <= walOffset + 1);
  }

  /** Bytes of the event that {@link #release} produces, 0 if none; -1 when nothing is due. */
  public long dueBytes() {
    if (!isDue()) {
      return -1;
    }
    WalEntry first = held.first().entry();
    return first == null || isProduced(first.event()) ? 0 : OutputSize.of(first);
  }

  /** Takes the first of what {@link #isDue}. */
  public void release(long now) {
    long first = held.firstOffset();
    if (first > walOffset + 1) {
      pastHoles(first - 1);
    }
    HeldEntries.Held next = held.removeFirst();
    if (next.entry() != null) {
      pass(next.entry());
    } else {
      ledger.settled();
      walOffset++;
      trail.reached(emitted, walOffset);
    }
    noteHole(now);
  }

  /** Starts the clock of the first hole. */
  private void noteHole(long now) {
    if (!verified || held.currentIsEmpty() || isDue()) {
      holeSince = -1;
    } else if (holeSince < 0 || holeAfter != walOffset) {
      holeSince = now;
      holeAfter = walOffset;
    }
  }

  private void measure(Event event) {
    produced.inOrder(event, lateness);
    versionsCount |= event.version() > 1;
  }

  private void produce(WalEntry entry) {
    Event event = entry.event();
    emitted++;
    ledger.producedLive++;
    produced.add(event, event.tenantId(), lateness.allowedMicros(), notBehind());
    orders.emitEntry(entry);
  }

  /** Produces an entry in the course of a repair, out of the offset order. */
  public void produceHeld(WalEntry entry) {
    produce(entry);
  }

  /** Produces a row. */
  public void produceRow(SnapshotRow row, String tenant) {
    Event event = row.event();
    emitted++;
    ledger.snapshotRows++;
    if (tenant == null) {
      ledger.tenantUnknown++;
    }
    produced.add(event, tenant, lateness.allowedMicros(), notBehind());
    produced.lastIsOnlyRow();
    orders.emitRow(row, tenant);
  }

  /**
   * A repair produces out of time order, and events of this time wait for their turn: until they
   * are produced, the position does not get past them. {@link Long#MAX_VALUE} for none.
   */
  public void waiting(long oldestMicros) {
    oldestWaiting = oldestMicros;
  }

  private long notBehind() {
    return Math.min(oldestWaiting, owed.notBehind());
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
    holeSince = -1;
    holesNormal = holesAreNone;
    skipped.clear();
    if (continues) {
      followsOn();
    } else {
      if (verified) {
        owed.are(
            holes(),
            newestDelivered(),
            walOffset,
            held.currentIsEmpty() ? 0 : held.lastOffset(),
            leader,
            produced.front() - lateness.allowedMicros());
      }
      long forgotten = held.leaveBehind(leftBytesMax);
      owed.more(forgotten);
      owed.unjudged();
      ledger.heldForgotten += forgotten;
      verified = false;
      trail.clear();
    }
  }

  /**
   * An entry of an earlier connection that was left in the buffer, because what is held had no room
   * for it.
   */
  public void leftInBuffer(WalEntry entry) {
    ledger.delivered++;
    Event event = entry.event();
    if (verified || held.has(event) || isProduced(event)) {
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
    if (held.currentIsEmpty()) {
      return 0;
    }
    long last = held.lastOffset();
    return holesNormal ? 0 : Math.max(0, missingUpTo(last) - uncertain.count() - corruptUpTo(last));
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
            + Math.max(0, (verified ? holes() : owed.open()) - foundUnderWay),
        held.isEmpty() && (!verified || owed.passedOver() > 0)
            ? owed.newestMicros()
            : newestDelivered(),
        verified && owed.passedOver() == 0 ? walOffset : owed.after(),
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
    long here = held.currentIsEmpty() ? 0 : missingUpTo(held.lastOffset());
    return (verified ? here : owed.open()) + owed.passedOver();
  }

  /** Of these, those of an earlier numbering that are not held: a snapshot must have them. */
  public long owed() {
    return verified ? 0 : owed.open() + owed.passedOver();
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

  /** The numbering is this leader's. */
  public void numberedBy(String address) {
    leader = address;
  }

  /** They are nowhere, and what came behind them has not waited for them. */
  public void passOver() {
    if (!verified) {
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
    if (!verified) {
      producedBefore = walOffset == 0 ? produced.watermark() : Long.MIN_VALUE;
      numberingStarts(walOffset);
    }
    verified = true;
    owed.settled();
    beyond = 0;
    holeSince = -1;
  }

  /**
   * The next event of the leader's log, from a row that carries its offset.
   *
   * @return whether it was produced now
   */
  public boolean loggedRow(SnapshotRow row) {
    if (row.walOffset() <= walOffset) {
      return false;
    }
    pastHoles(row.walOffset() - 1);
    boolean known = isProduced(row.event());
    if (known) {
      ledger.duplicates++;
    } else {
      produceRow(row, row.event().tenantId());
    }
    ledger.settled();
    walOffset++;
    trail.reached(emitted, walOffset);
    return !known;
  }

  /** The leader's log holds no more up to this offset. */
  public void loggedUpTo(long offset, long now) {
    if (offset > walOffset) {
      pastHoles(offset);
      trail.reached(emitted, walOffset);
    }
    noteHole(now);
  }

  private void numberingStarts(long offset) {
    numbering++;
    ledger.numberingStarts(offset);
  }

  private void pastHoles(long offset) {
    ledger.holes(offset - walOffset);
    walOffset = offset;
  }

  /** The leader turned out to replay its log: holes in its numbers are no losses. */
  public void holesAreNormal(long now) {
    holesNormal = true;
    if (!verified) {
      if (!held.currentIsEmpty() && held.firstOffset() <= walOffset) {
        ledger.regressions++;
        walOffset = held.firstOffset() - 1;
      }
      numberingStarts(walOffset);
      verified = true;
      beyond = 0;
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
      if (walOffset > 0) {
        ledger.regressions++;
      }
      numberingStarts(offset);
      givenUp.clear();
    }
    walOffset = offset;
    verified = true;
    owed.settled();
    beyond = 0;
    skipped.settled(offset);
    held.removeUpTo(offset);
    trail.reached(emitted, walOffset);
    holeSince = -1;
    noteHole(now);
  }

  /** Whether the first entry held follows exactly on what rows have brought. */
  public boolean firstHeldFollows() {
    return walOffset > 0 && !held.currentIsEmpty() && held.firstOffset() == walOffset + beyond + 1;
  }

  /** Settles what rows brought ahead of the first entry held. */
  public void establishAtFirstHeld(long now) {
    ledger.repaired(beyond);
    ledger.repaired += beyond;
    establish(walOffset + beyond, false, now);
  }

  /**
   * How many offsets above {@code walOffset} up to {@code offset} are neither held nor produced.
   */
  public long missingUpTo(long offset) {
    return offset - walOffset - heldUpTo(offset) - beyond;
  }

  long heldUpTo(long offset) {
    if (!held.currentIsEmpty()
        && offset >= held.lastOffset()
        && (!verified || held.firstOffset() > walOffset)) {
      return held.current().size();
    }
    long count = 0;
    for (HeldEntries.Held one : held.upTo(offset)) {
      if (one.offset() > walOffset || !verified) {
        count++;
      }
    }
    return count;
  }

  /** Rows next to the seam where a numbering began: below it or above it, nobody can tell. */
  public void uncertainRows(List<Event> rows) {
    uncertain.set(rows);
  }

  public int uncertain() {
    return uncertain.count();
  }

  public void rowsBeyond(long rows) {
    beyond += rows;
  }

  /** A repair was given up half-way: what it has produced of what is held is held no longer. */
  public void settleHeld() {
    held.settle(produced::contains);
  }

  /** Enters a gap into the account whose repair reaches to {@code offset}. */
  public void closeGap(long offset, long found) {
    long missing = missingUpTo(offset);
    long entries = 0;
    for (HeldEntries.Held one : held.upTo(offset)) {
      if (one.entry() != null) {
        entries++;
      }
    }
    long marks = heldUpTo(offset) - entries;
    for (long i = 0; i < entries; i++) {
      ledger.entry();
    }
    for (long i = 0; i < marks; i++) {
      ledger.settled();
    }
    long here = Math.min(found + uncertain.count(), missing);
    uncertain.clear();
    ledger.repaired(here + beyond);
    ledger.repaired += here + beyond;
    long lacking = missing - here;
    if (lacking > 0) {
      long unusable = Math.min(lacking, corruptUpTo(offset));
      ledger.givenUp(lacking);
      ledger.lost(
          new Losses.Loss(
              leader,
              walOffset + 1,
              offset,
              unusable,
              produced.front(),
              newestDelivered(),
              Losses.Reason.CORRUPT));
      owed.passOver(lacking - unusable, newestDelivered(), walOffset, offset, leader);
      givenUp.add(walOffset, offset, held);
    }
  }

  /** A line of the stream could not be used: its offset is missing, and may stay so. */
  public void corrupt(long offset) {
    ledger.corrupt++;
    if (offset > 0) {
      skipped.add(offset);
    } else {
      skipped.addSomewhereFrom(walOffset + 1);
    }
  }

  /** How many offsets up to {@code offset} may stay missing because their lines were skipped. */
  public long corruptUpTo(long offset) {
    return skipped.upTo(offset);
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

  public boolean verified() {
    return verified;
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
    return numbering;
  }

  public long walOffset() {
    return walOffset;
  }

  public long beyond() {
    return beyond;
  }

  public long emitted() {
    return emitted;
  }

  /** Since when the first hole is open, -1 for none. */
  public long holeSince() {
    return holeSince;
  }

  public long ackable(long producedUpTo) {
    return trail.ackable(producedUpTo);
  }

  public void restartFromNothing() {
    produced.forgetAll();
    walOffset = 0;
    beyond = 0;
    owed.clear();
    verified = false;
    numberingStarts(0);
  }
}
