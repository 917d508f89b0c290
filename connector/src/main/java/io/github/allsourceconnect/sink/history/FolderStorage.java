package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.sink.history.SnapshotStore.FencedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files in a folder of the partition's own. Each list is a file {@code files-<number>}, created
 * only if there is none of that number; whoever finds its next number taken, or a higher one beside
 * it, was shut out by another writer. So no lock outlives a process, and shared volumes will do.
 */
final class FolderStorage implements HistoryStorage {
  private static final Logger LOG = LoggerFactory.getLogger(FolderStorage.class);
  private static final Pattern LIST = Pattern.compile("files-([0-9]{1,18})");
  private static final int LISTS_KEPT = 3;

  private final Path folder;
  private final Path work;
  private long number;

  /**
   * @param folder of this partition alone; created if missing
   */
  FolderStorage(Path folder) {
    this.folder = folder;
    this.work = folder.resolve("work");
  }

  @Override
  public HistoryManifest open() throws IOException {
    Files.createDirectories(work);
    HistoryManifest newest = null;
    NavigableMap<Long, Path> lists = lists();
    long highest = lists.isEmpty() ? 0 : lists.lastKey();
    while (newest == null && !lists.isEmpty()) {
      Path list = lists.pollLastEntry().getValue();
      try {
        newest = HistoryManifest.decode(Files.readAllBytes(list));
      } catch (IllegalArgumentException | NoSuchFileException e) {
        // a writer was stopped while it wrote it; the one before holds
        LOG.warn("{} is incomplete; the list before it is taken", list);
      }
    }
    HistoryManifest taken = (newest == null ? HistoryManifest.NONE : newest).takenOver(highest + 1);
    commit(taken);
    clean(taken);
    return taken;
  }

  /** Removes what a stopped writer left behind: files in no list. */
  private void clean(HistoryManifest manifest) throws IOException {
    Set<String> listed = new HashSet<>();
    manifest.files().forEach(file -> listed.add(file.name()));
    for (Path place : List.of(folder, work)) {
      try (Stream<Path> all = Files.list(place)) {
        for (Path path : all.toList()) {
          String name = String.valueOf(path.getFileName());
          if (name.endsWith(".tmp") || (name.endsWith(".parquet") && !listed.contains(name))) {
            Files.deleteIfExists(path);
          }
        }
      }
    }
  }

  @Override
  public Set<String> unusable(HistoryManifest manifest) throws IOException {
    Set<String> unusable = new HashSet<>();
    for (HistoryFile file : manifest.files()) {
      Path path = folder.resolve(file.name());
      if (!Files.isRegularFile(path) || Files.size(path) != file.bytes()) {
        unusable.add(file.name());
      }
    }
    return unusable;
  }

  @Override
  public Path workFolder() {
    return work;
  }

  @Override
  public HistoryFile store(Path built, HistoryFile file) throws IOException {
    Files.move(built, folder.resolve(file.name()), StandardCopyOption.ATOMIC_MOVE);
    force(folder);
    return file;
  }

  @Override
  public void commit(HistoryManifest manifest) throws IOException {
    Path list = folder.resolve("files-" + manifest.number());
    try (FileChannel out =
        FileChannel.open(list, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
      ByteBuffer bytes = ByteBuffer.wrap(manifest.encode());
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      out.force(true);
    } catch (FileAlreadyExistsException e) {
      throw new FencedException(lostTo(manifest.number()), e);
    }
    force(folder);
    number = manifest.number();
    checkOwner();
    NavigableMap<Long, Path> lists = lists();
    while (lists.size() > LISTS_KEPT) {
      Files.deleteIfExists(lists.pollFirstEntry().getValue());
    }
  }

  @Override
  public void checkOwner() throws IOException {
    NavigableMap<Long, Path> lists = lists();
    if (!lists.isEmpty() && lists.lastKey() > number) {
      throw new FencedException(lostTo(lists.lastKey()), null);
    }
  }

  private String lostTo(long number) {
    return "another task writes to the history in "
        + folder
        + " (its list "
        + number
        + "); this one stops. Two connectors must not share a folder and a name";
  }

  private NavigableMap<Long, Path> lists() throws IOException {
    NavigableMap<Long, Path> lists = new TreeMap<>();
    try (Stream<Path> all = Files.list(folder)) {
      for (Path path : all.toList()) {
        Matcher matcher = LIST.matcher(String.valueOf(path.getFileName()));
        if (matcher.matches()) {
          lists.put(Long.parseLong(matcher.group(1)), path);
        }
      }
    }
    return lists;
  }

  @Override
  public void discard(Collection<HistoryFile> files) throws IOException {
    for (HistoryFile file : files) {
      Files.deleteIfExists(folder.resolve(file.name()));
    }
  }

  @Override
  public Local read(HistoryFile file) throws IOException {
    Path path = folder.resolve(file.name());
    if (!Files.isRegularFile(path)) {
      throw new DamagedFileException(file, "lost", describe(), null);
    }
    return new Local() {
      @Override
      public Path path() {
        return path;
      }

      @Override
      public void close() {
        // it stays where it is
      }
    };
  }

  @Override
  public String describe() {
    return folder.toString();
  }

  /**
   * A folder's own entries are durable only when it is forced too; where that can't be done, so be
   * it.
   */
  private static void force(Path folder) {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      // not every file system takes it
      return;
    }
  }

  @Override
  public void close() {
    // nothing is held
  }
}
