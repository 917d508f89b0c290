package io.github.allsourceconnect.source.fetch;

import io.github.allsourceconnect.snapshot.SnapshotFile;
import io.github.allsourceconnect.snapshot.SnapshotRow;
import io.github.allsourceconnect.snapshot.SnapshotRows;
import io.github.allsourceconnect.source.decision.orders.OutputSize;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rows on their way from the thread that opens and reads the files to the one that decides, which
 * therefore never waits for a disk. About {@value #BYTES_MAX} bytes of rows wait at most, and one
 * piece more; then the reading thread waits.
 *
 * <p>One thread reads ({@link #fill}), one takes; {@link #close} is for any.
 */
public final class RowFeed {
  /** Opens the rows of a snapshot's files; on the reading thread. */
  interface Opener {
    /**
     * Opens.
     *
     * @throws IOException if a file can't be read
     */
    SnapshotRows open(List<SnapshotFile> files) throws IOException;
  }

  private static final Logger LOG = LoggerFactory.getLogger(RowFeed.class);
  private static final long BYTES_MAX = 1L << 20;
  private static final long PIECE_BYTES = 64L << 10;
  private static final int PIECE_ROWS = 256;

  private record Piece(List<SnapshotRow> rows, long bytes) {}

  private final Runnable onRows;
  private final ArrayDeque<Piece> pieces = new ArrayDeque<>();
  private long bytes;
  private boolean opened;
  private int files;
  private long expected = -1;
  private boolean ended;
  private IOException failure;
  private volatile boolean closed;

  // the taker's
  private List<SnapshotRow> taken = List.of();
  private int next;

  /**
   * @param onRows called by the reading thread when there is something to take after there was not
   */
  RowFeed(Runnable onRows) {
    this.onRows = onRows;
  }

  // ---- the reading thread

  /** Reads all rows; returns when they end, can't be read, or are not wanted any more. */
  void fill(Opener opener, List<SnapshotFile> of) throws InterruptedException {
    List<SnapshotRow> piece = new ArrayList<>();
    SnapshotRows rows = null;
    IOException broken = null;
    try {
      rows = opener.open(of);
      opened(of.size(), rows.expected());
      long size = 0;
      SnapshotRow row;
      while (!closed && (row = rows.next()) != null) {
        piece.add(row);
        size += OutputSize.of(row.event());
        if (piece.size() == PIECE_ROWS || size >= PIECE_BYTES) {
          put(new Piece(piece, size));
          piece = new ArrayList<>();
          size = 0;
        }
      }
      put(new Piece(piece, size));
    } catch (IOException e) {
      put(new Piece(piece, 0)); // what came before it is good
      broken = e;
    } finally {
      close(rows);
    }
    end(broken);
  }

  private static void close(SnapshotRows rows) {
    if (rows != null) {
      try {
        rows.close();
      } catch (IOException e) {
        LOG.debug("While closing a snapshot's rows", e);
      }
    }
  }

  private synchronized void opened(int ofFiles, long expectedRows) {
    opened = true;
    files = ofFiles;
    expected = expectedRows;
  }

  private void put(Piece piece) throws InterruptedException {
    if (piece.rows.isEmpty()) {
      return;
    }
    boolean first;
    synchronized (this) {
      while (bytes >= BYTES_MAX && !closed) {
        wait();
      }
      first = pieces.isEmpty();
      pieces.add(piece);
      bytes += piece.bytes;
    }
    if (first) {
      onRows.run();
    }
  }

  private void end(IOException with) {
    synchronized (this) {
      ended = true;
      failure = with;
    }
    onRows.run();
  }

  // ---- the taking thread

  /** The row that {@link #take} takes; null when none is there yet, or none comes any more. */
  public SnapshotRow peek() {
    if (next == taken.size()) {
      synchronized (this) {
        Piece piece = pieces.poll();
        if (piece == null) {
          return null;
        }
        taken = piece.rows;
        next = 0;
        bytes -= piece.bytes;
        notifyAll();
      }
    }
    return taken.get(next);
  }

  /** Takes what {@link #peek} has shown. */
  public SnapshotRow take() {
    return taken.get(next++);
  }

  /** Whether all rows were taken, and no more come; see {@link #failure}. */
  public synchronized boolean isEnded() {
    return ended && pieces.isEmpty() && next == taken.size();
  }

  /** Why no more rows come, or null if they simply end. */
  public synchronized IOException failure() {
    return failure;
  }

  /** Whether the files have been opened; from then on it is known what there is. */
  public synchronized boolean isOpened() {
    return opened;
  }

  /** How many files they are. */
  public synchronized int files() {
    return files;
  }

  /** About how many rows there are; -1 when that is not known. */
  public synchronized long expected() {
    return expected;
  }

  /** No more rows are wanted; the reading thread comes back soon. */
  public synchronized void close() {
    closed = true;
    notifyAll();
  }
}
