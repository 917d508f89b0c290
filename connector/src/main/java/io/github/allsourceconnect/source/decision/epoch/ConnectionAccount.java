package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;

/**
 * What the connection at hand should have brought and has not: how many events, and between which
 * event times they lie. Once it is lost, nothing else tells of them.
 *
 * <pre>
 *   its place is known ...... the holes of the numbering, and lines that could not be used
 *   it is not ............... what is missing between its entries, and such lines
 * </pre>
 *
 * Not thread-safe.
 */
final class ConnectionAccount {
  /** Among so many entries there is one that is not late. */
  private static final int FEW = 16;

  /** And where only one of so many is missing for each that came. */
  private static final int FEW_OF = 4;

  private final LiveStream stream;
  private final Delivered delivered = new Delivered();
  private long lastInOrder = Long.MIN_VALUE;

  /** Of a connection without a place: what is missing up to this offset is on the books. */
  private long countedUpTo;

  /** Rows or earlier connections may stand for something that it lacked. */
  private boolean isLeftOut;

  ConnectionAccount(LiveStream stream) {
    this.stream = stream;
  }

  // ---- what comes in

  /** Another connection's offsets follow. */
  void connectionChanged() {
    countedUpTo = 0;
  }

  /** A live connection has brought it. */
  void delivered(Event event) {
    delivered.came(event.micros());
  }

  /** It was the next in order. */
  void passed(Event event) {
    lastInOrder = event.micros();
  }

  /** All up to an offset is settled; this is the newest up to there. */
  void settled(long newestMicros) {
    lastInOrder = newestMicros == Long.MIN_VALUE ? lastInOrder : newestMicros;
  }

  // ---- how many

  /**
   * What it lacks if its place is known.
   *
   * @param leader whose numbering it is
   */
  Lack ofPlaced(String leader) {
    HeldEntries held = stream.held;
    return new Lack(
        stream.offsets.holes(),
        stream.offsets.linesMissing(),
        withLines(newestOfHole()),
        stream.walOffset(),
        held.currentIsEmpty() ? 0 : held.lastOffset(),
        leader,
        lateBehind(stream.produced.front()));
  }

  /**
   * What it lacks up to an offset if its place is not known, but for what has been told before.
   * What rows or earlier connections may stand for is left out.
   *
   * @param goesOn whether its offsets go on with those that are known for all that can be told, so
   *     that what is missing before its first entry counts, too
   */
  Lack ofUnplaced(long upTo, boolean goesOn) {
    long from = Math.max(countedUpTo, firstThatCounts(goesOn));
    long unseen = unseenBetween(from, upTo);
    long lines = stream.offsets.linesThatTell(upTo);
    long here = Math.min(lines, stream.offsets.corruptHereBetween(from, upTo));
    long rows = stream.offsets.beyond() + stream.offsets.uncertain();
    isLeftOut = rows > 0 && unseen + lines - here > 0;
    long atLeast = unseen + lines - here - rows;
    long strict = Math.max(0, atLeast - lines);
    long atMost = atLeast + stream.offsets.linesOutside(upTo);
    long skipped = Math.max(0, Math.min(lines, atMost - strict));
    Lack lack =
        new Lack(
            strict,
            skipped,
            newestOfUnplaced(upTo, skipped > 0),
            from,
            upTo,
            "",
            oldestOfUnplaced(from));
    stream.offsets.linesAreNoted(upTo, lines - skipped);
    countedUpTo = upTo;
    return lack;
  }

  /** Whether something was left out when that was asked last. */
  boolean isLeftOut() {
    return isLeftOut;
  }

  private long unseenBetween(long above, long upTo) {
    return stream.held.currentIsEmpty() || stream.offsets.holesAreNone()
        ? 0
        : stream.held.unseenBetween(above, upTo);
  }

  /** All offsets behind this one, which the connection should have brought, are its own. */
  private long firstThatCounts(boolean goesOn) {
    HeldEntries held = stream.held;
    long known = Math.max(stream.walOffset(), stream.owed.upTo());
    if (held.currentIsEmpty()) {
      return known;
    }
    long first = held.firstOffset();
    // an offset that is settled, and whose event is new, is of another numbering
    if (held.hasEntryUpTo(stream.walOffset())) {
      return first;
    }
    return goesOn && stream.walOffset() > 0 ? known : Math.max(first, known);
  }

  // ---- of which times

  /**
   * Event time of the newest that is known to exist, lines that could not be used among them;
   * {@link Long#MAX_VALUE} for none.
   */
  long newest() {
    return withLines(newestDelivered());
  }

  /** The same without those lines. */
  long newestDelivered() {
    long newest = delivered.newest(stream.lateness.allowedMicros());
    return newest == Long.MIN_VALUE ? stream.owed.newestMicros() : newest;
  }

  /** None of the events that are missing behind the contiguous offset is older. */
  long oldestOfHole() {
    return lateBehind(lastInOrder == Long.MIN_VALUE ? stream.produced.front() : lastInOrder);
  }

  /**
   * Of what is missing before entries that are held, none is much newer than those, or than the
   * last one in order before: the clock may have gone back between.
   */
  private long newestOfHole() {
    HeldEntries held = stream.held;
    return held.currentIsEmpty()
        ? newestDelivered()
        : Math.max(
            lastInOrder,
            notLateItself(
                held.newestUpTo(held.lastOffset(), stream.lateness.allowedMicros()),
                held.lastOffset()));
  }

  /**
   * Where a slow link has brought few of many entries, the newest of them may be a late one, and
   * what is missing next to it so much newer.
   */
  private long notLateItself(long newestMicros, long upTo) {
    HeldEntries held = stream.held;
    long came = held.countBetween(Long.MIN_VALUE, upTo);
    boolean areFew = came < FEW && FEW_OF * came < held.holesUpTo(upTo);
    return areFew ? newestMicros + stream.lateness.allowedMicros() : newestMicros;
  }

  private long newestOfUnplaced(long upTo, boolean isOfLines) {
    long allowed = stream.lateness.allowedMicros();
    long newest = stream.held.newestUpTo(upTo, allowed);
    if (newest == Long.MIN_VALUE) {
      return newest();
    }
    return isOfLines ? withLines(newest) + allowed : notLateItself(newest, upTo);
  }

  /**
   * @param above what is missing behind this offset counts
   */
  private long oldestOfUnplaced(long above) {
    HeldEntries held = stream.held;
    if (held.currentIsEmpty()) {
      return oldestOfHole();
    }
    long oldest =
        lateBehind(held.oldestOfCurrent())
            - stream.offsets.linesBefore(stream.intake.firstEntryAt());
    // what was written before its first entry is as old as what had been in order
    return above + 1 < held.firstOffset() ? Math.min(oldest, oldestOfHole()) : oldest;
  }

  /** A line that could not be used and came behind the last entry is so much newer, about. */
  private long withLines(long newestMicros) {
    long behind = stream.offsets.linesBehind(stream.intake.lastEntryAt());
    return behind == 0 || newestMicros == Long.MAX_VALUE
        ? newestMicros
        : newestMicros + behind + stream.lateness.allowedMicros();
  }

  /** What an event may have that is late behind one of that time, at least. */
  private long lateBehind(long micros) {
    long allowed = stream.lateness.allowedMicros();
    return Math.max(micros, Long.MIN_VALUE + allowed) - allowed;
  }
}
