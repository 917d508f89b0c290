package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.files.PrivateFiles;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
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
  private static final String ASIDE = "aside-";
  private static final int LISTS_KEPT = 3;

  private final Path root;
  private final Path folder;
  private final Path work;
  private final int listMax;
  private long number;

  /**
   * @param root {@code snapshot.dir}; created if missing, and may be a link
   * @param connector a name of the connector that is a file's name
   * @param log one of the partition
   */
  FolderStorage(Path root, String connector, String log) {
    this(root, connector, log, Zipped.BYTES_MAX);
  }

  /**
   * @param listMax a list has not more bytes
   */
  FolderStorage(Path root, String connector, String log, int listMax) {
    this.root = root;
    this.listMax = listMax;
    this.folder = root.resolve("connector-" + connector).resolve(log);
    this.work = folder.resolve("work");
  }

  @Override
  public HistoryManifest takeOver() throws IOException {
    Files.createDirectories(root, PrivateFiles.forFolder());
    PrivateFiles.ensure(folder.getParent());
    PrivateFiles.ensure(folder);
    PrivateFiles.ensure(work);
    NavigableMap<Long, Path> lists = lists();
    long highest = lists.isEmpty() ? 0 : lists.lastKey();
    HistoryManifest taken = newest(lists).numbered(highest + 1);
    commit(taken);
    clean(taken);
    return taken;
  }

  private HistoryManifest newest(NavigableMap<Long, Path> lists) throws IOException {
    DamagedHistoryException damaged = null;
    for (Path list : lists.descendingMap().values()) {
      try {
        return read(list);
      } catch (DamagedHistoryException e) {
        // a writer was stopped while it wrote it; the one before holds
        LOG.warn("{} The list before it is taken", e.getMessage());
        damaged = e;
      } catch (NoSuchFileException e) {
        LOG.debug("{} was deleted by another writer", list);
      }
    }
    if (damaged != null) {
      throw damaged;
    }
    return HistoryManifest.NONE;
  }

  private HistoryManifest read(Path list) throws IOException {
    long bytes = Files.size(list);
    if (bytes > listMax) {
      throw DamagedHistoryException.manifest(
          list.toString(), new IllegalArgumentException("it has " + bytes + " bytes"));
    }
    try {
      return ManifestFormat.decode(Files.readAllBytes(list));
    } catch (IllegalArgumentException e) {
      throw DamagedHistoryException.manifest(list.toString(), e);
    }
  }

  /**
   * Removes what a stopped writer left behind. A file in no list is deleted only when every entry
   * that it could hold is in files that are listed and there; otherwise it may be the only copy.
   */
  private void clean(HistoryManifest manifest) throws IOException {
    PrivateFiles.empty(work);
    Set<String> listed = new HashSet<>();
    manifest.files().forEach(file -> listed.add(file.name()));
    manifest.retired().forEach(file -> listed.add(file.name()));
    for (Path path : PrivateFiles.list(folder)) {
      if (String.valueOf(path.getFileName()).startsWith(ASIDE)) {
        read(path).files().forEach(file -> listed.add(file.name()));
      }
    }
    boolean whole = manifest.holes().isEmpty() && unusable(manifest).isEmpty();
    for (Path path : PrivateFiles.list(folder)) {
      String name = String.valueOf(path.getFileName());
      if (!name.endsWith(".parquet") || listed.contains(name)) {
        continue;
      }
      long upTo = FileNames.upTo(name);
      if (whole && upTo >= 0 && upTo <= manifest.end()) {
        Files.deleteIfExists(path);
      } else {
        LOG.warn("{} is in no list of the history; it is kept, for it may be the only copy", path);
      }
    }
  }

  @Override
  public Map<String, String> unusable(HistoryManifest manifest) throws IOException {
    Map<String, String> unusable = new HashMap<>();
    for (HistoryFile file : manifest.files()) {
      Path path = folder.resolve(file.name());
      if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
        unusable.put(file.name(), "lost");
      } else if (Files.size(path) != file.bytes()) {
        unusable.put(file.name(), Files.size(path) + " bytes long instead of " + file.bytes());
      }
    }
    return unusable;
  }

  @Override
  public Path workFolder() {
    return work;
  }

  @Override
  public HistoryFile store(Path built, HistoryFile file, HistoryManifest of) throws IOException {
    PrivateFiles.restrict(built);
    Files.move(built, folder.resolve(file.name()), StandardCopyOption.ATOMIC_MOVE);
    force();
    return file;
  }

  @Override
  public int fullPercent(HistoryManifest manifest) {
    return ManifestFormat.atMostBytes(manifest) < listMax / 4
        ? 0
        : (int) (100L * ManifestFormat.encode(manifest).length / listMax);
  }

  @Override
  public void commit(HistoryManifest manifest) throws IOException {
    try {
      write(folder.resolve("files-" + manifest.number()), manifest);
    } catch (FileAlreadyExistsException e) {
      throw new FencedException(lostTo(manifest.number()), e);
    }
    number = manifest.number();
    checkOwner();
    NavigableMap<Long, Path> lists = lists();
    while (lists.size() > LISTS_KEPT) {
      Files.deleteIfExists(lists.pollFirstEntry().getValue());
    }
  }

  private void write(Path list, HistoryManifest manifest) throws IOException {
    byte[] encoded = ManifestFormat.encode(manifest);
    if (encoded.length > listMax) {
      throw new IOException("its list would have " + encoded.length + " bytes, not " + listMax);
    }
    try (SeekableByteChannel out =
        Files.newByteChannel(
            list,
            Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
            PrivateFiles.forFile())) {
      ByteBuffer bytes = ByteBuffer.wrap(encoded);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
      if (out instanceof FileChannel file) {
        file.force(true);
      }
    }
    force();
  }

  @Override
  public String setAside(HistoryManifest manifest) throws IOException {
    // the number makes it a name of its own, should the same log come back and be left again
    String name = OwnerNames.of(manifest.log().text() + " " + manifest.number());
    Path list = folder.resolve(ASIDE + name);
    write(list, manifest);
    return list.toString();
  }

  @Override
  public void checkOwner() throws IOException {
    NavigableMap<Long, Path> lists = lists();
    if (!lists.isEmpty() && lists.lastKey() > number) {
      throw new FencedException(lostTo(lists.lastKey()), null);
    }
  }

  private String lostTo(long taken) {
    return "another task writes to the history in "
        + folder
        + " (its list "
        + taken
        + "); this one stops. Two connectors must not share a folder and a name";
  }

  private NavigableMap<Long, Path> lists() throws IOException {
    NavigableMap<Long, Path> lists = new TreeMap<>();
    for (Path path : PrivateFiles.list(folder)) {
      Matcher matcher = LIST.matcher(String.valueOf(path.getFileName()));
      if (matcher.matches()) {
        lists.put(Long.parseLong(matcher.group(1)), path);
      }
    }
    return lists;
  }

  @Override
  public void delete(Collection<HistoryFile> files) throws IOException {
    for (HistoryFile file : files) {
      Files.deleteIfExists(folder.resolve(file.name()));
    }
  }

  @Override
  public LocalFile fetch(HistoryFile file) throws IOException {
    Path path = folder.resolve(file.name());
    if (!Files.isRegularFile(path, LinkOption.NOFOLLOW_LINKS)) {
      throw new DamagedFileException(file, "lost", describe(), null);
    }
    return new LocalFile() {
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
  private void force() {
    try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
      channel.force(true);
    } catch (IOException e) {
      LOG.debug("{} can't be forced to the disk: {}", folder, e.toString());
    }
  }

  @Override
  public void close() {
    // nothing is open between calls
  }
}
