package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.source.decision.epoch.HeldEntries;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;

/**
 * Chooses the cut: the offset up to which a repair reaches, such that by time no missing event
 * beyond it mixes with those before. While the stream goes on, that is within a long stretch of
 * entries without a hole; when nothing more comes, it is the last entry.
 *
 * <pre>
 *   held   4 . 6 7 . 9 10 11 12 13 14 15 16 17 18 19
 *                    |--- clean ---|--- clean ---|
 *                               offset()
 * </pre>
 *
 * Invariant: 0 &lt; offset() &lt;= last held, or offset() = 0 and nothing is held. Not thread-safe.
 */
final class RepairCut {
  /** What is known of the cut. */
  enum Choice {
    NOT_YET,
    CHOSEN,
    /** All that was missing has come by itself. */
    NOT_NEEDED
  }

  /** Nothing coming for so long means that nothing more was written. */
  static final long QUIET_MS = 200;

  private static final long SCAN_MS = 20;

  private final LiveStream stream;
  private final LiveLink live;
  private final long gapTimeoutMs;

  private long scanAt;
  private long offset;
  private long micros;
  private boolean last;

  RepairCut(LiveStream stream, LiveLink live, long gapTimeoutMs) {
    this.stream = stream;
    this.live = live;
    this.gapTimeoutMs = gapTimeoutMs;
  }

  /** The last offset that the repair covers; 0 when no entry is held, and all rows count. */
  long offset() {
    return offset;
  }

  /** Rows newer than this are not for this repair. */
  long micros() {
    return micros;
  }

  /**
   * The same where nothing can be counted: if entries have come behind the last one meanwhile, what
   * is newer than the first of them lies behind the cut, too.
   */
  long microsUncounted() {
    long behind = stream.held.middleBehind(offset);
    return last && behind > Long.MIN_VALUE
        ? Math.min(micros, Math.max(behind, stream.held.middleUpTo(offset)))
        : micros;
  }

  /**
   * What was missing up to the cut has come by itself. If rows of a repair that was not finished
   * make up for all of it, nobody but a repair can say so and go on.
   */
  boolean isOvertaken() {
    return stream.verified()
        && (stream.walOffset() >= offset
            || (stream.offsets.beyond() == 0 && stream.offsets.missingUpTo(offset) <= 0));
  }

  /** Nothing came after the cut when it was chosen. */
  boolean isLast() {
    return last;
  }

  /** Event time of the newest entry up to the cut; {@link Long#MAX_VALUE} without a cut. */
  long newest() {
    return offset > 0 ? newestUpTo(offset) : Long.MAX_VALUE;
  }

  /** Event time of the newest entry held, also beyond the cut. */
  long newestHeld() {
    return newestUpTo(stream.held.lastOffset());
  }

  /** A cut is to be chosen from now on. */
  void begin(long now) {
    scanAt = now;
  }

  /** When to try again. */
  long wakeAt(long now) {
    return now + SCAN_MS;
  }

  Choice choose(long now) {
    HeldEntries held = stream.held;
    last = false;
    boolean quiet =
        stream.intake.bufferEmpty()
            && now - Math.max(stream.intake.lastEntryAt(), live.liveSince()) >= QUIET_MS;
    if (held.currentIsEmpty()) {
      if (stream.verified()) {
        return Choice.NOT_NEEDED;
      }
      if (!quiet || now - live.liveSince() < gapTimeoutMs) {
        return Choice.NOT_YET;
      }
      offset = 0;
      micros = Long.MAX_VALUE;
      return Choice.CHOSEN;
    }
    if (quiet) {
      chosen(held.lastOffset());
      micros += stream.lateness.allowedMicros();
      last = true;
      return Choice.CHOSEN;
    }
    if (now < scanAt && !held.isFull()) {
      return Choice.NOT_YET;
    }
    scanAt = now + SCAN_MS;
    long end = cleanCut();
    if (end > 0) {
      chosen(end);
      return Choice.CHOSEN;
    }
    if (held.isFull()) {
      chosen(longestRunMiddle());
      return Choice.CHOSEN;
    }
    return Choice.NOT_YET;
  }

  /**
   * All that is held but for the last entries, half of them at most: one that they have overtaken
   * may still come.
   */
  void chooseAllButLast() {
    last = false;
    int held = stream.held.current().size();
    int kept = Math.min(stream.lateness.cleanRun(), held / 2);
    long at = 0;
    for (HeldEntries.Held one : stream.held.current()) {
      if (held-- == kept) {
        break;
      }
      at = one.offset();
    }
    chosen(at);
  }

  private void chosen(long at) {
    offset = at;
    micros = newestUpTo(at);
  }

  /**
   * An offset within the last stretch of entries without a hole that is long enough, in places and
   * in time, on both sides of it; 0 for none.
   */
  private long cleanCut() {
    int places = stream.lateness.cleanRun();
    long micros = stream.lateness.cleanMicros();
    long runStart = 0;
    long startMicros = 0;
    long previous = -1;
    long candidate = 0;
    long candidateMicros = 0;
    long found = 0;
    for (HeldEntries.Held one : stream.held.current()) {
      if (previous < 0 || (one.offset() != previous + 1 && !stream.offsets.holesAreNone())) {
        runStart = one.offset();
        startMicros = one.micros();
        candidate = 0;
      }
      previous = one.offset();
      startMicros = Math.min(startMicros, one.micros());
      boolean farFromStart = previous - runStart >= places && one.micros() - startMicros >= micros;
      if (candidate == 0 && farFromStart) {
        candidate = previous;
        candidateMicros = one.micros();
      } else if (candidate > 0
          && previous - candidate >= places
          && one.micros() - candidateMicros >= micros) {
        found = candidate;
        candidate = previous;
        candidateMicros = one.micros();
      }
    }
    return found;
  }

  private long longestRunMiddle() {
    long runStart = 0;
    long previous = -1;
    long longest = -1;
    long middle = 0;
    for (HeldEntries.Held one : stream.held.current()) {
      if (previous < 0 || (one.offset() != previous + 1 && !stream.offsets.holesAreNone())) {
        runStart = one.offset();
      }
      previous = one.offset();
      if (previous - runStart >= longest) {
        longest = previous - runStart;
        middle = runStart + longest / 2;
      }
    }
    return middle;
  }

  private long newestUpTo(long offset) {
    return stream.held.newestUpTo(offset, stream.lateness.allowedMicros());
  }
}
