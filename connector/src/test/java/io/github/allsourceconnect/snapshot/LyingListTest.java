package io.github.allsourceconnect.snapshot;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A file of 613 bytes that fuzzing has made: a list in its footer has elements of another type than
 * its header says, so whoever goes by the header and whoever reads the elements see other counts.
 */
class LyingListTest {
  private static final long BYTES_MAX = 16L << 20;
  @TempDir Path folder;

  @Test
  void takesNoMemoryForACountThatIsNotThere() throws Exception {
    Path path = Files.write(folder.resolve("f.parquet"), ForgedParquet.withLyingList());
    read(path); // what is loaded with it
    long before = allocated();
    read(path);
    long taken = allocated() - before;
    assertTrue(taken < BYTES_MAX, "took " + taken + " bytes");
  }

  private static void read(Path path) {
    ReadLimits limits = new ReadLimits(ReadLimits.LEAST_MEMORY, 1 << 20, 1 << 20);
    assertThrows(
        SnapshotFileException.class,
        () -> {
          try (TimeOrderedRows rows =
              new TimeOrderedRows(
                  List.of(new SnapshotFile("f.parquet", path)), Long.MIN_VALUE, false, limits)) {
            rows.next();
          }
        });
  }

  private static long allocated() {
    return ((ThreadMXBean) ManagementFactory.getThreadMXBean()).getCurrentThreadAllocatedBytes();
  }
}
