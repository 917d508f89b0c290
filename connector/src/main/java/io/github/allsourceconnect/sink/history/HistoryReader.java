package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.sink.history.HistoryPlan.Piece;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.List;

/**
 * Reads the history for one follower, file after file, in the pieces in which it is sent. Before
 * the first chunk of a file is given out the whole file is checked, so a follower never gets a
 * damaged one to its end. Holds one file open and two chunks in memory. One thread at a time.
 */
public final class HistoryReader implements Closeable {
  static final int CHUNK_BYTES = 512 << 10;

  private enum State {
    /** The next file is to be opened. */
    BETWEEN_FILES,
    IN_FILE,
    AT_END,
    CLOSED
  }

  /**
   * A piece of a file.
   *
   * @param file bare name
   * @param offset byte offset in the file
   * @param data at most 512 KiB; not to be written to
   * @param last whether it is the file's last
   */
  @SuppressWarnings("ArrayRecordComponent")
  public record Chunk(String file, long offset, byte[] data, boolean last) {}

  private final History history;
  private final HistoryFiles source;
  private final List<Piece> pieces;
  private final List<String> names;
  private final long endOffset;
  private final List<HistoryFile> leased;
  private State state = State.BETWEEN_FILES;
  private int index;
  private HistoryStorage.LocalFile local;
  private InputStream in;
  private long offset;
  private byte[] ahead;

  HistoryReader(
      History history,
      HistoryFiles source,
      List<Piece> pieces,
      List<String> names,
      long endOffset,
      List<HistoryFile> leased) {
    this.history = history;
    this.source = source;
    this.pieces = pieces;
    this.names = List.copyOf(names);
    this.endOffset = endOffset;
    this.leased = leased;
  }

  /** Bare file names in the order in which the chunks follow. Never empty. */
  public List<String> files() {
    return names;
  }

  /** The WAL offset after all of it: the follower then goes on with the next one. */
  public long endOffset() {
    return endOffset;
  }

  /**
   * The next chunk: files in order, chunks in order, 512 KiB of file each but for the last of a
   * file. May block on I/O.
   *
   * @return null after the last
   * @throws IOException when a file turns out to be lost or damaged; the message names it
   */
  public Chunk next() throws IOException {
    switch (state) {
      case CLOSED -> throw new IllegalStateException("the reader is closed");
      case AT_END -> {
        return null;
      }
      case BETWEEN_FILES -> openFile();
      case IN_FILE -> {}
    }
    byte[] data = ahead;
    ahead = in.readNBytes(CHUNK_BYTES);
    boolean last = ahead.length == 0;
    Chunk chunk = new Chunk(names.get(index), offset, data, last);
    offset += data.length;
    if (last) {
      closeFile();
      index++;
      state = index == pieces.size() ? State.AT_END : State.BETWEEN_FILES;
    }
    return chunk;
  }

  private void openFile() throws IOException {
    Piece piece = pieces.get(index);
    try {
      local = source.open(piece);
      in = Files.newInputStream(local.path());
      ahead = in.readNBytes(CHUNK_BYTES);
      offset = 0;
      state = State.IN_FILE;
    } catch (NoSuchFileException e) {
      if (piece.file() == null) {
        throw e;
      }
      DamagedFileException lost = source.lost(piece.file(), e);
      history.damaged(lost);
      throw lost;
    } catch (DamagedFileException e) {
      history.damaged(e);
      throw e;
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
    if (state != State.CLOSED) {
      state = State.CLOSED;
      closeFile();
      history.readEnded(leased);
    }
  }
}
