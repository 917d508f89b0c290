package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.protocol.Event;
import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.snapshot.SnapshotWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;

/** The file that entries are written to now, in the work folder. One thread, the writer's. */
final class OpenFile implements Closeable {
  private static final long ROW_OVERHEAD = 200;

  private final Path path;
  private final SnapshotWriter writer;
  private final long sinceMs;
  private long rows;
  private long bytes;

  OpenFile(HistoryFiles files, Path workFolder, Map<String, String> notes, long random, long nowMs)
      throws IOException {
    this.path = workFolder.resolve("open-" + Long.toHexString(random) + ".parquet");
    this.writer = files.write(path, notes);
    this.sinceMs = nowMs;
  }

  void add(WalEntry entry) throws IOException {
    Event event = entry.event();
    writer.add(event, entry.sequence());
    rows++;
    bytes +=
        ROW_OVERHEAD
            + event.payload().length()
            + (event.metadata() == null ? 0 : event.metadata().length());
  }

  long rows() {
    return rows;
  }

  /** About how many its rows take, uncompressed. */
  long bytes() {
    return bytes;
  }

  /** When it was begun. */
  long sinceMs() {
    return sinceMs;
  }

  Path path() {
    return path;
  }

  /** It is complete: what it holds. */
  HistoryFile finish(String name, long after, long upTo) throws IOException {
    writer.commit();
    return describe(path, name, after, upTo, rows);
  }

  static HistoryFile describe(Path path, String name, long after, long upTo, long rows)
      throws IOException {
    return new HistoryFile(
        name, after, upTo, rows, Files.size(path), HistoryFiles.checksum(path), 0);
  }

  /** It is in the storage; if that has copied it, nothing needs it here. */
  void delete() throws IOException {
    Files.deleteIfExists(path);
  }

  /** Nothing remains of it. */
  @Override
  public void close() throws IOException {
    writer.close();
    Files.deleteIfExists(path);
  }
}
