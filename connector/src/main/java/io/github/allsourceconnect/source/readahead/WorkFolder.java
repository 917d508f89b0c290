package io.github.allsourceconnect.source.readahead;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder in which a task keeps its read-ahead and snapshots: made at the start, deleted at the
 * end. What killed tasks of the same connector left behind is deleted at the start; a lock tells
 * that a folder is in use. Any thread.
 */
public final class WorkFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(WorkFolder.class);
  private static final String LOCK = "in-use";

  private final Path path;
  private final FileChannel lock;

  private WorkFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes a new one.
   *
   * @param parent made if it is missing
   * @throws IOException naming the folder, if nothing can be written there
   */
  public static WorkFolder create(Path parent, String connectorName) throws IOException {
    String prefix = "allsource-" + connectorName.replaceAll("[^a-zA-Z0-9._-]", "_") + "-";
    try {
      Files.createDirectories(parent);
      deleteAbandoned(parent, prefix);
      Path path = Files.createTempDirectory(parent, prefix);
      FileChannel lock =
          FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock.lock();
      return new WorkFolder(path, lock);
    } catch (IOException e) {
      throw new IOException(
          "buffer.disk.dir: no folder can be made in " + parent + " (" + e + ")", e);
    }
  }

  public Path path() {
    return path;
  }

  private static void deleteAbandoned(Path parent, String prefix) throws IOException {
    List<Path> candidates = new ArrayList<>();
    try (DirectoryStream<Path> all =
        Files.newDirectoryStream(
            parent, p -> p.getFileName().toString().matches("\\Q" + prefix + "\\E\\d+"))) {
      all.forEach(candidates::add);
    }
    for (Path candidate : candidates) {
      try {
        if (isAbandoned(candidate)) {
          delete(candidate);
          LOG.info("Deleted {}, which a task that was killed had left behind", candidate);
        }
      } catch (IOException e) {
        LOG.warn("Could not delete {}, left behind by a killed task: {}", candidate, e.toString());
      }
    }
  }

  private static boolean isAbandoned(Path folder) throws IOException {
    // without the file it may just be being made
    try (FileChannel channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
        FileLock taken = channel.tryLock()) {
      return taken != null;
    } catch (OverlappingFileLockException | NoSuchFileException e) {
      return false;
    }
  }

  private static void delete(Path folder) throws IOException {
    List<Path> all;
    try (Stream<Path> walk = Files.walk(folder)) {
      all = walk.sorted(Comparator.reverseOrder()).toList();
    }
    for (Path one : all) {
      Files.deleteIfExists(one);
    }
  }

  /** Deletes it with all that is in it. */
  @Override
  public void close() throws IOException {
    lock.close();
    delete(path);
  }
}
