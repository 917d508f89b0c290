package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.source.decision.position.Losses.Loss;
import io.github.allsourceconnect.source.decision.position.Losses.Reason;
import io.github.allsourceconnect.source.decision.position.LostHole;
import java.util.Comparator;

/**
 * Events owed ({@link OwedEvents}) of which the same is known: whose numbering they are of, and
 * between which offsets and event times they lie. Those whose lines could not be used, and which
 * may therefore stay missing, are counted apart. Not thread-safe.
 */
public final class OwedGroup {
  /** An event is hardly ever later than this and yet has a lower offset, whatever was measured. */
  private static final long LATENESS_FLOOR_MICROS = 50_000;

  /** By the newest; of two the one that begins later. */
  static final Comparator<OwedGroup> THE_FIRST_TO_END =
      Comparator.<OwedGroup>comparingLong(group -> group.newestMicros)
          .thenComparing(
              Comparator.comparingLong((OwedGroup group) -> group.oldestMicros).reversed());

  private final String leader;
  private final long after;
  private long upTo;
  private final Reason reason;
  private long oldestMicros;
  private long newestMicros;
  private long open;
  private long skipped;
  private long passedOver;
  private long skippedPassed;
  private boolean isAtItsLeader;

  private OwedGroup(
      String leader, long after, long upTo, Reason reason, long oldestMicros, long newestMicros) {
    this.leader = leader;
    this.after = after;
    this.upTo = upTo;
    this.reason = reason;
    this.oldestMicros = oldestMicros;
    this.newestMicros = newestMicros;
  }

  /** Whoever is followed may have them. */
  static OwedGroup open(Lack lack) {
    OwedGroup group = of(lack, Reason.LEADER_LOST);
    group.open = lack.events();
    group.skipped = lack.mayStay();
    return group;
  }

  /** Whoever is followed lacks them. */
  static OwedGroup passedOver(Lack lack, Reason reason) {
    OwedGroup group = of(lack, reason);
    group.passedOver = lack.events();
    group.skippedPassed = lack.mayStay();
    return group;
  }

  private static OwedGroup of(Lack lack, Reason reason) {
    return new OwedGroup(
        lack.leader(), lack.after(), lack.upTo(), reason, lack.oldestMicros(), lack.newestMicros());
  }

  /** One that a position tells of. */
  static OwedGroup of(LostHole hole) {
    Loss all = hole.all();
    OwedGroup group =
        new OwedGroup(
            all.leader(),
            Math.max(0, all.firstOffset() - 1),
            all.lastOffset(),
            all.reason(),
            all.fromMicros(),
            all.toMicros());
    group.open = hole.open();
    group.passedOver = hole.passedOver();
    group.skipped = hole.skipped();
    return group;
  }

  /** What a position says of it. */
  LostHole hole() {
    return new LostHole(open, passedOver, allSkipped(), loss(all(), reason));
  }

  /** None yet; each that {@link #came} widens the time between which they lie. */
  static OwedGroup empty() {
    return new OwedGroup("", 0, 0, Reason.LEADER_LOST, Long.MAX_VALUE, Long.MIN_VALUE);
  }

  /** This one, too: it had come. */
  void came(Event event) {
    open++;
    oldestMicros = Math.min(oldestMicros, event.micros());
    newestMicros = Math.max(newestMicros, event.micros());
  }

  /** The other's are of this group from now on, and less is known of them. */
  void absorb(OwedGroup other) {
    open += other.open;
    skipped += other.skipped;
    passedOver += other.passedOver;
    skippedPassed += other.skippedPassed;
    oldestMicros = Math.min(oldestMicros, other.oldestMicros);
    newestMicros = Math.max(newestMicros, other.newestMicros);
    upTo = leader.equals(other.leader) ? Math.max(upTo, other.upTo) : upTo;
    other.clear();
  }

  // ---- what is asked

  long open() {
    return open;
  }

  long skipped() {
    return skipped;
  }

  long passedOver() {
    return passedOver;
  }

  long allSkipped() {
    return skipped + skippedPassed;
  }

  /** Those that must be found. */
  long wanted() {
    return open + passedOver;
  }

  /** And those that may stay missing. */
  long all() {
    return wanted() + allSkipped();
  }

  /**
   * Whether none is waited for, and it was another leader than this that had them. Who has lost
   * them may find them again.
   */
  boolean isLostFor(String followed) {
    return all() == passedOver && !leader.isEmpty() && !leader.equals(followed);
  }

  /** The leader whose they were is the only one that is followed. */
  void onlyLeaderIs(String address) {
    isAtItsLeader = leader.equals(address);
  }

  /**
   * Whether what that leader has of the time is fetched, whatever has been produced, so that any of
   * it may be one of them.
   */
  boolean isAtItsLeader() {
    return isAtItsLeader;
  }

  long after() {
    return after;
  }

  long newestMicros() {
    return newestMicros;
  }

  /**
   * The position must not get past this event time; {@link Long#MAX_VALUE} for those of no known
   * time that nothing waits for.
   */
  long notBehind() {
    return oldestMicros == Long.MIN_VALUE && open + skipped == 0 ? Long.MAX_VALUE : oldestMicros;
  }

  /**
   * Whether an event may be one of them. An event with a lower offset than the newest that came is
   * at most so much newer as entries have been late, and none is older than what had been produced
   * when they were missed, but for what entries are allowed to be late.
   *
   * @param latenessMicros the greatest seen
   */
  boolean mayBe(Event event, long latenessMicros) {
    return event.micros() >= oldestMicros
        && (newestMicros == Long.MAX_VALUE
            || event.micros() <= newestMicros + Math.max(latenessMicros, LATENESS_FLOOR_MICROS));
  }

  /** Whether the offset is of one of them, if it is of the numbering in which they were missed. */
  boolean mayBeAt(long offset) {
    return passedOver + skippedPassed == 0 && offset > after && offset <= upTo;
  }

  /** Whether an offset of this leader's numbering is of one of them for all that is known. */
  boolean mayHave(String numberedBy, long offset) {
    return leader.equals(numberedBy) && offset > after && (upTo == 0 || offset <= upTo);
  }

  /** What is left when so many of them have been produced. */
  OwedGroup without(long events) {
    OwedGroup group = new OwedGroup(leader, after, upTo, reason, oldestMicros, newestMicros);
    group.open = open;
    group.skipped = skipped;
    group.passedOver = passedOver;
    group.skippedPassed = skippedPassed;
    group.paid(events);
    return group;
  }

  // ---- what becomes of them

  /**
   * So many of them have been produced, if there are as many: first those that must be found.
   *
   * @return how many of those had been passed over, so that they came late
   */
  long paid(long events) {
    long left = events;
    long inTime = Math.min(left, open);
    left -= inTime;
    long late = paidLate(left);
    left -= late;
    long lines = Math.min(left, skipped);
    left -= lines;
    long lateLines = Math.min(left, skippedPassed);
    open -= inTime;
    skipped -= lines;
    skippedPassed -= lateLines;
    return late + lateLines;
  }

  /**
   * So many of those that had been passed over have been produced.
   *
   * @return how many of them there were
   */
  long paidLate(long events) {
    long late = Math.min(events, passedOver);
    passedOver -= late;
    return late;
  }

  /** Whoever is followed lacks those that are open. */
  void passOver() {
    passedOver += open;
    open = 0;
  }

  /** What was open was counted with a numbering. */
  void settled() {
    open = 0;
    skipped = 0;
  }

  /** Those that may stay missing are nowhere. */
  Loss skippedAreNowhere() {
    Loss loss = loss(allSkipped(), Reason.CORRUPT);
    skipped = 0;
    skippedPassed = 0;
    return loss;
  }

  /** Those that are passed over are given up. */
  Loss giveUp() {
    Loss loss = loss(passedOver, reason);
    passedOver = 0;
    return loss;
  }

  private void clear() {
    settled();
    passedOver = 0;
    skippedPassed = 0;
  }

  private Loss loss(long events, Reason why) {
    return new Loss(
        leader,
        after == 0 ? 0 : after + 1,
        upTo,
        events,
        oldestMicros == Long.MAX_VALUE ? Long.MIN_VALUE : oldestMicros,
        newestMicros == Long.MIN_VALUE ? Long.MAX_VALUE : newestMicros,
        why);
  }
}
