package io.github.allsourceconnect.snapshot;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.github.allsourceconnect.files.PrivateFiles;
import io.github.allsourceconnect.protocol.LeaderMessage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.WritableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A disk that takes no more: the message names the folder and what to do, and nothing is left. */
class FullDiskTest {
  private static final int CHUNK = 512 << 10;

  @TempDir Path folder;

  /** Takes so much, then what a full disk says. */
  private static final class Full implements WritableByteChannel {
    private final WritableByteChannel file;
    private int left = CHUNK / 2;

    Full(WritableByteChannel file) {
      this.file = file;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      if (left < from.remaining()) {
        throw new IOException("No space left on device");
      }
      left -= from.remaining();
      return file.write(from);
    }

    @Override
    public boolean isOpen() {
      return file.isOpen();
    }

    @Override
    public void close() throws IOException {
      file.close();
    }
  }

  private static void fill(SnapshotAssembler assembler) throws IOException {
    assembler.start(new LeaderMessage.SnapshotStart(List.of("a.parquet"), false));
    byte[] data = new byte[CHUNK];
    for (long at = 0; at < 16 << 20; at += CHUNK) {
      assembler.chunk(new LeaderMessage.SnapshotChunk("a.parquet", data, at, false));
    }
  }

  private static void check(Path folder, SnapshotAssembler assembler) throws IOException {
    try (assembler) {
      IOException full = assertThrows(IOException.class, () -> fill(assembler));
      assertTrue(full.getMessage().contains(folder.toString()), full.getMessage());
      assertTrue(full.getMessage().contains("No space left on device"), full.getMessage());
      assertTrue(full.getMessage().contains("buffer.disk.dir"), full.getMessage());
    }
    try (Stream<Path> left = Files.list(folder)) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void aSnapshotThatFindsNoRoom() throws IOException {
    check(
        folder,
        new SnapshotAssembler(
            folder, 1L << 30, Set.of(), file -> new Full(PrivateFiles.create(file))));
  }

  /** {@code -Dfull.disk=FOLDER}, on a file system of a few megabytes. */
  @Test
  @EnabledIfSystemProperty(named = "full.disk", matches = ".+")
  void aRealOne() throws IOException {
    Path small = Path.of(System.getProperty("full.disk"));
    check(small, new SnapshotAssembler(small, 1L << 30));
  }

  @Test
  void whatReadingPutsBesideTheFiles() {
    ScratchException full = ScratchException.full(folder, "takes no more", null);
    String why = full.getMessage();
    assertTrue(why.contains(folder.toString()) && why.contains("buffer.disk.dir"), why);
    assertEquals(why.replace("buffer.disk.dir", "--dir"), full.message("--dir"));
  }
}
