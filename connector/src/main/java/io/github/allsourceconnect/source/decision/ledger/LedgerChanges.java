package io.github.allsourceconnect.source.decision.ledger;

import io.github.allsourceconnect.protocol.JsonFields;
import io.github.allsourceconnect.source.decision.position.Ledger;
import io.github.allsourceconnect.source.decision.position.SourcePosition;
import java.util.function.BiConsumer;

/**
 * Tells what has changed between two looks at the follower's figures: snapshots, gaps and their
 * repairs, losses, the leader. Begins with what the position says, so that what happened and was
 * not told before a restart is told after it. Not thread-safe.
 */
final class LedgerChanges {
  private static final int RANGES_MAX = 1_000;

  private final long progressMs;
  private long gaps;
  private long repaired;
  private long repairs;
  private long unverified;
  private long regressions;
  private long unaccounted;
  private String leader;
  private boolean snapshotDone;
  private boolean snapshotTold;
  private long progressAtMs;

  LedgerChanges(SourcePosition start, long nowMs, long progressMs) {
    this.progressMs = progressMs;
    unaccounted = start.losses().events();
    leader = start.leader();
    snapshotDone = start.snapshotDone();
    progressAtMs = nowMs;
  }

  void look(LedgerView view, BiConsumer<String, JsonFields> tell) {
    Ledger now = view.counts();
    snapshot(view, tell);
    if (now.gaps > gaps) {
      gaps = now.gaps;
      tell.accept("gap", where(now).put("gaps_since_start", gaps));
    }
    if (now.repairs + now.unverifiedRepairs > repairs + unverified) {
      tell.accept(
          "repaired",
          where(now)
              .put("events", now.repaired - repaired)
              .put("counted", now.unverifiedRepairs == unverified));
      repairs = now.repairs;
      unverified = now.unverifiedRepairs;
      repaired = now.repaired;
    }
    if (now.unaccounted != unaccounted) {
      boolean more = now.unaccounted > unaccounted;
      tell.accept(
          more ? "lost" : "found",
          where(now)
              .put("events", Math.abs(now.unaccounted - unaccounted))
              .put("unaccounted", now.unaccounted)
              .put("ranges", now.losses().text(RANGES_MAX)));
      unaccounted = now.unaccounted;
    }
    if (now.regressions > regressions) {
      regressions = now.regressions;
      tell.accept("numbered_anew", where(now));
    }
  }

  private void snapshot(LedgerView view, BiConsumer<String, JsonFields> tell) {
    if (!snapshotDone && view.counts().snapshotRequests > 0 && !snapshotTold) {
      snapshotTold = true;
      progressAtMs = view.nowMs();
      tell.accept("snapshot_begun", new JsonFields());
    } else if (view.snapshotRunning() && view.nowMs() - progressAtMs >= progressMs) {
      progressAtMs = view.nowMs();
      tell.accept(
          "snapshot_progress",
          new JsonFields()
              .put("rows", view.counts().snapshotRows)
              .put("remaining_rows", view.remainingRows()));
    } else if (!view.snapshotRunning()) {
      progressAtMs = view.nowMs();
    }
    if (!snapshotDone && view.snapshotDone()) {
      snapshotDone = true;
      tell.accept("snapshot_done", new JsonFields().put("rows", view.counts().snapshotRows));
    }
  }

  private static JsonFields where(Ledger now) {
    return new JsonFields().put("wal_offset", now.walOffset).put("missing", now.open);
  }

  /** The leader whose numbering is followed; empty when not known. */
  void leader(String now, BiConsumer<String, JsonFields> tell) {
    if (!now.isEmpty() && !leader.isEmpty() && !now.equals(leader)) {
      tell.accept("leader_changed", new JsonFields().put("before", leader).put("now", now));
    }
    leader = now.isEmpty() ? leader : now;
  }
}
