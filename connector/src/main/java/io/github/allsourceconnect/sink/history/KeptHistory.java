package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.history.HistoryDecisions.Piece;
import io.github.allsourceconnect.snapshot.SnapshotWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The history of one partition over any storage. The list of files, what can't be read, and the
 * leases are guarded by this object's lock; everything else belongs to the writer's thread. Memory:
 * the open file's rows ({@code snapshot.file.max.bytes}) and a chunk for each transfer.
 */
final class KeptHistory implements SnapshotStore {
  private static final Logger LOG = LoggerFactory.getLogger(KeptHistory.class);
  private static final long ROW_OVERHEAD = 200;

  private final HistoryStorage storage;
  private final HistoryDecisions decisions;
  private final LongSupplier clockMs;
  private final LongSupplier random;
  private final FileCopies copies;

  // guarded by this
  private HistoryManifest manifest = HistoryManifest.NONE;
  private final Set<String> unusable = new HashSet<>();
  private final FileLeases leases = new FileLeases();

  // the writer's thread
  private SnapshotWriter open;
  private Path openPath;
  private long openRows;
  private long openBytes;
  private long openSinceMs;
  private long taken = -1;
  private long reached = -1;
  private long committedMs;
  private boolean broken;

  /**
   * @param clockMs for the age of files and their names
   * @param random for names
   */
  KeptHistory(
      HistoryStorage storage,
      HistoryDecisions decisions,
      LongSupplier clockMs,
      LongSupplier random) {
    this.storage = storage;
    this.decisions = decisions;
    this.clockMs = clockMs;
    this.random = random;
    this.copies = new FileCopies(storage);
  }

  @Override
  public HistoryCoverage open() throws IOException {
    HistoryManifest found = storage.open();
    Set<String> missing = storage.unusable(found);
    for (HistoryFile file : found.files()) {
      if (missing.contains(file.name())) {
        LOG.error(
            "{}", new DamagedFileException(file, "lost", storage.describe(), null).getMessage());
      }
    }
    synchronized (this) {
      manifest = found;
      unusable.addAll(missing);
      leases.retire(found.retired());
    }
    int length = HistoryDecisions.usableLength(found, missing);
    if (length < found.files().size()) {
      List<HistoryFile> lost = found.files().subList(length, found.files().size());
      commit(found.keepFirst(length), lost);
      found = current();
    }
    taken = found.upTo();
    reached = found.upTo();
    committedMs = clockMs.getAsLong();
    HistoryCoverage coverage = coverage();
    if (found.begun()) {
      LOG.info(
          "The history in {} has {} files and reaches from above WAL offset {} to {}",
          storage.describe(),
          found.files().size(),
          coverage.after(),
          coverage.upTo());
    } else {
      LOG.info("There is no history in {} yet", storage.describe());
    }
    return coverage;
  }

  @Override
  public void begin(long after) throws IOException {
    working();
    dropOpenFile();
    HistoryManifest old = current();
    commit(old.begin(after), old.files());
    synchronized (this) {
      unusable.clear();
    }
    taken = after;
    reached = after;
    discardFree();
  }

  @Override
  public void append(WalEntry entry) throws IOException {
    working();
    if (!current().begun()) {
      throw new IllegalStateException("the history has not begun");
    }
    if (entry.sequence() <= taken) {
      return;
    }
    if (open == null) {
      openPath =
          storage.workFolder().resolve("open-" + Long.toHexString(random.getAsLong()) + ".parquet");
      open = guarded(() -> new SnapshotWriter(openPath, true));
      openRows = 0;
      openBytes = 0;
      openSinceMs = clockMs.getAsLong();
    }
    guarded(
        () -> {
          open.add(entry.event(), entry.sequence());
          return null;
        });
    taken = entry.sequence();
    reached = Math.max(reached, taken);
    openRows++;
    openBytes +=
        ROW_OVERHEAD
            + entry.event().payload().length()
            + (entry.event().metadata() == null ? 0 : entry.event().metadata().length());
    if (decisions.isFull(openRows, openBytes)) {
      roll();
    }
  }

  @Override
  public void reached(long walOffset) throws IOException {
    working();
    if (!current().begun()) {
      return;
    }
    reached = Math.max(reached, walOffset);
    taken = Math.max(taken, walOffset);
    long now = clockMs.getAsLong();
    if (open != null) {
      if (decisions.isDue(openSinceMs, now)) {
        roll();
      }
    } else if (reached > current().upTo() && decisions.isDue(committedMs, now)) {
      commit(current().reach(reached), List.of());
    }
    mergeSome();
    discardFree();
  }

  private void roll() throws IOException {
    HistoryManifest now = current();
    List<HistoryFile> files = now.files();
    String last = files.isEmpty() ? null : files.get(files.size() - 1).name();
    String name = FileNames.next(last, clockMs.getAsLong(), reached, random.getAsLong());
    HistoryFile file = finish(name, now.filesUpTo(), reached, openRows, open, openPath);
    Path built = openPath;
    open = null;
    HistoryFile stored = guarded(() -> storage.store(built, file));
    commit(now.add(stored), List.of());
    Files.deleteIfExists(built);
  }

  private HistoryFile finish(
      String name, long after, long upTo, long rows, SnapshotWriter writer, Path path)
      throws IOException {
    return guarded(
        () -> {
          writer.commit();
          return new HistoryFile(name, after, upTo, rows, Files.size(path), Checksums.of(path), 0);
        });
  }

  /** One merge at most, so that new entries wait no longer than that takes. */
  private void mergeSome() throws IOException {
    List<HistoryFile> run;
    synchronized (this) {
      run = decisions.merge(manifest.files(), Set.copyOf(unusable));
    }
    if (run.isEmpty()) {
      return;
    }
    HistoryFile last = run.get(run.size() - 1);
    String name = FileNames.inPlaceOf(last.name(), last.upTo(), random.getAsLong());
    Path path =
        storage.workFolder().resolve("merge-" + Long.toHexString(random.getAsLong()) + ".parquet");
    HistoryFile merged;
    try (SnapshotWriter writer = guarded(() -> new SnapshotWriter(path, true))) {
      long rows = 0;
      for (HistoryFile file : run) {
        try (HistoryStorage.Local local = storage.read(file)) {
          Checksums.verify(local.path(), file, storage.describe());
          long copied = copies.rows(local.path(), file, file.after(), writer);
          if (copied != file.rows()) {
            throw new DamagedFileException(
                file, copied + " rows long instead of " + file.rows(), storage.describe(), null);
          }
          rows += copied;
        }
      }
      merged = finish(name, run.get(0).after(), last.upTo(), rows, writer, path);
    } catch (DamagedFileException e) {
      damaged(e.file(), e);
      return;
    }
    HistoryFile stored = guarded(() -> storage.store(path, merged));
    commit(current().replace(run, stored), run);
    Files.deleteIfExists(path);
    LOG.debug("Merged {} files of the history in {} into {}", run.size(), storage.describe(), name);
  }

  private void commit(HistoryManifest next, List<HistoryFile> retired) throws IOException {
    HistoryManifest complete;
    synchronized (this) {
      List<HistoryFile> all = new ArrayList<>(leases.retired());
      all.addAll(retired);
      complete = next.withRetired(all);
    }
    guarded(
        () -> {
          storage.commit(complete);
          return null;
        });
    synchronized (this) {
      manifest = complete;
      leases.retire(retired);
    }
    committedMs = clockMs.getAsLong();
  }

  private void discardFree() throws IOException {
    List<HistoryFile> free;
    synchronized (this) {
      free = leases.free();
    }
    if (!free.isEmpty()) {
      guarded(
          () -> {
            storage.discard(free);
            return null;
          });
      synchronized (this) {
        leases.gone(free);
      }
    }
  }

  @Override
  public synchronized HistoryCoverage coverage() {
    return HistoryDecisions.coverage(manifest, unusable);
  }

  @Override
  public Transfer transfer(long after) throws IOException {
    List<Piece> pieces;
    List<HistoryFile> files = new ArrayList<>();
    long end;
    synchronized (this) {
      try {
        pieces = HistoryDecisions.pieces(manifest, unusable, after);
      } catch (IllegalArgumentException e) {
        throw new IOException(e.getMessage() + " (" + storage.describe() + ")", e);
      }
      pieces.forEach(piece -> files.add(piece.file()));
      leases.take(files);
      end = manifest.upTo();
    }
    if (pieces.isEmpty()) {
      // nothing but holes: a file without rows says so
      String name = FileNames.next(null, clockMs.getAsLong(), end, random.getAsLong());
      pieces = List.of(new Piece(null, after));
      return new HistoryTransfer(pieces, List.of(name), end, new TransferSource(List.of()));
    }
    List<String> names = new ArrayList<>();
    for (Piece piece : pieces) {
      HistoryFile file = piece.file();
      names.add(
          piece.isCut()
              ? FileNames.inPlaceOf(file.name(), file.upTo(), random.getAsLong())
              : file.name());
    }
    return new HistoryTransfer(
        pieces, List.copyOf(names), end, new TransferSource(List.copyOf(files)));
  }

  /** What a transfer asks for, on its own thread. */
  private final class TransferSource implements HistoryTransfer.Source {
    private final List<HistoryFile> files;

    TransferSource(List<HistoryFile> files) {
      this.files = files;
    }

    @Override
    public HistoryStorage.Local open(Piece piece, String name) throws IOException {
      return copies.open(piece);
    }

    @Override
    public void damaged(HistoryFile file, IOException why) {
      KeptHistory.this.damaged(file, why);
    }

    @Override
    public void ended() {
      synchronized (KeptHistory.this) {
        leases.end(files);
      }
    }
  }

  private synchronized void damaged(HistoryFile file, IOException why) {
    if (unusable.add(file.name())) {
      LOG.error("{}", why.getMessage());
    }
  }

  private synchronized HistoryManifest current() {
    return manifest;
  }

  /** A step that changes what is kept: if it fails, this writer must not go on. */
  private interface Step<T> {
    T run() throws IOException;
  }

  private <T> T guarded(Step<T> step) throws IOException {
    try {
      return step.run();
    } catch (IOException | RuntimeException e) {
      broken = true;
      try {
        storage.checkOwner();
      } catch (IOException owner) {
        owner.addSuppressed(e);
        throw owner;
      }
      throw e;
    }
  }

  private void working() throws IOException {
    if (broken) {
      throw new IOException(
          "the history in " + storage.describe() + " failed before; restart the task");
    }
  }

  private void dropOpenFile() throws IOException {
    if (open != null) {
      SnapshotWriter dropped = open;
      open = null;
      dropped.close();
    }
  }

  @Override
  public void close() throws IOException {
    try (storage) {
      if (!broken && current().begun()) {
        finishWriting();
      }
      dropOpenFile();
    }
  }

  private void finishWriting() throws IOException {
    try {
      if (open != null) {
        roll();
      } else if (reached > current().upTo()) {
        commit(current().reach(reached), List.of());
      }
      discardFree();
    } catch (FencedException e) {
      // the new owner appends what this one had not made durable
      LOG.info("{}", e.getMessage());
    }
  }
}
