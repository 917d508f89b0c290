package io.github.allsourceconnect.fuzz;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * A folder for a target's files: in memory where there is such a one, and made once, or the disk
 * would be what is measured.
 */
final class Scratch {
  private final Path folder;

  Scratch() {
    Path memory = Path.of("/dev/shm");
    try {
      folder =
          Files.isWritable(memory)
              ? Files.createTempDirectory(memory, "fuzz-")
              : Files.createTempDirectory("fuzz-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    folder.toFile().deleteOnExit();
  }

  Path folder() {
    return folder;
  }

  /** Deletes what is there; there should have been nothing. */
  void checkEmpty() throws IOException {
    try (Stream<Path> left = Files.list(folder)) {
      List<Path> files = left.toList();
      for (Path file : files) {
        Files.delete(file);
      }
      assertEquals(List.of(), files);
    }
  }
}
