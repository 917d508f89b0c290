package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.position.Losses;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import io.github.allsourceconnect.source.decision.position.StoredPositions;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What came, or is known to exist, is produced or counted: also where what is held leaves no room,
 * where its leader is gone before its place was found, and where lines could not be used.
 */
class NothingForgottenTest extends DrivenFollower {
  private static final long SMALL = 16_000;

  private int next;

  /** Entries fill what is held before their place is known; more is left in the buffer. */
  private Epoch full(GapPolicy policy, int first, Set<Integer> holes) {
    start(policy, AT_10, SMALL, LEADERS);
    caughtUp(10);
    fill(first, holes);
    bufferEmpty = false;
    return orders.epoch;
  }

  private void fill(int first, Set<Integer> holes) {
    for (next = first; follower.wantsEntries(); next++) {
      if (!holes.contains(next)) {
        live(spread(next).event(), next);
      }
    }
  }

  private void otherLeader() {
    follower.onLiveClosed(orders.epoch, "the leader is lost");
    awaitConnection();
    if (orders.epoch.leader() == 0) {
      follower.onLiveClosed(orders.epoch, "refused");
      awaitConnection();
    }
    assertEquals(1, orders.epoch.leader());
  }

  /** The leader says that it is at that offset, also when it is asked again with 0. */
  private void liveAt(long offset) {
    follower.onLiveCaughtUp(orders.epoch, offset);
    step();
    for (int i = 0; i < 3 && orders.epoch.connection() != orders.seen; i++) {
      orders.seen = orders.epoch.connection();
      follower.onLiveCaughtUp(orders.epoch, offset);
      step();
    }
  }

  private void steps(int count) {
    for (int i = 0; i < count; i++) {
      step();
    }
  }

  private void late(Epoch of, int number, long offset) {
    follower.onEntry(of, new WalEntry(offset, "", spread(number).event(), 0, null, null));
    produce();
  }

  /** Each snapshot that is asked for is answered so, until there is room again or all is over. */
  private void untilThereIsRoom(Consumer<Integer> answers) {
    for (int i = 0; i < 20_000 && !follower.wantsEntries() && orders.failure == null; i++) {
      if (!Objects.equals(orders.snapshot, answered)) {
        answers.accept(i);
        produce();
      }
      step();
    }
    assertTrue(follower.wantsEntries() || orders.failure != null, follower.toString());
  }

  private void none(long currentOffset) {
    answered = orders.snapshot;
    follower.onSnapshotNone(answered, currentOffset);
  }

  /** Each snapshot that is asked for has these rows, until the event is produced. */
  private void until(int number, List<SnapshotRow> rows) {
    for (int i = 0; i < 6 && orders.failure == null && !has(number); i++) {
      steps(2_000);
      if (!Objects.equals(orders.snapshot, answered)) {
        answer(rows);
      }
    }
    follower.onCommitted(follower.emitted());
    steps(10);
    follower.onCommitted(follower.emitted());
  }

  private boolean has(int number) {
    return orders.produced.contains(String.valueOf(number));
  }

  private static List<SnapshotRow> rows(int first, int last) {
    return IntStream.rangeClosed(first, last).mapToObj(DrivenFollower::spread).toList();
  }

  private void inOrderTo11(GapPolicy policy) {
    start(policy, AT_10);
    caughtUp(10);
    live(11, 11);
    awaitSnapshot();
    answer(List.of());
  }

  // ---- clocks

  /** The leader says how many it has, and one that it has written since has a clock of long ago. */
  @Test
  void whatTheLeaderHasNumberedIsLookedForWhateverItsTime() {
    start(GapPolicy.REPAIR, SourcePosition.START);
    caughtUp(0);
    IntStream.rangeClosed(1, 50).forEach(number -> live(spread(number).event(), number));
    awaitSnapshot();
    answer(rows(1, 50));
    follower.onLiveClosed(orders.epoch, "cut");
    caughtUp(51);
    List<SnapshotRow> rows = new ArrayList<>(List.of(row(51, -3_600_000_000L)));
    rows.addAll(rows(1, 50));
    until(51, rows);
    assertTrue(has(51));
    assertEquals(51, orders.produced.size());
  }

  // ---- no room

  /** Every third is missing, without an end: there never is a clean cut. */
  @Test
  void whatIsHeldIsProducedInParts() {
    start(GapPolicy.REPAIR, AT_10, SMALL, LEADERS);
    caughtUp(10);
    List<Integer> missing = new ArrayList<>();
    for (int number = 11; number <= 400; number++) {
      if (number % 3 == 0) {
        missing.add(number);
        continue;
      }
      int upTo = number;
      bufferEmpty = false;
      untilThereIsRoom(i -> answer(rows(11, upTo)));
      bufferEmpty = true;
      live(spread(number).event(), number);
    }
    until(400, rows(11, 400));
    assertEquals(rows(11, 400).size(), Set.copyOf(orders.produced).size());
    List<Integer> numbers = orders.produced.stream().map(Integer::valueOf).toList();
    assertEquals(numbers.stream().sorted().toList(), numbers, "in order, each once");
    assertNull(orders.failure);
    assertTrue(missing.size() > follower.ledger().snapshotRequests, "a snapshot serves many");
  }

  /** Behind it nothing is missing, and the stream never pauses. */
  @Test
  void aStreamBehindOneHoleCostsNoMoreSnapshots() {
    start(GapPolicy.REPAIR, AT_10, SMALL, LEADERS);
    caughtUp(10);
    for (int number = 11; number <= 600; number++) {
      if (number != 14) {
        int upTo = number;
        bufferEmpty = false;
        untilThereIsRoom(i -> answer(rows(11, upTo)));
        live(spread(number).event(), number);
      }
    }
    assertTrue(has(500) && has(14), follower.toString());
    assertTrue(follower.ledger().snapshotRequests <= 3, "" + follower.ledger().snapshotRequests);
    assertEquals(0, follower.ledger().unverifiedRepairs);
  }

  /** All that is held was written in less time than entries may be late. */
  @Test
  void aPartThatMayNotBeThereAsAWholeIsUnverified() {
    start(GapPolicy.REPAIR, AT_10, SMALL, LEADERS);
    caughtUp(10);
    List<SnapshotRow> missing = new ArrayList<>();
    for (next = 11; follower.wantsEntries(); next++) {
      SnapshotRow row = row(next, 200_000 + next * 100L);
      if (next % 3 > 0) {
        live(row.event(), next);
      } else {
        missing.add(row);
      }
    }
    bufferEmpty = false;
    untilThereIsRoom(i -> answer(missing));
    assertTrue(follower.ledger().unverifiedRepairs > 0);
  }

  @Test
  void nothingIsProducedInPartsWhereAGapIsToFail() {
    start(GapPolicy.FAIL, AT_10, SMALL, LEADERS);
    caughtUp(10);
    for (int number = 15; number <= 200 && orders.failure == null; number++) {
      if (number % 3 > 0) {
        int upTo = number;
        bufferEmpty = false;
        untilThereIsRoom(i -> answer(rows(11, upTo)));
        live(spread(number).event(), number);
      }
    }
    assertTrue(orders.failure.contains("gap.policy=fail"), orders.failure);
    assertEquals(List.of(), orders.produced);
  }

  @Test
  void aLeaderThatReplaysSaysNothingOfTheConnectionBefore() {
    Epoch old = full(GapPolicy.REPAIR, 15, Set.of());
    otherLeader();
    follower.onLiveReplays(orders.epoch);
    step();
    untilThereIsRoom(
        i -> {
          answered = orders.snapshot;
          follower.onSnapshotReplays(answered);
        });
    late(old, next, next);
    bufferEmpty = true;
    until(next, List.of());
    assertNotNull(orders.failure, "11 to 14 are known to be missing, or else were fetched");
  }

  @Test
  void aLogsSnapshotDoesNotWaitForRoomForEver() {
    full(GapPolicy.REPAIR, 15, Set.of());
    otherLeader();
    follower.onLiveSnapshotStart(orders.epoch, true);
    untilThereIsRoom(i -> none(1));
  }

  @Test
  void theSameLeaderWithoutFilesIsNotAskedForEver() {
    full(GapPolicy.REPAIR, 15, Set.of());
    follower.onLiveClosed(orders.epoch, "cut");
    caughtUp(next + 3);
    untilThereIsRoom(i -> none(next + 3));
  }

  @Test
  void aHoleOfALeaderWithoutFilesDoesNotHoldUpTheStreamForEver() {
    start(GapPolicy.CONTINUE, AT_10, SMALL, LEADERS);
    caughtUp(10);
    live(spread(11).event(), 11);
    awaitSnapshot();
    answer(List.of());
    fill(13, Set.of());
    bufferEmpty = false;
    follower.onLiveClosed(orders.epoch, "cut");
    caughtUp(next + 3);
    untilThereIsRoom(i -> none(next + 3));
  }

  @Test
  void aHoleIsCountedThoughTheOtherLeadersFilesCanNotBeRead() {
    start(GapPolicy.CONTINUE, AT_10, SMALL, LEADERS);
    caughtUp(0);
    caughtUp(0);
    int offset = 1;
    for (; follower.wantsEntries(); offset++) {
      if (offset != 5) {
        live(spread(20 + offset).event(), offset);
      }
    }
    Epoch old = orders.epoch;
    bufferEmpty = false;
    otherLeader();
    liveAt(0);
    untilThereIsRoom(
        i -> {
          answered = orders.snapshot;
          follower.onSnapshotDamaged(answered, "a bad page", "Mend it.", false);
        });
    late(old, 20 + offset, offset);
    bufferEmpty = true;
    until(-1, List.of());
    assertEquals(1, follower.ledger().unaccounted, "25");
  }

  // ---- forgotten for want of room

  @Test
  void whatWasForgottenIsCountedThoughTheSumIsRight() {
    start(GapPolicy.CONTINUE, AT_10, SMALL, LEADERS);
    caughtUp(10);
    otherLeader();
    liveAt(60);
    int number = 11;
    for (; number <= 50; number++) {
      live(spread(number).event(), number);
    }
    follower.onLiveClosed(orders.epoch, "cut");
    awaitConnection();
    liveAt(60);
    for (; number <= 90; number++) {
      live(spread(number).event(), number);
    }
    follower.onLiveClosed(orders.epoch, "the leader is lost");
    awaitConnection();
    if (orders.epoch.leader() == 1) {
      follower.onLiveClosed(orders.epoch, "refused");
      awaitConnection();
    }
    liveAt(89);
    live(spread(200).event(), 90);
    awaitSnapshot();
    List<SnapshotRow> rows = new ArrayList<>(rows(11, 89));
    rows.add(spread(200));
    answer(rows);
    until(200, rows);
    assertTrue(has(90) || follower.ledger().unaccounted == 1, "90 had come from the other leader");
  }

  @Test
  void whatAnotherLeaderLackedIsCountedThoughTheSumIsRight() {
    start(GapPolicy.CONTINUE, AT_10);
    caughtUp(10);
    otherLeader();
    liveAt(60);
    live(spread(11).event(), 11);
    live(spread(13).event(), 13);
    follower.onLiveClosed(orders.epoch, "the leader is lost");
    awaitConnection();
    if (orders.epoch.leader() == 1) {
      follower.onLiveClosed(orders.epoch, "refused");
      awaitConnection();
    }
    liveAt(12);
    live(spread(20).event(), 13);
    awaitSnapshot();
    List<SnapshotRow> rows = List.of(spread(11), spread(13), spread(20));
    answer(rows);
    until(20, rows);
    assertEquals(1, follower.ledger().unaccounted, "12 of the other leader");
  }

  @Test
  void namesThatAreSettledDoNotHideWhatIsFound() {
    SourcePosition position =
        new SourcePosition(
            10,
            0,
            0,
            new SourcePosition.Missing(0, Events.event(13, "{}").micros(), 5, 1),
            AT_10.produced(),
            0,
            0,
            true,
            LEADERS.get(0),
            1,
            Losses.NONE,
            false);
    start(GapPolicy.REPAIR, position, SMALL, LEADERS);
    caughtUp(10);
    int offset = 11;
    for (int connection = 0; connection < 3; connection++) {
      for (; follower.wantsEntries(); offset++) {
        live(spread(offset).event(), offset);
      }
      bufferEmpty = connection < 2;
      follower.onLiveClosed(orders.epoch, "cut");
      caughtUp(offset - 1);
    }
    awaitSnapshot();
    answer(rows(11, offset - 1));
    bufferEmpty = true;
    steps(10);
    otherLeader();
    liveAt(0);
    live(row(900, 9_000_000).event(), 3);
    awaitSnapshot();
    Event found = Events.event(12, Events.BASE_MICROS + 12, "{}", "type", "entity");
    answer(List.of(new SnapshotRow(found, 0, 0)));
    until(900, List.of());
    assertNull(orders.failure);
  }

  // ---- lines that could not be used

  /** Nothing is held behind it when the connection is cut. */
  @Test
  void aLineAtTheEndIsKnownToTheNextConnection() {
    inOrderTo11(GapPolicy.REPAIR);
    follower.onCorruptSkipped(orders.epoch, 12);
    step();
    follower.onLiveClosed(orders.epoch, "cut");
    caughtUp(12);
    live(13, 13);
    awaitSnapshot();
    answer(List.of());
    until(13, List.of());
    assertNull(orders.failure);
    assertTrue(has(13));
    assertEquals(1, follower.ledger().unaccounted);
  }

  @Test
  void aLineBehindTheLastThatIsHeldIsKnownToTheNextConnection() {
    inOrderTo11(GapPolicy.REPAIR);
    live(13, 13);
    follower.onCorruptSkipped(orders.epoch, 14);
    step();
    follower.onLiveClosed(orders.epoch, "cut");
    caughtUp(14);
    live(15, 15);
    awaitSnapshot();
    List<SnapshotRow> rows = List.of(new SnapshotRow(Events.event(12, "{}"), 0, 0));
    answer(rows);
    until(15, rows);
    assertNull(orders.failure);
    assertTrue(has(15));
  }

  @Test
  void aLineAloneBeforeThePlaceIsKnownIsKnownToTheNextConnection() {
    start(GapPolicy.REPAIR, AT_10);
    caughtUp(10);
    follower.onCorruptSkipped(orders.epoch, 11);
    step();
    follower.onLiveClosed(orders.epoch, "cut");
    caughtUp(11);
    live(12, 12);
    awaitSnapshot();
    answer(List.of());
    until(12, List.of());
    assertNull(orders.failure);
    assertTrue(has(12));
  }

  @Test
  void aLineIsKnownToTheNextTask() {
    inOrderTo11(GapPolicy.REPAIR);
    follower.onCorruptSkipped(orders.epoch, 12);
    live(13, 13);
    SourcePosition kept = kept();
    assertEquals(1, StoredPositions.skipped(kept.missing()));
    start(GapPolicy.REPAIR, kept);
    caughtUp(13);
    live(14, 14);
    awaitSnapshot();
    List<SnapshotRow> rows = List.of(new SnapshotRow(Events.event(13, "{}"), 0, 0));
    answer(rows);
    until(14, rows);
    assertNull(orders.failure);
    assertTrue(has(14));
    assertEquals(1, follower.ledger().unaccounted);
  }

  /** A bad copy, and then the entry itself. */
  @Test
  void aLineWhoseEntryComesAfterAllStandsForNoOther() {
    inOrderTo11(GapPolicy.REPAIR);
    follower.onCorruptSkipped(orders.epoch, 12);
    live(12, 12);
    live(13, 13);
    SourcePosition kept = kept();
    assertEquals(SourcePosition.Missing.NONE, kept.missing());
    start(GapPolicy.REPAIR, kept);
    caughtUp(13);
    live(15, 15);
    awaitSnapshot();
    answer(List.of());
    until(15, List.of());
    assertNotNull(orders.failure, "14 is nowhere");
  }

  @Test
  void aLineBeforeTheFirstStandsForNoneBetween() {
    start(GapPolicy.REPAIR, AT_10);
    caughtUp(10);
    follower.onCorruptSkipped(orders.epoch, 11);
    for (int number = 12; number < 20; number++) {
      if (number != 16) {
        live(spread(number).event(), number);
      }
    }
    otherLeader();
    liveAt(0);
    live(row(31, 5_000_000).event(), 1);
    awaitSnapshot();
    answer(List.of());
    until(31, List.of());
    assertNotNull(orders.failure, "16 is nowhere");
  }
}
