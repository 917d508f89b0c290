package io.github.allsourceconnect.snapshot;

import io.github.allsourceconnect.protocol.LeaderMessage;
import io.github.allsourceconnect.protocol.MessageCodec;
import io.github.allsourceconnect.protocol.ProtocolException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Stores the files of one snapshot as their chunks come, in a folder of its own that {@link #close}
 * deletes. Every announced file must come whole, its chunks in order, one file after the other.
 * Memory: nothing but the names. One thread.
 */
public final class SnapshotAssembler implements AutoCloseable {
  private final Path folder;
  private final long maxBytes;
  private final Set<String> leftOut;
  private final Map<String, Path> announced = new LinkedHashMap<>();
  private final Set<String> complete = new HashSet<>();
  private boolean started;
  private boolean ended;
  private String current;
  private OutputStream out;
  private long currentBytes;
  private long bytes;
  private String damaged;

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
    this.folder = Files.createTempDirectory(parent, "snapshot-");
    this.maxBytes = maxBytes;
    this.leftOut = Set.copyOf(leftOut);
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
      if (!MessageCodec.isBareFileName(name)) {
        throw wrong("an announced name is no bare file name");
      }
      // stored by number: whatever the names are, they can't clash on any file system
      if (announced.put(name, folder.resolve(announced.size() + ".parquet")) != null) {
        throw wrong("the file " + name + " was announced twice");
      }
    }
  }

  /**
   * Stores a chunk.
   *
   * @throws ProtocolException of kind SNAPSHOT if it is out of order or of a file not announced, of
   *     kind TOO_LONG if the snapshot is above the limit; nothing of it was written then
   * @throws IOException if it can't be written
   */
  public void chunk(LeaderMessage.SnapshotChunk chunk) throws IOException {
    String name = chunk.filename();
    if (!started || ended) {
      throw wrong("a chunk of " + name + " came outside a snapshot");
    }
    Path path = announced.get(name);
    if (path == null) {
      throw wrong("a chunk came of the file " + name + ", which was not announced");
    }
    if (current != null && !current.equals(name)) {
      throw wrong(current, "a chunk of " + name + " came before the last one of " + current);
    }
    if (leftOut.contains(name)) {
      return;
    }
    if (current == null && complete.contains(name)) {
      throw wrong(name, "a further chunk of " + name + " came after its last one");
    }
    if (chunk.chunkOffset() != currentBytes) {
      throw wrong(
          name,
          "a chunk of "
              + name
              + " begins at byte "
              + chunk.chunkOffset()
              + ", but byte "
              + currentBytes
              + " is next: chunks are missing or out of order");
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
    if (current == null) {
      current = name;
      out = Files.newOutputStream(path);
    }
    out.write(chunk.data());
    currentBytes += chunk.data().length;
    bytes += chunk.data().length;
    if (chunk.last()) {
      out.close();
      out = null;
      complete.add(name);
      current = null;
      currentBytes = 0;
    }
  }

  /**
   * The snapshot is complete.
   *
   * @throws ProtocolException of kind SNAPSHOT if a file is missing or lacks its last chunk
   */
  public void end() throws ProtocolException {
    if (!started || ended) {
      throw wrong("snapshot_end came without a snapshot before it");
    }
    if (current != null) {
      throw wrong(current, "it ended before the last chunk of " + current);
    }
    for (String name : announced.keySet()) {
      if (!complete.contains(name) && !leftOut.contains(name)) {
        throw wrong(
            name,
            "it ended with "
                + complete.size()
                + " of "
                + announced.size()
                + " files; the first one missing is "
                + name);
      }
    }
    ended = true;
  }

  /** Whether {@link #start} has been called. */
  public boolean begun() {
    return started;
  }

  /** Whether {@link #end} was reached. */
  public boolean ended() {
    return ended;
  }

  /**
   * The file because of which an exception said that the snapshot is not usable, otherwise the one
   * that is under way; null for none.
   */
  public String damagedFile() {
    return damaged == null ? current : damaged;
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
        (name, path) -> {
          if (!leftOut.contains(name)) {
            files.add(new SnapshotFile(name, path));
          }
        });
    return files;
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
        Files.delete(file);
      }
    }
    Files.delete(folder);
  }

  private ProtocolException wrong(String file, String what) {
    damaged = file;
    return wrong(what);
  }

  private static ProtocolException wrong(String what) {
    return new ProtocolException(
        ProtocolException.Kind.SNAPSHOT,
        "the snapshot is not usable: " + what + "; it is worth fetching it again",
        0,
        0);
  }
}
