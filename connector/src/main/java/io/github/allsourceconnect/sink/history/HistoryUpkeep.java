package io.github.allsourceconnect.sink.history;

import java.io.IOException;
import java.util.List;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps the list of files short: merges small ones, deletes old ones by the history's own
 * retention, and says when neither is enough. The writer's thread; {@link #stopMerging} any.
 */
final class HistoryUpkeep {
  private static final Logger LOG = LoggerFactory.getLogger(HistoryUpkeep.class);

  /** A list is long, and full, with so much of what it may have. */
  private static final int LONG_PERCENT = 50;

  private static final int FULL_PERCENT = 95;
  private static final String ROOM =
      "Raise snapshot.merge.max.bytes, so that files are merged, or set history.retention.bytes or"
          + " history.retention.ms";

  private final History history;
  private final HistoryStorage storage;
  private final HistoryChanges changes;
  private final HistoryMerger merger;
  private final LongSupplier clockMs;
  private boolean longSaid;

  HistoryUpkeep(
      History history,
      HistoryStorage storage,
      HistoryChanges changes,
      HistoryMerger merger,
      LongSupplier clockMs) {
    this.history = history;
    this.storage = storage;
    this.changes = changes;
    this.merger = merger;
    this.clockMs = clockMs;
  }

  /** Merges some files, and deletes those that are old. */
  void tend(HistoryPlan plan) throws IOException {
    mergeSome(plan);
    deleteExpired(plan);
    changes.deleteFree();
  }

  /** Before one more file or hole is listed: a list that is too long can't be read again. */
  void makeRoom(HistoryPlan plan) throws IOException {
    int percent = storage.fullPercent(history.manifest());
    if (percent >= LONG_PERCENT && !longSaid) {
      longSaid = true;
      LOG.warn(
          "The list of the files of the history in {} has {} % of the length that it may have. {}",
          storage.describe(), percent, ROOM);
    }
    while (percent >= FULL_PERCENT) {
      HistoryManifest before = history.manifest();
      tend(plan);
      // without those that are deleted
      changes.commit(history.manifest().reach(before.upTo()), List.of());
      if (history.manifest().listed() >= before.listed()) {
        changes.guarded(
            () -> {
              throw new IOException(
                  "its list is full, with "
                      + before.files().size()
                      + " files and "
                      + before.holes().size()
                      + " holes. Nothing is lost: what is not in it is still in the topic. "
                      + ROOM);
            });
      }
      percent = storage.fullPercent(history.manifest());
    }
  }

  /** One merge at most, so that new entries wait no longer than that takes. */
  private void mergeSome(HistoryPlan plan) throws IOException {
    HistoryManifest manifest = history.manifest();
    List<HistoryFile> run = plan.merge(manifest.files(), history.unusable().keySet());
    if (run.isEmpty() || merger.isStopped()) {
      return;
    }
    try (HistoryMerger.Merged merged = changes.guarded(() -> merger.merge(run, manifest.notes()))) {
      if (merged != null) {
        HistoryFile stored =
            changes.guarded(() -> storage.store(merged.path(), merged.file(), manifest));
        changes.commit(manifest.replace(run, stored), run);
      }
    } catch (DamagedFileException e) {
      // that file is a hole from now on; the others are merged without it
      history.damaged(e);
    }
  }

  private void deleteExpired(HistoryPlan plan) throws IOException {
    HistoryManifest manifest = history.manifest();
    int count = plan.expired(manifest.files(), clockMs.getAsLong());
    if (count > 0) {
      List<HistoryFile> old = manifest.files().subList(0, count);
      HistoryManifest left = manifest.dropFirst(count);
      changes.commit(left, old);
      LOG.info(
          "{} files of the history in {} are deleted by history.retention.ms or"
              + " history.retention.bytes: it begins above WAL offset {} now",
          count,
          storage.describe(),
          left.after());
    }
  }

  /** A merge that is under way, or would come, is left to the next writer. Any thread. */
  void stopMerging() {
    merger.stop();
  }
}
