package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.source.decision.epoch.StreamPhase.Hole;
import io.github.allsourceconnect.source.decision.epoch.StreamPhase.InOrder;
import io.github.allsourceconnect.source.decision.epoch.StreamPhase.Placing;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.phase.Current;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.Ledger;
import io.github.allsourceconnect.source.decision.position.ProducedEvents;
import io.github.allsourceconnect.source.decision.position.SourcePosition;

/**
 * Where the live stream stands: of which connection its entries are, under which numbering, and
 * whether they continue what has been produced ({@link StreamPhase}). {@link Sequencer} takes its
 * entries, and a repair or a log's snapshot settles what they did not bring.
 *
 * <pre>
 *   switchTo ....... another connection, its entries are held     Placing
 *   establish ...... all up to an offset is settled               InOrder, or a Hole behind it
 *   followsOn ...... what comes is the log behind walOffset       InOrder
 * </pre>
 *
 * <p>What it consists of, and which facts each part owns: {@link HeldEntries} what can't be
 * produced yet; {@link OffsetAccount} which offsets of the numbering are missing; {@link Arrears}
 * which events are, whatever their numbering, {@link ConnectionAccount} those of the connection at
 * hand; {@link AwaitedRows} what a repair has left for the stream; {@link Handover} what is
 * produced. Not thread-safe.
 */
public class LiveStream {
  private static final StreamPhase IN_ORDER = new InOrder();

  public final Ledger ledger = new Ledger();
  public final ProducedEvents produced;
  public final Lateness lateness;
  public final Intake intake = new Intake();
  public final HeldEntries held;
  public final OffsetAccount offsets;
  public final AwaitedRows awaited = new AwaitedRows();
  public final OwedEvents owed = new OwedEvents();
  public final Handover handover;
  public final Arrears arrears;
  final ConnectionAccount connection = new ConnectionAccount(this);
  private final Current<StreamPhase> phase = new Current<>("the live stream", new Placing());

  private Epoch epoch = Epoch.NONE;
  private boolean versionsCount;

  /**
   * @param heldBytesMax how much the entries held may take, in bytes; as much again those of
   *     earlier connections
   */
  public LiveStream(
      FollowerOrders orders,
      SourcePosition position,
      ProducedEvents produced,
      Lateness lateness,
      long heldBytesMax) {
    this.produced = produced;
    this.lateness = lateness;
    held = new HeldEntries(heldBytesMax);
    ledger.load(position.losses());
    handover = handover(orders);
    offsets = offsets();
    arrears = arrears(orders, position);
    owed.load(position.missing(), position.produced().watermarkMicros(), position.leader());
    offsets.load(position.walOffset(), position.beyond(), position.uncertain());
  }

  /** Makes the way by which events are produced. */
  protected Handover handover(FollowerOrders orders) {
    return new Handover(orders, this);
  }

  /** Makes the account of the numbering's offsets. */
  protected OffsetAccount offsets() {
    return new OffsetAccount(held, ledger, handover, owed, () -> !verified());
  }

  /** Makes the account of the events that are missing. */
  protected Arrears arrears(FollowerOrders orders, SourcePosition position) {
    return new Arrears(orders, this, position);
  }

  // ---- where it stands

  /** Whether it is known where the connection's entries stand. */
  public boolean verified() {
    return !(phase.get() instanceof Placing);
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

  /** Since when the first hole is open, -1 for none. */
  public long holeSince() {
    return phase.get() instanceof Hole hole ? hole.sinceMs() : -1;
  }

  /**
   * Whether entries that are held are in order now. They are released one by one, so that whoever
   * produces can pause between any two; until all are, no other entry may be taken in.
   */
  public boolean isDue() {
    return verified()
        && !held.currentIsEmpty()
        && (offsets.holesAreNone() || held.firstOffset() <= walOffset() + 1);
  }

  /** Kafka has every event up to this number. */
  public void stored(long emission) {
    if (!awaited.holdsAcksBack(emission)) {
      offsets.stored(emission);
    }
  }

  /** What may be acked once Kafka has every event up to this number; 0 for nothing. */
  public long ackable(long storedUpTo) {
    return awaited.holdsAcksBack(storedUpTo) ? 0 : offsets.ackable();
  }

  /**
   * With what another connection goes on. A leader takes that for an ack, so it is not what has
   * been produced but what Kafka has; 1 if it has nothing of a numbering that is known, for with 0
   * a leader would send its whole snapshot.
   */
  public long toSubscribeWith() {
    return Math.max(offsets.inKafka(), Math.min(1, offsets.walOffset()));
  }

  /** Whether the leader has shown that it counts the versions of an entity. */
  public boolean versionsCount() {
    return versionsCount;
  }

  void shows(long version) {
    versionsCount |= version > 1;
  }

  /**
   * A line of the connection could not be used.
   *
   * @param offset its WAL offset where it could be read, otherwise 0
   */
  public void corrupt(long offset, long now) {
    intake.lineCame();
    offsets.corrupt(offset, now, lateness.cleanRun());
  }

  // ---- where it comes to stand

  /**
   * Time passes. A hole does not age while nothing is taken in, unless it is what it holds that
   * leaves no room.
   *
   * @param bufferEmpty whether everything that the live connection has received was delivered
   */
  public void tick(long now, boolean bufferEmpty) {
    long stoodStill = intake.tick(now, bufferEmpty);
    if (stoodStill > 0 && phase.get() instanceof Hole hole && !held.isFull()) {
      phase.to(new Hole(hole.sinceMs() + stoodStill, hole.after()));
    }
  }

  /** Starts the clock of the first hole. */
  void noteHole(long now) {
    if (!verified()) {
      return;
    }
    if (held.currentIsEmpty() || isDue()) {
      phase.to(IN_ORDER);
    } else if (!(phase.get() instanceof Hole hole) || hole.after() != walOffset()) {
      phase.to(new Hole(now, walOffset()));
    }
  }

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
    if (!continues) {
      leaveBehind();
    }
    intake.connectionBegins();
    offsets.connectionChanged(continues, holesAreNone);
    if (continues) {
      followsOn();
    } else {
      phase.to(new Placing());
    }
  }

  /** What the connection has brought, and what it should have, is noted while it is at hand. */
  private void leaveBehind() {
    if (verified()) {
      arrears.connectionIsLost();
    } else {
      arrears.neverPlaced(held.currentIsEmpty() ? 0 : held.lastOffset(), false);
    }
    // the next connection does not bring their offsets again
    offsets.rowsBeyond(held.marks() - held.marksUpTo(walOffset()));
    arrears.forgotten(held.leaveBehind());
    owed.unjudged();
  }

  /** The leader's log is followed: what comes next is what it holds behind {@code walOffset}. */
  public void followsOn() {
    offsets.holesAreNone(true);
    held.removeUpTo(Long.MAX_VALUE);
    if (!verified()) {
      handover.producedBefore(walOffset() == 0 ? produced.watermark() : Long.MIN_VALUE);
      arrears.numberingBegins();
      offsets.beginsAsLog(walOffset());
    }
    phase.to(IN_ORDER);
    owed.settled();
    offsets.forgetBeyond();
    arrears.awaitedAreSettled(false);
  }

  /** The leader turned out to replay its log: holes in its numbers are no losses. */
  public void holesAreNormal(long now) {
    offsets.holesAreNone(true);
    if (!verified()) {
      long from = walOffset();
      if (!held.currentIsEmpty() && held.firstOffset() <= from) {
        ledger.regressions++;
        from = held.firstOffset() - 1;
      } else if (!arrears.isFromElsewhere()) {
        owed.settled(); // it replays what was missing
        held.leftIsReplayed(from, ledger.highestOffset);
      }
      arrears.numberingBegins();
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
      arrears.numberingBegins();
      offsets.begins(offset);
    }
    phase.to(IN_ORDER);
    owed.settled();
    connection.settled(held.newestUpTo(offset, lateness.allowedMicros()));
    held.removeUpTo(offset);
    offsets.settled(offset);
    noteHole(now);
  }

  /**
   * Whether the first entry held follows exactly on what rows have brought.
   *
   * @param caughtUpAt where the connection began: no row that it has not brought is behind that
   */
  public boolean firstHeldFollows(long caughtUpAt) {
    long rowsEnd = walOffset() + offsets.beyond();
    return walOffset() > 0
        && !held.currentIsEmpty()
        && held.firstOffset() == rowsEnd + 1
        && rowsEnd <= caughtUpAt;
  }

  /** Settles what rows brought ahead of the first entry held. */
  public void establishAtFirstHeld(long now) {
    long rows = offsets.beyond();
    ledger.repaired(rows);
    ledger.repaired += rows;
    establish(walOffset() + rows, false, now);
  }

  /** Nothing before the first entry held is wanted ({@code no_data}). */
  public void beginAtFirstHeld(long now) {
    long allowed = lateness.allowedMicros();
    long next = held.firstOffset() + lateness.cleanRun();
    produced.startAmong(held.oldestOfCurrent(), held.newestUpTo(next, allowed) + allowed);
    establish(held.firstOffset() - 1, true, now);
  }

  /**
   * Enters a gap into the account whose repair reaches to {@code offset}.
   *
   * @param isCertain whether what is not found is nowhere, for its leader is still followed
   */
  public void closeGap(long offset, long found, boolean isCertain) {
    long lacking = offsets.closeGap(offset, found, isCertain);
    if (lacking > 0) {
      arrears.nowhere(lacking, offset, isCertain);
    }
  }

  /** Nothing is known any more: the leader's whole snapshot is taken, with what is owed in it. */
  public void restartFromNothing() {
    produced.forgetAll();
    awaited.clear();
    phase.to(new Placing());
    offsets.forget();
  }
}
