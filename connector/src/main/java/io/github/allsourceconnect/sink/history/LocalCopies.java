package io.github.allsourceconnect.sink.history;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Copies of files on the local disk, shared by those who read them at the same time: the first one
 * fetches it, the others wait for that, and the last one deletes it. Any thread.
 */
final class LocalCopies {
  /** Brings a file. */
  interface Source {
    void fetch(HistoryFile file, Path to) throws IOException;
  }

  private final Source source;
  private final Map<String, Shared> shared = new HashMap<>();

  /** A local copy and how many read it; the count is guarded by the map it is in. */
  private static final class Shared {
    private int readers;
    private Path path;
  }

  LocalCopies(Source source) {
    this.source = source;
  }

  /** A copy in the folder, to be released when done. */
  HistoryStorage.LocalFile open(HistoryFile file, Path folder) throws IOException {
    Shared copy;
    synchronized (shared) {
      copy = shared.computeIfAbsent(file.name(), name -> new Shared());
      copy.readers++;
    }
    Lease lease = new Lease(file.name(), copy);
    try {
      synchronized (copy) {
        if (copy.path == null) {
          copy.path = fetched(file, folder);
        }
      }
      return lease;
    } catch (IOException | RuntimeException e) {
      lease.close();
      throw e;
    }
  }

  private Path fetched(HistoryFile file, Path folder) throws IOException {
    Path path = Files.createTempFile(folder, "kept-", ".parquet");
    try {
      source.fetch(file, path);
      return path;
    } catch (IOException | RuntimeException e) {
      Files.deleteIfExists(path);
      throw e;
    }
  }

  /** One who reads. */
  private final class Lease implements HistoryStorage.LocalFile {
    private final String name;
    private final Shared copy;
    private final AtomicBoolean ended = new AtomicBoolean();

    Lease(String name, Shared copy) {
      this.name = name;
      this.copy = copy;
    }

    @Override
    public Path path() {
      Shared mine;
      synchronized (shared) {
        mine = copy;
      }
      synchronized (mine) {
        return mine.path;
      }
    }

    @Override
    public void close() {
      if (ended.getAndSet(true)) {
        return;
      }
      synchronized (shared) {
        copy.readers--;
        if (copy.readers > 0) {
          return;
        }
        shared.remove(name, copy);
      }
      Path path = path();
      if (path != null) {
        HistoryFiles.temporary(path).close();
      }
    }
  }
}
