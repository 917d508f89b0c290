package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.LostHole;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.ArrayList;
import java.util.List;

/**
 * The events that are known to exist and have not been produced: holes of the numbering at hand
 * ({@link OffsetAccount}), what an earlier numbering lacked ({@link OwedEvents}), and rows of a
 * snapshot whose place is not known ({@link AwaitedRows}).
 *
 * <pre>
 *   open()  = missing up to the last held, or owed while placing, + passed over
 *   found in time, found late (counted), or given up: a loss. Nothing leaves it otherwise.
 * </pre>
 *
 * Not thread-safe.
 */
public class Arrears {
  private final FollowerOrders orders;
  private final LiveStream stream;

  /** Whose numbering the account is of; empty when not known. */
  private String leader;

  private final ConnectionAccount connection;
  private boolean isOfAnotherLeader;

  /**
   * Whether all that the leader has of the time since the holes was looked at when its numbering
   * began: else some of what it wrote before its first entry may not be there.
   */
  private boolean isLookedThrough;

  /** Whether a connection has been since the numbering was established. */
  private boolean wasOfAnotherLeader;

  /** The last event that had been produced when rows were found to be nowhere; -1 for none. */
  private long rowsNowhereAt = -1;

  /**
   * @param position that is begun with
   */
  protected Arrears(FollowerOrders orders, LiveStream stream, SourcePosition position) {
    this.orders = orders;
    this.stream = stream;
    leader = position.leader();
    isLookedThrough = position.missing().lost().isEmpty() || position.missing().isBehindUnlisted();
    connection = stream.connection;
  }

  // ---- what is missing

  /** How many events are missing now, waited for or passed over. */
  public long open() {
    HeldEntries held = stream.held;
    // rows may lie beyond the last entry held
    long here =
        held.currentIsEmpty() ? 0 : Math.max(0, stream.offsets.missingUpTo(held.lastOffset()));
    return (stream.verified() ? here : stream.owed.open()) + stream.owed.passedOver();
  }

  /** Of these, those of an earlier numbering that are not held: a snapshot must have them. */
  public long owed() {
    return stream.verified() ? 0 : stream.owed.open() + stream.owed.passedOver();
  }

  /** Whether an event may be one of those. */
  protected boolean mayBeOwed(OwedGroup group, Event event) {
    return (group.isAtItsLeader() || event.micros() >= stream.produced.knownWatermark())
        && group.mayBe(event, stream.lateness.micros());
  }

  /** Whether an event of this time or later has been neither produced nor received. */
  public boolean lacks(Event event, long fromMicros) {
    return event.micros() >= fromMicros
        && !stream.held.has(event)
        && !stream.produced.contains(event);
  }

  /** How many entries of earlier connections, which the current one has not brought, wait. */
  public long leftToProduce() {
    return stream.held.leftBehind().stream()
        .filter(entry -> !stream.produced.contains(entry.event()))
        .count();
  }

  /**
   * What a position says of them.
   *
   * @param held how many of those held have been produced by a repair that is not finished
   * @param left how many of these are of earlier connections
   * @param found how many others it has produced
   */
  public SourcePosition.Missing missing(long held, long left, long found) {
    long holes = stream.verified() ? stream.offsets.holes() : 0;
    long lines = stream.verified() ? stream.offsets.linesMissing() : 0;
    return missing(
        held - left,
        left,
        Math.max(0, holes - found),
        Math.max(0, lines - Math.max(0, found - holes)),
        stream.owed.groups());
  }

  /**
   * The same while it is not known where the connection's entries stand.
   *
   * @param found those of the owed that it has produced
   */
  public SourcePosition.Missing missing(long held, long left, OwedFound found) {
    return missing(held - left, left, 0, 0, stream.owed.without(found));
  }

  private SourcePosition.Missing missing(
      long current, long left, long holes, long lines, List<OwedGroup> owed) {
    long events = stream.held.currentSize() - current + holes;
    long held = Math.max(0, stream.held.leftSize() - left);
    if (events + lines == 0 && held == 0 && owed.isEmpty()) {
      return SourcePosition.Missing.NONE; // asked for each record
    }
    List<LostHole> lost = lost(held, owed);
    if (events + lines == 0) {
      boolean areAllPassedOver =
          isLookedThrough
              && held == 0
              && !lost.isEmpty()
              && owed.stream().allMatch(one -> one.isLostFor(leader));
      long without = areAllPassedOver ? stream.handover.watermarkWithoutOwed() : Long.MIN_VALUE;
      return new SourcePosition.Missing(0, Long.MAX_VALUE, 0, 0, 0, lost, without);
    }
    return new SourcePosition.Missing(
        events, connection.newest(), stream.verified() ? stream.walOffset() : 0, 0, lines, lost);
  }

  /**
   * What is missing of connections that are gone.
   *
   * @param held how much of it has come, and waits
   */
  private List<LostHole> lost(long held, List<OwedGroup> owed) {
    List<LostHole> lost = new ArrayList<>();
    if (held > 0) {
      Lack lack = new Lack(held, 0, stream.held.newestLeft(), 0, 0, "", stream.held.oldestLeft());
      lost.add(OwedGroup.open(lack).hole());
    }
    owed.stream().map(OwedGroup::hole).forEach(lost::add);
    return lost;
  }

  // ---- what comes in

  /** A numbering begins of which no snapshot has shown what was written before its first entry. */
  void numberingBegins() {
    isLookedThrough = false;
  }

  /** A snapshot has shown all of it, and what was lacking has been produced. */
  public void allIsShown() {
    isLookedThrough = true;
  }

  /** The numbering is this leader's. */
  public void numberedBy(String address) {
    leader = address;
    wasOfAnotherLeader = false;
  }

  /**
   * An entry is held whose connection's place is not known yet: if it is one of those owed, it came
   * after all, and waits with the others.
   */
  void heldWhilePlacing(WalEntry entry) {
    Event event = entry.event();
    if (stream.owed.isNamed(event)) {
      stream.owed.cameAgain(event);
    } else if (event.micros() >= stream.produced.knownWatermark()) {
      stream.owed.came(event, entry.sequence(), stream.lateness.micros());
    }
  }

  /** The connection is gone that could have brought what is missing. */
  void connectionIsLost() {
    stream.owed.are(connection.ofPlaced(leader));
  }

  /**
   * A connection is lost whose place has not been found out, or is not looked for any more: what is
   * missing between its entries up to an offset can't come, nor can its lines that could not be
   * used.
   *
   * @param goesOn whether its offsets go on with those that are known for all that can be told
   */
  public void neverPlaced(long upTo, boolean goesOn) {
    Lack lack = connection.ofUnplaced(upTo, goesOn);
    if (connection.isLeftOut()) {
      stream.owed.mayBeMore();
    }
    if (lack.all() > 0) {
      stream.owed.areOfUnplaced(lack, isOfAnotherLeader);
    }
  }

  /**
   * Another connection's offsets follow.
   *
   * @param ofAnotherLeader whether they are another leader's than the numbering that is known
   */
  public void connectionChanged(boolean ofAnotherLeader) {
    connection.connectionChanged();
    isOfAnotherLeader = ofAnotherLeader;
    wasOfAnotherLeader |= ofAnotherLeader;
  }

  /**
   * Whether what waits, or is missing, may be another leader's than the one whose numbering is
   * known: no sum of that one's tells of it.
   */
  public boolean isFromElsewhere() {
    return wasOfAnotherLeader && !(stream.held.leftSize() == 0 && stream.owed.groups().isEmpty());
  }

  /**
   * Whether a sum of the connection's numbering that is right is so by chance: it is another
   * leader's, and some may be missing that need not be found.
   */
  public boolean sumsAreByChance() {
    return isOfAnotherLeader && (stream.owed.areUncertain() || stream.owed.allSkipped() > 0);
  }

  /** These had come, and are held no longer though they have not been produced. */
  protected void forgotten(List<Event> events) {
    stream.owed.more(events);
    stream.ledger.heldForgotten += events.size();
  }

  /**
   * So many events behind the contiguous offset and up to this one are nowhere.
   *
   * @param isCertain whether their leader is still followed: no other one may have them
   */
  void nowhere(long events, long offset, boolean isCertain) {
    long unusable = Math.min(events, stream.offsets.corruptUpTo(offset));
    if (isCertain) {
      stream.ledger.lost(
          new Losses.Loss(
              leader,
              stream.walOffset() + 1,
              offset,
              unusable,
              stream.produced.front(),
              connection.newestDelivered(),
              Losses.Reason.CORRUPT));
    }
    stream.owed.passOver(
        new Lack(
            events - unusable,
            isCertain ? 0 : unusable,
            connection.newestDelivered(),
            stream.walOffset(),
            offset,
            leader,
            connection.oldestOfHole()));
  }

  /** None of the events that are missing behind the contiguous offset is older. */
  public long oldestOfHole() {
    return connection.oldestOfHole();
  }

  // ---- what is found

  /** An offset that had been given up has come after all. */
  void cameAfterAll(long offset) {
    stream.ledger.late++;
    if (!stream.owed.cameAt(leader, offset)) {
      stream.ledger.found(leader, offset);
    }
  }

  /** Those owed have been produced. */
  public void paid(OwedFound found) {
    foundLate(stream.owed.paid(found));
  }

  /** The same of a repair that is not finished. */
  public void paidInPart(OwedFound found) {
    foundLate(stream.owed.paidInPart(found));
  }

  private void foundLate(long late) {
    stream.ledger.late += late;
    sayLate(late, " events that were missing when a leader was lost have been found.");
  }

  /** One of those awaited is produced by a repair. */
  public void comesLate() {
    stream.ledger.late++;
  }

  /** The repair is over that has produced so many of those awaited. */
  public void cameLate(long found) {
    sayLate(found, " events that the live stream passed without bringing them have been found.");
  }

  private void sayLate(long events, String what) {
    if (events > 0) {
      orders.log(
          FollowerOrders.Level.WARN,
          events + what + " They come after events that were written later; counted as late.");
    }
  }

  // ---- what is left for the stream

  /**
   * Rows that a repair has left: the stream brings them, or they lie before its cut.
   *
   * @param cutIsForced whether what lies next to the cut may be acked before it is there
   */
  public void leaveToStream(List<Event> rows, boolean cutIsForced) {
    stream.awaited.await(rows, cutIsForced);
  }

  /**
   * What the stream, in order, tells of those.
   *
   * @return whether some are to be fetched
   */
  public boolean awaitedAreTold() {
    return !stream.awaited.isEmpty()
        && stream.awaited.tells(stream.walOffset(), stream.produced.floor());
  }

  /**
   * A repair is finished that had to have those before the cut.
   *
   * @param hadRows whether there was a snapshot
   * @return how many are missing
   */
  public long awaitedAreSettled(boolean hadRows) {
    int lacking = stream.awaited.givenUp(hadRows);
    if (lacking > 0) {
      rowsNowhereAt = stream.handover.emitted();
      stream.owed.passOver(
          new Lack(
              lacking,
              0,
              connection.newestDelivered(),
              0,
              stream.walOffset(),
              leader,
              Long.MIN_VALUE));
    }
    return lacking;
  }

  // ---- what is not waited for

  /** Whether something has been produced since it is known: only with that a position is stored. */
  public boolean isInAPosition() {
    return stream.handover.emitted() > rowsNowhereAt;
  }

  /** Those owed are nowhere, and what came behind them has not waited for them. */
  public void passOver() {
    if (!stream.verified()) {
      stream.owed.passOver();
    }
  }

  /** The same, and another numbering begins. */
  public void passOverForGood() {
    passOver();
    stream.owed.skippedAreNowhere().forEach(stream.ledger::lost);
  }

  /**
   * Goes on without those that are passed over.
   *
   * @return how many they are
   */
  public long giveUpPassedOver() {
    long events = stream.owed.passedOver();
    stream.owed.giveUp().forEach(stream.ledger::lost);
    return events;
  }
}
