package io.github.allsourceconnect.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.Events;
import io.github.allsourceconnect.protocol.ProtocolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TimeOrderedRowsTest {
  private static final String HEX = "94271abef9a842008af38a47670e1dec";
  private static final ReadLimits LITTLE =
      new ReadLimits(ReadLimits.LEAST_MEMORY, 1 << 20, 1L << 30);
  @TempDir Path folder;
  private int files;

  /** What must come out of some files: sorted by time, file, place; repeated rows once. */
  private static final int GROUPS_MAX = 250;

  private record Row(Event event, int file, int place) {}

  @Test
  void generatedSnapshots() throws Exception {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    System.out.println("TimeOrderedRowsTest: replay with -Dfuzz.seed=" + seed);
    for (int i = 0; i < 20; i++) {
      generated(new Random(seed + i), "seed " + seed + ", case " + i);
    }
  }

  private void generated(Random random, String what) throws IOException {
    List<SnapshotFile> snapshot = new ArrayList<>();
    List<Row> rows = new ArrayList<>();
    List<Event> known = new ArrayList<>();
    int times = 1 + random.nextInt(3000);
    for (int f = 0; f < random.nextInt(9); f++) {
      List<Event> events = new ArrayList<>();
      long base = Events.BASE_MICROS + random.nextInt(times);
      int count = random.nextInt(700);
      for (int i = 0; i < count; i++) {
        if (!known.isEmpty() && random.nextInt(4) == 0) {
          events.add(known.get(random.nextInt(known.size())));
        } else {
          Event event = event(known.size(), base + random.nextInt(1 + random.nextInt(times)));
          known.add(event);
          events.add(event);
        }
      }
      switch (random.nextInt(4)) {
        case 0 -> events.sort(Comparator.comparingLong(Event::micros));
        case 1 -> events.sort(Comparator.comparingLong(Event::micros).reversed());
        case 2 -> {
          events.sort(Comparator.comparingLong(Event::micros));
          for (int i = 0; i + 20 < events.size(); i += 5) {
            Collections.swap(events, i, i + random.nextInt(20));
          }
        }
        default -> Collections.shuffle(events, random);
      }
      TestFiles.Layout layout = TestFiles.Layout.real();
      if (random.nextBoolean()) {
        // a footer of more groups is larger than LITTLE lets through
        layout = layout.withGroups(Math.max(1 + random.nextInt(300), 1 + count / GROUPS_MAX));
      }
      if (random.nextInt(4) == 0) {
        layout = layout.withoutStatistics();
      }
      if (random.nextInt(3) == 0) {
        layout = layout.withoutDictionary();
      }
      snapshot.add(write(layout, events));
      for (int i = 0; i < events.size(); i++) {
        rows.add(new Row(events.get(i), f, i));
      }
    }
    for (long from : new long[] {Long.MIN_VALUE, Events.BASE_MICROS + random.nextInt(times)}) {
      List<Row> expected = expected(rows, from);
      long wanted = rows.stream().filter(r -> r.event().micros() >= from).count();
      for (ReadLimits limits : List.of(ReadLimits.DEFAULT, LITTLE)) {
        try (TimeOrderedRows ordered = new TimeOrderedRows(snapshot, from, false, limits)) {
          for (Row row : expected) {
            SnapshotRow next = ordered.next();
            assertEquals(row.event(), next.event(), what);
            assertEquals(row.file(), next.file(), what);
          }
          assertNull(ordered.next(), what);
          assertEquals(wanted - expected.size(), ordered.repeated(), what);
        }
      }
    }
  }

  private static List<Row> expected(List<Row> rows, long from) {
    List<Row> sorted = new ArrayList<>(rows);
    sorted.removeIf(row -> row.event().micros() < from);
    sorted.sort(
        Comparator.comparingLong((Row row) -> row.event().micros())
            .thenComparingInt(Row::file)
            .thenComparingInt(Row::place));
    Set<String> ids = new HashSet<>();
    sorted.removeIf(row -> !ids.add(row.event().id()));
    return sorted;
  }

  @Test
  void filesAreOpenedWhenTheirTimeIsReached() throws Exception {
    List<SnapshotFile> history = new ArrayList<>();
    for (int f = 0; f < 50; f++) {
      List<Event> events = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        events.add(event(f * 20 + i, Events.BASE_MICROS + f * 100L + i));
      }
      history.add(write(TestFiles.Layout.real(), events));
    }
    Collections.shuffle(history, new Random(5));
    try (TimeOrderedRows rows = new TimeOrderedRows(history, Long.MIN_VALUE, false)) {
      for (int i = 0; i < 1000; i++) {
        SnapshotRow row = rows.next();
        assertEquals(Events.event(i, "1").id(), row.event().id());
        assertTrue(history.get(row.file()).name().length() > 0);
      }
      assertNull(rows.next());
      assertEquals(1, rows.mostOpen());
      assertEquals(0, rows.groupsSkipped());
    }
    long from = Events.BASE_MICROS + 45 * 100 + 7;
    try (TimeOrderedRows rows = new TimeOrderedRows(history, from, true)) {
      assertEquals(45, rows.groupsSkipped());
      assertEquals(from, rows.next().event().micros());
    }
  }

  @Test
  void rowGroupsThatAreTooOldAreNotDecoded() throws Exception {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 1000; i++) {
      events.add(event(i, Events.BASE_MICROS + i));
    }
    SnapshotFile file = write(TestFiles.Layout.real().withGroups(100), events);
    try (TimeOrderedRows rows =
        new TimeOrderedRows(List.of(file), Events.BASE_MICROS + 950, false)) {
      assertEquals(9, rows.groupsSkipped());
      for (int i = 950; i < 1000; i++) {
        assertEquals(events.get(i), rows.next().event());
      }
      assertNull(rows.next());
    }
  }

  @Test
  void theNameTellsWhereTheFileDoesNot() throws Exception {
    // flushed at 03:04:05.000, as the events' time is
    Path path = folder.resolve("events-20260102-030405000-" + HEX + ".parquet");
    SnapshotFile file =
        TestFiles.write(
            path,
            TestFiles.Layout.real().withoutStatistics(),
            List.of(event(1, Events.BASE_MICROS + 1)));
    try (SnapshotFileReader reader = SnapshotFileReader.open(file, 0, true);
        TimeOrderedRows all = new TimeOrderedRows(List.of(file), Events.BASE_MICROS + 999, true);
        TimeOrderedRows none =
            new TimeOrderedRows(List.of(file), Events.BASE_MICROS + 1000, true)) {
      assertEquals(false, reader.hasTimes(0));
      assertEquals(1, all.groupsSkipped());
      assertEquals(1, none.groupsSkipped());
    }
    try (TimeOrderedRows row = new TimeOrderedRows(List.of(file), Events.BASE_MICROS + 1, true)) {
      assertEquals(1, row.next().event().micros() - Events.BASE_MICROS);
    }
  }

  @Test
  void aGroupThatIsFarFromSortedWaitsOnDisk() throws Exception {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      events.add(event(i, Events.BASE_MICROS + 2000 - i));
    }
    for (int i = 2000; i < 4000; i++) {
      events.add(event(i, Events.BASE_MICROS + 77));
    }
    SnapshotFile file = write(TestFiles.Layout.real(), events);
    try (TimeOrderedRows rows = new TimeOrderedRows(List.of(file), Long.MIN_VALUE, false, LITTLE)) {
      int read = 0;
      long micros = Long.MIN_VALUE;
      for (SnapshotRow row = rows.next(); row != null; row = rows.next()) {
        assertTrue(row.event().micros() >= micros);
        micros = row.event().micros();
        read++;
      }
      assertEquals(4000, read);
      assertTrue(rows.rowsOnDisk() > 1000, "on disk: " + rows.rowsOnDisk());
    }
    List<Event> nearly = new ArrayList<>(events.subList(0, 2000));
    nearly.sort(Comparator.comparingLong(Event::micros));
    Collections.swap(nearly, 500, 530);
    SnapshotFile other = write(TestFiles.Layout.real(), nearly);
    try (TimeOrderedRows rows =
        new TimeOrderedRows(List.of(other), Long.MIN_VALUE, false, LITTLE)) {
      while (rows.next() != null) {}
      assertEquals(0, rows.rowsOnDisk());
    }
    assertEquals(2, filesLeft());
  }

  @Test
  void filesThatOverlapBeyondTheMemoryWaitOnDisk() throws Exception {
    List<SnapshotFile> history = new ArrayList<>();
    for (int f = 0; f < 40; f++) {
      List<Event> events = new ArrayList<>();
      for (int i = 0; i < 50; i++) {
        events.add(event(f * 50 + i, Events.BASE_MICROS + i * 40 + f));
      }
      history.add(write(TestFiles.Layout.real(), events));
    }
    try (TimeOrderedRows rows = new TimeOrderedRows(history, Long.MIN_VALUE, false, LITTLE)) {
      for (int i = 0; i < 2000; i++) {
        SnapshotRow row = rows.next();
        assertEquals(Events.BASE_MICROS + i, row.event().micros());
        assertEquals(i % 40, row.file());
        assertEquals(1 + i / 40, row.row());
      }
      assertNull(rows.next());
      assertEquals(40, rows.mostOpen());
      assertTrue(rows.groupsOnDisk() > 20, "on disk: " + rows.groupsOnDisk());
    }
    assertEquals(40, filesLeft());
  }

  @Test
  void aFullDiskIsNoFilesFault() throws Exception {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      events.add(event(i, Events.BASE_MICROS + 2000 - i));
    }
    SnapshotFile file = write(TestFiles.Layout.real(), events);
    ReadLimits noDisk = new ReadLimits(ReadLimits.LEAST_MEMORY, 1 << 20, 100_000);
    try (TimeOrderedRows rows = new TimeOrderedRows(List.of(file), Long.MIN_VALUE, false, noDisk)) {
      ScratchException e = assertThrows(ScratchException.class, rows::next);
      assertTrue(e.getMessage().contains("snapshot.disk.bytes=100000"), e.getMessage());
      assertTrue(e.getMessage().contains(folder.toString()), e.getMessage());
    }
    assertEquals(1, filesLeft());
  }

  private long filesLeft() throws IOException {
    try (Stream<Path> left = Files.list(folder)) {
      return left.count();
    }
  }

  @Test
  void manyRowsOfOneMicrosecond() throws Exception {
    List<Event> events = new ArrayList<>();
    for (int i = 0; i < 5000; i++) {
      events.add(event(i, Events.BASE_MICROS));
    }
    SnapshotFile one = write(TestFiles.Layout.real(), events);
    Collections.shuffle(events, new Random(1));
    SnapshotFile two = write(TestFiles.Layout.real().withGroups(999), events);
    try (TimeOrderedRows rows =
        new TimeOrderedRows(List.of(one, two), Long.MIN_VALUE, false, LITTLE)) {
      for (int i = 0; i < 5000; i++) {
        assertEquals(Events.event(i, "1").id(), rows.next().event().id());
      }
      assertNull(rows.next());
      assertEquals(5000, rows.repeated());
    }
  }

  @Test
  void aFileThatIsDamagedIsNamedAndTheOthersAreClosed() throws Exception {
    SnapshotFile good = write(TestFiles.Layout.real(), List.of(event(1, Events.BASE_MICROS)));
    SnapshotFile bad = write(TestFiles.Layout.real(), List.of(event(2, Events.BASE_MICROS)));
    Files.writeString(bad.path(), "PAR1 no more");
    ProtocolException e =
        assertThrows(
            ProtocolException.class,
            () -> new TimeOrderedRows(List.of(good, bad), Long.MIN_VALUE, false).close());
    assertEquals(ProtocolException.Kind.FILE, e.kind());
    assertTrue(e.getMessage().contains(bad.name()), e.getMessage());
    SnapshotFile gone = new SnapshotFile("gone.parquet", folder.resolve("gone"));
    ProtocolException missing =
        assertThrows(
            ProtocolException.class,
            () -> new TimeOrderedRows(List.of(gone), Long.MIN_VALUE, false).close());
    assertTrue(missing.getMessage().contains("gone from the disk"), missing.getMessage());
  }

  private static Event event(long number, long micros) {
    return Events.event(number, micros, "{\"n\":" + number + "}", "t", "e-" + number % 10)
        .withTenant(null);
  }

  private SnapshotFile write(TestFiles.Layout layout, List<Event> events) throws IOException {
    return TestFiles.write(folder.resolve(files++ + ".parquet"), layout, events);
  }
}
