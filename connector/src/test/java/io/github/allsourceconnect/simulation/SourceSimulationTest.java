package io.github.allsourceconnect.simulation;

import static io.github.allsourceconnect.simulation.history.HistoryAssertions.assertFound;
import static io.github.allsourceconnect.simulation.history.HistoryAssertions.assertPromiseKept;
import static io.github.allsourceconnect.simulation.history.HistoryAssertions.assertRepeatable;
import static io.github.allsourceconnect.simulation.history.HistoryAssertions.mayThrow;

import io.github.allsourceconnect.source.decision.Follower;
import io.github.allsourceconnect.source.decision.PlantedPaceFault;
import io.github.allsourceconnect.source.decision.SimulatedFollowers;
import io.github.allsourceconnect.source.decision.SimulatedFollowers.PlantedFault;
import io.github.allsourceconnect.source.decision.orders.FollowerOrders;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The promise, in 5,000 simulated histories; and that the simulator would find it broken. */
class SourceSimulationTest {
  private static final long SEEDS = 5_000;

  /** Within so many seeds each planted fault is found. */
  private static final long SEEDS_FOR_A_FAULT = 4_000;

  @Test
  void noEventIsLostDoubledOrOutOfOrder() {
    assertPromiseKept(SourceHistories.REAL, SEEDS);
  }

  /** Clocks that are off where a numbering begins, or in a hole; each lost something once. */
  @Test
  void whatOnceBrokeThePromiseKeepsIt() {
    long[] seeds = {21217, 27190, 27401, 27957, 28812, 29267, 29376, 61269, 62827};
    assertPromiseKept(SourceHistories.REAL, seeds);
  }

  /**
   * What {@code no_data} passed over stood for what was missing; so did rows at a seam for an event
   * whose clock was ahead, and another leader's numbers by chance.
   */
  @Test
  void whatOnceMadeTheSumRightMakesItRightNoMore() {
    long[] seeds = {40005322, 40019872, 40020784, 40021280};
    assertPromiseKept(SourceHistories.REAL, seeds);
  }

  /**
   * What came over a connection that was lost before its place was known stayed owed; a hole was
   * passed over though its entry was in the buffer; a credit stood for an event whose clock was
   * ahead; and what came late was not said.
   */
  @Test
  void whatWasOnceForgottenWithAConnectionIsNot() {
    long[] seeds = {41040813, 41041366, 41053716, 41060403};
    assertPromiseKept(SourceHistories.REAL, seeds);
  }

  /**
   * One event was taken for another: at a seam, behind a cut, among skipped lines. What a lost
   * leader left was dropped or forgotten. A position had a list without end, and a connection was
   * given up for another.
   */
  @Test
  void whatWasOnceTakenForAnotherIsNot() {
    long[] atSeams = {42067478, 42098451, 43015502, 43049672, 43051383};
    assertPromiseKept(SourceHistories.REAL, atSeams);
    long[] others = {42066855, 43003521, 43020216, 43042920};
    assertPromiseKept(SourceHistories.REAL, others);
  }

  /**
   * A position said that what still waited was produced; rows of an inexact repair stood for
   * others; lines that could not be used were forgotten, or counted for ever; a part was not there
   * as a whole.
   */
  @Test
  void whatOnceWasCountedTwiceOrNotAtAllCountsOnce() {
    long[] losses = {54029041, 64026584, 62074598, 64068158};
    assertPromiseKept(SourceHistories.REAL, losses);
    long[] counts = {53020441, 61009159, 62045939, 62061075, 65063403, 62003507, 70093566};
    assertPromiseKept(SourceHistories.REAL, counts);
  }

  /**
   * What one lost hole lacked was found where another's rows were; what a repair that broke off had
   * found was taken for another hole's; a sum was right by chance with another leader, while rows
   * may have stood for what was missing. Of a hole of which a slow link had brought few entries,
   * the rest seemed to be too new.
   */
  @Test
  void noLostHoleStandsForAnother() {
    long[] seeds = {72101898, 80037380, 80024453, 82053488, 82088014};
    assertPromiseKept(SourceHistories.REAL, seeds);
  }

  /** A burst had shown places that a calm stream took minutes for. */
  @Test
  void aHoleInACalmStreamDoesNotWaitForWhatABurstHasShown() {
    long[] seeds = {84111446, 84177310};
    assertPromiseKept(SourceHistories.REAL, seeds);
  }

  /**
   * What was missing before the first entry of a connection without a place seemed to be as new as
   * that entry; what a repair had no quota for, next to a cut that was forced, nobody brought; a
   * row that its version told from what comes next was left for the stream; and that a cut was
   * forced was said behind what it brought out of order.
   */
  @Test
  void whatLiesNextToACutIsNeitherMissedNorLate() {
    long[] seeds = {88009330, 90002492, 90021479, 91027199, 94054428};
    assertPromiseKept(SourceHistories.REAL, seeds);
  }

  /**
   * A row that is awaited was not looked for where its clock says, or was counted as settled though
   * it was owed; with another leader a sum that was right by chance hid lines that could not be
   * used; and a first snapshot that broke off had produced what a lost leader had brought, after
   * which nothing said that others of its may be missing. Where only the silence of a connection
   * that was swallowed said that rows lie before the cut, their offsets were missing later.
   */
  @Test
  void whatIsAwaitedOrSkippedIsFoundOrCounted() {
    long[] seeds = {92009756, 92003490, 94019737, 95085222, 98071594, 98121265};
    assertPromiseKept(SourceHistories.REAL, seeds);
  }

  /** Entries that came over a slow link were taken for such as were written after the snapshot. */
  @Test
  void aSlowLinkDoesNotTellWhatLiesBeforeTheCut() {
    long[] seeds = {104013333};
    assertPromiseKept(SourceHistories.REAL, seeds);
  }

  /**
   * Behind a failover, where versions begin lower, a row filled a hole that rows which had been
   * passed over were in; and rows that may have been produced stood for an event that was ahead. A
   * first event an hour ahead made all that followed seem to have been produced. Of two rows next
   * to a cut the one that was written later was produced, and the other left for the stream.
   * Entries of a connection that was gone were taken for such of another numbering.
   */
  @Test
  void whatIsNotKnownStandsForNothing() {
    long[] seeds = {108091705, 107011459, 116043058, 117043571, 120091005};
    assertPromiseKept(SourceHistories.REAL, seeds);
  }

  /** It was not among the entries between which others were missing, but before them. */
  @Test
  void whatComesLateBeforeTheFirstEntryIsProduced() {
    long[] seeds = {82009284};
    assertPromiseKept(SourceHistories.REAL, seeds);
  }

  /** Lists that were full, and lost all their chunks at once. */
  @Test
  void whatCutWholeListsCutsTheOldest() {
    long[] seeds = {302, 21331};
    assertPromiseKept(SourceHistories.REAL, seeds);
  }

  @ParameterizedTest
  @EnumSource(PlantedFault.class)
  void aPlantedFaultIsFound(PlantedFault fault) {
    // what few histories show is looked for near one that does: the others take their time
    long first =
        switch (fault) {
          case MISSING_FORGOTTEN, OWED_TAKEN_FOR_FOUND -> 491;
          case BEYOND_FORGOTTEN -> 1_201;
          case ONE_HOLE_FOR_ANOTHER -> 72_101_891;
          case LATE_REPORTS_COUNT -> 10_781;
          case LEFT_ROWS_FORGOTTEN -> 6_701;
          case FORGOTTEN_FOR_GOOD -> 3_741;
          case BEGINNING_TAKEN_FOR_EXACT -> 40_005_321;
          case LINES_STAND_FOR_LATER -> 6_781;
          case NOTHING_ON_ITS_WAY -> 62_003_506;
          case INEXACT_ROWS_COUNT -> 64_026_583;
          case NUMBERED_NOT_LOOKED_FOR -> 64_068_157;
          case ROWS_PAST_CAUGHT_UP -> 65_073_300;
          case LINES_SETTLED_BY_CHANCE -> 95_085_221;
          case SILENCE_SETTLES_ROWS -> 98_121_261;
          default -> 1;
        };
    assertFound(fault, mayThrow(SourceHistories.with(with(fault))), first, SEEDS_FOR_A_FAULT);
  }

  @ParameterizedTest
  @EnumSource
  void aFaultThatLosesNothingIsFound(PlantedPaceFault fault) {
    long first = fault == PlantedPaceFault.CLEAN_CUT_NEVER_FOUND ? 611 : 1;
    assertFound(fault, mayThrow(SourceHistories.with(fault::follower)), first, SEEDS_FOR_A_FAULT);
  }

  private static SourceSimulation.FollowerFactory with(PlantedFault fault) {
    return new SourceSimulation.FollowerFactory() {
      @Override
      public Follower make(
          FollowerSettings settings,
          SourcePosition position,
          FollowerOrders orders,
          RandomGenerator jitter) {
        return SimulatedFollowers.faulty(fault, settings, position, orders, jitter);
      }

      @Override
      public SourcePosition merge(Map<Integer, SourcePosition> stored) {
        return SimulatedFollowers.merge(fault, stored);
      }
    };
  }

  @Test
  void aSeedGivesTheSameHistoryEachTime() {
    assertRepeatable(SourceHistories.REAL);
  }
}
