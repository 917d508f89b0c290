package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.sink.history.HistoryDecisions.Piece;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.snapshot.SnapshotFileReader;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.snapshot.SnapshotWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of the history as they are needed: whole and checked, cut to what a follower lacks, or
 * their rows copied into another. Keeps nothing; for any thread.
 */
final class FileCopies {
  private static final Logger LOG = LoggerFactory.getLogger(FileCopies.class);

  private final HistoryStorage storage;

  FileCopies(HistoryStorage storage) {
    this.storage = storage;
  }

  /** Where rows come from. */
  private interface Rows {
    void copyTo(SnapshotWriter writer) throws IOException;
  }

  /** The piece as a file on the local disk, checked. */
  HistoryStorage.Local open(Piece piece) throws IOException {
    if (piece.file() == null) {
      return written(to -> {});
    }
    HistoryStorage.Local whole = storage.read(piece.file());
    try {
      Checksums.verify(whole.path(), piece.file(), storage.describe());
      if (!piece.isCut()) {
        return whole;
      }
      HistoryStorage.Local cut =
          written(
              to -> {
                long unused = rows(whole.path(), piece.file(), piece.above(), to);
              });
      whole.close();
      return cut;
    } catch (IOException | RuntimeException e) {
      whole.close();
      throw e;
    }
  }

  private HistoryStorage.Local written(Rows rows) throws IOException {
    Path path = Files.createTempFile(storage.workFolder(), "cut-", ".parquet.tmp");
    HistoryStorage.Local file = temporary(path);
    try (SnapshotWriter writer = new SnapshotWriter(path, true)) {
      rows.copyTo(writer);
      writer.commit();
      return file;
    } catch (IOException | RuntimeException e) {
      file.close();
      throw e;
    }
  }

  /**
   * Copies the rows above an offset.
   *
   * @return how many they are
   * @throws DamagedFileException when the file is not what the list says
   */
  long rows(Path from, HistoryFile file, long above, SnapshotWriter to) throws IOException {
    long rows = 0;
    try (SnapshotFileReader reader =
        SnapshotFileReader.open(new SnapshotFile(file.name(), from), 0, false)) {
      long last = above;
      for (SnapshotRow row = reader.next(); row != null; row = reader.next()) {
        if (row.walOffset() > above) {
          if (row.walOffset() <= last || row.walOffset() > file.upTo()) {
            throw new DamagedFileException(file, "out of order", storage.describe(), null);
          }
          last = row.walOffset();
          to.add(row.event(), row.walOffset());
          rows++;
        }
      }
    } catch (ProtocolException e) {
      throw new DamagedFileException(file, "unreadable", storage.describe(), e);
    }
    return rows;
  }

  /** A file that is deleted when it is closed. */
  static HistoryStorage.Local temporary(Path path) {
    return new HistoryStorage.Local() {
      @Override
      public Path path() {
        return path;
      }

      @Override
      public void close() {
        try {
          Files.deleteIfExists(path);
        } catch (IOException e) {
          LOG.warn("The temporary file {} can't be deleted: {}", path, e.toString());
        }
      }
    };
  }
}
