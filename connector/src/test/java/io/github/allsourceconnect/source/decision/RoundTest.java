package io.github.allsourceconnect.source.decision;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.source.decision.orders.Epoch;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.GapPolicy;
import io.github.allsourceconnect.source.decision.orders.FollowerSettings.SnapshotMode;
import io.github.allsourceconnect.source.decision.orders.OutputSize;
import io.github.allsourceconnect.source.decision.orders.Request;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;

/** The bounds of a round, and of what one input may release. */
class RoundTest {
  private static final int RECORDS_MAX = 500;
  private static final long BYTES_MAX = 64 << 10;
  private static final int INPUTS_MAX = 1_000;

  private final Surroundings shell = new Surroundings();
  private final Follower follower =
      new Follower(
          new FollowerSettings(
              List.of("leader-1:3910", "leader-2:3910"),
              20_000,
              SnapshotMode.INITIAL,
              GapPolicy.REPAIR,
              500,
              1_000,
              60_000,
              0,
              50,
              30_000,
              64 << 20),
          SourcePosition.START,
          shell,
          new SplittableRandom(1));
  private final Round round = new Round(follower, shell, new Round.Limits(INPUTS_MAX, 10, 20));

  private void live() {
    follower.start(shell.now);
    follower.onLiveReplays(shell.connection);
    run();
  }

  private void run() {
    while (round.run()) {
      // until there is nothing to do
    }
  }

  private static WalEntry entry(long number) {
    return Events.entry(number, "{\"filler\":\"" + "x".repeat(200) + "\"}");
  }

  private void establish() {
    follower.start(shell.now);
    follower.onLiveCaughtUp(shell.connection, 0);
    shell.entries.add(entry(1));
    for (int i = 0; i < 1_000 && shell.snapshot == null; i++) {
      shell.now += 10;
      run();
    }
    follower.onSnapshotComplete(shell.snapshot, List.of("events.parquet"), 1, 0);
    shell.row(new SnapshotRow(entry(1).event(), 0, 0));
    run();
    assertEquals(1, shell.produced());
  }

  @Test
  void whatOneEntryReleasesGoesOnInBatchesOfTheSettings() {
    establish();
    int last = 60_000;
    for (int n = 3; n <= last; n++) {
      shell.entries.add(entry(n));
    }
    run();
    assertEquals(1, shell.produced());
    shell.entries.add(entry(2));
    run();
    assertEquals(last, shell.produced());
    for (List<Long> batch : shell.batches) {
      assertTrue(batch.size() <= RECORDS_MAX, batch.size() + " records");
      long bytes = batch.stream().mapToLong(size -> size).sum();
      assertTrue(bytes <= BYTES_MAX, bytes + " bytes");
    }
    assertTrue(shell.positionsMove, "each batch has a position of its own");
  }

  @Test
  void aLineWhoseSizeIsNotKnownIsLookedInto() {
    live();
    shell.entries.add(entry(1));
    shell.sizeIsUnknown = true;
    run();
    assertEquals(1, shell.produced());
  }

  @Test
  void whatIsReleasedWaitsWhileNobodyTakesIt() {
    establish();
    for (int n = 3; n <= 10_000; n++) {
      shell.entries.add(entry(n));
    }
    run();
    shell.entries.add(entry(2));
    shell.room = 2;
    run();
    int before = shell.batches.size();
    assertTrue(shell.produced() < 1_600, shell.produced() + " events, and room for two batches");
    shell.committedUpTo = 1;
    shell.reports.add(() -> shell.heard++);
    run();
    assertEquals(-1, shell.committedUpTo, "what Kafka has is taken all the same");
    assertEquals(1, shell.heard, "and so are reports");
    shell.room = Integer.MAX_VALUE;
    run();
    assertEquals(10_000, shell.produced());
    assertTrue(shell.batches.size() > before);
  }

  @Test
  void anEventLargerThanTheSettingTravelsAlone() {
    live();
    shell.entries.add(entry(1));
    shell.entries.add(Events.entry(2, "\"" + "x".repeat(100_000) + "\""));
    shell.entries.add(entry(3));
    run();
    assertEquals(List.of(1, 1, 1), shell.batches.stream().map(List::size).toList());
  }

  @Test
  void aRoundIsBoundedInInputs() {
    live();
    for (int n = 1; n <= 10_000; n++) {
      shell.entries.add(entry(n));
    }
    int rounds = shell.rounds;
    run();
    assertEquals(10_000, shell.produced());
    assertTrue(shell.rounds - rounds >= 10, (shell.rounds - rounds) + " rounds");
  }

  /** Kafka is as fast as the loop: acks go out all the time, not only when the buffer is empty. */
  @Test
  void aRoundIsBoundedInTime() {
    live();
    for (int n = 1; n <= 10_000; n++) {
      shell.entries.add(entry(n));
    }
    shell.inputsAMilli = 10;
    shell.kafkaIsFast = true;
    run();
    assertEquals(10_000, shell.produced());
    assertTrue(shell.longestSilence <= 100, shell.longestSilence + " ms without an ack");
  }

  @Test
  void oneRoundTakesSoManyInputsAndReports() {
    live();
    assertFalse(round.run(), "there is nothing to do");
    for (int n = 1; n <= 3_000; n++) {
      shell.entries.add(entry(n));
    }
    for (int i = 0; i < 25; i++) {
      shell.reports.add(() -> shell.heard++);
    }
    assertTrue(round.run());
    assertEquals(INPUTS_MAX, shell.produced());
    assertEquals(10, shell.heard);
    assertTrue(round.run());
    assertEquals(2 * INPUTS_MAX, shell.produced());
    assertEquals(20, shell.heard);
    run();
    assertEquals(25, shell.heard);
  }

  @Test
  void aReportOrAWordOfKafkaIsSomethingToDo() {
    live();
    shell.reports.add(() -> shell.heard++);
    assertTrue(round.run());
    assertFalse(round.run());
    shell.committedUpTo = 0;
    assertTrue(round.run());
    assertFalse(round.run());
  }

  /** The clock is not asked at each input; a round ends soon after its time all the same. */
  @Test
  void oneRoundEndsWhenItsTimeIsOver() {
    live();
    for (int n = 1; n <= 900; n++) {
      shell.entries.add(entry(n));
    }
    shell.inputsAMilli = 10;
    long began = shell.now;
    assertTrue(round.run());
    long took = shell.now - began;
    assertTrue(took >= 20 && took <= 22, took + " ms");
    assertTrue(shell.produced() < 230, shell.produced() + " events");
  }

  /** Whatever holds up what is due, the round after it goes on with it. */
  @Test
  void whatIsDueComesBeforeWhatIsNew() {
    establish();
    for (int n = 3; n <= 2_500; n++) {
      shell.entries.add(entry(n));
    }
    run();
    shell.entries.add(entry(2));
    shell.entries.add(entry(2_501));
    round.run();
    assertTrue(shell.produced() <= 1 + INPUTS_MAX, shell.produced() + " events");
    assertEquals(1, shell.entries.size(), "2,501 waits for its turn");
    round.run();
    assertEquals(1, shell.entries.size());
    run();
    assertEquals(2_501, shell.produced());
  }

  /** The time that a round took counts before it ends. */
  @Test
  void theClockIsLookedAtAgainAtTheEnd() {
    live();
    follower.onLiveClosed(shell.connection, "the test");
    Epoch before = shell.connection;
    shell.reports.add(() -> shell.now += 60_000);
    assertTrue(round.run());
    assertTrue(shell.connection.connection() > before.connection());
  }

  @Test
  void nothingIsOrderedBehindTheFailure() {
    live();
    follower.fail("enough");
    follower.onLiveCaughtUp(shell.connection, 0);
    follower.onLiveSnapshotStart(shell.connection, true);
    follower.onLiveReplays(shell.connection);
    follower.onLiveClosed(shell.connection, "closed");
    follower.onSnapshotNone(new Request(shell.connection, 1), 0);
    shell.entries.add(entry(1));
    shell.now += 100_000;
    Epoch connection = shell.connection;
    run();
    assertEquals(connection, shell.connection);
    assertEquals(0, shell.produced());
    assertEquals(
        List.of("fail enough"), shell.said.stream().filter(s -> s.contains("l e")).toList());
  }

  /**
   * A leader lacks an offset and dies while the repair ripens; the next address is another store's,
   * which has an event of its own from that time.
   */
  @Test
  void aLeaderIsNotAskedForWhatAnothersNumberingLacks() {
    establish();
    shell.entries.add(entry(2));
    shell.entries.add(entry(4));
    run();
    Request asked = shell.snapshot;
    while (!follower.toString().contains("Ripening")) {
      shell.now += 10;
      run();
      assertEquals(asked, shell.snapshot);
    }
    follower.onLiveClosed(shell.connection, "connection reset");
    shell.now += 100;
    run();
    follower.onLiveClosed(shell.connection, "refused");
    for (int i = 0; i < 100; i++) {
      shell.now += 10;
      run();
      assertEquals(asked, shell.snapshot, "the next address is asked: " + follower);
    }
    assertEquals(1, shell.connection.leader());
    assertEquals(0, follower.ledger().repaired);
    assertTrue(follower.ledger().open > 0, "what is missing stays on the books");
  }

  /** Which offsets they have can't be told: each is one that may stay missing. */
  @Test
  void unreadableLinesInARowAreNoReasonToFailWhereNoSnapshotHasThem() {
    establish();
    follower.onCorruptSkipped(shell.connection, 0);
    follower.onCorruptSkipped(shell.connection, 0);
    shell.entries.add(entry(4));
    Request asked = shell.snapshot;
    for (int i = 0; i < 1_000 && asked.equals(shell.snapshot); i++) {
      shell.now += 10;
      run();
    }
    follower.onSnapshotNone(shell.snapshot, 4);
    run();
    assertEquals(List.of(), shell.said.stream().filter(said -> said.startsWith("fail")).toList());
    assertEquals(2, shell.produced());
    assertEquals(4, follower.position().walOffset());
    assertEquals(2, follower.ledger().unaccounted);
  }

  /** A refused connection says nothing of what the snapshot has. */
  @Test
  void aSkippedLineIsLookedForUntilThereIsASnapshot() {
    establish();
    follower.onCorruptSkipped(shell.connection, 2);
    shell.entries.add(entry(3));
    for (int attempt = 0; attempt < 8; attempt++) {
      Request asked = shell.snapshot;
      for (int i = 0; i < 10_000 && asked.equals(shell.snapshot); i++) {
        shell.now += 10;
        run();
      }
      follower.onSnapshotFailed(shell.snapshot, "refused");
      run();
      assertEquals(1, shell.produced(), "attempt " + attempt);
    }
    Request asked = shell.snapshot;
    for (int i = 0; i < 10_000 && asked.equals(shell.snapshot); i++) {
      shell.now += 10;
      run();
    }
    shell.row(new SnapshotRow(entry(2).event(), 0, 0));
    follower.onSnapshotComplete(shell.snapshot, List.of("events.parquet"), 1, 0);
    run();
    assertEquals(3, shell.produced());
    assertEquals(0, follower.ledger().unaccounted);
  }

  private static List<String> ids(long... numbers) {
    return LongStream.of(numbers).mapToObj(number -> entry(number).event().id()).toList();
  }

  private void awaitSnapshot() {
    Request asked = shell.snapshot;
    for (int i = 0; i < 10_000 && asked.equals(shell.snapshot); i++) {
      shell.now += 10;
      run();
    }
  }

  private final class Surroundings extends RecordedOrders implements Round.Shell {
    private final ArrayDeque<WalEntry> entries = new ArrayDeque<>();
    private final ArrayDeque<Runnable> reports = new ArrayDeque<>();
    private final List<SnapshotRow> rows = new ArrayList<>();
    private final List<String> logged = new ArrayList<>();
    private final List<List<Long>> batches = new ArrayList<>();
    private List<Long> batch = new ArrayList<>();
    private long now = 1;
    private int inputsAMilli;
    private int inputs;
    private boolean sizeIsUnknown;
    private Epoch connection;
    private Request snapshot;
    private int rounds;
    private int heard;
    private int nextRow = 1;
    private Request rowsOf;
    private int room = Integer.MAX_VALUE;
    private long committedUpTo = -1;
    private boolean kafkaIsFast;
    private long ackedAt = 1;
    private long longestSilence;
    private boolean positionsMove = true;
    private long lastOffset = -1;

    int produced() {
      return produced.size();
    }

    void row(SnapshotRow row) {
      rows.add(row);
    }

    @Override
    public long nowMs() {
      return now;
    }

    @Override
    public boolean report() {
      Runnable report = reports.poll();
      if (report != null) {
        report.run();
      }
      return report != null;
    }

    @Override
    public long committed() {
      long upTo = kafkaIsFast ? follower.emitted() : committedUpTo;
      committedUpTo = -1;
      return kafkaIsFast && entries.isEmpty() ? -1 : upTo;
    }

    @Override
    public boolean liveBufferEmpty() {
      return entries.isEmpty();
    }

    @Override
    public long nextEntryBytes() {
      return entries.isEmpty() ? -1 : sizeIsUnknown ? 0 : OutputSize.of(entries.peek());
    }

    @Override
    public void entry() {
      if (sizeIsUnknown) {
        sizeIsUnknown = false;
        return;
      }
      if (inputsAMilli > 0 && ++inputs % inputsAMilli == 0) {
        now++;
        longestSilence = Math.max(longestSilence, now - ackedAt);
      }
      follower.onEntry(connection, entries.poll());
    }

    @Override
    public long nextRowBytes() {
      return Math.max(-1, Math.min(1, rows.size() - nextRow));
    }

    @Override
    public void row() {
      if (nextRow < rows.size()) {
        follower.onRow(rowsOf, rows.get(nextRow++));
      } else {
        nextRow++;
        follower.onRowsEnd(rowsOf);
      }
    }

    @Override
    public boolean makeRoom(long bytes) {
      long before = batch.stream().mapToLong(size -> size).sum();
      if (batch.isEmpty() || (batch.size() < RECORDS_MAX && before + bytes <= BYTES_MAX)) {
        return true;
      }
      if (room == 0) {
        return false;
      }
      close();
      return true;
    }

    private void close() {
      if (!batch.isEmpty()) {
        room--;
        batches.add(batch);
        batch = new ArrayList<>();
        long offset = follower.position().walOffset();
        positionsMove &= offset > lastOffset;
        lastOffset = offset;
      }
    }

    @Override
    public void roundEnds(boolean worked) {
      rounds++;
      if (!worked && room > 0) {
        close();
      }
    }

    @Override
    public void connectLive(Epoch epoch, long lastOffset) {
      connection = epoch;
    }

    @Override
    public void ack(Epoch epoch, long offset) {
      ackedAt = now;
    }

    @Override
    public void requestSnapshot(Request request, long lastOffset) {
      snapshot = request;
    }

    @Override
    public void openRows(Request of, long fromMicros, boolean idsOnly) {
      rowsOf = of;
      nextRow = 0;
    }

    @Override
    public void discardSnapshot(Request of) {
      nextRow = rows.size() + 1;
    }

    @Override
    public void log(Level level, String message) {
      logged.add(message);
    }

    @Override
    public void emitEntry(WalEntry entry) {
      super.emitEntry(entry);
      batch.add(OutputSize.of(entry));
    }

    @Override
    public void emitRow(SnapshotRow row, String tenant) {
      super.emitRow(row, tenant);
      batch.add(OutputSize.of(row.event()));
    }
  }
}
