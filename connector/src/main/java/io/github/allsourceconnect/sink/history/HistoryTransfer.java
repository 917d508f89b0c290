package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.sink.history.HistoryDecisions.Piece;
import io.github.allsourceconnect.sink.history.SnapshotStore.Chunk;
import io.github.allsourceconnect.sink.history.SnapshotStore.Transfer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * Sends files one after another. Before the first chunk of a file is given out the whole file is
 * checked, so a follower never gets a damaged one to its end. Holds one file open and one chunk in
 * memory. One thread at a time.
 */
final class HistoryTransfer implements Transfer {
  static final int CHUNK_BYTES = 512 << 10;

  /** What the transfer needs of the history. */
  interface Source {
    /** The file, or its part above an offset under the name given, checked. */
    HistoryStorage.Local open(Piece piece, String name) throws IOException;

    /** A file can't be sent. */
    void damaged(HistoryFile file, IOException why);

    /** The transfer is over. */
    void ended();
  }

  private final List<Piece> pieces;
  private final List<String> names;
  private final long endOffset;
  private final Source source;
  private int index;
  private HistoryStorage.Local local;
  private InputStream in;
  private long offset;
  private byte[] ahead;
  private boolean closed;

  HistoryTransfer(List<Piece> pieces, List<String> names, long endOffset, Source source) {
    this.pieces = pieces;
    this.names = names;
    this.endOffset = endOffset;
    this.source = source;
  }

  @Override
  public List<String> files() {
    return names;
  }

  @Override
  public long endOffset() {
    return endOffset;
  }

  @Override
  public Chunk next() throws IOException {
    if (closed) {
      throw new IllegalStateException("the transfer is closed");
    }
    if (in == null) {
      if (index == pieces.size()) {
        return null;
      }
      openFile();
    }
    byte[] data = ahead;
    ahead = in.readNBytes(CHUNK_BYTES);
    boolean last = ahead.length == 0;
    Chunk chunk = new Chunk(names.get(index), offset, data, last);
    offset += data.length;
    if (last) {
      closeFile();
      index++;
    }
    return chunk;
  }

  private void openFile() throws IOException {
    Piece piece = pieces.get(index);
    try {
      local = source.open(piece, names.get(index));
      in = open(local.path(), piece.file());
      ahead = in.readNBytes(CHUNK_BYTES);
      offset = 0;
    } catch (DamagedFileException e) {
      source.damaged(e.file(), e);
      throw e;
    }
  }

  private static InputStream open(Path path, HistoryFile file) throws IOException {
    try {
      return Files.newInputStream(path);
    } catch (NoSuchFileException e) {
      throw new DamagedFileException(file, "lost", String.valueOf(path.getParent()), e);
    }
  }

  private void closeFile() {
    try {
      if (in != null) {
        in.close();
      }
    } catch (IOException e) {
      // it was only read; nothing depends on it
      in = null;
    } finally {
      in = null;
      ahead = null;
      if (local != null) {
        local.close();
        local = null;
      }
    }
  }

  @Override
  public void close() {
    if (!closed) {
      closed = true;
      closeFile();
      source.ended();
    }
  }
}
