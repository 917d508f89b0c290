package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.history.HistoryPlan.Piece;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The history of one partition: Parquet files in the real leader's layout (with {@code tenant_id}
 * and {@code wal_offset} after the seven columns), and the list of them, so that followers can be
 * served when the topic no longer holds what they lack. This class knows what it consists of; one
 * {@link HistoryAppender} changes it, a {@link HistoryReader} for each follower reads it. Any
 * thread.
 *
 * <p>Invariant: every entry of the log that {@link #coverage} claims is in the files exactly once,
 * in WAL order, with nothing else.
 */
public final class History {
  private static final Logger LOG = LoggerFactory.getLogger(History.class);

  private final HistoryStorage storage;
  private final HistoryFiles files;
  private final HistoryAppender appender;
  private final LongSupplier clockMs;
  private final LongSupplier random;

  // guarded by this
  private HistoryManifest manifest = HistoryManifest.NONE;
  private final Map<String, String> unusable = new HashMap<>();
  private final FileLeases leases = new FileLeases();

  /**
   * @param room how many bytes a file that is written may take in memory now
   * @param clockMs for the age of files and their names
   * @param random for names
   */
  History(
      HistoryStorage storage,
      HistoryPlan plan,
      LongSupplier room,
      LongSupplier clockMs,
      LongSupplier random) {
    this.storage = storage;
    this.clockMs = clockMs;
    this.random = random;
    this.files = new HistoryFiles(storage, room);
    this.appender = new HistoryAppender(this, storage, files, plan, clockMs, random);
  }

  /** Its only writer; for one thread. */
  public HistoryAppender appender() {
    return appender;
  }

  /** What is durable now. Never blocks. */
  public synchronized HistoryCoverage coverage() {
    return HistoryPlan.coverage(manifest, unusable);
  }

  /** Which log it is the history of; null while that is not known. */
  public synchronized LogIdentity identity() {
    return manifest.log();
  }

  /**
   * Begins reading what a follower lacks: the entries above {@code after}, and no others; a file
   * that also holds older rows is cut. Files that the reader needs stay readable until it is
   * closed, also when they are merged meanwhile.
   *
   * @param after a WAL offset below {@code coverage().upTo()}
   * @param acrossHoles whether what is left is wanted when some of it is gone
   * @throws IOException when what is wanted is not there; the message says which offsets are gone
   */
  public HistoryReader read(long after, boolean acrossHoles) throws IOException {
    List<Piece> pieces;
    List<HistoryFile> needed = new ArrayList<>();
    long end;
    synchronized (this) {
      try {
        pieces = HistoryPlan.pieces(manifest, unusable, after, acrossHoles);
      } catch (IllegalArgumentException e) {
        throw new IOException(e.getMessage() + " (" + storage.describe() + ")", e);
      }
      pieces.forEach(piece -> needed.add(piece.file()));
      leases.take(needed);
      end = manifest.upTo();
    }
    List<String> names = new ArrayList<>();
    if (pieces.isEmpty()) {
      // nothing but offsets without entries: a file without rows says so
      names.add(FileNames.next(null, clockMs.getAsLong(), end, random.getAsLong()));
      pieces = List.of(new Piece(null, after));
    } else {
      for (Piece piece : pieces) {
        HistoryFile file = piece.file();
        names.add(
            piece.isCut()
                ? FileNames.inPlaceOf(file.name(), file.upTo(), random.getAsLong())
                : file.name());
      }
    }
    return new HistoryReader(this, files, pieces, names, end, needed);
  }

  /** A reader is closed. */
  void readEnded(List<HistoryFile> needed) {
    synchronized (this) {
      leases.end(needed);
    }
  }

  /** A file turned out to be unreadable; from now on it is a hole. */
  void damaged(DamagedFileException found) {
    synchronized (this) {
      if (unusable.putIfAbsent(found.file().name(), found.why()) != null) {
        return;
      }
    }
    LOG.error("{}", found.getMessage());
  }

  // the appender's

  synchronized HistoryManifest manifest() {
    return manifest;
  }

  synchronized Map<String, String> unusable() {
    return Map.copyOf(unusable);
  }

  /** That is what was found. */
  void found(HistoryManifest kept, Map<String, String> missing) {
    synchronized (this) {
      manifest = kept;
      unusable.clear();
      unusable.putAll(missing);
      leases.forget();
      leases.retire(kept.retired());
    }
  }

  /** The change with all that is retired, before it is committed. */
  synchronized HistoryManifest complete(HistoryManifest next, List<HistoryFile> retired) {
    List<HistoryFile> all = new ArrayList<>(leases.retired());
    all.addAll(retired);
    return next.withRetired(all);
  }

  /** The change is durable. */
  synchronized void committed(HistoryManifest next, List<HistoryFile> retired) {
    manifest = next;
    leases.retire(retired);
    retired.forEach(file -> unusable.remove(file.name()));
  }

  synchronized List<HistoryFile> deletable() {
    return leases.free();
  }

  synchronized void deleted(List<HistoryFile> gone) {
    leases.gone(gone);
  }
}
