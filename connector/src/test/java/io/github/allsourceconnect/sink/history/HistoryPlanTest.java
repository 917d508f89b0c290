package io.github.allsourceconnect.sink.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.decision.HistoryCoverage.Hole;
import io.github.allsourceconnect.sink.history.HistoryPlan.Piece;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

class HistoryPlanTest {
  private static final HistoryPlan PLAN = new HistoryPlan(10, 1000, 50, 4, 16 << 20);

  static HistoryFile file(int number, long after, long upTo, long bytes) {
    return new HistoryFile(
        String.format(Locale.ROOT, "events-%08d.parquet", number), after, upTo, 1, bytes, 7, 0);
  }

  @Test
  void filesAreClosedBySizeAndAge() {
    assertFalse(PLAN.isFull(9, 999));
    assertTrue(PLAN.isFull(10, 1));
    assertTrue(PLAN.isFull(1, 1000));
    assertFalse(PLAN.isDue(100, 149));
    assertTrue(PLAN.isDue(100, 150));
  }

  @Test
  void everyLossAndEveryStartOfFourFiles() {
    // ranges 0-3, 3-5, 5-6, 6-9, and holes up to 11
    List<HistoryFile> files =
        List.of(file(1, 0, 3, 9), file(2, 3, 5, 9), file(3, 5, 6, 9), file(4, 6, 9, 9));
    HistoryManifest manifest = new HistoryManifest(1, null, 0, 11, List.of(), files, List.of());
    for (int lost = 0; lost < 16; lost++) {
      Map<String, String> unusable = new HashMap<>();
      for (int i = 0; i < 4; i++) {
        if ((lost >> i & 1) == 1) {
          unusable.put(files.get(i).name(), "lost");
        }
      }
      HistoryCoverage coverage = HistoryPlan.coverage(manifest, unusable);
      assertEquals(11, coverage.upTo());
      for (long above = -1; above <= 12; above++) {
        // what a follower with this offset lacks
        Set<HistoryFile> needed = new HashSet<>();
        boolean complete = above >= 0 && above < 11;
        for (HistoryFile file : files) {
          if (file.upTo() > above) {
            needed.add(file);
            complete &= !unusable.containsKey(file.name());
          }
        }
        assertEquals(
            complete,
            above >= 0 && above < coverage.upTo() && coverage.lackedAbove(above).isEmpty());
        long from = above;
        if (!complete) {
          assertThrows(
              IllegalArgumentException.class,
              () -> HistoryPlan.pieces(manifest, unusable, from, false));
          continue;
        }
        List<Piece> pieces = HistoryPlan.pieces(manifest, unusable, above, false);
        assertEquals(needed, new HashSet<>(pieces.stream().map(Piece::file).toList()));
        for (Piece piece : pieces) {
          assertEquals(piece.file().after() < above, piece.isCut());
          assertEquals(Math.max(above, piece.file().after()), piece.above());
        }
      }
      int left = 4 - unusable.size();
      assertEquals(left, HistoryPlan.pieces(manifest, unusable, 0, true).size());
    }
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> HistoryPlan.pieces(manifest, Map.of(files.get(1).name(), "lost"), 2, false));
    assertTrue(e.getMessage().contains("WAL offsets 4 to 5 (lost)"), e.getMessage());
    assertEquals(HistoryCoverage.NONE, HistoryPlan.coverage(HistoryManifest.NONE, Map.of()));
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
        for (List<HistoryFile> run = PLAN.merge(files, Set.of());
            !run.isEmpty();
            run = PLAN.merge(files, Set.of())) {
          long bytes = run.stream().mapToLong(HistoryFile::bytes).sum();
          String where = "seed " + seed + ", file " + i;
          assertTrue(run.size() >= 2 && bytes <= PLAN.mergeMaxBytes(), where);
          HistoryManifest manifest =
              new HistoryManifest(1, null, 0, i, List.of(), files, List.of());
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
      assertTrue(files.size() <= 2 * written / (PLAN.mergeMaxBytes() / 2) + 40, where);
      assertTrue(rewritten <= 8 * written, where);
    }
  }

  @Test
  void whatCanNotBeReadIsNotMerged() {
    List<HistoryFile> files = new ArrayList<>();
    for (int i = 1; i <= 7; i++) {
      files.add(file(i, i - 1, i, 10));
    }
    assertEquals(files, PLAN.merge(files, Set.of()));
    assertEquals(files.subList(3, 7), PLAN.merge(files, Set.of(files.get(2).name())));
    assertEquals(List.of(), PLAN.merge(files, Set.of(files.get(3).name())));
  }

  @Test
  void aHoleEndsARun() {
    List<HistoryFile> files = new ArrayList<>();
    for (int i = 1; i <= 7; i++) {
      long shift = i > 3 ? 100 : 0;
      files.add(file(i, shift + i - 1, shift + i, 10));
    }
    assertEquals(files.subList(3, 7), PLAN.merge(files, Set.of()));
  }

  @Test
  void filesAreDeletedByTheirOwnRetentionOnly() {
    List<HistoryFile> files = new ArrayList<>();
    long time = 1_767_323_045_000L;
    for (int i = 1; i <= 5; i++) {
      String name = FileNames.next(null, time + i * 1000, i, 0);
      files.add(new HistoryFile(name, i - 1, i, 1, 100, 7, 0));
    }
    long later = time + 1_000_000_000;
    assertEquals(0, PLAN.expired(files, later), "off by default");
    assertEquals(5, kept(OptionalLong.of(1), OptionalLong.empty()).expired(files, later));
    HistoryPlan threeSeconds = kept(OptionalLong.of(3000), OptionalLong.empty());
    assertEquals(2, threeSeconds.expired(files, time + 5500));
    assertEquals(3, kept(OptionalLong.empty(), OptionalLong.of(200)).expired(files, later));
    assertEquals(2, kept(OptionalLong.empty(), OptionalLong.of(201)).expired(files, later));
    HistoryManifest manifest = new HistoryManifest(1, null, 0, 5, List.of(), files, List.of());
    assertEquals(2, manifest.dropFirst(2).after());
    assertEquals(5, manifest.dropFirst(5).after());
    HistoryManifest hole = manifest.lose(new Hole(5, 9, "lost"));
    assertEquals(9, hole.dropFirst(5).after(), "the hole goes with what lay before it");
    assertEquals(hole.holes(), hole.dropFirst(4).holes());
  }

  private static HistoryPlan kept(OptionalLong ms, OptionalLong bytes) {
    return new HistoryPlan(10, 1000, 50, 4, 16 << 20, ms, bytes);
  }
}
