package io.github.allsourceconnect.sink.history;

import io.github.allsourceconnect.protocol.WalEntry;
import io.github.allsourceconnect.sink.decision.HistoryCoverage;
import io.github.allsourceconnect.sink.decision.HistoryPlace;
import io.github.allsourceconnect.sink.decision.LogIdentity;
import io.github.allsourceconnect.sink.decision.LogTrust;
import io.github.allsourceconnect.sink.decision.TopicRetention;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Writes the history of one partition: entries into the open file, the file into the storage, and
 * what is there into its list. Nothing is ever removed from it but by its own retention, and but
 * for what was written again. One thread, the writer's; {@link #stopMerging} any. All but that may
 * block on I/O. After an error nothing can be written any more: what is durable is found by the
 * next one.
 */
public final class HistoryAppender implements Closeable {
  private static final Logger LOG = LoggerFactory.getLogger(HistoryAppender.class);

  private final History history;
  private final HistoryStorage storage;
  private final HistoryFiles files;
  private final HistoryChanges changes;
  private final HistoryUpkeep upkeep;
  private final LongSupplier clockMs;
  private final LongSupplier random;
  private HistoryPlan plan;
  private OpenFile open;

  /** Entries up to here were taken, into files or as known to be none. */
  private long taken = -1;

  HistoryAppender(
      History history,
      HistoryStorage storage,
      HistoryFiles files,
      HistoryPlan plan,
      LongSupplier clockMs,
      LongSupplier random) {
    this.history = history;
    this.storage = storage;
    this.files = files;
    this.changes = new HistoryChanges(history, storage, clockMs);
    this.upkeep =
        new HistoryUpkeep(
            history, storage, changes, new HistoryMerger(storage, files, random), clockMs);
    this.plan = plan;
    this.clockMs = clockMs;
    this.random = random;
  }

  /**
   * Finds what is kept, checks it (a lost or damaged file is a hole, and logged) and shuts out
   * whoever wrote to this history before. Called once, first.
   *
   * @param log which log it is to be the history of, see {@link #belongTo}
   * @return what is kept
   */
  public HistoryCoverage open(LogIdentity log) throws IOException {
    HistoryManifest found = storage.takeOver();
    Map<String, String> missing = storage.unusable(found);
    for (HistoryFile file : found.files()) {
      if (missing.containsKey(file.name())) {
        String what = missing.get(file.name());
        LOG.error(
            "{}", new DamagedFileException(file, what, storage.describe(), null).getMessage());
      }
    }
    history.found(found, missing);
    changes.begin();
    belongTo(log);
    HistoryCoverage coverage = history.coverage();
    taken = coverage.upTo();
    if (coverage.begun()) {
      LOG.info(
          "The history in {} has {} files and reaches from above WAL offset {} to {}; {} offsets in"
              + " between are gone",
          storage.describe(),
          history.manifest().files().size(),
          coverage.after(),
          coverage.upTo(),
          coverage.missing());
    } else {
      LOG.info("There is no history in {} yet", storage.describe());
    }
    return coverage;
  }

  /**
   * It is to be the history of this log. If it is that of another one, it is set aside, kept whole,
   * and a new one takes its place, which has not begun. One that does not say of which log it is
   * was written before that was noted, and is taken for this log's.
   */
  public void belongTo(LogIdentity log) throws IOException {
    HistoryManifest manifest = history.manifest();
    if (log.equals(manifest.log())) {
      return;
    }
    if (manifest.log() == null || !manifest.begun()) {
      changes.commit(manifest.of(log), List.of());
      return;
    }
    dropOpenFile();
    // what a killed task had not made durable its followers may have all the same
    long unsaved = Math.max(LogTrust.MARGIN, 2 * plan.maxRows());
    EarlierLog before = manifest.earlier();
    long mayHave = manifest.upTo() + unsaved;
    String place = changes.guarded(() -> storage.setAside(manifest));
    HistoryManifest instead =
        manifest.instead(
            log,
            new EarlierLog(
                manifest.log(), before == null ? mayHave : Math.max(mayHave, before.mayHave())));
    changes.commit(instead, List.of());
    history.found(instead, Map.of());
    LOG.error(
        "The history in {} belongs to the {}, but the log is now the {}, which is another one. The old"
            + " history is set aside as a whole, as {}; no follower gets any of it. A new one"
            + " begins",
        storage.describe(),
        manifest.log(),
        log,
        place);
  }

  /** The log whose history was set aside, while nothing else tells of it; null for none. */
  public EarlierLog earlier() {
    return history.manifest().earlier();
  }

  /** What is committed tells of the log of before by now. */
  public void forgetEarlier() throws IOException {
    changes.commit(history.manifest().withoutEarlier(), List.of());
  }

  /** The topic deletes its records so: files are closed before that. */
  public void hurry(TopicRetention topic) {
    plan = plan.within(topic);
  }

  /**
   * Goes on there.
   *
   * @return the Kafka offset to read next
   * @throws IOException when what is kept is not of this log
   */
  public long goOn(HistoryPlace place) throws IOException {
    changes.checkOpen();
    HistoryManifest manifest = history.manifest();
    if (place instanceof HistoryPlace.Begin begin) {
      changes.commit(manifest.begin(begin.after()), List.of());
      taken = begin.after();
    } else if (place instanceof HistoryPlace.GoOn on) {
      List<HistoryFile> again =
          manifest.files().stream().filter(file -> file.after() >= on.above()).toList();
      if (!again.isEmpty()) {
        changes.commit(manifest.cutTo(on.above()), again);
      }
      taken = on.above();
    } else if (place instanceof HistoryPlace.Lost lost) {
      upkeep.makeRoom(plan);
      changes.commit(manifest.lose(lost.hole()), List.of());
      taken = lost.hole().upTo();
    } else if (place instanceof HistoryPlace.AnotherLog other) {
      throw new IOException(
          "the history in "
              + storage.describe()
              + " is not of this log: "
              + other.why()
              + ". The topic was cut back; keep the history somewhere else, or remove it");
    }
    return taken;
  }

  /**
   * Takes the next entry. Offsets rise; one at or below what was already taken is ignored. What was
   * taken becomes durable, and counts in {@link History#coverage}, when its file is rolled by size
   * or age, or with {@link #flush}.
   *
   * @throws FencedException when another writer has taken over
   */
  public void append(WalEntry entry) throws IOException {
    changes.checkOpen();
    if (!history.manifest().begun()) {
      throw new IllegalStateException("the history has not begun");
    }
    if (entry.sequence() <= taken) {
      return;
    }
    if (open == null) {
      open =
          changes.guarded(
              () ->
                  new OpenFile(
                      files,
                      storage.workFolder(),
                      history.manifest().notes(),
                      random.getAsLong(),
                      clockMs.getAsLong()));
    }
    changes.guarded(
        () -> {
          open.add(entry);
          return null;
        });
    taken = entry.sequence();
    if (plan.isFull(open.rows(), open.bytes()) || files.isFull(open.bytes())) {
      roll();
    }
  }

  /**
   * The log holds no further entry up to this WAL offset (its offsets have holes). Also called
   * about once a second without news, so that files are rolled by age, small ones merged, and old
   * ones deleted by the history's own retention.
   *
   * @param atOnce whether what was taken must be durable now, for the topic is about to delete it
   * @throws FencedException like {@link #append}
   */
  public void reached(long walOffset, boolean atOnce) throws IOException {
    changes.checkOpen();
    if (!history.manifest().begun()) {
      return;
    }
    taken = Math.max(taken, walOffset);
    long now = clockMs.getAsLong();
    if (open != null) {
      if (atOnce || plan.isDue(open.sinceMs(), now)) {
        roll();
      }
    } else if (taken > history.manifest().upTo() && plan.isDue(changes.committedMs(), now)) {
      changes.commit(history.manifest().reach(taken), List.of());
    }
    upkeep.tend(plan);
  }

  /** Makes durable what was taken. */
  public void flush() throws IOException {
    changes.checkOpen();
    if (open != null) {
      roll();
    } else if (taken > history.manifest().upTo()) {
      changes.commit(history.manifest().reach(taken), List.of());
    }
  }

  private void roll() throws IOException {
    upkeep.makeRoom(plan);
    HistoryManifest manifest = history.manifest();
    List<HistoryFile> files = manifest.files();
    String last = files.isEmpty() ? null : files.get(files.size() - 1).name();
    String name = FileNames.next(last, clockMs.getAsLong(), taken, random.getAsLong());
    OpenFile built = open;
    HistoryFile file = changes.guarded(() -> built.finish(name, manifest.end(), taken));
    open = null;
    HistoryFile stored = changes.guarded(() -> storage.store(built.path(), file, manifest));
    changes.commit(manifest.add(stored), List.of());
    built.delete();
  }

  /** A merge that is under way, or would come, is left to the next writer. Any thread. */
  public void stopMerging() {
    upkeep.stopMerging();
  }

  private void dropOpenFile() throws IOException {
    if (open != null) {
      OpenFile dropped = open;
      open = null;
      dropped.close();
    }
  }

  /** Makes durable what was taken, if this writer was not fenced, and lets go of everything. */
  @Override
  public void close() throws IOException {
    if (changes.isClosed()) {
      return;
    }
    try (storage) {
      try {
        if (changes.isOpen() && history.manifest().begun()) {
          flush();
          changes.deleteFree();
        }
      } catch (FencedException e) {
        // the new owner appends what this one had not made durable
        LOG.info("{}", e.getMessage());
      } finally {
        changes.end();
        dropOpenFile();
      }
    }
  }
}
