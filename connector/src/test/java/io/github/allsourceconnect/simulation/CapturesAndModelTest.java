package io.github.allsourceconnect.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Captures;
import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.simulation.clock.Scheduler;
import io.github.allsourceconnect.simulation.clock.Trace;
import io.github.allsourceconnect.snapshot.SnapshotAssembler;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.snapshot.TimeOrderedRows;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The leader's model and the real leaders agree: for each capture the model is brought to the state
 * in which the real leader was, and what it answers is held against the same rules as the capture.
 * Each rule is an assertion about both.
 */
class CapturesAndModelTest {
  private static final long SEED = 20_261_124;
  private static final int RING = 4096;
  private static final int PER_MS = 4;

  @TempDir Path folder;

  /**
   * What a follower was told on one connection.
   *
   * @param subscribed with what it had subscribed
   * @param kinds the messages' kinds, runs of the same one shortened to one
   * @param files the snapshot's files, rows in the order of the file
   * @param snapshotEnd the offset that the snapshot's end tells, -1 without a snapshot
   * @param caughtUp the offset that {@code caught_up} tells
   */
  private record Told(
      long subscribed,
      List<String> kinds,
      List<List<Event>> files,
      long snapshotEnd,
      long caughtUp,
      List<WalEntry> entries) {

    List<Long> offsets() {
      return entries.stream().map(WalEntry::sequence).toList();
    }

    /** How long the stretches without a hole are. */
    List<Integer> runs() {
      List<Integer> runs = new ArrayList<>();
      long previous = Long.MIN_VALUE;
      for (long offset : offsets()) {
        if (offset == previous + 1) {
          runs.set(runs.size() - 1, runs.get(runs.size() - 1) + 1);
        } else {
          runs.add(1);
        }
        previous = offset;
      }
      return runs;
    }

    /** How many came after one with a higher offset. */
    int outOfOrder() {
      long highest = Long.MIN_VALUE;
      int count = 0;
      for (long offset : offsets()) {
        count += offset < highest ? 1 : 0;
        highest = Math.max(highest, offset);
      }
      return count;
    }

    /** How many places the offsets are off their order at most. */
    int displacement() {
      List<Long> sorted = new ArrayList<>(offsets());
      Collections.sort(sorted);
      int most = 0;
      for (int i = 0; i < entries.size(); i++) {
        most = Math.max(most, Math.abs(i - Collections.binarySearch(sorted, offsets().get(i))));
      }
      return most;
    }

    List<WalEntry> byOffset() {
      return entries.stream().sorted((a, b) -> Long.compare(a.sequence(), b.sequence())).toList();
    }

    /** By how many microseconds an event is older than one before it in the log, at most. */
    long lateness() {
      long newest = Long.MIN_VALUE;
      long most = 0;
      for (WalEntry entry : byOffset()) {
        newest = Math.max(newest, entry.event().micros());
        most = Math.max(most, newest - entry.event().micros());
      }
      return most;
    }

    long rows() {
      return files.stream().mapToLong(List::size).sum();
    }

    Map<String, Integer> timesOfRows() {
      Map<String, Integer> times = new HashMap<>();
      files.forEach(rows -> rows.forEach(row -> times.merge(row.id(), 1, Integer::sum)));
      return times;
    }
  }

  // ---- captures

  private Told captured(String name, long subscribed) throws IOException {
    List<String> kinds = new ArrayList<>();
    List<WalEntry> entries = new ArrayList<>();
    long end = -1;
    long caughtUp = -1;
    List<List<Event>> files = new ArrayList<>();
    try (SnapshotAssembler assembler = new SnapshotAssembler(folder, 1 << 30)) {
      for (LeaderMessage message : Captures.messages(name)) {
        note(kinds, message.getClass().getSimpleName());
        if (message instanceof LeaderMessage.SnapshotStart start) {
          assembler.start(start);
        } else if (message instanceof LeaderMessage.SnapshotChunk chunk) {
          assembler.chunk(chunk);
        } else if (message instanceof LeaderMessage.SnapshotEnd snapshotEnd) {
          assembler.end();
          end = snapshotEnd.walOffsetAfterSnapshot();
          for (SnapshotFile file : assembler.files()) {
            files.add(rows(file));
          }
        } else if (message instanceof LeaderMessage.CaughtUp reached) {
          caughtUp = reached.currentOffset();
        } else if (message instanceof LeaderMessage.Entry entry) {
          entries.add(entry.data());
        }
      }
    }
    return new Told(subscribed, kinds, files, end, caughtUp, entries);
  }

  private static List<Event> rows(SnapshotFile file) throws IOException {
    Map<Long, Event> rows = new TreeMap<>();
    try (TimeOrderedRows all = new TimeOrderedRows(List.of(file), Long.MIN_VALUE, false)) {
      for (SnapshotRow row = all.next(); row != null; row = all.next()) {
        rows.put(row.row(), row.event());
      }
    }
    return List.copyOf(rows.values());
  }

  private static void note(List<String> kinds, String kind) {
    if (kinds.isEmpty() || !kinds.get(kinds.size() - 1).equals(kind)) {
      kinds.add(kind);
    }
  }

  // ---- the model

  /** A follower of the model; it can be told to read only so many entries. */
  private static final class Follower implements Upstream.Client {
    final List<String> kinds = new ArrayList<>();
    final List<WalEntry> entries = new ArrayList<>();
    List<List<Event>> files = List.of();
    long snapshotEnd = -1;
    long caughtUp = -1;
    long subscribed;
    long budget = Long.MAX_VALUE;
    LeaderModel.Connection connection;

    @Override
    public void snapshotStart(boolean replays) {
      note(kinds, "SnapshotStart");
    }

    @Override
    public void files(List<Upstream.SnapshotFile> sent, long endOffset) {
      note(kinds, "SnapshotChunk");
      note(kinds, "SnapshotEnd");
      files = sent.stream().map(f -> f.rows().stream().map(e -> e.row).toList()).toList();
      snapshotEnd = endOffset;
    }

    @Override
    public void snapshot(List<SnapshotRow> rows, long endOffset) {
      throw new AssertionError("a store's rows have no offsets");
    }

    @Override
    public void replays() {
      throw new AssertionError("a store's leader does not say so");
    }

    @Override
    public void caughtUp(long currentOffset) {
      note(kinds, "CaughtUp");
      caughtUp = currentOffset;
    }

    @Override
    public void entry(WalEntry entry) {
      note(kinds, "Entry");
      entries.add(entry);
    }

    @Override
    public void closed(String why) {}

    @Override
    public boolean reads() {
      return budget-- > 0;
    }

    Told told() {
      return new Told(subscribed, kinds, files, snapshotEnd, caughtUp, entries);
    }
  }

  private final Scheduler scheduler = new Scheduler();
  private LeaderModel model = model(false);
  private int written;

  private LeaderModel model(boolean newer) {
    return new LeaderModel(
        scheduler, new SplittableRandom(SEED), new Trace(scheduler, false), newer, RING, 10);
  }

  private Follower follow(long lastOffset) {
    Follower follower = new Follower();
    follower.subscribed = lastOffset;
    follower.connection = (LeaderModel.Connection) model.connect(0, follower);
    follower.connection.subscribe(lastOffset);
    settle();
    return follower;
  }

  /** So many writes by several clients. */
  private void write(int count) {
    for (int i = 0; i < count; i++) {
      int n = written++;
      scheduler.at(
          scheduler.now() + i / PER_MS, () -> model.write("order-" + n % 50, "tenant-" + n % 3));
    }
    settle();
  }

  /** So many writes, the last few by one client, so that the last shipped is the last written. */
  private void writeAndEndInOrder(int count) {
    write(count - 5);
    writeOneByOne(5);
  }

  /** One client's writes, each after the one before it has been answered and published. */
  private void writeOneByOne(int count) {
    for (int i = 0; i < count; i++) {
      write(1);
    }
  }

  private void settle() {
    scheduler.runUntil(scheduler.now() + 20_000);
  }

  private static void both(Told capture, Told modelled, Consumer<Told> rule) {
    for (Told told : List.of(capture, modelled)) {
      everyConnection(told);
      rule.accept(told);
    }
    assertEquals(capture.kinds(), modelled.kinds(), "another sequence of messages");
    assertEquals(capture.caughtUp(), modelled.caughtUp());
    assertEquals(capture.snapshotEnd(), modelled.snapshotEnd());
    assertEquals(capture.subscribed(), modelled.subscribed());
  }

  /** What holds for every connection of every leader. */
  private static void everyConnection(Told told) {
    List<String> order =
        List.of("SnapshotStart", "SnapshotChunk", "SnapshotEnd", "CaughtUp", "Entry");
    List<Integer> places = told.kinds().stream().map(order::indexOf).toList();
    assertEquals(places.stream().sorted().distinct().toList(), places, told.kinds().toString());
    assertTrue(told.kinds().contains("CaughtUp"));
    if (told.snapshotEnd() >= 0) {
      assertEquals(told.snapshotEnd(), told.caughtUp(), "both tell what was shipped last");
    }
    long filter = Math.max(told.subscribed(), told.snapshotEnd());
    assertTrue(
        told.offsets().stream().allMatch(offset -> offset > filter),
        "entries at or below the subscription are held back");
    assertEquals(
        told.entries().size(), new HashSet<>(told.offsets()).size(), "no offset comes twice");
    for (List<Event> rows : told.files()) {
      assertFalse(rows.isEmpty());
      assertTrue(rows.size() <= LeaderModel.FILE_ROWS);
      assertTrue(rows.stream().allMatch(row -> row.tenantId() == null), "rows have no tenant");
    }
  }

  // ---- 0.19.1

  @Test
  void anEmptyLeader() throws Exception {
    Follower follower = follow(0);
    writeOneByOne(49);
    both(
        captured("live-from-empty", 0),
        follower.told(),
        told -> {
          assertEquals(List.of("CaughtUp", "Entry"), told.kinds());
          assertEquals(0, told.caughtUp());
          assertEquals(List.of(49), told.runs(), "one client's entries come in order");
          assertEquals(1, told.offsets().get(0), "entry 1 is brought while the sequence is 0");
          assertTrue(told.entries().stream().allMatch(e -> e.event().version() == 1));
        });
  }

  @Test
  void severalClientsAreOutOfOrder() throws Exception {
    follow(0);
    writeOneByOne(49);
    Follower follower = follow(1);
    write(1_600);
    Told capture = captured("live-concurrent-writers", 1);
    both(
        capture,
        follower.told(),
        told -> {
          assertEquals(List.of("CaughtUp", "Entry"), told.kinds(), "nothing is replayed");
          assertEquals(49, told.caughtUp(), "the last offset shipped to anybody");
          assertEquals(50, told.byOffset().get(0).sequence());
          assertEquals(1_649, told.byOffset().get(1_599).sequence());
          assertEquals(1_600, told.entries().size());
          assertTrue(told.outOfOrder() > 0);
          assertTrue(told.lateness() > 0);
          assertTrue(told.lateness() <= 20_000);
          assertTrue(told.entries().stream().allMatch(e -> e.event().version() == 1));
        });
    noKinder(capture, follower.told());
  }

  /** What the source is tried with must not be tamer than what it meets. */
  private static void noKinder(Told capture, Told modelled) {
    assertTrue(modelled.outOfOrder() >= capture.outOfOrder());
    assertTrue(modelled.displacement() >= capture.displacement());
    assertTrue(modelled.lateness() >= capture.lateness());
  }

  @Test
  void aSnapshotTellsAnOffsetThatIsStale() throws Exception {
    Follower first = follow(0);
    writeAndEndInOrder(1_651);
    first.connection.abandon();
    write(13_649 - 1_651);
    Follower follower = follow(0);
    write(25);
    both(
        captured("snapshot-then-live", 0),
        follower.told(),
        told -> {
          assertEquals(
              List.of("SnapshotStart", "SnapshotChunk", "SnapshotEnd", "CaughtUp", "Entry"),
              told.kinds());
          assertEquals(List.of(10_000, 3_649), told.files().stream().map(List::size).toList());
          assertEquals(13_649, told.timesOfRows().size(), "each event once");
          assertEquals(13_649, told.rows());
          assertEquals(1_651, told.caughtUp(), "not the end of the log");
          assertEquals(13_650, told.byOffset().get(0).sequence());
          assertEquals(25, told.entries().size());
        });
  }

  @Test
  void rowsStandNearTheirPlaceInTheLog() throws Exception {
    Map<String, Long> offsets = new HashMap<>();
    Captures.entries("live-concurrent-writers")
        .forEach(entry -> offsets.put(entry.event().id(), entry.sequence()));
    int off = 0;
    for (Told told : List.of(captured("snapshot-then-live", 0), modelledSnapshot())) {
      List<Long> inFile = new ArrayList<>();
      for (List<Event> rows : told.files()) {
        for (Event row : rows) {
          Long offset = offsets.get(row.id());
          if (row.id().startsWith("event-")) {
            offset = (long) StoredEvent.indexOf(row);
          }
          if (offset != null) {
            inFile.add(offset);
          }
        }
      }
      assertTrue(inFile.size() >= 1_600);
      List<Long> sorted = inFile.stream().sorted().toList();
      int most = 0;
      for (int i = 0; i < inFile.size(); i++) {
        most = Math.max(most, Math.abs(i - Collections.binarySearch(sorted, inFile.get(i))));
      }
      assertTrue(most > 0 && most <= 20, "a row is " + most + " places off");
      assertTrue(most >= off, "the model is tamer: " + most + " places, not " + off);
      off = most;
    }
  }

  private Told modelledSnapshot() {
    write(1_651);
    return follow(0).told();
  }

  @Test
  void aFollowerThatStallsIsLeftWithTheNewestOfTheRing() throws Exception {
    Follower first = follow(0);
    writeAndEndInOrder(13_674);
    first.connection.abandon();
    Follower follower = follow(13_674);
    follower.budget = 4_131;
    write(30_000);
    follower.budget = Long.MAX_VALUE;
    follower.connection.pump();
    settle();
    both(
        captured("stalled-follower", 13_674),
        follower.told(),
        told -> {
          assertEquals(List.of("CaughtUp", "Entry"), told.kinds());
          assertEquals(13_674, told.caughtUp());
          assertEquals(4_131 + RING, told.entries().size(), "21,773 are lost without a word");
          List<Long> offsets = told.offsets().stream().sorted().toList();
          assertEquals(43_674, offsets.get(offsets.size() - 1), "the newest is never lost");
          assertTrue(offsets.get(0) <= 13_675 + 20);
          long hole = 0;
          for (int i = 1; i < offsets.size(); i++) {
            hole = Math.max(hole, offsets.get(i) - offsets.get(i - 1) - 1);
          }
          assertTrue(hole > 21_000, "one hole");
        });
  }

  /** Everything up to the crash: 43,704 events, all shipped. */
  private void upToTheCrash() {
    Follower first = follow(0);
    writeAndEndInOrder(13_674);
    writeAndEndInOrder(30_000);
    follow(0).connection.abandon();
    writeAndEndInOrder(30);
    assertEquals(43_704, first.entries.size());
    model.crash();
    settle();
    model.start();
    settle();
  }

  @Test
  void anIdleLeaderHidesItsHistoryAfterACrash() throws Exception {
    upToTheCrash();
    both(
        captured("after-crash-idle-subscribe-0", 0),
        follow(0).told(),
        told -> {
          assertEquals(List.of("CaughtUp"), told.kinds());
          assertEquals(0, told.caughtUp());
        });
  }

  @Test
  void anOldOffsetBringsNothingAfterACrash() throws Exception {
    upToTheCrash();
    Follower follower = follow(43_704);
    write(30);
    both(
        captured("after-crash-subscribe-high", 43_704),
        follower.told(),
        told -> {
          assertEquals(List.of("CaughtUp"), told.kinds());
          assertEquals(0, told.caughtUp(), "below the subscription");
        });
  }

  @Test
  void oneBringsAllButTheFirstAfterACrash() throws Exception {
    upToTheCrash();
    Follower follower = follow(1);
    writeOneByOne(30);
    both(
        captured("after-crash-subscribe-1", 1),
        follower.told(),
        told -> {
          assertEquals(List.of("CaughtUp", "Entry"), told.kinds());
          assertEquals(0, told.caughtUp());
          assertEquals(2, told.offsets().get(0), "numbered from 1; 1 itself is held back");
          assertEquals(List.of(29), told.runs());
        });
  }

  /**
   * The captures {@code before-crash} and {@code after-crash-then-write-subscribe-0} are too large
   * to be resources; what they showed is written here.
   */
  @Test
  void theFirstWriteAfterACrashShowsTheHistoryAgain() {
    Follower first = follow(0);
    write(13_649);
    follow(0).connection.abandon();
    writeAndEndInOrder(30_025);
    Told before = follow(0).told();
    everyConnection(before);
    assertEquals(List.of(10_000, 3_649, 10_000, 10_000, 10_000, 25), sizes(before));
    assertEquals(43_674, before.snapshotEnd());
    writeAndEndInOrder(30);
    assertEquals(43_704, first.entries.size());
    model.crash();
    settle();
    model.start();
    settle();
    Follower live = follow(0);
    writeAndEndInOrder(30);
    assertEquals(30, live.entries.size());
    Told after = follow(0).told();
    everyConnection(after);
    // what was recovered from the log is a file of its own, written when the leader came back
    assertEquals(List.of(10_000, 3_649, 10_000, 10_000, 10_000, 25, 30, 30), sizes(after));
    assertEquals(43_734, after.timesOfRows().size());
    assertEquals(30, after.snapshotEnd());
    assertEquals(30, after.caughtUp());
  }

  private static List<Integer> sizes(Told told) {
    return told.files().stream().map(List::size).toList();
  }

  // ---- 0.27.0

  @Test
  void theNewerReleaseCountsVersionsInTheOrderOfItsLog() throws Exception {
    model = model(true);
    Follower follower = follow(0);
    write(800);
    Told capture = captured("0.27.0-live-concurrent-writers", 0);
    both(
        capture,
        follower.told(),
        told -> {
          assertEquals(List.of("CaughtUp", "Entry"), told.kinds());
          assertEquals(0, told.caughtUp());
          assertEquals(1, told.byOffset().get(0).sequence());
          assertEquals(800, told.byOffset().get(799).sequence());
          assertEquals(800, told.entries().size());
          assertTrue(told.outOfOrder() > 0);
          Map<String, Long> versions = new HashMap<>();
          for (WalEntry entry : told.byOffset()) {
            long next = versions.merge(entry.event().entityId(), 1L, Long::sum);
            assertEquals(next, entry.event().version(), "of all tenants together");
          }
        });
    noKinder(capture, follower.told());
  }

  @Test
  void theNewerReleaseRepeatsRowsAfterACrash() throws Exception {
    Told capture = captured("0.27.0-snapshot-doubled-by-tenant", 0);
    both(
        capture,
        doubled(),
        told -> {
          assertEquals(
              List.of("SnapshotStart", "SnapshotChunk", "SnapshotEnd", "CaughtUp", "Entry"),
              told.kinds());
          assertEquals(0, told.caughtUp(), "nothing was shipped since the start");
          assertEquals(1_630, told.rows());
          assertEquals(830, told.timesOfRows().size());
          Map<Integer, Integer> byTimes = new HashMap<>();
          told.timesOfRows().values().forEach(t -> byTimes.merge(t, 1, Integer::sum));
          assertEquals(Map.of(1, 30, 2, 800), byTimes, "all that were in the log stand twice");
          assertEquals(9, told.files().size(), "for each tenant: once, again, and the new ones");
          Map<String, Event> seen = new HashMap<>();
          for (List<Event> rows : told.files()) {
            for (Event row : rows) {
              Event other = seen.put(row.id(), row);
              assertTrue(other == null || other.equals(row), "equal in every column");
            }
          }
          assertEquals(31, told.byOffset().get(0).sequence(), "numbered from 1 since the crash");
          assertEquals(10, told.entries().size());
        });
    oneTenantAFile(capture);
  }

  private Told doubled() {
    // whether the crash repeats rows is left to chance in the model
    for (int attempt = 0; attempt < 20; attempt++) {
      model =
          new LeaderModel(
              scheduler,
              new SplittableRandom(SEED + attempt),
              new Trace(scheduler, false),
              true,
              RING,
              10);
      Follower first = follow(0);
      write(800);
      first.connection.abandon();
      follow(0).connection.abandon();
      model.crash();
      settle();
      model.start();
      settle();
      write(30);
      Follower follower = follow(0);
      write(10);
      if (follower.told().rows() > 830) {
        return follower.told();
      }
    }
    throw new AssertionError("the model never repeats rows");
  }

  private static void oneTenantAFile(Told capture) {
    Map<String, String> tenants = new HashMap<>();
    Captures.entries("0.27.0-live-concurrent-writers")
        .forEach(entry -> tenants.put(entry.event().id(), entry.event().tenantId()));
    int known = 0;
    for (List<Event> rows : capture.files()) {
      HashSet<String> of = new HashSet<>();
      rows.forEach(row -> of.add(tenants.get(row.id())));
      of.remove(null);
      assertTrue(of.size() <= 1, "a file of several tenants");
      known += of.size();
    }
    assertEquals(6, known);
  }
}
