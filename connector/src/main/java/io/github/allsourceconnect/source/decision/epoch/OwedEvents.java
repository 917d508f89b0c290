package io.github.allsourceconnect.source.decision.epoch;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.Losses.Reason;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.ToLongFunction;

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
 * Those whose lines could not be used may stay missing: they are counted apart ({@code skipped}),
 * nobody fails for them, and they are a loss when their numbering ends. Each hole is a group of its
 * own ({@link OwedGroup}), so that what one lacks does not stand for what another does; {@link
 * OwedFound} tells how many are found of which.
 *
 * <p>While any is left the position does not get past {@link #notBehind}. Not thread-safe.
 */
public final class OwedEvents {
  /** So many of those that had come are told by their ids, of more only how many they are. */
  static final int NAMED_MAX = 16_384;

  /** So many are kept apart; the oldest two are one when there are more. */
  static final int GROUPS_MAX = 4;

  /** The oldest first; none is empty. */
  private final List<OwedGroup> groups = new ArrayList<>();

  /** Those that had come, and were forgotten; one of the groups, or null. */
  private OwedGroup forgotten;

  /** Of those the open ones, as far as they are told by their ids. */
  private final Set<HeldEntries.Id> named = new HashSet<>();

  /** And those that are passed over. */
  private final Set<HeldEntries.Id> namedPassed = new HashSet<>();

  /** Up to here what is missing of the numbering at hand is among them, or has been. */
  private long upTo;

  private long newestKnown = Long.MAX_VALUE;
  private boolean judged;

  /** Some were missed among the entries of another leader: no count of this one's tells of them. */
  private boolean ofAnotherLeader;

  /** Rows may stand for some that are then not among these. */
  private boolean mayBeMore;

  // ---- what is owed

  /**
   * What a position says.
   *
   * @param watermark event time of the position's watermark: none of them is older
   * @param of the leader in whose numbering those were missed that are not of a connection that had
   *     gone before; empty when not known
   */
  void load(SourcePosition.Missing missing, long watermark, String of) {
    newestKnown = missing.newestMicros();
    missing.lost().forEach(hole -> add(OwedGroup.of(hole)));
    OwedGroup group =
        OwedGroup.open(
            new Lack(
                missing.events(),
                missing.skipped(),
                missing.newestMicros(),
                missing.after(),
                0,
                of,
                watermark));
    group.absorb(
        OwedGroup.passedOver(
            new Lack(
                missing.passedOver(), 0, missing.newestMicros(), missing.after(), 0, of, watermark),
            Reason.LEADER_LOST));
    add(group);
  }

  /** No other leader is followed than this one. */
  public void onlyLeaderIs(String address) {
    groups.forEach(group -> group.onlyLeaderIs(address));
  }

  /** The connection is gone that could have brought them. */
  void are(Lack lack) {
    upTo = lack.upTo();
    add(OwedGroup.open(lack));
  }

  /**
   * The same of a connection whose place had not been found out.
   *
   * @param another whether it was another leader's than the one whose numbering is known
   */
  void areOfUnplaced(Lack lack, boolean another) {
    ofAnotherLeader |= another;
    upTo = upTo == 0 || groups.isEmpty() ? lack.upTo() : upTo;
    add(OwedGroup.open(lack));
  }

  /** What a connection without a place lacked may have been brought by rows, or not. */
  void mayBeMore() {
    mayBeMore = true;
  }

  /**
   * Whether more may be missing than is known. Only the leader whose numbering is known can tell:
   * with another one a sum that is right is so by chance.
   */
  boolean areUncertain() {
    return mayBeMore;
  }

  /** These, too: they had come, and are forgotten. */
  void more(List<Event> events) {
    OwedGroup group = forgotten == null ? OwedGroup.empty() : forgotten;
    for (Event event : events) {
      group.came(event);
      if (told() < NAMED_MAX) {
        named.add(HeldEntries.Id.of(event));
      }
    }
    if (forgotten == null && !events.isEmpty()) {
      forgotten = group;
      add(group);
    }
  }

  /** So many more are passed over, without having been open here. */
  void passOver(Lack lack) {
    add(OwedGroup.passedOver(lack, Reason.NOT_FOUND));
    judged = passedOver() > 0;
  }

  private void add(OwedGroup group) {
    if (group.all() > 0) {
      groups.add(group);
    }
    for (int i = 0; groups.size() > GROUPS_MAX; i++) {
      if (groups.get(i) != forgotten && groups.get(i + 1) != forgotten) {
        groups.get(i).absorb(groups.remove(i + 1));
      }
    }
  }

  // ---- what is asked

  /** Those of which the same is known are together; the oldest first. */
  public List<OwedGroup> groups() {
    return groups;
  }

  private long sum(ToLongFunction<OwedGroup> what) {
    return groups.stream().mapToLong(what).sum();
  }

  /** How many may still be had, but for those that may stay missing. */
  long open() {
    return sum(OwedGroup::open);
  }

  /** How many lines could not be used: so many of the offsets to come may stay missing. */
  long skipped() {
    return sum(OwedGroup::skipped);
  }

  /** All whose lines could not be used. */
  long allSkipped() {
    return sum(OwedGroup::allSkipped);
  }

  /** How many the events behind them have not waited for any longer. */
  public long passedOver() {
    return sum(OwedGroup::passedOver);
  }

  /** Whether it is certain that whoever is followed now lacks those that are passed over. */
  public boolean judged() {
    return judged;
  }

  /** Whether it is known to be one of them. */
  boolean isNamed(Event event) {
    HeldEntries.Id id = named.isEmpty() && namedPassed.isEmpty() ? null : HeldEntries.Id.of(event);
    return id != null && (named.contains(id) || namedPassed.contains(id));
  }

  /** How many are told by nothing but their times. */
  long nameless(OwedGroup group) {
    return Math.max(0, group.all() - (group == forgotten ? told() : 0));
  }

  private int told() {
    return named.size() + namedPassed.size();
  }

  /**
   * Whether the sum of a numbering tells nothing of all of them, even if it is right: some had
   * come, or another leader had them.
   *
   * @param found those of them that are there after all
   */
  public boolean areApart(Set<HeldEntries.Id> found) {
    return ofAnotherLeader || !found.containsAll(named);
  }

  /** What is left of each group when these have been found; none is empty. */
  List<OwedGroup> without(OwedFound found) {
    if (groups.isEmpty()) { // asked for each record of a first snapshot
      return groups;
    }
    List<OwedFound.Share> shares = found.shares();
    List<OwedGroup> left = new ArrayList<>();
    for (OwedGroup group : groups) {
      long events = group == forgotten ? found.named().size() : 0;
      for (OwedFound.Share share : shares) {
        events += share.group() == group && !group.isAtItsLeader() ? share.events() : 0;
      }
      left.add(group.without(events));
    }
    left.removeIf(group -> group.all() == 0);
    return left;
  }

  /** None of them is much newer than this; {@link Long#MAX_VALUE} when not known. */
  long newestMicros() {
    return groups.stream().mapToLong(OwedGroup::newestMicros).max().orElse(newestKnown);
  }

  /** They are behind this offset of a numbering that is not followed any more; 0 if not known. */
  long after() {
    return groups.stream().mapToLong(OwedGroup::after).filter(at -> at > 0).findFirst().orElse(0);
  }

  /** The same in words, behind a word; empty if not known. */
  public String behind() {
    return after() > 0 ? " behind offset " + after() : "";
  }

  /**
   * Up to this offset, of the numbering in which they were missed first, all that is missing has
   * been counted; 0 when not known.
   */
  long upTo() {
    return upTo;
  }

  /** The position must not get past this event time, so that they can be told when they come. */
  long notBehind() {
    long oldest = Long.MAX_VALUE;
    for (OwedGroup group : groups) { // asked for each event
      oldest = Math.min(oldest, group.notBehind());
    }
    return oldest;
  }

  // ---- what becomes of them

  /** One that was forgotten has come again. */
  void cameAgain(Event event) {
    namedPaid(Set.of(HeldEntries.Id.of(event)));
  }

  /**
   * An entry has come whose connection's place is not known: one of these, for all that is known.
   */
  void came(Event event, long offset, long latenessMicros) {
    for (OwedGroup group : groups) {
      if (group.mayBeAt(offset) && group.mayBe(event, latenessMicros)) {
        paid(group, 1);
        return;
      }
    }
  }

  /**
   * The event of an offset of this leader's numbering has come after all.
   *
   * @return whether it was one of these
   */
  boolean cameAt(String leader, long offset) {
    for (OwedGroup group : groups) {
      if (group.mayHave(leader, offset) && group.passedOver() > 0) {
        return paid(group, 1) > 0;
      }
    }
    return false;
  }

  /**
   * These have been found and produced; of those that are told by their ids only what has not come
   * again meanwhile.
   *
   * @return how many of those had been passed over, so that they came late
   */
  long paid(OwedFound found) {
    return paid(found, true);
  }

  /**
   * The same where not all rows of the snapshot have been produced. Of a leader that is asked
   * whatever has been produced, the first ones tell nothing.
   */
  long paidInPart(OwedFound found) {
    return paid(found, false);
  }

  private long paid(OwedFound found, boolean isAll) {
    long late = 0;
    for (OwedFound.Share share : found.shares()) {
      if (isAll || !share.group().isAtItsLeader()) {
        late += paid(share.group(), share.events());
      }
    }
    return late + namedPaid(found.named());
  }

  private long namedPaid(Set<HeldEntries.Id> ids) {
    int open = named.size();
    int passed = namedPassed.size();
    named.removeAll(ids);
    namedPassed.removeAll(ids);
    open -= named.size();
    passed -= namedPassed.size();
    if (open + passed == 0) {
      return 0;
    }
    return forgotten.paidLate(passed) + paid(forgotten, open);
  }

  private long paid(OwedGroup group, long events) {
    long late = group.paid(events);
    dropEmpty();
    return late;
  }

  /** Whoever is followed lacks those that are open: nothing waits for them any longer. */
  void passOver() {
    groups.forEach(OwedGroup::passOver);
    namedPassed.addAll(named);
    named.clear();
    judged = passedOver() > 0;
  }

  /** Another numbering begins, and those that may stay missing are nowhere. */
  List<Losses.Loss> skippedAreNowhere() {
    List<Losses.Loss> losses = groups.stream().map(OwedGroup::skippedAreNowhere).toList();
    dropEmpty();
    return losses;
  }

  /** The numbering is established: what was open was counted with it. */
  void settled() {
    groups.forEach(OwedGroup::settled);
    upTo = 0;
    named.clear();
    ofAnotherLeader = false;
    mayBeMore = false;
    dropEmpty();
    judged = passedOver() > 0;
  }

  /** A leader is followed of which nothing is known yet. */
  void unjudged() {
    judged = false;
  }

  /** Those that are passed over are given up. */
  List<Losses.Loss> giveUp() {
    List<Losses.Loss> losses = groups.stream().map(OwedGroup::giveUp).toList();
    namedPassed.clear();
    judged = false;
    dropEmpty();
    return losses;
  }

  private void dropEmpty() {
    groups.removeIf(group -> group.all() == 0);
    if (!groups.contains(forgotten)) {
      forgotten = null;
      named.clear();
      namedPassed.clear();
    }
    ofAnotherLeader &= !groups.isEmpty();
  }
}
