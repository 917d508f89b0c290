package io.github.allsourceconnect.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.ProtocolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotAssemblerTest {
  @TempDir Path folder;
  private SnapshotAssembler assembler;

  @BeforeEach
  void open() throws IOException {
    assembler = new SnapshotAssembler(folder, 10);
  }

  @AfterEach
  void closeLeavesNothing() throws IOException {
    assembler.close();
    assembler.close();
    try (var left = Files.list(folder)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void filesComeTogetherInTheAnnouncedOrder() throws Exception {
    start("a", "b");
    chunk("a", 0, false, 1, 2);
    chunk("a", 2, true, 3);
    chunk("b", 0, true);
    assertFalse(assembler.ended());
    assertThrows(IllegalStateException.class, assembler::files);
    assembler.end();
    assertTrue(assembler.ended());
    List<SnapshotFile> files = assembler.files();
    assertEquals(List.of("a", "b"), files.stream().map(SnapshotFile::name).toList());
    assertArrayEquals(new byte[] {1, 2, 3}, Files.readAllBytes(files.get(0).path()));
    assertArrayEquals(new byte[0], Files.readAllBytes(files.get(1).path()));
    assertEquals(3, assembler.bytes());
    assertEquals(2, assembler.filesStored());
  }

  @Test
  void noFilesAtAll() throws Exception {
    start();
    assembler.end();
    assertEquals(List.of(), assembler.files());
  }

  @Test
  void whatBelongsToNoSnapshot() throws Exception {
    wrong("outside", () -> chunk("a", 0, true, 1));
    wrong("without", assembler::end);
    start("a");
    wrong("second snapshot_start", () -> start("c"));
    chunk("a", 0, true, 1);
    assembler.end();
    wrong("outside", () -> chunk("a", 1, true, 1));
    wrong("without", assembler::end);
  }

  /** One that is not whole is named at the end, and the others are read nevertheless. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        // a chunk is file, offset, ! for the last one
        "a0 a1! b1! c0!        | b   | begins at byte 1, but byte 0 is next",
        "a0 a0 a1! b0! c0!     | a   | begins at byte 0, but byte 1 is next",
        "a0 a2! b0! c0!        | a   | begins at byte 2, but byte 1 is next",
        "a0 b0! c0!            | a   | a chunk of b came before the last one of a",
        "a0! a1! b0! c0!       | a   | a further chunk of a came after its last one",
        "a0! b0! c0            | c   | it ended before the last chunk of c",
        "a0! c0!               | b   | it ended without the file b",
        "a0! b0!               | c   | it ended without the file c",
        "a0 b1! c0!            | a b | is b",
        "a0                    | a b c | of 3 files, are b, c",
        "a0 a2 a3! b0 b1 c1 c2!| a b c | of 3 files, are b, c",
      })
  void everyDamagedFileIsNamed(String chunks, String damaged, String named) throws Exception {
    start("a", "b", "c");
    for (String one : chunks.strip().split(" ")) {
      chunk(one.substring(0, 1), one.charAt(1) - '0', one.endsWith("!"), 1);
    }
    assertThrows(IllegalStateException.class, assembler::files);
    wrong(named, assembler::end);
    assertEquals(Set.of(damaged.split(" ")), assembler.damagedFiles());
    assertFalse(assembler.ended());
    assertEquals(3, assembler.filesWanted());
  }

  /** The chunk that was in a line that can't be read is missed at the next boundary. */
  @ParameterizedTest
  @CsvSource({
    "? a1! b0! c0 c1!, a", // the first of all
    "a0 ? b0! c0 c1!, a", // the last one of a file
    "a0 a1! ? c0 c1!, b", // the only one of a file
    "a0 a1! b0! ? c1!, c", // the first one of a file
    "a0 a1! b0! c0 ? c2!, c", // one in the middle
    "a0 a1! b0! c0 ?, c", // the last one of all
    "? ? b0! c0 c1!, a",
    "? ? ? c0 c1!, a b",
  })
  void anUnreadableLineIsMissedInTheFileItWasOf(String chunks, String damaged) throws Exception {
    lines(chunks);
    assertTrue(assembler.harm() != null, "known before the end");
    wrong("could not be used: line 7 is bad", assembler::end);
    assertEquals(Set.of(damaged.split(" ")), assembler.damagedFiles());
    // next time they are left out, and the same lines do no harm
    assembler.close();
    assembler = new SnapshotAssembler(folder, 10, assembler.damagedFiles());
    lines(chunks);
    assembler.end();
    assertEquals(Set.of(), assembler.damagedFiles());
    assertEquals(3 - damaged.split(" ").length, assembler.files().size());
    assertEquals(assembler.files().size(), assembler.filesWanted());
  }

  @ParameterizedTest
  @ValueSource(strings = {"? a0 a1! b0! c0!", "a0 ? a1! b0! c0!", "a0 a1! ? b0! c0! ?"})
  void anUnreadableLineThatNoFileLacksDoesNoHarm(String chunks) throws Exception {
    lines(chunks);
    assembler.end();
    assertEquals(Set.of(), assembler.damagedFiles());
    assertEquals(3, assembler.files().size());
    assertEquals(chunks.split("\\?", -1).length - 1, assembler.unreadableLines());
    assertEquals("line 7 is bad", assembler.harm());
  }

  @Test
  void aChunkOfAnUnknownFileIsAnUnreadableLine() throws Exception {
    start("a", "b");
    assertNull(assembler.harm());
    chunk("c", 0, false, 1);
    assertTrue(assembler.harm().contains("the file c, which was not announced"));
    chunk("a", 1, true, 1);
    chunk("b", 0, true, 1);
    wrong("not announced", assembler::end);
    assertEquals(Set.of("a"), assembler.damagedFiles());
  }

  @Test
  void thereAreNotUnreadableLinesForEver() throws Exception {
    start("a");
    for (int i = 0; i < 10_000; i++) {
      assembler.unreadable("line " + i + " is bad");
    }
    wrong("more than 10000 of its lines", () -> assembler.unreadable("again"));
  }

  private void lines(String chunks) throws IOException {
    start("a", "b", "c");
    for (String one : chunks.split(" ")) {
      if (one.equals("?")) {
        assembler.unreadable("line 7 is bad");
      } else {
        chunk(one.substring(0, 1), one.charAt(1) - '0', one.endsWith("!"), 1);
      }
    }
  }

  @Test
  void names() throws Exception {
    wrong("bare", () -> start("../a"));
    assembler.close();
    assembler = new SnapshotAssembler(folder, 10);
    wrong("twice", () -> start("a", "a"));
  }

  @Test
  void theLimitHoldsForAllFilesTogether() throws Exception {
    start("a", "b");
    chunk("a", 0, true, 1, 2, 3, 4, 5, 6);
    chunk("b", 0, false, 1, 2, 3, 4);
    ProtocolException e = assertThrows(ProtocolException.class, () -> chunk("b", 4, true, 5));
    assertEquals(ProtocolException.Kind.TOO_LONG, e.kind());
    assertTrue(e.getMessage().contains("snapshot.disk.bytes"), e.getMessage());
    assertEquals(10, assembler.bytes());
  }

  private interface Step {
    void run() throws Exception;
  }

  private static void wrong(String named, Step step) {
    ProtocolException e = assertThrows(ProtocolException.class, step::run);
    assertEquals(ProtocolException.Kind.SNAPSHOT, e.kind());
    assertTrue(e.getMessage().contains(named), e.getMessage());
  }

  private void start(String... names) throws ProtocolException {
    assembler.start(new LeaderMessage.SnapshotStart(List.of(names)));
  }

  private void chunk(String name, long offset, boolean last, int... bytes) throws IOException {
    byte[] data = new byte[bytes.length];
    for (int i = 0; i < bytes.length; i++) {
      data[i] = (byte) bytes[i];
    }
    assembler.chunk(new LeaderMessage.SnapshotChunk(name, data, offset, last));
  }
}
