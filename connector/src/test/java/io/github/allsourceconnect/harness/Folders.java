package io.github.allsourceconnect.harness;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Folders that live as long as a test. */
public final class Folders {
  private Folders() {}

  /** A new folder in the JVM's temporary one. */
  public static Path temporary(String prefix) {
    try {
      return Files.createTempDirectory(prefix);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Deletes a folder with all that is in it; what is gone already is fine. */
  public static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    List<Path> inside;
    try (Stream<Path> paths = Files.walk(folder)) {
      inside = paths.sorted(Comparator.reverseOrder()).toList();
      for (Path path : inside) {
        Files.deleteIfExists(path);
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot delete " + folder, e);
    }
  }

  /**
   * The packaged plugin's {@code plugin.path}: the system property {@code plugin.path}, or {@code
   * target/plugin} of the module.
   *
   * @throws IllegalStateException when nothing was packaged there yet
   */
  public static Path pluginPath() {
    Path path = Path.of(System.getProperty("plugin.path", "target/plugin")).toAbsolutePath();
    if (!Files.isDirectory(path)) {
      throw new IllegalStateException(
          "there is no packaged plugin at " + path + "; mvn -DskipTests package makes it");
    }
    return path;
  }
}
