package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.Losses.Reason;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * The events that are known to exist and have come from nowhere: a hole was open when its leader
 * was lost. As long as whoever goes on may have them, they are <em>open</em>, and what came behind
 * them waits. When that one lacks them they are <em>passed over</em>: the rest is produced, and
 * they stay on the books until they are found or given up.
 *
 * <pre>
 *   a hole is lost with its leader      open   += events of it
 *   found in time                       open   -= 1
 *   whoever is followed lacks them      passedOver += open, open = 0
 *   found after all                     passedOver -= 1, counted as late
 *   given up                            passedOver = 0, a loss
 * </pre>
 *
 * Those whose lines could not be used may stay missing: they are counted apart ({@code skipped},
 * {@code skippedPassed}), nobody fails for them, and they are a loss when their numbering ends.
 *
 * <p>While any is left the position does not get past {@link #notBehind}. Not thread-safe.
 */
public final class OwedEvents {
  /** So many of those that had come are told by their ids, of more only how many they are. */
  static final int NAMED_MAX = 16_384;

  /** An event is hardly ever later than this and yet has a lower offset, whatever was measured. */
  private static final long LATENESS_FLOOR_MICROS = 50_000;

  private long open;

  private long skipped;
  private long passedOver;
  private long skippedPassed;
  private long newestMicros = Long.MAX_VALUE;
  private long after;
  private long upTo;

  /** Others are behind this offset of another numbering, up to that one. */
  private long alsoAfter;

  private long alsoUpTo;
  private String leader = "";
  private Reason reason = Reason.LEADER_LOST;
  private long notBehind = Long.MAX_VALUE;
  private boolean judged;

  /** Some were missed among the entries of another leader: no count of this one's tells of them. */
  private boolean ofAnotherLeader;

  /** Of those that had come, and were forgotten: the open ones. */
  private final Map<HeldEntries.Id, Event> named = new HashMap<>();

  /** And those that are passed over. */
  private final Set<HeldEntries.Id> namedPassed = new HashSet<>();

  /** None of them is older; {@link Long#MAX_VALUE} while there is none. */
  private long oldestMicros = Long.MAX_VALUE;

  /**
   * What a position says.
   *
   * @param watermark event time of the position's watermark: none of them is older
   * @param of the leader in whose numbering they were missed; empty when not known
   */
  void load(SourcePosition.Missing missing, long watermark, String of) {
    leader = of;
    open = missing.events();
    skipped = missing.skipped();
    passedOver = missing.passedOver();
    notBehind = watermark;
    oldestMicros = all() > 0 ? watermark : Long.MAX_VALUE;
    newestMicros = missing.newestMicros();
    after = missing.after();
  }

  /** The connection is gone that could have brought them. */
  void are(Lack lack) {
    open = lack.events();
    skipped = lack.mayStay();
    notBehind = lack.all() > 0 ? Math.min(notBehind, lack.oldestMicros()) : notBehind;
    oldestMicros = lack.all() > 0 ? Math.min(oldestMicros, lack.oldestMicros()) : oldestMicros;
    newestMicros = lack.newestMicros();
    if (passedOver + skippedPassed == 0) {
      after = lack.after();
      upTo = lack.upTo();
      leader = lack.leader();
    }
  }

  /**
   * So many more: a connection is gone whose place had not been found out.
   *
   * @param another whether it was another leader's than the one whose numbering is known
   */
  void areToo(Lack lack, boolean another) {
    ofAnotherLeader |= another;
    if (all() == 0) {
      are(lack);
      return;
    }
    open += lack.events();
    skipped += lack.mayStay();
    notBehind = Math.min(notBehind, lack.oldestMicros());
    oldestMicros = Math.min(oldestMicros, lack.oldestMicros());
    newestMicros = Math.max(newestMicros, lack.newestMicros());
    alsoAfter = lack.after();
    alsoUpTo = lack.upTo();
  }

  /** The last offset of the numbering in which they were missed first; 0 when not known. */
  long upTo() {
    return upTo;
  }

  /** These, too: they had come, and are forgotten. */
  void more(List<Event> events) {
    if (all() == 0 && !events.isEmpty()) {
      newestMicros = Long.MIN_VALUE;
    }
    open += events.size();
    for (Event event : events) {
      notBehind = Math.min(notBehind, event.micros());
      oldestMicros = Math.min(oldestMicros, event.micros());
      newestMicros = Math.max(newestMicros, event.micros());
      if (named.size() + namedPassed.size() < NAMED_MAX) {
        named.put(HeldEntries.Id.of(event), event.withoutContent());
      }
    }
  }

  /** Whether it is known to be one of them. */
  boolean isNamed(Event event) {
    HeldEntries.Id id = named.isEmpty() && namedPassed.isEmpty() ? null : HeldEntries.Id.of(event);
    return id != null && (named.containsKey(id) || namedPassed.contains(id));
  }

  private long all() {
    return open + skipped + passedOver + skippedPassed;
  }

  /** How many they are of which only the time is known. */
  long nameless() {
    return Math.max(0, all() - named.size() - namedPassed.size());
  }

  /**
   * Whether the sum of a numbering tells nothing of all of them, even if it is right: some had
   * come, or another leader had them.
   *
   * @param isThere whether an event has been produced, or is found
   */
  public boolean areApart(Predicate<Event> isThere) {
    return ofAnotherLeader || !named.values().stream().allMatch(isThere);
  }

  /** How many may still be had, but for those that may stay missing. */
  long open() {
    return open;
  }

  /** How many lines could not be used: so many of the offsets to come may stay missing. */
  long skipped() {
    return skipped;
  }

  /** All whose lines could not be used. */
  long allSkipped() {
    return skipped + skippedPassed;
  }

  /** How many the events behind them have not waited for any longer. */
  public long passedOver() {
    return passedOver;
  }

  /** Whether it is certain that whoever is followed now lacks those that are passed over. */
  public boolean judged() {
    return judged;
  }

  /** None of them is much newer than this; {@link Long#MAX_VALUE} when not known. */
  long newestMicros() {
    return newestMicros;
  }

  /** They are behind this offset of a numbering that is not followed any more; 0 if not known. */
  public long after() {
    return after;
  }

  /** The position must not get past this event time, so that they can be told when they come. */
  long notBehind() {
    return all() > 0 ? notBehind : Long.MAX_VALUE;
  }

  /**
   * Whether an event may be one of them. An event with a lower offset than the newest that came is
   * at most so much newer as entries have been late, and none is older than what had been produced
   * when they were missed, but for what entries are allowed to be late.
   *
   * @param latenessMicros the greatest seen
   */
  boolean mayBe(Event event, long latenessMicros) {
    return (oldestMicros == Long.MAX_VALUE || event.micros() >= oldestMicros)
        && (newestMicros == Long.MAX_VALUE
            || event.micros() <= newestMicros + Math.max(latenessMicros, LATENESS_FLOOR_MICROS));
  }

  /** Whether the offset is of one of them, if it is of the numbering in which they were missed. */
  boolean mayBeAt(long offset) {
    return passedOver + skippedPassed == 0
        && ((offset > after && offset <= upTo) || (offset > alsoAfter && offset <= alsoUpTo));
  }

  /**
   * So many of them have been produced.
   *
   * @return how many of those had been passed over, so that they came late
   */
  long paid(long events) {
    long left = events;
    long taken = Math.min(left, open);
    open -= taken;
    left -= taken;
    taken = Math.min(left, skipped);
    skipped -= taken;
    left -= taken;
    long late = Math.min(left, passedOver);
    passedOver -= late;
    taken = Math.min(left - late, skippedPassed);
    skippedPassed -= taken;
    return late + taken;
  }

  /** The same of those. */
  long paid(OwedFound found) {
    long late = paid(found.count());
    named.keySet().removeAll(found.named());
    namedPassed.removeAll(found.named());
    return late;
  }

  /** One that was forgotten has come again. */
  void cameAgain(Event event) {
    named.remove(HeldEntries.Id.of(event));
    namedPassed.remove(HeldEntries.Id.of(event));
    paid(1);
  }

  /** Whoever is followed lacks those that are open: nothing waits for them any longer. */
  void passOver() {
    passedOver += open;
    open = 0;
    namedPassed.addAll(named.keySet());
    named.clear();
    judged = passedOver > 0;
  }

  /** Another numbering begins, and those that may stay missing are nowhere. */
  Losses.Loss skippedAreNowhere() {
    Losses.Loss loss = loss(allSkipped(), Reason.CORRUPT);
    skipped = 0;
    skippedPassed = 0;
    return loss;
  }

  /** So many more are passed over, without having been open here. */
  void passOver(Lack lack) {
    if (lack.all() > 0 && lack.oldestMicros() > Long.MIN_VALUE) {
      notBehind = Math.min(notBehind, lack.oldestMicros());
    }
    oldestMicros = lack.all() > 0 ? Math.min(oldestMicros, lack.oldestMicros()) : oldestMicros;
    if (passedOver + skippedPassed == 0) {
      after = lack.after();
      newestMicros = lack.newestMicros();
      leader = lack.leader();
      reason = Reason.NOT_FOUND;
    }
    upTo = lack.upTo();
    passedOver += lack.events();
    skippedPassed += lack.mayStay();
    judged = passedOver > 0;
  }

  /** The numbering is established: what was open was counted with it. */
  void settled() {
    open = 0;
    skipped = 0;
    alsoUpTo = 0;
    named.clear();
    ofAnotherLeader = false;
    if (all() == 0) {
      namedPassed.clear();
      notBehind = Long.MAX_VALUE;
      oldestMicros = Long.MAX_VALUE;
    }
    judged = passedOver > 0;
  }

  /** A leader is followed of which nothing is known yet. */
  void unjudged() {
    judged = false;
  }

  /** They are given up. */
  Losses.Loss giveUp() {
    Losses.Loss loss = loss(passedOver, reason);
    passedOver = 0;
    namedPassed.clear();
    judged = false;
    if (all() == 0) {
      clear();
    }
    return loss;
  }

  private Losses.Loss loss(long events, Reason why) {
    return new Losses.Loss(
        leader,
        after == 0 ? 0 : after + 1,
        upTo,
        events,
        notBehind == Long.MAX_VALUE ? Long.MIN_VALUE : notBehind,
        newestMicros,
        why);
  }

  /** Nothing of all that matters any more. */
  void clear() {
    open = 0;
    skipped = 0;
    passedOver = 0;
    skippedPassed = 0;
    named.clear();
    namedPassed.clear();
    ofAnotherLeader = false;
    notBehind = Long.MAX_VALUE;
    oldestMicros = Long.MAX_VALUE;
    judged = false;
    upTo = 0;
    alsoUpTo = 0;
    reason = Reason.LEADER_LOST;
  }
}
