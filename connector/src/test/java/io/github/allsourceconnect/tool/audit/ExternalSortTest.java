package io.github.allsourceconnect.tool.audit;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.files.PrivateFiles;
import io.github.allsourceconnect.snapshot.ScratchException;
import io.github.allsourceconnect.tool.audit.decision.Fingerprint;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.List;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Records come back sorted, whether they fit in memory or not. */
class ExternalSortTest {
  @TempDir Path folder;

  @Test
  void generatedRecordsAreSorted() throws Exception {
    for (int seed = 1; seed <= 40; seed++) {
      RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
      int width = 12 + random.nextInt(20);
      int key = 8 + random.nextInt(width - 8);
      int distinct = 1 + random.nextInt(256);
      List<byte[]> expected = new ArrayList<>();
      try (ExternalSort sort =
          new ExternalSort(folder, "run" + seed, width, key, 200L + random.nextInt(100_000))) {
        for (int i = random.nextInt(3000); i > 0; i--) {
          byte[] record = new byte[width];
          for (int b = 0; b < width; b++) {
            record[b] = (byte) random.nextInt(distinct);
          }
          expected.add(record);
          sort.add(record);
        }
        Comparator<byte[]> byKey = (a, b) -> Arrays.compareUnsigned(a, 0, key, b, 0, key);
        expected.sort(byKey);
        for (int reading = 0; reading < 2; reading++) {
          int at = 0;
          for (Iterator<byte[]> read = sort.read(); read.hasNext(); at++) {
            byte[] record = read.next();
            assertArrayEquals(
                Arrays.copyOf(expected.get(at), key), Arrays.copyOf(record, key), "seed " + seed);
          }
          assertEquals(expected.size(), at, "seed " + seed);
        }
        assertEquals(expected.size(), sort.count());
      }
      assertEquals(List.of(), PrivateFiles.list(folder), "seed " + seed);
    }
  }

  @Test
  void aFolderThatTakesNothingIsToBlame() throws Exception {
    try (ExternalSort sort = new ExternalSort(folder.resolve("gone"), "run", 12, 8, 200)) {
      ScratchException full =
          assertThrows(
              ScratchException.class,
              () -> {
                for (int i = 0; i < 100; i++) {
                  sort.add(new byte[12]);
                }
              });
      assertTrue(full.message("--dir").contains("let --dir name a folder"), full.message("--dir"));
    }
  }

  @Test
  void fingerprintsComeBackAsTheyWereInEachLayout() throws Exception {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(1);
    List<Fingerprint> all = new ArrayList<>();
    for (int i = 0; i < 2000; i++) {
      all.add(
          new Fingerprint(
              random.nextLong(),
              random.nextLong(),
              random.nextInt(3),
              random.nextInt(100),
              random.nextLong(),
              random.nextLong(),
              random.nextLong(),
              random.nextLong(),
              random.nextInt(5),
              random.nextLong(),
              random.nextLong(),
              random.nextLong(),
              random.nextInt(),
              random.nextInt(),
              random.nextInt(4)));
    }
    Comparator<Fingerprint> byPlace =
        Comparator.comparingInt(Fingerprint::source).thenComparingLong(Fingerprint::place);
    for (Layout layout : Layout.values()) {
      Comparator<Fingerprint> order =
          switch (layout) {
            case BY_ID -> ((Comparator<Fingerprint>) Fingerprint::compareId).thenComparing(byPlace);
            case BY_ENTITY ->
                Comparator.comparingLong(Fingerprint::entity)
                    .thenComparing(byPlace)
                    .thenComparing(Fingerprint::compareId);
            case BY_PLACE -> byPlace.thenComparing(Fingerprint::compareId);
            case BY_TIME ->
                Comparator.comparingLong(Fingerprint::micros).thenComparing(Fingerprint::compareId);
          };
      try (Layout.Sort sort = new Layout.Sort(layout, folder, layout.name(), 20_000)) {
        for (Fingerprint one : all) {
          sort.add(one);
        }
        List<Fingerprint> read = new ArrayList<>();
        sort.read().forEachRemaining(read::add);
        List<Fingerprint> expected = new ArrayList<>(all);
        expected.sort(order);
        read.sort(order);
        assertEquals(expected, read, layout.name());
        Iterator<Fingerprint> again = sort.read();
        Fingerprint last = again.next();
        while (again.hasNext()) {
          Fingerprint next = again.next();
          boolean falls =
              layout == Layout.BY_ENTITY
                  ? last.entity() == next.entity() && byPlace.compare(last, next) > 0
                  : order.compare(last, next) > 0;
          assertFalse(falls, layout + ": " + last + " before " + next);
          last = next;
        }
      }
    }
  }
}
