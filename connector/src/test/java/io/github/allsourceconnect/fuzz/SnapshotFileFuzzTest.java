package io.github.allsourceconnect.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.allsourceconnect.snapshot.ForgedParquet;
import io.github.allsourceconnect.snapshot.ReadLimits;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.snapshot.SnapshotFileException;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.snapshot.TimeOrderedRows;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Any bytes as a snapshot file: rows come in order, or it is said of the file, by its name, that it
 * can't be read; it takes a bounded amount of memory, and nothing is left beside it.
 */
class SnapshotFileFuzzTest {
  private static final ReadLimits LIMITS =
      new ReadLimits(ReadLimits.LEAST_MEMORY, 1 << 20, 1 << 20);

  /** Of all that a file of some kilobytes makes, whenever it was collected. */
  private static final long ALLOCATED_MAX = 64L << 20;

  private static final Scratch SCRATCH = new Scratch();

  /** Whether Parquet's classes are loaded, and instrumented: that takes more than any file. */
  private static boolean loaded;

  static List<byte[]> seeds() {
    ForgedParquet dictionary = new ForgedParquet();
    ForgedParquet version2 = new ForgedParquet();
    for (int i = 0; i < dictionary.columns.length; i++) {
      byte[] entries = ForgedParquet.dictionary(ForgedParquet.plain(i), 3);
      dictionary.columns[i].dictionaryLength = entries.length;
      dictionary.columns[i].pages =
          ForgedParquet.join(entries, ForgedParquet.page(ForgedParquet.run(3), 3, 8));
      version2.columns[i].pages = ForgedParquet.page2(ForgedParquet.plain(i), 3, 0, 0, 0);
    }
    return List.of(
        new ForgedParquet().toBytes(),
        dictionary.toBytes(),
        version2.toBytes(),
        ForgedParquet.withHugeDictionary(),
        ForgedParquet.withHugePage(),
        ForgedParquet.withMillionsOfRows());
  }

  @MethodSource("seeds")
  @FuzzTest
  void file(byte[] input) throws IOException {
    Path path = SCRATCH.folder().resolve("f");
    Files.write(path, input);
    long before = loaded ? allocated() : Long.MAX_VALUE / 2;
    loaded = true;
    for (boolean idsOnly : new boolean[] {true, false}) {
      try (TimeOrderedRows rows =
          new TimeOrderedRows(
              List.of(new SnapshotFile("f.parquet", path)), Long.MIN_VALUE, idsOnly, LIMITS)) {
        long micros = Long.MIN_VALUE;
        for (SnapshotRow row = rows.next(); row != null; row = rows.next()) {
          assertTrue(row.event().micros() >= micros);
          micros = row.event().micros();
        }
      } catch (SnapshotFileException e) {
        assertEquals("f.parquet", e.file());
      }
    }
    long taken = allocated() - before;
    assertTrue(taken < ALLOCATED_MAX, "took " + taken + " bytes");
    Files.delete(path);
    SCRATCH.checkEmpty();
  }

  private static long allocated() {
    return ((com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean())
        .getCurrentThreadAllocatedBytes();
  }

  @Test
  void damaged() {
    Damage.run("snapshot files", seeds(), this::file);
  }
}
