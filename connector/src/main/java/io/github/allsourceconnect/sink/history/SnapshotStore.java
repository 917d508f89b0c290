package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;

/**
 * The history of one partition, kept as Parquet files in the real leader's layout (with {@code
 * tenant_id} and {@code wal_offset} after the seven columns), so that followers can be served when
 * the topic no longer holds what they lack.
 *
 * <p>Invariant: every entry of the log whose WAL offset is above {@link HistoryCoverage#after()}
 * and not above {@link HistoryCoverage#upTo()} is in the kept files exactly once, in WAL order,
 * with nothing else.
 *
 * <p>{@link #open}, {@link #begin}, {@link #append}, {@link #reached} and {@link #close} are called
 * by one thread, the history's writer. {@link #coverage} and {@link #transfer} may be called by any
 * thread at the same time. All but {@link #coverage} may block on I/O.
 */
public interface SnapshotStore extends Closeable {
  /**
   * Finds what is kept, checks it (a lost or damaged file shortens the coverage and is logged) and
   * shuts out whoever wrote to this history before. Called once, first.
   *
   * @return what is kept; {@link HistoryCoverage#NONE} when nothing is
   */
  HistoryCoverage open() throws IOException;

  /**
   * The history begins anew: entries at or below {@code after} are gone for good. Files kept so far
   * are no longer part of it.
   *
   * @param after a WAL offset, 0 for a history from the very beginning
   */
  void begin(long after) throws IOException;

  /**
   * Takes the next entry. Offsets rise; one at or below what was already taken is ignored. What was
   * taken becomes durable, and counts in {@link #coverage}, when its file is rolled by size or age;
   * after a restart the writer appends again from {@link HistoryCoverage#upTo()}.
   *
   * @throws FencedException when another writer has taken over; nothing may be appended any more
   */
  void append(WalEntry entry) throws IOException;

  /**
   * The log holds no further entry up to this WAL offset (its offsets have holes). Also called
   * about once a second without news, so that files are rolled by age and small ones merged.
   *
   * @throws FencedException like {@link #append}
   */
  void reached(long walOffset) throws IOException;

  /** What is durable now. Never blocks. */
  HistoryCoverage coverage();

  /**
   * Begins sending to one follower what it lacks: the entries above {@code after}, and no others; a
   * file that also holds older rows is cut. Files that the transfer needs stay readable until it is
   * closed, also when they are merged meanwhile.
   *
   * @param after a WAL offset with {@code coverage().after() <= after < coverage().upTo()}
   * @throws IOException also when a file turns out to be lost or damaged; the message names it
   */
  Transfer transfer(long after) throws IOException;

  /** Makes durable what was taken, if this writer was not fenced, and lets go of everything. */
  @Override
  void close() throws IOException;

  /** One snapshot on its way to one follower. Used by one thread at a time. */
  interface Transfer extends Closeable {
    /** Bare file names in the order in which the chunks follow. Never empty. */
    List<String> files();

    /** The WAL offset after the snapshot: the follower then goes on with the next one. */
    long endOffset();

    /**
     * The next chunk: files in order, chunks in order, 512 KiB of file each but for the last of a
     * file. May block on I/O.
     *
     * @return null after the last
     * @throws IOException when a file turns out to be lost or damaged
     */
    Chunk next() throws IOException;

    @Override
    void close();
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
  record Chunk(String file, long offset, byte[] data, boolean last) {}

  /** Another writer has taken over this history. */
  class FencedException extends IOException {
    private static final long serialVersionUID = 1L;

    /** Says who lost the history and how it was noticed. */
    public FencedException(String message, Throwable cause) {
      super(message, cause);
    }
  }
}
