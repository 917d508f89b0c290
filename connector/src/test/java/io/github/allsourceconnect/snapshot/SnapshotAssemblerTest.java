package io.github.allsourceconnect.snapshot;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.ProtocolException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

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
  void chunksOutOfOrder() throws Exception {
    wrong("outside", () -> chunk("a", 0, true, 1));
    wrong("without", assembler::end);
    start("a", "b");
    wrong("second snapshot_start", () -> start("c"));
    wrong("not announced", () -> chunk("c", 0, false, 1));
    wrong("begins at byte 1, but byte 0", () -> chunk("a", 1, false, 1));
    chunk("a", 0, false, 1);
    wrong("begins at byte 0, but byte 1", () -> chunk("a", 0, false, 1));
    wrong("begins at byte 3, but byte 1", () -> chunk("a", 3, true, 1));
    wrong("before the last one of a", () -> chunk("b", 0, false, 1));
    wrong("before the last chunk of a", assembler::end);
    chunk("a", 1, true, 1);
    wrong("after its last one", () -> chunk("a", 0, true, 1));
    wrong("1 of 2 files; the first one missing is b", assembler::end);
    chunk("b", 0, true, 1);
    assembler.end();
    wrong("outside", () -> chunk("b", 1, true, 1));
    wrong("without", assembler::end);
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
