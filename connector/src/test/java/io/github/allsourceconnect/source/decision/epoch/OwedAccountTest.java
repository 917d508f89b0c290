package io.github.allsourceconnect.source.decision.epoch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.SourcePosition.Missing;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The account of events that are known to exist and came from nowhere. */
class OwedAccountTest {
  private static final String LEADER = "leader-1:3910";

  /** An event is hardly ever later than this. */
  private static final long LATE_MICROS = 50_000;

  private final OwedEvents owed = new OwedEvents();

  private static Event at(long micros) {
    return Events.event(1, micros, "{}", "type", "entity");
  }

  private static boolean mayBe(OwedEvents owed, Event event, long latenessMicros) {
    return owed.groups().stream().anyMatch(group -> group.mayBe(event, latenessMicros));
  }

  private boolean mayBe(Event event, long latenessMicros) {
    return mayBe(owed, event, latenessMicros);
  }

  private boolean mayBeAt(long offset) {
    return owed.groups().stream().anyMatch(group -> group.mayBeAt(offset));
  }

  /** So many of the oldest group. */
  private long paid(long events) {
    return owed.groups().get(0).paid(events);
  }

  private long nameless() {
    return owed.groups().stream().mapToLong(owed::nameless).sum();
  }

  /** Open, and passed over. */
  private void assertOwed(long open, long passedOver) {
    assertEquals(List.of(open, passedOver), List.of(owed.open(), owed.passedOver()));
  }

  @Test
  void whatIsNotOwedIsNoReasonToHoldThePositionBack() {
    owed.load(Missing.NONE, 500, LEADER);
    assertOwed(0, 0);
    assertEquals(Long.MAX_VALUE, owed.notBehind());
    owed.are(new Lack(0, 0, 900, 3, 5, LEADER, 400));
    assertEquals(Long.MAX_VALUE, owed.notBehind());
    owed.are(new Lack(2, 0, 900, 3, 5, LEADER, 700));
    assertEquals(700, owed.notBehind());
    owed.are(new Lack(2, 0, 900, 3, 5, LEADER, 800));
    assertEquals(700, owed.notBehind());
    owed.are(new Lack(2, 0, 900, 3, 5, LEADER, 600));
    assertEquals(600, owed.notBehind());
    owed.are(new Lack(2, 0, 900, 3, 5, LEADER, Long.MIN_VALUE));
    assertEquals(Long.MIN_VALUE, owed.notBehind(), "nothing is known of these");
    owed.passOver();
    assertEquals(600, owed.notBehind());
    owed.giveUp();
    owed.settled();
    assertEquals(Long.MAX_VALUE, owed.notBehind());
  }

  @Test
  void whatAPositionSaysIsOwed() {
    owed.load(new Missing(2, 900, 7, 1), 500, LEADER);
    assertOwed(2, 1);
    assertEquals(500, owed.notBehind());
    assertEquals(900, owed.newestMicros());
    assertEquals(7, owed.after());
    assertFalse(mayBe(at(499), 0), "older than all that is not produced");
    assertTrue(mayBe(at(500), 0));
    OwedEvents passed = new OwedEvents();
    passed.load(new Missing(0, 900, 7, 1), 500, LEADER);
    assertFalse(mayBe(passed, at(499), 0));
  }

  @Test
  void thoseThatMayStayMissingAreLostWhereTheyAreNowhere() {
    owed.are(new Lack(0, 2, 900, 3, 5, LEADER, 400));
    owed.are(new Lack(1, 0, 950, 7, 8, LEADER, 400));
    List<Losses.Loss> losses = owed.skippedAreNowhere();
    assertEquals(new Losses.Loss(LEADER, 4, 5, 2, 400, 900, Losses.Reason.CORRUPT), losses.get(0));
    assertEquals(2, losses.stream().mapToLong(Losses.Loss::events).sum());
    assertEquals(0, owed.skipped());
    assertOwed(1, 0);
    assertEquals(1, owed.groups().size(), "of the others nothing is left");
  }

  @Test
  void anEventOfTheirTimeMayBeOneOfThem() {
    owed.are(new Lack(2, 0, 50_000, 3, 5, LEADER, 10_000));
    assertFalse(mayBe(at(9_999), 0));
    assertTrue(mayBe(at(10_000), 0));
    assertTrue(mayBe(at(50_000 + LATE_MICROS), 0));
    assertFalse(mayBe(at(50_001 + LATE_MICROS), 0));
    assertTrue(mayBe(at(50_000 + 2 * LATE_MICROS), 2 * LATE_MICROS), "the stream shows more");
    assertFalse(mayBe(at(50_001 + 2 * LATE_MICROS), 2 * LATE_MICROS));
    owed.are(new Lack(2, 0, Long.MAX_VALUE, 3, 5, LEADER, 10_000));
    assertTrue(mayBe(at(250_000_000_000_000_000L), 0), "no time is known");
  }

  @Test
  void anOffsetBetweenMayBeOneOfThemUntilTheyArePassedOver() {
    owed.are(new Lack(2, 0, 900, 3, 5, LEADER, 500));
    assertEquals(
        List.of(false, true, true, false), List.of(mayBeAt(3), mayBeAt(4), mayBeAt(5), mayBeAt(6)));
    owed.passOver();
    assertFalse(mayBeAt(4));
  }

  @Test
  void whatIsProducedIsTakenOffTheOpenOnesFirst() {
    owed.load(new Missing(2, 900, 7, 3), 500, LEADER);
    assertEquals(0, paid(1));
    assertOwed(1, 3);
    assertEquals(2, paid(3), "these come late");
    assertOwed(0, 1);
    assertEquals(1, paid(5), "there were no more");
    assertOwed(0, 0);
    owed.more(List.of(Events.event(1, "{}"), Events.event(2, "{}")));
    owed.more(List.of(Events.event(3, "{}")));
    assertOwed(3, 0);
  }

  @Test
  void thoseThatHadComeAreKnownUntilTheyAreThere() {
    owed.are(new Lack(2, 0, 900, 3, 5, LEADER, 500));
    owed.more(List.of(Events.event(1, "{}"), Events.event(2, "{}")));
    assertOwed(4, 0);
    assertEquals(2, nameless());
    assertTrue(owed.isNamed(Events.event(1, "{}")));
    assertFalse(owed.isNamed(Events.event(3, "{}")));
    owed.cameAgain(Events.event(1, "{}"));
    assertOwed(3, 0);
    assertFalse(owed.isNamed(Events.event(1, "{}")));
    owed.passOver();
    owed.settled();
    assertTrue(owed.isNamed(Events.event(2, "{}")), "it is still on the books");
    owed.giveUp();
    assertFalse(owed.isNamed(Events.event(2, "{}")));
    owed.more(List.of(Events.event(4, "{}")));
    owed.settled();
    assertFalse(owed.isNamed(Events.event(4, "{}")));
  }

  /** One of those is passed over, another open: each is taken off what it is of. */
  @Test
  void ofThoseThatHadComeWhatComesAgainIsKnown() {
    owed.more(List.of(Events.event(1, "{}")));
    owed.passOver();
    owed.more(List.of(Events.event(2, "{}")));
    assertOwed(1, 1);
    owed.cameAgain(Events.event(1, "{}"));
    assertOwed(1, 0);
    owed.passOver();
    owed.more(List.of(Events.event(3, "{}")));
    owed.cameAgain(Events.event(3, "{}"));
    assertOwed(0, 1);
    owed.cameAgain(Events.event(2, "{}"));
    assertOwed(0, 0);
    assertTrue(owed.groups().isEmpty());
  }

  @Test
  void ofThoseThatHadComeSoManyAreKnown() {
    owed.more(
        LongStream.rangeClosed(1, OwedEvents.NAMED_MAX + 3)
            .mapToObj(number -> Events.event(number, "{}"))
            .toList());
    assertEquals(3, nameless());
    assertOwed(OwedEvents.NAMED_MAX + 3, 0);
  }

  @Test
  void itIsJudgedWhenWhoeverIsFollowedLacksThem() {
    owed.are(new Lack(2, 0, 900, 3, 5, LEADER, 500));
    assertFalse(owed.judged());
    owed.passOver();
    assertOwed(0, 2);
    assertTrue(owed.judged());
    owed.unjudged();
    assertFalse(owed.judged(), "another leader is followed");
    owed.settled();
    assertTrue(owed.judged());
    assertEquals(500, owed.notBehind(), "they may still come");
    assertFalse(mayBe(at(499), 0));
    paid(2);
    owed.settled();
    assertFalse(owed.judged());
    owed.passOver();
    assertFalse(owed.judged(), "nothing is lacking");
    owed.passOver(new Lack(0, 0, 900, 3, 5, LEADER, 500));
    assertFalse(owed.judged());
  }

  @Test
  void eachHoleIsGivenUpByItsOwnName() {
    owed.passOver(new Lack(2, 0, 900, 3, 5, LEADER, 500));
    owed.passOver(new Lack(1, 0, 1_900, 13, 15, "leader-2:3910", 1_500));
    assertOwed(0, 3);
    assertEquals(3, owed.after(), "of the oldest");
    assertEquals(1_900, owed.newestMicros(), "of all");
    owed.are(new Lack(4, 0, 2_900, 23, 25, "leader-2:3910", 2_500));
    assertEquals(3, owed.after());
    assertEquals(
        List.of(
            new Losses.Loss(LEADER, 4, 5, 2, 500, 900, Losses.Reason.NOT_FOUND),
            new Losses.Loss("leader-2:3910", 14, 15, 1, 1_500, 1_900, Losses.Reason.NOT_FOUND)),
        owed.giveUp().stream().filter(loss -> loss.events() > 0).toList());
    assertOwed(4, 0);
    assertFalse(owed.judged());
    assertEquals(2_500, owed.notBehind(), "those that are open may still be had");
    owed.settled();
    assertEquals(Long.MAX_VALUE, owed.notBehind());
  }

  @Test
  void ofManyHolesTheOldestAreOne() {
    for (int i = 0; i < OwedEvents.GROUPS_MAX + 2; i++) {
      int at = 10 * i;
      owed.passOver(new Lack(1, 1, at + 5, at, at + 2, i < 2 ? LEADER : "another", at));
      if (i == 0) {
        owed.more(List.of(Events.event(1, "{}")));
      }
    }
    owed.passOver();
    assertEquals(OwedEvents.GROUPS_MAX, owed.groups().size());
    assertOwed(0, OwedEvents.GROUPS_MAX + 3);
    assertTrue(owed.isNamed(Events.event(1, "{}")));
    assertEquals(6, owed.allSkipped());
    List<Losses.Loss> losses = owed.giveUp();
    assertEquals(new Losses.Loss(LEADER, 0, 2, 1, 0, 5, Losses.Reason.NOT_FOUND), losses.get(0));
    assertEquals(OwedEvents.GROUPS_MAX + 3, losses.stream().mapToLong(Losses.Loss::events).sum());
  }

  @Test
  void theirOffsetIsTheOneThatIsKnown() {
    owed.more(List.of(Events.event(1, "{}")));
    assertEquals(0, owed.after());
    owed.are(new Lack(2, 0, 900, 3, 5, LEADER, 500));
    owed.are(new Lack(2, 0, 900, 7, 9, LEADER, 500));
    assertEquals(3, owed.after());
  }

  @Test
  void howFarANumberingIsCountedIsKnownUntilItIsSettled() {
    owed.are(new Lack(1, 0, 900, 3, 5, LEADER, 500));
    owed.came(at(600), 4, 0);
    owed.more(List.of(Events.event(1, "{}")));
    assertEquals(5, owed.upTo(), "though nothing of it is missing any more");
    owed.areOfUnplaced(new Lack(1, 0, 900, 6, 8, "", 500), false);
    assertEquals(5, owed.upTo(), "of the first");
    owed.settled();
    assertEquals(0, owed.upTo());
    owed.areOfUnplaced(new Lack(1, 0, 900, 6, 8, "", 500), false);
    assertEquals(8, owed.upTo());
  }

  @Test
  void anOffsetOfTheirNumberingIsOneOfThem() {
    owed.passOver(new Lack(1, 0, 900, 3, 5, LEADER, 500));
    owed.passOver(new Lack(1, 0, 1_900, 13, 15, "leader-2:3910", 1_500));
    assertFalse(owed.cameAt("leader-2:3910", 4));
    assertFalse(owed.cameAt(LEADER, 14));
    assertOwed(0, 2);
    assertTrue(owed.cameAt("leader-2:3910", 14));
    assertOwed(0, 1);
    assertEquals(LEADER, owed.giveUp().get(0).leader());
  }

  @Test
  void whatIsGivenUpIsNamedAsFarAsItIsKnown() {
    owed.are(new Lack(2, 0, 900, 3, 5, LEADER, 500));
    owed.passOver();
    assertEquals(
        new Losses.Loss(LEADER, 4, 5, 2, 500, 900, Losses.Reason.LEADER_LOST),
        owed.giveUp().get(0));

    OwedEvents unknown = new OwedEvents();
    unknown.load(new Missing(0, Long.MAX_VALUE, 0, 2), Long.MAX_VALUE, "");
    assertEquals(
        new Losses.Loss("", 0, 0, 2, Long.MIN_VALUE, Long.MAX_VALUE, Losses.Reason.LEADER_LOST),
        unknown.giveUp().get(0));
  }

  @Test
  void whatIsForgottenWhenTheFirstHaveComeAgainIsOwedToo() {
    owed.more(List.of(Events.event(1, "{}")));
    owed.cameAgain(Events.event(1, "{}"));
    owed.more(List.of(Events.event(2, "{}")));
    assertOwed(1, 0);
    assertEquals(0, nameless());
  }

  /** Of what another leader had the numbers of the one that is known tell nothing. */
  @Test
  void noSumTellsOfAnotherLeadersUntilAllAreThere() {
    owed.areOfUnplaced(new Lack(2, 0, 900, 3, 5, "", 500), true);
    owed.came(at(600), 4, 0);
    assertTrue(owed.areApart(Set.of()), "one is missing");
    owed.came(at(700), 5, 0);
    owed.are(new Lack(1, 0, 900, 3, 5, LEADER, 500));
    assertFalse(owed.areApart(Set.of()));
  }
}
