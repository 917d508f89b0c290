package io.github.allsourceconnect.sink.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.history.HistoryDecisions.Piece;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HistoryDecisionsTest {
  private static final HistoryDecisions DECISIONS = new HistoryDecisions(10, 1000, 50, 4, 16 << 20);

  static HistoryFile file(int number, long after, long upTo, long bytes) {
    return new HistoryFile(
        String.format(Locale.ROOT, "events-%08d.parquet", number), after, upTo, 1, bytes, 7, 0);
  }

  @Test
  void filesAreClosedBySizeAndAge() {
    assertFalse(DECISIONS.isFull(9, 999));
    assertTrue(DECISIONS.isFull(10, 1));
    assertTrue(DECISIONS.isFull(1, 1000));
    assertFalse(DECISIONS.isDue(100, 149));
    assertTrue(DECISIONS.isDue(100, 150));
  }

  @Test
  void everyLossAndEveryStartOfFourFiles() {
    // ranges 0-3, 3-5, 5-6, 6-9, and holes up to 11
    List<HistoryFile> files =
        List.of(file(1, 0, 3, 9), file(2, 3, 5, 9), file(3, 5, 6, 9), file(4, 6, 9, 9));
    HistoryManifest manifest = new HistoryManifest(1, 0, 11, files, List.of());
    for (int lost = 0; lost < 16; lost++) {
      Set<String> unusable = new HashSet<>();
      for (int i = 0; i < 4; i++) {
        if ((lost >> i & 1) == 1) {
          unusable.add(files.get(i).name());
        }
      }
      HistoryCoverage coverage = HistoryDecisions.coverage(manifest, unusable);
      assertEquals(11, coverage.upTo());
      for (long above = -1; above <= 12; above++) {
        // what a follower with this offset lacks
        Set<HistoryFile> needed = new HashSet<>();
        boolean complete = above >= 0 && above < 11;
        for (HistoryFile file : files) {
          if (file.upTo() > above) {
            needed.add(file);
            complete &= !unusable.contains(file.name());
          }
        }
        assertEquals(complete, above >= coverage.after() && above < coverage.upTo());
        long from = above;
        if (!complete) {
          assertThrows(
              IllegalArgumentException.class,
              () -> HistoryDecisions.pieces(manifest, unusable, from));
          continue;
        }
        List<Piece> pieces = HistoryDecisions.pieces(manifest, unusable, above);
        assertEquals(needed, new HashSet<>(pieces.stream().map(Piece::file).toList()));
        for (Piece piece : pieces) {
          assertEquals(piece.file().after() < above, piece.isCut());
          assertEquals(Math.max(above, piece.file().after()), piece.above());
        }
      }
      int usable = HistoryDecisions.usableLength(manifest, unusable);
      assertTrue(usable == 0 || !unusable.contains(files.get(usable - 1).name()));
      for (int i = usable; i < 4; i++) {
        assertTrue(unusable.contains(files.get(i).name()));
      }
    }
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> HistoryDecisions.pieces(manifest, Set.of(files.get(1).name()), 2));
    assertTrue(e.getMessage().contains("3 to 5 are gone"), e.getMessage());
    assertEquals(HistoryCoverage.NONE, HistoryDecisions.coverage(HistoryManifest.NONE, Set.of()));
  }

  @Test
  void mergesAreFewAndFilesStayFew() {
    for (long seed = 1; seed <= 40; seed++) {
      Random random = new Random(seed);
      List<HistoryFile> files = new ArrayList<>();
      long written = 0;
      long rewritten = 0;
      for (int i = 1; i <= 3000; i++) {
        long size = 1000 + random.nextInt(seed % 2 == 0 ? 100_000 : 3_000_000);
        files.add(file(i, i - 1, i, size));
        written += size;
        for (List<HistoryFile> run = DECISIONS.merge(files, Set.of());
            !run.isEmpty();
            run = DECISIONS.merge(files, Set.of())) {
          long bytes = run.stream().mapToLong(HistoryFile::bytes).sum();
          String where = "seed " + seed + ", file " + i;
          assertTrue(run.size() >= 2 && bytes <= DECISIONS.mergeMaxBytes(), where);
          HistoryManifest manifest = new HistoryManifest(1, 0, i, files, List.of());
          HistoryFile last = run.get(run.size() - 1);
          HistoryFile merged =
              new HistoryFile(
                  last.name().replace(".parquet", "m.parquet"),
                  run.get(0).after(),
                  last.upTo(),
                  1,
                  bytes,
                  1,
                  0);
          files = new ArrayList<>(manifest.replace(run, merged).files());
          rewritten += bytes;
        }
      }
      String where = "seed " + seed + ": " + files.size() + " files, " + rewritten + "/" + written;
      assertTrue(files.size() <= 2 * written / (DECISIONS.mergeMaxBytes() / 2) + 40, where);
      assertTrue(rewritten <= 8 * written, where);
    }
  }

  @Test
  void whatCanNotBeReadIsNotMerged() {
    List<HistoryFile> files = new ArrayList<>();
    for (int i = 1; i <= 7; i++) {
      files.add(file(i, i - 1, i, 10));
    }
    assertEquals(files, DECISIONS.merge(files, Set.of()));
    assertEquals(files.subList(3, 7), DECISIONS.merge(files, Set.of(files.get(2).name())));
    assertEquals(List.of(), DECISIONS.merge(files, Set.of(files.get(3).name())));
  }
}
