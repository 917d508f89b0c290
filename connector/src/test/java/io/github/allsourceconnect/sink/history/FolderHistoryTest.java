package io.github.allsourceconnect.sink.history;

import static io.github.allsourceconnect.sink.history.HistoryProbe.entry;
import static io.github.allsourceconnect.sink.history.HistoryProbe.range;
import static io.github.allsourceconnect.sink.history.HistoryProbe.received;
import static io.github.allsourceconnect.sink.history.HistoryProbe.receivedAcrossHoles;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** The history in a folder: what was appended comes out, once, in order, whatever happens. */
class FolderHistoryTest extends DrivenHistory {
  @Test
  void itIsRolledBySizeAndByAge() throws IOException {
    HistoryProbe probe = probe();
    assertEquals(HistoryCoverage.NONE, probe.open());
    probe.begin(0);
    assertEquals(new HistoryCoverage(0, 0), probe.history.coverage());
    probe.append(0, 25);
    assertEquals(new HistoryCoverage(0, 20), probe.history.coverage());
    probe.appender.reached(25, false);
    assertEquals(new HistoryCoverage(0, 20), probe.history.coverage());
    probe.clock.addAndGet(1000);
    probe.appender.reached(27, false);
    assertEquals(new HistoryCoverage(0, 27), probe.history.coverage());
    assertEquals(range(0, 25), received(probe.history, 0, temp));
    assertEquals(range(13, 25), received(probe.history, 13, temp));
    assertEquals(List.of(), received(probe.history, 26, temp), "holes only");
    probe.clock.addAndGet(1000);
    probe.appender.reached(40, false);
    assertEquals(new HistoryCoverage(0, 40), probe.history.coverage());
    assertEquals(List.of(), received(probe.history, 30, temp), "holes only, and no file");
    probe.appender.close();
  }

  @Test
  void smallFilesAreMergedWhileAFollowerReadsThem() throws IOException {
    HistoryProbe probe = probe().begunAt(5);
    probe.append(5, 35);
    assertEquals(3, parquetFiles().size());
    HistoryReader slow = probe.history.read(7, false);
    probe.appender.reached(35, false);
    assertEquals(4, parquetFiles().size(), "the merged one beside those that are still read");
    int chunks = 0;
    while (slow.next() != null) {
      chunks++;
    }
    assertEquals(3, chunks);
    slow.close();
    probe.appender.reached(35, false);
    assertEquals(1, parquetFiles().size());
    assertEquals(range(5, 35), received(probe.history, 5, temp));
    assertEquals(range(20, 35), received(probe.history, 20, temp));
    probe.appender.close();
  }

  @Test
  void whatWasNotDurableIsAppendedAgainAndKeptOnce() throws IOException {
    HistoryProbe first = probe().begunAt(0);
    first.append(0, 17);
    // the worker is killed: no close
    HistoryProbe second = probe();
    assertEquals(new HistoryCoverage(0, 10), second.open());
    for (long offset = 3; offset <= 17; offset++) {
      second.appender.append(entry(offset));
      second.appender.append(entry(offset));
    }
    second.appender.close();
    probe().assertKept(17, temp);
  }

  @Test
  void aZombieIsShutOut() throws IOException {
    HistoryProbe zombie = probe().begunAt(0);
    zombie.append(0, 15);
    HistoryProbe owner = probe();
    owner.open();
    owner.append(10, 40);
    assertThrows(FencedException.class, () -> zombie.append(15, 30));
    assertThrows(IOException.class, () -> zombie.appender.append(entry(99)));
    zombie.appender.close();
    assertEquals(range(0, 40), received(owner.history, 0, temp));
    owner.appender.close();
    probe().assertKept(40, temp);
  }

  @Test
  void aZombieWhoseNextListWasDeletedMeanwhileIsShutOutToo() throws IOException {
    HistoryProbe zombie = probe().begunAt(0);
    HistoryProbe owner = probe();
    owner.open();
    owner.append(0, 100);
    zombie.clock.addAndGet(5000);
    assertThrows(FencedException.class, () -> zombie.appender.reached(50, false));
    assertEquals(range(0, 100), received(owner.history, 0, temp));
    owner.appender.close();
    probe().assertKept(100, temp);
  }

  /** A list that the next task could not read would be the end of all that is kept. */
  @Test
  void aListIsNeverLongerThanWhatIsRead() throws IOException {
    HistoryPlan unmerged = new HistoryPlan(10, 1 << 20, 1000, 3, 1);
    HistoryProbe probe =
        new HistoryProbe(new FolderStorage(temp, "c", "t-0", 8_000), unmerged).begunAt(0);
    IOException full = assertThrows(IOException.class, () -> probe.append(0, 2_000));
    assertTrue(full.getMessage().contains("its list is full"), full.getMessage());
    assertTrue(full.getMessage().contains("snapshot.merge.max.bytes"), full.getMessage());
    probe.appender.close();
    int files = parquetFiles().size();
    assertTrue(files > 20, "only " + files);
    HistoryProbe again = new HistoryProbe(new FolderStorage(temp, "c", "t-0", 8_000), unmerged);
    assertEquals(new HistoryCoverage(0, files * 10L), again.open());
    assertThrows(IOException.class, () -> again.append(files * 10L, files * 10L + 10));
    again.appender.close();
    assertEquals(files, parquetFiles().size(), "a task that is restarted leaves nothing");
    // as it is told to: files are merged, and there is room
    HistoryProbe merging = new HistoryProbe(new FolderStorage(temp, "c", "t-0", 8_000), PLAN);
    merging.open();
    merging.append(files * 10L, 2_000);
    merging.appender.close();
    probe().assertKept(2_000, temp);
  }

  @Test
  void aLostFileIsAHole() throws IOException {
    HistoryProbe probe = probe().begunAt(0);
    probe.append(0, 40);
    List<Path> files = parquetFiles();
    assertEquals(4, files.size());
    Files.delete(files.get(1));
    IOException e = assertThrows(IOException.class, () -> received(probe.history, 5, temp));
    assertTrue(e.getMessage().contains("11 to 20 are gone"), e.getMessage());
    HistoryCoverage coverage = probe.history.coverage();
    assertEquals(10, coverage.missing());
    assertEquals(10, coverage.holes().get(0).after());
    assertEquals(20, coverage.holes().get(0).upTo());
    e = assertThrows(IOException.class, () -> probe.history.read(15, false));
    assertTrue(e.getMessage().contains("16 to 20"), e.getMessage());
    assertEquals(range(20, 40), received(probe.history, 20, temp));
    List<Long> left = new ArrayList<>(range(0, 10));
    left.addAll(range(20, 40));
    assertEquals(left, receivedAcrossHoles(probe.history, temp));
    probe.appender.close();
    HistoryProbe again = probe();
    assertEquals(10, again.open().missing());
    again.appender.close();
  }

  @Test
  void aDamagedFileIsNoticedBeforeItsFirstChunk() throws IOException {
    HistoryProbe probe = probe().begunAt(0);
    probe.append(0, 20);
    Path file = parquetFiles().get(0);
    byte[] bytes = Files.readAllBytes(file);
    bytes[bytes.length / 2] ^= 1;
    Files.write(file, bytes);
    try (HistoryReader transfer = probe.history.read(0, false)) {
      assertThrows(IOException.class, transfer::next);
    }
    assertEquals(10, probe.history.coverage().missing());
    assertEquals(range(10, 20), received(probe.history, 10, temp));
    probe.appender.close();
  }

  @Test
  void lostFilesAtTheEndAreAppendedAgain() throws IOException {
    probe().written(20);
    Files.write(parquetFiles().get(1), new byte[] {1});
    HistoryProbe again = probe();
    assertEquals(10, again.open().missing());
    assertEquals(10, again.goOn(10, 20), "the log still has them");
    again.append(10, 20);
    again.appender.close();
    probe().assertKept(20, temp);
  }

  @Test
  void aHalfWrittenListIsPassedOver() throws IOException {
    probe().written(10);
    Files.writeString(folder().resolve("files-99"), "allsource history 1\n99 0 ");
    probe().assertKept(10, temp);
  }

  @Test
  void lostFilesAtTheEndThatTheLogHasNotStayInTheList() throws IOException {
    probe().written(20);
    Path last = parquetFiles().get(1);
    byte[] whole = Files.readAllBytes(last);
    Files.delete(last);
    HistoryProbe again = probe();
    again.open();
    assertEquals(20, again.goOn(15, 20), "the log has half of them");
    again.append(20, 30);
    assertEquals(10, again.history.coverage().missing());
    again.appender.close();
    Files.write(last, whole);
    // the file was brought back
    probe().assertKept(30, temp);
  }

  /**
   * Appends with holes, restarts with and without warning, ages, merges, and followers anywhere.
   */
  @Test
  void anyHistory() throws IOException {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    Random random = new Random(seed);
    HistoryProbe probe = probe().begunAt(0);
    TreeSet<Long> log = new TreeSet<>();
    long end = 0;
    long fed = 0;
    for (int step = 0; step < 400; step++) {
      String where = "seed " + seed + ", step " + step;
      switch (random.nextInt(12)) {
        case 0 -> {
          if (random.nextBoolean()) {
            probe.appender.close();
          }
          probe = probe();
          HistoryCoverage coverage = probe.open();
          assertTrue(coverage.after() == 0 && coverage.upTo() <= end, where);
          // overlaps what it has
          fed = Math.max(0, coverage.upTo() - random.nextInt(4));
        }
        case 1 -> probe.clock.addAndGet(random.nextInt(1500));
        case 2, 3 -> probe.appender.reached(fed, false);
        case 4 -> {
          HistoryCoverage coverage = probe.history.coverage();
          if (coverage.upTo() > 0) {
            long after = random.nextLong(coverage.upTo());
            assertEquals(
                new ArrayList<>(log.subSet(after, false, coverage.upTo(), true)),
                received(probe.history, after, temp),
                where);
          }
        }
        default -> {
          for (int i = random.nextInt(15); i > 0; i--) {
            end += 1 + (random.nextInt(5) == 0 ? random.nextInt(4) : 0);
            log.add(end);
          }
          probe.append(log.subSet(fed, false, end, true));
          fed = end;
        }
      }
    }
    probe.append(
        log.subSet(fed, false, end, true)); // what the last restart has left to be fed again
    probe.appender.close();
    HistoryProbe last = probe();
    last.open();
    assertEquals(new ArrayList<>(log), received(last.history, 0, temp), "seed " + seed);
    assertTrue(parquetFiles().size() < 30, "merged: " + parquetFiles().size());
    last.appender.close();
  }
}
