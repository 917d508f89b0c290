package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.Ledger;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * The account of a numbering's offsets: which have been produced, and how many are missing.
 *
 * <pre>
 *   1 ................ walOffset | walOffset + 1 ................ last held
 *   all produced, or given up    | held + beyond + missing
 *
 *   missingUpTo(o) = o - walOffset - held up to o - beyond
 *   of which up to corruptUpTo(o) may stay missing, and up to uncertain() have been produced as rows
 *
 *   ackable &lt;= inKafka &lt;= walOffset     ackable = 0 until the connection's place is known
 * </pre>
 *
 * {@code walOffset} goes on by one event, or to where a repair or a log's snapshot has settled it;
 * back only with another numbering. {@code beyond} counts events that were produced from rows and
 * whose offsets, somewhere above {@code walOffset}, are not known yet. Every step is noted in the
 * {@link AckTrail}. Not thread-safe.
 */
public class OffsetAccount {
  private final HeldEntries held;
  private final Ledger ledger;
  private final Handover handover;
  private final OwedEvents owed;
  private final BooleanSupplier isPlacing;
  private final AckTrail trail = new AckTrail();
  private final GivenUpOffsets givenUp = new GivenUpOffsets();

  /** Missing between the first entries of the numbering: whether rows have filled them is open. */
  private final GivenUpOffsets untold = new GivenUpOffsets();

  /** The connection brings every entry behind this offset; {@link Long#MAX_VALUE} if not known. */
  private long allBehind = Long.MAX_VALUE;

  private final UncertainRows uncertain = new UncertainRows();
  private final SkippedLines skipped = new SkippedLines();

  private long walOffset;
  private long beyond;

  /** Of those counted as beyond some may lie before the first one that is wanted. */
  private boolean beyondIsInexact;

  private long inKafka;
  private long ackable;
  private int numbering;
  private boolean holesAreNone;

  /**
   * @param isPlacing whether offsets held may be of another numbering than {@code walOffset}
   */
  protected OffsetAccount(
      HeldEntries held,
      Ledger ledger,
      Handover handover,
      OwedEvents owed,
      BooleanSupplier isPlacing) {
    this.held = held;
    this.owed = owed;
    this.ledger = ledger;
    this.handover = handover;
    this.isPlacing = isPlacing;
  }

  /** What a position says. */
  void load(long offset, long eventsBeyond, int uncertainEvents) {
    walOffset = offset;
    inKafka = offset;
    beyond = eventsBeyond;
    uncertain.load(uncertainEvents);
    numberingStarts(offset);
  }

  // ---- where it stands

  long walOffset() {
    return walOffset;
  }

  /** Events produced from rows whose offsets are above {@code walOffset}. */
  public long beyond() {
    return beyond;
  }

  int numbering() {
    return numbering;
  }

  /**
   * How many offsets above {@code walOffset} up to {@code offset} are neither held nor produced.
   */
  public long missingUpTo(long offset) {
    return offset - walOffset - held.countBetween(Long.MIN_VALUE, offset) - beyond;
  }

  /** Whether offsets that the leader leaves out hold nothing. */
  public boolean holesAreNone() {
    return holesAreNone;
  }

  /** How many offsets up to the last one held must exist and have brought nothing. */
  long holes() {
    if (holesAreNone || held.currentIsEmpty()) {
      return 0;
    }
    long last = held.lastOffset();
    return Math.max(0, missingUpTo(last) - uncertain.count() - corruptUpTo(last));
  }

  /** How many skipped lines of the connection at hand no row may stand for. */
  long linesMissing() {
    long last = held.currentIsEmpty() ? walOffset : held.lastOffset();
    long missing = missingUpTo(last) + skipped.behindLast(last) - uncertain.count();
    return Math.max(0, Math.min(skipped.all(), missing));
  }

  /** What may be acked over the connection at hand; 0 for nothing. */
  long ackable() {
    return ackable;
  }

  /** Kafka is known to have all up to this offset, whatever connection has brought it. */
  long inKafka() {
    return inKafka;
  }

  // ---- steps

  /** Kafka has every event up to this number. */
  void stored(long emission) {
    long offset = trail.take(emission);
    if (offset > 0) {
      ackable = offset;
      inKafka = Math.max(inKafka, offset);
    }
  }

  /** The event of the next offset has just been produced, or had been. */
  void next() {
    walOffset++;
    skipped.passed(walOffset);
    trail.reached(handover.emitted(), walOffset);
  }

  /** Nothing is up to this offset. */
  void passHoles(long upTo) {
    ledger.holes(upTo - walOffset);
    walOffset = upTo;
  }

  /** The same, and it may be acked. */
  void passHolesAndAck(long upTo) {
    passHoles(upTo);
    trail.reached(handover.emitted(), walOffset);
  }

  /** All up to this offset is settled; what was counted beyond is among it. */
  void settled(long upTo) {
    walOffset = upTo;
    forgetBeyond();
    skipped.settled(upTo, missingBehind(upTo), Long.MAX_VALUE);
    trail.reached(handover.emitted(), walOffset);
  }

  /** A numbering begins: what comes next is the offset after this one. */
  void begins(long offset) {
    numberingStarts(offset);
    walOffset = offset;
    inKafka = 0;
    ackable = 0;
    givenUp.clear();
    untold.clear();
    if (!held.currentIsEmpty()) {
      untold.add(Math.min(held.firstOffset(), allBehind), offset, held);
    }
  }

  /** The numbering at hand is followed as a log from here. */
  void beginsAsLog(long offset) {
    walOffset = offset;
    inKafka = Math.min(inKafka, offset);
    ackable = Math.min(ackable, offset);
    numberingStarts(offset);
  }

  private void numberingStarts(long offset) {
    numbering++;
    ledger.numberingStarts(offset);
  }

  /** The leader turns out to be one that replays its log, or not. */
  public void holesAreNone(boolean none) {
    holesAreNone = none;
  }

  /** Whatever was produced beyond is not told from the rest any more. */
  void forgetBeyond() {
    beyond = 0;
    beyondIsInexact = false;
  }

  /** The connection brings every entry behind this offset, in whatever order. */
  public void bringsAllBehind(long offset) {
    allBehind = offset;
  }

  /** Another connection: acks of the old numbers, and its unreadable lines, are over. */
  void connectionChanged(boolean continues, boolean holesAreNone) {
    this.holesAreNone = holesAreNone;
    allBehind = Long.MAX_VALUE;
    skipped.clear();
    if (!continues) {
      trail.clear();
      ackable = 0;
    }
  }

  // ---- rows

  /** So many events have been produced from rows. */
  public void rowsBeyond(long rows) {
    beyond += rows;
  }

  /** The live stream brings an event that rows had brought, to this task or to one before. */
  void cameAgain(Event event, boolean isLoaded) {
    uncertain.came(event, isLoaded);
  }

  /**
   * Rows are produced that may have been before, or may lie before the first one that is wanted.
   */
  public void rowsAreInexact() {
    beyondIsInexact = true;
  }

  /** Whether such rows may be among those beyond, so that no sum tells what is missing. */
  public boolean isBeyondInexact() {
    return beyondIsInexact;
  }

  /** One of those beyond has told its offset. */
  void beyondCame() {
    if (beyond > 0) {
      beyond--;
    }
  }

  /** The live stream, in order, is at this event. */
  void passed(Event event, Lateness lateness) {
    uncertain.passed(event.micros(), lateness);
  }

  /** Rows next to the seam where a numbering began: below it or above it, nobody can tell. */
  public void uncertainRows(List<Event> rows) {
    uncertain.set(rows);
  }

  /**
   * The same where offsets were counted.
   *
   * @param many so many of them at most are above
   */
  public void uncertainRows(List<Event> rows, long many) {
    uncertain.set(rows, many, handover.front());
  }

  /** Rows that were taken for such of offsets before, though only a silent stream said so. */
  public void moreUncertainRows(List<Event> rows) {
    uncertain.add(rows, handover.front());
  }

  /** How many they are. */
  public int uncertain() {
    return uncertain.count();
  }

  // ---- lines that can't be read, offsets that are given up

  /**
   * A line of the stream could not be used: its offset is missing, and may stay so.
   *
   * @param places how far off it may be, by how entries have been
   */
  void corrupt(long offset, long now, int places) {
    ledger.corrupt++;
    boolean placing = isPlacing.getAsBoolean();
    if (offset > 0 && offset <= walOffset && !placing) {
      return; // a bad copy of what is settled
    }
    skipped.cameAt(now);
    if (offset > 0) {
      skipped.add(offset);
    } else {
      long highest = held.currentIsEmpty() ? walOffset : held.lastOffset();
      skipped.addSomewhere(placing ? 0 : walOffset + 1, highest, places);
    }
  }

  /** By how much the last of the skipped lines came later than that, in microseconds. */
  long linesBehind(long ms) {
    return skipped.behind(ms);
  }

  /** And by how much the first one came before. */
  long linesBefore(long ms) {
    return skipped.before(ms);
  }

  /** How many offsets up to {@code offset} may stay missing because their lines were skipped. */
  public long corruptUpTo(long offset) {
    return owed.skipped() + skipped.upTo(offset);
  }

  /** Of the lines that the current connection has brought those between two offsets, perhaps. */
  long corruptHereBetween(long above, long upTo) {
    return skipped.between(above, upTo);
  }

  /** An entry of this offset has come. */
  void came(long offset) {
    skipped.came(offset);
  }

  /**
   * How many of the skipped lines of the current connection say something of the offsets up to this
   * one: if nothing has come behind it, all do.
   */
  long linesThatTell(long upTo) {
    return isLast(upTo) ? skipped.all() : skipped.upTo(upTo);
  }

  /** How many of them, of those whose offsets are not known, are not between the entries. */
  long linesOutside(long upTo) {
    return isLast(upTo) ? skipped.outside() : 0;
  }

  private boolean isLast(long offset) {
    return held.currentIsEmpty() || held.lastOffset() <= offset;
  }

  /**
   * Those are noted elsewhere.
   *
   * @param left so many of them were not needed, and may be of offsets behind
   */
  void linesAreNoted(long upTo, long left) {
    if (isLast(upTo)) {
      skipped.clear();
    } else {
      skipped.settled(upTo, missingBehind(upTo), left);
    }
  }

  /** How many offsets behind this one that may be those of lines have brought nothing. */
  private long missingBehind(long offset) {
    long last = isLast(offset) ? offset : skipped.notBehind(held.lastOffset());
    return Math.max(0, last - offset - held.countBetween(offset, last));
  }

  /** Whether nobody could tell if the offset's event was there; now it has come. */
  boolean tellsAfterAll(long offset) {
    return untold.remove(offset);
  }

  /** Whether the offset had been given up; now its event has come. */
  boolean comesAfterAll(long offset) {
    return givenUp.remove(offset);
  }

  /**
   * Enters a gap up to {@code offset} for which so many events were found; the rest is given up.
   *
   * @param mayBeSeam whether rows next to the seam may be among it: not where nobody has looked
   * @return how many those are
   */
  long closeGap(long offset, long found, boolean mayBeSeam) {
    long missing = missingUpTo(offset);
    long marks = held.marksUpTo(offset);
    ledger.entries(held.countBetween(Long.MIN_VALUE, offset) - marks);
    ledger.settled(marks);
    long here = Math.min(found + (mayBeSeam ? uncertain.count() : 0), missing);
    if (mayBeSeam) {
      uncertain.clear();
    }
    ledger.repaired(here + beyond);
    ledger.repaired += here + beyond;
    long lacking = missing - here;
    if (lacking > 0) {
      ledger.givenUp(lacking);
      givenUp.add(walOffset, offset, held);
    }
    return lacking;
  }

  /** Nothing is known any more. */
  void forget() {
    forgetBeyond();
    walOffset = 0;
    inKafka = 0;
    ackable = 0;
    numberingStarts(0);
  }
}
