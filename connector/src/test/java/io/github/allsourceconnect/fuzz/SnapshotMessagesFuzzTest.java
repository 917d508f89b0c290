package io.github.allsourceconnect.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.code_intelligence.jazzer.junit.FuzzTest;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.snapshot.SnapshotAssembler;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.source.fetch.SnapshotLinesProbe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A snapshot as it comes: it ends whole, within its limit and inside its folder, or it is refused;
 * nothing of it is left on the disk.
 */
class SnapshotMessagesFuzzTest {
  private static final int DISK_MAX = 1 << 12;
  private static final Scratch SCRATCH = new Scratch();

  static List<byte[]> seeds() {
    String start = "{\"type\":\"snapshot_start\",\"parquet_files\":[\"a.parquet\",\"b\"]}";
    String end = "{\"type\":\"snapshot_end\",\"wal_offset_after_snapshot\":7}";
    String caughtUp = "{\"type\":\"caught_up\",\"current_offset\":9}";
    return List.of(
        Lines.input(
            200,
            start,
            chunk("a.parquet", "UEFSMQ==", 0, false),
            chunk("a.parquet", "AAAA", 4, true),
            chunk("b", "", 0, true),
            end,
            caughtUp),
        Lines.input(50, start, chunk("b", "AA==", 0, true), "no json", caughtUp),
        Lines.input(
            9,
            "{\"type\":\"snapshot_start\",\"parquet_files\":[\"..\"],\"replays\":true}",
            end,
            caughtUp),
        Lines.input(100, caughtUp),
        Lines.input(100, "{\"type\":\"snapshot_start\",\"parquet_files\":[]}", end));
  }

  private static String chunk(String file, String data, long offset, boolean last) {
    return "{\"type\":\"snapshot_chunk\",\"filename\":\""
        + file
        + "\",\"data\":\""
        + data
        + "\",\"chunk_offset\":"
        + offset
        + ",\"is_last\":"
        + last
        + "}";
  }

  @MethodSource("seeds")
  @FuzzTest
  void messages(byte[] input) throws IOException {
    Path parent = SCRATCH.folder();
    boolean leavesOut = input.length > 1 && (input[0] & 1) == 1;
    try (SnapshotAssembler assembler = new SnapshotAssembler(parent, DISK_MAX)) {
      SnapshotLinesProbe lines = new SnapshotLinesProbe(assembler, leavesOut);
      try {
        Lines.frame(input, lines::line);
      } catch (ProtocolException e) {
        assertFalse(e.getMessage().isEmpty());
      }
      assertTrue(assembler.bytes() <= DISK_MAX);
      if (lines.complete()) {
        long stored = 0;
        for (SnapshotFile file : assembler.files()) {
          assertTrue(file.path().normalize().startsWith(parent), file.path().toString());
          stored += Files.size(file.path());
        }
        assertEquals(assembler.bytes(), stored);
      }
    }
    SCRATCH.checkEmpty();
  }

  @Test
  void damaged() {
    Damage.run("snapshot messages", seeds(), this::messages);
  }
}
