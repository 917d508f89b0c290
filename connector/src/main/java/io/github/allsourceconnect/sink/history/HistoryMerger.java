package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.snapshot.SnapshotWriter;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/** Writes the rows of neighbouring files into one. The writer's thread; {@link #stop} any. */
final class HistoryMerger {
  private final HistoryStorage storage;
  private final HistoryFiles files;
  private final LongSupplier random;
  private volatile boolean stopped;

  /** A merged file in the work folder; what the storage has not moved is deleted with it. */
  record Merged(HistoryFile file, Path path) implements Closeable {
    @Override
    public void close() throws IOException {
      Files.deleteIfExists(path);
    }
  }

  HistoryMerger(HistoryStorage storage, HistoryFiles files, LongSupplier random) {
    this.storage = storage;
    this.files = files;
    this.random = random;
  }

  void stop() {
    stopped = true;
  }

  boolean isStopped() {
    return stopped;
  }

  /**
   * Merges a run.
   *
   * @return null when it was stopped
   * @throws DamagedFileException when a file of the run is not what the list says
   */
  Merged merge(List<HistoryFile> run, Map<String, String> notes) throws IOException {
    HistoryFile last = run.get(run.size() - 1);
    String name = FileNames.inPlaceOf(last.name(), last.upTo(), random.getAsLong());
    Path path =
        storage.workFolder().resolve("merge-" + Long.toHexString(random.getAsLong()) + ".parquet");
    try (SnapshotWriter writer = files.write(path, notes)) {
      long rows = 0;
      for (HistoryFile file : run) {
        if (stopped) {
          return null;
        }
        files.copyAll(file, writer);
        rows += file.rows();
      }
      writer.commit();
      return new Merged(OpenFile.describe(path, name, run.get(0).after(), last.upTo(), rows), path);
    }
  }
}
