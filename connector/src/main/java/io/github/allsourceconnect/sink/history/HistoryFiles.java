package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.protocol.ProtocolException;
import io.github.allsourceconnect.sink.history.HistoryPlan.Piece;
import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.snapshot.SnapshotFileReader;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.snapshot.SnapshotWriter;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.function.LongSupplier;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Files of the history as they are needed: whole and checked, cut to what a follower lacks, or
 * their rows copied into another. Keeps nothing; for any thread.
 */
final class HistoryFiles {
  private static final Logger LOG = LoggerFactory.getLogger(HistoryFiles.class);

  private final HistoryStorage storage;
  private final LongSupplier room;

  /**
   * @param room how many bytes a file that is written may take in memory now
   */
  HistoryFiles(HistoryStorage storage, LongSupplier room) {
    this.storage = storage;
    this.room = room;
  }

  /** Begins a file of the history's layout. */
  SnapshotWriter write(Path path, Map<String, String> notes) throws IOException {
    return new SnapshotWriter(
        path, true, notes, Math.min(SnapshotWriter.ROW_GROUP_BYTES, room.getAsLong()));
  }

  /** Whether there is no room in memory for more than so many bytes of a file. */
  boolean isFull(long bytes) {
    return bytes >= room.getAsLong();
  }

  /** The piece as a file on the local disk, checked. */
  HistoryStorage.LocalFile open(Piece piece) throws IOException {
    if (piece.file() == null) {
      return cut(null, 0, null);
    }
    HistoryStorage.LocalFile whole = storage.fetch(piece.file());
    try {
      verify(whole.path(), piece.file());
      if (!piece.isCut()) {
        return whole;
      }
      HistoryStorage.LocalFile cut = cut(whole.path(), piece.above(), piece.file());
      whole.close();
      return cut;
    } catch (IOException | RuntimeException e) {
      whole.close();
      throw e;
    }
  }

  /** A temporary file of the rows above an offset; without rows when there is no file. */
  private HistoryStorage.LocalFile cut(Path whole, long above, HistoryFile file)
      throws IOException {
    Path path = Files.createTempFile(storage.workFolder(), "cut-", ".parquet.tmp");
    HistoryStorage.LocalFile cut = temporary(path);
    try (SnapshotWriter writer = write(path, Map.of())) {
      if (file != null) {
        long unused = copyRows(whole, file, above, writer);
      }
      writer.commit();
      return cut;
    } catch (IOException | RuntimeException e) {
      cut.close();
      throw e;
    }
  }

  /**
   * Copies a whole file's rows, checked.
   *
   * @throws DamagedFileException when the file is not what the list says
   */
  void copyAll(HistoryFile file, SnapshotWriter to) throws IOException {
    try (HistoryStorage.LocalFile local = storage.fetch(file)) {
      verify(local.path(), file);
      long copied = copyRows(local.path(), file, file.after(), to);
      if (copied != file.rows()) {
        throw new DamagedFileException(
            file, copied + " rows long instead of " + file.rows(), storage.describe(), null);
      }
    }
  }

  private long copyRows(Path from, HistoryFile file, long above, SnapshotWriter to)
      throws IOException {
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

  /** Does nothing when the copy is the file that was stored. */
  private void verify(Path copy, HistoryFile file) throws IOException {
    long bytes = Files.size(copy);
    if (bytes != file.bytes() || checksum(copy) != file.crc()) {
      throw new DamagedFileException(
          file,
          "damaged (" + bytes + " of " + file.bytes() + " bytes, or altered)",
          storage.describe(),
          null);
    }
  }

  DamagedFileException lost(HistoryFile file, IOException cause) {
    return new DamagedFileException(file, "lost", storage.describe(), cause);
  }

  /** CRC-32C of a file. */
  static long checksum(Path file) throws IOException {
    CRC32C crc = new CRC32C();
    byte[] buffer = new byte[1 << 16];
    try (InputStream in = Files.newInputStream(file)) {
      for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
        crc.update(buffer, 0, n);
      }
    }
    return crc.getValue();
  }

  /** A file that is deleted when it is closed. */
  static HistoryStorage.LocalFile temporary(Path path) {
    return new HistoryStorage.LocalFile() {
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
