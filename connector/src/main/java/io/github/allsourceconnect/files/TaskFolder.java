package io.github.allsourceconnect.files;

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
 * A folder that a task has for itself while it runs, for nobody else to read: made at the start,
 * deleted at the end. A lock tells that it is in use; what killed tasks of the same owner left
 * behind is deleted at the start. Any thread.
 */
public final class TaskFolder implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TaskFolder.class);
  private static final String LOCK = "in-use";

  private final Path path;
  private final FileChannel lock;

  private TaskFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes a new one.
   *
   * @param setting where {@code parent} comes from, for messages
   * @param parent made if it is missing
   * @param prefix what the folder's name begins with: the owner's, for those of the same prefix are
   *     deleted if nobody uses them
   * @throws IOException naming setting and folder, if nothing can be written there
   */
  public static TaskFolder create(String setting, Path parent, String prefix) throws IOException {
    try {
      Files.createDirectories(parent);
      for (Path other : PrivateFiles.list(parent)) {
        if (other.getFileName().toString().startsWith(prefix)
            && Files.isDirectory(other, LinkOption.NOFOLLOW_LINKS)) {
          deleteAbandoned(other);
        }
      }
      TaskFolder made = null;
      while (made == null) {
        made = made(parent, prefix);
      }
      return made;
    } catch (IOException e) {
      throw new IOException(setting + ": no folder can be made in " + parent + " (" + e + ")", e);
    }
  }

  /** A new one; null if another owner took it for abandoned, for it was not locked yet. */
  private static TaskFolder made(Path parent, String prefix) throws IOException {
    Path path = Files.createTempDirectory(parent, prefix, PrivateFiles.forFolder());
    FileChannel lock = PrivateFiles.create(path.resolve(LOCK));
    try {
      lock.lock();
      if (Files.exists(path.resolve(LOCK))) {
        return new TaskFolder(path, lock);
      }
    } catch (OverlappingFileLockException e) {
      // the other one is in this process, and deletes it now
      LOG.debug("{} was taken for abandoned", path);
    }
    lock.close();
    return null;
  }

  private static void deleteAbandoned(Path folder) {
    try (FileChannel channel = FileChannel.open(folder.resolve(LOCK), StandardOpenOption.WRITE);
        FileLock taken = channel.tryLock()) {
      if (taken != null) {
        PrivateFiles.delete(folder);
        LOG.info("Deleted {}, left behind by a killed task", folder);
      }
    } catch (OverlappingFileLockException | NoSuchFileException e) {
      // in use, or just being made
      LOG.debug("{} is left alone", folder);
    } catch (IOException e) {
      LOG.warn("Could not delete {}, left behind by a killed task: {}", folder, e.toString());
    }
  }

  public Path path() {
    return path;
  }

  /** Deletes it with all that is in it. */
  @Override
  public void close() throws IOException {
    try {
      // locked, or others delete it at the same time
      PrivateFiles.delete(path);
    } finally {
      lock.close();
    }
  }
}
