package io.github.allsourceconnect.snapshot;

import io.github.allsourceconnect.files.PrivateFiles;
import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.Printable;
import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.protocol.SnapshotFields;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.channels.Channels;
import java.nio.channels.WritableByteChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Stores the files of one snapshot as their chunks come, in a folder of its own that {@link #close}
 * deletes. Every announced file must come whole, its chunks in order, one file after the other. One
 * that does not is noted as damaged and passed over from there on; the others are read to the end,
 * so that {@link #end} can name all that are damaged. Memory: nothing but the names. One thread.
 *
 * <p>A line that can't be read tells not what it was. It is noted, too; which file lacks it shows
 * in what follows, or that none does.
 */
public final class SnapshotAssembler implements AutoCloseable {
  private static final int UNREADABLE_MAX = 10_000;
  private static final int NAMES_TOLD = 5;

  /** Makes files. */
  interface Disk {
    WritableByteChannel create(Path file) throws IOException;
  }

  private final Path folder;
  private final Disk disk;
  private final long maxBytes;
  private final Set<String> leftOut;
  private final Map<String, Integer> announced = new LinkedHashMap<>();
  private final Set<String> complete = new HashSet<>();
  private boolean started;
  private boolean ended;
  private String current;
  private OutputStream out;
  private long currentBytes;
  private long bytes;
  private final Map<String, String> damaged = new LinkedHashMap<>();
  private String firstUnreadable;
  private int unreadable;

  /**
   * Makes the folder.
   *
   * @param parent an existing folder
   * @param maxBytes what all files together may take
   * @throws IOException if the folder can't be made
   */
  public SnapshotAssembler(Path parent, long maxBytes) throws IOException {
    this(parent, maxBytes, Set.of());
  }

  /**
   * Makes the folder.
   *
   * @param leftOut files that are passed over, whatever of them comes
   */
  public SnapshotAssembler(Path parent, long maxBytes, Set<String> leftOut) throws IOException {
    this(parent, maxBytes, leftOut, PrivateFiles::create);
  }

  SnapshotAssembler(Path parent, long maxBytes, Set<String> leftOut, Disk disk) throws IOException {
    try {
      this.folder = Files.createTempDirectory(parent, "snapshot-");
    } catch (IOException e) {
      throw ScratchException.full(parent, "takes no folder: " + e, e);
    }
    this.maxBytes = maxBytes;
    this.leftOut = Set.copyOf(leftOut);
    this.disk = disk;
  }

  /**
   * The snapshot begins.
   *
   * @throws ProtocolException if it had begun already, or a name is no bare file name or stands
   *     twice
   */
  public void start(LeaderMessage.SnapshotStart start) throws ProtocolException {
    if (started) {
      throw wrong("a second snapshot_start came before the first snapshot's end");
    }
    started = true;
    for (String name : start.parquetFiles()) {
      if (!SnapshotFields.isBareFileName(name)) {
        throw wrong("an announced name is not a bare file name");
      }
      // stored by number: whatever the names are, they can't clash on any file system
      if (announced.put(name, announced.size()) != null) {
        throw wrong("the file " + Printable.of(name) + " was announced twice");
      }
    }
  }

  /**
   * Stores a chunk, if it is the next one of a file that is still whole.
   *
   * @throws ProtocolException of kind SNAPSHOT if it comes outside a snapshot, of kind TOO_LONG if
   *     the snapshot is above the limit; nothing of it was written then
   * @throws IOException if it can't be written
   */
  public void chunk(LeaderMessage.SnapshotChunk chunk) throws IOException {
    String name = chunk.filename();
    if (!started || ended) {
      throw wrong("a chunk of " + Printable.of(name) + " came outside a snapshot");
    }
    Integer number = announced.get(name);
    if (number == null) {
      unreadable("a chunk came of the file " + Printable.of(name) + ", which was not announced");
      return;
    }
    if (current != null && !current.equals(name)) {
      damaged(
          current,
          "a chunk of "
              + Printable.of(name)
              + " came before the last one of "
              + Printable.of(current));
    }
    if (leftOut.contains(name) || damaged.containsKey(name)) {
      return;
    }
    if (complete.contains(name)) {
      damaged(name, "a further chunk of " + Printable.of(name) + " came after its last one");
      return;
    }
    if (chunk.chunkOffset() != currentBytes) {
      damaged(
          name,
          "a chunk of "
              + Printable.of(name)
              + " begins at byte "
              + chunk.chunkOffset()
              + ", but byte "
              + currentBytes
              + " is next: chunks are missing or out of order");
      return;
    }
    if (chunk.data().length > maxBytes - bytes) {
      throw new ProtocolException(
          ProtocolException.Kind.TOO_LONG,
          "the snapshot takes more than the limit of "
              + maxBytes
              + " bytes on disk ("
              + complete.size()
              + " of "
              + announced.size()
              + " files were stored); raise snapshot.disk.bytes, given that the disk has the room",
          0,
          0);
    }
    try {
      if (current == null) {
        current = name;
        out = Channels.newOutputStream(disk.create(stored(number)));
      }
      out.write(chunk.data());
    } catch (IOException e) {
      throw ScratchException.full(folder, "takes no more: " + e.getMessage(), e);
    }
    currentBytes += chunk.data().length;
    bytes += chunk.data().length;
    if (chunk.last()) {
      closeCurrent();
      complete.add(name);
    }
  }

  /**
   * A line came that can't be read, or that belongs to nothing that was announced.
   *
   * @param why what is wrong with it, without a part of it
   * @throws ProtocolException of kind SNAPSHOT if there are too many
   */
  public void unreadable(String why) throws ProtocolException {
    if (firstUnreadable == null) {
      firstUnreadable = why;
    }
    if (++unreadable > UNREADABLE_MAX) {
      throw wrong("more than " + UNREADABLE_MAX + " of its lines can't be read; the first: " + why);
    }
  }

  /**
   * The snapshot is complete.
   *
   * @throws ProtocolException of kind SNAPSHOT if a file is missing or damaged; {@link
   *     #damagedFiles} names all
   * @throws IOException if a file can't be closed
   */
  public void end() throws IOException {
    if (!started || ended) {
      throw wrong("snapshot_end came without a snapshot before it");
    }
    if (current != null) {
      damaged(current, "it ended before the last chunk of " + Printable.of(current));
    }
    for (String name : announced.keySet()) {
      if (!complete.contains(name) && !leftOut.contains(name) && !damaged.containsKey(name)) {
        damaged(name, "it ended without the file " + Printable.of(name));
      }
    }
    if (!damaged.isEmpty()) {
      throw wrong(account());
    }
    ended = true;
  }

  /** What is wrong with the damaged files, and with the first line that can't be read. */
  private String account() {
    List<String> names = List.copyOf(damaged.keySet());
    String what = damaged.get(names.get(0));
    if (names.size() > 1) {
      int told = Math.min(names.size(), 1 + NAMES_TOLD);
      what +=
          "; damaged like it, of "
              + announced.size()
              + " files, "
              + (names.size() == 2 ? "is " : "are ")
              + names.subList(1, told).stream().map(Printable::of).collect(Collectors.joining(", "))
              + (told < names.size() ? " and " + (names.size() - told) + " more" : "");
    }
    return unreadable == 0
        ? what
        : what + "; the first line that could not be used: " + firstUnreadable;
  }

  /** Whether {@link #start} has been called. */
  public boolean begun() {
    return started;
  }

  /** Whether {@link #end} was reached. */
  public boolean ended() {
    return ended;
  }

  /** The files that are known to be damaged. */
  public Set<String> damagedFiles() {
    return Set.copyOf(damaged.keySet());
  }

  /** How many files were announced that are not passed over. */
  public int filesWanted() {
    return announced.size() - filesLeftOut().size();
  }

  /** How many lines came that can't be read. */
  public int unreadableLines() {
    return unreadable;
  }

  /**
   * What is wrong with the snapshot so far, damaged files first, without a part of a payload; null
   * if nothing is.
   */
  public String harm() {
    return damaged.isEmpty() ? firstUnreadable : account();
  }

  /** The announced files that were passed over, in their order. */
  public List<String> filesLeftOut() {
    return announced.keySet().stream().filter(leftOut::contains).toList();
  }

  /**
   * The files in the announced order, without those that were passed over.
   *
   * @throws IllegalStateException before {@link #end}
   */
  public List<SnapshotFile> files() {
    if (!ended) {
      throw new IllegalStateException("the snapshot is not complete");
    }
    List<SnapshotFile> files = new ArrayList<>();
    announced.forEach(
        (name, number) -> {
          if (!leftOut.contains(name)) {
            files.add(new SnapshotFile(name, stored(number)));
          }
        });
    return files;
  }

  private Path stored(int number) {
    return folder.resolve(number + ".parquet");
  }

  /** Bytes stored so far. */
  public long bytes() {
    return bytes;
  }

  /** Files that are whole so far. */
  public int filesStored() {
    return complete.size();
  }

  /** Deletes the folder with all files. */
  @Override
  public void close() throws IOException {
    if (out != null) {
      out.close();
      out = null;
    }
    if (!Files.isDirectory(folder)) {
      return;
    }
    try (DirectoryStream<Path> stored = Files.newDirectoryStream(folder)) {
      for (Path file : stored) {
        // what reading put beside the files may be deleted by its reader meanwhile
        Files.deleteIfExists(file);
      }
    }
    Files.delete(folder);
  }

  private void closeCurrent() throws IOException {
    current = null;
    currentBytes = 0;
    out.close();
    out = null;
  }

  private void damaged(String file, String what) throws IOException {
    damaged.put(file, what);
    complete.remove(file);
    if (file.equals(current)) {
      closeCurrent();
    }
  }

  private static ProtocolException wrong(String what) {
    return new ProtocolException(
        ProtocolException.Kind.SNAPSHOT, "the snapshot is not usable: " + what, 0, 0);
  }
}
