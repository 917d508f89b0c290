package io.github.allsourceconnect.source.decision;

import static io.github.allsourceconnect.source.decision.Scene.AT_10;
import static io.github.allsourceconnect.source.decision.Scene.DEAD_TIMEOUT_MS;
import static io.github.allsourceconnect.source.decision.Scene.GAP_TIMEOUT_MS;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.Ledger;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What an input brings about, and when; and what brings about nothing. */
class FollowerTest {
  private Scene scene;

  private Scene inOrder(GapPolicy policy) {
    scene = Scene.inOrder(SnapshotMode.INITIAL, policy);
    return scene;
  }

  private Scene begun(SnapshotMode mode, SourcePosition position) {
    scene = new Scene(mode, GapPolicy.REPAIR, position);
    return scene;
  }

  // ---- what counts

  /** Every report and answer there is, of this connection and of this request. */
  private static Map<String, Consumer<Scene>> inputs(Epoch epoch, Request request) {
    SnapshotRow row = new SnapshotRow(Events.event(12, "{}"), 0, 0);
    Map<String, Consumer<Scene>> all = new LinkedHashMap<>();
    all.put("caught up", s -> s.follower.onLiveCaughtUp(epoch, 99));
    all.put("snapshot start", s -> s.follower.onLiveSnapshotStart(epoch, false));
    all.put("log's snapshot start", s -> s.follower.onLiveSnapshotStart(epoch, true));
    all.put("replays", s -> s.follower.onLiveReplays(epoch));
    all.put("closed", s -> s.follower.onLiveClosed(epoch, "the test"));
    all.put("probe answered", s -> s.follower.onProbeAnswered(request, true, 99, false));
    all.put("probe failed", s -> s.follower.onProbeFailed(request, "the test", false));
    all.put("snapshot replays", s -> s.follower.onSnapshotReplays(request));
    all.put("no snapshot", s -> s.follower.onSnapshotNone(request, 99));
    all.put("snapshot", s -> s.follower.onSnapshotComplete(request, List.of("a"), 1, 99));
    all.put("snapshot failed", s -> s.follower.onSnapshotFailed(request, "the test"));
    all.put("damaged", s -> s.follower.onSnapshotDamaged(request, "the test", "Mend.", false));
    all.put("row", s -> s.follower.onRow(request, row));
    all.put("end of rows", s -> s.follower.onRowsEnd(request));
    return all;
  }

  @Test
  void reportsOfAnotherConnectionAndAnswersToAnotherRequestChangeNothing() {
    inOrder(GapPolicy.REPAIR).came(13).asked();
    Epoch other = new Epoch(1, scene.epoch.connection() + 1, scene.epoch.numbering());
    Request another = new Request(scene.snapshot.epoch(), scene.snapshot.number() + 1);
    inputs(other, another)
        .forEach(
            (name, input) -> {
              String before = scene.state();
              input.accept(scene);
              assertEquals(before, scene.state(), name);
            });
  }

  @Test
  void behindTheEndNothingCountsAnyMore() {
    inOrder(GapPolicy.REPAIR).came(13).asked();
    scene.follower.fail("the test");
    assertEquals("fail the test", scene.said.get(scene.said.size() - 1));
    Map<String, Consumer<Scene>> inputs = inputs(scene.epoch, scene.snapshot);
    inputs.put("entry", s -> s.came(12));
    inputs.put("end of the log", s -> s.follower.onLogEnd(s.epoch));
    inputs.put("line", s -> s.follower.onCorruptSkipped(s.epoch, 12));
    inputs.put("time", s -> s.tick(60_000));
    inputs.put("another failure", s -> s.follower.fail("another"));
    inputs.forEach(
        (name, input) -> {
          String before = scene.state();
          input.accept(scene);
          assertEquals(before, scene.state(), name);
        });
    assertEquals(0, scene.follower.ledger().corrupt);
    assertEquals(Long.MAX_VALUE, scene.follower.wakeAtMs());
    assertEquals(-1, scene.follower.dueBytes());
    assertEquals("", scene.follower.leavesBehind(), "that was said with the failure");
  }

  /** 12 has come late: with it 13 is in order, too. */
  @Test
  void behindTheEndNothingIsProducedAnyMore() {
    inOrder(GapPolicy.REPAIR).came(13);
    scene.follower.onEntry(scene.epoch, Events.entry(12, "{}"));
    assertTrue(scene.follower.dueBytes() >= 0);
    scene.follower.fail("the test");
    assertEquals(-1, scene.follower.dueBytes());
  }

  @Test
  void noEntryComesOfAConnectionThatIsOver() {
    inOrder(GapPolicy.REPAIR);
    Epoch old = scene.epoch;
    scene.follower.onLiveClosed(old, "the test");
    scene.connectedAgain();
    scene.follower.onLiveCaughtUp(scene.epoch, 11);
    scene.tick(10);
    assertThrows(
        IllegalStateException.class,
        () -> scene.follower.onEntry(old, Events.entry(12, "{}")),
        "the buffer brings them in order");
  }

  // ---- what follows at once, and not with the next input

  @Test
  void aFailureEndsAllAtOnce() {
    inOrder(GapPolicy.REPAIR).came(13);
    for (int i = 0; i < 5; i++) {
      assertEquals("", scene.failure());
      scene.asked();
      scene.follower.onSnapshotDamaged(scene.snapshot, "the test", "Mend.", false);
    }
    assertTrue(scene.failure().contains("could not be read 5 times"), scene.failure());
    assertTrue(scene.follower.toString().startsWith("Failed"), scene.follower.toString());
    assertFalse(scene.follower.wantsEntries());
    assertEquals(Long.MAX_VALUE, scene.follower.wakeAtMs());
  }

  @Test
  void thatThereIsNoSnapshotSettlesTheBeginningAtOnce() {
    begun(SnapshotMode.INITIAL, SourcePosition.START);
    scene.follower.onLiveCaughtUp(scene.epoch, 0);
    scene.tick(10).came(5).asked();
    assertFalse(scene.follower.snapshotDone());
    scene.follower.onSnapshotNone(scene.snapshot, 5);
    assertTrue(scene.follower.snapshotDone());
    scene.produce();
    assertEquals(List.of(5L), scene.events);
    assertEquals(5, scene.follower.position().walOffset());
    assertEquals(Scene.LEADERS.get(0), scene.follower.position().leader());
  }

  @Test
  void thatTheLeaderReplaysSettlesTheBeginningAtOnce() {
    begun(SnapshotMode.INITIAL, SourcePosition.START);
    scene.follower.onLiveCaughtUp(scene.epoch, 0);
    scene.tick(10).came(5).asked();
    scene.follower.onSnapshotReplays(scene.snapshot);
    assertTrue(scene.follower.snapshotDone());
    assertEquals("discard", scene.said.get(scene.said.size() - 1));
    scene.produce();
    assertEquals(List.of(5L), scene.events, "offsets that it leaves out hold nothing");
    assertEquals(5, scene.follower.position().walOffset());
  }

  @Test
  void theEndOfItsRowsIsTheEndOfTheFirstSnapshot() {
    begun(SnapshotMode.INITIAL, SourcePosition.START);
    scene.follower.onLiveCaughtUp(scene.epoch, 0);
    scene.tick(10).came(5).asked();
    scene.follower.onSnapshotComplete(scene.snapshot, List.of("events.parquet"), 1, 0);
    assertTrue(scene.follower.wantsRows());
    assertFalse(scene.follower.wantsEntries(), "none may come in between");
    assertFalse(scene.follower.snapshotDone());
    scene.follower.onRowsEnd(scene.snapshot);
    assertFalse(scene.follower.snapshotDone(), "they are counted only");
    scene.follower.onRowsEnd(scene.snapshot);
    scene.produce();
    assertTrue(scene.follower.snapshotDone());
    assertTrue(scene.follower.wantsEntries());
    assertFalse(scene.follower.wantsRows());
  }

  /** No entry settles it. */
  @Test
  void theLastRowIsTheEndOfAFirstSnapshotWithoutEntries() {
    begun(SnapshotMode.INITIAL, SourcePosition.START);
    scene.follower.onLiveCaughtUp(scene.epoch, 0);
    scene.tick(10).asked().rows(1, 2).asked();
    scene.follower.onSnapshotComplete(scene.snapshot, List.of("events.parquet"), 1, 0);
    for (int pass = 0; pass < 2; pass++) {
      scene.row(1).row(2);
      scene.follower.onRowsEnd(scene.snapshot);
    }
    assertFalse(scene.follower.snapshotDone());
    scene.produce();
    assertEquals(List.of(1L, 2L), scene.events);
    assertTrue(scene.follower.snapshotDone());
  }

  @Test
  void whatHasBeenStoredIsAckedAtOnce() {
    inOrder(GapPolicy.REPAIR).came(12, 13);
    scene.said.clear();
    scene.follower.onCommitted(scene.follower.emitted() - 1);
    assertEquals(List.of("ack 12"), scene.said);
    scene.stored();
    assertEquals(List.of("ack 12", "ack 13"), scene.said);
  }

  // ---- the modes

  @Test
  void initialOnlyEndsWithItsSnapshot() {
    begun(SnapshotMode.INITIAL_ONLY, SourcePosition.START);
    scene.follower.onLiveCaughtUp(scene.epoch, 0);
    scene.tick(10).came(5).asked().rows(3, 4, 5);
    assertEquals(List.of(3L, 4L, 5L), scene.events);
    assertEquals(
        List.of("close 1", "finished"),
        scene.said.subList(scene.said.size() - 2, scene.said.size()));
    assertTrue(scene.follower.position().snapshotDone());
    assertEquals(Long.MAX_VALUE, scene.follower.wakeAtMs());
    assertEquals(-1, scene.follower.dueBytes());
    String before = scene.state();
    scene.tick(60_000);
    assertEquals(before, scene.state());
  }

  @Test
  void initialOnlyWithItsSnapshotDoneHasNothingToDo() {
    begun(SnapshotMode.INITIAL_ONLY, AT_10);
    assertEquals(List.of("finished"), scene.said);
    begun(SnapshotMode.INITIAL_ONLY, SourcePosition.START);
    assertEquals(List.of("connect 1 to 0 with 0"), scene.said);
    begun(SnapshotMode.INITIAL, AT_10);
    assertEquals(List.of("connect 1 to 0 with 10"), scene.said);
  }

  @Test
  void alwaysBeginsAnewWhateverIsStored() {
    begun(SnapshotMode.ALWAYS, AT_10);
    assertEquals(List.of("connect 1 to 0 with 0"), scene.said);
    assertFalse(scene.follower.snapshotDone());
    assertEquals(0, scene.follower.position().walOffset());
    assertEquals(2, scene.follower.position().number(), "numbers go on");
  }

  @ParameterizedTest
  @EnumSource(
      value = SnapshotMode.class,
      names = {"INITIAL", "NO_DATA", "WHEN_NEEDED"})
  void theOtherModesGoOnWithWhatIsStored(SnapshotMode mode) {
    begun(mode, AT_10);
    assertTrue(scene.follower.snapshotDone());
    assertEquals(10, scene.follower.position().walOffset());
  }

  /** Nothing before the first entries is wanted, and one that they overtook may still come. */
  @Test
  void noDataBeginsWithTheFirstEntriesAfterAMoment() {
    begun(SnapshotMode.NO_DATA, SourcePosition.START);
    scene.follower.onLiveCaughtUp(scene.epoch, 20);
    scene.tick(10);
    assertEquals(List.of("connect 1 to 0 with 0"), scene.said);
    scene.tick(5_000).came(22, 21);
    long first = scene.now;
    assertEquals(first + GAP_TIMEOUT_MS, scene.follower.wakeAtMs());
    scene.tick(GAP_TIMEOUT_MS - 1);
    assertEquals(List.of(), scene.events);
    assertFalse(scene.follower.snapshotDone());
    scene.tick(1);
    assertEquals(List.of(21L, 22L), scene.events);
    assertTrue(scene.follower.snapshotDone());
    assertEquals(22, scene.follower.position().walOffset());
    assertNull(scene.snapshot, "no snapshot is asked for");
    assertEquals(0, scene.follower.ledger().gaps);
  }

  @Test
  void noDataDoesNotTakeALogsSnapshotEither() {
    begun(SnapshotMode.NO_DATA, SourcePosition.START);
    scene.follower.onLiveSnapshotStart(scene.epoch, true);
    assertEquals(List.of("connect 1 to 0 with 0", "close 1", "connect 2 to 0 with 1"), scene.said);
    scene.tick(10_000);
    assertNull(scene.snapshot);
  }

  @Test
  void aLogsSnapshotIsFetchedWhileTheConnectionRests() {
    begun(SnapshotMode.INITIAL, SourcePosition.START);
    scene.follower.onLiveSnapshotStart(scene.epoch, true);
    assertEquals(List.of("connect 1 to 0 with 0", "close 1"), scene.said);
    scene.tick(10);
    assertEquals("snapshot 1", scene.said.get(2));
    scene.tick(60_000);
    assertEquals(3, scene.said.size(), "no other connection meanwhile");
    scene.follower.onSnapshotComplete(scene.snapshot, List.of("a"), 1, 7);
    assertEquals("log rows", scene.said.get(3));
    for (long number : new long[] {2, 5}) {
      scene.follower.onRow(scene.snapshot, new SnapshotRow(Events.event(number, "{}"), number, 0));
    }
    assertFalse(scene.follower.wantsEntries());
    scene.follower.onRowsEnd(scene.snapshot);
    assertEquals(List.of(2L, 5L), scene.events);
    assertEquals(7, scene.follower.position().walOffset());
    assertTrue(scene.hasLogged("2 events from its snapshot, up to offset 7"), "" + scene.logged);
    scene.stored().tick(10);
    assertEquals("connect 2 to 0 with 7", scene.said.get(scene.said.size() - 1));
  }

  /** What the position does not know how to count must not be counted from. */
  @Test
  void aLogsSnapshotThatIsOfNoUseIsTriedAgainAfterAPause() {
    begun(SnapshotMode.INITIAL, AT_10);
    scene.follower.onLiveSnapshotStart(scene.epoch, true);
    scene.tick(10);
    for (int attempt = 1; attempt <= 5; attempt++) {
      assertEquals("", scene.failure());
      Request asked = scene.snapshot;
      switch (attempt) {
        case 1 -> scene.follower.onSnapshotFailed(asked, "refused");
        case 2 -> scene.follower.onSnapshotComplete(asked, List.of("a"), 1, 10);
        case 3 -> scene.follower.onSnapshotNone(asked, 10);
        case 4 -> scene.follower.onSnapshotReplays(asked);
        default -> scene.follower.onSnapshotComplete(asked, List.of("a"), 1, 11);
      }
      if (attempt < 5) {
        long ended = scene.now;
        assertEquals("discard", scene.said.get(scene.said.size() - 1));
        scene.connectedAgain();
        long pause = scene.now - ended;
        assertTrue(pause >= 100 && pause <= 110, "attempt " + attempt + ", " + pause + " ms");
        scene.follower.onLiveSnapshotStart(scene.epoch, true);
        scene.tick(10);
      }
    }
    assertEquals(2, scene.follower.ledger().snapshotFailures);
    assertEquals(5, scene.follower.ledger().snapshotRequests);
    assertTrue(scene.hasLogged("WARN Snapshot 1 failed (refused), attempt 1 in a row"));
    assertTrue(
        scene.hasLogged(
            "Snapshot 2 failed (it ends at offset 10, which is here already), attempt 2 in a row"));
    assertEquals("log rows", scene.said.get(scene.said.size() - 1), "11 is not there yet");
  }

  @Test
  void aLogsSnapshotThatIsDamagedAgainAndAgainFailsTheTask() {
    begun(SnapshotMode.INITIAL, AT_10);
    for (int attempt = 1; attempt <= 5; attempt++) {
      assertEquals("", scene.failure());
      scene.follower.onLiveSnapshotStart(scene.epoch, true);
      scene.tick(10);
      if (attempt % 2 == 0) {
        scene.follower.onSnapshotDamaged(scene.snapshot, "a bad page", "Mend.", false);
      } else {
        // rows stand in the log's order, each offset once and none behind the end
        scene.follower.onSnapshotComplete(scene.snapshot, List.of("a"), 1, 20);
        long bad = attempt == 1 ? 21 : 11;
        scene.follower.onRow(scene.snapshot, new SnapshotRow(Events.event(11, "{}"), 11, 0));
        scene.follower.onRow(scene.snapshot, new SnapshotRow(Events.event(12, "{}"), bad, 0));
      }
      if (attempt < 5) {
        scene.connectedAgain();
      }
    }
    assertTrue(scene.failure().contains("could not be read 5 times in a row"), scene.failure());
    assertTrue(
        scene.failure().contains("a row has WAL offset 11 behind 11, the snapshot ends at 20"),
        scene.failure());
    assertTrue(scene.hasLogged("a row has WAL offset 21 behind 11"), scene.logged.toString());
    assertEquals(5, scene.follower.ledger().snapshotFailures);
    assertEquals(List.of(11L), scene.events);
  }

  // ---- gaps

  @Test
  void aHoleIsAGapWhenItsTimeIsOver() {
    inOrder(GapPolicy.REPAIR).tick(100).came(13);
    long opened = scene.now;
    Request before = scene.snapshot;
    assertEquals(opened + GAP_TIMEOUT_MS, scene.follower.wakeAtMs());
    assertEquals(1, scene.follower.ledger().open);
    assertEquals(1, scene.follower.ledger().held);
    scene.tick(GAP_TIMEOUT_MS - 1);
    assertEquals(0, scene.follower.ledger().gaps);
    scene.came(16).tick(1);
    Ledger ledger = scene.follower.ledger();
    assertEquals(List.of(1L, 3L), List.of(ledger.gaps, ledger.gapOffsets));
    assertTrue(
        scene.hasLogged(
            "WARN Gap behind offset 11: 3 of the offsets up to 16 did not come within"
                + " gap.timeout.ms=500; a snapshot is fetched"),
        scene.logged.toString());
    scene.asked();
    assertNotEquals(before, scene.snapshot);
    assertEquals(1, scene.follower.ledger().gaps, "it is one gap, however long its repair takes");
    scene.rows(12, 14, 15);
    assertEquals(List.of(11L, 12L, 13L, 14L, 15L, 16L), scene.events);
    assertEquals(0, scene.follower.ledger().held);
    assertEquals(0, scene.follower.ledger().open);
  }

  @Test
  void aHoleThatIsFilledInTimeIsNone() {
    inOrder(GapPolicy.REPAIR).came(13).tick(GAP_TIMEOUT_MS - 1).came(12).tick(1);
    assertEquals(0, scene.follower.ledger().gaps);
    scene.came(15).tick(GAP_TIMEOUT_MS - 1);
    assertEquals(0, scene.follower.ledger().gaps, "the next one has a time of its own");
    scene.tick(1);
    assertEquals(1, scene.follower.ledger().gaps);
  }

  @Test
  void gapPolicyFailFailsWithAGap() {
    inOrder(GapPolicy.FAIL).came(13).tick(GAP_TIMEOUT_MS - 1);
    assertEquals("", scene.failure());
    scene.tick(1);
    assertTrue(
        scene
            .failure()
            .startsWith(
                "fail Gap behind offset 11: 1 of the offsets up to 13 did not come within"
                    + " gap.timeout.ms=500. The leader drops entries for slow followers"),
        scene.failure());
    assertEquals(1, scene.follower.ledger().gaps);
    assertEquals(11, scene.follower.position().walOffset());
  }

  @Test
  void whileWhatCameWaitsItIsSaidWhatTheLeaderAloneHas() {
    inOrder(GapPolicy.REPAIR);
    assertEquals("", scene.follower.leavesBehind(), "nothing waits");
    scene.came(14, 15);
    assertTrue(
        scene
            .follower
            .leavesBehind()
            .startsWith("2 events that came wait for 2 that are missing behind offset 11"),
        scene.follower.leavesBehind());
  }

  // ---- a silent connection

  private static final long SILENCE_MS = DEAD_TIMEOUT_MS / 2;

  private Scene silent() {
    inOrder(GapPolicy.REPAIR).came(12).stored().tick(0);
    long heard = scene.now;
    scene.said.clear();
    assertEquals(heard + SILENCE_MS, scene.follower.wakeAtMs());
    scene.tick(SILENCE_MS - 1);
    assertEquals(List.of(), scene.said);
    scene.tick(1);
    assertEquals(List.of("probe with 12"), scene.said);
    assertEquals(Long.MAX_VALUE, scene.follower.wakeAtMs(), "it waits for the answer");
    return scene;
  }

  @Test
  void aLeaderThatHasNoMoreIsBelieved() {
    silent();
    scene.follower.onProbeAnswered(scene.probe, false, 12, false);
    assertEquals(List.of("probe with 12"), scene.said);
    assertEquals(scene.now + SILENCE_MS, scene.follower.wakeAtMs(), "and asked again");
    scene.tick(SILENCE_MS);
    assertEquals(List.of("probe with 12", "probe with 12"), scene.said);
  }

  @Test
  void aConnectionThatLacksSomethingIsGivenUp() {
    silent();
    scene.follower.onProbeAnswered(scene.probe, true, 0, false);
    assertEquals(List.of("probe with 12", "close 2"), numbered());
    assertTrue(
        scene.hasLogged("WARN Live connection to the leader is given up: it brings nothing, but"),
        scene.logged.toString());
  }

  /** The connections of a scene are numbered on: the last one is the second here. */
  private List<String> numbered() {
    return scene.said.stream()
        .map(order -> order.replace("close " + scene.epoch.connection(), "close 2"))
        .toList();
  }

  @Test
  void aLeaderThatHasSentMoreIsBelievedToo() {
    silent();
    scene.follower.onProbeAnswered(scene.probe, false, 13, false);
    assertEquals(List.of("probe with 12", "close 2"), numbered());
    assertTrue(scene.hasLogged("it has sent offset 13, and the last that came is 12"));
  }

  @Test
  void aLeaderThatCanNotBeReachedIsNoLeader() {
    silent();
    scene.follower.onProbeFailed(scene.probe, "refused", false);
    assertEquals(List.of("probe with 12", "close 2"), numbered());
    assertTrue(scene.hasLogged("it brings nothing, and a second connection failed: refused"));
  }

  @Test
  void aConnectionThatHasBroughtSomethingMeanwhileIsAlive() {
    silent();
    scene.follower.onProbeFailed(scene.probe, "refused", true);
    assertEquals(List.of("probe with 12"), scene.said);
    silent();
    scene.follower.onProbeAnswered(scene.probe, true, 99, true);
    assertEquals(List.of("probe with 12"), scene.said);
    silent().came(13);
    scene.follower.onProbeAnswered(scene.probe, true, 99, false);
    assertEquals(List.of("probe with 12"), scene.said, "the entry has come");
  }

  @Test
  void whatHasNotBeenTakenTellsNothingOfASilence() {
    silent();
    scene.bufferEmpty = false;
    scene.tick(1);
    scene.follower.onProbeAnswered(scene.probe, true, 99, false);
    assertEquals(List.of("probe with 12"), scene.said);
    scene.tick(10 * SILENCE_MS);
    assertEquals(List.of("probe with 12"), scene.said, "nor is it asked again");
    assertEquals(Long.MAX_VALUE, scene.follower.wakeAtMs());
  }

  @Test
  void anAnswerCountsOnce() {
    silent();
    scene.follower.onProbeAnswered(scene.probe, false, 12, false);
    scene.follower.onProbeAnswered(scene.probe, true, 99, false);
    assertEquals(List.of("probe with 12"), scene.said);
  }

  // ---- connections

  @Test
  void aLostConnectionIsSaidAndMadeAgain() {
    inOrder(GapPolicy.REPAIR).stored();
    scene.follower.onLiveClosed(scene.epoch, "reset by peer");
    assertTrue(scene.hasLogged("WARN Live connection to the leader: reset by peer"));
    long wake = scene.follower.wakeAtMs();
    assertTrue(wake >= scene.now + 75 && wake <= scene.now + 125, (wake - scene.now) + " ms");
    scene.said.clear();
    scene.tick(wake - scene.now - 1);
    assertEquals(List.of(), scene.said);
    scene.tick(1);
    assertEquals(1, scene.said.size());
    assertTrue(scene.said.get(0).endsWith(" with 11"), scene.said.toString());
  }

  /** The position says what there is, and no more. */
  @Test
  void thePositionTellsOfWhatIsHeldAndOfWhatIsMissing() {
    inOrder(GapPolicy.REPAIR).came(13, 15);
    SourcePosition position = scene.follower.position();
    assertEquals(11, position.walOffset());
    assertEquals(
        new SourcePosition.Missing(4, Events.event(15, "{}").micros(), 11, 0), position.missing());
    assertEquals(position.number(), scene.follower.position().number(), "a look takes no number");
    long number = scene.follower.takePosition(false).number();
    assertEquals(position.number(), number);
    assertEquals(number + 1, scene.follower.takePosition(true).number());
  }

  @Test
  void whatIsRefusedIsCounted() {
    inOrder(GapPolicy.REPAIR);
    scene.follower.onRefused(true);
    scene.follower.onRefused(false);
    scene.follower.onRefused(false);
    Ledger ledger = scene.follower.ledger();
    assertEquals(List.of(1L, 2L), List.of(ledger.refusedToDeadLetters, ledger.refusedAndSkipped));
    assertEquals(1, scene.follower.position().losses().noted());
    assertEquals(2, scene.follower.position().losses().skipped());
  }

  @Test
  void theFiguresShowHowLateTheStreamIs() {
    inOrder(GapPolicy.REPAIR).came(13, 12);
    for (long offset = 14; offset <= 20; offset++) {
      scene.came(offset);
    }
    scene.follower.onEntry(
        scene.epoch,
        new io.github.allsourceconnect.protocol.WalEntry(
            21,
            "",
            Events.event(21, Events.BASE_MICROS + 15, "{}", "type", "entity"),
            0,
            null,
            null));
    scene.produce();
    Ledger ledger = scene.follower.ledger();
    assertEquals(5, ledger.latenessMicros, "it is of the moment of 15, and 20 was there");
    assertEquals(5, ledger.displacement);
    assertEquals(1, ledger.outOfOrder);
    assertEquals(0, ledger.clocksBack);
    assertEquals(0, ledger.listCut);
  }

  // ---- connections that are lost before it is known where their entries belong

  /** As much is held as may be, and more waits in the buffer. */
  private void fullAndLost() {
    begun(SnapshotMode.INITIAL, AT_10);
    scene.follower.onLiveCaughtUp(scene.epoch, 10);
    scene.tick(10);
    for (long offset = 12; scene.follower.wantsEntries(); offset++) {
      scene.came(offset);
    }
    scene.bufferEmpty = false;
    scene.follower.onLiveClosed(scene.epoch, "lost");
    scene.connectedAgain();
  }

  @Test
  void theSameLeaderIsAskedBeforeMoreIsTaken() {
    fullAndLost();
    scene.follower.onLiveCaughtUp(scene.epoch, 10_000);
    scene.tick(10).tick(10);
    assertFalse(scene.follower.wantsEntries());
    assertEquals(1, scene.follower.ledger().connections);
  }

  @Test
  void anotherLeaderIsAskedWhereWhatIsHeldLeavesNoRoom() {
    fullAndLost();
    scene.follower.onLiveClosed(scene.epoch, "refused");
    scene.connectedAgain();
    assertEquals(1, scene.epoch.leader());
    scene.follower.onLiveCaughtUp(scene.epoch, 0);
    scene.follower.onLiveCaughtUp(scene.epoch, 0);
    scene.asked();
    assertEquals(scene.epoch, scene.snapshot.epoch());
    assertFalse(scene.follower.wantsEntries(), scene.follower.toString());
    scene.rows(11);
    assertTrue(scene.follower.wantsEntries(), scene.follower.toString());
    assertEquals(1, scene.follower.ledger().connections, "what the lost one left comes first");
    assertEquals(11, scene.events.get(0));
  }

  @Test
  void theStreamGoesOnOverTheNewConnectionWhenAllOfTheOldOneIsTaken() {
    inOrder(GapPolicy.REPAIR);
    scene.follower.onLiveClosed(scene.epoch, "lost");
    scene.connectedAgain();
    scene.bufferEmpty = false;
    scene.follower.onLiveCaughtUp(scene.epoch, 11);
    scene.tick(10);
    assertEquals(1, scene.follower.ledger().connections);
    scene.bufferEmpty = true;
    scene.tick(10);
    assertEquals(2, scene.follower.ledger().connections);
    scene.tick(10);
    assertEquals(2, scene.follower.ledger().connections, "once");
  }

  /** What comes behind what rows have brought follows on it: no second snapshot. */
  @Test
  void anEntryThatFollowsOnAQuietRepairNeedsNoOther() {
    inOrder(GapPolicy.REPAIR).stored();
    scene.follower.onLiveClosed(scene.epoch, "lost");
    scene.connectedAgain();
    scene.follower.onLiveCaughtUp(scene.epoch, 13);
    scene.asked().rows(12, 13).asked().rows(12, 13);
    assertEquals(List.of(11L, 12L, 13L), scene.events);
    assertEquals(11, scene.follower.position().walOffset(), "no entry tells where they belong");
    assertEquals(2, scene.follower.position().beyond());
    Request before = scene.snapshot;
    scene.came(14).tick(10);
    assertEquals(14, scene.follower.position().walOffset());
    assertEquals(before, scene.snapshot);
    assertEquals(2, scene.follower.ledger().repaired);
    assertEquals(0, scene.follower.ledger().balance());
  }

  @Test
  void anEntryThatDoesNotFollowOnItNeedsAnother() {
    inOrder(GapPolicy.REPAIR).stored();
    scene.follower.onLiveClosed(scene.epoch, "lost");
    scene.connectedAgain();
    scene.follower.onLiveCaughtUp(scene.epoch, 11);
    scene.asked().rows(12, 13).asked().rows(12, 13).came(15).tick(10);
    assertEquals(11, scene.follower.position().walOffset());
    scene.asked().rows(12, 13, 14);
    assertEquals(List.of(11L, 12L, 13L, 14L, 15L), scene.events);
    assertEquals(15, scene.follower.position().walOffset());
    assertEquals(0, scene.follower.ledger().unaccounted);
  }

  @Test
  void whatIsGivenUpIsOfTheLeaderWhoseNumbersAreEstablished() {
    scene = new Scene(SnapshotMode.INITIAL, GapPolicy.CONTINUE, SourcePosition.START);
    scene.follower.onLiveCaughtUp(scene.epoch, 0);
    scene.tick(10).came(5).asked().rows(5).came(7).asked().rows();
    assertEquals(List.of(5L, 7L), scene.events);
    assertEquals(1, scene.follower.ledger().unaccounted);
    assertEquals(Scene.LEADERS.get(0), scene.follower.position().losses().newest().get(0).leader());
  }
}
