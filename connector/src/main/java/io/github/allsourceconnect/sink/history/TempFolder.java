package io.github.allsourceconnect.sink.history;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a history that is kept in a topic builds files, and puts those that are read. A lock tells
 * that it is in use; what killed tasks of the same owner left behind is deleted first. Any thread.
 */
final class TempFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TempFolder.class);
  private static final String LOCK = "in-use";

  private final Path path;
  private final FileChannel lock;

  private TempFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes a new one.
   *
   * @param parent made if it is missing
   */
  static TempFolder create(Path parent, String owner) throws IOException {
    String prefix = "allsource-history-" + OwnerNames.hash(owner) + "-";
    try {
      Files.createDirectories(parent);
      for (Path other : OwnFolders.list(parent)) {
        if (other.getFileName().toString().startsWith(prefix)
            && Files.isDirectory(other, LinkOption.NOFOLLOW_LINKS)) {
          deleteAbandoned(other);
        }
      }
      Path path = Files.createTempDirectory(parent, prefix, OwnFolders.forFolder());
      FileChannel lock =
          FileChannel.open(path.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      lock.lock();
      return new TempFolder(path, lock);
    } catch (IOException e) {
      throw new IOException(
          "snapshot.temp.dir: no folder can be made in " + parent + " (" + e + ")", e);
    }
  }

  private static void deleteAbandoned(Path folder) {
    try (FileChannel channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
        FileLock taken = channel.tryLock()) {
      if (taken != null) {
        delete(folder);
        LOG.info("Deleted {}, which a task that was killed had left behind", folder);
      }
    } catch (OverlappingFileLockException | NoSuchFileException e) {
      // in use, or just being made
      LOG.debug("{} is left alone", folder);
    } catch (IOException e) {
      LOG.warn("Could not delete {}, left behind by a killed task: {}", folder, e.toString());
    }
  }

  private static void delete(Path folder) throws IOException {
    OwnFolders.empty(folder);
    Files.deleteIfExists(folder);
  }

  Path path() {
    return path;
  }

  /** Deletes it with all that is in it. */
  @Override
  public void close() throws IOException {
    lock.close();
    delete(path);
  }
}
