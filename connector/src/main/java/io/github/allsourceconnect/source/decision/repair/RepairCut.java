package io.github.allsourceconnect.source.decision.repair;

import io.github.allsourceconnect.source.decision.epoch.HeldEntries;
import io.github.allsourceconnect.source.decision.epoch.LiveLink;
import io.github.allsourceconnect.source.decision.epoch.LiveStream;
import java.util.ArrayList;
import java.util.List;

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

  /** With no room for more, so many entries on each side of the cut have to do. */
  private static final int SHORT_RUN = 8;

  private final LiveStream stream;
  private final LiveLink live;
  private final long gapTimeoutMs;

  private long scanAt;
  private long offset;
  private long micros;
  private boolean last;
  private boolean forced;
  private boolean shortRun;

  /** What is not newer has been produced in parts, whatever its offsets. */
  private long partsUpTo = Long.MIN_VALUE;

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

  /**
   * There was no room to wait for a stretch without a hole: by their time, events on one side of
   * the cut can't be told from those on the other.
   */
  boolean isForced() {
    return forced;
  }

  /** The cut is forced, and is in no stretch without a hole that is as long as entries are late. */
  boolean isBlind() {
    return forced && !shortRun;
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

  /** What is not newer than that has been produced in a part: the cut is to be behind all of it. */
  void partIsProduced(long upToMicros) {
    partsUpTo = Math.max(partsUpTo, upToMicros);
  }

  /** A cut is settled, and with it all that was produced in parts. */
  void partsAreSettled() {
    partsUpTo = Long.MIN_VALUE;
  }

  /** A cut is to be chosen from now on. */
  void begin(long now) {
    scanAt = now;
  }

  /** When to try again. */
  long wakeAt(long now) {
    return now + SCAN_MS;
  }

  /** Nothing comes, so nothing more was written. */
  boolean isQuiet(long now) {
    return stream.intake.bufferEmpty()
        && now - Math.max(stream.intake.lastEntryAt(), live.liveSince()) >= QUIET_MS;
  }

  Choice choose(long now) {
    HeldEntries held = stream.held;
    last = false;
    forced = false;
    boolean quiet = isQuiet(now);
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
      chooseWithoutRoom();
      return Choice.CHOSEN;
    }
    return Choice.NOT_YET;
  }

  /** There is no room to wait for a clean cut: the middle of the longest run has to do. */
  private void chooseWithoutRoom() {
    Run run = longestRun();
    long reserve = Math.min(run.before(), run.after());
    boolean isBehindParts = partsUpTo == Long.MIN_VALUE || run.middleMicros() > partsUpTo + reserve;
    shortRun =
        isBehindParts && run.length() >= 2 * SHORT_RUN && reserve >= stream.lateness.seenMicros();
    if (partsUpTo == Long.MIN_VALUE || shortRun) {
      chosen(run.middle());
    } else {
      // what was produced in parts is not behind the last
      chosen(stream.held.lastOffset());
      micros += stream.lateness.allowedMicros();
    }
    forced = !shortRun || reserve < stream.lateness.allowedMicros();
  }

  /**
   * All that is held but for the last entries, half of them at most: one that they have overtaken
   * may still come.
   */
  void chooseAllButLast() {
    last = false;
    forced = false;
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
   * An offset within the last stretch of entries without a hole that is long enough on both sides
   * of it; 0 for none.
   */
  private long cleanCut() {
    long behindParts = partsUpTo + stream.lateness.cleanMicros();
    CleanStretch side = new CleanStretch(stream.lateness);
    long previous = -1;
    long candidate = 0;
    long candidateMicros = 0;
    long found = 0;
    for (HeldEntries.Held one : stream.held.current()) {
      boolean follows = one.offset() == previous + 1 || stream.offsets.holesAreNone();
      if (previous < 0 || !follows) {
        side.begin(one);
        candidate = 0;
      } else if (side.isEnoughWith(one)) {
        found = candidate > 0 && candidateMicros > behindParts ? candidate : found;
        candidate = one.offset();
        candidateMicros = one.micros();
        side.begin(one);
      }
      previous = one.offset();
    }
    return found;
  }

  /**
   * Event time up to which about half of the entries of the current connection lie: between two of
   * those in the middle third that are as far from each other as any.
   */
  long halfOfHeld() {
    long[] times =
        stream.held.current().stream()
            .filter(one -> one.entry() != null)
            .mapToLong(HeldEntries.Held::micros)
            .sorted()
            .toArray();
    int best = (times.length - 1) / 2;
    for (int i = times.length / 3; i < 2 * times.length / 3; i++) {
      if (times[i + 1] - times[i] > times[best + 1] - times[best]) {
        best = i;
      }
    }
    return times[best];
  }

  /** Whether one that is not newer than that may still come, as late as entries have been. */
  boolean mayStillCome(long micros) {
    return micros > newestHeld() - stream.lateness.seenMicros();
  }

  /**
   * A stretch of entries without a hole.
   *
   * @param length in entries
   * @param before how much time it takes up to its middle, in microseconds
   * @param after and behind it
   */
  private record Run(int length, long middle, long middleMicros, long before, long after) {}

  /** Of those of the same length the last. */
  private Run longestRun() {
    List<HeldEntries.Held> run = new ArrayList<>();
    List<HeldEntries.Held> longest = List.of();
    for (HeldEntries.Held one : stream.held.current()) {
      boolean follows =
          !run.isEmpty()
              && (one.offset() == run.get(run.size() - 1).offset() + 1
                  || stream.offsets.holesAreNone());
      if (!follows) {
        longest = run.size() >= longest.size() ? run : longest;
        run = new ArrayList<>();
      }
      run.add(one);
    }
    longest = run.size() >= longest.size() ? run : longest;
    HeldEntries.Held middle = longest.get((longest.size() - 1) / 2);
    return new Run(
        longest.size(),
        middle.offset(),
        middle.micros(),
        middle.micros() - longest.get(0).micros(),
        longest.get(longest.size() - 1).micros() - middle.micros());
  }

  private long newestUpTo(long offset) {
    return stream.held.newestUpTo(offset, stream.lateness.allowedMicros());
  }
}
