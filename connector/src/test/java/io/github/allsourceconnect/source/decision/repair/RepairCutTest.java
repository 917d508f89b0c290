package io.github.allsourceconnect.source.decision.repair;

import static io.github.allsourceconnect.source.decision.repair.RepairCut.QUIET_MS;
import static io.github.allsourceconnect.source.decision.repair.Surroundings.micros;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.position.Lateness;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredPositions;
import io.github.allsourceconnect.source.decision.repair.RepairCut.Choice;
import org.junit.jupiter.api.Test;

/** Up to which offset a repair reaches. */
class RepairCutTest {
  /** So many entries without a hole, and so much time, must lie on either side of a clean cut. */
  private static final int RUN = 32;

  private static final long RUN_MICROS = 250_000;
  private static final long RACE_MICROS = 50_000;
  private static final long SCAN_MS = 20;
  private static final SourcePosition AT_3 = StoredPositions.at(3, micros(3), "leader-1:3910");

  private final Surroundings around =
      new Surroundings(SnapshotMode.INITIAL, GapPolicy.REPAIR, AT_3).connected();
  private final RepairCut cut = around.cut;

  private RepairCutTest() {
    cut.begin(around.now);
  }

  private Choice choose() {
    return cut.choose(around.now);
  }

  private void assertCutAt(long offset) {
    assertEquals(Choice.CHOSEN, choose());
    assertEquals(offset, cut.offset());
  }

  // ---- when nothing is held

  @Test
  void inOrderNothingHeldMeansThatNothingIsMissing() {
    around.establishedAt(3);
    assertEquals(Choice.NOT_NEEDED, choose());
  }

  @Test
  void aConnectionThatBringsNothingIsGivenAMoment() {
    around.now += Surroundings.GAP_TIMEOUT_MS - 1;
    assertEquals(Choice.NOT_YET, choose());
    around.now++;
    assertEquals(Choice.CHOSEN, choose());
    assertEquals(0, cut.offset());
    assertEquals(Long.MAX_VALUE, cut.micros(), "all rows count");
    assertEquals(Long.MAX_VALUE, cut.newest());
    assertFalse(cut.isLast());
  }

  @Test
  void aConnectionThatMayHaveBroughtSomethingIsNotCutWithoutIt() {
    around.now += Surroundings.GAP_TIMEOUT_MS;
    around.stream.tick(around.now, false);
    assertEquals(Choice.NOT_YET, choose());
  }

  // ---- when the stream is quiet

  @Test
  void whenNothingMoreComesItIsTheLastEntry() {
    around.came(4, 6);
    around.now += QUIET_MS - 1;
    assertEquals(Choice.NOT_YET, choose());
    around.now++;
    assertCutAt(6);
    assertTrue(cut.isLast());
    assertEquals(micros(6), cut.newest());
    assertEquals(micros(6) + RUN_MICROS, cut.micros(), "and what may be late behind it");
  }

  @Test
  void whatWaitsInTheBufferIsNotQuiet() {
    around.came(4, 6);
    around.now += QUIET_MS;
    around.stream.tick(around.now, false);
    assertEquals(Choice.NOT_YET, choose());
    around.stream.tick(around.now, true);
    assertEquals(Choice.CHOSEN, choose());
  }

  /** What came over the connection before says nothing of this one. */
  @Test
  void aConnectionThatWasJustMadeIsNotQuiet() {
    around.came(4, 6);
    around.live.closed(around.now);
    around.now += 10 * QUIET_MS;
    around.connected().came(4, 6);
    long made = around.now;
    around.live.closed(around.now);
    around.connected();
    assertTrue(around.now > made);
    around.stream.held.mark(8, micros(8)); // held, though the last entry came long ago
    long live = around.live.liveSince();
    assertEquals(Choice.NOT_YET, cut.choose(live + QUIET_MS - 1));
    assertEquals(Choice.CHOSEN, cut.choose(live + QUIET_MS));
  }

  @Test
  void theNextCutIsTheLastEntryOnlyIfItIsQuietAgain() {
    around.came(4, 6);
    around.now += QUIET_MS;
    assertCutAt(6);
    around.came(7);
    assertEquals(Choice.NOT_YET, choose());
    assertFalse(cut.isLast());
  }

  // ---- while the stream goes on

  @Test
  void itIsWhereEnoughEntriesFollowOneAnotherOnBothSides() {
    around.cameInARow(6, 6 + 2 * RUN - 1);
    assertEquals(Choice.NOT_YET, choose());
    around.now += SCAN_MS;
    around.came(6 + 2 * RUN);
    assertCutAt(6 + RUN);
    assertFalse(cut.isLast());
    assertEquals(micros(6 + RUN), cut.micros());
    assertEquals(micros(6 + RUN), cut.newest());
    assertEquals(micros(6 + 2 * RUN), cut.newestHeld());
  }

  @Test
  void theLastSuchPlaceIsTaken() {
    around.cameInARow(6, 6 + 3 * RUN - 1);
    assertCutAt(6 + RUN);
    around.now += SCAN_MS;
    around.came(6 + 3 * RUN);
    assertCutAt(6 + 2 * RUN);
  }

  @Test
  void behindAHoleItBeginsAnew() {
    around.cameInARow(6, 6 + 2 * RUN - 1).cameInARow(7 + 2 * RUN, 7 + 4 * RUN - 1);
    assertEquals(Choice.NOT_YET, choose());
    around.now += SCAN_MS;
    around.came(7 + 4 * RUN);
    assertCutAt(7 + 3 * RUN);
  }

  @Test
  void aStretchThatIsTooShortTakesNothingFromTheOneBefore() {
    around.cameInARow(6, 6 + 2 * RUN).cameInARow(8 + 2 * RUN, 9 + 3 * RUN);
    assertCutAt(6 + RUN);
  }

  @Test
  void itIsClearlyBehindWhatWasProducedInParts() {
    around.cameInARow(6, 6 + 2 * RUN);
    cut.partIsProduced(micros(6 + RUN) - RUN_MICROS - 1);
    assertCutAt(6 + RUN);
    around.now += SCAN_MS;
    cut.partIsProduced(micros(6 + RUN) - RUN_MICROS);
    assertEquals(Choice.NOT_YET, choose());
  }

  @Test
  void aHoleIsNoneWhereTheLeaderLeavesOffsetsOut() {
    around.stream.offsets.holesAreNone(true);
    around.cameInARow(6, 6 + RUN / 2).cameInARow(8 + RUN / 2, 6 + 2 * RUN);
    assertCutAt(6 + RUN);
  }

  /** Many at once: what a store has under way is told by time as well. */
  @Test
  void enoughTimeMustLieOnBothSidesToo() {
    long step = 5_000;
    long steps = RUN_MICROS / step;
    for (long n = 0; n < 2 * steps; n++) {
      around.cameAt(6 + n, micros(6) + n * step);
    }
    assertEquals(Choice.NOT_YET, choose());
    around.now += SCAN_MS;
    around.cameAt(6 + 2 * steps, micros(6) + 2 * steps * step);
    assertCutAt(6 + steps);
  }

  /** The run begins with an entry whose clock is ahead: the time is counted from the oldest. */
  @Test
  void theTimeOfARunIsCountedFromItsOldest() {
    around.cameAt(6, micros(6) + RUN_MICROS / 2).cameAt(7, micros(6));
    for (long n = 2; n <= RUN; n++) {
      around.cameAt(6 + n, micros(6) + n);
    }
    around.cameAt(7 + RUN, micros(6) + RUN_MICROS);
    for (long n = 8 + RUN; n <= 7 + 2 * RUN; n++) {
      around.cameAt(n, micros(6) + RUN_MICROS * 3 / 2 + n);
    }
    around.cameAt(8 + 2 * RUN, micros(6) + 2 * RUN_MICROS);
    assertCutAt(7 + RUN);
  }

  /** In a burst one was many places late, and milliseconds: of a calm stream only these count. */
  @Test
  void placesThatABurstHasShownAreNotWaitedForInACalmStream() {
    Surroundings calm = behindABurst();
    calm.cut.begin(calm.now);
    int enough = 2 * RUN - 1;
    calm.cameInARow(6, 5 + 2 * enough);
    assertEquals(Choice.NOT_YET, calm.cut.choose(calm.now));
    calm.now += SCAN_MS;
    calm.came(6 + 2 * enough);
    assertEquals(Choice.CHOSEN, calm.cut.choose(calm.now));
    assertEquals(6 + enough, calm.cut.offset());
  }

  @Test
  void aFewClocksThatAreAheadMakeNoCalmStream() {
    Surroundings busy = behindABurst();
    busy.cut.begin(busy.now);
    for (long n = 0; n < 150; n++) {
      boolean isAhead = n >= RUN && n % 4 == 0;
      busy.cameAt(6 + n, micros(6) + n * 1_000 + (isAhead ? 3_600_000_000L : 0));
    }
    assertEquals(Choice.NOT_YET, busy.cut.choose(busy.now));
  }

  /** Not even if it is among the first, whose time tells when the stretch begins. */
  @Test
  void oneClockThatIsAheadDoesNotMakeACalmStreamBusy() {
    Surroundings calm = behindABurst();
    calm.cut.begin(calm.now);
    for (long n = 0; n < 4 * RUN; n++) {
      calm.cameAt(6 + n, micros(6 + n) + (n == 5 ? 3_600_000_000L : 0));
    }
    assertEquals(Choice.CHOSEN, calm.cut.choose(calm.now));
  }

  private static Surroundings behindABurst() {
    Lateness lateness = new Lateness(2_000, 500);
    assertTrue(lateness.cleanRun() > Surroundings.HELD_MAX);
    return new Surroundings(AT_3, lateness).connected();
  }

  /** Looking for it costs a pass over all that is held. */
  @Test
  void itIsNotLookedForAllTheTime() {
    around.came(6);
    assertEquals(Choice.NOT_YET, choose());
    around.cameInARow(7, 6 + 2 * RUN);
    around.now += SCAN_MS - 1;
    assertEquals(Choice.NOT_YET, choose());
    around.now++;
    assertEquals(Choice.CHOSEN, choose());
    assertEquals(around.now + SCAN_MS, cut.wakeAt(around.now));
  }

  // ---- when no more can be held

  @Test
  void whenNoMoreCanBeHeldItIsTheMiddleOfTheLongestRun() {
    around.cameInARow(6, 46).cameInARow(50, 110).cameInARow(112, 150);
    assertEquals(Choice.NOT_YET, choose(), "not while there is room");
    around.cameInARow(155, 212);
    assertFalse(around.stream.held.isFull());
    assertEquals(Choice.NOT_YET, choose());
    around.came(215);
    assertTrue(around.stream.held.isFull());
    assertCutAt(80);
    assertFalse(cut.isLast());
    assertEquals(micros(80), cut.micros());
  }

  @Test
  void ofRunsOfTheSameLengthItIsTheLastOne() {
    around.cameInARow(6, 65).cameInARow(70, 129).cameInARow(140, 199).cameInARow(210, 229);
    assertTrue(around.stream.held.isFull());
    assertCutAt(140 + 59 / 2);
  }

  @Test
  void theLastOneMayBeTheVeryLastToo() {
    around.cameInARow(6, 55).cameInARow(60, 109).cameInARow(120, 169).cameInARow(180, 229);
    assertTrue(around.stream.held.isFull());
    assertCutAt(180 + 49 / 2);
  }

  /** Eight entries on each side will do, if they take as long as entries are late in a race. */
  @Test
  void aCutInAShortRunIsNotBlind() {
    assertEquals("blind", run(15, 10_000, 10_000));
    assertEquals("forced", run(16, 10_000, 10_000));
    assertEquals("forced", run(17, 6_250, 6_250));
    assertEquals("blind", run(17, 6_249, 9_000));
    assertEquals("blind", run(17, 9_000, 6_249));
    assertEquals("forced", run(17, 31_249, 31_250));
    assertEquals("", run(17, 31_250, 31_250), "as long as they may be late");
  }

  /**
   * How a cut is made where only so many follow one another, so far apart up to the middle and
   * behind it.
   */
  private static String run(int length, long before, long behind) {
    Surroundings one = new Surroundings().connected();
    int middle = (length - 1) / 2;
    for (int i = 0; i < length; i++) {
      one.cameAt(6 + i, micros(6) + i * before + Math.max(0, i - middle) * (behind - before));
    }
    for (long offset = 7 + length; !one.stream.held.isFull(); offset += 2) {
      one.came(offset);
    }
    one.cut.begin(one.now);
    assertEquals(Choice.CHOSEN, one.cut.choose(one.now));
    assertEquals(6 + middle, one.cut.offset());
    return one.cut.isBlind() ? "blind" : one.cut.isForced() ? "forced" : "";
  }

  @Test
  void asLateAsEntriesHaveBeenOneMayStillCome() {
    around.came(6);
    assertFalse(cut.mayStillCome(micros(6) - RACE_MICROS));
    assertTrue(cut.mayStillCome(micros(6) - RACE_MICROS + 1));
  }

  @Test
  void aCleanPlaceIsBetterThanTheMiddleOfTheLongestRun() {
    around.cameInARow(6, 46).cameInARow(50, 208);
    assertTrue(around.stream.held.isFull());
    assertCutAt(50 + 3 * RUN);
  }

  @Test
  void whereOffsetsAreLeftOutAllIsOneRun() {
    around.stream.offsets.holesAreNone(true);
    for (long offset = 10; offset < 10 + 2 * Surroundings.HELD_MAX; offset += 2) {
      around.cameAt(offset, micros(10));
    }
    assertTrue(around.stream.held.isFull());
    assertCutAt(10 + Surroundings.HELD_MAX - 2);
  }

  /** Between the entries of its middle third that are furthest apart, if any are further. */
  @Test
  void aPartIsAboutHalfOfWhatIsHeld() {
    int[] ends = {4, 4, 4, 3, 4, 5, 4, 4};
    for (int pause = 0; pause < ends.length; pause++) {
      Surroundings nine = new Surroundings().connected();
      for (int i = 0; i < 9; i++) {
        nine.cameAt(6 + i, micros(6 + i) + (i > pause ? 1 : 0));
      }
      long end = micros(6 + ends[pause]) + (ends[pause] > pause ? 1 : 0);
      assertEquals(end, nine.cut.halfOfHeld(), "a pause behind entry " + pause);
    }
  }

  /** What was produced in parts lies before it, whatever its offsets. */
  @Test
  void behindPartsItIsTheLastEntryIfThereIsNoRunBehindThem() {
    around.cameInARow(6, 45).cameInARow(50, 60);
    for (long offset = 62; !around.stream.held.isFull(); offset += 2) {
      around.came(offset);
    }
    long last = around.stream.held.lastOffset();
    long allowed = around.stream.lateness.allowedMicros();
    cut.partIsProduced(micros(25));
    assertCutAt(last);
    assertEquals(micros(last) + allowed, cut.micros());
    assertTrue(cut.isBlind());
    int middle = (6 + 45) / 2;
    long reserve = micros(middle) - micros(6);
    cut.partsAreSettled();
    cut.partIsProduced(micros(middle) - reserve - 1);
    around.now += SCAN_MS;
    assertCutAt(middle);
    assertFalse(cut.isForced());
    cut.partIsProduced(micros(middle) - reserve);
    around.now += SCAN_MS;
    assertCutAt(last);
  }

  @Test
  void withoutItsLeaderHalfOfWhatIsHeldOrARunIsKept() {
    around.came(6, 7, 9, 10, 12);
    cut.chooseAllButLast();
    assertEquals(9, cut.offset(), "two of five are kept");
    assertFalse(cut.isLast());
    around.cameInARow(13, 112);
    cut.chooseAllButLast();
    assertEquals(112 - RUN, cut.offset());
    assertEquals(micros(112 - RUN), cut.micros());
  }

  // ---- when all has come by itself

  @Test
  void itIsOvertakenWhenTheStreamHasComeUpToIt() {
    around.establishedAt(3).came(5).cutAtTheEnd();
    assertEquals(5, cut.offset());
    assertFalse(cut.isOvertaken());
    around.came(4);
    around.entries.release(around.now);
    assertEquals(4, around.stream.walOffset());
    assertTrue(cut.isOvertaken(), "what is left up to it is in order");
    around.entries.release(around.now);
    assertEquals(5, around.stream.walOffset());
    assertTrue(cut.isOvertaken());
    around.stream.offsets.rowsBeyond(1);
    assertTrue(cut.isOvertaken(), "whatever lies behind it");
  }

  @Test
  void rowsThatMakeUpForAllThatWasMissingDoNotOvertakeIt() {
    around.establishedAt(3).came(5).cutAtTheEnd();
    around.stream.offsets.rowsBeyond(1);
    assertEquals(0, around.stream.offsets.missingUpTo(5));
    assertFalse(cut.isOvertaken(), "nobody but a repair can say which offset the row has");
  }

  @Test
  void whileItIsNotKnownWhereEntriesBelongNothingOvertakesIt() {
    around.came(4, 5).cutAtTheEnd();
    assertEquals(0, around.stream.offsets.missingUpTo(5));
    assertFalse(cut.isOvertaken());
  }
}
