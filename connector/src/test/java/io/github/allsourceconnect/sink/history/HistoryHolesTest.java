package io.github.allsourceconnect.sink.history;

import static io.github.allsourceconnect.sink.history.HistoryProbe.range;
import static io.github.allsourceconnect.sink.history.HistoryProbe.received;
import static io.github.allsourceconnect.sink.history.HistoryProbe.receivedAcrossHoles;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.decision.HistoryCoverage.Hole;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.decision.TopicRetention;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.parquet.ParquetReadOptions;
import org.apache.parquet.conf.PlainParquetConfiguration;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.io.LocalInputFile;
import org.junit.jupiter.api.Test;

/** What the log lost before it was written is a hole; nothing that is kept is given up for it. */
class HistoryHolesTest extends DrivenHistory {
  @Test
  void oneLostRecordLeavesAllThatIsKept() throws IOException {
    probe().written(30);
    List<Path> before = parquetFiles();
    HistoryProbe second = probe();
    second.open();
    assertEquals(31, second.goOn(31, 50), "record 31 is gone");
    assertTrue(parquetFiles().containsAll(before), "no kept file is deleted");
    HistoryCoverage coverage = second.history.coverage();
    assertEquals(1, coverage.missing());
    assertEquals(30, coverage.holes().get(0).after());
    IOException e = assertThrows(IOException.class, () -> second.history.read(0, false));
    assertTrue(e.getMessage().contains("WAL offsets 31 to 31"), e.getMessage());
    second.append(31, 50);
    second.appender.close();
    HistoryProbe third = probe();
    assertEquals(1, third.open().missing(), "the hole is durable");
    assertEquals(range(31, 50), received(third.history, 31, temp));
    List<Long> left = new ArrayList<>(range(0, 30));
    left.addAll(range(31, 50));
    assertEquals(left, receivedAcrossHoles(third.history, temp));
    third.appender.close();
  }

  @Test
  void theHistoryOfAnotherLogIsSetAsideWhole() throws IOException {
    probe().written(30);
    List<Path> before = parquetFiles();
    LogIdentity other = new LogIdentity("cluster-1", "topic-2");
    for (int round = 0; round < 2; round++) {
      HistoryProbe second = probe();
      assertEquals(round == 0 ? -1 : 20, second.appender.open(other).upTo());
      if (round == 0) {
        second.goOn(0, 20);
        second.append(0, 20);
      }
      assertEquals(range(0, 20), received(second.history, 0, temp));
      second.appender.close();
    }
    assertTrue(parquetFiles().containsAll(before), "nothing of the old one is deleted");
    Path list = files(".*aside-.*").get(0);
    assertTrue(list.toString().contains("topic-1"), list.toString());
    HistoryManifest aside = ManifestFormat.decode(Files.readAllBytes(list));
    assertEquals(HistoryProbe.LOG, aside.log());
    assertEquals(30, aside.upTo());
  }

  @Test
  void eachFileSaysOfWhichLogItIs() throws IOException {
    HistoryProbe probe = probe().begunAt(0);
    probe.append(0, 30);
    assertEquals(3, parquetFiles().size());
    probe.appender.reached(30, false);
    probe.append(30, 40);
    probe.appender.reached(40, false);
    assertEquals(2, parquetFiles().size(), "a merged one and a new one");
    for (Path file : parquetFiles()) {
      try (ParquetFileReader reader =
          ParquetFileReader.open(
              new LocalInputFile(file),
              ParquetReadOptions.builder(new PlainParquetConfiguration()).build())) {
        assertEquals(
            HistoryProbe.LOG.text(),
            reader.getFileMetaData().getKeyValueMetaData().get(HistoryManifest.LOG));
      }
    }
    probe.appender.close();
  }

  @Test
  void aHistoryWithoutAnIdentityIsTakenForThisLogs() throws IOException {
    probe().written(20);
    Path list =
        Collections.max(
            files("files-.*"),
            Comparator.comparing(path -> Long.valueOf(path.getFileName().toString().substring(6))));
    HistoryManifest newest = ManifestFormat.decode(Files.readAllBytes(list));
    HistoryManifest old =
        new HistoryManifest(
            newest.number(), null, 0, 20, List.of(), newest.files(), newest.retired());
    Files.write(list, ManifestFormat.encode(old));
    HistoryProbe second = probe();
    assertEquals(new HistoryCoverage(0, 20), second.open());
    assertEquals(HistoryProbe.LOG, second.history.identity());
    second.appender.close();
    HistoryProbe third = probe();
    assertEquals(-1, third.appender.open(new LogIdentity("cluster-1", "topic-2")).upTo());
    third.appender.close();
  }

  @Test
  void aFileInNoListIsKeptWhileItMayBeTheOnlyCopy() throws IOException {
    probe().written(10);
    Path stray = folder().resolve(FileNames.next(null, 1_767_323_045_000L, 15, 1));
    Files.writeString(stray, "stored, but the writer was killed before it was listed");
    HistoryProbe second = probe();
    second.open();
    second.goOn(20, 20);
    second.appender.close();
    assertTrue(Files.exists(stray), "the log has lost what it holds");
    HistoryProbe third = probe();
    third.open();
    third.appender.close();
    assertTrue(Files.exists(stray));
  }

  @Test
  void aFileInNoListGoesWhenAllOfItIsListed() throws IOException {
    probe().written(20);
    Path stray = folder().resolve(FileNames.next(null, 1_767_323_045_000L, 15, 1));
    Files.writeString(stray, "a copy");
    HistoryProbe second = probe();
    second.open();
    second.appender.close();
    assertTrue(Files.notExists(stray));
  }

  @Test
  void whatIsOldGoesByTheHistorysOwnRetention() throws IOException {
    HistoryPlan plan =
        new HistoryPlan(
            10, 1 << 20, 1000, 100, 1 << 20, OptionalLong.of(60_000), OptionalLong.empty());
    HistoryProbe probe = probe(plan).begunAt(0);
    probe.append(0, 20);
    probe.clock.addAndGet(50_000);
    probe.append(20, 30);
    probe.appender.reached(30, false);
    assertEquals(new HistoryCoverage(0, 30), probe.history.coverage());
    probe.clock.addAndGet(20_000);
    probe.appender.reached(30, false);
    assertEquals(new HistoryCoverage(20, 30), probe.history.coverage());
    probe.appender.reached(30, false);
    assertEquals(1, parquetFiles().size());
    probe.appender.close();
    HistoryProbe again = probe(plan);
    assertEquals(new HistoryCoverage(20, 30), again.open());
    again.appender.close();
  }

  @Test
  void filesAreClosedBeforeTheTopicDeletesWhatTheyHold() throws IOException {
    TopicRetention retention =
        new TopicRetention(OptionalLong.of(2_000), OptionalLong.of(400 << 10));
    List<String> warnings = retention.warnings(1000, 1 << 20);
    assertEquals(2, warnings.size());
    assertTrue(warnings.get(0).contains("lower snapshot.file.max.age.ms"), warnings.get(0));
    assertTrue(warnings.get(1).contains("lower snapshot.file.max.bytes"), warnings.get(1));
    assertEquals(List.of(), retention.warnings(500, 100 << 10));
    assertEquals(List.of(), TopicRetention.FOREVER.warnings(1000, 1 << 20));
    HistoryProbe probe = probe().begunAt(0);
    probe.appender.hurry(retention);
    probe.append(0, 5);
    probe.clock.addAndGet(499);
    probe.appender.reached(5, false);
    assertEquals(0, probe.history.coverage().upTo());
    probe.clock.addAndGet(1);
    probe.appender.reached(5, false);
    assertEquals(5, probe.history.coverage().upTo(), "a quarter of retention.ms");
    probe.append(5, 7);
    assertTrue(retention.takesSoon(10_000, 11_000));
    assertTrue(!retention.takesSoon(10_001, 11_000));
    assertTrue(!TopicRetention.FOREVER.takesSoon(0, Long.MAX_VALUE));
    probe.appender.reached(7, true);
    assertEquals(7, probe.history.coverage().upTo(), "at once");
    probe.appender.close();
  }

  @Test
  void nobodyElseMayReadItAndLinksAreNotFollowed() throws IOException {
    probe().written(10);
    for (Path path : List.of(folder(), folder().getParent(), folder().resolve("work"))) {
      assertEquals("rwx------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
    }
    try (Stream<Path> all = Files.list(folder())) {
      for (Path path : all.filter(Files::isRegularFile).toList()) {
        assertEquals(
            "rw-------", PosixFilePermissions.toString(Files.getPosixFilePermissions(path)));
      }
    }
    Path elsewhere = Files.createDirectory(temp.resolve("elsewhere"));
    Path precious = Files.writeString(elsewhere.resolve("precious.tmp"), "x");
    Files.delete(folder().resolve("work"));
    Files.createSymbolicLink(folder().resolve("work"), elsewhere);
    IOException e = assertThrows(IOException.class, () -> probe().open());
    assertTrue(e.getMessage().contains("symbolic link"), e.getMessage());
    assertTrue(Files.exists(precious));
  }

  @Test
  void aDiskThatTakesNothingIsNamed() throws IOException {
    HistoryProbe probe = probe().begunAt(0);
    Path work = folder().resolve("work");
    Files.delete(work);
    IOException e = assertThrows(IOException.class, () -> probe.append(0, 1));
    assertTrue(e.getMessage().contains("built in " + work), e.getMessage());
    e = assertThrows(IOException.class, () -> probe.append(1, 2));
    assertTrue(e.getMessage().contains("restart the task"), e.getMessage());
    probe.appender.close();
  }

  @Test
  void listsThatCanNotBeReadDeleteNothing() throws IOException {
    probe().written(20);
    List<Path> before = parquetFiles();
    for (Path list : files("files-.*")) {
      Files.writeString(list, "something else");
    }
    IOException e = assertThrows(DamagedHistoryException.class, () -> probe().open());
    assertTrue(e.getMessage().contains(folder().toString()), e.getMessage());
    assertEquals(before, parquetFiles());
  }

  /** A log that loses its beginning whenever it likes, restarts, and followers of all kinds. */
  @Test
  void anyLoss() throws IOException {
    long seed = Long.getLong("fuzz.seed", System.nanoTime());
    Random random = new Random(seed);
    HistoryProbe probe = probe().begunAt(0);
    TreeSet<Long> log = new TreeSet<>();
    TreeSet<Long> kept = new TreeSet<>();
    TreeSet<Long> lost = new TreeSet<>();
    long begin = 0;
    long end = 0;
    long position = 0;
    for (int step = 0; step < 300; step++) {
      String where = "seed " + seed + ", step " + step;
      switch (random.nextInt(8)) {
        case 0 -> {
          if (random.nextBoolean()) {
            probe.appender.close();
          }
          begin = random.nextInt(3) == 0 ? begin + random.nextLong(end - begin + 1) : begin;
          probe = probe();
          long before = probe.open().upTo();
          position = probe.goOn(begin, end);
          lost.addAll(log.subSet(before, false, position, true));
          kept = new TreeSet<>(log.headSet(before, true));
          kept.removeAll(lost);
          assertEquals(Math.max(before, begin), position, where);
        }
        case 1 -> {
          probe.clock.addAndGet(random.nextInt(1500));
          probe.appender.reached(position, random.nextBoolean());
        }
        case 2 -> {
          HistoryCoverage coverage = probe.history.coverage();
          if (coverage.upTo() > 0) {
            TreeSet<Long> all = new TreeSet<>(log.headSet(coverage.upTo(), true));
            all.removeAll(lost);
            assertEquals(new ArrayList<>(all), receivedAcrossHoles(probe.history, temp), where);
            long after = random.nextLong(coverage.upTo());
            List<Hole> lacked = coverage.lackedAbove(after);
            if (lacked.isEmpty()) {
              assertEquals(
                  new ArrayList<>(log.subSet(after, false, coverage.upTo(), true)),
                  received(probe.history, after, temp),
                  where);
            } else {
              HistoryProbe here = probe;
              assertThrows(IOException.class, () -> here.history.read(after, false), where);
            }
          }
        }
        default -> {
          for (int i = random.nextInt(15); i > 0; i--) {
            end += 1 + (random.nextInt(5) == 0 ? random.nextInt(4) : 0);
            log.add(end);
          }
          probe.append(log.subSet(position, false, end, true));
          position = end;
        }
      }
    }
    probe.appender.close();
    HistoryProbe last = probe();
    last.open();
    TreeSet<Long> all = new TreeSet<>(log);
    all.removeAll(lost);
    all.removeAll(log.tailSet(last.history.coverage().upTo(), false));
    assertEquals(new ArrayList<>(all), receivedAcrossHoles(last.history, temp), "seed " + seed);
    assertTrue(all.containsAll(kept), "seed " + seed);
    last.appender.close();
  }
}
